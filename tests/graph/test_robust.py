"""Odd graphs, with every kind of walk: a result that costs what it says, or a clear error."""

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from tests.graph.test_hierarchy import assert_levels
from toolbox.graph import (
    InfoMap,
    from_bipartite,
    from_edges,
    from_layers,
    from_states,
    map_equation,
)

OPTIONS = [
    {},
    {"recorded": True},
    {"teleport_to": "nodes"},
    {"recorded": True, "teleport_to": "nodes"},
    {"regularization": 1.0},
    {"entropy_correction": 1.0},
    {"regularization": 1.0, "entropy_correction": 1.0},
    {"preferred_n_modules": 3},
    {"markov_time": 5.0},
    {"markov_time": 0.1},
]


def huge(graph):
    """The same links with weights of all magnitudes."""
    rng = np.random.default_rng(0)
    return graph * 10.0 ** rng.integers(-12, 12, graph.shape)


def of(graph):
    """Matrix of a networkx graph."""
    return nx.to_numpy_array(graph)


GRAPHS = {
    "one node": np.zeros((1, 1)),
    "one loop": np.ones((1, 1)),
    "two nodes": np.array([[0.0, 1], [1, 0]]),
    "one link": np.array([[0.0, 1], [0, 0]]),
    "two nodes with loops": np.array([[5.0, 1], [1, 2]]),
    "no links": np.zeros((5, 5)),
    "only loops": np.diag([1.0, 2, 0, 3]),
    "loop beside a link": np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]),
    "complete": np.ones((12, 12)) - np.eye(12),
    "complete with loops": np.ones((12, 12)),
    "star": of(nx.star_graph(20)),
    "arrows out": np.eye(12)[[0]].T @ np.ones((1, 12)) - np.eye(12)[[0]].T @ np.eye(12)[[0]],
    "path": of(nx.path_graph(40)),
    "chain": np.eye(30, k=1),
    "cycle": np.roll(np.eye(30), 1, axis=1),
    "tree": of(nx.balanced_tree(2, 6)),
    "islands": of(nx.disjoint_union_all([nx.complete_graph(k) for k in (2, 3, 4, 9)])),
    "pairs": np.kron(np.eye(15), [[0, 1], [1, 0]]),
    "two kinds": of(nx.complete_bipartite_graph(5, 8)),
    "grid": of(nx.grid_2d_graph(7, 7)),
    "huge": of(nx.karate_club_graph()) * 1e200,
    "tiny": of(nx.karate_club_graph()) * 1e-200,
    "all magnitudes": huge(of(nx.gnp_random_graph(30, 0.3, seed=0, directed=True))),
}


@pytest.mark.parametrize("two_level", [True, False])
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", GRAPHS)
def test_odd_graphs(name, options, directed, two_level):
    A = GRAPHS[name]
    if not directed:
        A = np.maximum(A, A.T)
    model = InfoMap(directed=directed, two_level=two_level, random_state=0, **options).fit(A)
    assert_levels(model.levels_, model.flow_)
    assert model.labels_.shape == (len(A),)
    assert np.isfinite(model.flow_).all()
    assert model.flow_.sum() == pytest.approx(1 if A.any() else 0)
    assert np.isfinite(model.codelength_)
    assert model.codelength_ >= -1e-12
    assert model.index_codelength_ >= -1e-12
    walk = {key: value for key, value in options.items() if key != "preferred_n_modules"}
    code = map_equation(A, model.levels_, directed=directed, **walk)
    assert model.codelength_ == pytest.approx(code, abs=1e-9)
    again = InfoMap(
        directed=directed, two_level=two_level, initial_partition=model, random_state=1, **options
    ).fit(A)
    if "preferred_n_modules" not in options:
        assert again.codelength_ <= model.codelength_ + 1e-9
    labels = model.predict(np.eye(len(A)))
    assert ((labels >= -1) & (labels < model.n_modules_)).all()


@pytest.mark.parametrize("two_level", [True, False])
@pytest.mark.parametrize("options", OPTIONS[:5], ids=str)
@pytest.mark.parametrize("name", GRAPHS)
def test_odd_graphs_of_states(name, options, two_level):
    A = GRAPHS[name]
    for n_physical in (1, 2, len(A)):
        physical = np.arange(len(A)) % n_physical
        network = from_states(sparse.csr_array(A), physical, directed=True)
        model = InfoMap(two_level=two_level, random_state=0, **options).fit(network)
        assert_levels(model.levels_, model.flow_)
        assert np.isfinite(model.codelength_)
        walk = {key: value for key, value in options.items() if key != "preferred_n_modules"}
        code = map_equation(network, model.levels_, **walk)
        assert model.codelength_ == pytest.approx(code, abs=1e-9)


@pytest.mark.parametrize("two_level", [True, False])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(
    "B",
    [
        np.zeros((2, 3)),
        np.ones((1, 1)),
        np.ones((1, 6)),
        np.ones((6, 1)),
        np.eye(5),
        np.kron(np.eye(3), np.ones((4, 4))),
    ],
    ids=["no links", "one link", "one", "one feature", "pairs", "blocks"],
)
def test_odd_graphs_of_two_kinds(B, directed, options, two_level):
    network = from_bipartite(B, directed=directed)
    model = InfoMap(two_level=two_level, random_state=0, **options)
    try:
        model.fit(network)
    except ValueError as error:
        assert directed  # links lead to features, and none from there
        assert "no primary node is visited" in str(error)  # noqa: PT017
        return
    assert_levels(model.levels_, model.flow_)
    assert np.isfinite(model.codelength_)
    walk = {key: value for key, value in options.items() if key != "preferred_n_modules"}
    code = map_equation(network, model.levels_, **walk)
    assert model.codelength_ == pytest.approx(code, abs=1e-9)


def test_odd_layers():
    one = InfoMap().fit(from_layers([np.ones((3, 3))]))
    assert one.n_modules_ == 1
    both = from_layers([np.ones((3, 3)), np.ones((3, 3))])
    for relax_rate in (0.0, 0.15, 1.0):
        same = InfoMap(relax_rate=relax_rate).fit(both)
        assert same.codelength_ == pytest.approx(np.log2(3))
    with pytest.raises(ValueError, match="all links in layers have the weight zero"):
        InfoMap().fit(from_layers(np.array([[0, 0, 1, 0.0]])))


@pytest.mark.parametrize("two_level", [True, False])
def test_faulty_graphs(two_level):
    model = InfoMap(two_level=two_level)
    A = np.ones((3, 3))
    for bad in (np.nan, np.inf, -1.0):
        faulty = A.copy()
        faulty[0, 1] = faulty[1, 0] = bad
        with pytest.raises(ValueError, match=r"NaN|infinity|negative"):
            model.fit(faulty)
        with pytest.raises(ValueError, match=r"NaN|infinity|negative"):
            model.fit(sparse.csr_array(faulty))
    with pytest.raises(ValueError, match="0 sample"):
        model.fit(np.zeros((0, 0)))
    with pytest.raises(ValueError, match=r"no nodes|empty"):
        model.fit(nx.Graph())
    with pytest.raises(ValueError, match="negative"):
        model.fit(from_edges([(0, 1)], [-1]))


@pytest.mark.parametrize("n_trials", [1, 3])
def test_several_trials_of_nothing(n_trials):
    model = InfoMap(n_trials=n_trials, max_time=5).fit(np.zeros((3, 3)))
    assert model.labels_.tolist() == [0, 1, 2]
    assert model.codelength_ == 0


@pytest.mark.parametrize("engine", ["native", "infomap"])
@pytest.mark.parametrize("name", ["one node", "no links", "only loops", "pairs", "path"])
def test_engines(engine, name):
    if engine == "infomap":
        pytest.importorskip("infomap", reason="the extra infomap is not installed")
    model = InfoMap(engine=engine, random_state=0).fit(GRAPHS[name])
    assert_levels(model.levels_, model.flow_)
    assert model.codelength_ == pytest.approx(map_equation(GRAPHS[name], model.levels_), abs=1e-9)
