"""The twin of the hierarchical map equation against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import WALKS, random_graph
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import map_equation, steps
from tests.reference.official import link_text, official, random_paths, walk_options


@pytest.mark.parametrize("markov_time", [1.0, 0.7])
@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(10))
def test_tree(tmp_path, walk, markov_time, seed):
    A, _ = random_graph(seed, walk["directed"])
    paths = random_paths(np.random.default_rng(seed), len(A))
    result = official(
        tmp_path,
        link_text(A, walk["directed"]),
        paths,
        markov_time=markov_time,
        **walk_options(**walk),
    )
    ours = tree_codelength(*steps(A, **walk), paths, markov_time)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


def test_a_single_submodule_keeps_its_words(tmp_path):
    # Such a module is not left out of the tree; it costs the words of its two exits.
    A = np.ones((4, 4)) - np.eye(4)
    paths = [(1, 1), (1, 1), (2,), (2,)]
    ours = tree_codelength(*steps(A, False), paths)
    assert ours == pytest.approx(official(tmp_path, link_text(A, False), paths).codelength)
    assert ours > tree_codelength(*steps(A, False), [(1,), (1,), (2,), (2,)]) + 0.1


@pytest.mark.parametrize("walk", WALKS, ids=str)
def test_one_level_of_modules_is_the_map_equation(walk):
    A, labels = random_graph(7, walk["directed"])
    ours = tree_codelength(*steps(A, **walk), [(m,) for m in labels])
    assert ours == pytest.approx(map_equation(A, labels, **walk), abs=1e-12)
