"""Graphs, packages that find communities, and tables, for the benchmarks of InfoMap.

Every package gets the same links and isolated nodes and one thread.  A solver
takes a Case and a seed and returns the CPU seconds to build the package's own
graph, those to search, and the labels.
"""

import contextlib
import datetime
import importlib.metadata
import os
import platform
import random
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy import sparse

PACKAGES = {"infomap": "infomap", "NetworKit": "networkit", "igraph": "igraph"}
SMALL_GRAPHS = ("football", "polbooks", "polblogs", "email-Eu-core")
LARGE_GRAPHS = ("ca-CondMat", "ca-AstroPh", "soc-brightkite", "web-BerkStan")
SAME_CODE = 1e-9  # bits


@dataclass
class Case:
    """A graph as each package wants it, and its true communities if known.

    With ``physical`` the nodes are states of these physical nodes.
    """

    name: str
    matrix: sparse.csr_array
    truth: np.ndarray | None = None
    directed: bool = False
    physical: np.ndarray | None = None

    def __post_init__(self):
        matrix = self.matrix.tocoo()
        once = slice(None) if self.directed else matrix.row <= matrix.col
        self.source, self.target = matrix.row[once], matrix.col[once]
        self.weights = matrix.data[once]
        self.n_nodes = matrix.shape[0]
        linked = np.zeros(self.n_nodes, bool)
        linked[self.source] = linked[self.target] = True
        self.isolated = np.flatnonzero(~linked)

    def fresh(self):
        """The matrix without what scipy remembers of earlier checks."""
        parts = self.matrix.data, self.matrix.indices, self.matrix.indptr
        return sparse.csr_array(parts, shape=self.matrix.shape)


def lfr_case(name, n_nodes, mixing):
    from toolbox.datasets import make_lfr_graph

    largest = min(int(2 * np.sqrt(n_nodes)), 500)
    graph, truth = make_lfr_graph(
        n_nodes,
        mixing=mixing,
        average_degree=18,
        min_community=20,
        max_community=largest,
        random_state=0,
    )
    return Case(name, graph, truth)


def real_case(name, directed=False):
    from toolbox.graph import read_graph

    folder = Path(os.environ["TOOLBOX_DATA"], "graphs")
    graph = read_graph(folder / f"{name}.txt.gz", directed=directed)
    truth, labels = None, folder / f"{name}.labels.txt"
    if labels.exists():
        truth = np.loadtxt(labels, dtype=np.int64)
        if graph.names is not None:
            truth = truth[graph.names]
    return Case(name, graph.to_scipy(), truth, directed)


def real_graphs(names):
    """Name and maker of the real graphs that there are."""
    data = os.environ.get("TOOLBOX_DATA")
    if not data:
        print("TOOLBOX_DATA is not set: real graphs are left out")
        return []
    found = [name for name in names if Path(data, "graphs", f"{name}.txt.gz").exists()]
    if len(found) < len(names):
        print("not in $TOOLBOX_DATA/graphs:", ", ".join(sorted(set(names) - set(found))))
    return [(name, partial(real_case, name)) for name in found]


def all_graphs(large):
    graphs = real_graphs(SMALL_GRAPHS + LARGE_GRAPHS)
    settings = [("1e4", 0.3), ("1e4", 0.5), ("1e5", 0.3), ("1e5", 0.5)]
    for size, mixing in [*settings, ("1e6", 0.4)] if large else settings:
        name = f"lfr-{size}-mix{mixing:g}".replace("0.", ".")
        graphs.append((name, partial(lfr_case, name, int(float(size)), mixing)))
    return graphs


def cpu_time(run):
    """CPU seconds, and what comes out."""
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def ours(case, seed):
    from toolbox.graph import InfoMap, as_graph

    model = InfoMap(two_level=True, random_state=seed)
    seconds, _ = cpu_time(partial(model.fit, case.fresh()))  # reads it, too
    reading, _ = cpu_time(partial(as_graph, case.fresh()))
    return reading, seconds, model.labels_


def official(case, seed, n_trials=1, two_level=True):
    reading, seconds, result = official_result(case, seed, n_trials, two_level)
    modules = result.modules()
    labels = np.full(case.n_nodes, -1)
    labels[np.fromiter(modules, np.int64)] = np.fromiter(modules.values(), np.int64)
    alone = labels < 0
    labels[alone] = labels.max() + 1 + np.arange(np.count_nonzero(alone))
    return reading, seconds, labels


def official_result(case, seed, n_trials=1, two_level=True):
    """CPU seconds to build and to search, and what the official package returns."""
    import infomap

    links = np.column_stack([case.source, case.target, case.weights])
    network = infomap.Network()

    def build():
        if case.physical is None:
            network.add_nodes(case.isolated.tolist())
        else:
            for state, node in enumerate(case.physical.tolist()):
                network.add_state_node(state, node)
        network.add_links(links)

    reading, _ = cpu_time(build)
    options = {"two_level": two_level, "seed": seed, "num_trials": n_trials, "num_threads": 1}
    if case.directed:
        options["flow_model"] = "directed"
    seconds, result = cpu_time(lambda: network.run(**options))
    return reading, seconds, result


def networkit(case, seed):
    import networkit

    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    ends = case.source.astype(np.uint64), case.target.astype(np.uint64)  # it trusts the type
    build = partial(networkit.GraphFromCoo, (case.weights, ends), n=case.n_nodes, weighted=True)
    reading, graph = cpu_time(build)
    search = networkit.community.LouvainMapEquation(
        graph, hierarchical=False, maxIterations=32, parallelizationStrategy="none"
    )
    seconds, _ = cpu_time(search.run)
    return reading, seconds, np.array(search.getPartition().getVector())


def igraph(case, seed):
    import igraph

    random.seed(seed)  # where igraph takes its numbers from
    edges = np.column_stack([case.source, case.target])
    reading, graph = cpu_time(partial(igraph.Graph, n=case.n_nodes, edges=edges))
    weights = None if (case.weights == 1).all() else case.weights
    seconds, found = cpu_time(lambda: graph.community_infomap(edge_weights=weights, trials=1))
    return reading, seconds, np.array(found.membership)


def installed_solvers():
    """Solvers by name; all have run once, so that nothing is compiled or loaded later."""
    from toolbox.datasets import load_planted

    case = Case("warm-up", *load_planted())
    solvers = {}
    for name, solve in zip(["ours", *PACKAGES], [ours, official, networkit, igraph], strict=True):
        with contextlib.suppress(ImportError):
            solve(case, 1)
            solvers[name] = solve
    return solvers


def number(value, form):
    return "-" if np.isnan(value) else f"{value:{form}}"


def print_table(title, header, rows):
    """A Markdown table that is also aligned as plain text."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rules = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    print(f"\n{title}\n")
    for row in [header, rules, *rows]:
        first, *rest = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        print("| " + " | ".join(cells) + " |")


def print_header(threads="1 thread"):
    """Date, versions, machine."""
    versions = [f"Python {platform.python_version()}"]
    for package in ("numba", *PACKAGES.values()):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
        processor = models[0] if models else processor
    with contextlib.suppress(AttributeError, OSError):
        threads += f", load before {os.getloadavg()[0]:.1f}"
    print(f"{datetime.date.today()}; {', '.join(versions)}; {processor}; {threads}")
