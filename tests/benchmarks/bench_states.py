"""InfoMap of state and multilayer networks beside the official package.

::

    TOOLBOX_DATA=... python tests/benchmarks/bench_states.py [NETWORK...]

Walks with memory: the states of a graph are its links, each in both directions,
and from each of them some continuations are drawn.  Layers: LFR graphs of the
same nodes, which share half of their communities, as the states that
``MultilayerNetwork.to_states`` makes; making them is not timed.  Both packages
get the same links between states, all of them directed.  One thread, one trial;
medians over the seeds, times are CPU seconds of the process; what counts is told
in ``infomap_levels.py``.  "infomap says" is the code length that the official
package tells of its modules, "top" the number of topmost modules.  The last
column says where ours misses its aim.
"""

import argparse
from functools import partial

import numpy as np
from infomap_levels import COLUMNS, Aim, compared, installed
from infomap_peers import Case, lfr_case, print_header, print_table, real_graphs
from scipy import sparse
from tqdm import tqdm

CONTINUATIONS, RETURN = 4, 0.3  # of each state, and how likely each goes back
LAYERS, LAYER_NODES, LAYER_MIXING = 5, 5000, 0.3
AIM = Aim(3)


def memory_case(name, make):
    """States are directed links (i, j); from each, links to states (j, k) are drawn."""
    matrix = make().matrix
    n, n_links = matrix.shape[0], matrix.nnz
    target = matrix.indices
    source = np.repeat(np.arange(n), np.diff(matrix.indptr))
    numbers = sparse.csr_array((np.arange(n_links), target, matrix.indptr), shape=matrix.shape)
    turned = numbers.T.tocsr()  # of (i, j) the number of (j, i): the graph is symmetric
    turned.sort_indices()
    generator = np.random.default_rng(0)
    state = np.repeat(np.arange(n_links), CONTINUATIONS)
    middle = target[state]
    degree = np.diff(matrix.indptr)[middle]
    onward = matrix.indptr[middle] + (generator.random(len(state)) * degree).astype(np.int64)
    returns = generator.random(len(state)) < RETURN
    onward = np.where(returns, turned.data[state], onward)
    if not (source[onward] == middle).all():
        raise ValueError(f"{name} must be undirected: links back are looked up")
    links = np.ones(len(state)), (state, onward)
    states = sparse.csr_array(links, shape=(n_links, n_links))
    return Case(name, states, directed=True, physical=target)


def layers_case(name):
    """In each layer the same LFR graph, its nodes mixed.

    Half of the communities keep their nodes, the nodes of the others are mixed
    among all of these.
    """
    from toolbox.graph import from_layers

    case = lfr_case(name, LAYER_NODES, LAYER_MIXING)
    generator = np.random.default_rng(0)
    n_communities = case.truth.max() + 1
    kept = generator.permutation(n_communities) < n_communities // 2
    group = np.where(kept[case.truth], case.truth, n_communities)
    ordered = np.argsort(group, kind="stable")
    graphs = []
    for _ in range(LAYERS):
        place = np.empty(case.n_nodes, np.int64)
        place[ordered] = np.lexsort((generator.random(case.n_nodes), group))
        graphs.append(sparse.csr_array(case.matrix[place][:, place]))
    network = from_layers(graphs).to_states()
    return Case(name, network.to_scipy(), directed=True, physical=network.physical)


def networks():
    """Name and maker of the networks."""
    graphs = real_graphs(["email-Eu-core", "ca-CondMat"])
    graphs.append(("lfr-1e4-mix.5", partial(lfr_case, "", 10**4, 0.5)))
    found = [(f"{name} memory", partial(memory_case, name, make)) for name, make in graphs]
    return [*found, (f"{LAYERS} layers", partial(layers_case, "layers"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", help="parts of names of networks; all by default")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each package (default 5)")
    args = parser.parse_args()
    print_header()
    solvers, seeds = installed(), range(1, args.seeds + 1)
    chosen = networks()
    if args.networks:
        chosen = [one for one in chosen if any(part in one[0] for part in args.networks)]
    tables = {"Two-level": (True, []), "Multilevel": (False, [])}
    with tqdm(total=2 * len(chosen) * args.seeds, disable=None) as bar:
        for name, make in chosen:
            case = make()
            sizes = len(np.unique(case.physical)), case.n_nodes, len(case.source)
            for two_level, rows in tables.values():
                cells = compared(case, solvers, seeds, two_level, AIM, bar)
                rows.append([name, *map(str, sizes), *cells])
    for title, (_, rows) in tables.items():
        print_table(title, ["network", "nodes", "states", "links", *COLUMNS], rows)


if __name__ == "__main__":
    main()
