"""Degrees and communities of LFR benchmark graphs (array code).

A. Lancichinetti, S. Fortunato, F. Radicchi (2008), doi:10.1103/PhysRevE.78.046110.
"""

import numpy as np
from scipy.special import boxcox, inv_boxcox

from toolbox._compile import njit


def check_feasible(
    n_nodes, mixing, average_degree, max_degree, degree_exponent, min_community, max_community
):
    """Refuse arguments that no graph can have."""
    smallest = power_law_mean(1, max_degree, degree_exponent)
    if smallest > average_degree:
        raise ValueError(
            f"average_degree={average_degree} is too small: degrees from 1 to "
            f"max_degree={max_degree} have a mean of {smallest:.3g} at least; raise "
            "average_degree or degree_exponent, or lower max_degree"
        )
    inside = int(np.ceil(internal_share(max_degree, mixing)))
    if inside >= max_community:
        raise ValueError(
            f"max_degree={max_degree} with mixing={mixing} means up to {inside} links inside a "
            f"community, which takes more than {inside} nodes, got max_community="
            f"{max_community}; raise max_community or mixing, or lower max_degree"
        )
    if n_nodes // min_community * max_community < n_nodes:
        raise ValueError(
            f"n_nodes={n_nodes} is not a sum of community sizes from min_community="
            f"{min_community} to max_community={max_community}; widen the range"
        )


def power_law_mean(low, high, exponent):
    """Mean of the density ``x ** -exponent`` on [low, high].  O(1)."""
    if low == high:
        return high
    ratio = high / low
    # The Box-Cox transform is the integral of a power from 1 to ratio.
    return low * boxcox(ratio, 2 - exponent) / boxcox(ratio, 1 - exponent)


def draw_degrees(n, mean, high, exponent, rng):
    """Degrees of a truncated power law with the given mean.  O(n).

    The lower end is solved for; there must be one between 1 and ``high``.
    One draw is made in each of n equal slices of the distribution, so that
    the mean is right in small graphs and with heavy tails too.
    """
    low, top = 1.0, float(high)
    for _ in range(60):
        middle = (low + top) / 2
        if power_law_mean(middle, high, exponent) > mean:
            top = middle
        else:
            low = middle
    shares = rng.permutation((np.arange(n) + rng.random(n)) / n)
    degrees = low * inv_boxcox(shares * boxcox(high / low, 1 - exponent), 1 - exponent)
    return round_at_random(np.minimum(degrees, high), rng)


def round_at_random(values, rng):
    """Round up or down so that the mean is kept.  O(n)."""
    return np.floor(values + rng.random(len(values))).astype(np.int64)


def draw_communities(needs, low, high, exponent, rng):
    """Community of each node, 0 the largest, or None if none were found to fit.

    Node i fits in a community of more than ``needs[i]`` nodes.  O(n log n)
    """
    order = np.argsort(-needs, kind="stable")
    falling = needs[order]
    for _ in range(10):
        sizes = draw_sizes(len(needs), low, high, exponent, rng)
        sizes = enlarge(falling, sizes, low, high, rng)
        if sizes is not None:
            labels = np.empty_like(needs)
            labels[order] = assign(falling, sizes, rng.random(len(needs)))
            return labels
    return None


def draw_sizes(n, low, high, exponent, rng):
    """Community sizes of a power law on [low, high] that sum to n.  O(n / low + high).

    ``n // low`` communities of size ``high`` must have room for all n.
    """
    sizes = np.arange(low, high + 1)
    weights = (sizes / low) ** -float(exponent)
    sizes = rng.choice(sizes, size=n // low, p=weights / weights.sum())
    count = min(np.searchsorted(np.cumsum(sizes), n) + 1, len(sizes))
    sizes = sizes[:count]
    # The last community goes over the sum; the surplus is taken from all.
    surplus = sizes.sum() - n
    if surplus >= 0:
        return sizes - scatter(surplus, sizes - low, rng)
    return sizes + scatter(-surplus, high - sizes, rng)


def scatter(count, room, rng):
    """Spread ``count`` at random over communities that have ``room`` for it."""
    room = np.minimum(room, (10**9 - 1) // len(room))  # NumPy's limit for the sum
    return rng.multivariate_hypergeometric(room, count)


def enlarge(needs, sizes, low, high, rng):
    """Falling sizes in which every node fits, as drawn if those will do.

    A node fits in a community of more than ``needs`` nodes; ``needs`` falls.
    The communities that suit a node suit all later ones, so that filling the
    largest with the neediest is the test.  The community of the first node
    that does not fit grows at the cost of smaller ones.  If these have too few
    nodes to spare, some of the smallest are dissolved.  None if nothing helps.
    """
    while True:
        sizes = np.sort(sizes)[::-1]
        starts = np.cumsum(sizes) - sizes
        tight = np.flatnonzero(needs[starts] >= sizes)
        if not len(tight):
            return sizes
        first = tight[0]
        gap = needs[starts[first]] + 1 - sizes[first]
        spare = sizes[first + 1 :] - low
        if spare.sum() >= gap:
            sizes[first] += gap
            sizes[first + 1 :] -= scatter(gap, spare, rng)
            continue
        # One in ten, so that a hundred steps are many.
        dissolved = len(tight) // 10 + 1
        sizes, loose = sizes[:-dissolved], sizes[-dissolved:].sum()
        if (high - sizes).sum() < loose:
            return None
        sizes = sizes + scatter(loose, high - sizes, rng)


@njit
def assign(needs, sizes, draws):
    """Community of each node, uniform among all assignments that fit.  O(n).

    ``needs`` and ``sizes`` fall, ``draws`` are uniform on [0, 1).  A node takes
    any free place in a community of more than ``needs`` nodes.  As such places
    suit all later nodes too, the number of choices at each step does not
    depend on earlier ones: all assignments are equally likely.
    """
    labels = np.empty(needs.size, np.int64)
    places = np.empty(needs.size, np.int64)  # the community of each free place
    n_places = 0
    opened = 0
    for i in range(needs.size):
        while opened < sizes.size and sizes[opened] > needs[i]:
            places[n_places : n_places + sizes[opened]] = opened
            n_places += sizes[opened]
            opened += 1
        place = int(draws[i] * n_places)
        labels[i] = places[place]
        n_places -= 1
        places[place] = places[n_places]
    return labels


def internal_share(degrees, mixing):
    """Internal degrees before they are rounded."""
    # 0.9999999999999998 links are one link.
    return np.round((1.0 - mixing) * degrees, 9)


def split_degrees(degrees, internal, mixing, labels):
    """Internal and external degree of each node, of even sums.  O(n log n).

    The internal sum must be even in each community.  Where it is odd, the node
    takes a step, up or down, that this brings nearest to its share (1 - mixing).
    """
    error = internal - internal_share(degrees, mixing)
    # Where all are exact, every other community gains a link and the rest lose one.
    step = np.where((error < 0) | ((error == 0) & (labels % 2 == 1)), 1, -1)
    most = np.minimum(degrees if mixing else degrees.max(), np.bincount(labels)[labels] - 1)
    step[internal == most] = -1
    cost = np.where(internal + step < 0, np.inf, np.abs(error + step))
    order = np.lexsort((cost, labels))
    best = order[np.flatnonzero(np.diff(labels[order], prepend=-1))]
    odd = best[np.bincount(labels, internal)[labels[best]] % 2 == 1]
    internal = internal.copy()
    internal[odd] += step[odd]
    if mixing == 0:
        return internal, np.zeros_like(internal)
    external = degrees - internal
    external[external.argmax()] -= external.sum() % 2
    return internal, external
