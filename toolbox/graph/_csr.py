"""Checks and changes of sparse rows (CSR)."""

from toolbox._compile import njit
import numpy as np


@njit
def is_symmetric(indptr, indices, weights, tolerance):
    """Whether a canonical square CSR matrix equals its transpose.  O(entries).

    Rows are read in order and are sorted, so that the mirror image of each
    entry must be the next unread one of its column's row.
    """
    n = indptr.size - 1
    cursor = indptr[:-1].copy()
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            mirror = cursor[j]
            if mirror == indptr[j + 1] or indices[mirror] != i:
                return False
            if abs(weights[mirror] - weights[e]) > tolerance * weights[e]:
                return False
            cursor[j] = mirror + 1
    return True
