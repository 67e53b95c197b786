"""Networks of states, layers and two kinds of nodes."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tests.graph.test_codelength import WALKS
from tests.graph.test_official_bipartite import random_bipartite
from tests.graph.test_official_multilayer import random_layers
from tests.reference.bipartite import bipartite_steps
from tests.reference.map_equation import steps
from tests.reference.multilayer import expand
from toolbox.graph import (
    BipartiteNetwork,
    MultilayerNetwork,
    StateNetwork,
    _layers,
    as_graph,
    from_bipartite,
    from_edges,
    from_layers,
    from_paths,
    from_states,
)
from toolbox.graph._bipartite import bipartite_flow
from toolbox.graph._flow import stationary_flow
from toolbox.graph.bipartite import as_bipartite

# States


def test_states():
    network = from_states([(0, 1), (1, 2), (2, 0), (3, 0)], [0, 1, 0, 2], [1, 2, 3, 4])
    assert isinstance(network, StateNetwork)
    assert not network.directed
    assert network.physical.dtype == np.int32
    assert network.physical.tolist() == [0, 1, 0, 2]
    assert network.n_physical == 3
    assert network.n_nodes == 4
    assert network.physical_names is network.layers is network.names is None
    named = from_states([(0, 1)], ["x", "y", "x"], directed=True, layers=[1, 1, 4])
    assert named.directed
    assert named.physical_names == ["x", "y"]
    assert named.physical.tolist() == [0, 1, 0]
    assert named.layers.tolist() == [1, 1, 4]
    assert from_states([(0, 1)], [0, 1], physical_names=["a", "b", "c"]).n_physical == 3


def test_states_of_a_graph():
    graph = nx.DiGraph([("ab", "bc"), ("bc", "ca")])
    network = from_states(graph, ["b", "c", "a"])
    assert network.directed
    assert network.names == ["ab", "bc", "ca"]
    matrix = sparse.csr_array(np.ones((3, 3)))
    assert not from_states(matrix, [0, 0, 1]).directed
    # Three links of three columns, not a matrix.
    assert from_states([(0, 1, 2.0), (1, 2, 1.0), (2, 2, 5.0)], [0, 0, 1]).n_links == 3


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: from_states([(0, 1)], []), r"the shape \(n_states,\), got \(0,\)"),
        (lambda: from_states([(0, 1)], [[0, 1]]), r"the shape \(n_states,\), got \(1, 2\)"),
        (lambda: from_states([(0, 2)], [0, 1]), "below n_nodes=2, got 2"),
        (lambda: from_states([(0, 1)], [0, -1]), "physical must not be negative, got -1"),
        (lambda: from_states([(0, 1)], [0, 0.5]), "physical must be whole numbers"),
        (lambda: from_states([(0, 1)], [0, 10**9]), "physical nodes reach 1000000000 for 2 states"),
        (lambda: from_states([(0, 1)], [0, 2], physical_names=["a", "b"]), "below 2, got 2"),
        (lambda: from_states([(0, 1)], ["a", "b"], physical_names=["a", "b"]), "go with numbers"),
        (lambda: from_states([(0, 1)], [0, 1], names=["a"]), "one entry per state: 2, got 1"),
        (lambda: from_states([(0, 1)], [0, 1], layers=[1]), "layers must have one entry .* got 1"),
        (lambda: from_states([(0, 1)], [0, 1], layers=["a", "b"]), "layers must be an array of"),
        (lambda: from_states(nx.path_graph(3), [0, 1]), "for each state: 3, got 2"),
        (lambda: from_states(nx.path_graph(2), [0, 1], [1.0]), "weights go with an array"),
    ],
)
def test_faults_of_states(make, what):
    with pytest.raises(ValueError, match=what):
        make()


# Paths


def naive_paths(paths, order, weights):
    """Weights of links between runs of nodes, by loops."""
    links = Counter()
    for path, weight in zip(paths, weights, strict=True):
        for k in range(len(path) - order):
            links[tuple(path[k : k + order]), tuple(path[k + 1 : k + order + 1])] += weight
    return {pair: weight for pair, weight in links.items() if weight}


@settings(max_examples=200)
@given(
    paths=st.lists(st.lists(st.sampled_from("abcd"), max_size=7), min_size=1, max_size=8)
    | st.lists(st.lists(st.sampled_from([0, 1, 7]), max_size=7), min_size=1, max_size=8),
    order=st.integers(1, 4),
    data=st.data(),
)
def test_paths_as_defined(paths, order, data):
    weight = st.integers(0, 5).map(float)
    weights = data.draw(st.lists(weight, min_size=len(paths), max_size=len(paths)))
    if max(map(len, paths)) <= order:
        with pytest.raises(ValueError, match=f"more than order={order} nodes"):
            from_paths(paths, order, weights)
        return
    network = from_paths(paths, order, weights)
    assert network.directed
    runs = {tuple(p[k : k + order]) for p in paths for k in range(len(p) - order + 1)}
    assert len(network.names) == len(runs)
    assert set(network.names) == runs
    matrix = network.to_scipy().tocoo()
    found = {
        (network.names[i], network.names[j]): weight
        for i, j, weight in zip(matrix.row, matrix.col, matrix.data, strict=True)
    }
    assert found == naive_paths(paths, order, weights)
    called = range(9) if network.physical_names is None else network.physical_names
    assert [called[row] for row in network.physical] == [run[-1] for run in network.names]
    assert network.n_physical == len({node for path in paths for node in path})


def test_trigrams():
    # Rosvall et al. 2014: the state (i, j) is node j, come to from i.
    network = from_paths([("i", "j", "k"), ("l", "j", "i")], weights=[3, 2])
    assert network.names == [("i", "j"), ("j", "i"), ("j", "k"), ("l", "j")]
    dense = network.to_scipy().toarray()
    assert dense[0, 2] == 3
    assert dense[3, 1] == 2
    assert dense.sum() == 5
    numbers = from_paths(np.array([[0, 1, 2], [2, 1, 0]]))
    assert numbers.names == [(0, 1), (1, 0), (1, 2), (2, 1)]
    assert numbers.physical_names is None


def test_faults_of_paths():
    with pytest.raises(TypeError, match="'a b c'; split it"):
        from_paths(["a b c"])
    with pytest.raises(ValueError, match="order must be a whole number from 1, got 0"):
        from_paths([[1, 2]], order=0)
    with pytest.raises(ValueError, match=r"weights must have shape \(1,\)"):
        from_paths([[1, 2, 3]], weights=[1, 2])
    with pytest.raises(ValueError, match="Negative"):
        from_paths([[1, 2, 3]], weights=[-1])
    with pytest.raises(ValueError, match="no path has more than order=2"):
        from_paths([])


# Layers

LIMITS = [(None, {}), (2, {"limit_up": 2, "limit_down": 2}), ((2, None), {"limit_up": 2})]
LIMITS += [((None, 1), {"limit_down": 1}), (0, {"limit_up": 0, "limit_down": 0})]


def as_rows(intra):
    """Links in layers as rows."""
    return [(a, i, j, A[i, j]) for a, A in intra.items() for i, j in np.argwhere(A)]


def check_expansion(network, states, A):
    """The same states, in our order, and the same links between them."""
    assert network.directed
    ours = list(zip(network.layers.tolist(), network.physical.tolist(), strict=True))
    assert ours == sorted(states, key=lambda state: state[::-1])
    order = [states.index(state) for state in ours]
    matrix = network.to_scipy()
    assert matrix.has_canonical_format
    np.testing.assert_allclose(matrix.toarray(), A[np.ix_(order, order)], atol=1e-12)
    return order


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize(("limit", "limits"), LIMITS, ids=str)
@pytest.mark.parametrize("relax_rate", [0.15, 0.0, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_relaxed_layers(directed, limit, limits, relax_rate, seed):
    intra, _ = random_layers(seed)
    states, A = expand(intra, relax_rate=relax_rate, directed=directed, **limits)
    network = from_layers(as_rows(intra)).to_states(relax_rate, limit, directed)
    check_expansion(network, states, A)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_joined_layers(directed, seed):
    intra, inter = random_layers(seed)
    states, A = expand(intra, inter, directed=directed)
    network = from_layers(as_rows(intra), inter, directed=directed)
    check_expansion(network.to_states(), states, A)
    check_expansion(network.to_states(0.9, 1), states, A)


@pytest.mark.parametrize("walk", WALKS[1:], ids=str)
@pytest.mark.parametrize("joined", [False, True])
def test_flow_of_layers(walk, joined):
    intra, inter = random_layers(3)
    states, A = expand(intra, inter if joined else None)
    network = from_layers(intra, inter if joined else None, directed=True).to_states()
    order = check_expansion(network, states, A)
    options = {"teleportation": 0.15, "teleport_to": "links", "recorded": False} | walk
    del options["directed"]
    flow = stationary_flow(network, **options, markov_time=1.0)
    np.testing.assert_allclose(flow.node, steps(A, **walk)[0][order], atol=1e-9)


def test_layers_of_graphs():
    a, b = nx.Graph([("x", "y"), ("y", "y")]), nx.Graph([("z", "y")])
    network = from_layers([a, b], [(0, "y", 1, 0.5)])
    assert isinstance(network, MultilayerNetwork)
    assert network.names == ["x", "y", "z"]
    assert network.directed is False
    assert network.layers.tolist() == [0, 1]
    assert {(a, *sorted(ends)) for a, *ends in network.intra.tolist()} == {
        (0, 0, 1),
        (0, 1, 1),
        (1, 1, 2),
    }
    assert network.inter.tolist() == [[0, 1, 1]]
    rows = from_layers([(0, 0, 1), (0, 1, 1), (1, 2, 1)], [(0, 1, 1, 0.5)], names=list("xyz"))
    for directed in (None, False):
        ours, theirs = network.to_states(directed=directed), rows.to_states(directed=directed)
        np.testing.assert_array_equal(ours.to_scipy().toarray(), theirs.to_scipy().toarray())
        assert ours.physical_names == theirs.physical_names == ["x", "y", "z"]
    # An undirected graph has its links both ways, whatever is asked.
    both = network.to_states(directed=True).to_scipy().toarray()
    np.testing.assert_array_equal(both, network.to_states().to_scipy().toarray())
    matrices = {3: np.eye(3, k=1), 1: sparse.csr_array(np.ones((3, 3)))}
    network = from_layers(matrices)
    assert network.directed is True
    assert network.layers.tolist() == [1, 3]
    assert len(network.intra) == 2 + 9
    with pytest.raises(ValueError, match="directed=False needs an undirected network"):
        network.to_states(directed=False)
    with pytest.raises(ValueError, match="directed=False needs a symmetric matrix"):
        from_layers(matrices, directed=False)


def test_nodes_without_layers():
    network = from_layers([(5, 0, 1)], n_nodes=4).to_states()
    assert network.n_physical == 4
    assert network.physical_names.tolist() == [0, 1, 2, 3]
    assert network.layers.tolist() == [5, 5]
    assert from_layers([(5, 0, 1, 1.0), (5, 2, 3, 0.0)]).to_states().n_nodes == 2


@pytest.mark.parametrize(
    ("error", "make", "what"),
    [
        (ValueError, lambda: from_layers([]), "no layers"),
        (ValueError, lambda: from_layers([sparse.csr_array((2, 2))]), "no links in layers"),
        (ValueError, lambda: from_layers({}), "no layers"),
        (ValueError, lambda: from_layers(np.ones((2, 5))), r"intra must have rows of numbers"),
        (ValueError, lambda: from_layers([(0, 0, 1, -1)]), "finite and not negative"),
        (ValueError, lambda: from_layers([(0, 0, -1)]), "must not be negative, got -1"),
        (ValueError, lambda: from_layers([(0, 0, 0.5)]), "must be whole numbers"),
        (ValueError, lambda: from_layers([(0, 0, 1, np.nan)]), "finite and not negative"),
        (ValueError, lambda: from_layers([(0, 0, 1)], [(0, 1, 0)]), r"inter\[0\] is between layer"),
        (ValueError, lambda: from_layers([(0, 0, 1)], n_nodes=1), "below n_nodes=1, got 1"),
        (ValueError, lambda: from_layers([(0, 0, 1)], directed=2), "directed must be None"),
        (ValueError, lambda: from_layers([(0, 0, 1, 0)]).to_states(), "weight zero"),
        (ValueError, lambda: from_layers([(0, 0, 1)]).to_states(1.5), "relax_rate must be"),
        (ValueError, lambda: from_layers([(0, 0, 1)]).to_states(0.1, -1), "relax_limit must be"),
        (ValueError, lambda: from_layers([(0, 0, 1)]).to_states(directed="no"), "directed must"),
        (
            ValueError,
            lambda: from_layers([nx.path_graph(2)], [(0, 7, 1)]),
            "node 7 of a link between layers is in no layer",
        ),
        (
            ValueError,
            lambda: from_layers([nx.path_graph(2)], names=["a", "b"]),
            "names are given twice",
        ),
        (TypeError, lambda: from_layers({"a": np.eye(2)}), "whole numbers from 0, got 'a'"),
        (TypeError, lambda: from_layers(nx.path_graph(2)), "a list or dict of graphs"),
    ],
)
def test_faults_of_layers(error, make, what):
    with pytest.raises(error, match=what):
        make()


def test_too_many_links_for_the_memory(monkeypatch):
    monkeypatch.setattr(_layers, "memory", lambda: 20_000)
    layers = [nx.complete_graph(6)] * 4
    with pytest.raises(MemoryError, match="120 links in layers make 480"):
        from_layers(layers).to_states()
    assert from_layers(layers).to_states(relax_limit=0).n_links == 120
    assert from_layers(layers).to_states(relax_rate=0).n_links == 120
    joined = [(0, node, other, 1.0) for node in range(6) for other in (1, 2, 3)] * 2
    assert from_layers(layers, joined).to_states().n_links == 300
    monkeypatch.setattr(_layers, "memory", lambda: 10_000)
    with pytest.raises(MemoryError, match="make 300"):
        from_layers(layers, joined).to_states()


# Two kinds of nodes


def walk_parameters(walk, markov_time):
    options = {"teleportation": 0.15, "teleport_to": "links", "recorded": False} | walk
    options["markov_time"] = markov_time
    return options.pop("directed"), options


@pytest.mark.parametrize(
    "walk", WALKS + [walk | {"regularization": 0.7} for walk in WALKS[:2]], ids=str
)
@pytest.mark.parametrize("seed", range(20))
def test_bipartite_flow(walk, seed):
    A, n = random_bipartite(seed, walk["directed"])
    directed, options = walk_parameters(walk, [1.0, 0.7][seed % 2])
    network = as_bipartite(as_graph(sparse.csr_array(A), directed), n)
    rates, links, jumps = bipartite_steps(A, n, **walk)
    options["entropy_correction"] = 0.5
    flow = bipartite_flow(network, **options)
    nodes, scale = flow.level.nodes, options["markov_time"]
    np.testing.assert_allclose(flow.node, rates, atol=1e-9)
    np.testing.assert_allclose(nodes["flow"], rates, atol=1e-9)
    np.testing.assert_allclose(nodes["exit"], scale * links.sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(nodes["enter"], scale * links.sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(np.outer(nodes["jump"], nodes["land"]), jumps, atol=1e-9)
    assert flow.rules.jumps == pytest.approx(jumps.sum(), abs=1e-9)
    level, correction = flow.level, stationary_flow(network, **options).rules.module_bits
    assert flow.rules.module_bits == correction > 0
    both = sparse.csr_array((level.weights, level.indices, level.indptr), shape=A.shape)
    both = both.toarray() * level.scale
    np.testing.assert_allclose(both, scale * (links + links.T), atol=1e-9)


def test_markov_time_and_no_links():
    empty = as_bipartite(from_edges(np.empty((0, 2), int), n_nodes=3), 2)
    assert bipartite_flow(empty, 0.15, "links", False, 1.0).node.tolist() == [0, 0, 0]
    ends = from_bipartite([(0, 2), (1, 2)], n_primary=2, directed=True)
    with pytest.raises(ValueError, match="no primary node is visited"):
        bipartite_flow(ends, 0.15, "links", True, 1.0)
    nodes = bipartite_flow(ends, 0.15, "nodes", True, 1.0).node
    assert nodes.tolist() == pytest.approx([0.5, 0.5, 0])


def test_bipartite():
    network = from_bipartite([(0, 2), (1, 2), (1, 3)], [1, 2, 3], n_primary=2)
    assert isinstance(network, BipartiteNetwork)
    assert network.n_primary == 2
    assert not network.directed
    matrix = np.array([[1, 0], [2, 3]])
    graph = nx.Graph()
    graph.add_node("f", bipartite=1)
    graph.add_nodes_from("ab", bipartite=0)
    graph.add_node("g", bipartite=1)
    graph.add_weighted_edges_from([("a", "f", 1), ("f", "b", 2), ("g", "b", 3)])
    for other in (
        from_bipartite(matrix),
        from_bipartite(sparse.csr_array(matrix)),
        from_bipartite(graph),
    ):
        assert other.n_primary == 2
        np.testing.assert_array_equal(other.to_scipy().toarray(), network.to_scipy().toarray())
    assert from_bipartite(graph).names == ["a", "b", "f", "g"]
    one_way = from_bipartite(matrix, directed=True, names=list("abfg"))
    assert one_way.directed
    np.testing.assert_array_equal(one_way.to_scipy().toarray()[:2, 2:], matrix)
    assert one_way.n_links == 3


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: from_bipartite([(0, 1), (1, 2)], n_primary=2), "0 - 1 is between two primary"),
        (lambda: from_bipartite([(0, 3), (2, 3)], n_primary=2), "2 - 3 is between two features"),
        (lambda: from_bipartite([(0, 3)], n_primary=0), "from 1 to 4, got 0"),
        (lambda: from_bipartite([(0, 3)], n_primary=5), "from 1 to 4, got 5"),
        (lambda: from_bipartite([[1, 2]], [1.0]), "weights go with a list of links"),
        (lambda: from_bipartite(nx.path_graph(3)), "needs the attribute bipartite"),
        (lambda: from_bipartite(np.ones(3)), r"the shape \(n_primary, n_features\)"),
    ],
)
def test_faults_of_bipartite_networks(make, what):
    with pytest.raises(ValueError, match=what):
        make()


# Graphs of any kind


def test_as_graph_keeps_the_kind():
    states = from_states([(0, 1), (1, 0)], [0, 0], directed=True, layers=[1, 2])
    assert as_graph(states) is states
    assert as_graph(states, True) is states
    undirected = as_graph(states, False)
    assert isinstance(undirected, StateNetwork)
    assert not undirected.directed
    assert undirected.layers is states.layers
    bipartite = from_bipartite([[1.0, 2.0]])
    assert as_graph(bipartite, True).n_primary == 1
    with pytest.raises(TypeError, match="layers are no graph yet"):
        as_graph(from_layers([(0, 0, 1)]))
