"""Several searches of one graph, the best of which counts."""

import threading

import numpy as np

from toolbox.graph._levels import record_modules
from toolbox.graph._plogp import plogp
from toolbox.graph._search import Cancelled, Search


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
