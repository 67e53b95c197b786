"""The twin of the metadata term against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import random_graph
from tests.reference.corrections import metadata_codelength
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.official import link_text, official, random_paths, state_text


def categories_file(folder, categories):
    """Name of a file with the categories that are known."""
    path = folder / "categories.clu"
    path.write_text("".join(f"{i} {c}\n" for i, c in enumerate(categories) if c is not None))
    return str(path)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(15))
def test_metadata(tmp_path, directed, weighted, seed):
    A, _ = random_graph(seed, directed)
    rng = np.random.default_rng(seed)
    paths = random_paths(rng, len(A), depth=1 + seed % 3)
    categories = [[None, 0, 1, 2][i] for i in rng.integers(0 if seed % 2 else 1, 4, len(A))]
    result = official(
        tmp_path,
        link_text(A, directed),
        paths,
        flow_model="directed" if directed else "undirected",
        meta_data=categories_file(tmp_path, categories),
        meta_data_rate=0.6,
        meta_data_unweighted=not weighted,
    )
    flow = steps(A, directed)
    ours = tree_codelength(*flow, paths)
    ours += metadata_codelength(flow[0], paths, categories, 0.6, weighted)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


def test_states_have_a_category_and_a_word_each(tmp_path):
    # With metadata the official package no longer merges states of a physical node.
    A = np.ones((6, 6))
    A[0, 1] = A[1, 0] = 5
    physical, paths, categories = [0, 0, 1, 1, 2, 2], [(1,)] * 3 + [(2,)] * 3, [0, 1, 2, 0, 0, 1]
    result = official(
        tmp_path,
        state_text(A, physical, False),
        paths,
        physical=physical,
        meta_data=categories_file(tmp_path, categories),
    )
    flow = steps(A, False)
    ours = tree_codelength(*flow, paths) + metadata_codelength(flow[0], paths, categories)
    assert ours == pytest.approx(result.codelength, abs=1e-9)
