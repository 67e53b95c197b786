"""What several partitions agree on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from tests.reference.overlap import coassignment as naive_coassignment
from tests.reference.overlap import overlaps as naive_overlaps
from toolbox.datasets import make_lfr_graph
from toolbox.graph import InfoMap, consensus, from_edges, map_equation
from toolbox.graph.agreement import _agreement_graph, _as_partitions, _pairs


def noisy(truth, k, share, rng):
    """Copies of a partition, in which a share of the nodes has other labels."""
    rows = np.tile(truth, (k, 1))
    changed = rng.random(rows.shape) < share
    rows[changed] = rng.integers(0, truth.max() + 1, np.count_nonzero(changed))
    return rows


@pytest.fixture(scope="module")
def truth():
    return np.repeat(np.arange(6), (30, 25, 20, 15, 10, 5))


def test_noise_is_taken_out(truth):
    given_ = noisy(truth, 20, 0.25, np.random.default_rng(0))
    found = consensus(given_, random_state=0)
    assert adjusted_rand_score(truth, found.labels) == 1
    np.testing.assert_array_equal(found.labels, truth)  # the largest first
    assert max(adjusted_rand_score(truth, one) for one in given_) < 0.8
    assert found.labels.dtype == np.int64
    assert found.n_modules == 6


def test_fields(truth):
    given_ = noisy(truth, 5, 0.2, np.random.default_rng(1))
    found = consensus(list(given_), random_state=0)
    n = len(truth)
    sums = naive_overlaps(found.labels, found.partitions, set(range(n)))
    for values, total in zip(
        (found.stability, found.recovered, found.membership),
        (sums[0], sums[1], sums[3]),
        strict=True,
    ):
        np.testing.assert_allclose(values, total / 5)
    for one, other in zip(found.partitions, given_, strict=True):
        assert adjusted_rand_score(one, other) == 1
    scores = [adjusted_mutual_info_score(given_[i], given_[j]) for i in range(5) for j in range(i)]
    assert found.agreement == pytest.approx(np.mean(scores))
    similarity = []
    for i, one in enumerate(found.partitions):
        others = np.delete(found.partitions, i, axis=0)
        similarity.append(naive_overlaps(one, others, set())[0] @ np.bincount(one) / n / 4)
    np.testing.assert_allclose(found.similarity, similarity)
    assert found.medoid == np.argmax(similarity)
    np.testing.assert_allclose(found.coassignment().toarray(), naive_coassignment(given_))
    with pytest.raises(ValueError, match="needs the graph"):
        found.coassignment("links")


@pytest.mark.parametrize("k", [1, 2, 7])
def test_common_partition(truth, k):
    rng = np.random.default_rng(k)
    names = np.array(list("abcdef"))
    given_ = [rng.permutation(names)[truth] for _ in range(k)]
    found = consensus(given_, random_state=0)
    np.testing.assert_array_equal(found.labels, truth)
    assert found.agreement == 1
    assert found.medoid == 0
    assert (found.membership == 1).all()
    assert (found.stability == 1).all()


def test_common_partition_of_nodes_without_links(truth):
    graph = from_edges([(0, 1)], n_nodes=len(truth))
    np.testing.assert_array_equal(consensus([truth, truth], graph=graph).labels, truth)


def test_the_medoid_is_the_one_in_the_middle(truth):
    rng = np.random.default_rng(2)
    given_ = [noisy(truth, 1, share, rng)[0] for share in (0.5, 0.4, 0.02, 0.3)]
    assert consensus(given_, random_state=0).medoid == 2


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 5), st.sampled_from([0.3, 0.5, 1]))
@settings(max_examples=60)
def test_agreement_graph(seed, n, k, threshold):
    """Nodes that are always together may be one node with a loop."""
    rng = np.random.default_rng(seed)
    partitions = _as_partitions(rng.integers(0, 4, (k, n)))
    shares = naive_coassignment(partitions)
    kept = np.where(shares >= threshold - 1e-9, shares, 0)
    alone = kept.sum(axis=1) == 0
    graph, group = _agreement_graph(partitions, None, threshold, 2**20)
    assert not graph.directed
    small = graph.to_scipy().toarray()
    members = [np.flatnonzero(group == a) for a in range(len(small))]
    for a, first in enumerate(members):
        for b, second in enumerate(members):
            if not (alone[first].any() or alone[second].any()):
                assert small[a, b] == pytest.approx(kept[np.ix_(first, second)].sum())
    for i in np.flatnonzero(alone):
        row = small[group[i]]
        assert (row.sum() > 0) == bool(shares[i].any())
    if not alone.any() and kept.any():
        labels = rng.integers(0, 3, len(small))
        expected = map_equation(kept, labels[group])
        # Nodes have shorter names in a smaller graph, by the same for any partition.
        other = rng.integers(0, 3, len(small))
        saved = expected - map_equation(kept, other[group])
        assert map_equation(graph, labels) - map_equation(graph, other) == pytest.approx(saved)


def test_a_node_without_agreement_stays_with_its_best_companion():
    given_ = [
        [0, 0, 0, 1, 1, 1, 0],
        [0, 0, 0, 1, 1, 1, 1],
        [0, 0, 0, 1, 1, 1, 1],
        [0] * 3 + [1] * 3 + [2],
    ]
    found = consensus(given_, threshold=0.8, random_state=0)
    assert found.labels[6] == found.labels[5]
    assert found.labels[0] != found.labels[5]
    assert found.membership[6] == pytest.approx(0.5)


@pytest.fixture(scope="module")
def runs():
    graph, truth = make_lfr_graph(600, mixing=0.55, average_degree=14, random_state=0)
    return graph, truth, [InfoMap(random_state=seed).fit(graph) for seed in range(8)]


def test_of_estimators(runs):
    _, truth, models = runs
    found = consensus(models, random_state=0)
    labels = [model.labels_ for model in models]
    assert adjusted_mutual_info_score(truth, found.labels) >= np.median(
        [adjusted_mutual_info_score(truth, one) for one in labels]
    )
    again = consensus(np.array(labels), random_state=0, n_jobs=3)
    np.testing.assert_array_equal(again.labels, found.labels)
    assert again.agreement == found.agreement
    np.testing.assert_array_equal(again.similarity, found.similarity)


def test_of_linked_pairs(runs):
    graph, truth, models = runs
    found = consensus(models, graph=graph, random_state=0, max_bytes=1)
    assert adjusted_mutual_info_score(truth, found.labels) > 0.9
    links = found.coassignment("links")
    assert links.nnz <= graph.nnz
    with pytest.raises(ValueError, match='pass pairs="links"'):
        consensus(models, max_bytes=1)


def test_of_bootstraps(runs):
    _, _, models = runs
    certainty = models[0].significance(10)
    found = consensus(certainty.partitions, random_state=0)
    np.testing.assert_array_equal(_as_partitions(certainty.partitions), found.partitions)


@pytest.mark.parametrize("k", [2, 3, 10, 14, 15, 60, 200])
def test_pairs_are_spread_evenly(k):
    pairs = _pairs(k, np.random.default_rng(0))
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    counts = np.bincount(pairs.ravel(), minlength=k)
    assert (counts == counts[0]).all()
    if k <= 14:
        assert len(pairs) == k * (k - 1) // 2
    else:
        assert len(pairs) <= max(100, k)


def test_bad_input(truth):
    with pytest.raises(ValueError, match="there are no partitions"):
        consensus([])
    with pytest.raises(ValueError, match="partition 0 has 3 labels, partition 1 has 2"):
        consensus([[0, 0, 1], [0, 1]])
    with pytest.raises(ValueError, match=r"partition 0 must be labels of shape \(n_nodes,\)"):
        consensus([0, 0, 1])
    with pytest.raises(ValueError, match="partition 1 must be labels"):
        consensus([truth, truth[None]])
    with pytest.raises(ValueError, match="must be labels"):
        consensus([[], []])
    with pytest.raises(ValueError, match="partition 0 is an estimator without labels_"):
        consensus([InfoMap()])
    for threshold in (0, 1.1, "half"):
        with pytest.raises(ValueError, match="threshold must be a number"):
            consensus([truth], threshold=threshold)
    with pytest.raises(ValueError, match="the graph has 2 nodes, the partitions 105"):
        consensus([truth], graph=from_edges([(0, 1)]))
