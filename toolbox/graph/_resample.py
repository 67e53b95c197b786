"""Bootstrap graphs: the links of a graph drawn anew, in rows that stay sorted."""

from dataclasses import replace
from math import exp

import numpy as np

from toolbox._compile import njit


def _poisson_steps():
    """Where the distribution function of Poisson(1) steps up, in units of 2**-64."""
    steps, term, total = [], exp(-1), exp(-1)
    while round(total * 2.0**64) < 2**64:
        steps.append(round(total * 2.0**64))
        term /= len(steps)
        total += term
    return np.array(steps, np.uint64)


POISSON = _poisson_steps()
MOSTLY = 5  # steps that are looked at without a branch; one draw in 1700 goes beyond


def resampled(graph, way, generator):
    """A graph with the same nodes and other weights; links that get none are left out.

    O(entries).

    Parameters
    ----------
    graph : Graph
    way : {"links", "counts"}
        As in :meth:`InfoMap.significance`.
    generator : numpy.random.Generator

    Returns
    -------
    Graph
    """
    parts = graph.indptr, graph.indices, graph.weights
    if way == "links":
        weights = _drawn_links(*parts, graph.directed, np.uint64(generator.integers(2**63)))
    elif graph.directed:
        weights = generator.poisson(graph.weights).astype(np.float64)
    else:
        rows = np.repeat(np.arange(graph.n_nodes, dtype=np.int32), np.diff(graph.indptr))
        upper = rows <= graph.indices
        weights = np.empty(len(graph.weights))
        weights[upper] = generator.poisson(graph.weights[upper])
        _mirror(graph.indptr, graph.indices, weights)
    indptr, indices, weights = _kept(graph.indptr, graph.indices, weights)
    return replace(graph, indptr=indptr, indices=indices, weights=weights)


@njit
def _drawn_links(indptr, indices, weights, directed, seed):
    """Weights times numbers that have the Poisson(1) distribution, the same in both rows.

    The numbers come from a counter, which the link itself is, by the output
    function of SplitMix64; so the two rows of a link need not know each other.
    """
    n = np.uint64(indptr.size - 1)
    drawn = np.empty(weights.size)
    for i in range(indptr.size - 1):
        for e in range(np.uintp(indptr[i]), np.uintp(indptr[i + 1])):
            j = indices[e]
            low, high = (i, j) if directed else (min(i, j), max(i, j))
            z = seed + (np.uint64(low) * n + np.uint64(high)) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            times = 0
            for k in range(MOSTLY):
                times += z >= POISSON[k]
            if times == MOSTLY:
                while times < POISSON.size and z >= POISSON[times]:
                    times += 1
            drawn[e] = times * weights[e]
    return drawn


@njit
def _mirror(indptr, indices, weights):
    """Copy the weights of the upper triangle into the lower one.

    Rows are read in order and are sorted, so the mirror image of an entry is
    the next one of its column's row that has none yet.
    """
    cursor = indptr[:-1].copy()
    for i in range(indptr.size - 1):
        for e in range(cursor[i], indptr[i + 1]):
            j = indices[e]
            weights[cursor[j]] = weights[e]
            cursor[j] += 1


@njit
def _kept(indptr, indices, weights):
    """Rows of the links with a weight above zero."""
    starts = np.zeros(indptr.size, np.int64)
    columns = np.empty(indices.size + 1, np.int32)  # one more: written before it is counted
    kept = np.empty(indices.size + 1)
    end = 0
    for i in range(indptr.size - 1):
        for e in range(np.uintp(indptr[i]), np.uintp(indptr[i + 1])):
            columns[end] = indices[e]
            kept[end] = weights[e]
            end += weights[e] > 0.0
        starts[i + 1] = end
    return starts, columns[:end].copy(), kept[:end].copy()
