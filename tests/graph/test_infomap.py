"""InfoMap as its users meet it."""

import itertools
import os
import pickle
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.neighbors import kneighbors_graph
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.reference.map_equation import map_equation as naive
from toolbox.datasets import load_karate, load_planted, make_lfr_graph
from toolbox.graph import InfoMap, from_edges, map_equation


@pytest.fixture(scope="module")
def lfr():
    return make_lfr_graph(2000, average_degree=18, mixing=0.4, random_state=0)


def partitions(n):
    """All partitions of n nodes, as labels."""
    for labels in itertools.product(range(n), repeat=n):
        if all(label <= max(labels[:i], default=-1) + 1 for i, label in enumerate(labels)):
            yield np.array(labels)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("directed", [False, True])
def test_finds_the_best_of_all_partitions(seed, directed):
    rng = np.random.default_rng(seed)
    A = (rng.random((7, 7)) < 0.4) * rng.uniform(0.5, 2, (7, 7))
    A[0, 1] = 1
    if not directed:
        A = np.maximum(A, A.T)
    best = min(naive(A, labels, directed) for labels in partitions(7))
    model = InfoMap(directed=directed, n_trials=20, random_state=0).fit(A)
    assert model.codelength_ == pytest.approx(best, abs=1e-9)


def test_karate():
    graph, _ = load_karate()
    model = InfoMap(n_trials=10, random_state=0).fit(graph)
    assert model.codelength_ == pytest.approx(4.311793, abs=1e-6)
    assert model.n_modules_ == 3
    weighted = InfoMap(n_trials=10, random_state=0).fit(nx.karate_club_graph())
    assert weighted.codelength_ == pytest.approx(4.087423, abs=1e-6)


def test_attributes(lfr):
    graph, truth = lfr
    model = InfoMap(random_state=0).fit(graph)
    assert normalized_mutual_info_score(truth, model.labels_) > 0.99
    assert model.labels_.dtype == np.int64
    assert model.labels_.shape == (2000,)
    np.testing.assert_array_equal(np.unique(model.labels_), np.arange(model.n_modules_))
    np.testing.assert_array_equal(model.levels_[0], model.labels_)
    flow_of_modules = np.bincount(model.labels_, model.flow_)
    assert (np.diff(flow_of_modules) <= 1e-15).all()
    assert model.flow_.sum() == pytest.approx(1)
    assert model.codelength_ == pytest.approx(map_equation(graph, model.labels_), abs=1e-12)
    assert 0 < model.index_codelength_ < model.codelength_
    assert model.directed_ is False
    assert model.node_names_ is None


def test_ring_of_cliques():
    graph = nx.ring_of_cliques(12, 6)
    truth = np.repeat(np.arange(12), 6)
    for seed in range(5):
        flat = InfoMap(two_level=True, random_state=seed).fit(graph)
        assert adjusted_rand_score(truth, flat.labels_) == 1.0
        deep = InfoMap(random_state=seed).fit(graph)
        assert adjusted_rand_score(truth, deep.levels_[-1]) == 1.0
        assert deep.codelength_ < flat.codelength_ - 0.01


def test_planted():
    graph, truth = load_planted()
    assert adjusted_rand_score(truth, InfoMap(random_state=0).fit_predict(graph)) == 1.0


def test_directed_flow_finds_what_direction_tells():
    # Four directed cycles of five, joined by single links: nothing but direction
    # and the cycles tells the modules apart.
    edges = [(5 * c + i, 5 * c + (i + 1) % 5) for c in range(4) for i in range(5)]
    edges += [(5 * c, 5 * ((c + 1) % 4)) for c in range(4)]
    model = InfoMap(directed=True, random_state=0).fit(edges)
    assert model.directed_
    assert adjusted_rand_score(np.repeat(np.arange(4), 5), model.labels_) == 1.0


@pytest.mark.parametrize("n_jobs", [1, 2, -1])
def test_same_seed_same_labels(lfr, n_jobs):
    graph, _ = lfr
    noisy = graph + sparse.random_array(graph.shape, density=0.02, rng=0)
    noisy = noisy + noisy.T
    first = InfoMap(n_trials=4, random_state=3, n_jobs=1).fit(noisy)
    again = InfoMap(n_trials=4, random_state=3, n_jobs=n_jobs).fit(noisy)
    np.testing.assert_array_equal(first.labels_, again.labels_)
    assert first.codelength_ == again.codelength_


@pytest.mark.parametrize("kind", [np.random.RandomState, np.random.default_rng])
def test_generators_are_drawn_from(kind):
    graph = nx.gnm_random_graph(150, 500, seed=1)
    runs = []
    for _ in range(2):
        state = kind(7)
        runs.append([InfoMap(random_state=state).fit(graph).codelength_ for _ in range(4)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 1


def test_more_trials_are_never_worse():
    graph = nx.gnm_random_graph(150, 500, seed=1)
    lengths = [InfoMap(n_trials=n, random_state=5).fit(graph).codelength_ for n in (1, 2, 5, 10)]
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(lengths))


@pytest.mark.parametrize(
    "walk",
    [{"recorded": True}, {"teleport_to": "nodes"}, {"recorded": True, "teleport_to": "nodes"}],
)
def test_result_costs_what_it_says_in_every_flow(walk):
    graph = nx.gnm_random_graph(80, 300, seed=2, directed=True)
    model = InfoMap(random_state=0, **walk).fit(graph)
    assert model.codelength_ == pytest.approx(map_equation(graph, model.labels_, **walk), abs=1e-12)


def test_markov_time_merges(lfr):
    graph, _ = lfr
    counts = [InfoMap(markov_time=t, random_state=0).fit(graph).n_modules_ for t in (0.5, 1.0, 2.5)]
    assert counts[0] >= counts[1] > counts[2]


def test_random_graph_is_one_module():
    graph = nx.gnm_random_graph(200, 4000, seed=0)
    assert InfoMap(random_state=0).fit(graph).n_modules_ == 1


def test_initial_partition():
    graph, truth = load_planted()
    model = InfoMap(initial_partition=truth, random_state=0).fit(graph)
    assert adjusted_rand_score(truth, model.labels_) == 1.0
    names = np.array(list("abcdefgh"))[truth]
    again = InfoMap(initial_partition=names, random_state=0).fit(graph)
    np.testing.assert_array_equal(model.labels_, again.labels_)
    with pytest.raises(
        ValueError, match=r"initial_partition must have shape \(200,\), or \(n_levels, 200\), got"
    ):
        InfoMap(initial_partition=[0, 1, 2]).fit(graph)


def test_degenerate_graphs():
    alone = InfoMap().fit(np.zeros((4, 4)))
    assert alone.labels_.tolist() == [0, 1, 2, 3]
    assert alone.codelength_ == 0.0
    assert InfoMap().fit(np.zeros((1, 1))).labels_.tolist() == [0]
    assert InfoMap(directed=True).fit(np.zeros((3, 3))).n_modules_ == 3
    loop = InfoMap().fit(np.array([[2.0, 0.0], [0.0, 0.0]]))
    assert loop.labels_.tolist() == [0, 1]
    pair = InfoMap().fit(from_edges([(0, 1)], n_nodes=5))
    assert pair.labels_.tolist() == [0, 0, 1, 2, 3]
    assert pair.codelength_ == pytest.approx(1.0)
    islands = InfoMap(random_state=0).fit(nx.disjoint_union_all([nx.complete_graph(4)] * 3))
    assert islands.n_modules_ == 3
    assert islands.index_codelength_ == pytest.approx(0, abs=1e-12)


def test_dangling_nodes_and_cycles():
    star = InfoMap(directed=True).fit(np.array([[0, 1, 1], [0, 0, 0], [0, 0, 0]]))
    assert star.flow_.sum() == pytest.approx(1)
    cycle = InfoMap(teleportation=0.0).fit(np.roll(np.eye(6), 1, axis=1))
    np.testing.assert_allclose(cycle.flow_, 1 / 6)


def test_huge_and_tiny_weights():
    graph, truth = load_planted()
    for scale in (1e-200, 1e200):
        model = InfoMap(random_state=0).fit(graph * scale)
        assert adjusted_rand_score(truth, model.labels_) == 1.0


def test_read_only_input(lfr):
    graph, _ = lfr
    frozen = graph.copy()
    for array in (frozen.data, frozen.indices, frozen.indptr):
        array.flags.writeable = False
    expected = InfoMap(random_state=0).fit(graph).labels_
    np.testing.assert_array_equal(InfoMap(random_state=0).fit(frozen).labels_, expected)


def test_predict_gives_nodes_their_own_module():
    graph, _ = load_planted()
    model = InfoMap(random_state=0).fit(graph)
    assert (model.predict(graph) == model.labels_).mean() > 0.99
    np.testing.assert_array_equal(model.predict(graph.toarray()), model.predict(graph))


def test_predict_takes_the_least_added_code():
    graph, _ = load_karate()
    A = graph.toarray()
    model = InfoMap(n_trials=5, random_state=0).fit(graph)
    rng = np.random.default_rng(0)
    rows = (rng.random((15, 34)) < 0.1) * rng.uniform(0.5, 3, (15, 34))
    rows[np.arange(15), np.arange(15)] = 1.0
    rows[0] = 0
    found = model.predict(rows)
    assert found[0] == -1
    for row, label in zip(rows[1:], found[1:], strict=True):
        larger = np.block([[A, row[:, None]], [row[None, :], np.zeros((1, 1))]])
        costs = [
            naive(larger, np.append(model.labels_, m), directed=False)
            for m in range(model.n_modules_)
        ]
        touched = np.unique(model.labels_[row > 0])
        assert costs[label] == pytest.approx(min(costs[m] for m in touched), abs=1e-10)


def test_predict_after_fitting_links():
    graph, _ = load_karate()
    links = np.argwhere(graph.toarray())
    links = links[links[:, 0] < links[:, 1]]
    model = InfoMap(random_state=0).fit(graph)
    assert model.n_features_in_ == 34
    expected = model.predict(graph[:6])
    model.fit(links)
    assert not hasattr(model, "n_features_in_")
    np.testing.assert_array_equal(model.predict(graph[:6]), expected)


def test_predict_after_fitting_other_forms():
    model = InfoMap(random_state=0).fit(nx.karate_club_graph())
    rows = np.eye(34)[[0, 33]]
    np.testing.assert_array_equal(model.predict(rows), model.labels_[[0, 33]])
    with pytest.raises(ValueError, match="a column for each fitted node: 34, got 3"):
        model.predict(np.ones((1, 3)))
    with pytest.raises(ValueError, match="finite and not negative"):
        model.predict(-rows)


def test_names_of_files_and_networkx(tmp_path):
    path = tmp_path / "far.txt"
    path.write_text("5 1000000000\n1000000000 7\n")
    model = InfoMap().fit(path)
    assert list(model.node_names_) == [5, 7, 1000000000]
    named = InfoMap().fit(nx.Graph([("a", "b"), ("b", "c")]))
    assert named.node_names_ == ["a", "b", "c"]


def test_official_engine(lfr):
    pytest.importorskip("infomap", reason="the extra infomap is not installed")
    for graph in (lfr[0], nx.gnm_random_graph(60, 150, seed=0, directed=True)):
        ours = InfoMap(n_trials=3, random_state=0).fit(graph)
        theirs = InfoMap(n_trials=3, random_state=0, engine="infomap").fit(graph)
        assert vars(ours).keys() == vars(theirs).keys()
        assert theirs.labels_.dtype == np.int64
        np.testing.assert_allclose(ours.flow_, theirs.flow_, atol=1e-12)
        assert ours.codelength_ <= theirs.codelength_ + 1e-2
    isolated = InfoMap(engine="infomap").fit(from_edges([(0, 1)], n_nodes=4))
    assert isolated.labels_.tolist() == [0, 0, 1, 2]


def test_official_engine_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "infomap", None)
    with pytest.raises(ImportError, match=r'engine="native"'):
        InfoMap(engine="infomap").fit(np.ones((3, 3)))


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"teleportation": 1.0}, "teleportation"),
        ({"teleportation": -0.1}, "teleportation"),
        ({"markov_time": 0.0}, "markov_time"),
        ({"n_trials": 0}, "n_trials"),
        ({"directed": "yes"}, "directed must be None, True or False, got 'yes'"),
        ({"teleport_to": "moon"}, "teleport_to must be 'links' or 'nodes', got 'moon'"),
        ({"engine": "fast"}, "engine must be 'native' or"),
        ({"teleportation": "much"}, "teleportation must be a number"),
        ({"recorded": "yes"}, "recorded must be True or False"),
        ({"two_level": "both"}, "two_level must be True or False, got 'both'"),
        ({"max_time": 0}, "max_time == 0, must be > 0"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        InfoMap(**parameters).fit(np.ones((3, 3)))


def test_interrupt_stops_the_threads(monkeypatch):
    from toolbox.graph import _search

    started = []

    def interrupted(*args):
        started.append(args)
        if len(started) == 3:
            raise KeyboardInterrupt
        return move(*args)

    move = _search.Search._move
    monkeypatch.setattr(_search.Search, "_move", interrupted)
    with pytest.raises(KeyboardInterrupt):
        InfoMap(n_trials=4, n_jobs=2).fit(nx.karate_club_graph())


def test_scikit_learn_habits(lfr):
    graph, _ = lfr
    model = InfoMap(n_trials=2, random_state=1).fit(graph)
    fresh = clone(model)
    assert not hasattr(fresh, "labels_")
    assert fresh.get_params() == model.get_params()
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(loaded.labels_, model.labels_)
    np.testing.assert_array_equal(loaded.predict(graph[:5]), model.predict(graph[:5]))
    rng = np.random.default_rng(0)
    points = rng.normal(size=(120, 2)) + 20 * np.repeat(np.eye(3)[:, :2], 40, axis=0)
    pipeline = make_pipeline(
        FunctionTransformer(lambda X: kneighbors_graph(X, 8, include_self=False)),
        InfoMap(directed=True, random_state=0),
    )
    labels = pipeline.fit_predict(points)
    truth = np.repeat(np.arange(3), 40)
    assert all(len(np.unique(truth[labels == m])) == 1 for m in np.unique(labels))


REAL = [
    ("football", 5.4648, 0.85),
    ("polbooks", None, 0.4),
    ("polblogs", None, 0.4),
]


@pytest.mark.parametrize(("name", "at_most", "nmi"), REAL)
def test_real_graphs(name, at_most, nmi):
    if "TOOLBOX_DATA" not in os.environ:
        pytest.skip("TOOLBOX_DATA is not set: the folder of real data")
    folder = Path(os.environ["TOOLBOX_DATA"]) / "graphs"
    truth = np.loadtxt(folder / f"{name}.labels.txt", dtype=int)
    model = InfoMap(random_state=0).fit(folder / f"{name}.txt.gz")
    ids = np.arange(len(model.labels_)) if model.node_names_ is None else model.node_names_
    assert normalized_mutual_info_score(truth[ids], model.labels_) > nmi
    if at_most:
        assert model.codelength_ <= at_most


def test_a_code_of_nothing_ends_the_search():
    # One way out and two loops: the walk is told in 0 bits, but for rounding.
    A = np.diag([0, 0, 0.87537524, 3.82262286])
    A[0, 1] = 1
    model = InfoMap(directed=True, teleportation=0.4, random_state=14).fit(A)
    assert model.codelength_ == pytest.approx(0, abs=1e-12)
