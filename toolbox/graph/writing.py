"""Partitions of graphs as files, in the formats of the official Infomap.

All functions take a fitted estimator (anything with ``labels_``, ``levels_``,
``flow_``, ``codelength_``, ``directed_`` and ``node_names_``) and a path; one
that ends in ``.gz`` makes a packed file.  A file is there whole or not at all.

Modules and nodes have a *path* like ``2:1:3``: the third node of the first
submodule of the second module.  Module ``k`` of ``labels_`` is number
``k + 1``; submodules and nodes are ranked by flow.

Nodes have an *id*: their names if those are whole numbers from 0, as in a link
list; their number from 0 without names; their number from 1 with other names,
as in a Pajek file.  So the official Infomap, if it has read the same file,
knows the nodes by the same ids.
"""

import gzip
import io
import json
import os
from contextlib import contextmanager

import numpy as np
from scipy import sparse

from toolbox._files import atomic_path
from toolbox._version import __version__
from toolbox.graph.network import as_graph

_CHUNK = 100_000  # this many lines are text at the same time
_BREAKS = str.maketrans("\r\n", "  ")


def write_tree(result, path):
    """Write the tree of modules: a line ``path flow "name" node_id`` for each node.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.tree`` or ``.tree.gz``.
    """
    tree = _Tree(result)
    with _open(path) as file:
        _write_nodes(file, result, tree)


def write_ftree(result, path, graph, link_flow=None):
    """Write the tree of modules, and the flow between the children of each module.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.ftree`` or ``.ftree.gz``.
    graph : Graph or anything else that ``fit`` takes
        The graph of the result.
    link_flow : array-like of shape (n_entries,), default=None
        Flow along each entry of the rows of the graph.  None: each node shares
        its flow out over its links by weight, which is exact for undirected
        graphs.
    """
    tree = _Tree(result)
    links = _Links(result, tree, graph, link_flow)
    with _open(path) as file:
        _write_nodes(file, result, tree)
        file.write(f"*Links {_flow_model(result)}\n")
        if not result.directed_:
            file.write("# link flow is both directions combined, one row per pair\n")
        file.write("#*Links path enterFlow exitFlow numEdges numChildren\n")
        for k, module in enumerate(tree.modules):
            begin, end = links.bounds[k], links.bounds[k + 1]
            file.write(
                f"*Links {module[:-1] or 'root'} {links.enter[k]:.9g} {links.exit[k]:.9g} "
                f"{end - begin} {tree.n_children[k]}\n"
            )
            for part in _chunks(begin, end):
                rows = zip(*(column[part].tolist() for column in links.columns), strict=True)
                file.writelines(map("%d %d %.9g\n".__mod__, rows))


def write_clu(result, path):
    """Write the top modules: a line ``node_id module flow`` for each node, in their order.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.clu`` or ``.clu.gz``.
    """
    tree = _Tree(result)
    columns = tree.ids, np.asarray(result.labels_) + 1, tree.flow
    with _open(path) as file:
        file.write(_comments(result, tree) + "# module level 1\n# node_id module flow\n")
        for part in _chunks(0, len(tree.ids)):
            rows = zip(*(column[part].tolist() for column in columns), strict=True)
            file.writelines(map("%d %d %.9g\n".__mod__, rows))


def write_csv(result, path):
    """Write the tree of modules as a table with columns path, flow, name and node_id.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.csv`` or ``.csv.gz``.
    """
    tree = _Tree(result)
    with _open(path) as file:
        file.write("path,flow,name,node_id\n")
        for module, rank, flow, names, ids in tree.rows():
            names = [name.replace('"', '""') for name in names]
            rows = zip(module, rank, flow, names, ids, strict=True)
            file.writelines(map('%s%d,%.9g,"%s",%d\n'.__mod__, rows))


def write_json(result, path, graph=None, link_flow=None):
    """Write the tree of modules and its measures as one JSON object.

    Its keys are those of the official Infomap that do not tell about a run.
    ``mec`` is the map equation centrality of a node [1]_.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.json`` or ``.json.gz``.
    graph : Graph or anything else that ``fit`` takes, default=None
        The graph of the result; adds the list of modules, with flow, links and
        codelength.
    link_flow : array-like of shape (n_entries,), default=None
        As in :func:`write_ftree`.

    References
    ----------
    .. [1] Blöcker, Nieves, Rosvall (2022), Applied Network Science 7, 56.
       doi:10.1007/s41109-022-00477-9
    """
    tree = _Tree(result)
    links = None if graph is None else _Links(result, tree, graph, link_flow)
    summary = {
        "version": f"kexue-toolbox {__version__}",
        "codelength": float(result.codelength_),
        "numLevels": len(tree.n_modules) + 1,
        "numTopModules": tree.n_modules[0],
        "numModules": [*tree.n_modules, 0],
        "relativeCodelengthSavings": _savings(result, tree),
        "directed": bool(result.directed_),
        "flowModel": _flow_model(result),
        "higherOrder": False,
    }
    numbers = tree.module_numbers()
    line = '{"path":[%s%d],"modules":[' + ",".join(["%d"] * len(numbers)) + '],"name":%s'
    line += ',"flow":%.9g,"mec":%.9g,"id":%d}'
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with _open(path) as file:
        file.write(json.dumps(summary)[:-1] + ',"nodes":[')
        mark = "\n"
        for module, rank, flow, names, ids, mec, *modules in tree.rows(tree.centrality(), *numbers):
            module = [prefix.replace(":", ",") for prefix in module]
            rows = zip(module, rank, *modules, map(encode, names), flow, mec, ids, strict=True)
            file.write(mark + ",\n".join(map(line.__mod__, rows)))
            mark = ",\n"
        file.write("\n]")
        if links:
            file.write(',"modules":[\n' + ",\n".join(map(json.dumps, links.modules())) + "\n]")
        file.write("}\n")


class _Tree:
    """Order, paths and names of nodes and modules, from the label arrays of a result.

    Modules are numbered in the order of the file, parents first; 0 is the root.
    ``n_modules`` counts them at each depth.  ``steps`` goes down the tree:
    arrays (module, rank) say in which module each node is and which child of
    it the node belongs to.  A branch that ends early stays in its module, as
    an only child, up to the last step, in which the children are the nodes.
    """

    def __init__(self, result):
        self.flow = np.asarray(result.flow_, dtype=np.float64)
        self.ids, self._names = _ids(result.node_names_, len(self.flow))
        self.steps, modules = [], [""]
        module = np.zeros(len(self.flow), np.int64)
        for depth, labels in enumerate(result.levels_):
            flow = self.flow if depth else np.zeros_like(self.flow)  # labels are ranked already
            parent, rank, child = _ranked(module, np.asarray(labels), flow)
            siblings = np.bincount(parent, minlength=len(modules))
            splits = (siblings[parent] > 1) | (depth == 0)
            number = np.where(splits, len(modules) + np.cumsum(splits) - 1, parent)
            self.steps.append((module, rank[child]))
            pairs = zip(parent[splits].tolist(), rank[splits].tolist(), strict=True)
            modules += [f"{modules[above]}{place}:" for above, place in pairs]
            module = number[child]
        order = np.lexsort((-self.flow, module))
        rank = np.empty_like(module)
        rank[order] = _places(module[order])
        self.steps.append((module, rank))
        self.order = np.lexsort([rank for _, rank in reversed(self.steps)])
        self._number(modules)

    def _number(self, modules):
        """Renumber the modules from level by level to the order of the file."""
        first = np.full(len(modules), len(self.flow))
        for module, _ in self.steps:
            inside, position = np.unique(module[self.order], return_index=True)
            first[inside] = position
        order = np.argsort(first, kind="stable")
        number = np.argsort(order)
        self.modules = [modules[k] for k in order.tolist()]
        depths = [module.count(":") for module in modules]
        self.n_modules = np.bincount(depths)[1:].tolist()
        self.steps = [(number[module], rank) for module, rank in self.steps]
        self.n_children = np.ones(len(modules), np.int64)
        for module, rank in self.steps:
            np.maximum.at(self.n_children, module, rank)

    def rows(self, *columns):
        """Chunks of lists, in the order of the file: module, rank, flow, name, id, columns."""
        module, rank = self.steps[-1]
        for part in _chunks(0, len(self.order)):
            nodes = self.order[part]
            ids = self.ids[nodes].tolist()
            names = self._names and [self._names[node] for node in nodes.tolist()]
            yield (
                [self.modules[k] for k in module[nodes].tolist()],
                rank[nodes].tolist(),
                self.flow[nodes].tolist(),
                names or list(map(str, ids)),
                ids,
                *(column[nodes].tolist() for column in columns),
            )

    def module_numbers(self):
        """For each level, the number of each node's module in the order of the file."""
        new = np.zeros(len(self.order), bool)
        new[:1] = True
        numbers = []
        for _, rank in self.steps[:-1]:
            new[1:] |= np.diff(rank[self.order]) != 0
            number = np.empty(len(new), np.int64)
            number[self.order] = np.cumsum(new)
            numbers.append(number)
        return numbers

    def centrality(self):
        """Map equation centrality: bits that silencing each node would save."""
        module = self.steps[-1][0]
        whole = np.bincount(module, self.flow)[module]
        rest = np.maximum(whole - self.flow, 0)
        return rest * np.log2(np.divide(whole, rest, out=np.ones_like(rest), where=rest > 0))


class _Links:
    """Flow of the links between the children of each module."""

    def __init__(self, result, tree, graph, link_flow):
        graph = as_graph(graph, directed=bool(result.directed_))
        if graph.n_nodes != len(tree.flow):
            raise ValueError(f"the graph has {graph.n_nodes} nodes, the result {len(tree.flow)}")
        source = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
        if link_flow is None:
            strength = np.bincount(source, graph.weights, graph.n_nodes)
            share = np.divide(tree.flow, strength, out=np.zeros_like(strength), where=strength > 0)
            link_flow = graph.weights * share[source]
        target, flow = graph.indices, np.asarray(link_flow, dtype=np.float64)
        n_modules = len(tree.modules)
        self.tree, self.enter, self.exit = tree, np.zeros(n_modules), np.zeros(n_modules)
        # All children of all modules are numbered through.
        start = np.append(0, np.cumsum(tree.n_children))
        parts = []
        for module, rank in tree.steps:
            child = start[module] + rank - 1
            a, b = child[source], child[target]
            inside = (module[source] == module[target]) & (a != b)
            parts.append((a[inside], b[inside], flow[inside]))
            out = module[source] != module[target]
            for end, total in ((source, self.exit), (target, self.enter)):
                # A branch that has ended comes again, with the same sum.
                crossing = np.bincount(module[end[out]], flow[out], n_modules)
                np.maximum(total, crossing, out=total)
        a, b, flow = map(np.concatenate, zip(*parts, strict=True))
        if not result.directed_:
            a, b = np.minimum(a, b), np.maximum(a, b)
        matrix = sparse.coo_array((flow, (a, b)), shape=(start[-1], start[-1])).tocsr()
        matrix.sum_duplicates()
        offset = np.repeat(start[:-1], tree.n_children)
        a = np.repeat(np.arange(start[-1]), np.diff(matrix.indptr))
        self.columns = a - offset[a] + 1, matrix.indices - offset[a] + 1, matrix.data
        self.bounds = matrix.indptr[start].tolist()
        self._start = start

    def modules(self):
        """Measures of each module, as in the official JSON."""
        tree, start = self.tree, self._start
        child = np.zeros(start[-1])  # how often the code of a module names each child
        for (module, rank), (below, _) in zip(tree.steps, tree.steps[1:], strict=False):
            child[start[module] + rank - 1] = self.enter[below]
        module, rank = tree.steps[-1]
        child[start[module] + rank - 1] = tree.flow
        total = self.exit + np.add.reduceat(child, start[:-1])
        bits = _plogp(total) - _plogp(self.exit) - np.add.reduceat(_plogp(child), start[:-1])
        for k, prefix in enumerate(tree.modules):
            yield {
                "path": [int(rank) for rank in prefix.split(":")[:-1]] or [0],
                "enterFlow": float(self.enter[k]),
                "exitFlow": float(self.exit[k]),
                "numEdges": self.bounds[k + 1] - self.bounds[k],
                "numChildren": int(tree.n_children[k]),
                "codelength": float(bits[k]),
            }


@contextmanager
def _open(path):
    """A text file to write, packed if the name ends in .gz."""
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        if os.fspath(path).endswith(".gz"):
            file = gzip.GzipFile("", "wb", 6, file, mtime=0)
        with io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="\n") as text:
            yield text


def _chunks(begin, end):
    return (slice(k, min(k + _CHUNK, end)) for k in range(begin, end, _CHUNK))


def _write_nodes(file, result, tree):
    file.write(_comments(result, tree) + "# path flow name node_id\n")
    for module, rank, flow, names, ids in tree.rows():
        names = [name.translate(_BREAKS) for name in names]
        rows = zip(module, rank, flow, names, ids, strict=True)
        file.writelines(map('%s%d %.9g "%s" %d\n'.__mod__, rows))


def _comments(result, tree):
    n_levels, n_top = len(tree.n_modules) + 1, tree.n_modules[0]
    return (
        f"# kexue-toolbox {__version__}\n"
        f"# partitioned into {n_levels} levels with {n_top} top modules\n"
        f"# codelength {result.codelength_:.9g} bits\n"
        f"# relative codelength savings {100 * _savings(result, tree):.6g}%\n"
        f"# flow model {_flow_model(result)}\n"
    )


def _flow_model(result):
    return "directed" if result.directed_ else "undirected"


def _savings(result, tree):
    """Part of the codelength without modules that the modules save."""
    without = -_plogp(tree.flow).sum()
    return float(1 - result.codelength_ / without) if without > 0 else 0.0


def _plogp(p):
    return p * np.log2(p, out=np.zeros_like(p), where=p > 0)


def _ids(names, n_nodes):
    """Ids of the nodes, and their names if those are others."""
    if names is None:
        return np.arange(n_nodes), None
    if len(names) != n_nodes:
        raise ValueError(f"node_names_ must have one name per node: {n_nodes}, got {len(names)}")
    if all(isinstance(name, (int, np.integer)) and 0 <= name < 2**63 for name in names):
        ids = np.array(names, dtype=np.int64)
        if ids.size == np.unique(ids).size:
            return ids, None
    return np.arange(1, n_nodes + 1), list(map(str, names))


def _ranked(module, labels, flow):
    """Children of modules: (parent, rank) of each, and the child of each node."""
    width = labels.max() + 1
    keys, child = np.unique(module * width + labels, return_inverse=True)
    parent = keys // width
    order = np.lexsort((-np.bincount(child, flow), parent))
    number = np.argsort(order)
    parent = parent[order]
    return parent, _places(parent), number[child]


def _places(groups):
    """Place of each element in its run of equal ones, from 1."""
    n = len(groups)
    first = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    return np.arange(1, n + 1) - np.repeat(first, np.diff(np.append(first, n)))
