"""Pairs of nodes that share a module in some of several partitions."""

import numpy as np
from scipy import sparse

from toolbox._compile import njit

MAX_BYTES = 2**32  # of a matrix of all pairs, unless told otherwise
SAMPLE = 2000  # rows that the size of the matrix is estimated from


def coassignment(partitions, pairs, graph, max_bytes):
    """Share of the partitions in which two nodes share a module.

    Parameters
    ----------
    partitions : int32 array of shape (n_partitions, n_nodes)
        Labels from 0 without gaps in each row.
    pairs : {"all", "links"}
    graph : Graph or None
        Its links are the pairs for ``"links"``.
    max_bytes : int
        Largest matrix to make for ``"all"``.

    Returns
    -------
    scipy.sparse.csr_array of shape (n_nodes, n_nodes), float64
    """
    n_partitions, n = partitions.shape
    if pairs == "links":
        if graph is None:
            raise ValueError('pairs="links" needs the graph, and none was given')
        links = _both_ways(graph)
        parts = links.indptr.astype(np.int64), links.indices.astype(np.int32)
        indptr, indices = parts
        counts = _count_links(indptr, indices, np.ascontiguousarray(partitions.T))
    elif pairs == "all":
        groups = _groups(partitions)
        needed = 12 * _estimated_pairs(groups, partitions)
        if needed > max_bytes:
            raise ValueError(
                f"the pairs of {n} nodes that share a module take about {needed / 1e9:.1f} GB, "
                f'and max_bytes is {max_bytes}; pass pairs="links" for the linked pairs alone, '
                "or a larger max_bytes"
            )
        indptr, indices, counts = _count_all(*groups, partitions)
    else:
        raise ValueError(f'pairs must be "all" or "links", got {pairs!r}')
    if len(indices) <= np.iinfo(np.int32).max:
        indptr = indptr.astype(np.int32)
    entries = (counts / n_partitions, indices, indptr)
    matrix = sparse.csr_array(entries, shape=(n, n))
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix


def _both_ways(graph):
    """Pattern of the links between different nodes, with both directions of each."""
    links = graph.to_scipy()
    if graph.directed:
        links = links + links.T
    links = sparse.csr_array(links)
    rows = np.repeat(np.arange(graph.n_nodes), np.diff(links.indptr))
    kept = rows != links.indices
    indptr = np.append(0, np.cumsum(kept))[links.indptr]
    return sparse.csr_array((links.data[kept], links.indices[kept], indptr), shape=links.shape)


def _groups(partitions):
    """Members of the modules, side by side, and where each module begins; for each partition."""
    most = int(partitions.max(initial=0)) + 1
    order = np.argsort(partitions, axis=1, kind="stable").astype(np.int32)
    starts = np.zeros((len(partitions), most + 1), np.int64)
    for start, labels in zip(starts, partitions, strict=True):
        start[1:] = np.cumsum(np.bincount(labels, minlength=most))
    return order, starts


def _estimated_pairs(groups, partitions):
    """About how many ordered pairs share a module anywhere; exact for few nodes."""
    n = partitions.shape[1]
    rows = np.arange(n)
    if n > SAMPLE:
        rows = np.random.default_rng(0).choice(n, SAMPLE, replace=False)
    return _count_rows(*groups, partitions, rows).sum() * (n / max(len(rows), 1))


@njit
def _count_links(indptr, indices, partitions):
    """For each link, in how many partitions, a column each, its ends share a module."""
    counts = np.zeros(indices.size)
    for i in range(indptr.size - 1):
        mine = partitions[i]
        for e in range(indptr[i], indptr[i + 1]):
            other = partitions[indices[e]]
            for p in range(mine.size):
                counts[e] += mine[p] == other[p]
    return counts


@njit
def _count_rows(order, starts, partitions, rows):
    """How many other nodes share a module with each of the given ones."""
    seen = np.full(partitions.shape[1], -1, np.int64)
    counts = np.zeros(rows.size, np.int64)
    for r in range(rows.size):
        u = rows[r]
        seen[u] = u
        for p in range(partitions.shape[0]):
            m = partitions[p, u]
            for i in range(starts[p, m], starts[p, m + 1]):
                v = order[p, i]
                counts[r] += seen[v] != u
                seen[v] = u
    return counts


@njit
def _count_all(order, starts, partitions):
    """CSR arrays of the pairs that share a module; the columns of a row in no order."""
    n = partitions.shape[1]
    indptr = np.zeros(n + 1, np.int64)
    indptr[1:] = np.cumsum(_count_rows(order, starts, partitions, np.arange(n)))
    indices = np.empty(indptr[n], np.int32)
    counts = np.empty(indptr[n])
    where = np.full(n, -1, np.int64)
    for u in range(n):
        begin = end = indptr[u]
        for p in range(partitions.shape[0]):
            m = partitions[p, u]
            for i in range(starts[p, m], starts[p, m + 1]):
                v = order[p, i]
                if v == u:
                    continue
                if where[v] < begin:
                    where[v] = end
                    indices[end] = v
                    counts[end] = 0.0
                    end += 1
                counts[where[v]] += 1.0
    return indptr, indices, counts
