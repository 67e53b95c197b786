"""The same work on many items, as threads."""

import threading


class Stopped(Exception):
    """The rest of the items is not wanted any more."""


def each(work, items, n_jobs, verbose, unit):
    """Results of ``work(item)``, in the order of the items.

    An error or Ctrl-C, which reach the main thread alone, keep the items that
    have not begun from beginning.

    Parameters
    ----------
    work : callable
        Spends its time without the GIL.
    items : list
    n_jobs : int or None
        Items at the same time.
    verbose : bool
        Count the items on stderr, if that is a terminal.
    unit : str
        What to call an item.

    Yields
    ------
    object
    """
    from joblib import Parallel, delayed
    from tqdm import tqdm

    stopped = threading.Event()

    def guarded(item):
        if stopped.is_set():
            raise Stopped
        return work(item)

    try:
        found = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")(
            delayed(guarded)(item) for item in items
        )
        disable = None if verbose else True  # None: unless a terminal
        yield from tqdm(found, total=len(items), unit=unit, leave=False, disable=disable)
    except BaseException:
        stopped.set()
        raise
