"""Shipped graphs and planted partitions."""

import hashlib
import re

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbox.datasets import graphs, load_karate, load_planted, make_planted_partition


def links_of(graph):
    """Pairs i < j, after a check of the form that all graphs here have."""
    assert graph.has_canonical_format
    assert graph.dtype == np.float64
    assert graph.indices.dtype == np.int32
    assert (graph != graph.T).nnz == 0
    assert (graph.data == 1).all()
    assert not graph.diagonal().any()
    rows, columns = graph.nonzero()
    return set(zip(*np.array([rows, columns])[:, rows < columns].tolist(), strict=True))


def test_karate_is_the_one_of_networkx():
    graph, labels = load_karate()
    known = nx.karate_club_graph()
    assert links_of(graph) == {tuple(sorted(link)) for link in known.edges}
    assert labels.dtype == np.int64
    assert labels.tolist() == [int(known.nodes[i]["club"] == "Officer") for i in range(34)]


def test_planted_is_what_the_generator_makes():
    graph, labels = load_planted()
    made, groups = make_planted_partition(200, 8, p_in=0.4, p_out=0.02, random_state=0)
    assert links_of(graph) == links_of(made)
    assert labels.dtype == groups.dtype == np.int64
    assert np.array_equal(labels, groups)


def test_checksums_of_the_data_folder():
    folder = graphs._data_folder()
    table = re.findall(
        r"^\| `([^`]+)` .*\| `(\w{64})` \|$", (folder / "README.md").read_text(), re.M
    )
    shipped = {file.name for file in folder.iterdir() if file.name.endswith(".txt")}
    assert {name for name, _ in table} == shipped
    for name, checksum in table:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum, name


def test_planted_partition_has_the_expected_numbers_of_links():
    n, k, p_in, p_out = 3000, 7, 0.05, 0.003
    graph, labels = make_planted_partition(n, k, p_in, p_out, random_state=3)
    sizes = np.bincount(labels)
    assert sizes.max() - sizes.min() <= 1
    links = np.array(sorted(links_of(graph))).T
    inside = labels[links[0]] == labels[links[1]]
    pairs_in = (sizes * (sizes - 1) // 2).sum()
    pairs_out = n * (n - 1) // 2 - pairs_in
    for found, pairs, p in [(inside.sum(), pairs_in, p_in), (sum(~inside), pairs_out, p_out)]:
        assert abs(found - pairs * p) < 4 * np.sqrt(pairs * p)


def test_every_pair_is_as_likely():
    counts = sum(make_planted_partition(6, 2, 0.7, 0.2, seed)[0].toarray() for seed in range(2000))
    labels = np.repeat([0, 1], 3)
    expected = np.where(labels == labels[:, None], 0.7, 0.2)
    np.fill_diagonal(expected, 0)
    assert np.abs(counts / 2000 - expected).max() < 0.05


@given(st.integers(1, 30), st.data(), st.integers(0, 5))
def test_planted_partition_at_the_ends(n, data, seed):
    k = data.draw(st.integers(1, n))
    graph, labels = make_planted_partition(n, k, 1, 0, seed)
    same = labels == labels[:, None]
    assert np.array_equal(graph.toarray(), same & ~np.eye(n, dtype=bool))
    graph, _ = make_planted_partition(n, k, 0.0, 1.0, seed)
    assert np.array_equal(graph.toarray(), ~same)
    links_of(make_planted_partition(n, k, 0.3, 1e-300, seed)[0])


@pytest.mark.parametrize("state", [5, np.int64(5)])
def test_same_seed_same_graph(state):
    first, second = (
        make_planted_partition(random_state=5)[0],
        make_planted_partition(random_state=state)[0],
    )
    assert links_of(first) == links_of(second)
    assert links_of(first) != links_of(make_planted_partition(random_state=6)[0])


def test_random_states_advance():
    for state in (np.random.default_rng(1), np.random.RandomState(1)):
        one, two = (links_of(make_planted_partition(random_state=state)[0]) for _ in range(2))
        assert one != two


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_nodes": 0}, ValueError, "n_nodes must be at least 1, got 0"),
        ({"n_nodes": 5, "n_groups": 6}, ValueError, "n_groups must be from 1 to 5, got 6"),
        ({"p_in": 1.5}, ValueError, "p_in must be from 0 to 1, got 1.5"),
        ({"p_out": float("nan")}, ValueError, "p_out must be from 0 to 1, got nan"),
        ({"n_groups": 2.0}, TypeError, "n_groups must be a whole number, got 2.0"),
        ({"p_in": "high"}, TypeError, "p_in must be a number, got 'high'"),
    ],
)
def test_errors(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        make_planted_partition(**arguments)
