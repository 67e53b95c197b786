"""The tree of modules of a result, laid out in the order of its files."""

import numpy as np
from scipy import sparse

CHUNK = 100_000  # this many lines are text at the same time


class Tree:
    """Order, paths and names of nodes and modules, from the label arrays of a result.

    Modules are numbered in the order of the file, parents first; 0 is the root.
    ``ids`` and ``names`` are those of the nodes, names None if they are the ids.
    If the nodes are states, ``node_ids`` are the ids of their physical nodes,
    which the names are of, and ``layers`` theirs, else both are None.
    ``n_modules`` counts them at each depth.  ``steps`` goes down the tree:
    arrays (module, rank) say in which module each node is and which child of
    it the node belongs to.  A branch that ends early stays in its module, as
    an only child, up to the last step, in which the children are the nodes.
    """

    def __init__(self, result):
        self.flow = np.asarray(result.flow_, dtype=np.float64)
        self.ids, self.names = ids_of(result.node_names_, len(self.flow))
        self.node_ids, self.layers = None, getattr(result, "state_layers_", None)
        self.physical = getattr(result, "state_physical_", None)
        if self.physical is not None:
            known = result.physical_names_
            number = int(self.physical.max()) + 1 if known is None else len(known)
            ids, names = ids_of(known, number)
            self.node_ids = ids[self.physical]
            called = list(map(str, ids.tolist())) if names is None else names
            self.names = [called[node] for node in self.physical.tolist()]
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
        for part in chunks(0, len(self.order)):
            nodes = self.order[part]
            ids = self.ids[nodes].tolist()
            names = self.names and [self.names[node] for node in nodes.tolist()]
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

    def words(self):
        """Visit rates of what the module of each node has a word for.

        States of the same physical node in a module share one: the first of
        them has it, the others are 0.
        """
        if self.physical is None:
            return self.flow
        pairs = np.column_stack([self.steps[-1][0], self.physical])
        first, word = np.unique(pairs, axis=0, return_index=True, return_inverse=True)[1:]
        rates = np.zeros_like(self.flow)
        rates[first] = np.bincount(word.ravel(), self.flow)
        return rates

    def centrality(self):
        """Map equation centrality: bits that silencing each node would save."""
        module = self.steps[-1][0]
        whole = np.bincount(module, self.flow)[module]
        rest = np.maximum(whole - self.flow, 0)
        return rest * np.log2(np.divide(whole, rest, out=np.ones_like(rest), where=rest > 0))


class Links:
    """Flow of the links between the children of each module.

    ``link_flow`` belongs to the entries of the graph's rows.
    """

    def __init__(self, tree, graph, link_flow):
        if graph.n_nodes != len(tree.flow):
            raise ValueError(f"the graph has {graph.n_nodes} nodes, the result {len(tree.flow)}")
        source = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
        target, flow = graph.indices, link_flow
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
        if not graph.directed:
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
        child[start[module] + rank - 1] = tree.words()
        total = self.exit + np.add.reduceat(child, start[:-1])
        bits = plogp(total) - plogp(self.exit) - np.add.reduceat(plogp(child), start[:-1])
        for k, prefix in enumerate(tree.modules):
            yield {
                "path": [int(rank) for rank in prefix.split(":")[:-1]] or [0],
                "enterFlow": float(self.enter[k]),
                "exitFlow": float(self.exit[k]),
                "numEdges": self.bounds[k + 1] - self.bounds[k],
                "numChildren": int(tree.n_children[k]),
                "codelength": float(bits[k]),
            }


def chunks(begin, end):
    return (slice(k, min(k + CHUNK, end)) for k in range(begin, end, CHUNK))


def plogp(p):
    return p * np.log2(p, out=np.zeros_like(p), where=p > 0)


def ids_of(names, n_nodes):
    """Ids of the nodes, and their names if those are others."""
    if names is None:
        return np.arange(n_nodes), None
    if len(names) != n_nodes:
        raise ValueError(f"there must be one name per node: {n_nodes}, got {len(names)}")
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
