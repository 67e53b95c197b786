"""Options of the search: priors, corrections, a number of modules, time, a start."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from tests.graph.test_codelength import WALKS, random_graph
from tests.graph.test_hierarchy import (
    assert_levels,
    groups_of_groups,
    paths_of,
    random_levels,
    sparse_groups,
)
from tests.graph.test_official_bipartite import random_bipartite
from tests.graph.test_states_search import as_states, from_one, small_states
from tests.reference.bipartite import bipartite_steps
from tests.reference.corrections import entropy_correction
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.official import link_text, official, walk_options
from tests.reference.regularized import regularized_steps
from toolbox.graph import (
    InfoMap,
    _trials,
    as_graph,
    from_edges,
    from_layers,
    from_states,
    infomap,
    map_equation,
)
from toolbox.graph._hierarchy import HierarchySearch
from toolbox.graph._initial import initial_levels
from toolbox.graph._trials import Watch
from toolbox.graph.bipartite import as_bipartite
from toolbox.graph.codelength import as_levels, code_of, constant_bits, flow_of

SEEDS = st.integers(0, 10**6)
TWO_LEVEL = pytest.mark.parametrize("two_level", [True, False])
DIRECTED = pytest.mark.parametrize("directed", [False, True])


def one_way(A):
    """The same links, each in one direction only."""
    kept = np.random.default_rng(0).random(A.shape) < 0.5
    kept = np.triu(kept) | np.triu(~kept, 1).T
    return A * kept


# Regularization and entropy correction


@pytest.mark.parametrize("strength", [1.0, 0.3, 2.5])
@pytest.mark.parametrize("depth", [1, 3])
@DIRECTED
def test_regularized_code(directed, depth, strength):
    for seed in range(10):
        A, _ = random_graph(seed, directed)
        levels = random_levels(np.random.default_rng(seed), len(A), depth)
        flow = regularized_steps(A, directed, strength)
        twin = tree_codelength(*flow, paths_of(levels), 0.7)
        options = {"directed": directed, "markov_time": 0.7, "regularization": strength}
        assert map_equation(A, levels, **options) == pytest.approx(twin, abs=1e-9)


@pytest.mark.parametrize("scale", [1.0, 0.1])
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_corrected_code(walk, depth, scale):
    for seed in range(10):
        A, _ = random_graph(seed, walk["directed"])
        A *= scale
        levels = random_levels(np.random.default_rng(seed), len(A), depth)
        paths = paths_of(levels)
        twin = tree_codelength(*steps(A, **walk), paths)
        twin += entropy_correction(A, walk["directed"], paths, 0.7)
        ours = map_equation(A, levels, entropy_correction=0.7, **walk)
        assert ours == pytest.approx(twin, abs=1e-9)


@DIRECTED
def test_correction_of_one_module(directed):
    for seed in range(10):
        A, _ = random_graph(seed, directed)
        for levels in ([np.zeros(len(A), int)], [np.zeros(len(A), int), np.arange(len(A)) % 2]):
            paths = paths_of(levels)
            twin = tree_codelength(*steps(A, directed), paths)
            twin += entropy_correction(A, directed, paths)
            ours = map_equation(A, levels, directed=directed, entropy_correction=1.0)
            assert ours == pytest.approx(twin, abs=1e-9)


@TWO_LEVEL
@given(
    seed=SEEDS,
    directed=st.booleans(),
    regularization=st.sampled_from([0, 0.5, 1]),
    correction=st.sampled_from([0, 0.5, 1]),
)
@settings(max_examples=120)
def test_result_costs_what_it_says(two_level, seed, directed, regularization, correction):
    A, _ = random_graph(seed, directed)
    options = {
        "directed": directed,
        "regularization": regularization,
        "entropy_correction": correction,
    }
    model = InfoMap(two_level=two_level, random_state=seed, **options).fit(A)
    assert_levels(model.levels_, model.flow_)
    assert model.codelength_ == pytest.approx(map_equation(A, model.levels_, **options), abs=1e-12)
    flow = regularized_steps(A, directed, regularization) if regularization else steps(A, directed)
    paths = paths_of(model.levels_)
    twin = tree_codelength(*flow, paths) + entropy_correction(A, directed, paths, correction)
    assert model.codelength_ == pytest.approx(twin, abs=1e-9)
    # No more than one module of all nodes but isolated ones.
    alone = ~(A + A.T - 2 * np.diag(np.diag(A))).any(axis=0)
    together = np.where(alone, 1 + np.arange(len(A)), 0)
    assert model.codelength_ <= map_equation(A, together, **options) + 1e-9


@pytest.mark.parametrize("options", [(1.0, 0.0), (0.0, 1.0), (0.2, 0.5)], ids=str)
@DIRECTED
@pytest.mark.parametrize("seed", range(6))
def test_cost_of_the_search_is_the_code_of_its_levels(options, directed, seed):
    A = sparse_groups(seed, directed)
    flow = flow_of(as_graph(A, directed), 0.15, "links", False, 1.0, *options)
    search = HierarchySearch(flow, np.random.default_rng(seed))
    begin = random_levels(np.random.default_rng(seed), len(A), 3)
    begin = [labels.astype(np.int32) for labels in begin]
    for levels, cost in (search.run(), search.run(initial=begin), search.below(begin[0])):
        if levels:
            code = code_of(flow, as_levels(levels, len(A)))
            # A single module has no way out.
            single = (levels[0] == levels[0][0]).all() * flow.rules.module_bits
            assert cost + constant_bits(flow) - single == pytest.approx(code.total, abs=1e-9)


@TWO_LEVEL
@pytest.mark.parametrize("regularization", [0.0, 0.4])
@pytest.mark.parametrize("correction", [0.0, 0.7])
@DIRECTED
def test_equals_official_package(tmp_path, two_level, regularization, correction, directed):
    A = sparse_groups(1, directed)
    options = {"regularization": regularization, "entropy_correction": correction}
    model = InfoMap(directed=directed, two_level=two_level, random_state=0, **options).fit(A)
    paths = [tuple(label + 1 for label in path) for path in paths_of(model.levels_)]
    result = official(
        tmp_path,
        link_text(A, directed),
        from_one(paths),
        regularized=regularization > 0,
        regularization_strength=regularization or 1.0,
        entropy_corrected=correction > 0,
        entropy_correction_strength=correction or 1.0,
        **walk_options(directed),
    )
    assert model.codelength_ == pytest.approx(result.codelength, abs=1e-9)
    options |= {"directed": directed, "two_level": two_level}
    theirs = InfoMap(engine="infomap", random_state=0, **options).fit(A)
    assert_levels(theirs.levels_, theirs.flow_)
    del options["two_level"]
    assert theirs.codelength_ == pytest.approx(map_equation(A, theirs.levels_, **options))


@DIRECTED
def test_regularized_states_and_kinds(directed):
    for seed in range(10):
        A, physical = small_states(seed, directed)
        physical = np.unique(physical, return_inverse=True)[1]
        network = as_states(A, physical, directed)
        model = InfoMap(regularization=1.0, random_state=seed).fit(network)
        flow = regularized_steps(A, directed, n_physical=physical.max() + 1)
        twin = tree_codelength(*flow, paths_of(model.levels_), physical=physical.tolist())
        assert model.codelength_ == pytest.approx(twin, abs=1e-9)
        A, n = random_bipartite(seed, directed)
        rows, columns = np.nonzero(A if directed else np.triu(A))
        links = np.column_stack([rows, columns])
        graph = from_edges(links, A[rows, columns], n_nodes=len(A), directed=directed)
        model = InfoMap(regularization=1.0, random_state=seed).fit(as_bipartite(graph, n))
        flow = bipartite_steps(A, n, directed, regularization=1.0)
        twin = tree_codelength(*flow, paths_of(model.levels_))
        assert model.codelength_ == pytest.approx(twin, abs=1e-9)


@TWO_LEVEL
@DIRECTED
@pytest.mark.parametrize("degree", [2, 4, 8])
def test_a_prior_sees_no_modules_in_noise(two_level, directed, degree):
    for seed in range(3):
        graph = nx.gnm_random_graph(150, 75 * degree, seed=seed, directed=directed)
        plain = InfoMap(two_level=two_level, random_state=0).fit(graph)
        model = InfoMap(two_level=two_level, regularization=1.0, random_state=0).fit(graph)
        linked = np.array([d > 0 for _, d in graph.degree])
        assert len(np.unique(model.labels_[linked])) == 1
        assert degree > 2 or len(np.unique(plain.labels_[linked])) > 5


def test_a_prior_keeps_clear_modules():
    A, _, fine = groups_of_groups(np.random.default_rng(0))
    model = InfoMap(two_level=True, regularization=1.0, random_state=0).fit(A)
    assert adjusted_rand_score(fine, model.labels_) > 0.95


def test_a_correction_makes_fewer_modules():
    graph = nx.gnm_random_graph(150, 220, seed=0)
    counts = [
        InfoMap(two_level=True, entropy_correction=strength, random_state=0).fit(graph).n_modules_
        for strength in (0, 4, 20)
    ]
    assert counts[0] > counts[1] > counts[2]


# A number of modules


@TWO_LEVEL
@pytest.mark.parametrize("preferred", [3, 8, 12, 20])
def test_preferred_number(two_level, preferred):
    truth = np.repeat(np.arange(12), 10)
    rng = np.random.default_rng(0)
    A = np.triu(rng.random((120, 120)) < np.where(truth[:, None] == truth, 0.7, 0.02), 1)
    A = (A + A.T).astype(float)
    for graph in (A, one_way(A)):
        model = InfoMap(
            two_level=two_level, preferred_n_modules=preferred, n_trials=3, random_state=0
        ).fit(graph)
        assert model.n_modules_ == preferred
        assert_levels(model.levels_, model.flow_)
        assert model.codelength_ == pytest.approx(map_equation(graph, model.levels_), abs=1e-9)
        plain = InfoMap(two_level=two_level, n_trials=3, random_state=0).fit(graph)
        if plain.n_modules_ != preferred:
            assert model.codelength_ > plain.codelength_ - 1e-9


@TWO_LEVEL
@DIRECTED
def test_preferred_number_of_small_graphs(two_level, directed):
    for seed in range(30):
        A, _ = random_graph(seed, directed)
        for preferred in (1, 2, 3, 50):
            model = InfoMap(
                directed=directed,
                two_level=two_level,
                preferred_n_modules=preferred,
                random_state=seed,
            ).fit(A)
            code = map_equation(A, model.levels_, directed=directed)
            assert model.codelength_ == pytest.approx(code, abs=1e-9)
            plain = InfoMap(directed=directed, two_level=two_level, random_state=seed).fit(A)
            # A bit for each module more or less, of what is found and of one module.
            cost = code + abs(model.n_modules_ - preferred)
            alone = ~(A + A.T - 2 * np.diag(np.diag(A))).any(axis=0)
            one = np.where(alone, 1 + np.arange(len(A)), 0)
            bits = abs(len(np.unique(one)) - preferred)
            assert cost <= map_equation(A, one, directed=directed) + bits + 1e-9
            if plain.n_modules_ == preferred:
                assert model.n_modules_ == preferred


# Time


class Expiring(Watch):
    """The time is up after some looks at the clock."""

    def __init__(self, looks):
        super().__init__()
        self.left = looks

    def __call__(self):
        super().__call__()
        self.left -= 1
        return self.left < 0


@TWO_LEVEL
@pytest.mark.parametrize("n_trials", [1, 3])
@DIRECTED
@pytest.mark.parametrize("states", [False, True])
def test_time_is_up(monkeypatch, two_level, n_trials, directed, states):
    A = sparse_groups(2, directed)
    graph = as_graph(A, directed)
    if states:
        graph = as_states(A, np.arange(len(A)) % 30, directed)
    model = InfoMap(
        directed=directed, two_level=two_level, n_trials=n_trials, max_time=1e9, random_state=0
    )
    unlimited = model.fit(graph).codelength_
    everything = map_equation(graph, np.zeros(len(A)))
    for looks in (0, 1, 2, 3, 5, 10, 20, 40, 80):
        monkeypatch.setattr(infomap, "Watch", lambda *_, looks=looks: Expiring(looks))
        model.fit(graph)
        assert_levels(model.levels_, model.flow_)
        assert model.codelength_ == pytest.approx(map_equation(graph, model.levels_), abs=1e-9)
        assert model.codelength_ <= everything + 1e-9
    monkeypatch.setattr(infomap, "Watch", lambda *_: Expiring(10**9))
    assert model.fit(graph).codelength_ == unlimited


@TWO_LEVEL
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_clock_that_has_run_out(monkeypatch, two_level, n_jobs):
    A = sparse_groups(2, False)
    clock = itertools.count()
    monkeypatch.setattr(_trials.time, "monotonic", lambda: next(clock))
    model = InfoMap(two_level=two_level, n_trials=3, n_jobs=n_jobs, max_time=1e-6, random_state=0)
    model.fit(A)
    assert model.codelength_ == pytest.approx(map_equation(A, model.levels_), abs=1e-9)


@pytest.mark.parametrize("two_level", [True, False])
def test_time_is_up_for_a_warm_start(monkeypatch, two_level):
    A, coarse, fine = groups_of_groups(np.random.default_rng(3))
    begin = fine if two_level else [coarse, fine]
    for looks in (0, 1, 3):
        monkeypatch.setattr(infomap, "Watch", lambda *_, looks=looks: Expiring(looks))
        model = InfoMap(two_level=two_level, initial_partition=begin, max_time=1).fit(A)
        assert model.codelength_ <= map_equation(A, begin) + 1e-9


# A start


@TWO_LEVEL
@given(seed=SEEDS, walk=st.sampled_from(WALKS), depth=st.integers(1, 4), large=st.booleans())
@settings(max_examples=80)
def test_a_start_is_never_made_worse(two_level, seed, walk, depth, large):
    A = sparse_groups(seed, walk["directed"])
    if not large:
        A, _ = random_graph(seed, walk["directed"])
    levels = random_levels(np.random.default_rng(seed), len(A), depth)
    kept = [labels.copy() for labels in levels]
    begin = levels[0] if depth == 1 else levels
    model = InfoMap(two_level=two_level, initial_partition=begin, random_state=seed, **walk).fit(A)
    before = map_equation(A, levels[-1] if two_level else levels, **walk)
    assert model.codelength_ <= before + 1e-9
    assert model.codelength_ == pytest.approx(map_equation(A, model.levels_, **walk), abs=1e-12)
    for one, other in zip(levels, kept, strict=True):
        np.testing.assert_array_equal(one, other)


@TWO_LEVEL
@DIRECTED
@pytest.mark.parametrize("seed", range(20))
def test_a_fit_is_a_start(two_level, directed, seed):
    A = sparse_groups(seed, directed)
    options = {"directed": directed, "two_level": two_level, "random_state": seed}
    first = InfoMap(**options).fit(A)
    again = InfoMap(initial_partition=first, **options).fit(A)
    assert again.codelength_ <= first.codelength_ + 1e-9
    given_levels = InfoMap(initial_partition=first.levels_, **options).fit(A)
    assert given_levels.codelength_ <= first.codelength_ + 1e-9
    flat = InfoMap(initial_partition=first, **options | {"two_level": True}).fit(A)
    assert len(flat.levels_) == 1


def test_a_fit_of_a_graph_that_changed():
    A, _, fine = groups_of_groups(np.random.default_rng(1))
    graph = nx.relabel_nodes(nx.from_numpy_array(A), lambda u: f"n{u}")
    first = InfoMap(random_state=0).fit(graph)
    rng = np.random.default_rng(0)
    graph.remove_nodes_from([f"n{u}" for u in rng.choice(128, 10, replace=False)])
    links = sorted(graph.edges)
    graph.remove_edges_from([links[e] for e in rng.choice(len(links), 30, replace=False)])
    graph.add_edges_from(
        [("new", "n0"), ("new", "n1"), ("newer", "new"), ("far", "off"), ("off", "sea")]
    )
    order = list(graph)
    rng.shuffle(order)
    changed = nx.Graph()
    changed.add_nodes_from(order)
    changed.add_edges_from(graph.edges)
    network = as_graph(changed)
    levels = initial_levels(first, network, flow_of(network, 0.15, "links", False, 1.0))
    rows = {name: row for row, name in enumerate(changed)}
    number = {name: row for row, name in enumerate(first.node_names_)}
    old = [name for name in changed if name in number]
    for known, begin in zip(first.levels_, levels, strict=True):
        stayed = [begin[rows[name]] for name in old]
        assert adjusted_rand_score(known[[number[name] for name in old]], stayed) > 0.95
    if "n0" in rows or "n1" in rows:
        near = {levels[-1][rows[name]] for name in ("n0", "n1") if name in rows}
        assert levels[-1][rows["new"]] in near
        assert levels[-1][rows["newer"]] in near
    model = InfoMap(initial_partition=first, random_state=0).fit(changed)
    assert model.codelength_ <= map_equation(changed, levels) + 1e-9
    truth = {name: fine[int(name[1:])] for name in old}
    found = [model.levels_[-1][rows[name]] for name in old]
    assert adjusted_rand_score([truth[name] for name in old], found) > 0.9
    fresh = InfoMap(n_trials=5, random_state=0).fit(changed)
    assert model.codelength_ <= fresh.codelength_ + 0.02


def test_a_fit_of_other_nodes():
    first = InfoMap().fit(nx.Graph([("a", "b"), ("b", "c")]))
    with pytest.raises(ValueError, match="no node of the graph has one of their names"):
        InfoMap(initial_partition=first).fit(nx.Graph([("x", "y")]))
    with pytest.raises(ValueError, match="no node of the graph has one of their names"):
        InfoMap(initial_partition=first).fit(np.ones((3, 3)))


def test_numbers_are_names_of_nodes_without():
    A, *_ = groups_of_groups(np.random.default_rng(1))
    first = InfoMap(random_state=0).fit(A[:100, :100])
    more = InfoMap(initial_partition=first, random_state=0).fit(A)
    assert more.codelength_ <= InfoMap(random_state=0).fit(A).codelength_ + 0.02
    fewer = InfoMap(initial_partition=more, random_state=0).fit(A[:50, :50])
    assert len(fewer.labels_) == 50


def test_faults_of_starts():
    A = np.ones((3, 3))
    with pytest.raises(ValueError, match="initial_partition must be nested"):
        InfoMap(initial_partition=[[0, 0, 1], [0, 1, 1]]).fit(A)
    with pytest.raises(ValueError, match=r"initial_partition must have shape \(3,\)"):
        InfoMap(initial_partition=InfoMap().fit(A).labels_[:2]).fit(A)
    with pytest.raises(ValueError, match="initial_partition"):
        InfoMap(initial_partition=InfoMap()).fit(A)


def test_start_of_states():
    A, physical = small_states(3, True)
    network = as_states(A, physical, True)
    first = InfoMap(random_state=0).fit(network)
    again = InfoMap(initial_partition=first, random_state=1).fit(network)
    assert again.codelength_ <= first.codelength_ + 1e-9


@pytest.mark.parametrize("named", [False, True])
def test_states_in_layers_are_known_by_layer_and_node(named):
    A, *_ = groups_of_groups(np.random.default_rng(2))
    rng = np.random.default_rng(0)
    names = [f"n{u}" for u in rng.permutation(128)] if named else None
    rows = [(a, *link) for a in (3, 5) for link in np.argwhere(np.triu(A))]
    layers = from_layers(np.array(rows), names=names)
    first = InfoMap(random_state=0).fit(layers)
    # Of layer 3 the first nodes go, and layer 2 comes; a number would be that of another state.
    rows = [(a, i, j) for a, i, j in rows if not (a == 3 and i < 20)]
    rows += [(2, i, j) for _, i, j in rows]
    network = from_layers(np.array(rows), names=names).to_states()
    levels = initial_levels(first, network, flow_of(network, 0.15, "links", False, 1.0))
    known = zip(first.state_layers_, first.state_physical_, strict=True)
    known = dict(zip(known, first.levels_[-1], strict=True))
    places = list(zip(network.layers, network.physical, strict=True))
    both = [u for u, place in enumerate(places) if place in known]
    assert len(both) > 200
    assert (
        adjusted_rand_score([known[places[u]] for u in both], [levels[-1][u] for u in both]) > 0.95
    )
    model = InfoMap(initial_partition=first, random_state=0).fit(network)
    assert model.codelength_ <= map_equation(network, levels) + 1e-9


def test_several_states_of_a_node_in_a_layer_are_known_by_number():
    A, _ = small_states(3, True)
    links = np.argwhere(A)
    layers = np.ones(len(A), int)
    network = from_states(links, np.zeros(len(A), int), layers=layers, directed=True)
    first = InfoMap(random_state=0).fit(network)
    levels = initial_levels(first, network, flow_of(network, 0.15, "links", False, 1.0))
    np.testing.assert_array_equal(levels[-1], first.levels_[-1])
