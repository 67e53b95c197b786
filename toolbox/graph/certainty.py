"""How certain the modules of a graph are, by a bootstrap of its links."""

from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from numbers import Integral, Real

import numpy as np

from toolbox._seeds import as_seed_sequence
from toolbox.graph._overlap import overlaps
from toolbox.graph._pairs import MAX_BYTES, coassignment
from toolbox.graph._parallel import each
from toolbox.graph._resample import resampled
from toolbox.graph.network import Graph, as_graph

# Bootstrap graphs can be so noisy that a search that begins at a longer Markov time
# finds shorter codes at the end.  The first graphs tell which is best, or each one
# tries them all where that takes milliseconds.
BEGINNINGS = (1.0, 1.1, 1.2, 1.3)
N_TRIED = 3
SMALL = 5000  # nodes
MOST_COUNT = 1e18  # NumPy draws 64-bit integers


@dataclass(frozen=True, eq=False)
class Certainty:
    """What comes again of a partition when the links of the graph are drawn anew.

    Made by :meth:`InfoMap.significance`.  Modules are compared by their Jaccard
    index, nodes in both over nodes in either; every node counts the same, since
    visit rates change from draw to draw.  At most one module can have more than
    a half with a given one.

    Attributes
    ----------
    n_boot : int
        Number of bootstrap graphs.
    confidence : float
        Share of them that a significant module comes again in.
    labels : ndarray of shape (n_nodes,), int64
        The fitted partition.
    partitions : ndarray of shape (n_boot, n_nodes), int32
        Labels found in each bootstrap graph; of several levels those of the
        one that agrees best, by the mean over the nodes of the best Jaccard
        index of their modules.
    codelengths : ndarray of shape (n_boot,)
        Bits a step costs in each bootstrap graph.
    stability : ndarray of shape (n_modules,)
        Mean over the bootstraps of the largest Jaccard index with a module
        there [2]_.
    recovered : ndarray of shape (n_modules,)
        Share of the bootstraps in which that is above a half.
    set_apart : ndarray of shape (n_modules,)
        Share of the bootstraps in which it is so, by the same module, for the
        rest of the linked nodes too.  For small modules this is the same; a
        module of nearly all nodes comes again in any partition, but its rest
        does not.  A module of all linked nodes, without a rest, has 0.
    significant : ndarray of shape (n_modules,), bool
        Modules that are set apart in at least ``confidence`` of the bootstraps
        and have a core of at least two nodes.
    membership : ndarray of shape (n_nodes,)
        Share of the bootstraps in which the node is in the module that matches
        its own, the one of the largest Jaccard index, of equals the first.
    core : ndarray of shape (n_nodes,), bool
        Linked nodes with a membership of at least ``confidence``.  A star or a
        triangle may come again in most bootstraps, each time with other nodes
        missing; it has no core, much like in [1]_.
    graph : Graph
        What the links were drawn from.

    References
    ----------
    .. [1] Rosvall, Bergstrom (2010), PLoS ONE 5(1) e8694.
       doi:10.1371/journal.pone.0008694
    .. [2] Hennig (2007), Computational Statistics & Data Analysis 52(1).
       doi:10.1016/j.csda.2006.11.025
    """

    n_boot: int
    confidence: float
    labels: np.ndarray
    partitions: np.ndarray
    codelengths: np.ndarray
    stability: np.ndarray
    recovered: np.ndarray
    set_apart: np.ndarray
    significant: np.ndarray
    membership: np.ndarray
    core: np.ndarray
    graph: Graph = field(repr=False)

    @property
    def n_modules(self):
        """Number of modules of the fitted partition."""
        return len(self.stability)

    @property
    def n_significant(self):
        """Number of significant modules."""
        return int(np.count_nonzero(self.significant))

    def coassignment(self, pairs="all", *, max_bytes=MAX_BYTES):
        """Share of the bootstraps in which two nodes share a module.

        Parameters
        ----------
        pairs : {"all", "links"}, default="all"
            All pairs of nodes, or only those with a link in the graph.
        max_bytes : int, default=2**32
            Largest matrix of all pairs to make.

        Returns
        -------
        scipy.sparse.csr_array of shape (n_nodes, n_nodes), float64
            Symmetric, with an empty diagonal: it is a graph of the pairs, as
            ``fit`` takes it.

        Raises
        ------
        ValueError
            If the matrix of all pairs would be larger than ``max_bytes``.
        """
        return coassignment(self.partitions, pairs, self.graph, max_bytes)


class SignificanceMixin:
    """The method ``significance`` of an estimator of communities.

    Its ``fit`` keeps the Graph in ``_fitted_graph`` and sets ``labels_``,
    ``levels_`` and ``directed_``; ``random_state`` is among its parameters.
    ``_solve_quickly(graph, seed, longer)`` gives codelength and levels of another
    graph, found from what is best at ``longer`` times the Markov time.
    """

    def significance(
        self,
        n_boot=100,
        *,
        graph=None,
        level=0,
        resample="links",
        confidence=0.95,
        n_jobs=None,
        random_state=None,
        verbose=False,
    ):
        """How certain the modules are, by a bootstrap of the links.

        The links are drawn anew ``n_boot`` times, and each graph is solved with
        the settings of this estimator, but less tuning; modules that come again
        are certain [1]_.  The nodes stay, also those that lose all links.  A bootstrap graph
        is as noisy as half of the links would be, so that a module of few links
        can be real without being significant.

        Parameters
        ----------
        n_boot : int, default=100
            Number of bootstrap graphs.
        graph : Graph or anything else that ``fit`` takes, default=None
            The graph of the fit; needed after pickling, which leaves it out.
        level : int, default=0
            Which of ``levels_`` to examine.
        resample : {"links", "counts"}, default="links"
            Each link comes a number of times that is Poisson distributed with
            mean 1, and its weight is multiplied by that number; or each weight
            is drawn with the weight as its mean, for weights that are counts.
        confidence : float, default=0.95
            Share of the bootstraps in which a significant module comes again.
        n_jobs : int, default=None
            Bootstraps at the same time, as threads; the result does not depend
            on it.
        random_state : int, Generator, RandomState or None, default=None
            Seed of the draws and the searches; None: that of the estimator.
        verbose : bool, default=False
            Count the bootstraps on stderr, if that is a terminal.

        Returns
        -------
        Certainty

        Raises
        ------
        ValueError
            For parameters out of range, for another graph than that of the fit,
            and for a fit that was pickled if no graph is given.

        References
        ----------
        .. [1] Rosvall, Bergstrom (2010), PLoS ONE 5(1) e8694.
           doi:10.1371/journal.pone.0008694

        Examples
        --------
        >>> from toolbox.datasets import load_planted
        >>> from toolbox.graph import InfoMap
        >>> graph, _ = load_planted()
        >>> certainty = InfoMap(random_state=0).fit(graph).significance(20)
        >>> certainty.n_significant, certainty.n_modules
        (8, 8)
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self)
        if graph is None:
            graph = getattr(self, "_fitted_graph", None)
        if graph is None:
            raise ValueError("a pickled fit is without its graph; pass that as graph=...")
        graph = as_graph(graph, self.directed_)
        _check(graph, self, n_boot, level, resample, confidence)
        labels = self.levels_[level]
        compared = labels.astype(np.int32)
        linked = _linked(graph)
        n_linked = int(np.count_nonzero(linked))

        def _solve(seed, longer):
            drawn = resampled(graph, resample, np.random.default_rng(seed))
            codelength, levels = self._solve_quickly(drawn, seed, longer)
            return codelength, _closest(levels, compared, n_linked)

        def _try(seed):
            return [_solve(seed, longer) for longer in BEGINNINGS]

        seeds = as_seed_sequence(self.random_state if random_state is None else random_state)
        partitions = np.empty((n_boot, graph.n_nodes), np.int32)
        codelengths = np.empty(n_boot)
        seeds = seeds.spawn(n_boot)
        n_tried = n_boot if graph.n_nodes <= SMALL else N_TRIED
        tried = list(each(_try, seeds[:n_tried], n_jobs, verbose, "bootstrap"))
        mean = np.mean([[codelength for codelength, _ in found] for found in tried], axis=0)
        best = BEGINNINGS[int(np.argmin(mean))]
        rest = each(partial(_solve, longer=best), seeds[n_tried:], n_jobs, verbose, "bootstrap")
        shortest = (min(found, key=lambda one: one[0]) for found in tried)
        for i, found in enumerate(chain(shortest, rest)):
            codelengths[i], partitions[i] = found
        sums = overlaps(compared, partitions, n_linked)
        often = confidence * n_boot - 1e-9  # 0.07 * 100 is above 7
        core = linked & (sums.together >= often)
        return Certainty(
            n_boot=int(n_boot),
            confidence=float(confidence),
            labels=labels,
            partitions=partitions,
            codelengths=codelengths,
            stability=sums.jaccard / n_boot,
            recovered=sums.recovered / n_boot,
            set_apart=sums.set_apart / n_boot,
            significant=(sums.set_apart >= often) & (np.bincount(labels, core) >= 2),
            membership=sums.together / n_boot,
            core=core,
            graph=graph,
        )

    def __getstate__(self):
        """State to pickle: that of the estimator without its graph."""
        state = dict(super().__getstate__())
        state.pop("_fitted_graph", None)  # may be far larger than the result
        return state


def _closest(levels, labels, n_linked):
    """Of the levels of a hierarchy the one that agrees best; of equals the first."""
    levels = [np.asarray(level).astype(np.int32) for level in levels]
    if len(levels) == 1:
        return levels[0]
    size = np.bincount(labels)
    return max(levels, key=lambda level: size @ overlaps(labels, level[None], n_linked).jaccard)


def _linked(graph):
    """Whether each node has a link to another one."""
    rows = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
    other = rows != graph.indices
    linked = np.zeros(graph.n_nodes, bool)
    linked[rows[other]] = linked[graph.indices[other]] = True
    return linked


def _check(graph, fitted, n_boot, level, resample, confidence):
    if not isinstance(n_boot, Integral) or isinstance(n_boot, bool) or n_boot < 1:
        raise ValueError(f"n_boot must be a whole number from 1, got {n_boot!r}")
    n_levels = len(fitted.levels_)
    if not isinstance(level, Integral) or not 0 <= level < n_levels:
        raise ValueError(f"level must be a whole number from 0 to {n_levels - 1}, got {level!r}")
    if resample not in ("links", "counts"):
        raise ValueError(f'resample must be "links" or "counts", got {resample!r}')
    if not isinstance(confidence, Real) or not 0 < confidence <= 1:
        raise ValueError(f"confidence must be a number in (0, 1], got {confidence!r}")
    if graph.n_nodes != len(fitted.labels_):
        raise ValueError(
            f"the graph has {graph.n_nodes} nodes, the result {len(fitted.labels_)}; "
            "pass the graph that the estimator was fitted on"
        )
    if resample == "counts" and graph.weights.max(initial=0) > MOST_COUNT:
        raise ValueError(
            f'resample="counts" needs weights up to {MOST_COUNT:g}, got '
            f'{graph.weights.max():g}; pass resample="links"'
        )
