"""Links by the configuration model: stubs paired at random (array code)."""

import numpy as np

from toolbox._compile import njit

# Links tried for one exchange, in random order; small groups are searched to the end.
_TRIES = 10_000
# Exchanges tried for a pair of stubs in each pass over the pairs without a link.
_PASSES = (0, 3, 3, 3)


def draw_links(internal, external, labels, rng):
    """Sorted rows of a random graph with these degrees.  O(links).

    Returns
    -------
    indptr, indices : ndarray
        The graph as a symmetric CSR matrix.
    """
    n = len(labels)
    indptr = np.append(0, np.cumsum(internal + external))
    filled = indptr[:-1].copy()
    indices = np.empty(indptr[-1], np.int32)
    seeds = rng.integers(2**63, size=2)
    nodes = np.arange(n, dtype=np.int32)
    members = np.argsort(labels, kind="stable").astype(np.int32)

    stubs = np.repeat(members, internal[members])
    bounds = np.append(0, np.cumsum(np.bincount(labels, internal).astype(np.int64)))
    link_stubs(stubs, bounds, nodes, indptr, filled, indices, seeds[0])
    stubs = np.repeat(nodes, external)
    bounds = np.array([0, len(stubs)])
    link_stubs(stubs, bounds, labels.astype(np.int32), indptr, filled, indices, seeds[1])
    del stubs
    return sorted_rows(indptr, filled, indices)


@njit
def random_below(state, n):
    """A random integer below n < 2**32; advances the state (splitmix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64(((z >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@njit
def may_link(i, j, kind, indptr, filled, indices):
    """Whether i and j differ in kind and are not linked yet.  O(smaller degree)."""
    if kind[i] == kind[j]:
        return False
    if filled[j] - indptr[j] < filled[i] - indptr[i]:
        i, j = j, i
    e = indptr[i]
    while e < filled[i] and indices[e] != j:
        e += 1
    return e == filled[i]


@njit
def find_exchange(u, v, links, start, kind, indptr, filled, indices):
    """Where in ``links`` an end stands that u may link to, or -1.  O(links).

    Best is an end whose other end may link to v.
    """
    found = -1
    n_links = links.size // 2
    for step in range(min(n_links, _TRIES)):
        e = 2 * ((start + step) % n_links)
        for end in (e, e + 1):
            if may_link(u, links[end], kind, indptr, filled, indices):
                found = end
                if may_link(v, links[end ^ 1], kind, indptr, filled, indices):
                    return found
    return found


@njit
def replace(i, old, new, indptr, indices):
    """Write ``new`` over ``old`` in row i.  O(degree)."""
    e = indptr[i]
    while indices[e] != old:
        e += 1
    indices[e] = new


@njit
def link_stubs(stubs, bounds, kind, indptr, filled, indices, seed):
    """Pair the stubs of each group at random into links.  O(stubs) in sparse graphs.

    A stub is a node that wants one link more; group g is the even number of
    stubs ``stubs[bounds[g]:bounds[g + 1]]``.  Two nodes are linked once at
    most, and only if their ``kind`` differs.  For a pair (u, v) that collides
    a link (a, b) of the group is looked for, such that it and the pair can
    become the links (u, a) and (b, v).  If there is none, u takes an end all
    the same and b looks further.  Row i begins at ``indptr[i]`` and ends
    before ``filled[i]``.  Writes stubs, filled and indices; stubs for which
    there is no way stay without a link.
    """
    state = np.array([seed], np.uint64)
    for group in range(bounds.size - 1):
        members = stubs[bounds[group] : bounds[group + 1]]
        for s in range(members.size - 1, 0, -1):
            other = random_below(state, s + 1)
            members[s], members[other] = members[other], members[s]
        # Pairs before ``linked`` are links.  Collisions wait behind them until
        # there are links to exchange with; some need the others solved first.
        linked = 0
        for moves in _PASSES:
            for s in range(linked, members.size, 2):
                u, v = members[s], members[s + 1]
                for _ in range(moves):
                    if may_link(u, v, kind, indptr, filled, indices):
                        break
                    links = members[:linked]
                    start = random_below(state, linked // 2)
                    end = find_exchange(u, v, links, start, kind, indptr, filled, indices)
                    if end < 0:
                        u, v = v, u
                        continue
                    a, b = links[end], links[end ^ 1]
                    replace(a, b, u, indptr, indices)
                    replace(b, a, indices[filled[b] - 1], indptr, indices)
                    filled[b] -= 1
                    indices[filled[u]] = a
                    filled[u] += 1
                    links[end ^ 1] = u
                    u = b
                members[s], members[s + 1] = u, v
                if may_link(u, v, kind, indptr, filled, indices):
                    indices[filled[u]], indices[filled[v]] = v, u
                    filled[u] += 1
                    filled[v] += 1
                    members[s], members[s + 1] = members[linked], members[linked + 1]
                    members[linked], members[linked + 1] = u, v
                    linked += 2


@njit
def sorted_rows(indptr, filled, indices):
    """Canonical CSR arrays of a symmetric graph whose rows have gaps.  O(links).

    Read in order of the rows, the mirror images arrive in order too.
    """
    n = filled.size
    starts = np.zeros(n + 1, np.int64)
    for i in range(n):
        starts[i + 1] = starts[i] + filled[i] - indptr[i]
    cursor = starts[:-1].copy()
    columns = np.empty(starts[n], np.int32)
    for i in range(n):
        for e in range(indptr[i], filled[i]):
            j = indices[e]
            columns[cursor[j]] = i
            cursor[j] += 1
    return starts, columns
