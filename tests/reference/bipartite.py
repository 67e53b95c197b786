"""The walk on bipartite networks, from its definition; primary nodes come before features."""

import numpy as np

from tests.reference.map_equation import stationary, steps


def bipartite_steps(A, n_primary, directed, keep_features=False, **options):
    """Rates of visits, of steps over links and of jumps: only primary nodes are visited.

    Each primary node also gets what flows between it and features, both ways;
    a step over links then stands for two.  With ``keep_features`` a feature is
    a node like others.
    """
    rates, links, jumps = steps(A, directed, **options)
    if keep_features:
        return rates, links, jumps
    rates = rates + links.sum(axis=0) + links.sum(axis=1)
    rates[n_primary:] = 0
    rates /= rates.sum()
    if jumps.any():
        jumps = recorded_jumps(A, n_primary, rates, **options)
    return rates, 2 * links, jumps


def recorded_jumps(A, n_primary, rates, teleportation=0.15, teleport_to="links", recorded=True):
    """Jumps from primary nodes to primary nodes."""
    land = primary_landing(A, n_primary, teleport_to, recorded)
    jumps = np.zeros_like(A)
    for i in range(n_primary):
        jump = teleportation if A[i].any() else 1.0
        jumps[i, :n_primary] = rates[i] * jump * land
    return jumps


def primary_landing(A, n_primary, teleport_to, recorded):
    """Where jumps land, among primary nodes."""
    if teleport_to == "nodes":
        return np.full(n_primary, 1 / n_primary)
    weight = A.sum(axis=0 if recorded else 1)[:n_primary]
    return weight / weight.sum()


def two_step_walk(A, n_primary, teleportation=0.15, teleport_to="links", recorded=False):
    """The same for the walk that may jump once in two steps, at primary nodes ("bipartite").

    Directed, and each feature needs a link that leaves it.
    """
    n = n_primary
    out = A.sum(axis=1)
    P = np.array([row / row.sum() if row.any() else row for row in A])
    there, back = P[:n, n:], P[n:, :n]
    land = primary_landing(A, n, teleport_to, recorded)
    stay = np.where(out[:n] > 0, 1 - teleportation, 0.0)
    visits = stationary(stay[:, None] * (there @ back) + (1 - stay)[:, None] * land)
    links, jumps = np.zeros_like(A), np.zeros_like(A)
    links[:n, n:] = visits[:, None] * there
    links[n:, :n] = (visits @ there)[:, None] * back
    rates = np.zeros(len(A))
    if recorded:
        rates[:n] = visits
        jumps[:n, :n] = (visits * (1 - stay))[:, None] * land
        return rates, 2 * (1 - teleportation) * links, jumps
    links /= links[:n].sum()
    rates[:n] = links[n:].sum(axis=0)[:n]
    return rates, 2 * links, jumps
