"""Several searches of one graph, the best of which counts."""

import threading

import numpy as np

from toolbox.graph._levels import record_modules
from toolbox.graph._plogp import plogp
from toolbox.graph._search import Cancelled, Search


def best_partition(flow, n_trials, initial, n_jobs, random_state):
    """The shortest code of several searches; the first one of equals.

    Parameters
    ----------
    flow : Flow
    n_trials : int
    initial : int32 array of shape (n_nodes,) or None
    n_jobs : int or None
        Trials at the same time, as threads: the search runs without the GIL.
    random_state : int, RandomState or None

    Returns
    -------
    labels : int32 array of shape (n_nodes,)
    """
    seeds = _seeds(random_state, n_trials)
    if n_trials == 1:
        return _trial(flow, initial, seeds[0], None)[1]
    from joblib import Parallel, delayed

    cancelled = threading.Event()
    try:
        found = Parallel(n_jobs=n_jobs, prefer="threads", require="sharedmem")(
            delayed(_trial)(flow, initial, seed, cancelled.is_set) for seed in seeds
        )
    except BaseException:
        cancelled.set()  # Ctrl-C reaches the main thread alone
        raise
    return min(found, key=lambda trial: trial[0])[1]


def _trial(flow, initial, seed, cancelled):
    """Cost and labels of one search, or of one module if that is shorter."""
    level, jumps = flow.level, flow.jumps
    search = Search(level, jumps, np.random.default_rng(seed), cancelled)
    try:
        labels = search.run(initial)
    except Cancelled:
        return np.inf, None
    together = _all_together(level)
    total = record_modules(level, together, int(together.max()) + 1, search.work.modules, jumps)
    cost = plogp(total) + search.work.modules["cost"][: int(together.max()) + 1].sum()
    k = int(labels.max()) + 1
    total = record_modules(level, labels, k, search.work.modules, jumps)
    own = plogp(total) + search.work.modules["cost"][:k].sum()
    return (cost, together) if cost < own - 1e-12 else (own, labels)


def _all_together(level):
    """One module of all nodes with links; isolated nodes are modules of their own."""
    alone = np.diff(level.indptr) == 0
    labels = np.zeros(len(alone), np.int32)
    labels[alone] = np.arange(np.count_nonzero(alone), dtype=np.int32)
    labels[alone] += not alone.all()
    return labels


def _seeds(random_state, n):
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31, size=4)
    return np.random.SeedSequence(random_state).spawn(n)
