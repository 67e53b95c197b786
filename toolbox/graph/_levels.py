"""Between two sweeps of moves: module records, aggregation, renumbering."""

import numpy as np

from toolbox._compile import njit
from toolbox.graph._moves import NODE, Level, module_cost, prefetch


@njit
def add_node(module, node):
    module.flow += node.flow
    module.exit += node.exit
    module.enter += node.enter
    module.jump += node.jump
    module.land += node.land
    module.size += 1


@njit
def clear(module):
    module.flow = 0.0
    module.exit = 0.0
    module.enter = 0.0
    module.jump = 0.0
    module.land = 0.0
    module.cost = 0.0
    module.link = 0.0
    module.size = 0


@njit
def record_modules(level, module, n_modules, modules, jumps):
    """Records of a partition from scratch, so that rounding does not add up.  O(links).

    Returns the sum of the enter rates.
    """
    for m in range(n_modules):
        clear(modules[m])
    for u in range(module.size):
        m = module[u]
        inside = 0.0
        for e in range(level.indptr[u], level.indptr[u + 1]):
            if module[level.indices[e]] == m:
                inside += level.weights[e]
        inside *= 0.5 * level.scale  # each link is met from both ends
        add_node(modules[m], level.nodes[u])
        modules[m].exit -= inside
        modules[m].enter -= inside
    total = 0.0
    for m in range(n_modules):
        record = modules[m]
        record.exit = max(record.exit, 0.0)
        record.enter = max(record.enter, 0.0)
        record.cost = module_cost(record, jumps)
        total += record.enter + (jumps - record.jump) * record.land
    return total


@njit
def record_singletons(nodes, modules, jumps):
    """Records of the partition into single nodes; returns the sum of the enter rates."""
    total = 0.0
    for u in range(nodes.size):
        record = modules[u]
        clear(record)
        add_node(record, nodes[u])
        record.cost = module_cost(record, jumps)
        total += record.enter + (jumps - record.jump) * record.land
    return total


@njit
def renumber(module, modules, n_modules, new_number):
    """Close the gaps that empty modules left, in records and labels; returns the number of modules."""
    k = 0
    for m in range(n_modules):
        if modules[m].size > 0:
            new_number[m] = k
            if k != m:
                modules[k] = modules[m]
            k += 1
    for u in range(module.size):
        module[u] = new_number[module[u]]
    return k


@njit
def nodes_of(modules, n_modules):
    """Modules as the nodes of the next level."""
    nodes = np.empty(n_modules, NODE)
    for m in range(n_modules):
        nodes[m].flow = modules[m].flow
        nodes[m].exit = modules[m].exit
        nodes[m].enter = modules[m].enter
        nodes[m].jump = modules[m].jump
        nodes[m].land = modules[m].land
    return nodes


@njit
def aggregate(level, module, n_modules, modules):
    """The graph whose nodes are the modules.  O(links).

    ``modules`` holds the records of these modules; its ``link`` is used as
    scratch space and left at 0.
    """
    indptr, indices, weights = level.indptr, level.indices, level.weights
    n = module.size
    start = np.zeros(n_modules + 1, np.int64)
    for u in range(n):
        start[module[u] + 1] += 1
    for m in range(n_modules):
        start[m + 1] += start[m]
    members = np.empty(n, np.int32)
    cursor = start[:-1].copy()
    for u in range(n):
        m = module[u]
        members[cursor[m]] = u
        cursor[m] += 1

    n_across = 0
    for u in range(n):
        for e in range(indptr[u], indptr[u + 1]):
            n_across += module[indices[e]] != module[u]
    new_indptr = np.zeros(n_modules + 1, np.int64)
    new_indices = np.empty(n_across + 1, np.int32)  # one more: written before it is counted
    new_weights = np.empty(n_across, np.float64)
    end = 0
    for m in range(n_modules):
        begin = end
        for i in range(start[m], start[m + 1]):
            u = members[i]
            ahead = members[min(i + 4, n - 1)]
            prefetch(indptr, np.int64(members[min(i + 8, n - 1)]))
            prefetch(indices, indptr[ahead])
            prefetch(indices, indptr[ahead] + 16)
            prefetch(weights, indptr[ahead])
            prefetch(weights, indptr[ahead] + 8)
            prefetch(weights, indptr[ahead] + 16)
            for e in range(indptr[u], indptr[u + 1]):
                other = module[indices[e]]
                if other != m:
                    link = modules[other].link
                    new_indices[end] = other
                    end += link == 0.0
                    modules[other].link = link + weights[e]
        for i in range(begin, end):
            new_weights[i] = modules[new_indices[i]].link
            modules[new_indices[i]].link = 0.0
        new_indptr[m + 1] = end
    # Copies give back the room that merged links did not need.
    nodes = nodes_of(modules, n_modules)
    return Level(new_indptr, new_indices[:end].copy(), new_weights[:end].copy(), level.scale, nodes)
