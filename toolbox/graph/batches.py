"""One estimator for many graphs: one after another, at the same time or on a cluster."""

import os
import pickle
import warnings
from collections import deque
from functools import partial

from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning

from toolbox._seeds import as_seed_sequence
from toolbox.graph.failures import FitFailure, failure_of
from toolbox.graph.infomap import InfoMap
from toolbox.graph.network import Graph, is_networkx


def fit_many(
    graphs,
    estimator=None,
    n_jobs=None,
    *,
    random_state=None,
    on_error="warn",
    return_as="list",
    pre_dispatch="2 * n_jobs",
    verbose=False,
):
    """Fit a clone of an estimator to each of many graphs.

    The work is done by :class:`joblib.Parallel`: in threads, since searches run
    without the GIL, or wherever ``joblib.parallel_config`` says: ``"loky"`` for
    processes, ``"dask"`` for a cluster.  The models are the same everywhere:
    each graph has a seed of its own, by its place among the graphs.

    Parameters
    ----------
    graphs : iterable
        Graphs, each as ``estimator.fit`` takes it: for :class:`InfoMap` a
        matrix, an array of links, a networkx graph or a path, which is read
        where it is fitted.  A generator is asked for the next graphs only when
        some are done, so that few are in memory.
    estimator : estimator, default=None
        Any scikit-learn estimator, cloned for each graph; ``InfoMap()`` by
        default.  If graphs are fitted at the same time, its own ``n_jobs`` is 1
        meanwhile.
    n_jobs : int, default=None
        Graphs at the same time, -1 for as many as there are cores; None: 1, or
        what ``joblib.parallel_config`` says.  A Dask cluster uses all it has.
    random_state : int, Generator, RandomState or None, default=None
        Seed of all graphs; None: that of the estimator.  The ``random_state``
        of each model is the seed it was fitted with.
    on_error : {"warn", "record", "raise"}, default="warn"
        What follows if a graph cannot be fitted, memory errors included.  Put a
        :class:`FitFailure` in its place and warn of all at the end, say nothing
        about it, or raise the first error and drop the rest.
    return_as : {"list", "generator"}, default="list"
        All models together, or one by one as soon as they are ready; both are
        in the order of the graphs.
    pre_dispatch : int or str, default="2 * n_jobs"
        Graphs that are handed out ahead, as in :class:`joblib.Parallel`.
    verbose : bool, default=False
        Count the graphs on stderr, if that is a terminal.

    Returns
    -------
    list or generator of estimators
        The fitted models, without their graphs, which ``significance`` must be
        given; a :class:`FitFailure` for each graph without a model.

    Raises
    ------
    TypeError
        For one graph in place of several, and for what is no estimator.
    ValueError
        For arguments out of range.

    Warns
    -----
    FitFailedWarning
        Of scikit-learn, that some graphs have no model.

    Notes
    -----
    Threads start at once and share memory, but of graphs below some thousand
    nodes much of the time is Python's, which they cannot share; for hundreds of
    these, processes are faster.

    An error of the iterable itself ends the batch, as Ctrl-C does; fits that
    run as threads at that moment come to their end unseen.  A ``"loky"``
    process that dies ends it too.

    On Dask, a graph whose worker dies is fitted by another worker; one that
    many workers died of becomes a failure.  Graphs travel by way of the
    scheduler, which keeps them for that case; of graphs above 10 MB Dask warns,
    and paths that all workers can read are better.  The number of workers is
    looked up once; where more come later, as in an adaptive cluster, hand out
    enough for them: ``pre_dispatch="all"``.

    Examples
    --------
    >>> from toolbox.datasets import load_karate, load_planted
    >>> from toolbox.graph import InfoMap, fit_many
    >>> graphs = [load_karate()[0], load_planted()[0]]
    >>> models = fit_many(graphs, InfoMap(n_trials=10), n_jobs=2, random_state=0)
    >>> [model.n_modules_ for model in models]
    [3, 8]
    """
    _check_arguments(graphs, estimator, on_error, return_as)
    from joblib.parallel import Parallel, SequentialBackend, get_active_backend

    backend, _ = get_active_backend(prefer="threads")
    lazy = backend.supports_return_generator or isinstance(backend, SequentialBackend)
    parallel = Parallel(
        n_jobs,
        backend=backend,
        return_as="generator" if lazy else "list",
        pre_dispatch=pre_dispatch,
        batch_size=1,  # more would take more graphs at the same time
        max_nbytes=None,  # a graph is used once, so there is nothing to share on disk
    )
    several = backend.effective_n_jobs(parallel.n_jobs) != 1
    if type(backend).__name__ == "DaskDistributedBackend":
        _hear_of_losses(backend)
    estimator = InfoMap() if estimator is None else estimator
    packed = several and not getattr(backend, "supports_sharedmem", False)
    jobs = _jobs(graphs, estimator, random_state, several, packed)
    total = len(graphs) if hasattr(graphs, "__len__") else None
    as_list = return_as == "list"
    level = 2 + as_list  # of whoever called, for the warning
    results = _collected(iter(parallel(jobs)), total, on_error, verbose, level)
    return list(results) if as_list else results


def _check_arguments(graphs, estimator, on_error, return_as):
    one = isinstance(graphs, (str, bytes, os.PathLike, Graph)) or is_networkx(graphs)
    if one or len(getattr(graphs, "shape", ())) == 2:
        raise TypeError(
            f"graphs must be an iterable of graphs, got a {type(graphs).__name__}; "
            "if that is one graph, pass [graph]"
        )
    if not hasattr(graphs, "__iter__"):
        raise TypeError(f"graphs must be an iterable of graphs, got {type(graphs).__name__}")
    if estimator is not None and not hasattr(estimator, "fit"):
        raise TypeError(f"estimator must have a method fit, got {estimator!r}")
    if on_error not in ("warn", "record", "raise"):
        raise ValueError(f"on_error must be 'warn', 'record' or 'raise', got {on_error!r}")
    if return_as not in ("list", "generator"):
        raise ValueError(f"return_as must be 'list' or 'generator', got {return_as!r}")


def _jobs(graphs, estimator, random_state, several, packed):
    """What joblib is to call, for one graph after another."""
    from joblib import delayed

    fresh = clone(estimator)
    params = estimator.get_params()
    seeds = _seeds(params, random_state)  # of the caller's own: of a clone, none would move on
    threads = {key: params[key] for key in _named(params, "n_jobs")} if several else {}
    return (
        delayed(_job(index, graph, fresh, _spawned(seeds), threads, packed))()
        for index, graph in enumerate(graphs)
    )


def _job(index, graph, estimator, seeds, threads, packed):
    """All that belongs to a graph, as a function without arguments.

    Dask's backend would send arguments ahead to a worker, with whom they are
    lost, and wait for ever for what cannot be pickled.
    """
    name = getattr(graph, "name", None) if is_networkx(graph) else None
    name = os.fspath(graph) if isinstance(graph, (str, os.PathLike)) else name
    if packed:
        from joblib import wrap_non_picklable_objects

        try:
            graph = _Packed(pickle.dumps(wrap_non_picklable_objects(graph, keep_wrapper=False)))
        except Exception as error:
            failure = failure_of(error, index, name)
            return partial(FitFailure, index, name, failure.error, failure.traceback)
    return partial(_fit, index, name, graph, estimator, seeds, threads)


class _Packed(bytes):
    """A pickled graph: what cannot be unpacked is an error of its fit alone."""


def _fit(index, name, graph, estimator, seeds, threads):
    """The fitted model, or its failure."""
    try:
        if isinstance(graph, _Packed):
            graph = pickle.loads(graph)
        model = clone(estimator)
        if seeds or threads:
            model.set_params(**seeds, **dict.fromkeys(threads, 1))
        model.fit(graph)
        vars(model).pop("_fitted_graph", None)  # else all graphs would stay in memory
        if threads:
            model.set_params(**threads)
        return model
    except Exception as error:
        return failure_of(error, index, name)


def _collected(results, total, on_error, verbose, stacklevel):
    """The results, counted; then the warning."""
    from tqdm import tqdm

    first, n_failures, n_graphs = None, 0, 0
    try:
        disable = None if verbose else True  # None: unless a terminal
        with tqdm(total=total, unit="graph", disable=disable) as bar:
            for result in results:
                bar.update()
                n_graphs += 1
                if isinstance(result, FitFailure):
                    if on_error == "raise":
                        result.error.add_note(f"{result.graph}:\n{result.traceback}")
                        raise result.error
                    first = result if first is None else first
                    n_failures += 1
                yield result
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib's, of work that nobody wants any more
            if hasattr(results, "close"):
                results.close()
    if n_failures and on_error == "warn":
        text = f"{n_failures} of {n_graphs} graphs were not fitted; the first: {first}"
        warnings.warn(text, FitFailedWarning, stacklevel=stacklevel)


def _named(params, name):
    """Keys of the parameters of this name, those of steps inside the estimator too."""
    return sorted(key for key in params if key == name or key.endswith(f"__{name}"))


def _seeds(params, random_state):
    """A sequence to spawn from for each random_state of the estimator; draws from generators."""
    keys = _named(params, "random_state")
    if random_state is None:
        return {key: as_seed_sequence(params[key]) for key in keys}
    root = as_seed_sequence(random_state)
    children = [root] if len(keys) == 1 else root.spawn(len(keys))
    return dict(zip(keys, children, strict=True))


def _spawned(seeds):
    """The seeds of the next graph, as numbers that any estimator takes."""
    return {key: int(root.spawn(1)[0].generate_state(1)[0]) for key, root in seeds.items()}


def _hear_of_losses(backend):
    """Try jobs again that Dask gave up because their workers died, then make failures of them.

    joblib 1.6 and before waits for ever for them: its callback is left out.
    Dask suspects all jobs that a worker holds when it dies, so that a bad graph
    would take others with it; one after another the innocent come through.
    """
    method = "submit" if hasattr(type(backend), "submit") else "apply_async"  # joblib < 1.5
    suspects = deque()  # used by the thread of Dask's client alone

    def submit(batch, callback=None):
        def suspect(future):
            if _is_lost(future, batch):
                suspects.append((batch, callback))
                if len(suspects) == 1:
                    try_again()

        future = getattr(type(backend), method)(backend, batch, callback)
        future.add_done_callback(suspect)
        return future

    def try_again():
        def judge(future):
            if _is_lost(future, batch):
                jobs = [job for job, _, _ in batch.items]
                callback([FitFailure(*job.args[:2], future.exception()) for job in jobs])
            suspects.popleft()
            if suspects:
                try_again()

        batch, callback = suspects[0]
        getattr(type(backend), method)(backend, batch, callback).add_done_callback(judge)

    setattr(backend, method, submit)


def _is_lost(future, batch):
    """Whether jobs of ours came to no end of their own."""
    jobs = [job for job, _, _ in batch.items]
    ours = all(isinstance(job, partial) and job.func in (_fit, FitFailure) for job in jobs)
    return ours and not future.cancelled() and future.exception() is not None
