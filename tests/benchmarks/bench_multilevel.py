"""InfoMap's default, a hierarchy of modules, beside that of the official package.

::

    TOOLBOX_DATA=... python tests/benchmarks/bench_multilevel.py [GRAPH...]

Real graphs are ``$TOOLBOX_DATA/graphs/*.txt.gz``; without that variable they
are left out.  One thread, one trial; medians over the seeds, times are CPU
seconds of the process; what counts is told in ``infomap_levels.py``.  "infomap
says" is the code length that the official package tells of its hierarchy, "top"
the number of topmost modules.  The last column says where ours misses its aim.
"""

import argparse
from functools import partial

import numpy as np
from infomap_levels import COLUMNS, Aim, compared, installed
from infomap_peers import (
    LARGE_GRAPHS,
    SMALL_GRAPHS,
    Case,
    lfr_case,
    print_header,
    print_table,
    real_case,
    real_graphs,
)
from scipy import sparse
from tqdm import tqdm

TWO_WAY = 0.3  # share of the links that go both ways in a directed LFR graph

# Aims of speed.
LARGE, DIRECTED, SMALL = Aim(5), Aim(3), Aim()


def directed_lfr_case(name, n_nodes, mixing):
    """An LFR graph whose links have a random direction, or both."""
    matrix = lfr_case(name, n_nodes, mixing).matrix
    links = sparse.triu(matrix, 1).tocoo()
    generator = np.random.default_rng(0)
    back = generator.random(links.nnz) < 0.5
    both = generator.random(links.nnz) < TWO_WAY
    source = np.where(back, links.col, links.row)
    target = np.where(back, links.row, links.col)
    ends = np.append(source, target[both]), np.append(target, source[both])
    ones = np.ones(len(ends[0]))
    return Case(name, sparse.csr_array((ones, ends), shape=matrix.shape), directed=True)


def graphs():
    """Name, maker and aim of each graph, in two groups."""
    both_ways = [(*graph, SMALL) for graph in real_graphs(SMALL_GRAPHS)]
    both_ways += [(*graph, LARGE) for graph in real_graphs(LARGE_GRAPHS)]
    one_way = [
        (name, partial(real_case, name, directed=True), DIRECTED)
        for name, _ in real_graphs(["email-Eu-core"])
    ]
    for size in ("1e4", "1e5"):
        name, n_nodes = f"lfr-{size}-mix.5", int(float(size))
        both_ways.append((name, partial(lfr_case, name, n_nodes, 0.5), LARGE))
    one_way.append((name, partial(directed_lfr_case, name, n_nodes, 0.5), LARGE))
    return {"Undirected graphs": both_ways, "Directed graphs": one_way}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", help="parts of names of graphs; all by default")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each package (default 5)")
    args = parser.parse_args()
    print_header()
    solvers, seeds = installed(), range(1, args.seeds + 1)
    for title, group in graphs().items():
        if args.graphs:
            group = [graph for graph in group if any(part in graph[0] for part in args.graphs)]
        rows = []
        with tqdm(total=len(group) * args.seeds, disable=None) as bar:
            for name, make, aim in group:
                case = make()
                size = f"{case.n_nodes}", f"{len(case.source)}"
                rows.append([name, *size, *compared(case, solvers, seeds, False, aim, bar)])
        if rows:
            print_table(f"{title}, multilevel", ["graph", "nodes", "links", *COLUMNS], rows)


if __name__ == "__main__":
    main()
