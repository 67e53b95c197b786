"""The map equation and the random walk, from the definitions, as loops over a dense matrix."""

import numpy as np


def entropy_of(rates):
    """H in bits of rates that need not sum to 1, times their sum."""
    total = sum(rates)
    return -sum(r * np.log2(r / total) for r in rates if r > 0)


def steps(A, directed, teleportation=0.15, teleport_to="links", recorded=False):
    """Visit rates (n,), and the rates of steps over links and of recorded jumps (n, n)."""
    n = len(A)
    links, jumps = np.zeros((n, n)), np.zeros((n, n))
    if not directed:
        total = A.sum()
        return A.sum(axis=1) / total, A / total, jumps
    out, into = A.sum(axis=1), A.sum(axis=0)
    if teleport_to == "nodes":
        land = np.full(n, 1 / n)
    else:
        land = into / into.sum() if recorded else out / out.sum()
    for i in range(n):
        stay = 1 - teleportation if out[i] > 0 else 0.0
        for j in range(n):
            links[i, j] = stay * A[i, j] / out[i] if out[i] > 0 else 0.0
            jumps[i, j] = (1 - stay) * land[j]
    rates = stationary(links + jumps)
    if recorded:
        return rates, rates[:, None] * links, rates[:, None] * jumps
    flow = np.zeros((n, n))
    for i in range(n):
        if out[i] > 0:
            flow[i] = rates[i] * A[i] / out[i]
    flow /= flow.sum()
    return flow.sum(axis=0), flow, np.zeros((n, n))


def stationary(P):
    """The rates that a step of the chain P keeps: an eigenvector, as a linear system."""
    n = len(P)
    system = np.vstack([P.T - np.eye(n), np.ones(n)])
    return np.linalg.lstsq(system, np.append(np.zeros(n), 1.0), rcond=None)[0]


def walk(A, directed, **options):
    """Visit rates (n,) and flows between nodes (n, n), recorded jumps included."""
    rates, links, jumps = steps(A, directed, **options)
    return rates, links + jumps


def map_equation(A, labels, directed, **options):
    """L(M) = q H(Q) + sum p_m H(P_m), rates of entering in Q, of leaving in P_m."""
    rates, flow = walk(A, directed, **options)
    labels = np.asarray(labels)
    enters, code = [], 0.0
    for m in set(labels.tolist()):
        inside = [i for i in range(len(A)) if labels[i] == m]
        outside = [i for i in range(len(A)) if labels[i] != m]
        leave = sum(flow[i, j] for i in inside for j in outside)
        enters.append(sum(flow[i, j] for i in outside for j in inside))
        code += entropy_of([leave, *(rates[i] for i in inside)])
    return entropy_of(enters) + code
