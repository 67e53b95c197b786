"""The twin of the map equation of state networks against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import WALKS, random_graph
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.official import official, random_paths, state_text, walk_options


def random_states(seed, directed, depth):
    """Links between state nodes, their physical nodes and modules."""
    A, _ = random_graph(seed, directed)
    rng = np.random.default_rng(seed)
    physical = rng.integers(0, len(A) // 2 + 1, len(A)).tolist()
    return A, physical, random_paths(rng, len(A), depth)


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(10))
def test_states(tmp_path, walk, depth, seed):
    A, physical, paths = random_states(seed, walk["directed"], depth)
    markov_time = [1.0, 0.7][seed % 2]
    text = state_text(A, physical, walk["directed"])
    result = official(
        tmp_path,
        text,
        paths,
        physical=physical,
        markov_time=markov_time,
        **walk_options(**walk),
    )
    ours = tree_codelength(*steps(A, **walk), paths, markov_time, physical)
    assert result.have_memory
    assert ours == pytest.approx(result.codelength, abs=1e-9)


def test_states_of_a_node_in_several_modules(tmp_path):
    # Two states of node 0 share a word in module 1 and not in the submodules of module 2.
    A = np.ones((8, 8))
    physical = [0, 0, 1, 2, 0, 3, 0, 4]
    paths = [(1,)] * 4 + [(2, 1)] * 2 + [(2, 2)] * 2
    ours = tree_codelength(*steps(A, False), paths, physical=physical)
    theirs = official(tmp_path, state_text(A, physical, False), paths, physical=physical)
    assert ours == pytest.approx(theirs.codelength, abs=1e-9)
    assert ours < tree_codelength(*steps(A, False), paths) - 0.1
