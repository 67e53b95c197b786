"""The twin of bipartite networks against the official package."""

import numpy as np
import pytest

from tests.graph.test_codelength import WALKS
from tests.reference.bipartite import bipartite_steps, two_step_walk
from tests.reference.hierarchy import tree_codelength
from tests.reference.official import official, random_paths, walk_options


def random_bipartite(seed, directed, dangling=True):
    """Links between two kinds of nodes, and the number of those of the first kind."""
    rng = np.random.default_rng(seed)
    n, features = int(rng.integers(2, 8)), int(rng.integers(2, 8))
    A = np.zeros((n + features, n + features))
    A[:n, n:] = rng.random((n, features)) < 0.3
    A[n:, :n] = rng.random((features, n)) < 0.3
    A[0, n] = A[n, 0] = 1
    if not dangling:
        A[n:, 0] = 1
    A *= rng.uniform(0.1, 5, A.shape)
    return (A if directed else A + A.T), n


def bipartite_text(A, n, directed):
    """Content of a file; features have the numbers from n."""
    names = "".join(f'{i} "{i}"\n' for i in range(len(A)))
    links = "".join(f"{i} {j} {float(A[i, j])!r}\n" for i, j in np.argwhere(A) if directed or i < j)
    return f"*Vertices {len(A)}\n{names}*Bipartite {n}\n{links}"


def compare(folder, seed, A, n, flow, walk, **options):
    """Compare rates and the code of random modules, of primary nodes and features."""
    markov_time = [1.0, 0.7][seed % 2]
    paths = random_paths(np.random.default_rng(seed), len(A))
    options |= walk_options(**walk) | {"markov_time": markov_time}
    result = official(folder, bipartite_text(A, n, walk["directed"]), paths, **options)
    rates = {node.node_id: node.flow for node in result.nodes()}
    np.testing.assert_allclose(flow[0], [rates[i] for i in range(len(A))], atol=1e-9)
    ours = tree_codelength(*flow, paths, markov_time)
    assert ours == pytest.approx(result.codelength, abs=1e-9)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("walk", WALKS, ids=str)
@pytest.mark.parametrize("seed", range(10))
def test_bipartite(tmp_path, keep, walk, seed):
    A, n = random_bipartite(seed, walk["directed"])
    flow = bipartite_steps(A, n, keep_features=keep, **walk)
    compare(tmp_path, seed, A, n, flow, walk, skip_adjust_bipartite_flow=keep)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_regularized(tmp_path, keep, directed, seed):
    # The prior links all nodes, two features or two primary nodes too.
    A, n = random_bipartite(seed, directed)
    flow = bipartite_steps(A, n, directed, keep, regularization=0.7)
    options = {"regularized": True, "regularization_strength": 0.7}
    walk = {"directed": directed}
    compare(tmp_path, seed, A, n, flow, walk, skip_adjust_bipartite_flow=keep, **options)


@pytest.mark.parametrize("walk", WALKS[1:], ids=str)
@pytest.mark.parametrize("seed", range(20))
def test_two_step_walk(tmp_path, walk, seed):
    A, n = random_bipartite(seed, True, dangling=bool(seed % 2))
    flow = two_step_walk(A, n, **{k: v for k, v in walk.items() if k != "directed"})
    compare(tmp_path, seed, A, n, flow, walk, bipartite_teleportation=True)
