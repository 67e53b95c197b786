"""What comes again when the links are drawn anew."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toolbox.graph._pairs
from tests.reference.overlap import coassignment as naive_coassignment
from tests.reference.overlap import overlaps as naive_overlaps
from toolbox.datasets import load_karate, load_planted, make_lfr_graph, make_planted_partition
from toolbox.graph import InfoMap, as_graph, from_edges
from toolbox.graph._overlap import overlaps
from toolbox.graph._pairs import coassignment
from toolbox.graph._resample import POISSON, resampled
from toolbox.graph.certainty import _closest

ARRAYS = (
    *("labels", "partitions", "codelengths", "stability", "recovered"),
    *("set_apart", "significant", "membership", "core"),
)


def random_labels(rng, shape, n_modules):
    """Labels from 0 without gaps in each row."""
    rows = rng.integers(0, n_modules, shape).reshape(-1, shape[-1])
    labels = [np.unique(row, return_inverse=True)[1] for row in rows]
    return np.array(labels, np.int32).reshape(shape)


def random_graph(rng, n, directed, weights=(0.5, 1.0, 3.0)):
    A = (rng.random((n, n)) < 0.3) * rng.choice(weights, (n, n))
    return as_graph(A if directed else np.maximum(A, A.T), directed)


def assert_equal(one, other):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.fixture(scope="module")
def planted():
    graph, truth = make_planted_partition(120, 6, 0.6, 0.02, random_state=0)
    return graph, truth, InfoMap(random_state=0).fit(graph)


# Drawing the links


@pytest.mark.parametrize("way", ["links", "counts"])
@pytest.mark.parametrize("directed", [False, True])
def test_drawn_graphs_keep_the_form(way, directed):
    rng = np.random.default_rng(0)
    for _ in range(20):
        graph = random_graph(rng, 12, directed)
        drawn = resampled(graph, way, rng)
        assert drawn.directed is graph.directed
        before, after = graph.to_scipy(), drawn.to_scipy()
        assert after.has_canonical_format
        assert after.shape == before.shape
        assert (after.data > 0).all()
        A, B = before.toarray(), after.toarray()
        assert (B[A == 0] == 0).all()
        if not directed:
            np.testing.assert_array_equal(B, B.T)
        times = B if way == "counts" else B[A > 0] / A[A > 0]
        np.testing.assert_array_equal(times, np.round(times))


@pytest.mark.parametrize("directed", [False, True])
def test_links_come_a_poisson_number_of_times(directed):
    n = 300
    graph = as_graph(2.0 * np.ones((n, n)), directed)
    drawn = resampled(graph, "links", np.random.default_rng(1)).to_scipy().toarray() / 2
    times = (drawn if directed else drawn[np.triu_indices(n)]).ravel().astype(int)
    expected = np.exp(-1) / np.array([1, 1, 2, 6, 24, 120, 720])
    found = np.bincount(times, minlength=7)[:7] / len(times)
    np.testing.assert_allclose(found, expected, atol=5 * np.sqrt(expected.max() / len(times)))
    assert times.max() > 5
    # Neighbouring links are as independent as any.
    assert abs(np.corrcoef(times[:-1], times[1:])[0, 1]) < 5 / np.sqrt(len(times))


def test_steps_of_the_poisson_distribution():
    from scipy.stats import poisson

    np.testing.assert_allclose(POISSON / 2.0**64, poisson.cdf(np.arange(len(POISSON)), 1))
    assert (np.diff(POISSON.astype(object)) > 0).all()


def test_counts_have_their_mean():
    graph = from_edges([(0, 1, 50.0), (1, 1, 7.0), (1, 2, 0.25)])
    rng = np.random.default_rng(2)
    total = sum(resampled(graph, "counts", rng).to_scipy().toarray() for _ in range(2000)) / 2000
    spread = 5 * np.sqrt(graph.to_scipy().toarray() / 2000)
    assert (abs(total - graph.to_scipy().toarray()) <= spread).all()


def test_drawing_leaves_the_graph_alone():
    graph = random_graph(np.random.default_rng(3), 20, False)
    before = graph.weights.copy(), graph.indices.copy(), graph.indptr.copy()
    one, other = (resampled(graph, "links", np.random.default_rng(s)) for s in (0, 1))
    for array, kept in zip((graph.weights, graph.indices, graph.indptr), before, strict=True):
        np.testing.assert_array_equal(array, kept)
    assert len(one.weights) != len(other.weights) or (one.weights != other.weights).any()


# Comparing


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 8), st.integers(1, 4))
@settings(max_examples=150)
def test_overlaps(seed, n, n_modules, n_partitions):
    rng = np.random.default_rng(seed)
    labels = random_labels(rng, (n,), n_modules)
    partitions = random_labels(rng, (n_partitions, n), n_modules)
    found = overlaps(labels, partitions, n)
    expected = naive_overlaps(labels, partitions, set(range(n)))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@given(st.integers(0, 10**6), st.integers(1, 25), st.integers(1, 8), st.integers(1, 5))
@settings(max_examples=100)
def test_coassignment(seed, n, n_modules, n_partitions):
    rng = np.random.default_rng(seed)
    partitions = random_labels(rng, (n_partitions, n), n_modules)
    expected = naive_coassignment(partitions)
    found = coassignment(partitions, "all", None, 2**20)
    assert found.has_canonical_format
    np.testing.assert_allclose(found.toarray(), expected)
    for directed in (False, True):
        graph = random_graph(rng, n, directed)
        A = graph.to_scipy().toarray()
        linked = ((A + A.T) > 0) & ~np.eye(n, dtype=bool)
        found = coassignment(partitions, "links", graph, 0)
        assert found.has_canonical_format
        np.testing.assert_allclose(found.toarray(), np.where(linked, expected, 0))
        assert (found.data > 0).all()


def test_coassignment_that_does_not_fit(monkeypatch, planted):
    _, _, model = planted
    certainty = model.significance(5)
    with pytest.raises(ValueError, match=r'120 nodes .* pass pairs="links"'):
        certainty.coassignment(max_bytes=12 * 100)
    nnz = certainty.coassignment().nnz
    assert certainty.coassignment(max_bytes=12 * nnz).nnz == nnz
    with pytest.raises(ValueError, match="pass pairs"):
        certainty.coassignment(max_bytes=12 * nnz - 1)
    # Estimated from a part of the rows.
    monkeypatch.setattr(toolbox.graph._pairs, "SAMPLE", 40)
    with pytest.raises(ValueError, match="pass pairs"):
        certainty.coassignment(max_bytes=12 * nnz // 2)
    assert certainty.coassignment(max_bytes=24 * nnz).nnz == nnz
    with pytest.raises(ValueError, match='pairs must be "all" or "links"'):
        certainty.coassignment("some")


def test_level_that_agrees_best():
    fine = np.repeat(np.arange(6), 4)
    coarse = fine // 3
    assert _closest([coarse, fine], fine.astype(np.int32), 24).tolist() == fine.tolist()
    assert _closest([coarse, fine], coarse.astype(np.int32), 24).tolist() == coarse.tolist()
    moved = fine.copy()
    moved[0] = 1
    assert _closest([coarse, moved], fine.astype(np.int32), 24).tolist() == moved.tolist()


# The method


def test_fields_agree_with_the_partitions(planted):
    _, _, model = planted
    found = model.significance(12, random_state=1)
    assert found.partitions.shape == (12, 120)
    assert found.partitions.dtype == np.int32
    sums = naive_overlaps(model.labels_, found.partitions, set(range(120)))
    for values, total in zip(
        (found.stability, found.recovered, found.set_apart, found.membership), sums, strict=True
    ):
        np.testing.assert_allclose(values, total / 12)
    np.testing.assert_array_equal(found.labels, model.labels_)
    np.testing.assert_array_equal(found.core, found.membership >= 0.95)
    has_core = np.bincount(model.labels_, found.core) >= 2
    np.testing.assert_array_equal(found.significant, (found.set_apart >= 0.95) & has_core)
    assert found.n_modules == model.n_modules_
    assert found.n_significant == found.significant.sum()
    np.testing.assert_allclose(found.coassignment().toarray(), naive_coassignment(found.partitions))
    assert len(set(found.codelengths)) == 12


def test_planted_modules_are_significant(planted):
    _, _, model = planted
    found = model.significance(40)
    assert found.significant.tolist() == [True] * 6
    assert found.membership.min() > 0.8
    assert found.stability.min() > 0.9


@pytest.mark.parametrize("mixing", [0.3, 0.5])
def test_lfr_modules_are_significant(mixing):
    graph, _ = make_lfr_graph(1000, mixing=mixing, average_degree=20, random_state=0)
    model = InfoMap(random_state=0).fit(graph)
    found = model.significance(40, n_jobs=2)
    assert found.n_significant >= 0.9 * model.n_modules_
    assert found.membership.mean() > 0.8


@pytest.mark.parametrize("degree", [3, 6, 10, 20])
def test_nothing_is_significant_in_random_graphs(degree):
    for seed, size in ((0, 1000), (1, 100), (2, 100), (3, 30)):
        graph, _ = make_planted_partition(size, 1, degree / size, 0, random_state=seed)
        found = InfoMap(random_state=seed).fit(graph).significance(30, n_jobs=2)
        assert found.n_significant == 0


def test_nearly_everything_is_not_significant():
    """A module of nearly all nodes is recovered, but not what is left."""
    rng = np.random.default_rng(0)
    A = np.zeros((42, 42))
    A[:40, :40] = rng.random((40, 40)) < 0.5
    A[39, 40] = A[40, 41] = 1  # a tail
    model = InfoMap(random_state=0).fit(np.maximum(A, A.T))
    labels = np.append(np.zeros(40, int), [1, 1])
    model.labels_, model.levels_ = labels, [labels]
    found = model.significance(60)
    assert found.recovered[0] == 1
    assert not found.significant.any()


def test_all_linked_nodes_are_not_significant():
    A = np.zeros((14, 14))
    A[:12, :12] = 1
    np.fill_diagonal(A, 0)
    A[13, 13] = 1.0  # a loop makes no link to another node
    found = InfoMap(random_state=0).fit(A).significance(20)
    assert found.recovered.tolist() == [1, 1, 1]
    assert found.set_apart[0] == 0
    assert not found.significant.any()


def test_small_components_are_not_significant():
    """A star or a triangle comes again, but with any of its nodes missing."""
    star = np.zeros((31, 31))
    star[0, 1:] = star[1:, 0] = 1
    triangle = np.ones((3, 3)) - np.eye(3)
    for part in (star, triangle):
        n = len(part)
        labels = np.repeat([0, 1], n)
        model = InfoMap(random_state=0).fit(np.kron(np.eye(2), part))
        np.testing.assert_array_equal(model.labels_, labels)
        found = model.significance(200)
        assert found.set_apart.min() > 0.9
        assert np.bincount(labels, found.core).max() < 2
        assert not found.significant.any()


def test_two_components():
    A = np.kron(np.eye(2), np.ones((8, 8))) - np.eye(16)
    found = InfoMap(random_state=0).fit(A).significance(40)
    assert found.significant.tolist() == [True, True]
    assert found.membership.tolist() == pytest.approx([1] * 16, abs=0.1)


@pytest.mark.parametrize("resample", ["links", "counts"])
@pytest.mark.parametrize("directed", [False, True])
def test_same_result_for_any_n_jobs(resample, directed):
    graph = random_graph(np.random.default_rng(4), 60, directed)
    model = InfoMap(random_state=3, n_trials=2).fit(graph)
    first = model.significance(10, resample=resample)
    for n_jobs in (2, 5):
        assert_equal(model.significance(10, resample=resample, n_jobs=n_jobs), first)
    assert_equal(model.significance(10, resample=resample, random_state=3), first)
    other = model.significance(10, resample=resample, random_state=4)
    assert (other.codelengths != first.codelengths).any()


def test_more_bootstraps_begin_alike(planted):
    _, _, model = planted
    few, many = model.significance(3), model.significance(6)
    np.testing.assert_array_equal(many.partitions[:3], few.partitions)


def test_settings_of_the_estimator_hold():
    graph, _ = load_karate()
    short = InfoMap(random_state=0).fit(graph).significance(10)
    long = InfoMap(random_state=0, markov_time=2.0).fit(graph).significance(10)
    assert long.partitions.max() < short.partitions.max()


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize(
    ("edges", "n_nodes"),
    [
        pytest.param(np.empty((0, 2), int), 1, id="one node"),
        pytest.param(np.empty((0, 2), int), 5, id="no links"),
        pytest.param([[0, 0]], 1, id="one loop"),
        pytest.param([[0, 1]], 2, id="one link"),
        pytest.param([[0, 1], [1, 2], [2, 0], [2, 2]], 6, id="isolated nodes and a loop"),
        pytest.param([[0, 1, 0.2], [1, 2, 1e-9], [3, 4, 1e9]], 5, id="weights far apart"),
    ],
)
def test_odd_graphs(edges, n_nodes, directed):
    graph = from_edges(edges, n_nodes=n_nodes, directed=directed)
    model = InfoMap(random_state=0).fit(graph)
    for resample in ("links", "counts"):
        found = model.significance(15, resample=resample)
        linked = np.bincount(model.labels_, graph.to_scipy().sum(axis=0) > 0)
        assert not found.significant[linked < 2].any()
        if graph.weights.max(initial=0) < 1e9:
            assert not found.significant.any()
        assert found.partitions.shape == (15, n_nodes)
        for values in (found.stability, found.recovered, found.membership):
            assert (values >= 0).all()
            assert (values <= 1).all()
        alone = np.bincount(model.labels_)[model.labels_] == 1
        assert (found.membership[alone] > 0).all()
        assert found.coassignment().shape == (n_nodes, n_nodes)
        assert found.coassignment("links").diagonal().sum() == 0


def test_confidence():
    graph, _ = load_karate()
    model = InfoMap(random_state=0).fit(graph)
    found = model.significance(100, confidence=0.29)  # 0.29 * 100 is above 29
    np.testing.assert_array_equal(found.significant, (found.set_apart * 100).round() >= 29)
    np.testing.assert_array_equal(found.core, (found.membership * 100).round() >= 29)
    assert found.confidence == 0.29


def test_pickling_leaves_out_the_graph(planted):
    graph, _, model = planted
    loaded = pickle.loads(pickle.dumps(model))
    assert loaded.get_params() == model.get_params()
    assert len(pickle.dumps(model)) < 20_000
    with pytest.raises(ValueError, match="pass that as graph="):
        loaded.significance(3)
    assert_equal(loaded.significance(3, graph=graph), model.significance(3))
    found = model.significance(3)
    assert_equal(pickle.loads(pickle.dumps(found)), found)


def test_bad_parameters(planted):
    _, _, model = planted
    for n_boot in (0, -1, 2.5, True, "ten"):
        with pytest.raises(ValueError, match="n_boot must be a whole number from 1"):
            model.significance(n_boot)
    for level in (1, -1, "top"):
        with pytest.raises(ValueError, match="level must be a whole number from 0 to 0"):
            model.significance(level=level)
    with pytest.raises(ValueError, match='resample must be "links" or "counts"'):
        model.significance(resample="nodes")
    for confidence in (0, 1.5, "sure"):
        with pytest.raises(ValueError, match="confidence must be a number"):
            model.significance(confidence=confidence)
    with pytest.raises(ValueError, match="the graph has 200 nodes, the result 120"):
        model.significance(graph=load_planted()[0])
    huge = InfoMap().fit(from_edges([(0, 1, 1e19)]))
    with pytest.raises(ValueError, match="needs weights up to 1e"):
        huge.significance(2, resample="counts")
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        InfoMap().significance()


def test_errors_and_interrupts_come_through(planted, monkeypatch):
    _, _, model = planted
    begun = []

    def fail(graph, way, generator):
        begun.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr("toolbox.graph.certainty.resampled", fail)
    with pytest.raises(KeyboardInterrupt):
        model.significance(50)
    assert len(begun) == 1


def test_the_official_engine(planted):
    pytest.importorskip("infomap")
    graph, _, _ = planted
    found = InfoMap(engine="infomap", random_state=0).fit(graph).significance(10)
    assert found.n_significant == 6
