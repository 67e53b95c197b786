"""Forms of graphs, brought into rows of links."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from toolbox.graph import Graph, InfoMap, as_graph, from_edges


def dense(graph):
    return graph.to_scipy().toarray()


edges = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.0, 0.5, 1.0, 3.0])),
    min_size=1,
    max_size=40,
)


@given(edges, st.booleans())
@settings(max_examples=100, deadline=None)
def test_edges_add_up(links, directed):
    n = 10
    naive = np.zeros((n, n))
    for i, j, weight in links:
        naive[i, j] += weight
        if not directed and i != j:
            naive[j, i] += weight
    graph = from_edges(links, n_nodes=n, directed=directed)
    np.testing.assert_array_equal(dense(graph), naive)
    assert (graph.weights > 0).all()
    pairs = {(i, j) if directed else (min(i, j), max(i, j)) for i, j, w in links if w > 0}
    assert graph.n_links == len(pairs)


@given(edges, st.booleans())
@settings(max_examples=50, deadline=None)
def test_all_forms_are_one(links, directed):
    graph = from_edges(links, n_nodes=10, directed=directed)
    matrix = dense(graph)
    forms = [
        matrix,
        sparse.csr_matrix(matrix),
        sparse.csc_array(matrix),
        sparse.coo_array(matrix),
        nx.from_numpy_array(matrix, create_using=nx.DiGraph if directed else nx.Graph),
        graph,
    ]
    for form in forms:
        other = as_graph(form, directed)
        np.testing.assert_array_equal(dense(other), matrix)
        assert other.directed is directed
        assert other.indices.dtype == np.int32
        assert other.indptr.dtype == np.int64


def test_direction_of_a_matrix():
    symmetric = np.array([[0, 2, 0], [2, 1, 1], [0, 1, 0]])
    asymmetric = np.triu(symmetric)
    assert not as_graph(symmetric).directed
    assert as_graph(symmetric, directed=True).directed
    assert as_graph(asymmetric).directed
    with pytest.raises(ValueError, match="directed=False needs a symmetric matrix"):
        as_graph(asymmetric, directed=False)
    different = symmetric.astype(float)
    different[0, 1] = 2.1
    assert as_graph(different).directed
    nearly = symmetric.astype(float)
    nearly[0, 1] *= 1 + 1e-12  # what rounding leaves of a symmetric similarity
    assert not as_graph(nearly).directed


def test_direction_of_other_forms():
    assert as_graph(nx.DiGraph([(0, 1), (1, 0)])).directed
    assert not as_graph(nx.Graph([(0, 1)])).directed
    assert as_graph(nx.Graph([(0, 1)]), directed=True).directed
    assert not as_graph([(0, 1), (1, 2), (2, 3)]).directed
    directed = as_graph([(0, 1), (1, 2), (2, 3)], directed=True)
    assert directed.directed
    assert directed.n_links == 3
    with pytest.raises(ValueError, match="directed=False"):
        as_graph(directed, directed=False)


def test_square_arrays_are_matrices():
    assert as_graph(np.array([[0, 1], [1, 0]])).n_nodes == 2
    assert from_edges(np.array([[0, 1], [1, 0]])).weights.tolist() == [2, 2]


def test_networkx_names():
    graph = as_graph(nx.relabel_nodes(nx.path_graph(3), dict(enumerate("xyz"))))
    assert graph.names == ["x", "y", "z"]


class TestIgraph:
    igraph = staticmethod(
        lambda *args, **options: pytest.importorskip("igraph").Graph(*args, **options)
    )

    @pytest.mark.parametrize("directed", [False, True])
    def test_as_the_same_links(self, directed):
        links = [(0, 1), (1, 0), (1, 2), (2, 2), (0, 1)]
        weights = [1.0, 2.0, 0.5, 3.0, 0.25]
        graph = as_graph(self.igraph(4, links, directed=directed, edge_attrs={"weight": weights}))
        expected = from_edges(links, weights, n_nodes=4, directed=directed)
        np.testing.assert_array_equal(dense(graph), dense(expected))
        assert graph.directed is directed
        assert graph.names is None
        assert as_graph(self.igraph(4, links, directed=directed)).weights.sum() == (
            5 if directed else 9
        )

    def test_direction(self):
        undirected = self.igraph(3, [(0, 1), (1, 2)])
        assert as_graph(undirected, directed=True).directed
        assert as_graph(undirected, directed=True).n_links == 4
        with pytest.raises(ValueError, match="directed=False needs a symmetric matrix"):
            as_graph(self.igraph(3, [(0, 1)], directed=True), directed=False)

    def test_names(self):
        graph = self.igraph(3, [(0, 1), (1, 2)], vertex_attrs={"name": ["x", "y", "z"]})
        assert as_graph(graph).names == ["x", "y", "z"]

    def test_fit(self):
        links = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)]
        model = InfoMap(random_state=0).fit(self.igraph(6, links))
        assert model.n_modules_ == 2
        assert not hasattr(model, "n_features_in_")

    def test_bad_input(self):
        with pytest.raises(ValueError, match="no nodes"):
            as_graph(self.igraph())
        with pytest.raises(ValueError, match="edge 1 has no weight"):
            as_graph(self.igraph(3, [(0, 1), (1, 2)], edge_attrs={"weight": [1.0, None]}))
        with pytest.raises(ValueError, match="Negative values"):
            as_graph(self.igraph(3, [(0, 1)], edge_attrs={"weight": [-1.0]}))


def test_caller_keeps_his_matrix():
    matrix = sparse.csr_array(np.array([[0.0, 1, 1], [1, 0, 0], [1, 0, 0]]))
    graph = as_graph(matrix)
    assert graph.weights is matrix.data or np.shares_memory(graph.weights, matrix.data)
    before = matrix.copy()
    unsorted = sparse.csr_array((matrix.data, matrix.indices[::-1].copy(), matrix.indptr), (3, 3))
    kept = unsorted.indices.copy()
    as_graph(unsorted)
    np.testing.assert_array_equal(unsorted.indices, kept)
    assert (matrix != before).nnz == 0


@pytest.mark.parametrize(
    ("X", "error", "match"),
    [
        (np.array([[0, np.nan], [np.nan, 0]]), ValueError, "NaN values in data"),
        (np.array([[0, -1.0], [-1.0, 0]]), ValueError, "Negative values in data"),
        (np.array([[0, np.inf], [np.inf, 0]]), ValueError, "Infinite values in data"),
        (np.zeros((2, 5)), ValueError, r"must be square .*got \(2, 5\)"),
        (np.zeros(4), ValueError, "two-dimensional"),
        (sparse.csr_array((2, 3)), ValueError, "square matrix"),
        (np.array([[0, 1j], [1j, 0]]), ValueError, "real numbers"),
        ([(0, 1), (1, -2), (2, 3)], ValueError, "must not be negative, got -2"),
        ([(0.5, 1), (1, 2), (2, 3)], ValueError, "must be whole"),
        ([(0, 1, np.nan)] * 4, ValueError, "NaN values in data"),
        ([(0, 10**9), (1, 2), (2, 3)], ValueError, "node numbers reach 1000000000 for 3 links"),
        (None, TypeError, "got NoneType"),
        ({0: [1]}, TypeError, "got dict"),
        (nx.Graph(), ValueError, "no nodes"),
        (np.zeros((0, 2)), ValueError, "no nodes"),
    ],
)
def test_bad_input(X, error, match):
    with pytest.raises(error, match=match):
        as_graph(X)


def test_bad_arguments():
    with pytest.raises(ValueError, match="below n_nodes=3, got 5"):
        from_edges([(0, 5)], n_nodes=3)
    with pytest.raises(ValueError, match="one name per node: 2, got 1"):
        from_edges([(0, 1)], n_nodes=2, names=["a"])
    with pytest.raises(ValueError, match="given twice"):
        from_edges([(0, 1, 2.0)], weights=[1.0])
    with pytest.raises(ValueError, match=r"weights must have shape \(1,\), got \(2,\)"):
        from_edges([(0, 1)], weights=[1.0, 2.0])


def test_repeated_small_integers_do_not_overflow():
    parts = np.array([200, 100, 44], np.uint8), np.array([1, 1, 0]), np.array([0, 2, 3])
    assert dense(as_graph(sparse.csr_array(parts, shape=(2, 2))))[0, 1] == 300


def test_isolated_nodes_stay():
    graph = from_edges([(0, 1)], n_nodes=5)
    assert isinstance(graph, Graph)
    assert (graph.n_nodes, graph.n_links) == (5, 1)
