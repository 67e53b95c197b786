"""Overlaps of partitions and pairs of nodes, from the definitions, as loops over sets."""

import numpy as np


def modules(labels):
    """The set of nodes of each module, by its label."""
    return {m: {u for u, label in enumerate(labels) if label == m} for m in set(labels)}


def overlaps(labels, partitions, linked):
    """Sums over the partitions: (jaccard, recovered, set_apart, together)."""
    labels = [int(label) for label in labels]
    n_modules = max(labels) + 1
    jaccard, recovered, set_apart = np.zeros(n_modules), np.zeros(n_modules), np.zeros(n_modules)
    together = np.zeros(len(labels))
    for partition in partitions:
        others = modules([int(label) for label in partition])
        for m, mine in modules(labels).items():
            best, match = -1.0, None
            for k in sorted(others):
                index = len(mine & others[k]) / len(mine | others[k])
                if index > best:
                    best, match = index, others[k]
            jaccard[m] += best
            recovered[m] += best > 0.5
            rest, other_rest = linked - mine, linked - match
            union = rest | other_rest
            set_apart[m] += best > 0.5 and bool(union) and len(rest & other_rest) > len(union) / 2
            for u in mine & match:
                together[u] += 1
    return jaccard, recovered, set_apart, together


def coassignment(partitions):
    """Share of the partitions in which two different nodes share a module, (n, n)."""
    n = len(partitions[0])
    shares = np.zeros((n, n))
    for partition in partitions:
        for i in range(n):
            for j in range(n):
                if i != j and partition[i] == partition[j]:
                    shares[i, j] += 1 / len(partitions)
    return shares
