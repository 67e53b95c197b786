"""LFR benchmark graphs."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from tests.reference import lfr as naive
from toolbox.datasets import _lfr, _stubs, make_lfr_graph


def check_form(graph, labels):
    """Symmetric, unique links, no self-loops, communities numbered by size."""
    assert graph.indices.dtype == graph.indptr.dtype == np.int32
    assert graph.dtype == np.float64
    assert (graph.data == 1).all()
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    assert (np.diff(rows * np.int64(graph.shape[0]) + graph.indices) > 0).all()
    assert (graph != graph.T).nnz == 0
    assert not (rows == graph.indices).any()
    assert labels.dtype == np.int64
    assert (np.diff(np.bincount(labels)) <= 0).all()
    assert np.bincount(labels).sum() == graph.shape[0]
    return rows


@pytest.mark.parametrize("mixing", [0, 0.1, 0.5, 0.8, 1])
def test_graph_has_what_was_asked(mixing):
    graph, labels = make_lfr_graph(
        5000,
        mixing=mixing,
        average_degree=20,
        max_degree=60,
        min_community=20,
        max_community=100,
        random_state=0,
    )
    rows = check_form(graph, labels)
    degrees = np.diff(graph.indptr)
    assert degrees.mean() == pytest.approx(20, rel=0.01)
    assert degrees.max() <= 60
    assert degrees.max() >= 55
    sizes = np.bincount(labels)
    assert sizes.min() >= 20
    assert sizes.max() <= 100

    outside = labels[rows] != labels[graph.indices]
    assert outside.mean() == pytest.approx(mixing, abs=0.003)
    # Each node keeps the share but for rounding and what little was lost.
    error = np.bincount(rows, outside) - mixing * degrees
    assert np.mean(np.abs(error) < 1 + 1e-9) > 0.95
    assert np.abs(error).max() < 6


@pytest.mark.parametrize("exponent", [2.0, 2.5, 3.0])
def test_exponent_of_the_degrees(exponent):
    degrees = _lfr.draw_degrees(200_000, 30, 3000, exponent, np.random.default_rng(0))
    low = 60  # Hill's estimator, far from the lower end and its rounding
    tail = degrees[degrees >= low] / (low - 0.5)
    grid = np.linspace(1.2, 4, 2801)
    ratio = 3000 / (low - 0.5)
    likelihood = -grid * np.log(tail).mean() - np.log((1 - ratio ** (1 - grid)) / (grid - 1))
    assert grid[likelihood.argmax()] == pytest.approx(exponent, abs=0.03)


@given(
    st.floats(0, 5),
    st.integers(2, 500),
    st.floats(0, 1),
    st.integers(0, 100),
)
def test_mean_of_the_degrees(exponent, high, where, seed):
    least = _lfr.power_law_mean(1, high, exponent)
    mean = least + where * (high - least)
    degrees = _lfr.draw_degrees(2000, mean, high, exponent, np.random.default_rng(seed))
    assert degrees.min() >= 1
    assert degrees.max() <= high
    # What remains by chance: the last slice, and rounding.
    assert abs(degrees.mean() - mean) < high / 2000 + 3 * 0.5 / np.sqrt(2000)


@pytest.mark.parametrize("exponent", [0.5, 1, 1.5, 2, 3])
def test_mean_of_a_power_law(exponent):
    moments = [quad(lambda x, p=p: x ** (p - exponent), 2, 50)[0] for p in (0, 1)]
    assert _lfr.power_law_mean(2, 50, exponent) == pytest.approx(moments[1] / moments[0])


def test_community_sizes_follow_the_power_law():
    sizes = _lfr.draw_sizes(10**6, 10, 100, 1.5, np.random.default_rng(0))
    assert sizes.sum() == 10**6
    values = np.arange(10, 101)
    weights = values**-1.5
    expected = np.cumsum(weights / weights.sum())
    found = np.cumsum(np.bincount(sizes, minlength=101)[10:] / len(sizes))
    assert np.abs(found - expected).max() < 0.01


@given(st.integers(1, 300), st.integers(1, 30), st.integers(0, 30), st.integers(0, 9))
def test_community_sizes_sum_up(n, low, extra, seed):
    high = low + extra
    assume(n // low * high >= n)
    sizes = _lfr.draw_sizes(n, low, high, 1.5, np.random.default_rng(seed))
    assert sizes.sum() == n
    assert sizes.min() >= low
    assert sizes.max() <= high


@given(st.integers(2, 60), st.integers(2, 10), st.integers(0, 20), st.data())
def test_enlarged_communities_fit(n, low, extra, data):
    high = min(low + extra, n)
    assume(low <= n and n // low * high >= n)
    needs = data.draw(st.lists(st.integers(0, high - 1), min_size=n, max_size=n))
    needs = np.sort(needs)[::-1]
    rng = np.random.default_rng(0)
    drawn = _lfr.draw_sizes(n, low, high, 1.0, rng)
    sizes = _lfr.enlarge(needs, drawn, low, high, rng)
    if sizes is None:
        return
    assert sizes.sum() == n
    assert sizes.min() >= low
    assert sizes.max() <= high
    assert (needs < np.repeat(sizes, sizes)).all()
    before = np.sort(drawn)[::-1]
    if (needs < np.repeat(before, before)).all():
        assert np.array_equal(sizes, before)


@pytest.mark.parametrize(
    ("needs", "sizes"),
    [([3, 2, 2, 1, 1, 0, 0], [4, 3]), ([2, 2, 1, 1, 0, 0], [3, 2, 1]), ([0, 0, 0], [2, 1])],
)
def test_assignments_are_equally_likely(needs, sizes):
    valid = naive.assignments(needs, sizes)
    draws = np.random.default_rng(0).random((500 * len(valid), len(needs)))
    needs, sizes = np.array(needs), np.array(sizes)
    found = Counter(tuple(_lfr.assign(needs, sizes, row).tolist()) for row in draws)
    assert set(found) == valid
    chi2 = sum((count - 500) ** 2 / 500 for count in found.values())
    assert chi2 < len(valid) + 5 * np.sqrt(2 * len(valid))


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(0, 12), min_size=n, max_size=n),
            st.lists(st.integers(0, 3), min_size=n, max_size=n),
        )
    ),
    st.sampled_from([0, 0.2, 0.5, 0.75, 1]),
    st.integers(0, 5),
)
def test_split_degrees_are_even_and_near(degrees_labels, mixing, seed):
    degrees, labels = map(np.array, degrees_labels)
    labels = np.unique(labels, return_inverse=True)[1]
    wanted = _lfr.internal_share(degrees, mixing)
    drawn = _lfr.round_at_random(wanted, np.random.default_rng(seed))
    room = np.bincount(labels)[labels] - 1
    drawn = np.minimum(drawn, room)
    internal, external = _lfr.split_degrees(degrees, drawn, mixing, labels)
    assert (np.bincount(labels, internal) % 2 == 0).all()
    assert external.sum() % 2 == 0
    assert (internal >= 0).all()
    assert (external >= 0).all()
    assert (internal <= room).all()
    assert np.abs(internal - drawn).max() <= 1
    # One node of each community at most takes a step.
    assert np.bincount(labels, internal != drawn).max() <= 1
    if mixing > 0:
        assert np.count_nonzero(internal + external != degrees) <= 1


def test_random_below_is_splitmix64():
    state = np.array([123], np.uint64)
    numbers = naive.splitmix64(123)
    limits = [1, 2, 10, 1000, 2**31, 2**32 - 1] * 20
    assert [_stubs.random_below(state, n) for n in limits] == [
        (next(numbers) >> 32) * n >> 32 for n in limits
    ]


@given(
    st.lists(st.integers(0, 7), min_size=1, max_size=14),
    st.integers(1, 4),
    st.booleans(),
    st.integers(0, 2**63 - 1),
)
def test_links_are_those_of_the_naive_twin(degrees, n_groups, by_group, seed):
    degrees = np.array(degrees)
    labels = np.arange(len(degrees)) % n_groups
    for group in range(n_groups):
        members = np.flatnonzero(labels == group)
        if len(members):
            degrees[members[0]] += degrees[members].sum() % 2
    nodes = np.arange(len(degrees))
    if by_group:
        groups, kind = [np.repeat(nodes, degrees * (labels == g)) for g in range(n_groups)], nodes
    else:
        groups, kind = [np.repeat(nodes, degrees)], labels
    expected = naive.link_stubs([g.tolist() for g in groups], kind.tolist(), seed, _stubs._PASSES)

    indptr = np.append(0, np.cumsum(degrees))
    filled = indptr[:-1].copy()
    indices = np.empty(indptr[-1], np.int32)
    stubs = np.concatenate(groups).astype(np.int32)
    bounds = np.append(0, np.cumsum([len(g) for g in groups]))
    _stubs.link_stubs(stubs, bounds, kind.astype(np.int32), indptr, filled, indices, seed)
    assert (filled <= indptr[1:]).all()
    starts, columns = _stubs.sorted_rows(indptr, filled, indices)
    rows = np.repeat(nodes, np.diff(starts))
    found = list(zip(rows.tolist(), columns.tolist(), strict=True))
    assert found == sorted([(i, j) for i, j in expected] + [(j, i) for i, j in expected])


def test_dense_communities_lose_next_to_nothing():
    # Complete graphs have one solution only.
    graph, labels = make_lfr_graph(
        60,
        mixing=0,
        average_degree=9,
        max_degree=9,
        min_community=10,
        max_community=10,
        random_state=0,
    )
    same = labels == labels[:, None]
    assert np.array_equal(graph.toarray(), same & ~np.eye(60, dtype=bool))
    # The classic small benchmark, which is nearly as dense.
    graph, labels = make_lfr_graph(
        1000,
        mixing=0.1,
        average_degree=20,
        max_degree=50,
        min_community=10,
        max_community=50,
        random_state=0,
    )
    check_form(graph, labels)
    assert graph.nnz == pytest.approx(20_000, rel=0.01)


@pytest.mark.parametrize("n", [50, 101, 200])
def test_defaults_suit_small_graphs(n):
    graph, labels = make_lfr_graph(n, average_degree=n / 10, random_state=0)
    check_form(graph, labels)
    assert labels.max() >= 1


@settings(max_examples=50)
@given(
    st.integers(30, 400),
    st.floats(0, 1),
    st.floats(2, 10),
    st.integers(0, 1000),
)
def test_a_graph_or_a_reason(n, mixing, average, seed):
    graph = reason = None
    try:
        graph, labels = make_lfr_graph(n, mixing=mixing, average_degree=average, random_state=seed)
    except ValueError as error:
        reason = str(error)
    if graph is None:
        assert re.search("; (raise|lower|widen)|or raise", reason)
        return
    check_form(graph, labels)
    degrees = np.diff(graph.indptr)
    # In small graphs single links count: rounding moves the mean by 1 / sqrt(12 n).
    assert degrees.mean() == pytest.approx(average, rel=0.02, abs=2 / np.sqrt(n))


def test_same_seed_same_graph():
    first, labels = make_lfr_graph(300, random_state=7)
    again, again_labels = make_lfr_graph(300, random_state=np.random.default_rng(7))
    other, _ = make_lfr_graph(300, random_state=8)
    assert np.array_equal(first.indices, again.indices)
    assert np.array_equal(labels, again_labels)
    assert not np.array_equal(first.toarray(), other.toarray())
    generator = np.random.default_rng(7)
    one, two = (make_lfr_graph(300, random_state=generator)[0].toarray() for _ in range(2))
    assert not np.array_equal(one, two)


def test_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_lfr_graph(300, random_state=0)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_node_numbers_tell_nothing():
    graph, labels = make_lfr_graph(2000, random_state=0)
    numbers = np.arange(2000)
    for known in (np.diff(graph.indptr), labels):
        assert abs(np.corrcoef(numbers, known)[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"mixing": -0.1}, ValueError, "mixing must be from 0 to 1, got -0.1"),
        ({"mixing": None}, TypeError, "mixing must be a number, got None"),
        ({"n_nodes": 2}, ValueError, "n_nodes must be from 3 to 2147483647, got 2"),
        ({"n_nodes": 1e3}, TypeError, "n_nodes must be a whole number, got 1000.0"),
        ({"average_degree": 0.5}, ValueError, "average_degree must be from 1 to 999, got 0.5"),
        ({"max_degree": 12}, ValueError, "max_degree must be from 15 to 999, got 12"),
        ({"max_degree": 1000}, ValueError, "max_degree must be from 15 to 999, got 1000"),
        ({"degree_exponent": -1}, ValueError, "degree_exponent must be from 0 to 100, got -1"),
        ({"community_exponent": np.inf}, ValueError, "community_exponent must be from 0 to 100"),
        ({"min_community": 1}, ValueError, "min_community must be from 2 to 1000, got 1"),
        (
            {"min_community": 50, "max_community": 40},
            ValueError,
            "max_community must be from 50 to 1000, got 40",
        ),
        (
            {"average_degree": 2, "max_degree": 500, "degree_exponent": 2},
            ValueError,
            "average_degree=2 is too small: degrees from 1 to max_degree=500 have a mean of "
            "6.23 at least; raise average_degree or degree_exponent, or lower max_degree",
        ),
        (
            {"mixing": 0.1, "max_degree": 50, "max_community": 40},
            ValueError,
            "max_degree=50 with mixing=0.1 means up to 45 links inside a community, which takes "
            "more than 45 nodes, got max_community=40; raise max_community or mixing, or lower",
        ),
        (
            {"min_community": 300, "max_community": 330},
            ValueError,
            "n_nodes=1000 is not a sum of community sizes from min_community=300 to "
            "max_community=330; widen the range",
        ),
        (
            {
                "mixing": 0,
                "average_degree": 45,
                "max_degree": 50,
                "min_community": 10,
                "max_community": 51,
                "n_nodes": 120,
            },
            ValueError,
            "max_degree=50 and mixing=0 ask for more large communities than min_community=10 "
            "and max_community=51 give",
        ),
        (
            {"n_nodes": 100, "min_community": 100, "max_community": 100},
            ValueError,
            "mixing=0.3 and max_community=100 give one community more links to others than all "
            "others have; lower max_community or mixing",
        ),
        (
            {
                "n_nodes": 90,
                "average_degree": 70,
                "max_degree": 80,
                "mixing": 0.9,
                "min_community": 30,
                "max_community": 30,
            },
            ValueError,
            "of the links found a place: average_degree=70 is too dense inside communities",
        ),
    ],
)
def test_errors(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make_lfr_graph(**arguments, random_state=0)
