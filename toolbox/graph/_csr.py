"""Checks of sparse rows (CSR)."""

from toolbox._compile import njit
from toolbox.graph._intrinsics import prefetch

AHEAD = 32  # entries whose mirror images are fetched before their turn


@njit
def is_symmetric(indptr, indices, weights, tolerance, alike):
    """Whether a canonical square CSR matrix equals its transpose.  O(entries).

    Rows are read in order and are sorted, so that the mirror image of each
    entry must be the next unread one of its column's row.  ``alike`` tells that
    all weights are the same, so that they need no look.
    """
    n = indptr.size - 1
    cursor = indptr[:-1].copy()
    last = indices.size - 1
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            soon = cursor[indices[min(e + AHEAD, last)]]
            prefetch(indices, soon)
            if not alike:
                prefetch(weights, soon)
            j = indices[e]
            mirror = cursor[j]
            if mirror == indptr[j + 1] or indices[mirror] != i:
                return False
            if not alike and abs(weights[mirror] - weights[e]) > tolerance * weights[e]:
                return False
            cursor[j] = mirror + 1
    return True
