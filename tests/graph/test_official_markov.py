"""The twin of variable Markov time against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import WALKS, random_graph
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.official import link_text, official, random_paths, state_text, walk_options
from tests.reference.variable_markov import variable_markov_links

SCALES = [(1.0, 1.0), (0.0, 1.0), (0.5, 0.2), (0.8, 2.0), (0.0, 0.1)]


@pytest.mark.parametrize(("damping", "min_scale"), SCALES)
@pytest.mark.parametrize("walk", WALKS[:5], ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_variable_markov_time(tmp_path, walk, damping, min_scale, seed):
    A, _ = random_graph(seed, walk["directed"])
    rng = np.random.default_rng(seed)
    paths = random_paths(rng, len(A))
    physical, text = None, link_text(A, walk["directed"])
    if seed % 2:
        physical = rng.integers(0, len(A) // 2 + 1, len(A)).tolist()
        text = state_text(A, physical, walk["directed"])
    result = official(
        tmp_path,
        text,
        paths,
        physical=physical,
        markov_time=0.7,
        variable_markov_time=True,
        variable_markov_damping=damping,
        variable_markov_min_scale=min_scale,
        **walk_options(**walk),
    )
    rates, links, jumps = steps(A, **walk)
    links = variable_markov_links(A, rates, links, walk["directed"], damping, min_scale)
    ours = tree_codelength(rates, links, jumps, paths, 0.7, physical)
    assert ours == pytest.approx(result.codelength, abs=1e-9)
