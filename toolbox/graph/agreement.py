"""How far several partitions of the same nodes agree, and what they agree on."""

from dataclasses import dataclass, field
from numbers import Real

import numpy as np
from scipy import sparse

from toolbox._seeds import as_seed_sequence
from toolbox.graph._overlap import overlaps
from toolbox.graph._pairs import MAX_BYTES, coassignment
from toolbox.graph._parallel import each
from toolbox.graph.infomap import InfoMap
from toolbox.graph.network import Graph, as_graph

N_RUNS = 10  # searches of the graph of agreement that must come out alike
MOST_ROUNDS = 10
MOST_PAIRS = 100  # of partitions whose mutual information is looked at


@dataclass(frozen=True, eq=False)
class Consensus:
    """What several partitions of the same nodes have in common.

    Made by :func:`consensus`.  The fields that a
    :class:`~toolbox.graph.Certainty` has too mean the same.

    Attributes
    ----------
    labels : ndarray of shape (n_nodes,), int64
        The consensus; module 0 has the most nodes.
    partitions : ndarray of shape (n_partitions, n_nodes), int32
        The partitions that were given, with labels from 0 without gaps.
    stability : ndarray of shape (n_modules,)
        Mean over the partitions of the largest Jaccard index with a module
        there.
    recovered : ndarray of shape (n_modules,)
        Share of the partitions in which that is above a half.
    membership : ndarray of shape (n_nodes,)
        Share of the partitions in which the node is in the module that matches
        its own.
    similarity : ndarray of shape (n_partitions,)
        How far each partition agrees with the others: the mean over these and
        over the nodes of the largest Jaccard index of the node's module.
    agreement : float
        Mean adjusted mutual information of two partitions; 1 if there is one.
        Of more than 14 partitions a part of the pairs is looked at, as many for
        each of them.
    medoid : int
        The partition of the largest ``similarity``; of equals the first.
    graph : Graph or None
        The graph of the nodes, if one was given.
    """

    labels: np.ndarray
    partitions: np.ndarray
    stability: np.ndarray
    recovered: np.ndarray
    membership: np.ndarray
    similarity: np.ndarray
    agreement: float
    medoid: int
    graph: Graph | None = field(repr=False)

    @property
    def n_modules(self):
        """Number of modules of the consensus."""
        return len(self.stability)

    def coassignment(self, pairs="all", *, max_bytes=MAX_BYTES):
        """Share of the partitions in which two nodes share a module.

        Parameters
        ----------
        pairs : {"all", "links"}, default="all"
            All pairs of nodes, or only those with a link in the graph.
        max_bytes : int, default=2**32
            Largest matrix of all pairs to make.

        Returns
        -------
        scipy.sparse.csr_array of shape (n_nodes, n_nodes), float64
            Symmetric, with an empty diagonal.

        Raises
        ------
        ValueError
            If the matrix of all pairs would be larger than ``max_bytes``, and
            for ``pairs="links"`` without a graph.
        """
        return coassignment(self.partitions, pairs, self.graph, max_bytes)


def consensus(
    partitions,
    *,
    graph=None,
    threshold=0.5,
    n_jobs=None,
    random_state=None,
    max_bytes=MAX_BYTES,
    verbose=False,
):
    """Find the partition that several partitions of the same nodes agree on.

    The graph of agreement links two nodes by the share of the partitions in
    which they share a module, if that reaches a threshold; it is searched
    several times by :class:`InfoMap`, and what these searches agree on again,
    until all come out alike [1]_.

    Parameters
    ----------
    partitions : sequence of array-like of shape (n_nodes,) or of estimators
        Labels of any kind, or fitted estimators with ``labels_``.
    graph : Graph or anything else that ``fit`` takes, default=None
        Nodes that no link of it joins are not compared: for many nodes or large
        modules, where the pairs of all nodes would not fit in memory.
    threshold : float, default=0.5
        Smallest share that counts.  A node without any keeps its largest one.
    n_jobs : int, default=None
        Searches at the same time, as threads; the result does not depend on it.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the searches, and of which pairs of partitions are looked at.
    max_bytes : int, default=2**32
        Largest graph of agreement to make without a graph.
    verbose : bool, default=False
        Count the searches on stderr, if that is a terminal.

    Returns
    -------
    Consensus

    Raises
    ------
    ValueError
        For no partitions or unequal ones, estimators that are not fitted, a
        threshold out of range, and where the pairs of all nodes do not fit.

    References
    ----------
    .. [1] Lancichinetti, Fortunato (2012), Sci. Rep. 2, 336.
       doi:10.1038/srep00336

    Examples
    --------
    >>> from toolbox.graph import consensus
    >>> found = consensus([[0, 0, 0, 1, 1, 1], [5, 5, 5, 7, 7, 7], [0, 0, 1, 1, 1, 1]])
    >>> found.labels
    array([0, 0, 0, 1, 1, 1])
    >>> found.membership.round(2)
    array([1.  , 1.  , 0.67, 1.  , 1.  , 1.  ])
    >>> found.medoid
    0
    """
    given = _as_partitions(partitions)
    if not isinstance(threshold, Real) or not 0 < threshold <= 1:
        raise ValueError(f"threshold must be a number in (0, 1], got {threshold!r}")
    n_nodes = given.shape[1]
    if graph is not None:
        graph = as_graph(graph)
        if graph.n_nodes != n_nodes:
            raise ValueError(f"the graph has {graph.n_nodes} nodes, the partitions {n_nodes}")
    compare, search = as_seed_sequence(random_state).spawn(2)
    options = {"n_jobs": n_jobs, "verbose": verbose}
    labels = _agreed(given, graph, threshold, max_bytes, search, options)
    sums = overlaps(labels, given, n_nodes)
    similarity = _similarity(given, options)
    return Consensus(
        labels=labels.astype(np.int64),
        partitions=given,
        stability=sums.jaccard / len(given),
        recovered=sums.recovered / len(given),
        membership=sums.together / len(given),
        similarity=similarity,
        agreement=_agreement(given, np.random.default_rng(compare), options),
        medoid=int(np.argmax(similarity)),
        graph=graph,
    )


def _as_partitions(partitions):
    """Labels from 0 in the order in which they appear, a row for each partition."""
    rows = [_as_labels(k, each_one) for k, each_one in enumerate(partitions)]
    if not rows:
        raise ValueError("there are no partitions; pass at least one")
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"partitions must be of the same nodes; partition 0 has {len(rows[0])} labels, "
                f"partition {k} has {len(row)}"
            )
    return np.array(rows)


def _as_labels(k, partition):
    if hasattr(partition, "fit") and not hasattr(partition, "labels_"):
        raise ValueError(f"partition {k} is an estimator without labels_; fit it before")
    labels = np.asarray(getattr(partition, "labels_", partition))
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(
            f"partition {k} must be labels of shape (n_nodes,), got shape {labels.shape}"
        )
    _, first, labels = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[labels].astype(np.int32)


def _agreed(partitions, graph, threshold, max_bytes, seeds, options):
    """The consensus, by rounds of searches; int32 labels, 0 the largest module."""
    for _ in range(MOST_ROUNDS):
        if (partitions == partitions[0]).all():
            break
        agreeing, group = _agreement_graph(partitions, graph, threshold, max_bytes)

        def search(seed, agreeing=agreeing):
            model = InfoMap(two_level=True, random_state=np.random.default_rng(seed))
            return model.fit(agreeing)

        found = list(each(search, seeds.spawn(N_RUNS), unit="search", **options))
        found.sort(key=lambda model: model.codelength_)  # the shortest, if no round is the last
        partitions = _as_partitions([model.labels_[group] for model in found])
    order = np.argsort(-np.bincount(partitions[0]), kind="stable")
    return np.argsort(order)[partitions[0]].astype(np.int32)


def _agreement_graph(partitions, graph, threshold, max_bytes):
    """The graph of agreement, and the number of each node there.

    Nodes that are together in all partitions are one node with a loop: any
    partition of such nodes has the same code as that of all nodes, and the
    graph is small where much is agreed on.
    """
    _, first, group = np.unique(partitions, axis=1, return_index=True, return_inverse=True)
    group = group.ravel()
    size = np.bincount(group)
    if graph is None:
        shares = coassignment(np.ascontiguousarray(partitions[:, first]), "all", None, max_bytes)
        links = _from_threshold(shares, threshold, size > 1)
        of_size = sparse.diags_array(size.astype(np.float64))
        links = of_size @ links @ of_size + sparse.diags_array(size * (size - 1.0))
    else:
        shares = coassignment(partitions, "links", graph, max_bytes)
        links = _from_threshold(shares, threshold, size[group] > 1)
        nodes = np.arange(len(group))
        to_groups = sparse.csr_array((np.ones(len(group)), (nodes, group)))
        links = to_groups.T @ links @ to_groups
    return as_graph(sparse.csr_array(links), directed=False), group


def _from_threshold(shares, threshold, settled):
    """The shares that reach a threshold; the largest one of a node that none reaches.

    Settled nodes have others that they are always together with.
    """
    rows = np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))
    kept = shares.data >= threshold
    alone = (np.bincount(rows, kept, shares.shape[0]) == 0) & ~settled
    weak = np.flatnonzero(alone[rows])
    weak = weak[np.lexsort((shares.indices[weak], -shares.data[weak], rows[weak]))]
    kept[weak[np.flatnonzero(np.diff(rows[weak], prepend=-1))]] = True  # the first of each row
    entries = (shares.data[kept], (rows[kept], shares.indices[kept]))
    links = sparse.coo_array(entries, shape=shares.shape).tocsr()
    return links.maximum(links.T)


def _similarity(partitions, options):
    """Of each partition to the others: mean over these and the nodes of the best Jaccard index."""

    def compare(labels):
        best = overlaps(labels, partitions, len(labels)).jaccard @ np.bincount(labels)
        return (best / len(labels) - 1) / max(len(partitions) - 1, 1)  # less that with itself

    if len(partitions) == 1:
        return np.ones(1)
    return np.array(list(each(compare, list(partitions), unit="partition", **options)))


def _agreement(partitions, generator, options):
    """Mean adjusted mutual information of pairs of partitions."""
    from sklearn.metrics import adjusted_mutual_info_score

    if len(partitions) == 1:
        return 1.0

    def compare(pair):
        one, other = partitions[pair]
        return 1.0 if (one == other).all() else adjusted_mutual_info_score(one, other)

    pairs = list(_pairs(len(partitions), generator))
    return float(np.mean(list(each(compare, pairs, unit="pair", **options))))


def _pairs(k, generator):
    """Pairs of partitions to compare: all, or as many for each of them; (n_pairs, 2)."""
    steps = np.arange(1, k // 2 + 1)  # round a circle
    if len(steps) * k > MOST_PAIRS:
        steps = generator.permutation(steps)[: max(MOST_PAIRS // k, 1)]
    first = np.tile(np.arange(k), len(steps))
    pairs = np.column_stack((first, (first + np.repeat(steps, k)) % k))
    return np.unique(np.sort(pairs, axis=1), axis=0)  # half a circle meets each pair twice
