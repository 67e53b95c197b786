"""The twin of multilayer networks against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import WALKS
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.multilayer import by_way_of_self, expand
from tests.reference.official import official, random_paths, walk_options

LAYERS = [
    ({}, {}),
    ({"relax_rate": 0.4}, {"multilayer_relax_rate": 0.4}),
    ({"relax_rate": 0.0}, {"multilayer_relax_rate": 0.0}),
    ({"relax_rate": 1.0}, {"multilayer_relax_rate": 1.0}),
    ({"limit_up": 2, "limit_down": 2}, {"multilayer_relax_limit": 2}),
    ({"limit_up": 2}, {"multilayer_relax_limit_up": 2}),
    ({"limit_down": 1}, {"multilayer_relax_limit_down": 1}),
    ({"by_divergence": True}, {"multilayer_relax_by_jsd": True}),
]


def random_layers(seed):
    """Links in layers with gaps between their numbers, and links between layers."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 7))
    layers = rng.choice([1, 2, 3, 5, 7], size=rng.integers(2, 5), replace=False).tolist()
    intra = {}
    for layer in layers:
        A = (rng.random((n, n)) < rng.uniform(0.1, 0.5)) * rng.uniform(0.1, 5, (n, n))
        A[0, 1] = 1.0
        intra[layer] = A
    inter = [
        (a, int(rng.integers(n)), b, float(rng.uniform(0.1, 5)))
        for a in layers
        for b in layers
        for _ in range(2)
        if a != b
    ]
    return intra, inter


def layer_text(intra, inter=None):
    """Content of a file of links in layers and between them."""
    lines = ["*Intra"]
    for layer, A in intra.items():
        lines += [f"{layer} {i} {j} {float(A[i, j])!r}" for i, j in np.argwhere(A)]
    if inter is not None:
        lines += ["*Inter", *(f"{a} {i} {b} {weight!r}" for a, i, b, weight in inter)]
    return "\n".join(lines)


def check(folder, seed, intra, inter, ours, theirs, walk=None, to_self=False):
    """Compare states, weights and the code of random modules."""
    walk = walk or {"directed": True}
    theirs = theirs | walk_options(**walk) | {"multilayer_relax_to_self": to_self}
    if not ours.get("directed", True):
        theirs["flow_model"] = "undirected"
    text = layer_text(intra, inter)
    states, A = expand(intra, inter, **ours)
    rates, links, jumps = steps(A, **walk)
    result = official(folder, text, **theirs)
    ids = {(node.layer_id, node.node_id): node.state_id for node in result.nodes(states=True)}
    assert sorted(ids) == states
    if to_self:
        visited = rates > 1e-12 if walk.get("recorded") else None
        links = by_way_of_self(states, links, intra, ours.get("directed", True), visited)
    else:
        position = {state_id: states.index(state) for state, state_id in ids.items()}
        B = np.zeros_like(A)
        for source, target, weight in result.links():
            B[position[source], position[target]] = weight
        np.testing.assert_allclose(A, B, atol=1e-9)
    paths = random_paths(np.random.default_rng(seed), len(states))
    physical = [node for _, node in states]
    result = official(
        folder,
        text,
        paths,
        [ids[state] for state in states],
        [f"{node} {layer}" for layer, node in states],
        **theirs,
    )
    code = tree_codelength(rates, links, jumps, paths, physical=physical)
    assert code == pytest.approx(result.codelength, abs=1e-9)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(("ours", "theirs"), LAYERS, ids=str)
@pytest.mark.parametrize("seed", range(8))
def test_relaxed(tmp_path, directed, ours, theirs, seed):
    intra, _ = random_layers(seed)
    check(tmp_path, seed, intra, None, ours | {"directed": directed}, theirs)


@pytest.mark.parametrize("walk", WALKS[1:], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_walks(tmp_path, walk, seed):
    intra, _ = random_layers(seed)
    check(tmp_path, seed, intra, None, {}, {}, walk)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("to_self", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_links_between_layers(tmp_path, directed, to_self, seed):
    intra, inter = random_layers(seed)
    check(tmp_path, seed, intra, inter, {"directed": directed}, {}, to_self=to_self)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_relaxed_to_self(tmp_path, directed, seed):
    intra, _ = random_layers(seed)
    check(tmp_path, seed, intra, None, {"directed": directed}, {}, to_self=True)


@pytest.mark.parametrize("walk", WALKS[2:], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_relaxed_to_self_walks(tmp_path, walk, seed):
    intra, _ = random_layers(seed)
    check(tmp_path, seed, intra, None, {}, {}, walk, to_self=True)


@pytest.mark.parametrize("directed", [True, False])
def test_full_links_are_a_state_network(tmp_path, directed):
    # *Multilayer says all links itself: no relaxation, undirected unless told otherwise.
    rng = np.random.default_rng(0)
    states = [(layer, node) for layer in (1, 2) for node in range(3)]
    A = np.triu(rng.uniform(0.1, 5, (6, 6)))
    text = "*Multilayer\n" + "".join(
        f"{states[u][0]} {states[u][1]} {states[v][0]} {states[v][1]} {float(A[u, v])!r}\n"
        for u, v in np.argwhere(A)
    )
    options = walk_options(directed)
    ids = {
        (node.layer_id, node.node_id): node.state_id
        for node in official(tmp_path, text, **options).nodes(states=True)
    }
    paths = [(1,), (1,), (2,), (1,), (2,), (2,)]
    tree = [f"{node} {layer}" for layer, node in states]
    theirs = official(tmp_path, text, paths, [ids[s] for s in states], tree, **options)
    A = A if directed else A + np.triu(A, 1).T
    physical = [node for _, node in states]
    ours = tree_codelength(*steps(A, directed), paths, physical=physical)
    assert ours == pytest.approx(theirs.codelength, abs=1e-9)
