"""Graphs with known communities."""

import numbers
from importlib import resources
from pathlib import Path

import numpy as np
from scipy import sparse

from toolbox._seeds import as_generator


def load_karate():
    """Load Zachary's karate club.

    Returns
    -------
    graph : scipy.sparse.csr_array of shape (34, 34), float64
        Who met whom outside the club; symmetric, 78 links of weight 1.
    labels : ndarray of shape (34,), int64
        The club after the split: 0 Mr. Hi's, 1 the Officer's.

    References
    ----------
    .. [1] W. W. Zachary (1977), Journal of Anthropological Research 33(4).
       doi:10.1086/jar.33.4.3629752
    """
    return _load("karate")


def load_planted():
    """Load a planted partition of 200 nodes in 8 groups.

    The graph that ``make_planted_partition(200, 8, p_in=0.4, p_out=0.02,
    random_state=0)`` makes, for use where random numbers must not matter.

    Returns
    -------
    graph : scipy.sparse.csr_array of shape (200, 200), float64
        Symmetric, links of weight 1.
    labels : ndarray of shape (200,), int64
        Group of each node.
    """
    return _load("planted")


def make_planted_partition(n_nodes=200, n_groups=8, p_in=0.4, p_out=0.02, random_state=None):
    """Draw a graph of equal groups, each pair of nodes linked with one of two chances.

    Parameters
    ----------
    n_nodes : int, default=200
        Number of nodes.
    n_groups : int, default=8
        Number of groups; their sizes differ by one at most.  The nodes of a
        group have consecutive numbers.
    p_in : float, default=0.4
        Probability of a link between two nodes of one group.
    p_out : float, default=0.02
        Probability of a link between nodes of different groups.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the draws.

    Returns
    -------
    graph : scipy.sparse.csr_array of shape (n_nodes, n_nodes), float64
        Symmetric, without self-loops, links of weight 1.
    labels : ndarray of shape (n_nodes,), int64
        Group of each node.

    References
    ----------
    .. [1] A. Condon, R. M. Karp (2001), Random Structures & Algorithms 18(2).
       doi:10.1002/1098-2418(200103)18:2<116::AID-RSA1001>3.0.CO;2-2
    """
    _check("n_nodes", n_nodes, low=1, whole=True)
    _check("n_groups", n_groups, low=1, high=n_nodes, whole=True)
    _check("p_in", p_in, low=0, high=1)
    _check("p_out", p_out, low=0, high=1)
    rng = as_generator(random_state)

    labels = np.arange(n_nodes) * n_groups // n_nodes
    sizes = np.bincount(labels)
    # Pairs inside groups are numbered group after group, so one run draws them all.
    last = np.cumsum(sizes * (sizes - 1) // 2)
    found = _successes(last[-1], p_in, rng)
    group = np.searchsorted(last, found, side="right")
    first = np.append(0, last)[group]
    start = np.append(0, np.cumsum(sizes))[group]
    inside = _pairs(found - first) + start
    across = _pairs(_successes(n_nodes * (n_nodes - 1) // 2, p_out, rng))
    across = across[:, labels[across[0]] != labels[across[1]]]

    return _symmetric(np.hstack([inside, across]).T, n_nodes), labels


def make_lfr_graph(
    n_nodes=1000,
    *,
    mixing=0.3,
    average_degree=15,
    max_degree=None,
    degree_exponent=2.5,
    community_exponent=1.5,
    min_community=None,
    max_community=None,
    random_state=None,
):
    """Draw an LFR benchmark graph: power laws for degrees and community sizes.

    Degrees and community sizes follow truncated power laws.  Each node has the
    share ``1 - mixing`` of its links inside its community, up to rounding, and
    is placed at random among the communities that are large enough for it.
    Links are drawn by the configuration model, inside each community and
    across communities; collisions are exchanged with other links.  Links for
    which there is no place, in small or dense communities, are left out; these
    are hardly more than one in a hundred.

    Parameters
    ----------
    n_nodes : int, default=1000
        Number of nodes.
    mixing : float, default=0.3
        Share of the links that leave the community, 0 <= mixing <= 1.
    average_degree : float, default=15
        Mean of the degrees.
    max_degree : int, default=None
        Largest degree; by default three times the average, but less than half
        of the nodes where the average permits.
    degree_exponent : float, default=2.5
        Degree k has a probability proportional to ``k ** -degree_exponent``.
        The smallest degree follows from the average.
    community_exponent : float, default=1.5
        The same for the community sizes.
    min_community : int, default=None
        Smallest community; by default the average degree or 10, whichever is
        larger, but at most half of the nodes.
    max_community : int, default=None
        Largest community; by default twice the largest degree, but at most half
        of the nodes.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the draws.

    Returns
    -------
    graph : scipy.sparse.csr_array of shape (n_nodes, n_nodes), float64
        Symmetric, without self-loops, links of weight 1.
    labels : ndarray of shape (n_nodes,), int64
        Community of each node; 0 is the largest.

    Raises
    ------
    ValueError
        If no graph has these properties, or none was found.

    References
    ----------
    .. [1] A. Lancichinetti, S. Fortunato, F. Radicchi (2008), Physical Review E
       78, 046110. doi:10.1103/PhysRevE.78.046110
    """
    from toolbox.datasets import _lfr, _stubs

    _check("n_nodes", n_nodes, low=3, high=2**31 - 1, whole=True)
    _check("mixing", mixing, low=0, high=1)
    _check("average_degree", average_degree, low=1, high=n_nodes - 1)
    _check("degree_exponent", degree_exponent, low=0, high=100)
    _check("community_exponent", community_exponent, low=0, high=100)
    if max_degree is None:
        max_degree = int(np.ceil(max(min(3 * average_degree, (n_nodes - 1) // 2), average_degree)))
    _check("max_degree", max_degree, low=average_degree, high=n_nodes - 1, whole=True)
    if min_community is None:
        min_community = max(min(max(int(average_degree), 10), n_nodes // 2), 2)
    _check("min_community", min_community, low=2, high=n_nodes, whole=True)
    if max_community is None:
        max_community = max(min(2 * max_degree, (n_nodes + 1) // 2), min_community)
    _check("max_community", max_community, low=min_community, high=n_nodes, whole=True)
    _lfr.check_feasible(
        n_nodes, mixing, average_degree, max_degree, degree_exponent, min_community, max_community
    )
    rng = as_generator(random_state)

    degrees = _lfr.draw_degrees(n_nodes, average_degree, max_degree, degree_exponent, rng)
    internal = _lfr.round_at_random(_lfr.internal_share(degrees, mixing), rng)
    labels = _lfr.draw_communities(internal, min_community, max_community, community_exponent, rng)
    if labels is None:
        raise ValueError(
            f"max_degree={max_degree} and mixing={mixing} ask for more large communities than "
            f"min_community={min_community} and max_community={max_community} give; raise "
            "mixing or the community sizes, or lower max_degree"
        )
    internal, external = _lfr.split_degrees(degrees, internal, mixing, labels)
    # Some links may find no place; in small graphs a few are more than one in a hundred.
    n_ends = degrees.sum()
    tolerance = 0.01 * n_ends + np.sqrt(n_ends)
    if 2 * np.bincount(labels, external).max() - external.sum() > tolerance:
        raise ValueError(
            f"mixing={mixing} and max_community={max_community} give one community more links "
            "to others than all others have; lower max_community or mixing"
        )
    indptr, indices = _stubs.draw_links(internal, external, labels, rng)
    if n_ends - len(indices) > tolerance:
        raise ValueError(
            f"only {len(indices) / n_ends:.1%} of the links found a place: average_degree="
            f"{average_degree} is too dense inside communities (min_community={min_community}) "
            f"or between them (n_nodes={n_nodes}); lower it, or raise these"
        )
    # SciPy widens the indices to the type of indptr.
    small = np.int32 if len(indices) < 2**31 else np.int64
    entries = (np.ones(len(indices)), indices, indptr.astype(small))
    return sparse.csr_array(entries, shape=(n_nodes, n_nodes)), labels


def _load(name):
    labels = _read(f"{name}.labels.txt")
    return _symmetric(_read(f"{name}.txt"), len(labels)), labels


def _read(name):
    with (_data_folder() / name).open() as file:
        return np.loadtxt(file, dtype=np.int64)


def _data_folder():
    """The shipped files; those of the source tree where it is not installed, or editable."""
    try:
        return resources.files("toolbox.datasets.data")
    except ModuleNotFoundError:
        return Path(__file__).parents[2] / "data"


def _symmetric(links, n_nodes):
    """The graph with these links, of shape (n_links, 2), each in both rows."""
    rows, columns = np.append(links, links[:, ::-1], axis=0).T.astype(np.int32)
    entries = (np.ones(len(rows)), (rows, columns))
    return sparse.coo_array(entries, shape=(n_nodes, n_nodes)).tocsr()


def _successes(n_trials, p, rng):
    """Numbers of the trials, out of ``n_trials``, that succeed with probability p.

    Draws the gaps between successes.  O(successes)
    """
    if p == 0:
        return np.empty(0, np.int64)
    found = [np.array([-1])]
    while found[-1][-1] < n_trials - 1:
        left = (n_trials - found[-1][-1]) * p
        gaps = rng.geometric(p, size=int(left + 4 * np.sqrt(left)) + 1)
        # A gap beyond the end is as good as any other there, and cannot overflow.
        found.append(found[-1][-1] + np.cumsum(np.minimum(gaps, n_trials)))
    found = np.concatenate(found)[1:]
    return found[: np.searchsorted(found, n_trials)]


def _pairs(order):
    """Pair (i, j), j < i, of each i * (i - 1) / 2 + j; shape (2, n)."""
    i = ((1 + np.sqrt(1 + 8 * order)) / 2).astype(np.int64)
    return np.stack([i, order - i * (i - 1) // 2])


def _check(name, value, low, high=np.inf, whole=False):
    kind = numbers.Integral if whole else numbers.Real
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = "a whole number" if whole else "a number"
        raise TypeError(f"{name} must be {wanted}, got {value!r}")
    if not low <= value <= high:
        wanted = f"at least {low}" if high == np.inf else f"from {low} to {high}"
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
