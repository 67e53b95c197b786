"""Several searches of one graph, the best of which counts."""

import threading

import numpy as np

from toolbox.graph._plogp import plogp, sum_plogp
from toolbox.graph._search import Cancelled, Search

# On small graphs, where a search takes milliseconds, a trial is two searches,
# and some more if these do not agree.
SMALL = 5000  # nodes
MOST_STARTS = 5
SAME = 1e-10  # bits by which equal codes may differ, from rounding


def best_partition(flow, initial, seeds, n_jobs, verbose):
    """The shortest code of several searches; the first one of equals.

    Parameters
    ----------
    flow : Flow
    initial : int32 array of shape (n_nodes,) or None
    seeds : list of SeedSequence
        One for each search.
    n_jobs : int or None
        Searches at the same time, as threads: they run without the GIL.
    verbose : bool
        Count the searches on stderr, if that is a terminal.

    Returns
    -------
    labels : int32 array of shape (n_nodes,)
    """
    if len(seeds) == 1:
        return _trial(flow, initial, seeds[0], None)[1]
    from joblib import Parallel, delayed
    from tqdm import tqdm

    cancelled = threading.Event()
    try:
        found = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")(
            delayed(_trial)(flow, initial, seed, cancelled.is_set) for seed in seeds
        )
        disable = None if verbose else True  # None: unless a terminal
        counted = tqdm(found, total=len(seeds), unit="trial", leave=False, disable=disable)
        return min(counted, key=lambda trial: trial[0])[1]
    except BaseException:
        cancelled.set()  # Ctrl-C reaches the main thread alone
        raise


def _trial(flow, initial, seed, cancelled):
    """Cost and labels of one trial; one module of all nodes if that is shorter."""
    n_starts = MOST_STARTS if len(flow.node) <= SMALL else 1
    search = Search(flow.level, flow.jumps, np.random.default_rng(seed), cancelled)
    found = []
    for _ in range(n_starts):
        try:
            labels = search.run(initial)
        except Cancelled:
            return np.inf, None
        found.append((search.cost(), labels))
        if len(found) == 2 and abs(found[0][0] - found[1][0]) < SAME:
            break
    cost, best = min(found, key=lambda start: start[0])
    together, cost_together = _all_together(flow)
    if cost_together < cost - SAME:
        return cost_together, together
    return cost, best


def _all_together(flow):
    """One module of all nodes with links, isolated nodes apart; and its cost."""
    level = flow.level
    alone = np.diff(level.indptr) == 0
    labels = np.zeros(len(alone), np.int32)
    labels[alone] = np.arange(np.count_nonzero(alone), dtype=np.int32)
    labels[alone] += not alone.all()
    # No link leaves these modules, only jumps do.
    rates = {field: np.bincount(labels, level.nodes[field]) for field in ("flow", "jump", "land")}
    leave = rates["jump"] * (1 - rates["land"])
    enter = (flow.jumps - rates["jump"]) * rates["land"]
    modules = sum_plogp(rates["flow"] + leave) - sum_plogp(leave) - sum_plogp(enter)
    return labels, modules + plogp(enter.sum())
