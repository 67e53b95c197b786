"""InfoMap.significance: time beside trials of the official package, and what is significant.

::

    TOOLBOX_DATA=... python tests/benchmarks/bench_certainty.py [GRAPH...]
    python tests/benchmarks/bench_certainty.py --random    # random graphs, some minutes

By default: seconds of 100 bootstraps on LFR graphs and, with ``TOOLBOX_DATA``,
on ``$TOOLBOX_DATA/graphs/*.txt.gz``, beside ten trials of the official package
on one thread, two-level and with its default hierarchy, all in this process.
CPU seconds on one thread, wall seconds on two; the fit and the building of the
official graph are not timed.  A ratio above 1 means that we are faster.

With ``--random``: modules found and significant in Erdos-Renyi graphs, where
none is real, and in LFR graphs, where all are.
"""

import argparse
import time
from functools import partial

import numpy as np
from infomap_peers import (
    LARGE_GRAPHS,
    Case,
    cpu_time,
    installed_solvers,
    lfr_case,
    number,
    official,
    print_header,
    print_table,
    real_graphs,
)
from tqdm import tqdm

N_TRIALS = 10
DEGREES = 3, 4, 5, 6, 8, 9, 10, 12, 20


def times(graphs, n_boot):
    from toolbox.graph import InfoMap

    has_official = "infomap" in installed_solvers()
    InfoMap(random_state=0).fit(graphs[0][1]().matrix).significance(2)  # compiles
    rows = []
    for name, make in tqdm(graphs, disable=None):
        case = make()
        model = InfoMap(random_state=0).fit(case.matrix)
        alone, found = cpu_time(partial(model.significance, n_boot))
        start = time.perf_counter()
        model.significance(n_boot, n_jobs=2)
        both = time.perf_counter() - start
        row = [name, f"{case.n_nodes}", f"{len(case.source)}", f"{alone:.2f}", f"{both:.2f}"]
        for two_level in (True, False):
            seconds = np.nan
            if has_official:
                seconds = official(case, 1, N_TRIALS, two_level)[1]
            ratios = [number(seconds / ours, ".2f") for ours in (alone, both)]
            row += [number(seconds, ".2f"), *ratios]
        significant = f"{found.n_significant} of {found.n_modules}"
        rows.append([*row, significant, f"{found.membership.mean():.3f}"])
    names = "two-level", "by 1", "by 2", "multilevel", "by 1", "by 2"
    columns = (
        "graph",
        "nodes",
        "links",
        "1 thread",
        "2 threads",
        *names,
        "significant",
        "membership",
    )
    print_table(f"{n_boot} bootstraps, and {N_TRIALS} trials of infomap, s", columns, rows)


def significant_modules(n_boot, n_seeds):
    from toolbox.datasets import make_lfr_graph, make_planted_partition

    def random(degree, size, seed):
        return make_planted_partition(size, 1, degree / (size - 1), 0, random_state=seed)

    def planted(size, mixing, degree, seed):
        return make_lfr_graph(size, mixing=mixing, average_degree=degree, random_state=seed)

    kinds = [(f"random, degree {d}", partial(random, d, 1000)) for d in DEGREES]
    kinds += [(f"random, 100 nodes, degree {d}", partial(random, d, 100)) for d in DEGREES]
    for size, mixing, degree in (
        *((1000, 0.3, 15), (1000, 0.5, 15), (1000, 0.5, 20)),
        *((10_000, 0.3, 18), (10_000, 0.5, 18)),
    ):
        name = f"LFR {size}, mixing {mixing}, degree {degree}"
        kinds.append((name, partial(planted, size, mixing, degree)))
    rows = []
    for name, make in tqdm(kinds, disable=None):
        found = [_certainty(Case(name, *make(seed)), n_boot, seed) for seed in range(n_seeds)]
        modules = sum(int((np.bincount(one.labels) > 1).sum()) for one in found)
        best = max(one.set_apart[np.bincount(one.labels) > 1].max() for one in found)
        significant = sum(one.n_significant for one in found)
        membership = np.mean([one.membership.mean() for one in found])
        rows.append([name, f"{modules}", f"{significant}", f"{best:.2f}", f"{membership:.3f}"])
    columns = "graph", "modules", "significant", "most often", "membership"
    print_table(f"Modules of two nodes or more in {n_seeds} graphs of each kind", columns, rows)


def _certainty(case, n_boot, seed):
    from toolbox.graph import InfoMap

    return InfoMap(random_state=seed).fit(case.matrix).significance(n_boot, n_jobs=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", help="parts of names of graphs; all by default")
    parser.add_argument("--boot", type=int, default=100, help="bootstraps (default 100)")
    parser.add_argument("--random", action="store_true", help="only: what is significant")
    parser.add_argument("--seeds", type=int, default=5, help="graphs of each kind (default 5)")
    args = parser.parse_args()
    print_header()
    if args.random:
        significant_modules(args.boot, args.seeds)
        return
    graphs = [
        (f"lfr-1e4-mix{mixing:g}".replace("0.", "."), partial(lfr_case, "", 10**4, mixing))
        for mixing in (0.3, 0.5)
    ]
    graphs += real_graphs(LARGE_GRAPHS)
    if args.graphs:
        graphs = [graph for graph in graphs if any(part in graph[0] for part in args.graphs)]
    times(graphs, args.boot)


if __name__ == "__main__":
    main()
