"""Hierarchies of modules: their code, and the search for them."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from tests.graph.test_codelength import WALKS, random_graph
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from toolbox.graph import InfoMap, as_graph, map_equation
from toolbox.graph._hierarchy import HierarchySearch
from toolbox.graph.codelength import as_levels, code_of, constant_bits, flow_of

SEEDS = st.integers(0, 10**6)


def paths_of(levels):
    """Path of each node; a module that is its own only child is one module."""
    paths = [()] * len(levels[0])
    above = None
    for labels in levels:
        for u, label in enumerate(labels):
            same = above is not None and (above == above[u]).sum() == (labels == label).sum()
            if not same:
                paths[u] = (*paths[u], int(label))
        above = np.asarray(labels)
    return paths


def random_levels(rng, n, depth):
    """Nested labels, coarsest first; about a third of the modules are not divided."""
    levels = [rng.integers(0, 4, n)]
    for _ in range(depth - 1):
        above = levels[-1]
        divided = rng.random(above.max() + 1) < 0.7
        levels.append(above * 10 + divided[above] * rng.integers(0, 3, n))
    return [np.unique(level, return_inverse=True)[1] for level in levels]


def assert_levels(levels, flow):
    """Nested, no level twice, and numbered by the order of the module above, then of flow."""
    above = np.zeros(len(flow), np.int64)
    for labels in levels:
        assert labels.dtype == np.int64
        np.testing.assert_array_equal(np.unique(labels), np.arange(labels.max() + 1))
        parent = np.zeros(labels.max() + 1, np.int64)
        parent[labels] = above
        np.testing.assert_array_equal(parent[labels], above)
        carried = np.bincount(labels, flow)
        for (p, one), (q, other) in pairwise(zip(parent, carried, strict=True)):
            assert p < q or (p == q and one >= other - 1e-15)
        above = labels
    for upper, lower in pairwise(levels):
        assert lower.max() > upper.max()


def groups_of_groups(rng, within=0.9, around=0.08, across=0.004):
    """Four groups of four groups of eight nodes; labels of both levels."""
    fine = np.repeat(np.arange(16), 8)
    coarse = fine // 4
    chance = np.where(coarse[:, None] == coarse, around, across)
    chance[fine[:, None] == fine] = within
    A = np.triu(rng.random(chance.shape) < chance, 1).astype(float)
    return A + A.T, coarse, fine


# The code


@pytest.mark.parametrize("markov_time", [1.0, 0.5, 3.0])
@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_code_of_random_levels(walk, depth, markov_time):
    for seed in range(8):
        A, _ = random_graph(seed, walk["directed"])
        levels = random_levels(np.random.default_rng(seed), len(A), depth)
        twin = tree_codelength(*steps(A, **walk), paths_of(levels), markov_time)
        ours = map_equation(A, levels, markov_time=markov_time, **walk)
        assert ours == pytest.approx(twin, abs=1e-9)


def test_repeated_levels_and_a_module_of_everything_cost_nothing():
    for seed in range(10):
        A, labels = random_graph(seed, False)
        flat = map_equation(A, labels)
        everything = np.zeros(len(A), int)
        assert map_equation(A, [labels] * 3) == pytest.approx(flat, abs=1e-12)
        assert map_equation(A, [everything, labels]) == pytest.approx(flat, abs=1e-12)
        assert map_equation(A, [everything] * 2) == pytest.approx(map_equation(A, everything))


def test_a_level_of_single_nodes_costs_a_word_more():
    # Each node is a module with two words, but where it was one already.
    A = np.ones((4, 4)) - np.eye(4)
    levels = [[0, 0, 1, 2], [0, 1, 2, 3]]
    twin = tree_codelength(*steps(A, False), [(0, 0), (0, 1), (1,), (2,)])
    assert map_equation(A, levels) == pytest.approx(twin, abs=1e-12)
    assert twin > map_equation(A, levels[0]) + 0.1


def test_faults_of_levels():
    A = np.ones((3, 3))
    with pytest.raises(ValueError, match="at level 1 the module of node"):
        map_equation(A, [[0, 0, 1], [0, 1, 1]])
    with pytest.raises(ValueError, match="levels of different lengths"):
        map_equation(A, [[0, 0, 1], [0, 1]])
    with pytest.raises(ValueError, match=r"got \(0,\)"):
        map_equation(A, [])


# The search


@given(SEEDS, st.sampled_from(WALKS), st.sampled_from([1.0, 0.4, 2.0]))
@settings(max_examples=150)
def test_result_costs_what_it_says(seed, walk, markov_time):
    A, _ = random_graph(seed, walk["directed"])
    model = InfoMap(markov_time=markov_time, random_state=seed, **walk).fit(A)
    assert_levels(model.levels_, model.flow_)
    np.testing.assert_array_equal(model.labels_, model.levels_[0])
    assert model.n_modules_ == model.labels_.max() + 1
    ours = map_equation(A, model.levels_, markov_time=markov_time, **walk)
    assert model.codelength_ == pytest.approx(ours, abs=1e-12)
    twin = tree_codelength(*steps(A, **walk), paths_of(model.levels_), markov_time)
    assert ours == pytest.approx(twin, abs=1e-9)


def sparse_groups(seed, directed):
    """A larger graph of several levels, sparse enough to be divided often."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 160))
    group = np.arange(n) * 12 // n
    chance = np.where(group[:, None] // 3 == group // 3, 0.08, 0.006)
    chance[group[:, None] == group] = 0.5
    A = (rng.random((n, n)) < chance) * rng.uniform(0.5, 2, (n, n))
    A[:, -1] = A[-1] = 0
    A[3] = 0
    return A if directed else np.triu(A) + np.triu(A, 1).T


@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(12))
def test_cost_of_the_search_is_the_code_of_its_levels(walk, seed):
    A = sparse_groups(seed, walk["directed"])
    options = {"teleportation": 0.15, "teleport_to": "links", "recorded": False, **walk}
    graph = as_graph(A, options.pop("directed"))
    flow = flow_of(graph, *options.values(), 1.0)
    search = HierarchySearch(flow, np.random.default_rng(seed))
    for levels, cost in (search.run(), search.run_quickly(None)):
        numbered = as_levels(levels, len(A))
        assert cost + constant_bits(flow) == pytest.approx(code_of(flow, numbered).total, abs=1e-9)
    given_levels = random_levels(np.random.default_rng(seed), len(A), 3)
    given_levels = [labels.astype(np.int32) for labels in given_levels]
    levels, cost = search.run(initial=given_levels)
    code = code_of(flow, as_levels(levels, len(A))).total
    assert cost + constant_bits(flow) == pytest.approx(code, abs=1e-9)
    assert code <= code_of(flow, given_levels).total + 1e-9
    levels, cost = search.below(given_levels[0])
    code = code_of(flow, as_levels(levels, len(A))).total
    assert cost + constant_bits(flow) == pytest.approx(code, abs=1e-9)
    assert code <= code_of(flow, given_levels[:1]).total + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_groups_of_groups(seed):
    A, coarse, fine = groups_of_groups(np.random.default_rng(seed))
    model = InfoMap(random_state=seed).fit(A)
    assert len(model.levels_) == 2
    assert adjusted_rand_score(coarse, model.levels_[0]) == 1.0
    assert adjusted_rand_score(fine, model.levels_[1]) == 1.0
    flat = InfoMap(two_level=True, random_state=seed).fit(A)
    assert len(flat.levels_) == 1
    assert model.codelength_ < flat.codelength_ - 0.05


def test_ring_of_cliques_has_levels():
    graph = nx.ring_of_cliques(40, 5)
    model = InfoMap(random_state=0).fit(graph)
    assert len(model.levels_) > 1
    assert adjusted_rand_score(np.repeat(np.arange(40), 5), model.levels_[-1]) == 1.0
    for module in range(model.n_modules_):
        assert nx.is_connected(graph.subgraph(np.flatnonzero(model.labels_ == module).tolist()))


@pytest.mark.parametrize("seed", range(40))
def test_levels_are_never_worse_than_one(seed):
    # Both begin alike; not so in directed graphs, where a hierarchy has fewer starts.
    A = sparse_groups(seed, False) if seed % 2 else random_graph(seed, False)[0]
    deep, flat = (InfoMap(two_level=t, random_state=seed).fit(A) for t in (False, True))
    assert deep.codelength_ <= flat.codelength_ + 1e-9


@pytest.mark.parametrize("directed", [False, True])
def test_same_seed_same_levels(directed):
    A = sparse_groups(5, directed)
    options = {"directed": directed, "n_trials": 4, "random_state": 3}
    first = InfoMap(n_jobs=1, **options).fit(A)
    for n_jobs in (1, 2, -1):
        again = InfoMap(n_jobs=n_jobs, **options).fit(A)
        assert first.codelength_ == again.codelength_
        assert len(first.levels_) == len(again.levels_)
        for one, other in zip(first.levels_, again.levels_, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_more_trials_are_never_worse(directed, seed):
    A = sparse_groups(seed, directed)
    lengths = [
        InfoMap(directed=directed, n_trials=n, random_state=5).fit(A).codelength_
        for n in (1, 2, 4, 8)
    ]
    assert all(b <= a + 1e-12 for a, b in pairwise(lengths))


@pytest.mark.parametrize("markov_time", [1.0, 0.5, 2.0])
@pytest.mark.parametrize("seed", range(6))
def test_predict_takes_the_least_added_code(seed, markov_time):
    rng = np.random.default_rng(seed)
    A, *_ = groups_of_groups(rng)
    A = A[::2, ::2]  # quicker for the twin
    model = InfoMap(markov_time=markov_time, random_state=0).fit(A)
    assert len(model.levels_) > 1 or markov_time == 2
    paths = paths_of(model.levels_)
    for _ in range(6):
        row = (rng.random(len(A)) < 0.06) * rng.uniform(0.5, 3, len(A))
        row[rng.integers(len(A))] = 1.0
        larger = np.block([[A, row[:, None]], [row[None, :], np.zeros((1, 1))]])
        flow = steps(larger, False)
        costs = {
            path: tree_codelength(*flow, [*paths, path], markov_time)
            for path in {paths[u] for u in np.flatnonzero(row)}
        }
        label = model.predict(row[None, :])[0]
        best = min(cost for path, cost in costs.items() if path[0] == label)
        assert best == pytest.approx(min(costs.values()), abs=1e-10)


@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_official_levels(walk, seed):
    infomap = pytest.importorskip("infomap", reason="the extra infomap is not installed")
    A = sparse_groups(seed, walk["directed"])
    model = InfoMap(engine="infomap", random_state=seed, **walk).fit(A)
    assert_levels(model.levels_, model.flow_)
    network = infomap.Network()
    network.add_nodes(range(len(A)))
    for i, j in np.argwhere(A):
        if walk["directed"] or i <= j:
            network.add_link(int(i), int(j), A[i, j])
    seeds = 1 + int(np.random.SeedSequence(seed).generate_state(1)[0] >> 1)
    result = network.run(
        seed=seeds,
        flow_model="directed" if walk["directed"] else "undirected",
        teleportation_probability=walk.get("teleportation", 0.15),
        to_nodes=walk.get("teleport_to") == "nodes",
        recorded_teleportation=walk.get("recorded", False),
    )
    assert model.codelength_ == pytest.approx(result.codelength, abs=1e-9)
