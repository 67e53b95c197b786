"""Time to read link lists: ``python tests/benchmarks/bench_reading.py [largest]``.

Prints a table of medians in seconds (one run where a run takes longer than ten
seconds) from a file to what the reader makes: a Graph, an adjacency, a table.
A reader that took more than a minute is not asked for larger files; readers
that are not installed are left out.  The first row is the peak memory of ours.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def ours(path):
    from toolbox.graph import read_graph

    return lambda: read_graph(path)


def numpy_loadtxt(path):
    return lambda: np.loadtxt(path, dtype=np.int64)


def pandas_read_csv(path):
    import pandas

    return lambda: pandas.read_csv(path, sep=" ", header=None).to_numpy()


def networkx_edgelist(path):
    import networkx

    return lambda: networkx.read_edgelist(path, nodetype=int)


def networkit_reader(path):
    import networkit

    return lambda: networkit.graphio.EdgeListReader(" ", 0).read(str(path))


def igraph_edgelist(path):
    import igraph

    return lambda: igraph.Graph.Read_Edgelist(str(path), directed=False)


def infomap_reader(path):
    import infomap

    return lambda: infomap.Infomap(silent=True).read_file(str(path))


READERS = [ours, pandas_read_csv, numpy_loadtxt, networkit_reader, igraph_edgelist]
READERS += [infomap_reader, networkx_edgelist]


def write_links(path, n_links):
    """Random links between at most a million nodes."""
    rng = np.random.default_rng(0)
    with open(path, "w") as file:
        for first in range(0, n_links, 100_000):
            n = min(100_000, n_links - first)
            ends = rng.integers(0, min(10**6, max(n_links // 10, 10)), (n, 2))
            file.writelines(map("%d %d\n".__mod__, map(tuple, ends.tolist())))


def median_time(run, n_runs=5):
    times = []
    for _ in range(n_runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
        if times[-1] > 10:
            break
    return statistics.median(times)


def peak_memory(path):
    """Megabytes of a fresh process that reads the file."""
    script = (
        "import resource, sys\n"
        "from toolbox.graph import read_graph\n"
        "read_graph(sys.argv[1])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, check=True)
    return int(done.stdout) / 1024


def main(largest=10**7):
    sizes = [size for size in (100, 10**5, 10**6, 10**7) if size <= largest]
    print(f"{'reader':<20}" + "".join(f"{f'{size:.0e} links':>14}" for size in sizes))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{size}.txt" for size in sizes]
        for path, size in zip(paths, sizes, strict=True):
            write_links(path, size)
        # First, because a new process inherits the peak of the one that starts it.
        print(f"{'ours, peak MB':<20}" + "".join(f"{peak_memory(path):14.0f}" for path in paths))
        for reader in READERS:
            with contextlib.suppress(ImportError):
                reader(paths[0])()  # imports, compiles
                if reader is ours:
                    reader(paths[min(1, len(paths) - 1)])()
                print(f"{reader.__name__:<20}", end="", flush=True)
                taken = 0
                for path in paths:
                    taken = median_time(reader(path)) if taken < 60 else None
                    print(f"{taken:14.4f}" if taken else f"{'-':>14}", end="", flush=True)
                    if taken is None:
                        break
                print()


if __name__ == "__main__":
    main(*(int(float(argument)) for argument in sys.argv[1:]))
