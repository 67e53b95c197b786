"""x log2 x, the one function that the map equation is made of."""

import numpy as np

from toolbox._compile import njit
from toolbox.graph._intrinsics import bits_of, float_of


@njit
def plogp(x):
    """x log2 x, 0 for x <= 0, with log2 to 2e-14; no branch, so that loops vectorise.

    x = 2**e m with m in [sqrt(1/2), sqrt(2)), and log m = 2 artanh((m - 1) / (m + 1)),
    a series in odd powers of an argument below 0.172.
    """
    x = max(x, 0.0)
    bits = bits_of(x)
    e = (bits - 0x3FE6A09E667F3BCD) >> 52  # the constant holds the bits of sqrt(1/2)
    m = float_of(bits - (e << 52))
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    p = 1.0 / 19.0
    p = p * t + 1.0 / 17.0
    p = p * t + 1.0 / 15.0
    p = p * t + 1.0 / 13.0
    p = p * t + 1.0 / 11.0
    p = p * t + 1.0 / 9.0
    p = p * t + 1.0 / 7.0
    p = p * t + 1.0 / 5.0
    p = p * t + 1.0 / 3.0
    p = p * t + 1.0
    return x * (np.float64(e) + 2.8853900817779268 * s * p)  # 2 / ln 2


def plogp_of(rates):
    """x log2 x of an array, 0 for 0."""
    return rates * np.log2(rates, out=np.zeros_like(rates), where=rates > 0)


def sum_plogp(rates):
    """Sum of x log2 x over an array."""
    positive = rates[rates > 0]
    return float((positive * np.log2(positive)).sum())  # not @: BLAS would wake its threads
