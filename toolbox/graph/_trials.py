"""Several searches of one graph, the best of which counts."""

import threading
import time

import numpy as np

from toolbox.graph._hierarchy import QUICK, HierarchySearch
from toolbox.graph._parallel import each
from toolbox.graph._plogp import plogp, sum_plogp
from toolbox.graph._search import SAME, Cancelled, Search

# On small graphs, where a search takes milliseconds, a trial begins with two
# searches, and some more if these do not agree.
SMALL = 5000  # nodes, or links
MOST_STARTS = 5


class Watch:
    """Tells a search to stop.

    Parameters
    ----------
    deadline : float, default=inf
        Of ``time.monotonic``.
    """

    def __init__(self, deadline=np.inf):
        self.deadline = deadline
        self.cancelled = threading.Event()

    def __call__(self):
        """Whether the time is up; raises Cancelled if nobody wants a result."""
        if self.cancelled.is_set():
            raise Cancelled
        return time.monotonic() > self.deadline


def n_starts(graph, two_level):
    """How many searches a trial begins with.

    A hierarchy of a directed graph, which takes longest, more often begins with one.
    """
    small = graph.n_nodes <= SMALL
    if graph.directed and not two_level:
        small = len(graph.indices) <= SMALL
    return MOST_STARTS if small else 1


def best_partition(flow, initial, seeds, n_jobs, verbose, *, two_level, n_starts, watch):
    """The shortest code of several searches; the first one of equals.

    Parameters
    ----------
    flow : Flow
    initial : list of int32 array of shape (n_nodes,) or None
        Levels to start from, coarsest first.
    seeds : list of SeedSequence
        One for each search.
    n_jobs : int or None
        Searches at the same time, as threads: they run without the GIL.
    verbose : bool
        Count the searches on stderr, if that is a terminal.
    two_level : bool
        Whether modules have no submodules.
    n_starts : int
        Searches that a trial begins with.
    watch : Watch

    Returns
    -------
    levels : list of int32 array of shape (n_nodes,)
    """
    if len(seeds) == 1:
        return _trial(flow, initial, seeds[0], two_level, n_starts, watch)[1]
    trials = each(
        lambda numbered: _trial(
            flow, initial, numbered[1], two_level, n_starts, watch, late=numbered[0] > 0
        ),
        list(enumerate(seeds)),
        n_jobs,
        verbose,
        "trial",
    )
    try:
        return min(trials, key=lambda trial: trial[0])[1]
    except BaseException:
        watch.cancelled.set()  # Ctrl-C reaches the main thread alone
        raise


def quick_partition(flow, seeds, two_level, longer=None):
    """The best of several searches that save time; levels and cost.

    For many graphs of which none is the last word: less tuning, and of large ones
    groups of modules without what could be below them.

    Parameters
    ----------
    flow : Flow
    seeds : list of SeedSequence
        One for each search.
    two_level : bool
    longer : Flow, default=None
        For a longer Markov time, to begin with; this finds larger modules,
        which in noisy graphs lead to better ones.

    Returns
    -------
    levels : list of int32 array of shape (n_nodes,)
    cost : float
    """
    found = []
    for seed in seeds:
        generator = np.random.default_rng(seed)
        start = None
        if longer is not None:
            start = Search(longer.level, longer.rules, generator, physical=longer.physical).merge()
        if two_level:
            search = Search(flow.level, flow.rules, generator, physical=flow.physical)
            found.append(([search.run(start, QUICK)], search.cost()))
        elif len(flow.node) <= SMALL:
            found.append(
                HierarchySearch(flow, generator).run(1, start if start is None else [start])
            )
        else:
            found.append(HierarchySearch(flow, generator).run_quickly(start))
    levels, cost = min(found, key=lambda search: search[1])
    together, cost_together = _all_together(flow)
    if not levels or cost_together < cost - SAME:
        return [together], cost_together
    return levels, cost


def _trial(flow, initial, seed, two_level, n_starts, watch, late=False):
    """Cost and levels of one trial; one module of all nodes if that is shorter."""
    generator = np.random.default_rng(seed)
    try:
        if late and watch():
            return np.inf, None
        best, cost = _search(flow, initial, generator, two_level, n_starts, watch)
    except Cancelled:
        return np.inf, None
    together, cost_together = _all_together(flow)
    if not best or cost_together < cost - SAME:
        return cost_together, [together]
    return cost, best


def _search(flow, initial, generator, two_level, n_starts, watch):
    """Levels of one search and their cost; no levels if one module is best."""
    labels, cost = None, np.inf
    if two_level or flow.rules.preferred >= 0:
        level, rules, physical = flow.level, flow.rules, flow.physical
        search = Search(level, rules, generator, watch, physical=physical)
        labels = search.run_best(n_starts, initial and initial[-1])
        cost = search.cost()
    if two_level:
        return [labels], cost
    search = HierarchySearch(flow, generator, watch)
    levels, cost = search.run(n_starts, initial)
    if labels is None:
        return levels, cost
    found = [(levels, cost), search.below(labels)]
    return min(
        ((levels, cost + _dislike(flow, levels)) for levels, cost in found),
        key=lambda tree: tree[1],
    )


def _dislike(flow, levels):
    """What the number of modules costs, if another one is preferred."""
    return abs(len(np.unique(levels[0])) - flow.rules.preferred) if levels else np.inf


def _all_together(flow):
    """One module of all nodes, but those without links or without visits; and its cost."""
    unlinked, unvisited = np.diff(flow.level.indptr) == 0, flow.node == 0
    return min(
        (_together(flow, alone) for alone in (unlinked, unlinked & unvisited)),
        key=lambda found: found[1],
    )


def _together(flow, alone):
    """One module of all nodes that are not alone; and its cost."""
    level = flow.level
    labels = np.zeros(len(alone), np.int32)
    labels[alone] = np.arange(np.count_nonzero(alone), dtype=np.int32)
    labels[alone] += not alone.all()
    # No link leaves these modules, only jumps do.
    rates = {field: np.bincount(labels, level.nodes[field]) for field in ("flow", "jump", "land")}
    leave = rates["jump"] * (1 - rates["land"])
    enter = (flow.rules.jumps - rates["jump"]) * rates["land"]
    modules = sum_plogp(rates["flow"] + leave) - sum_plogp(leave) - sum_plogp(enter)
    if flow.physical is not None:
        modules -= sum_plogp(np.bincount(flow.physical, flow.node))
    n_modules = len(leave)
    if n_modules > 1:
        modules += n_modules * flow.rules.module_bits
    if flow.rules.preferred >= 0:
        modules += abs(n_modules - flow.rules.preferred)
    return labels, modules + plogp(enter.sum())
