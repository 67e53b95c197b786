"""Find the communities of graphs: a summary line, files and pictures."""

import argparse
import json
import logging
import os
import sys
import time
from concurrent.futures import CancelledError
from contextlib import ExitStack, closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

if __name__ == "__main__":
    # Run as a script: the package stands beside this folder, if it is not installed.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from toolbox._console import progress, reason, whole
from toolbox._targets import kind_of, tasks_of

# Anything heavier is imported where it is used, so that --help and a wrong
# argument answer at once.

DESCRIPTION = """\
Find the communities of graphs with the map equation (InfoMap) and print a line
for each graph: nodes, links, codelength, topmost modules, levels of modules,
seconds to read and solve."""

EPILOG = """\
-o and --plot name a file.  For several graphs they name a folder that exists,
which gets NAME.tree and NAME.png, or a pattern: -o 'out/{name}.clu.gz'.  All
files are there whole or not at all.

Several graphs are solved at the same time, their lines come in the order of the
graphs.  With --scheduler they are read here, solved by the workers of a Dask
cluster, which need this package, and the files are made here.

exit status: 0; 2 if an argument or a graph is bad (the other graphs are still
done); 130 after Ctrl-C.

examples:
  communities.py karate.txt -o karate.tree --plot karate.png
  communities.py graphs/ -o results/ --plot 'pictures/{name}.svg' --json"""

# Suffixes of the graphs in a folder; a file that is named itself may have any.
GRAPHS = (
    *(".txt", ".net", ".paj", ".pajek", ".edges", ".edgelist", ".links", ".tsv"),
    *(".graphml", ".gexf", ".gml"),
)
RESULTS = (".tree", ".ftree", ".clu", ".json", ".csv", ".graphml", ".gexf", ".parquet")
ANSWER = 5  # seconds in which a scheduler must answer
WORKERS = 60  # seconds in which it must have workers, which some start only when asked

GRAPH_HELP = (
    "link list, Pajek, GraphML, GEXF, GML or Parquet file, packed or not, or a folder of them "
    f"({' '.join(GRAPHS)})"
)
OUTPUT_HELP = f"write the modules: {' '.join(RESULTS)}, packed if .gz follows"
JOBS_HELP = "graphs, or trials of one, to run at the same time (default: one a core)"
SCHEDULER_HELP = "solve on a Dask cluster, such as tcp://host:8786"
TWO_LEVEL_HELP = "modules of nodes only, not modules of modules"
CERTAINTY_HELP = (
    "draw the links anew N times (default 100): modules that come again are significant"
)
BOOTSTRAPS = 100


def main(argv=None):
    """Run the app.

    Parameters
    ----------
    argv : list of str, default=None
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit status.
    """
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        return _run(args, parser.prog)
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return 130
    except CancelledError as error:  # by Dask, that has lost its scheduler
        print(f"{parser.prog}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read the lines has seen enough; let the flush at exit go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser():
    parser = argparse.ArgumentParser(
        description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("graphs", nargs="+", metavar="GRAPH", type=Path, help=GRAPH_HELP)
    add("-o", "--output", metavar="PATH", help=OUTPUT_HELP)
    add("--plot", metavar="PATH", help="draw a picture: .png, .svg, .pdf ...")
    add("--two-level", action="store_true", help=TWO_LEVEL_HELP)
    add("--certainty", type=whole(1), nargs="?", const=BOOTSTRAPS, metavar="N", help=CERTAINTY_HELP)
    add("--directed", action="store_true", help="links go from the first to the second node only")
    add("--trials", type=whole(1), metavar="N", help="searches to run, the best one counts")
    add("--seed", type=whole(0), metavar="N", default=0, help="same seed, same result (default 0)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=whole(1), metavar="N", help=JOBS_HELP)
    where.add_argument("--scheduler", metavar="ADDRESS", help=SCHEDULER_HELP)
    add("--json", action="store_true", help="print a JSON object a line instead of the summary")
    return parser


def _run(args, prog):
    status, files = 0, _Files()
    with ExitStack() as stack:
        try:
            tasks = _tasks(args)
            if args.scheduler:
                client = stack.enter_context(_connect(args.scheduler))
                solvers = _solve_there(tasks, args, client)
            else:
                solvers = _solve_here(tasks, args, stack.enter_context(files))
        except (OSError, ValueError, ImportError) as error:
            print(f"{prog}: {error}", file=sys.stderr)
            return 2
        stack.enter_context(closing(solvers))
        counted, show = stack.enter_context(progress(solvers, len(tasks), "graph"))
        for task, solver in zip(tasks, counted, strict=True):
            try:
                if not solver:
                    raise solver.error
                if hasattr(solver, "infomap_"):
                    files.make(task, solver.infomap_, solver.certainty_)
            except Exception as error:
                show(f"{prog}: {reason(task.source, error)}", sys.stderr)
                status = 2
            else:
                found = solver.found_
                show(json.dumps(found) if args.json else _summary(found), sys.stdout)
    return status


def _options(args):
    """Parameters of InfoMap, the same for each graph."""
    options = {} if args.trials is None else {"n_trials": args.trials}
    options |= {"directed": args.directed or None, "two_level": args.two_level}
    return options | {"random_state": args.seed}


def _solve_here(tasks, args, files):
    """Solvers of all tasks in order, from threads that read and write by themselves."""
    from joblib import cpu_count, parallel_config

    from toolbox.graph import fit_many

    jobs = args.jobs or cpu_count()
    together = min(jobs, len(tasks))
    if together < min(jobs, args.trials or 1):
        together = 1  # the trials of one graph after another keep more cores busy
    options = _options(args)
    if together == 1:
        options |= {"n_jobs": jobs, "verbose": True}
    with parallel_config(backend="threading"):
        return fit_many(
            [(task, None, 0) for task in tasks],
            _Solver(options, args.certainty, files),
            together,
            on_error="record",
            return_as="generator",
        )


def _solve_there(tasks, args, client):
    """Solvers of all tasks in order, from a cluster that need not have our disk."""
    from joblib import parallel_config

    from toolbox.graph import fit_many

    def graphs():
        for task in tasks:
            start = time.perf_counter()
            try:
                graph = _read(task, args.directed)
            except Exception as error:
                graph = error  # _Solver raises it
            yield task, graph, time.perf_counter() - start

    with parallel_config(backend="dask", client=client, wait_for_workers_timeout=WORKERS):
        try:
            return fit_many(
                graphs(),
                _Solver(_options(args), args.certainty),
                on_error="record",
                return_as="generator",
            )
        except TimeoutError:
            raise ValueError(
                f"--scheduler {args.scheduler}: no workers; 'dask worker {args.scheduler}' is one"
            ) from None


def _connect(address):
    """A client of a Dask scheduler."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError(
            f"--scheduler needs Dask ({error}): pip install kexue-toolbox[dask]"
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters comes as an error
    try:
        return Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"--scheduler {address}: no answer ({error}); start it with 'dask scheduler' and "
            "give the address it says, such as tcp://host:8786"
        ) from error


class _Solver:
    """What is fitted to each task: reads the graph, finds the modules, makes the files.

    A graph that comes with the task has been read already, in so many seconds,
    and its files are left to others; an error in its place is what reading it
    brought.
    """

    def __init__(self, options, n_boot=None, files=None):
        self.options = options
        self.n_boot = n_boot
        self.files = files

    def get_params(self, deep=True):
        return {}  # none that may be changed: each graph is solved as if it were the only one

    def __sklearn_clone__(self):
        return _Solver(self.options, self.n_boot, self.files)

    def fit(self, X, y=None):
        from toolbox.graph import InfoMap

        task, graph, seconds = X
        start = time.perf_counter()
        if graph is None:
            graph = _read(task, self.options["directed"])
        if isinstance(graph, Exception):
            raise graph
        infomap = InfoMap(**self.options).fit(graph)
        certainty = None
        if self.n_boot:
            certainty = infomap.significance(
                self.n_boot,
                n_jobs=self.options.get("n_jobs"),
                verbose=self.options.get("verbose", False),
            )
            # The bootstraps themselves are not needed any more, and may be large.
            certainty = replace(certainty, partitions=certainty.partitions[:0])
        seconds += time.perf_counter() - start
        if self.files:
            self.files.make(task, infomap, certainty, graph)
        elif task.output or task.picture:
            self.infomap_, self.certainty_ = infomap, certainty
        self.found_ = {
            "graph": str(task.source),
            "name": task.name,
            "nodes": graph.n_nodes,
            "links": graph.n_links,
            "directed": graph.directed,
            "codelength": float(infomap.codelength_),
            "modules": int(infomap.n_modules_),
            "levels": len(infomap.levels_),
            "seconds": round(seconds, 4),
            "files": [str(path) for path in (task.output, task.picture) if path],
        }
        if certainty:
            self.found_ |= {
                "bootstraps": certainty.n_boot,
                "significant": certainty.significant.tolist(),
                "stability": certainty.stability.round(4).tolist(),
            }
        return self


def _read(task, directed):
    from toolbox.graph import read_graph

    graph = read_graph(task.source, directed=directed or None)
    return graph.to_states() if hasattr(graph, "to_states") else graph  # of layers


class _Files:
    """Makes files, one thread at a time, and none when the work is over or called off."""

    def __init__(self):
        self._lock = Lock()
        self._over = False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with self._lock:
            self._over = True

    def make(self, task, infomap, certainty, graph=None):
        """Write and draw what the task wants, from a graph that is read again if not given."""
        with self._lock:
            if self._over:
                return
            with_links = task.output and kind_of(task.output) in (".ftree", ".json")
            if graph is None and (task.picture or with_links):
                graph = _read(task, infomap.directed)
            if task.picture:
                from toolbox.plot import plot_certainty, plot_communities, save_picture

                if certainty:
                    picture = plot_certainty(graph, infomap, certainty, name=task.name)
                else:
                    picture = plot_communities(graph, infomap, name=task.name)
            if task.output:
                _write(infomap, graph, task.output)
            if task.picture:
                save_picture(picture, task.picture)


def _write(infomap, graph, path):
    from toolbox import graph as to

    write = {".tree": to.write_tree, ".clu": to.write_clu, ".csv": to.write_csv}
    write[".parquet"] = to.write_parquet
    with_links = {".ftree": to.write_ftree, ".json": to.write_json}
    with_links |= {".graphml": to.write_graphml, ".gexf": to.write_gexf}
    kind = kind_of(path)
    if kind in with_links:
        with_links[kind](infomap, path, graph)
    else:
        write[kind](infomap, path)


def _tasks(args):
    """What to do, after all that can be checked before the work."""
    tasks = tasks_of(args.graphs, args.output, args.plot, GRAPHS, ".tree")
    for task in tasks:
        if task.output:
            _check_output(task.output)
        if task.picture:
            _check_picture(task.picture)
    return tasks


def _check_output(path):
    if kind_of(path) not in RESULTS:
        raise ValueError(f"{path}: the suffix must be one of {' '.join(RESULTS)}, or that and .gz")
    if kind_of(path) == ".parquet" and not find_spec("pyarrow"):
        raise ImportError(f"{path} needs pyarrow: pip install kexue-toolbox[parquet]")


def _check_picture(path):
    try:
        from toolbox.plot import check_picture_path

        check_picture_path(path)
    except ImportError as error:
        raise ImportError(
            f"--plot needs matplotlib ({error}): pip install kexue-toolbox[plot]"
        ) from error


def _summary(found):
    modules = f"{found['modules']} modules"
    if found["levels"] > 1:
        modules += f" in {found['levels']} levels"
    if "significant" in found:
        modules += f", {sum(found['significant'])} significant"
    return (
        f"{found['name']}: {found['nodes']} nodes, {found['links']} links, "
        f"{found['codelength']:.6f} bits, {modules}, {found['seconds']:.2f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
