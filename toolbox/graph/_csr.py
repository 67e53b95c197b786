"""Loops over sparse rows (CSR)."""

import numpy as np

from toolbox._compile import njit
from toolbox.graph._intrinsics import prefetch

ONE = np.uintp(1)
CHANGE_LEFT = 1e-14  # of the visit rates in the last step
MOST_STEPS = 2000
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


@njit(fastmath={"reassoc", "contract"})  # sums in parallel; NaN and infinity stay
def settle_rates(indptr, indices, share, jump, land, rates):
    """Stationary visit rates of a walk with jumps, by Gauss-Seidel steps.  O(links) each.

    Rates that are new are used at once, for about half as many steps as the
    power method takes.

    Parameters
    ----------
    indptr, indices, share : arrays
        Rows of the links that enter each node; the share of the walkers at
        their source that take them.
    jump : float64 array of shape (n,)
        Share of the walkers at each node that jump, above 0.
    land : float64 array of shape (n,)
        Share of the jumps that land at each node.
    rates : float64 array of shape (n,)
        First guess; changed.
    """
    n = rates.size
    loop = np.zeros(n)
    for v in range(n):
        for e in range(indptr[v], indptr[v + 1]):
            if indices[e] == v:
                loop[v] += share[e]
    for _ in range(MOST_STEPS):
        jumping = 0.0
        for v in range(n):
            jumping += rates[v] * jump[v]
        change = 0.0
        total = 0.0
        for v in range(n):
            flow = land[v] * jumping - loop[v] * rates[v]
            for e in range(np.uintp(indptr[v]), np.uintp(indptr[v + 1])):
                flow += share[e] * rates[np.uintp(indices[e])]
            new = flow / (1.0 - loop[v])
            jumping += (new - rates[v]) * jump[v]
            change += abs(new - rates[v])
            rates[v] = new
            total += new
        for v in range(n):
            rates[v] /= total
        if change < CHANGE_LEFT:
            break
