"""Search for the partition of shortest code: moves, refinement, aggregation, tuning."""

import numpy as np

from toolbox._compile import njit
from toolbox.graph._levels import aggregate, clear, record_modules, record_singletons, renumber
from toolbox.graph._moves import MODULE, Level, Work, move_nodes
from toolbox.graph._plogp import plogp


@njit
def next_random(state):
    """SplitMix64: the next 64 random bits."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit
def shuffle(array, n, state):
    """Shuffle the first n entries."""
    for i in range(n - 1, 0, -1):
        # The high half of a product with 32 random bits: no division.
        j = np.int64(((next_random(state) >> np.uint64(32)) * np.uint64(i + 1)) >> np.uint64(32))
        array[i], array[j] = array[j], array[i]


@njit
def queue_all(n, work, state):
    for u in range(n):
        work.queue[u] = u
        work.queued[u] = True
    shuffle(work.queue, n, state)
    return n


@njit
def find_spare(n_modules, work):
    """List the empty modules; returns how many."""
    n_spare = 0
    for m in range(n_modules):
        if work.modules[m].size == 0:
            work.spare[n_spare] = m
            n_spare += 1
    return n_spare


@njit
def split(level, parent, n_parents, module, work, jumps, state, stop, flags):
    """Submodules of each module: moves from single nodes within it."""
    n = level.nodes.size
    total = record_singletons(level.nodes, work.modules, jumps)
    for u in range(n):
        module[u] = u
    if flags[2]:
        start = np.zeros(n_parents + 1, np.int64)
        for u in range(n):
            start[parent[u] + 1] += 1
        for m in range(n_parents):
            start[m + 1] += start[m]
        for u in range(n):
            work.queued[u] = True
        for u in range(n):
            m = parent[u]
            work.queue[start[m]] = u
            start[m] += 1
        n_queued = n
    else:
        n_queued = queue_all(n, work, state)
    limit = np.int64(flags[1] * n)
    move_nodes(level, parent, module, work, n_queued, 0, total, jumps, limit, stop)


@njit
def total_cost(modules, k, total):
    cost = plogp(total)
    for m in range(k):
        cost += modules[m].cost
    return cost


@njit
def count_members(modules, k, upper):
    for m in range(k):
        modules[m].size = 0
    for u in range(upper.size):
        modules[upper[u]].size += 1


@njit
def improve(level, module, n_modules, total, work, jumps, state, limit, stop):
    """Moves at one level, from all of its nodes; returns modules, their enter rate, moves."""
    n = level.nodes.size
    n_slots = min(n_modules + 1, n)  # one empty module, should a node want to leave
    for m in range(n_modules, n_slots):
        clear(work.modules[m])
    n_spare = find_spare(n_slots, work)
    n_queued = queue_all(n, work, state)
    n_moves, total_now = move_nodes(
        level, None, module, work, n_queued, n_spare, total, jumps, limit, stop
    )
    return renumber(module, work.modules, n_slots, work.spare), total_now, n_moves


@njit
def climb_step(level, parent, k, work, jumps, state, stop, flags, refine):
    """Refine and aggregate: the next level, the submodule of each node, the module of each submodule."""
    n = level.nodes.size
    parents = work.modules[:k].copy()
    sub = parent.copy()
    n_sub = k
    if refine:
        split(level, parent, k, sub, work, jumps, state, stop, flags)
        n_sub = renumber(sub, work.modules, n, work.spare)
        if n_sub > flags[3] * n or n_sub == k:
            sub[:] = parent
            n_sub = k
            work.modules[:k] = parents
    above = np.empty(n_sub, np.int32)
    for u in range(n):
        above[sub[u]] = parent[u]
    upper = aggregate(level, sub, n_sub, work.modules)
    work.modules[:k] = parents
    count_members(work.modules, k, above)
    return upper, sub, above


@njit
def tune(base, labels, n_labels, fresh, work, jumps, state, stop, flags, info):
    """One pass"""
    n = base.nodes.size
    if fresh:
        total = record_singletons(base.nodes, work.modules, jumps)
        limit = np.int64(flags[0] * n)
    else:
        total = record_modules(base, labels, n_labels, work.modules, jumps)
        limit = np.int64(1) << 60
    module = labels.copy()
    k, total, n_moves = improve(base, module, n_labels, total, work, jumps, state, limit, stop)
    back = np.arange(n).astype(np.int32)
    level = base
    depth = 0
    while k < level.nodes.size and stop[0] == 0:
        level, sub, module = climb_step(level, module, k, work, jumps, state, stop, flags, not fresh or flags[4] > 0)
        for u in range(n):
            back[u] = sub[back[u]]
        k, total, moves = improve(level, module, k, total, work, jumps, state, np.int64(1) << 60, stop)
        n_moves += moves
        depth += 1
    info[min(depth, 63)] += 1
    out = np.empty(n, np.int32)
    for u in range(n):
        out[u] = module[back[u]]
    return out, k, total_cost(work.modules, k, total), n_moves
