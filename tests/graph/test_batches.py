"""Many graphs: the same models wherever they are fitted, and none lost with another."""

import logging
import os
import pickle
import signal
import threading
import weakref
from pathlib import Path

import joblib
import networkx as nx
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from toolbox.datasets import load_karate, load_planted, make_lfr_graph
from toolbox.graph import FitFailure, Graph, InfoMap, fit_many

ROOT = Path(__file__).parents[2]
KARATE = ROOT / "data" / "karate.txt"


class Probe(BaseEstimator):
    """Keeps what it was given; behaves badly with the graphs of some sizes."""

    def __init__(self, n_jobs=3, random_state=None, error=None, kill=None, marker=None):
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.error = error
        self.kill = kill
        self.marker = marker

    def fit(self, X, y=None):
        self.size_ = len(X)
        self.n_jobs_ = self.n_jobs
        if self.error and self.size_ == 3:
            raise ERRORS[self.error]
        if self.size_ == self.kill and not (self.marker and os.path.exists(self.marker)):
            if self.marker:
                Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self


class Stubborn(Exception):
    """Cannot be unpickled."""

    def __init__(self, what, why):
        super().__init__(f"{what}, {why}")


ERRORS = {
    "ValueError": ValueError("odd"),
    "MemoryError": MemoryError(),
    "Stubborn": Stubborn("odd", "very"),
}


class Unpicklable:
    def __reduce__(self):
        raise TypeError("not to be sent")


def squares(*sizes):
    return [np.ones((size, size)) for size in sizes]


@pytest.fixture(scope="module")
def lfr():
    """Graphs on which seeds matter."""
    parts = {"n_nodes": 150, "average_degree": 8, "mixing": 0.6}
    return [make_lfr_graph(**parts, random_state=seed)[0] for seed in range(8)]


def same(models, others):
    assert len(models) == len(others) > 0
    for model, other in zip(models, others, strict=True):
        np.testing.assert_array_equal(model.labels_, other.labels_)
        assert model.codelength_ == other.codelength_
        assert model.get_params() == other.get_params()


# Seeds


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing", None])
def test_same_models_whatever_the_backend(lfr, backend):
    models = fit_many(lfr, random_state=5)
    config = {} if backend is None else {"backend": backend}
    with joblib.parallel_config(**config):
        same(models, fit_many(lfr, random_state=5, n_jobs=2))
        same(models, list(fit_many(iter(lfr), InfoMap(random_state=5), 2, return_as="generator")))
    with joblib.parallel_config(n_jobs=2, **config):
        same(models, fit_many(lfr, random_state=5))


def test_a_model_can_be_made_again(lfr):
    models = fit_many(lfr, InfoMap(n_trials=2), 2, random_state=5)
    same(
        models, [InfoMap(**model.get_params()).fit(g) for g, model in zip(lfr, models, strict=True)]
    )
    assert len({model.random_state for model in models}) == len(lfr)


def test_seeds_go_by_place(lfr):
    same(fit_many(lfr[:4], random_state=5), fit_many(lfr, random_state=5)[:4])


@pytest.mark.parametrize("make", [np.random.RandomState, np.random.default_rng])
def test_generators_are_drawn_from_once(lfr, make):
    used, fresh = make(0), make(0)
    first = fit_many(lfr, InfoMap(random_state=used))
    same(first, fit_many(lfr, n_jobs=2, random_state=fresh))
    second = fit_many(lfr, InfoMap(random_state=used), 2)
    same(second, fit_many(lfr, random_state=fresh))
    assert first[0].random_state != second[0].random_state


def test_steps_of_a_pipeline_have_seeds_and_threads():
    steps = FunctionTransformer(np.asarray), Probe(random_state=1)
    sizes = range(2, 6)
    piped = fit_many(squares(*sizes), make_pipeline(*steps), 2)
    alone = fit_many(squares(*sizes), Probe(random_state=1))
    assert [model[-1].random_state for model in piped] == [model.random_state for model in alone]
    assert [model[-1].n_jobs_ for model in piped] == [1] * 4


# Order, threads, memory


def test_own_threads_only_while_graphs_are_alone():
    together = fit_many(squares(2, 3), Probe(), n_jobs=2)
    assert [(model.n_jobs_, model.n_jobs) for model in together] == [(1, 3)] * 2
    for n_jobs in (1, None):
        assert [model.n_jobs_ for model in fit_many(squares(2, 3), Probe(), n_jobs)] == [3, 3]


def test_models_come_in_order():
    waiting, last = threading.Event(), []

    class Late(Probe):
        def fit(self, X, y=None):
            if len(X) == 1:
                assert waiting.wait(60)
            elif len(X) == 4:
                waiting.set()
            last.append(len(X))
            return super().fit(X)

    models = fit_many(squares(1, 2, 3, 4), Late(), n_jobs=2)
    assert [model.size_ for model in models] == [1, 2, 3, 4]
    assert last[-1] == 1 or last.index(1) > last.index(2)


def test_graphs_of_all_kinds(tmp_path):
    graph, _ = load_karate()
    models = fit_many([graph, graph.toarray(), KARATE, str(KARATE), nx.karate_club_graph()])
    assert [len(model.labels_) for model in models] == [34] * 5


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_few_graphs_are_in_memory(n_jobs):
    alive, most = weakref.WeakSet(), []

    def graphs():
        for size in range(2, 60):
            rows = np.arange(size)
            graph = Graph(np.arange(size + 1), rows.astype(np.int32)[::-1], np.ones(size), False)
            alive.add(graph)
            most.append(len(alive))
            yield graph

    models = fit_many(graphs(), n_jobs=n_jobs)
    assert [len(model.labels_) for model in models] == list(range(2, 60))
    assert max(most) <= (2 if n_jobs == 1 else 3 * n_jobs + 1)


def test_generator_of_models_does_the_next_when_asked():
    asked = []
    graphs = (asked.append(size) or np.ones((size, size)) for size in (2, 3, 4))
    models = fit_many(graphs, return_as="generator")
    assert asked == []
    assert len(next(models).labels_) == 2
    assert asked == [2]
    models.close()
    assert asked == [2]


def test_leaving_early_is_quiet(lfr):
    models = fit_many(lfr * 5, n_jobs=2, return_as="generator")
    next(models)
    models.close()
    same(fit_many(lfr, random_state=0, n_jobs=2), fit_many(lfr, random_state=0))


def test_models_are_small(lfr):
    (model,) = fit_many([load_planted()[0]])
    assert len(pickle.dumps(model)) < 4000 + 32 * len(model.labels_)


def test_progress(capsys, monkeypatch):
    import sys

    fit_many(squares(2, 3), verbose=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    fit_many(squares(2, 3), verbose=True)
    assert "2/2" in capsys.readouterr().err
    fit_many(squares(2, 3))
    assert capsys.readouterr().err == ""


# Failures


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("error", ERRORS)
def test_one_bad_graph_does_not_stop_the_others(backend, n_jobs, error):
    with joblib.parallel_config(backend=backend):
        with pytest.warns(FitFailedWarning, match="1 of 4 graphs .* first: graph 1 was") as caught:
            models = fit_many(squares(2, 3, 4, 5), Probe(error=error), n_jobs)
        silent = fit_many(squares(2, 3), Probe(error=error), n_jobs, on_error="record")
    assert caught[0].filename == __file__
    assert [model.size_ for model in models if model] == [2, 4, 5]
    for failure in (models[1], silent[1]):
        assert isinstance(failure, FitFailure)
        assert (failure.index, failure.name) == (1, None)
        assert str(failure).startswith("graph 1 was not fitted: ")
        assert str(failure).endswith(f"{error}: {ERRORS[error]}".removesuffix(": "))
        # Once Dask is imported, errors of all kinds can be pickled.
        assert type(failure.error).__name__ in (
            error,
            "RuntimeError" if error == "Stubborn" else "",
        )
        assert "raise ERRORS[" in failure.traceback


def test_failure_says_which_and_why(tmp_path):
    missing = tmp_path / "missing.txt"
    named = nx.Graph(name="nothing")
    models = fit_many([KARATE, missing, named], on_error="record")
    assert models[1].name == str(missing)
    assert str(models[1]).startswith(f"graph 1 ({missing}) was not fitted: FileNotFoundError: ")
    assert str(models[2]) == "graph 2 (nothing) was not fitted: ValueError: the graph has no nodes"
    with pytest.raises(AttributeError, match=r"no 'labels_': graph 2 \(nothing\) was not"):
        models[2].labels_  # noqa: B018
    assert not hasattr(models[2], "labels_")
    copy = pickle.loads(pickle.dumps(models[2]))
    assert str(copy) == str(models[2])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_first_error_is_raised(n_jobs):
    graphs = [np.ones((3, 3)), -np.ones((3, 3)), np.ones((3, 5)), *squares(*[3] * 20)]
    with pytest.raises(ValueError, match="Negative") as caught:
        fit_many(graphs, n_jobs=n_jobs, on_error="raise")
    assert caught.value.__notes__[0].startswith("graph 1:\nTraceback")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_error_of_the_iterable_ends_the_batch(n_jobs):
    def graphs():
        yield np.ones((2, 2))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        fit_many(graphs(), n_jobs=n_jobs)


def test_unpicklable_graph():
    with joblib.parallel_config(backend="loky", n_jobs=2):
        models = fit_many([np.ones((2, 2)), Unpicklable()], on_error="record")
    assert "not to be sent" in str(models[1])
    assert len(models[0].labels_) == 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_interrupt(n_jobs):
    done = []

    class Interrupted(Probe):
        def fit(self, X, y=None):
            done.append(len(X))
            if len(done) == 5:
                raise KeyboardInterrupt
            return super().fit(X)

    with pytest.raises(KeyboardInterrupt):
        fit_many(squares(*[2] * 500), Interrupted(), n_jobs)
    assert len(done) < 500


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (
            (KARATE,),
            TypeError,
            r"got a PosixPath|WindowsPath; if that is one graph, pass \[graph\]",
        ),
        ((np.ones((3, 3)),), TypeError, r"got a ndarray; .*\[graph\]"),
        ((load_karate()[0],), TypeError, r"got a csr_array; .*\[graph\]"),
        ((nx.path_graph(3),), TypeError, r"got a Graph; .*\[graph\]"),
        ((3,), TypeError, "iterable of graphs, got int"),
        (([], "InfoMap"), TypeError, "must have a method fit, got 'InfoMap'"),
    ],
)
def test_bad_arguments(arguments, error, match):
    with pytest.raises(error, match=match):
        fit_many(*arguments)


@pytest.mark.parametrize("option", ["on_error", "return_as"])
def test_bad_options(option):
    with pytest.raises(ValueError, match=f"{option} must be .*, got 'hope'"):
        fit_many([], **{option: "hope"})


def test_no_graphs():
    assert fit_many([]) == []
    assert fit_many(iter([]), n_jobs=2) == []


# Dask


@pytest.fixture(scope="module")
def dask():
    """A cluster of two worker processes, as joblib's backend."""
    reason = "Dask is not installed: the extra dask"
    distributed = pytest.importorskip("distributed", reason=reason)
    quiet = {"silence_logs": logging.CRITICAL, "dashboard_address": None}
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, **quiet) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield {"backend": "dask", "client": client}


def test_dask_gives_the_same(dask, lfr):
    models = fit_many([*lfr, KARATE], InfoMap(n_jobs=2, n_trials=2), random_state=5)
    with joblib.parallel_config(**dask):
        same(models, fit_many([*lfr, KARATE], InfoMap(n_jobs=2, n_trials=2), random_state=5))
        workers = {joblib.hash(model.n_jobs_) for model in fit_many(squares(2, 3), Probe())}
    assert workers == {joblib.hash(1)}


def test_dask_loses_nothing_with_a_worker(dask, tmp_path):
    marker, sizes = tmp_path / "killed", range(2, 22)
    graphs = [np.ones((20 * size, 20 * size)) for size in sizes]  # arrays that joblib would scatter
    alone = fit_many(graphs, Probe(random_state=1))
    pids = set(dask["client"].run(os.getpid).values())
    with joblib.parallel_config(**dask):
        models = fit_many(graphs, Probe(random_state=1, kill=200, marker=str(marker)))
    assert marker.exists()
    dask["client"].wait_for_workers(2, timeout=60)
    assert set(dask["client"].run(os.getpid).values()) != pids
    assert [model.size_ for model in models] == [20 * size for size in sizes]
    assert [model.random_state for model in models] == [model.random_state for model in alone]


def test_dask_goes_on_after_a_graph_that_kills(dask, monkeypatch):
    # Give a task up with its first worker; each more is a process to start.
    monkeypatch.setattr(dask["client"].cluster.scheduler, "allowed_failures", 0)
    graphs = [*squares(2, 3, 4, 5), Unpicklable(), *squares(6)]
    with joblib.parallel_config(**dask):
        models = fit_many(graphs, Probe(kill=3), on_error="record")
    assert [bool(model) for model in models] == [True, False, True, True, False, True]
    assert type(models[1].error).__name__ == "KilledWorker"
    assert (models[1].index, models[4].index) == (1, 4)
    assert "not to be sent" in str(models[4])
