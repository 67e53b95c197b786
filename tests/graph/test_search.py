"""The steps of the search: every record, gain and merge against a recount."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.test_codelength import WALKS, random_graph
from tests.reference.map_equation import map_equation as naive
from toolbox.graph import as_graph, map_equation
from toolbox.graph._changes import find_changes, spread
from toolbox.graph._flow import stationary_flow
from toolbox.graph._levels import aggregate, record_modules
from toolbox.graph._moves import MODULE
from toolbox.graph._plogp import plogp, sum_plogp
from toolbox.graph._search import Search
from toolbox.graph._trials import _all_together

RATES = ("flow", "exit", "enter", "jump", "land", "cost")


def flow_of(A, walk):
    options = {"teleportation": 0.15, "teleport_to": "links", "recorded": False, **walk}
    graph = as_graph(A, options.pop("directed"))
    return stationary_flow(graph, markov_time=1.0, **options)


def records_of(flow, labels):
    records = np.empty(labels.max() + 1, MODULE)
    totals = np.zeros(1)
    record_modules(flow.level, labels, len(records), records, totals, flow.rules)
    return records, totals[0]


@given(st.floats(0, 1e6) | st.floats(0, 1e-300) | st.floats(0.99, 1.01))
@settings(max_examples=300)
def test_plogp(x):
    expected = x * np.log2(x) if x > 0 else 0.0
    assert plogp(x) == pytest.approx(expected, rel=1e-13, abs=1e-15 * x + 1e-300)


def test_plogp_below_zero_is_zero():
    assert plogp(-1e-20) == 0.0


@given(st.integers(0, 10**6), st.sampled_from(WALKS))
@settings(max_examples=80, deadline=None)
def test_records_follow_the_moves(seed, walk):
    A, _ = random_graph(seed, walk["directed"])
    flow = flow_of(A, walk)
    search = Search(flow.level, flow.rules, np.random.default_rng(seed))
    labels = search.run()
    kept = search.work.modules[: search.n_modules].copy()
    fresh, total = records_of(flow, labels)
    assert len(fresh) == search.n_modules
    for field in RATES:
        np.testing.assert_allclose(kept[field], fresh[field], atol=1e-12)
    assert search.totals[0] == pytest.approx(total, abs=1e-12)
    code = plogp(total) + fresh["cost"].sum() - sum_plogp(flow.node)
    assert code == pytest.approx(naive(A, labels, **walk), abs=1e-9)


@given(st.integers(0, 10**6), st.sampled_from(WALKS))
@settings(max_examples=60, deadline=None)
def test_no_single_move_shortens_the_result(seed, walk):
    A, _ = random_graph(seed, walk["directed"])
    flow = flow_of(A, walk)
    labels = Search(flow.level, flow.rules, np.random.default_rng(seed)).run()
    best = naive(A, labels, **walk)
    linked = (A + A.T) > 0
    for u in range(len(A)):
        for m in {*labels[linked[u]], labels.max() + 1}:
            moved = labels.copy()
            moved[u] = m
            assert naive(A, moved, **walk) >= best - 1e-9


@given(st.integers(0, 10**6), st.sampled_from(WALKS))
@settings(max_examples=60, deadline=None)
def test_aggregation_keeps_the_code(seed, walk):
    A, labels = random_graph(seed, walk["directed"])
    labels = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    flow = flow_of(A, walk)
    records, total = records_of(flow, labels)
    upper = aggregate(flow.level, labels, len(records), records)
    assert len(upper.nodes) == len(records)
    rows = np.repeat(np.arange(len(records)), np.diff(upper.indptr))
    assert (rows != upper.indices).all()
    # Two-way flows between modules, one by one.
    level = flow.level
    sources = np.repeat(np.arange(len(A)), np.diff(level.indptr))
    between = np.zeros((len(records),) * 2)
    np.add.at(between, (labels[sources], labels[level.indices]), level.weights)
    np.fill_diagonal(between, 0)
    ours = np.zeros_like(between)
    ours[rows, upper.indices] = upper.weights
    np.testing.assert_allclose(ours, between, atol=1e-12)
    singles = np.arange(len(records), dtype=np.int32)
    again = np.empty(len(records), MODULE)
    totals = np.zeros(1)
    record_modules(upper, singles, len(records), again, totals, flow.rules)
    assert totals[0] == pytest.approx(total)
    np.testing.assert_allclose(again["cost"], records["cost"], atol=1e-12)


def test_find_changes():
    before = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3], np.int32)
    after = np.array([0, 0, 0, 1, 1, 2, 2, 3, 1], np.int32)
    changed, moved = find_changes(before, after, 4, 4)
    assert changed.tolist() == [False, True, True, True]
    assert np.flatnonzero(moved).tolist() == [7, 8]
    changed, moved = find_changes(before, before[::-1].copy(), 4, 4)
    assert changed.any()
    renamed = (3 - before).astype(np.int32)
    changed, moved = find_changes(before, renamed, 4, 4)
    assert not changed.any()
    assert not moved.any()


def test_spread():
    flow = flow_of(np.eye(6, k=1) + np.eye(6, k=-1), {"directed": False})
    marked = np.array([False, False, True, False, False, False])
    assert spread(flow.level, marked).tolist() == [1, 2, 3]


def test_initial_partition_is_never_made_worse():
    rng = np.random.default_rng(0)
    A = (rng.random((60, 60)) < 0.1).astype(float)
    A = np.maximum(A, A.T)
    flow = flow_of(A, {"directed": False})
    for seed in range(10):
        initial = rng.integers(0, 8, 60).astype(np.int32)
        initial = np.unique(initial, return_inverse=True)[1].astype(np.int32)
        kept = initial.copy()
        labels = Search(flow.level, flow.rules, np.random.default_rng(seed)).run(initial)
        assert map_equation(A, labels) <= map_equation(A, initial) + 1e-12
        np.testing.assert_array_equal(initial, kept)


@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_cost_of_one_module(walk, seed):
    A, _ = random_graph(seed, walk["directed"])
    A[:, 2] = A[2] = 0  # a node without links
    flow = flow_of(A, walk)
    labels, cost = _all_together(flow)
    linked = np.diff(flow.level.indptr) > 0
    assert len(np.unique(labels[linked])) == 1
    code = cost - sum_plogp(flow.node)
    assert code == pytest.approx(naive(A, labels, **walk), abs=1e-9)
    # Nodes without links may be visited by jumps: inside or apart, as is shorter.
    apart = np.where(linked, 0, 1 + np.arange(len(A)))
    for others in (np.zeros(len(A), int), apart):
        assert code <= naive(A, others, **walk) + 1e-9
