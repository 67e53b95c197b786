"""The apps, as scripts and in process: lines, files, exit codes, and nothing by halves."""

import gzip
import importlib.util
import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from toolbox._targets import Task

ROOT = Path(__file__).parents[1]
KARATE = ROOT / "data" / "karate.txt"
PLANTED = ROOT / "data" / "planted.txt"
PNG = b"\x89PNG"


def load(name):
    """An app as a module, from the checkout."""
    spec = importlib.util.spec_from_file_location(f"app_{name}", ROOT / "apps" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


communities = load("communities")


def run_script(name, *args, cwd=ROOT):
    command = [sys.executable, ROOT / "apps" / f"{name}.py", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.fixture
def folder(tmp_path):
    """Three graphs, and what is none."""
    graphs = tmp_path / "graphs"
    graphs.mkdir()
    shutil.copy(KARATE, graphs / "karate.txt")
    (graphs / "ring.txt.gz").write_bytes(gzip.compress(b"0 1\n1 2\n2 3\n3 0\n"))
    pajek = '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Edges\n1 2\n2 3\n'
    (graphs / "path.net").write_text(pajek)
    for name in ("README.md", ".hidden.txt", "karate.labels.txt", "karate.tree"):
        (graphs / name).write_text("not a graph\n")
    return graphs


@pytest.fixture
def fit_interrupted(monkeypatch):
    """Ctrl-C in the middle of a search."""
    from toolbox.graph import InfoMap

    def fit(self, X, y=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(InfoMap, "fit", fit)


def names(path):
    return sorted(file.name for file in path.iterdir())


def only_error(capsys, *parts):
    """The one line on stderr; nothing on stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    for part in parts:
        assert str(part) in err
    return err


# As a script


def test_script_prints_one_line():
    done = run_script("communities", "data/karate.txt")
    assert (done.returncode, done.stderr) == (0, "")
    line = r"karate: 34 nodes, 78 links, 4\.\d{6} bits, \d+ modules, \d+\.\d\d s\n"
    assert re.fullmatch(line, done.stdout)


def test_script_runs_from_anywhere(tmp_path):
    done = run_script("communities", KARATE, "-o", "karate.tree", "--plot", "k.png", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert names(tmp_path) == ["k.png", "karate.tree"]


def test_script_help_loads_nothing_heavy(monkeypatch):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")  # tells of each module on stderr
    done = run_script("communities", "--help")
    loaded = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "argparse" in loaded
    assert not loaded & {"numpy", "numba", "scipy", "sklearn", "matplotlib", "networkx", "tqdm"}
    assert done.returncode == 0
    assert "usage:" in done.stdout
    assert "{name}" in done.stdout


def test_script_without_arguments():
    done = run_script("communities")
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_script_survives_a_closed_pipe():
    command = [sys.executable, ROOT / "apps" / "communities.py", KARATE]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (141, "")


def test_matplotlib_is_loaded_for_plots_only(tmp_path):
    code = (
        "import runpy, sys; sys.argv = ['communities.py', *sys.argv[1:]]\n"
        "try: runpy.run_path(sys.argv.pop(1), run_name='__main__')\n"
        "except SystemExit as done: assert not done.code\n"
        "print('matplotlib' in sys.modules)"
    )
    app = ROOT / "apps" / "communities.py"
    for extra, loaded in ([], "False"), (["--plot", tmp_path / "k.svg"], "True"):
        command = [sys.executable, "-c", code, app, KARATE, "-o", tmp_path / "k.tree", *extra]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.stdout.split()[-1:] == [loaded], done.stderr


# One graph


def test_summary_matches_the_estimator(capsys):
    from toolbox.graph import InfoMap

    assert communities.main([str(KARATE)]) == 0
    out, err = capsys.readouterr()
    best = InfoMap(two_level=True, random_state=0).fit(KARATE)
    assert err == ""
    assert f"{best.codelength_:.6f} bits, {best.n_modules_} modules" in out


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("suffix", [".tree", ".ftree", ".clu", ".json", ".csv"])
def test_output_formats(tmp_path, suffix, packed, capsys):
    path = tmp_path / f"karate{suffix}{packed}"
    assert communities.main([str(KARATE), "-o", str(path)]) == 0
    with (gzip.open if packed else open)(path, "rt") as file:
        text = file.read()
    assert names(tmp_path) == [path.name]
    if suffix == ".json":
        assert len(json.loads(text)["nodes"]) == 34
    else:
        nodes = text.split("*Links")[0].splitlines()
        assert sum(not line.startswith(("#", "path")) for line in nodes) == 34


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("suffix", [".graphml", ".gexf"])
def test_outputs_that_are_graphs(tmp_path, suffix, packed, capsys):
    path = tmp_path / f"karate{suffix}{packed}"
    assert communities.main([str(KARATE), "-o", str(path)]) == 0
    first = capsys.readouterr().out
    assert communities.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.rpartition(",")[0] == first.rpartition(",")[0]


def test_parquet_output(tmp_path, capsys, monkeypatch):
    path = tmp_path / "karate.parquet"
    monkeypatch.setattr(communities, "find_spec", lambda name: None)
    assert communities.main([str(KARATE), "-o", str(path)]) == 2
    assert "karate.parquet needs pyarrow" in capsys.readouterr().err
    assert names(tmp_path) == []
    monkeypatch.undo()
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    assert communities.main([str(KARATE), "-o", str(path)]) == 0
    assert parquet.read_table(path).num_rows == 34


def test_parquet_input_without_pyarrow(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "links.parquet"
    path.write_bytes(b"PAR1\x15\x04")
    assert communities.main([str(path), str(KARATE)]) == 2
    out, err = capsys.readouterr()
    assert "links.parquet: Parquet files need pyarrow" in err
    assert out.startswith("karate: 34 nodes")


def test_plot(tmp_path, capsys):
    assert communities.main([str(KARATE), "--plot", str(tmp_path / "karate.png")]) == 0
    assert (tmp_path / "karate.png").read_bytes().startswith(PNG)
    assert names(tmp_path) == ["karate.png"]


def test_json(tmp_path, capsys):
    path, picture = tmp_path / "k.clu", tmp_path / "k.svg"
    command = [str(KARATE), "--json", "-o", str(path), "--plot", str(picture), "--trials", "2"]
    assert communities.main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == [str(path), str(picture)]
    assert (found["nodes"], found["links"], found["directed"]) == (34, 78, False)
    assert 4 < found["codelength"] < 5
    assert 2 <= found["modules"] <= 5
    assert isinstance(found["seconds"], float)


def test_directed(capsys):
    assert communities.main([str(KARATE), "--directed", "--json", "--two-level"]) == 0
    assert json.loads(capsys.readouterr().out)["directed"] is True


def test_same_seed_same_files(tmp_path, capsys):
    graph = str(ROOT / "data" / "planted.txt")
    for name in "ab":
        command = [graph, "-o", str(tmp_path / f"{name}.tree"), "--seed", "5", "--trials", "3"]
        assert communities.main(command) == 0
    assert (tmp_path / "a.tree").read_bytes() == (tmp_path / "b.tree").read_bytes()


def test_output_into_a_folder(tmp_path, capsys):
    target = str(tmp_path)
    assert communities.main([str(KARATE), "-o", target, "--plot", target]) == 0
    assert names(tmp_path) == ["karate.png", "karate.tree"]


# Several graphs


def test_folder(folder, tmp_path, capsys):
    results = tmp_path / "results"
    results.mkdir()
    pictures = results / "{name}.svg"
    assert communities.main([str(folder), "-o", str(results), "--plot", str(pictures)]) == 0
    out, err = capsys.readouterr()
    assert err == ""  # progress is for terminals
    assert [line.split(":")[0] for line in out.splitlines()] == ["karate", "path", "ring"]
    stems = ("karate", "path", "ring")
    assert names(results) == sorted(stem + end for stem in stems for end in (".svg", ".tree"))


def test_json_lines(folder, capsys):
    assert communities.main([str(folder), str(KARATE), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [graph["nodes"] for graph in found] == [34, 3, 4, 34]
    assert found[0]["graph"] == str(folder / "karate.txt")


def test_one_bad_graph_does_not_stop_the_others(folder, tmp_path, capsys):
    (folder / "bad.txt").write_text("0 1\n1 two\n")
    results = tmp_path / "results"
    results.mkdir()
    missing = tmp_path / "missing.txt"
    assert communities.main([str(missing), str(folder), "-o", str(results)]) == 2
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    first, second = err.splitlines()
    assert str(missing) in first
    assert str(folder / "bad.txt") in second
    assert names(results) == ["karate.tree", "path.tree", "ring.tree"]


def test_progress_on_a_terminal(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert communities.main([str(folder)]) == 0
    out, err = capsys.readouterr()
    assert "3/3" in err
    assert len(out.splitlines()) == 3


def lines_without_seconds(capsys):
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in found]


@pytest.mark.parametrize("trials", [[], ["--trials", "3"]])
def test_same_lines_and_files_for_any_jobs(folder, tmp_path, capsys, trials):
    shutil.copy(ROOT / "data" / "planted.txt", folder)
    (folder / "bad.txt").write_text("0 1\n1 two\n")
    outcomes = []
    for jobs in (["--jobs", "1"], ["--jobs", "2"], ["--jobs", "7"], []):
        results = tmp_path / "results"
        results.mkdir()
        command = [str(folder), "--json", "-o", str(results), "--plot", f"{results}/{{name}}.svg"]
        assert communities.main([*command, *jobs, *trials]) == 2
        files = {path.name: path.read_bytes() for path in results.glob("*.tree")}
        outcomes.append((names(results), files, lines_without_seconds(capsys)))
        shutil.rmtree(results)
    assert len(outcomes[0][0]) == 8
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_graph_in_a_folder_is_solved_as_alone(folder, tmp_path, capsys):
    shutil.copy(ROOT / "data" / "planted.txt", folder)
    together, alone = tmp_path / "together.clu", tmp_path / "alone.clu"
    assert communities.main([str(folder), "-o", str(tmp_path / "{name}.clu")]) == 0
    assert communities.main([str(folder / "planted.txt"), "-o", str(alone)]) == 0
    together = tmp_path / "planted.clu"
    assert together.read_bytes() == alone.read_bytes()


@pytest.mark.parametrize("jobs", [1, 2])
def test_few_graphs_are_in_memory(tmp_path, capsys, monkeypatch, jobs):
    from toolbox.graph import reading

    alive, most, read, lock = weakref.WeakSet(), [], reading.read_graph, threading.Lock()

    def counted(*args, **options):
        graph = read(*args, **options)
        with lock:
            alive.add(graph)
            most.append(len(alive))
        return graph

    monkeypatch.setattr(reading, "read_graph", counted)
    for number in range(20):
        shutil.copy(KARATE, tmp_path / f"{number}.txt")
    assert communities.main([str(tmp_path), "--jobs", str(jobs), "-o", str(tmp_path)]) == 0
    assert len(most) == 20
    assert max(most) <= jobs


@pytest.mark.parametrize(("jobs", "trials", "threads"), [(1, 1, 1), (2, 1, 1), (8, 4, 8)])
def test_cores_go_to_graphs_or_to_trials(folder, capsys, monkeypatch, jobs, trials, threads):
    from toolbox.graph import InfoMap

    fit, given = InfoMap.fit, []

    def noted(self, X, y=None):
        given.append(self.n_jobs or 1)
        return fit(self, X)

    monkeypatch.setattr(InfoMap, "fit", noted)
    assert communities.main([str(folder), "--jobs", str(jobs), "--trials", str(trials)]) == 0
    assert given == [threads] * 3


@pytest.mark.parametrize("option", ["-o", "--plot"])
def test_several_graphs_need_a_folder_or_a_pattern(folder, tmp_path, capsys, option):
    assert communities.main([str(folder), option, str(tmp_path / "one.png")]) == 2
    only_error(capsys, "one.png", "{name}")


def test_results_would_overwrite_each_other(folder, tmp_path, capsys):
    assert communities.main([str(folder), str(KARATE), "-o", str(tmp_path)]) == 2
    only_error(capsys, "karate.tree", KARATE, folder / "karate.txt")
    assert names(tmp_path) == ["graphs"]


def test_results_would_overwrite_a_graph(tmp_path, capsys):
    graph = tmp_path / "graph.csv"
    graph.write_text("0,1\n1,2\n")
    assert communities.main([str(graph), "-o", str(graph)]) == 2
    only_error(capsys, graph, "graph to read")
    assert graph.read_text() == "0,1\n1,2\n"


# Bad input


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.txt", None),
        ("empty.txt", b""),
        ("comment.txt", b"# nothing\n"),
        ("words.txt", b"0 1\n1 two\n"),
        ("binary.txt", bytes(range(256))),
        ("negative.txt", b"0 1 -3\n"),
        ("cut.txt.gz", gzip.compress(KARATE.read_bytes())[:-20] if KARATE.exists() else b""),
        ("broken.txt.gz", b"\x1f\x8b\x08\x00nonsense"),
    ],
)
def test_bad_graph(tmp_path, capsys, name, content):
    graph, results = tmp_path / name, tmp_path / "results"
    results.mkdir()
    if content is not None:
        graph.write_bytes(content)
    command = [str(graph), "-o", str(results), "--plot", str(results)]
    assert communities.main(command) == 2
    only_error(capsys, graph)
    assert names(results) == []


def test_folder_without_graphs(tmp_path, capsys):
    assert communities.main([str(tmp_path)]) == 2
    only_error(capsys, tmp_path, "no graphs")


@pytest.mark.parametrize(
    ("option", "path", "reason"),
    [
        ("-o", "karate.xyz", ".tree .ftree .clu .json .csv"),
        ("-o", "karate", ".tree"),
        ("-o", "karate.tree.bz2", ".tree"),
        ("-o", "none/karate.tree", "no folder"),
        ("--plot", "karate.xyz", ".png"),
        ("--plot", "none/karate.png", "no folder"),
    ],
)
def test_bad_output_is_found_before_the_work(
    tmp_path, capsys, fit_interrupted, option, path, reason
):
    assert communities.main([str(KARATE), option, str(tmp_path / path)]) == 2
    only_error(capsys, path, reason)
    assert names(tmp_path) == []


@pytest.mark.parametrize("trials", ["0", "-1", "two", "1.5"])
def test_bad_number(capsys, trials):
    with pytest.raises(SystemExit) as error:
        communities.main([str(KARATE), f"--trials={trials}"])
    assert error.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


def test_without_matplotlib(tmp_path, capsys, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert communities.main([str(KARATE), "--plot", str(tmp_path / "k.png")]) == 2
    only_error(capsys, "[plot]")


# Ctrl-C


def test_interrupted_search(tmp_path, capsys, fit_interrupted):
    command = [str(KARATE), "-o", str(tmp_path / "k.tree"), "--plot", str(tmp_path / "k.png")]
    assert communities.main(command) == 130
    only_error(capsys, "interrupted")
    assert names(tmp_path) == []


def test_interrupted_batch_keeps_what_is_done(folder, tmp_path, capsys, monkeypatch):
    from toolbox.graph import InfoMap

    results = tmp_path / "results"
    results.mkdir()
    fit, calls = InfoMap.fit, []

    def interrupted(self, X, y=None):
        calls.append(X)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return fit(self, X)

    monkeypatch.setattr(InfoMap, "fit", interrupted)
    assert communities.main([str(folder), "-o", str(results), "--jobs", "1"]) == 130
    assert names(results) == ["karate.tree"]
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_interrupted_threads(tmp_path):
    endless = tmp_path / "endless.txt"
    os.mkfifo(endless)  # reading it waits for a writer that never comes
    app = ROOT / "apps" / "communities.py"
    graphs = [KARATE, ROOT / "data" / "planted.txt", endless, *[KARATE] * 20]
    command = [sys.executable, app, *graphs, "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert [line.split(":")[0] for line in lines] == ["karate", "planted"]
    assert err == "communities.py: interrupted\n"


def test_no_file_after_an_interruption(tmp_path):
    """A thread that comes to its end later makes none."""
    task = Task(KARATE, "karate", tmp_path / "karate.tree", tmp_path / "karate.png")
    files = communities._Files()
    solver = communities._Solver({"directed": None}, files=files)
    with pytest.raises(KeyboardInterrupt), files:
        raise KeyboardInterrupt
    assert solver.fit((task, None, 0)).found_["modules"] > 1
    assert names(tmp_path) == []


def test_interrupted_writing_leaves_the_old_file(tmp_path, capsys, monkeypatch):
    path = tmp_path / "k.tree"
    path.write_text("the old one")

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    assert communities.main([str(KARATE), "-o", str(path)]) == 130
    assert names(tmp_path) == ["k.tree"]
    assert path.read_text() == "the old one"


# On a cluster


@pytest.fixture
def scheduler():
    """The address of a Dask scheduler with one worker process of two threads."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: the extra dask")
    quiet = {"silence_logs": logging.CRITICAL, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, **quiet) as cluster:
        yield cluster.scheduler_address


def test_scheduler_gives_the_same(folder, tmp_path, scheduler, capsys):
    (folder / "bad.txt").write_text("0 1\n1 two\n")
    missing = tmp_path / "missing.txt"
    here, there = tmp_path / "here", tmp_path / "there"
    for results in (here, there):
        results.mkdir()
    command = [folder, missing, "--json", "--directed", "--trials", "2"]
    options = ["-o", f"{there}/{{name}}.ftree", "--plot", there, "--scheduler", scheduler]
    done = run_script("communities", *command, *options)
    options = ["-o", f"{here}/{{name}}.ftree", "--plot", str(here)]
    assert communities.main([*map(str, command), *options]) == done.returncode == 2
    out, err = capsys.readouterr()
    for lines in (done.stderr, err):
        first, second = lines.splitlines()
        assert f"{folder / 'bad.txt'}, line 2" in first
        assert f"{missing}: No such file" in second
    for line, other in zip(out.splitlines(), done.stdout.splitlines(), strict=True):
        line, other = ({**json.loads(text), "seconds": 0, "files": 0} for text in (line, other))
        assert line == other
    assert names(here) == names(there)
    for path in here.glob("*.ftree"):
        assert path.read_bytes() == (there / path.name).read_bytes()


def test_scheduler_does_not_answer(folder, capsys, monkeypatch):
    pytest.importorskip("distributed", reason="Dask is not installed: the extra dask")
    monkeypatch.setattr(communities, "ANSWER", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        assert communities.main([str(folder), "--scheduler", address]) == 2
    only_error(capsys, address, "no answer", "dask scheduler")
    assert communities.main([str(folder), "--scheduler", "nowhere"]) == 2
    only_error(capsys, "nowhere", "no answer")


def test_scheduler_without_workers(folder, capsys, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed: the extra dask")
    monkeypatch.setattr(communities, "WORKERS", 0.5)
    quiet = {"silence_logs": logging.CRITICAL, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=0, **quiet) as cluster:
        address = cluster.scheduler_address
        assert communities.main([str(folder), "--scheduler", address]) == 2
    only_error(capsys, address, "no workers")


def test_without_dask(folder, capsys, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "distributed"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert communities.main([str(folder), "--scheduler", "tcp://127.0.0.1:1"]) == 2
    only_error(capsys, "[dask]")


def test_jobs_are_for_this_machine(folder, capsys):
    with pytest.raises(SystemExit) as error:
        communities.main([str(folder), "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"])
    assert error.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_certainty(tmp_path, capsys):
    picture = tmp_path / "planted.png"
    assert communities.main([str(PLANTED), "--certainty", "20", "--plot", str(picture)]) == 0
    assert ", 8 modules, 8 significant, " in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert communities.main([str(KARATE), str(PLANTED), "--certainty", "10", "--json"]) == 0
    karate, planted = map(json.loads, capsys.readouterr().out.splitlines())
    assert (karate["bootstraps"], len(karate["significant"])) == (10, karate["modules"])
    assert min(planted["stability"]) > 0.8


def test_levels_and_layers(tmp_path, capsys):
    ring = tmp_path / "ring.txt"
    cliques = [(6 * c + i, 6 * c + j) for c in range(12) for i in range(6) for j in range(i)]
    links = [*cliques, *((6 * c, 6 * ((c + 1) % 12) + 1) for c in range(12))]
    ring.write_text("".join(f"{i} {j}\n" for i, j in links))
    assert communities.main([str(ring)]) == 0
    assert " modules in 2 levels, " in capsys.readouterr().out
    assert communities.main([str(ring), "--two-level"]) == 0
    assert ", 12 modules, " in capsys.readouterr().out
    layers = tmp_path / "layers.net"
    layers.write_text("*Intra\n1 1 2\n1 2 3\n1 1 3\n2 1 4\n2 4 5\n2 1 5\n")
    tree = tmp_path / "layers.tree"
    assert communities.main([str(layers), "-o", str(tree)]) == 0
    assert "layers: 6 nodes, " in capsys.readouterr().out
    assert "# path flow name state_id node_id layer_id" in tree.read_text()
