"""The search in state, multilayer and bipartite networks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.test_codelength import WALKS, random_graph
from tests.graph.test_hierarchy import (
    assert_levels,
    groups_of_groups,
    paths_of,
    random_levels,
    sparse_groups,
)
from tests.graph.test_official_bipartite import random_bipartite
from tests.graph.test_official_multilayer import layer_text, random_layers
from tests.reference.bipartite import bipartite_steps
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.multilayer import expand
from tests.reference.official import official, state_text, walk_options
from toolbox.graph import (
    InfoMap,
    as_graph,
    from_edges,
    from_layers,
    from_paths,
    from_states,
    map_equation,
)
from toolbox.graph._hierarchy import HierarchySearch
from toolbox.graph._search import Search
from toolbox.graph.bipartite import as_bipartite
from toolbox.graph.codelength import as_levels, code_of, constant_bits, flow_of

SEEDS = st.integers(0, 10**6)
DEPTHS = pytest.mark.parametrize("two_level", [True, False])


def as_states(A, physical, directed):
    """State network of a matrix."""
    once = A if directed else np.triu(A)
    rows, columns = np.nonzero(once)
    return from_states(
        np.column_stack([rows, columns]), physical, once[rows, columns], directed=directed
    )


def small_states(seed, directed):
    """Links between a few states, and their physical nodes."""
    A, _ = random_graph(seed, directed)
    rng = np.random.default_rng(seed)
    return A, rng.integers(0, rng.integers(1, len(A) + 1), len(A))


def large_states(seed, directed):
    """States of nodes in groups; about three a node, mostly in different groups."""
    A = sparse_groups(seed, directed)
    return A, np.random.default_rng(seed).integers(0, len(A) // 3, len(A))


def walk_of(walk, markov_time=1.0):
    """Parameters of ``flow_of``."""
    options = {"teleportation": 0.15, "teleport_to": "links", "recorded": False, **walk}
    del options["directed"]
    return (*options.values(), markov_time)


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_code_of_random_levels(walk, depth):
    for seed in range(10):
        A, physical = small_states(seed, walk["directed"])
        levels = random_levels(np.random.default_rng(seed), len(A), depth)
        twin = tree_codelength(*steps(A, **walk), paths_of(levels), 0.7, physical.tolist())
        network = as_states(A, physical, walk["directed"])
        ours = map_equation(network, levels, markov_time=0.7, **walk)
        assert ours == pytest.approx(twin, abs=1e-9)


@DEPTHS
@given(seed=SEEDS, walk=st.sampled_from(WALKS))
@settings(max_examples=100)
def test_result_costs_what_it_says(two_level, seed, walk):
    A, physical = small_states(seed, walk["directed"])
    network = as_states(A, physical, walk["directed"])
    model = InfoMap(two_level=two_level, random_state=seed, **walk).fit(network)
    assert_levels(model.levels_, model.flow_)
    ours = map_equation(network, model.levels_, **walk)
    assert model.codelength_ == pytest.approx(ours, abs=1e-12)
    paths = paths_of(model.levels_)
    twin = tree_codelength(*steps(A, **walk), paths, physical=physical.tolist())
    assert ours == pytest.approx(twin, abs=1e-9)


@given(SEEDS, st.sampled_from(WALKS))
@settings(max_examples=60)
def test_no_single_move_shortens_the_result(seed, walk):
    A, physical = small_states(seed, walk["directed"])
    network = as_states(A, physical, walk["directed"])
    flow = flow_of(network, *walk_of(walk))
    labels = Search(
        flow.level, flow.rules, np.random.default_rng(seed), physical=flow.physical
    ).run()
    rates = steps(A, **walk)

    def cost(labels):
        return tree_codelength(*rates, [(m,) for m in labels], physical=physical.tolist())

    best = cost(labels)
    linked = (A + A.T) > 0
    for u in range(len(A)):
        for m in {*labels[linked[u]], labels.max() + 1}:
            moved = labels.copy()
            moved[u] = m
            assert cost(moved) >= best - 1e-9


@given(SEEDS, st.sampled_from(WALKS), st.booleans())
@settings(max_examples=60)
def test_records_and_words_follow_the_moves(seed, walk, large):
    A, physical = (large_states if large else small_states)(seed, walk["directed"])
    network = as_states(A, physical, walk["directed"])
    flow = flow_of(network, *walk_of(walk))
    search = Search(flow.level, flow.rules, np.random.default_rng(seed), physical=flow.physical)
    labels = search.run()
    n = search.n_modules
    kept, held = search.work.modules[:n].copy(), search.words.held[:n].copy()
    cost = search.cost()
    search.record(labels)
    fresh = search.work.modules[:n]
    for field in ("flow", "exit", "enter", "jump", "land", "cost"):
        np.testing.assert_allclose(kept[field], fresh[field], atol=1e-11)
    assert search.cost() == pytest.approx(cost, abs=1e-10)
    code = code_of(flow, [labels]).total
    assert cost + constant_bits(flow) == pytest.approx(code, abs=1e-9)
    words = np.zeros((n, flow.physical.max() + 1))
    np.add.at(words, (labels, flow.physical), flow.node)
    naive = [sum(w * np.log2(w) for w in row if w > 0) for row in words]
    np.testing.assert_allclose(search.words.held[:n], naive, atol=1e-11)
    assert held.shape == search.words.held[:n].shape


@pytest.mark.parametrize("seed", range(10))
def test_merged_modules_share_the_words_of_all_their_nodes(seed):
    # Many modules without links between them, which the wanted number makes merge:
    # candidates by rare physical nodes, that hold frequent ones too.
    rng = np.random.default_rng(seed)
    A = np.triu(rng.random((300, 300)) < 0.5 / 300).astype(float)
    network = as_states(np.maximum(A, A.T), rng.integers(0, 25, 300), False)
    flow = flow_of(network, *walk_of({"directed": False}))
    rules = flow.rules._replace(preferred=1)
    search = Search(flow.level, rules, np.random.default_rng(seed), physical=flow.physical)
    labels = search.run()
    code = code_of(flow, [labels]).total + search.n_modules - 1
    assert search.cost() + constant_bits(flow) == pytest.approx(code, abs=1e-9)


@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_cost_of_the_search_is_the_code_of_its_levels(walk, seed):
    A, physical = large_states(seed, walk["directed"])
    network = as_states(A, physical, walk["directed"])
    flow = flow_of(network, *walk_of(walk))
    search = HierarchySearch(flow, np.random.default_rng(seed))
    begin = [
        labels.astype(np.int32) for labels in random_levels(np.random.default_rng(seed), len(A), 3)
    ]
    found = [
        search.run(),
        search.run_quickly(None),
        search.run(initial=begin),
        search.below(begin[0]),
    ]
    for levels, cost in found:
        if levels:
            code = code_of(flow, as_levels(levels, len(A))).total
            assert cost + constant_bits(flow) == pytest.approx(code, abs=1e-9)
    assert found[2][1] + constant_bits(flow) <= code_of(flow, begin).total + 1e-9


@DEPTHS
@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_equals_official_package(tmp_path, walk, two_level, seed):
    A, physical = large_states(seed, walk["directed"])
    network = as_states(A, physical, walk["directed"])
    model = InfoMap(two_level=two_level, random_state=seed, **walk).fit(network)
    paths = [tuple(label + 1 for label in path) for path in paths_of(model.levels_)]
    result = official(
        tmp_path,
        state_text(A, physical.tolist(), walk["directed"]),
        from_one(paths),
        physical=physical.tolist(),
        **walk_options(**walk),
    )
    assert model.codelength_ == pytest.approx(result.codelength, abs=1e-9)


def from_one(paths):
    """The same paths with numbers from 1 without gaps below each module."""
    numbers = {}
    for path in sorted(paths):
        for d in range(1, len(path) + 1):
            siblings = numbers.setdefault(path[: d - 1], {})
            siblings.setdefault(path[d - 1], len(siblings) + 1)
    return [tuple(numbers[path[:d]][path[d]] for d in range(len(path))) for path in paths]


def test_one_state_a_node_is_a_plain_graph():
    for seed in range(5):
        A = sparse_groups(seed, True)
        plain = InfoMap(directed=True, random_state=seed).fit(A)
        network = as_states(A, np.random.default_rng(seed).permutation(len(A)), True)
        levels = plain.levels_
        assert map_equation(network, levels) == pytest.approx(plain.codelength_, abs=1e-9)


@DEPTHS
def test_states_tell_overlapping_groups_apart(two_level):
    # Two groups of six nodes that share two; a state of these for each group.
    physical = [0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9]
    A = np.kron(np.eye(2), np.ones((6, 6))) - np.eye(12)
    A[0, 11] = A[11, 0] = 1
    model = InfoMap(two_level=two_level, random_state=0).fit(as_states(A, physical, False))
    assert len(set(model.labels_[:6])) == len(set(model.labels_[6:])) == 1
    assert model.n_modules_ == 2


@DEPTHS
def test_seeds_and_jobs_of_states(two_level):
    A, physical = large_states(1, True)
    network = as_states(A, physical, True)
    options = {"two_level": two_level, "n_trials": 4, "random_state": 2}
    first, again = (InfoMap(n_jobs=jobs, **options).fit(network) for jobs in (1, 2))
    assert first.codelength_ == again.codelength_
    for one, other in zip(first.levels_, again.levels_, strict=True):
        np.testing.assert_array_equal(one, other)


# Layers, paths and two kinds of nodes


@DEPTHS
@pytest.mark.parametrize("walk", WALKS[1:3], ids=str)
@pytest.mark.parametrize(
    ("ours", "limits"),
    [
        ({}, {}),
        ({"relax_rate": 0.4}, {}),
        ({"relax_limit": 1}, {"limit_up": 1, "limit_down": 1}),
        ({"relax_rate": 0.6, "relax_limit": (1, None)}, {"limit_up": 1}),
    ],
    ids=str,
)
def test_layers(two_level, walk, ours, limits):
    for seed in range(4):
        intra, _ = random_layers(seed)
        states, A = expand(intra, relax_rate=ours.get("relax_rate", 0.15), **limits)
        network = from_layers(intra, directed=True)
        model = InfoMap(two_level=two_level, random_state=seed, **ours, **walk).fit(network)
        in_order = np.lexsort((model.state_layers_, model.state_physical_))
        np.testing.assert_array_equal(in_order, np.arange(len(states)))
        where = [
            states.index((layer, node))
            for layer, node in zip(
                model.state_layers_.tolist(), model.state_physical_.tolist(), strict=True
            )
        ]
        A = A[np.ix_(where, where)]
        twin = tree_codelength(
            *steps(A, **walk), paths_of(model.levels_), physical=model.state_physical_.tolist()
        )
        assert model.codelength_ == pytest.approx(twin, abs=1e-9)
        again = map_equation(network.to_states(**ours), model.levels_, **walk)
        assert model.codelength_ == pytest.approx(again, abs=1e-12)


def test_layers_of_a_file(tmp_path):
    intra, inter = random_layers(3)
    path = tmp_path / "layers.net"
    for between in (None, inter):
        path.write_text(layer_text(intra, between))
        rows = [(a, i, j, A[i, j]) for a, A in intra.items() for i, j in np.argwhere(A)]
        network = from_layers(np.array(rows), between, directed=True)
        options = {"directed": True, "relax_rate": 0.3, "random_state": 0}
        read, made = (InfoMap(**options).fit(X) for X in (path, network))
        assert read.codelength_ == pytest.approx(made.codelength_, abs=1e-9)
        np.testing.assert_array_equal(read.state_physical_, made.state_physical_)
        np.testing.assert_array_equal(read.state_layers_, made.state_layers_)
        np.testing.assert_array_equal(read.labels_, made.labels_)


@DEPTHS
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_two_kinds_of_nodes(two_level, walk):
    for seed in range(8):
        A, n = random_bipartite(seed, walk["directed"])
        rows, columns = np.nonzero(A if walk["directed"] else np.triu(A))
        graph = from_edges(
            np.column_stack([rows, columns]),
            A[rows, columns],
            n_nodes=len(A),
            directed=walk["directed"],
        )
        network = as_bipartite(graph, n)
        model = InfoMap(two_level=two_level, random_state=seed, **walk).fit(network)
        assert_levels(model.levels_, model.flow_)
        flow = bipartite_steps(A, n, **walk)
        twin = tree_codelength(*flow, paths_of(model.levels_))
        assert model.codelength_ == pytest.approx(twin, abs=1e-9)
        np.testing.assert_allclose(model.flow_, flow[0], atol=1e-9)
        assert map_equation(network, model.levels_, **walk) == pytest.approx(twin, abs=1e-9)


def test_paths_with_memory():
    # Two circles that meet in "hub"; whoever comes from one goes on in it.
    circles = [["a", "b", "c", "hub"], ["x", "y", "z", "hub"]]
    paths = [circle * 5 for circle in circles]
    model = InfoMap(random_state=0).fit(from_paths(paths))
    assert model.n_modules_ == 2
    hub = model.physical_names_.index("hub")
    assert len(set(model.labels_[model.state_physical_ == hub])) == 2
    assert model.node_names_[0] == ("a", "b")
    without = InfoMap(random_state=0).fit(from_paths(paths, order=1))
    assert model.codelength_ < without.codelength_


def test_attributes():
    network = from_states(
        [(0, 1), (1, 2), (3, 4), (4, 5), (2, 0), (5, 3)], list("xyzxuv"), layers=[1, 1, 1, 4, 4, 4]
    )
    model = InfoMap(random_state=0).fit(network)
    assert model.state_physical_.tolist() == [0, 1, 2, 0, 3, 4]
    assert model.physical_names_ == list("xyzuv")
    assert model.state_layers_.tolist() == [1, 1, 1, 4, 4, 4]
    assert model.labels_.tolist() == [0, 0, 0, 1, 1, 1]
    plain = model.fit(np.ones((3, 3)))
    assert plain.state_physical_ is plain.physical_names_ is plain.state_layers_ is None


@DEPTHS
def test_significance_and_predict(two_level):
    A, *_ = groups_of_groups(np.random.default_rng(0))
    physical = np.arange(len(A)) % 100
    model = InfoMap(two_level=two_level, random_state=0).fit(as_states(A, physical, False))
    certainty = model.significance(8, random_state=0)
    assert certainty.stability.mean() > 0.5
    assert certainty.partitions.shape == (8, len(A))
    assert (model.predict(A) == model.labels_).mean() > 0.95


def test_entropies_of_states_are_not_corrected():
    network = as_states(np.ones((4, 4)), [0, 0, 1, 2], False)
    with pytest.raises(ValueError, match="entropy_correction is not for networks of states"):
        InfoMap(entropy_correction=1.0).fit(network)
    with pytest.raises(ValueError, match="entropy_correction is not for networks of states"):
        map_equation(network, [0, 0, 1, 1], entropy_correction=1.0)


@DEPTHS
@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_official_engine(two_level, walk):
    pytest.importorskip("infomap", reason="the extra infomap is not installed")
    for seed in range(2):
        A, physical = large_states(seed, walk["directed"])
        network = as_states(A, physical, walk["directed"])
        options = {"two_level": two_level, "random_state": seed, **walk}
        theirs = InfoMap(engine="infomap", **options).fit(network)
        assert_levels(theirs.levels_, theirs.flow_)
        twin = map_equation(network, theirs.levels_, **walk)
        assert theirs.codelength_ == pytest.approx(twin, abs=1e-12)
        ours = InfoMap(n_trials=3, **options).fit(network)
        np.testing.assert_allclose(ours.flow_, theirs.flow_, atol=1e-9)
        assert ours.codelength_ <= theirs.codelength_ + 0.1


@DEPTHS
@pytest.mark.parametrize("seed", range(5))
def test_predict_states(two_level, seed):
    rng = np.random.default_rng(seed)
    A = groups_of_groups(rng)[0][::2, ::2]
    physical = np.arange(len(A)) % 40
    model = InfoMap(two_level=two_level, random_state=0).fit(as_states(A, physical, False))
    for row in new_links(rng, 6, len(A)):
        larger = np.block([[A, row[:, None]], [row[None, :], np.zeros((1, 1))]])
        # The new node is a state of a node by itself.
        assert_least(model, row, steps(larger, False), len(A), [*physical.tolist(), 40])


@DEPTHS
@pytest.mark.parametrize("markov_time", [1.0, 0.6])
@pytest.mark.parametrize("seed", range(8))
def test_predict_two_kinds(two_level, markov_time, seed):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(6), 8)
    B = rng.random((48, 48)) < np.where(group[:, None] == group, 0.5, 0.04)
    B = B * rng.uniform(0.5, 2, B.shape)
    A = np.block([[np.zeros_like(B), B], [B.T, np.zeros_like(B)]])
    model = InfoMap(two_level=two_level, markov_time=markov_time, random_state=0)
    model.fit(as_bipartite(as_graph(A, False), 48))
    nothing = np.zeros(48)
    for links in new_links(rng, 6, 48):
        feature = np.append(links, nothing)
        larger = np.block([[A, feature[:, None]], [feature[None, :], np.zeros((1, 1))]])
        flow = bipartite_steps(larger, 48, False)
        assert_least(model, feature, flow, 96, markov_time=markov_time)
        primary = np.append(nothing, links)
        larger = np.block([[np.zeros((1, 1)), primary[None, :]], [primary[:, None], A]])
        flow = bipartite_steps(larger, 49, False)
        assert_least(model, primary, flow, 0, markov_time=markov_time)
    with pytest.raises(ValueError, match="links to primary nodes or to features, got both"):
        model.predict(np.ones((1, 96)))


def new_links(rng, n_new, n):
    """Weights of the links of new nodes."""
    rows = (rng.random((n_new, n)) < 0.06) * rng.uniform(0.5, 3, (n_new, n))
    rows[np.arange(n_new), rng.integers(0, n, n_new)] = 1.0
    return rows


def assert_least(model, row, flow, place, physical=None, markov_time=1.0):
    """No finest module that the new node links to adds less than the one predicted."""
    paths = paths_of(model.levels_)
    costs = {
        path: tree_codelength(*flow, [*paths[:place], path, *paths[place:]], markov_time, physical)
        for path in {paths[u] for u in np.flatnonzero(row)}
    }
    label = model.predict(row[None, :])[0]
    best = min(cost for path, cost in costs.items() if path[0] == label)
    assert best == pytest.approx(min(costs.values()), abs=1e-10)
