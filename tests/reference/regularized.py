"""The walk on a network with a Bayesian prior of links between all nodes, from its definition."""

import numpy as np

from tests.reference.map_equation import stationary


def regularized_steps(A, directed, strength=1.0, n_physical=None):
    """Visit rates, and the rates of steps over links and over links of the prior.

    The prior's link from i to j, i = j too, weighs
    strength * ln(n) / n * out_i * in_j / mean, where out_i is the mean weight
    of the links that leave i, in_j of those that enter j, and mean of all
    links (undirected: of all entries of A).  A node without such links gets
    the least that any other node has.  Both kinds of steps count.  States of
    n_physical nodes, if these are fewer, have ln(n_physical) / n_physical^3.
    """
    n = len(A)
    density = np.log(n) / n
    if n_physical not in (None, n):
        density = np.log(n_physical) / n_physical**3
    leaving = mean_weights(A)
    entering = mean_weights(A.T)
    prior = strength * density * np.outer(leaving, entering) / A[A > 0].mean()
    total = (A + prior).sum(axis=1)
    rates = stationary((A + prior) / total[:, None]) if directed else total / total.sum()
    return rates, (rates / total)[:, None] * A, (rates / total)[:, None] * prior


def mean_weights(A):
    """Mean weight of the links in each row."""
    means = [row[row > 0].mean() if row.any() else np.inf for row in A]
    return np.where(np.isinf(means), min(means), means)
