"""InfoMap in use: threads, memory, many small graphs, start-up.

::

    python tests/benchmarks/bench_infomap_scale.py [threads] [memory] [small] [start]
    python tests/benchmarks/bench_infomap_scale.py cost --official    # some twenty minutes

``threads``: wall seconds of ten trials on one and on two threads.
``memory``: peak memory above imports and the caller's CSR, ours and that of the
official package, each in a new process (Linux; ``--nodes`` for other sizes).
``cost``: CPU seconds and peak memory per link of LFR graphs with 1e4, 1e5 and
1e6 nodes, two-level and multilevel, measured as for ``memory``; medians of
``--seeds``, one at 1e6.  "grows as" is the power of the number of links between
two sizes.
``small``: a loop over a hundred graphs of 100 to 1000 nodes, ours and official.
``start``: seconds of ``apps/communities.py`` on the karate club, with an empty
cache of compiled functions and after.  By default all but ``memory`` and ``cost``.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from infomap_peers import (
    Case,
    cpu_time,
    installed_solvers,
    lfr_case,
    number,
    official,
    ours,
    print_header,
    print_table,
    real_graphs,
)
from scipy import sparse
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]

# Aims.
TWO_THREADS = 1.6
PEAK_MB = 750
COST_NODES = 10**4, 10**5, 10**6
COLD_SECONDS, WARM_SECONDS = 15, 2


def wall_time(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def threads(args):
    from toolbox.graph import InfoMap

    graphs = [("lfr-1e5-mix.4", partial(lfr_case, "", 10**5, 0.4))]
    rows = []
    for name, make in tqdm(graphs + real_graphs(["soc-brightkite"]), disable=None):
        matrix = make().matrix
        seconds = {1: [], 2: []}
        for seed in range(3):
            for n_jobs, times in seconds.items():
                model = InfoMap(two_level=True, n_trials=10, n_jobs=n_jobs, random_state=seed)
                times.append(wall_time(partial(model.fit, matrix)))
        one, two = map(statistics.median, seconds.values())
        missed = "threads" if one / two < TWO_THREADS else ""
        rows.append([name, f"{one:.3f}", f"{two:.3f}", f"{one / two:.2f}", missed])
    header = "graph", "1 thread", "2 threads", "speed-up", "misses"
    print_table("Ten trials, wall s", header, rows)


def memory(args):
    case = lfr_case("", args.nodes, 0.4)
    rows = []
    with saved(case.matrix) as folder:
        for solver in ("ours", "infomap"):
            try:
                before, peak, _ = peak_of(folder, solver, two_level=True, seed=1)
            except RuntimeError as error:
                print(f"{solver}: {error}")
                continue
            missed = "memory" if solver == "ours" and peak - before > 1024 * PEAK_MB else ""
            megabytes = [f"{kilobytes / 1024:.0f}" for kilobytes in (before, peak - before)]
            rows.append([solver, f"{args.nodes}", f"{len(case.source)}", *megabytes, missed])
    header = "package", "nodes", "links", "imports and CSR", "peak above", "misses"
    print_table("Memory, MB", header, rows)


def cost(args):
    solvers = ("ours", "infomap") if args.official else ("ours",)
    kinds = [(solver, two_level) for solver in solvers for two_level in (True, False)]
    rows = {kind: [] for kind in kinds}
    for n_nodes in tqdm(COST_NODES, disable=None):
        case = lfr_case("", n_nodes, 0.4)
        n_links = len(case.source)
        seeds = range(1, 2 if n_nodes >= 10**6 else args.seeds + 1)
        with saved(case.matrix) as folder:
            del case
            for solver, two_level in kinds:
                runs = [peak_of(folder, solver, two_level, seed) for seed in seeds]
                before, peak, seconds = np.median(runs, axis=0)
                rows[solver, two_level].append((n_nodes, n_links, seconds, 1024 * (peak - before)))
    table = []
    for (solver, two_level), found in rows.items():
        name = f"{solver}, {'two-level' if two_level else 'multilevel'}"
        for before, (n_nodes, n_links, seconds, peak) in zip([None, *found], found, strict=False):
            powers = ["", ""]
            if before is not None:
                more = np.array([seconds, peak]) / before[2:]
                powers = [f"{p:.2f}" for p in np.log(more) / np.log(n_links / before[1])]
            per_link = f"{1e6 * seconds / n_links:.3f}", f"{peak / n_links:.0f}"
            totals = f"{seconds:.3f}", f"{peak / 2**20:.1f}"
            sizes = f"{n_nodes}", f"{n_links}"
            table.append(
                [name, *sizes, totals[0], per_link[0], powers[0], totals[1], per_link[1], powers[1]]
            )
    columns = "search", "nodes", "links", "CPU s", "us/link", "grows as"
    memory = "peak MB", "bytes/link", "grows as"
    print_table("Cost against size, LFR, mixing .4", [*columns, *memory], table)


@contextlib.contextmanager
def saved(matrix):
    """A folder with the parts of a matrix, for new processes to read."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("data", "indices", "indptr"):
            np.save(Path(folder, part), getattr(matrix, part))
        yield folder


def peak_of(folder, solver, two_level, seed):
    """Kilobytes before and at the peak of a search in a new process, and its CPU seconds.

    It reads the graph from files: making it leaves gaps behind.
    """
    command = [sys.executable, __file__, "--folder", folder, "--peak-of", solver]
    command += ["--seed", str(seed), *([] if two_level else ["--multilevel"])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return [float(number) for number in done.stdout.split()]


def print_peak(args):
    """Print the kilobytes before and at the peak of one search here, and its CPU seconds."""
    from toolbox.datasets import load_planted, make_lfr_graph
    from toolbox.graph import InfoMap

    two_level, seed = not args.multilevel, args.seed

    def search(matrix):
        if args.peak_of == "ours":
            return cpu_time(lambda: InfoMap(two_level=two_level, random_state=seed).fit(matrix))
        import infomap

        rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
        once = rows <= matrix.indices
        network = infomap.Network()
        network.add_nodes(np.flatnonzero(np.diff(matrix.indptr) == 0).tolist())
        parts = rows[once], matrix.indices[once], matrix.data[once]
        network.add_links(np.column_stack(parts))
        del rows, once, parts
        options = {"two_level": two_level, "seed": seed, "num_trials": 1, "num_threads": 1}
        return cpu_time(lambda: network.run(**options))

    for matrix, _ in load_planted(), make_lfr_graph(1000, mixing=0.6, random_state=0):
        search(matrix)  # compiles
    parts = [np.load(Path(args.folder, f"{part}.npy")) for part in ("data", "indices", "indptr")]
    matrix = sparse.csr_array(tuple(parts), shape=(len(parts[2]) - 1,) * 2)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _status("VmRSS")
    seconds, found = search(matrix)
    print(before, _status("VmHWM"), seconds)
    del found


def _status(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key))


def small(args):
    """From a list of CSR matrices ours, from a list of link arrays the official package."""
    from toolbox.graph import InfoMap, map_equation

    solvers = {"ours": _small_ours, "infomap": _small_official}
    solvers = {name: solve for name, solve in solvers.items() if name in installed_solvers()}
    cases = _small_cases()
    links = [np.column_stack([case.source, case.target, case.weights]) for case in cases]
    inputs = {"ours": [case.matrix for case in cases], "infomap": links}
    wall, cpu = ({name: [] for name in solvers} for _ in range(2))
    for _ in tqdm(range(3), disable=None):
        for name, solve in solvers.items():
            start = time.perf_counter()
            cpu[name].append(cpu_time(partial(_loop, solve, inputs[name]))[0])
            wall[name].append(time.perf_counter() - start)
    wall, cpu = ({k: statistics.median(v) for k, v in times.items()} for times in (wall, cpu))
    model = InfoMap(two_level=True, random_state=1)
    bits = {"ours": np.mean([model.fit(case.matrix).codelength_ for case in cases])}
    if "infomap" in solvers:
        found = [map_equation(case.matrix, official(case, 1)[2]) for case in cases]
        bits["infomap"] = np.mean(found)
    slower = "small" if wall["ours"] > wall.get("infomap", np.inf) else ""
    rows = []
    for name in solvers:
        times = [number(seconds[name], ".3f") for seconds in (wall, cpu)]
        rows.append([name, *times, f"{bits[name]:.6f}", slower if name == "ours" else ""])
    header = "package", "wall s", "CPU s", "mean bits", "misses"
    print_table("A hundred graphs of 100 to 1000 nodes", header, rows)


def _loop(solve, graphs):
    for graph in graphs:
        solve(graph)


def _small_cases():
    from toolbox.datasets import make_lfr_graph, make_planted_partition

    sizes = np.linspace(100, 1000, 50).astype(int).tolist()
    mixings = np.resize([0.2, 0.3, 0.4], 50).tolist()
    lfr = [
        make_lfr_graph(size, mixing=mixing, average_degree=10, random_state=size)
        for size, mixing in zip(sizes, mixings, strict=True)
    ]
    planted = [
        make_planted_partition(size, size // 25, 0.4, 3 / size, random_state=size) for size in sizes
    ]
    return [Case("", *graph) for graph in lfr + planted]


def _small_ours(matrix):
    from toolbox.graph import InfoMap

    return InfoMap(two_level=True, random_state=1).fit(matrix)


def _small_official(links):
    import infomap

    network = infomap.Network()
    network.add_links(links)
    return network.run(two_level=True, seed=1, num_trials=1, num_threads=1)


def start(args):
    command = [sys.executable, "apps/communities.py", "data/karate.txt"]
    run = partial(subprocess.run, command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    cold, warm = [], []
    for _ in tqdm(range(3), disable=None):
        with tempfile.TemporaryDirectory() as folder:
            run_here = partial(run, env=os.environ | {"TOOLBOX_CACHE_DIR": folder})
            cold.append(wall_time(run_here))
            warm += [wall_time(run_here) for _ in range(3)]
    rows = []
    for name, times, aim in (("cold", cold, COLD_SECONDS), ("warm", warm, WARM_SECONDS)):
        missed = "start" if max(times) > aim else ""
        times = [statistics.median(times), max(times)]
        rows.append([name, *(f"{seconds:.2f}" for seconds in times), missed])
    print_table("communities.py karate.txt, wall s", ["cache", "median", "worst", "misses"], rows)


def main():
    parts = {f.__name__: f for f in (threads, memory, cost, small, start)}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(parts)}")
    parser.add_argument("--nodes", type=int, default=10**6, help="for memory (default 1e6)")
    parser.add_argument("--seeds", type=int, default=3, help="for cost (default 3)")
    parser.add_argument("--official", action="store_true", help="cost of infomap, too")
    parser.add_argument("--peak-of", choices=["ours", "infomap"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--multilevel", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peak_of:
        print_peak(args)
        return
    if unknown := set(args.parts) - set(parts):
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    print_header("1 thread but for threads")
    for part in args.parts or ["threads", "small", "start"]:
        if part == "threads":
            ours(lfr_case("", 1000, 0.3), 1)  # compiled before it is timed
        parts[part](args)


if __name__ == "__main__":
    main()
