"""How far the modules of one partition come again in others."""

from typing import NamedTuple

import numpy as np

from toolbox._compile import njit


class Overlaps(NamedTuple):
    """Sums over the other partitions.

    Attributes
    ----------
    jaccard : ndarray of shape (n_modules,), float64
        Largest Jaccard index with a module there.
    recovered : ndarray of shape (n_modules,), int64
        Whether that is above a half.
    set_apart : ndarray of shape (n_modules,), int64
        Whether it is so for the module and for the rest of the nodes too.
    together : ndarray of shape (n_nodes,), int64
        Whether the node is in the module that matches its own.
    """

    jaccard: np.ndarray
    recovered: np.ndarray
    set_apart: np.ndarray
    together: np.ndarray


def overlaps(labels, partitions, n_linked):
    """Compare a partition with others.  O(n_nodes) for each of these.

    Parameters
    ----------
    labels : int32 array of shape (n_nodes,)
        From 0 without gaps.
    partitions : int32 array of shape (n_partitions, n_nodes)
        The same, in each row.
    n_linked : int
        Number of nodes that have links; the others are modules of their own
        everywhere and no rest.

    Returns
    -------
    Overlaps
    """
    n_modules = int(labels.max()) + 1
    order = np.argsort(labels, kind="stable").astype(np.int32)
    starts = np.append(0, np.cumsum(np.bincount(labels, minlength=n_modules)))
    most = int(partitions.max(initial=0)) + 1
    return Overlaps(*_overlaps(order, starts, partitions, most, n_linked))


@njit
def _overlaps(order, starts, partitions, most, n_linked):
    n_modules, n = starts.size - 1, order.size
    jaccard = np.zeros(n_modules)
    recovered = np.zeros(n_modules, np.int64)
    set_apart = np.zeros(n_modules, np.int64)
    together = np.zeros(n, np.int64)
    size = np.empty(most, np.int32)
    shared = np.zeros(most, np.int32)
    for p in range(partitions.shape[0]):
        other = partitions[p]
        size[:] = 0
        for u in range(n):
            size[other[u]] += 1
        for m in range(n_modules):
            members = order[starts[m] : starts[m + 1]]
            for u in members:
                shared[other[u]] += 1
            best, match = 0.0, 0
            both, either = 0, 1
            for u in members:
                k = other[u]
                if shared[k] > 0:
                    union = members.size + size[k] - shared[k]
                    index = shared[k] / union
                    if index > best or (index == best and k < match):
                        best, match, both, either = index, k, shared[k], union
                    shared[k] = 0
            jaccard[m] += best
            recovered[m] += best > 0.5
            set_apart[m] += best > 0.5 and 2 * (n_linked - either) > n_linked - both
            for u in members:
                together[u] += other[u] == match
    return jaccard, recovered, set_apart, together
