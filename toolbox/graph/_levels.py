"""Between two sweeps of moves: module records, aggregation, submodules."""

import numpy as np

from toolbox._compile import njit
from toolbox.graph._changes import members_of, shuffle
from toolbox.graph._intrinsics import prefetch
from toolbox.graph._moves import AHEAD, NODE, Level
from toolbox.graph._plogp import plogp


@njit
def _enter_rate(module, rules):
    return module.enter + (rules.jumps - module.jump) * module.land


@njit
def _cost(module, rules):
    """A module's term of the map equation, but for words that nodes share."""
    exit_rate = module.exit + module.jump * (1.0 - module.land)
    own = plogp(exit_rate + module.flow) - plogp(exit_rate) - plogp(_enter_rate(module, rules))
    return own + rules.module_bits


@njit
def record_alone(nodes, rules):
    """Set the cost of each node as a module by itself."""
    for u in range(nodes.size):
        nodes[u].alone = _cost(nodes[u], rules)


@njit
def _set_single(module, node, u):
    """Make a record of the module that holds node u."""
    module.flow = node.flow
    module.exit = node.exit
    module.enter = node.enter
    module.jump = node.jump
    module.land = node.land
    module.link = 0.0
    module.size = 1
    module.members = u
    module.cost = node.alone


@njit
def record_singletons(nodes, modules, totals, rules):
    """Records of the partition into single nodes; adds their enter rates to ``totals``."""
    for u in range(nodes.size):
        _set_single(modules[u], nodes[u], u)
        totals[nodes[u].root] += _enter_rate(modules[u], rules)


@njit
def record_modules(level, module, n_modules, modules, totals, rules):
    """Records of a partition; adds the enter rates to ``totals``.  O(links)."""
    nodes = level.nodes
    for m in range(n_modules):
        record = modules[m]
        record.flow = record.exit = record.enter = record.jump = record.land = record.link = 0.0
        record.size = record.members = 0
    for u in range(module.size):
        m = module[u]
        inside = 0.0
        for e in range(np.uintp(level.indptr[u]), np.uintp(level.indptr[u + 1])):
            inside += level.weights[e] * (module[np.uintp(level.indices[e])] == m)
        kept = 0.5 * level.scale * inside  # each link is met from both ends
        record = modules[m]
        record.flow += nodes[u].flow
        record.exit += nodes[u].exit - kept
        record.enter += nodes[u].enter - kept
        record.jump += nodes[u].jump
        record.land += nodes[u].land
        record.size += 1
        record.members ^= u
    for m in range(n_modules):
        record = modules[m]
        record.exit = max(record.exit, 0.0)
        record.enter = max(record.enter, 0.0)
        record.cost = nodes[record.members].alone if record.size == 1 else _cost(record, rules)
        record.link = _enter_rate(record, rules)
    for u in range(module.size):
        record = modules[module[u]]
        totals[nodes[u].root] += record.link  # once for each module
        record.link = 0.0


@njit
def renumber(module, modules, n_modules, new_number):
    """Close the gaps of empty modules, in records and labels; returns their number."""
    k = 0
    for m in range(n_modules):
        if modules[m].size > 0:
            new_number[m] = k
            if k != m:
                modules[k] = modules[m]
            k += 1
    if k < n_modules:
        for u in range(module.size):
            module[u] = new_number[module[u]]
    return k


@njit
def aggregate(level, module, n_modules, modules):
    """The graph whose nodes are the modules.  O(links).

    ``modules`` holds their records.
    """
    indptr, indices, weights = level.indptr, level.indices, level.weights
    n = module.size
    members, start = members_of(module, n_modules)
    # Room for the case that no two links merge; what is not written to takes
    # no memory.  Two more, since an entry is written before it is counted.
    new_indptr = np.zeros(n_modules + 1, np.int64)
    new_indices = np.empty(indices.size + 2, np.int32)
    new_weights = np.empty(indices.size + 2, np.float64)
    summed = np.zeros(n_modules)
    end = 0
    for m in range(n_modules):
        begin = end
        for i in range(start[m], start[m + 1]):
            u = members[i]
            v = members[min(i + AHEAD, n - 1)]
            prefetch(indptr, np.int64(members[min(i + 2 * AHEAD, n - 1)]))
            for line in range(0, 32, 16):
                prefetch(indices, indptr[v] + line)
                prefetch(weights, indptr[v] + line)
                prefetch(weights, indptr[v] + line + 8)
            for e in range(np.uintp(indptr[u]), np.uintp(indptr[u + 1])):
                # Links inside the module are dropped below: half of all links
                # are such, and a branch here would be mispredicted.
                other = np.uintp(module[np.uintp(indices[e])])
                weight = summed[other]
                new_indices[end] = other
                end += weight == 0.0
                summed[other] = weight + weights[e]
        last = end
        end = begin
        for i in range(begin, last):
            other = np.uintp(new_indices[i])
            new_indices[end] = other
            new_weights[end] = summed[other]
            summed[other] = 0.0
            end += other != m
        new_indptr[m + 1] = end

    nodes = np.empty(n_modules, NODE)
    for m in range(n_modules):
        nodes[m].flow = modules[m].flow
        nodes[m].exit = modules[m].exit
        nodes[m].enter = modules[m].enter
        nodes[m].jump = modules[m].jump
        nodes[m].land = modules[m].land
        nodes[m].alone = modules[m].cost
        nodes[m].root = level.nodes[members[start[m]]].root
    # Copies give back the room that merged links did not need.
    return Level(new_indptr, new_indices[:end].copy(), new_weights[:end].copy(), level.scale, nodes)


@njit
def extract(level, root):
    """The nodes whose ``root`` is not negative, with the links inside roots.  O(links)."""
    n = root.size
    number = np.empty(n, np.int32)
    k = 0
    for u in range(n):
        number[u] = k
        k += root[u] >= 0
    indptr = np.zeros(k + 1, np.int64)
    nodes = np.empty(k, NODE)
    indices = np.empty(level.indices.size + 1, np.int32)  # one is written before it counts
    weights = np.empty(level.indices.size + 1, np.float64)
    end = 0
    for u in range(n):
        if root[u] < 0:
            continue
        for e in range(np.uintp(level.indptr[u]), np.uintp(level.indptr[u + 1])):
            v = np.uintp(level.indices[e])
            indices[end] = number[v]
            weights[end] = level.weights[e]
            end += root[v] == root[u]
        nodes[number[u]] = level.nodes[u]
        nodes[number[u]].root = root[u]
        indptr[number[u] + 1] = end
    return Level(indptr, indices[:end].copy(), weights[:end].copy(), level.scale, nodes)


@njit
def lift(module, submodule, n_submodules):
    """Module of each submodule."""
    lifted = np.empty(n_submodules, np.int32)
    for u in range(module.size):
        lifted[submodule[u]] = module[u]
    return lifted


@njit
def begin_sweep(module, nodes, work, n_modules, n_slots, seed):
    """Queue nodes, or all of them, in random order; count the members of the modules.

    Modules up to ``n_slots`` are empty ones, for nodes that want to be alone.
    """
    modules, queue, queued, spare, state = work[0], work[1], work[2], work[3], work[6]
    for m in range(n_modules, n_slots):
        empty = modules[m]
        empty.flow = empty.exit = empty.enter = empty.jump = empty.land = empty.link = 0.0
        empty.cost = 0.0
        spare[m - n_modules] = m
    for m in range(n_slots):
        modules[m].size = modules[m].members = 0
    for u in range(module.size):
        queued[u] = False
        modules[module[u]].size += 1
        modules[module[u]].members ^= u
    if nodes is None:
        count = module.size
        for u in range(count):
            queue[u] = u
            queued[u] = True
    else:
        count = nodes.size
        for i in range(count):
            queue[i] = nodes[i]
            queued[nodes[i]] = True
    shuffle(queue[:count], seed)
    state[0], state[1], state[2], state[3] = 0, count, n_slots - n_modules, n_modules


@njit
def begin_split(level, parent, n_parents, changed, work, totals, rules):
    """Set up submodules: single nodes in changed modules, the others whole.

    Queues the single nodes, module by module, so that their links stay in the
    processor's cache.  Adds the enter rates to ``totals``; returns the submodule
    of each node.
    """
    modules, queue, queued, state = work.modules, work.queue, work.queued, work.state
    n = parent.size
    whole = modules[:n_parents].copy()
    first = np.full(n_parents, -1, np.int32)
    start = np.zeros(n_parents + 1, np.int64)
    submodule = np.empty(n, np.int32)
    for u in range(n):
        m = parent[u]
        queued[u] = changed[m]
        submodule[u] = u
        if changed[m]:
            start[m + 1] += 1
            _set_single(modules[u], level.nodes[u], u)
            totals[level.nodes[u].root] += _enter_rate(modules[u], rules)
        elif first[m] < 0:
            first[m] = u
            modules[u] = whole[m]
            totals[level.nodes[u].root] += _enter_rate(modules[u], rules)
        else:
            submodule[u] = first[m]
            modules[u].size = 0
    for m in range(n_parents):
        start[m + 1] += start[m]
    state[0], state[1], state[2], state[3] = 0, start[n_parents], 0, 0
    for u in range(n):
        m = parent[u]
        if changed[m]:
            queue[start[m]] = u
            start[m] += 1
    return submodule
