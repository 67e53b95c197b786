"""The twins of the regularized walk and of corrections of the code against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import WALKS, random_graph
from tests.reference.corrections import entropy_correction, module_count_penalty
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.official import (
    link_text,
    official,
    random_paths,
    state_text,
    walk_options,
)
from tests.reference.regularized import regularized_steps


@pytest.mark.parametrize("strength", [1.0, 0.3, 2.5])
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_regularized(tmp_path, directed, strength, seed):
    A, _ = random_graph(seed, directed)
    paths = random_paths(np.random.default_rng(seed), len(A))
    markov_time = [1.0, 0.7][seed % 2]
    result = official(
        tmp_path,
        link_text(A, directed),
        paths,
        flow_model="directed" if directed else "undirected",
        markov_time=markov_time,
        regularized=True,
        regularization_strength=strength,
    )
    flow = regularized_steps(A, directed, strength)
    rates = {node.node_id: node.flow for node in result.nodes()}
    np.testing.assert_allclose(flow[0], [rates[i] for i in range(len(A))], atol=1e-9)
    ours = tree_codelength(*flow, paths, markov_time)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


@pytest.mark.parametrize("unused", [0, 2])
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", range(10))
def test_regularized_states(tmp_path, directed, unused, seed):
    # Physical nodes without states count.
    A, _ = random_graph(seed, directed)
    rng = np.random.default_rng(seed)
    physical = rng.integers(0, len(A) // 2 + 1, len(A))
    physical = np.unique(physical, return_inverse=True)[1].tolist()
    n_physical = max(physical) + 1 + unused
    paths = random_paths(rng, len(A))
    names = "".join(f'{i} "{i}"\n' for i in range(n_physical))
    result = official(
        tmp_path,
        f"*Vertices {n_physical}\n{names}{state_text(A, physical, directed)}",
        paths,
        physical=physical,
        flow_model="directed" if directed else "undirected",
        regularized=True,
    )
    flow = regularized_steps(A, directed, n_physical=n_physical)
    ours = tree_codelength(*flow, paths, physical=physical)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


@pytest.mark.parametrize("scale", [1.0, 0.1])
@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(10))
def test_entropy_corrected(tmp_path, walk, scale, seed):
    A, _ = random_graph(seed, walk["directed"])
    A *= scale
    paths = random_paths(np.random.default_rng(seed), len(A), depth=1 + seed % 3)
    result = official(
        tmp_path,
        link_text(A, walk["directed"]),
        paths,
        entropy_corrected=True,
        entropy_correction_strength=0.7,
        **walk_options(**walk),
    )
    ours = tree_codelength(*steps(A, **walk), paths)
    ours += entropy_correction(A, walk["directed"], paths, 0.7)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_regularized_and_corrected(tmp_path, seed):
    # The links of the prior are no samples.
    A, _ = random_graph(seed, True)
    paths = random_paths(np.random.default_rng(seed), len(A))
    result = official(
        tmp_path,
        link_text(A, True),
        paths,
        flow_model="directed",
        regularized=True,
        entropy_corrected=True,
    )
    ours = tree_codelength(*regularized_steps(A, True), paths) + entropy_correction(A, True, paths)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


@pytest.mark.parametrize("preferred", [1, 2, 5])
def test_preferred_number_of_modules(tmp_path, preferred):
    A, _ = random_graph(1, False)
    paths = random_paths(np.random.default_rng(0), len(A), depth=3)
    result = official(tmp_path, link_text(A, False), paths, preferred_number_of_modules=preferred)
    ours = tree_codelength(*steps(A, False), paths) + module_count_penalty(preferred, paths)
    assert ours == pytest.approx(result.codelength, abs=1e-9)
