"""Checks of sparse rows (CSR)."""

import numpy as np

from toolbox._compile import njit
from toolbox.graph._intrinsics import prefetch

ONE = np.uintp(1)
AHEAD = np.uintp(32)  # entries whose mirror images are fetched before their turn


@njit
def is_symmetric(indptr, indices, weights, tolerance, alike):
    """Whether a canonical square CSR matrix equals its transpose.  O(entries).

    Rows are read in order and are sorted, so that the mirror image of each
    entry must be the next unread one of its column's row.  ``alike`` tells that
    all weights are the same, so that they need no look.
    """
    n = indptr.size - 1
    cursor = indptr[:-1].copy()
    last = np.uintp(indices.size - 1)
    for i in range(n):
        for e in range(np.uintp(indptr[i]), np.uintp(indptr[i + 1])):
            soon = cursor[np.uintp(indices[min(e + AHEAD, last)])]
            prefetch(indices, soon)
            if not alike:
                prefetch(weights, soon)
            j = np.uintp(indices[e])
            mirror = cursor[j]
            if mirror == indptr[j + ONE] or indices[mirror] != i:
                return False
            if not alike and abs(weights[mirror] - weights[e]) > tolerance * weights[e]:
                return False
            cursor[j] = mirror + 1
    return True
