"""The map equation against its definition and against the official package."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.map_equation import map_equation as naive
from toolbox.graph import from_edges, map_equation

WALKS = [
    {"directed": False},
    {"directed": True},
    {"directed": True, "teleport_to": "nodes"},
    {"directed": True, "recorded": True},
    {"directed": True, "recorded": True, "teleport_to": "nodes"},
    {"directed": True, "teleportation": 0.4},
]


def random_graph(seed, directed, loops=True, weighted=True):
    """A small dense matrix, often with isolated and dangling nodes."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 13))
    A = (rng.random((n, n)) < rng.uniform(0.1, 0.5)).astype(float)
    if weighted:
        A *= rng.uniform(0.1, 5, (n, n))
    if not loops:
        np.fill_diagonal(A, 0)
    A[0, 1] = 1.0  # never without links
    if not directed:
        A = np.triu(A) + np.triu(A, 1).T
    return A, rng.integers(0, 4, n)


@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(20))
def test_equals_definition(walk, seed):
    A, labels = random_graph(seed, walk["directed"])
    assert map_equation(A, labels, **walk) == pytest.approx(naive(A, labels, **walk), abs=1e-9)


@pytest.mark.parametrize("markov_time", [1.0, 0.5, 3.0])
@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_equals_official_package(walk, markov_time, seed):
    infomap = pytest.importorskip("infomap", reason="the extra infomap is not installed")
    A, labels = random_graph(100 + seed, walk["directed"])
    network = infomap.Network()
    network.add_nodes(range(len(A)))
    for i, j in np.argwhere(A):
        if walk["directed"] or i <= j:
            network.add_link(int(i), int(j), A[i, j])
    result = network.run(
        two_level=True,
        no_infomap=True,
        initial_partition=dict(enumerate(labels.tolist())),
        flow_model="directed" if walk["directed"] else "undirected",
        teleportation_probability=walk.get("teleportation", 0.15),
        to_nodes=walk.get("teleport_to") == "nodes",
        recorded_teleportation=walk.get("recorded", False),
        markov_time=markov_time,
    )
    ours = map_equation(A, labels, markov_time=markov_time, **walk)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


def test_karate_values():
    graph = nx.karate_club_graph()
    one = np.zeros(34)
    assert map_equation(nx.to_numpy_array(graph, weight=None), one) == pytest.approx(
        4.704423, abs=1e-6
    )
    assert map_equation(graph, one) == pytest.approx(4.634008, abs=1e-6)


def test_a_self_loop_counts_once():
    # One node, a loop of weight w and a link of weight 1: rates (w + 1, 1) / (w + 2).
    A = [[3.0, 1.0], [1.0, 0.0]]
    rates = np.array([4, 1]) / 5
    assert map_equation(A, [0, 0]) == pytest.approx(-(rates * np.log2(rates)).sum(), abs=1e-12)


@given(st.integers(0, 10**6), st.sampled_from(WALKS))
@settings(max_examples=60, deadline=None)
def test_labels_weights_and_order_do_not_matter(seed, walk):
    A, labels = random_graph(seed, walk["directed"])
    code = map_equation(A, labels, **walk)
    names = np.array(["d", "a", "c", "b"])[labels]
    assert map_equation(A, names, **walk) == pytest.approx(code, abs=1e-10)
    assert map_equation(1e3 * A, labels, **walk) == pytest.approx(code, abs=1e-9)
    order = np.random.default_rng(seed).permutation(len(A))
    assert map_equation(A[np.ix_(order, order)], labels[order], **walk) == pytest.approx(
        code, abs=1e-9
    )


def test_one_module_costs_the_entropy_of_the_visits():
    A, _ = random_graph(3, directed=False)
    rates = A.sum(axis=0) / A.sum()
    rates = rates[rates > 0]
    entropy = -(rates * np.log2(rates)).sum()
    assert map_equation(A, np.zeros(len(A))) == pytest.approx(entropy, abs=1e-12)


def test_no_links_cost_nothing():
    assert map_equation(np.zeros((4, 4)), [0, 1, 1, 2]) == 0.0
    assert map_equation(np.zeros((4, 4)), [0, 1, 1, 2], directed=True) == 0.0


def test_wrong_number_of_labels():
    with pytest.raises(
        ValueError, match=r"labels must have shape \(3,\), or \(n_levels, 3\), got \(2,\)"
    ):
        map_equation(from_edges([(0, 1), (1, 2)]), [0, 1])


def test_bad_walk():
    with pytest.raises(ValueError, match="teleport_to must be 'links' or 'nodes', got 'moon'"):
        map_equation(np.ones((2, 2)), [0, 1], teleport_to="moon")
