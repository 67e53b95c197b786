"""The walk on bipartite networks, from its definition; primary nodes come before features."""

import numpy as np

from tests.reference.map_equation import steps
from tests.reference.regularized import regularized_steps


def bipartite_steps(A, n_primary, directed, keep_features=False, regularization=0.0, **options):
    """Rates of visits, of steps over links and of jumps: only primary nodes are visited.

    Each of them also gets what flows between it and features, both ways; a
    step over links then stands for two.  Jumps go from primary nodes to
    primary nodes.  A feature without links counts as a primary node.  With
    ``keep_features`` a feature is a node like others.
    """
    if regularization:
        rates, links, jumps = regularized_steps(A, directed, regularization)
    else:
        rates, links, jumps = steps(A, directed, **options)
    if keep_features:
        return rates, links, jumps
    visited = np.arange(len(A)) < n_primary
    visited |= ~(A.any(axis=0) | A.any(axis=1))
    new = np.where(visited, rates + links.sum(axis=0) + links.sum(axis=1), 0.0)
    new /= new.sum()
    # Jumps are shares of the new rates, but over the prior's links of the old ones.
    leaving = jumps.sum(axis=1)
    if not regularization:
        leaving = new * np.where(A.any(axis=1), options.get("teleportation", 0.15), 1.0)
    land = np.where(visited, jumps.sum(axis=0), 0.0)
    if jumps.any():
        jumps = np.outer(np.where(visited, leaving, 0.0), land / land.sum())
    return new, 2 * links, jumps


def primary_landing(A, n_primary, teleport_to, recorded):
    """Where jumps land, among primary nodes."""
    if teleport_to == "nodes":
        return np.full(n_primary, 1 / n_primary)
    weight = A.sum(axis=0 if recorded else 1)[:n_primary]
    return weight / weight.sum()


def two_step_walk(A, n_primary, teleportation=0.15, teleport_to="links", recorded=False):
    """The same for the directed walk that may jump once in two steps, at primary nodes.

    Walkers in features that no link leaves are lost; of the others' rates,
    which keep their shares, a part is left in each two steps.
    """
    n = n_primary
    out = A.sum(axis=1)
    P = np.array([row / row.sum() if row.any() else row for row in A])
    there, back = P[:n, n:], P[n:, :n]
    land = primary_landing(A, n, teleport_to, recorded)
    stay = np.where(out[:n] > 0, 1 - teleportation, 0.0)
    visits, left = leading(stay[:, None] * (there @ back) + (1 - stay)[:, None] * land)
    links, jumps = np.zeros_like(A), np.zeros_like(A)
    links[:n, n:] = 2 * left * visits[:, None] * there
    links[n:, :n] = 2 * left * (visits @ there)[:, None] * back
    rates = np.zeros(len(A))
    if recorded:
        rates[:n] = visits
        jumps[:n, :n] = (visits * (1 - stay))[:, None] * land
        return rates, (1 - teleportation) * links, jumps
    rates[:n] = links[n:].sum(axis=0)[:n] / links[n:].sum()
    # Normalised by all that leaves primary nodes: from dangling ones nothing does.
    links *= 2 * left / links[:n].sum()
    return rates, links, jumps


def leading(P):
    """The rates whose shares a step of P keeps, and the part of them that is left."""
    values, vectors = np.linalg.eig(P.T)
    first = np.argmax(values.real)
    rates = vectors[:, first].real
    return rates / rates.sum(), values[first].real
