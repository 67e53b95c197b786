"""Small loops over labels: members of modules, what a round has changed, random orders."""

import numpy as np

from toolbox._compile import njit


@njit
def members_of(module, n_modules):
    """Nodes in the order of their modules, and where those of each module begin.  O(n)."""
    start = np.zeros(n_modules + 1, np.int64)
    for u in range(module.size):
        start[module[u] + 1] += 1
    for m in range(n_modules):
        start[m + 1] += start[m]
    members = np.empty(module.size, np.int32)
    cursor = start[:-1].copy()
    for u in range(module.size):
        m = module[u]
        members[cursor[m]] = u
        cursor[m] += 1
    return members, start


@njit
def find_changes(before, after, n_before, n_after):
    """What is new in a partition.

    Returns
    -------
    changed : bool array of shape (n_after,)
        Which modules are not exactly modules of ``before``.
    moved : bool array of shape (n,)
        Nodes that left the bulk of their module.
    """
    n = after.size
    # The old module that most members come from, by majority vote.
    source = np.full(n_after, -1, np.int32)
    votes = np.zeros(n_after, np.int32)
    size = np.zeros(n_after, np.int32)
    old_size = np.zeros(n_before, np.int32)
    for u in range(n):
        m, old = after[u], before[u]
        size[m] += 1
        old_size[old] += 1
        if votes[m] == 0:
            source[m] = old
        votes[m] += 1 if source[m] == old else -1
    shared = np.zeros(n_after, np.int32)
    for u in range(n):
        shared[after[u]] += before[u] == source[after[u]]
    heir = np.full(n_before, -1, np.int32)
    changed = np.zeros(n_after, np.bool_)
    for m in range(n_after):
        old = source[m]
        changed[m] = shared[m] < 0.9 * max(size[m], old_size[old])
        if heir[old] < 0 or shared[m] > shared[heir[old]]:
            heir[old] = m
    moved = np.empty(n, np.bool_)
    for u in range(n):
        moved[u] = heir[before[u]] != after[u]
    return changed, moved


@njit
def spread(level, marked):
    """Marked nodes and their neighbours, as a list."""
    reached = marked.copy()
    count = 0
    for u in range(marked.size):
        if marked[u]:
            for e in range(level.indptr[u], level.indptr[u + 1]):
                reached[level.indices[e]] = True
    for u in range(marked.size):
        count += reached[u]
    listed = np.empty(count, np.int32)
    count = 0
    for u in range(marked.size):
        if reached[u]:
            listed[count] = u
            count += 1
    return listed


@njit
def shuffle(array, seed):
    """Shuffle in place, by SplitMix64; several times faster than NumPy's Generator."""
    state = np.uint64(seed)
    for i in range(array.size - 1, 0, -1):
        state += np.uint64(0x9E3779B97F4A7C15)
        z = state
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        # The high half of 32 random bits times i + 1: a number up to i, without division.
        j = np.int64(((z >> np.uint64(32)) * np.uint64(i + 1)) >> np.uint64(32))
        array[i], array[j] = array[j], array[i]
