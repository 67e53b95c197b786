"""Where things stand in a picture of communities: discs first, then the nodes in each."""

import numpy as np
from scipy import sparse

_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


def place_discs(radius, flow, aspect=1.3):
    """Centres of discs that do not overlap, those with much flow between them side by side.

    Every disc is drawn to its partners and to the middle while overlaps are
    pushed apart, ever more gently.  Starts from a sunflower, the largest disc
    in its middle, so that the outcome is the same each time.  O(k^2) a step.

    Parameters
    ----------
    radius : ndarray of shape (k,)
    flow : ndarray of shape (k, k)
        Flow between the discs; its diagonal and the direction do not matter.
    aspect : float, default=1.3
        About how much wider than high the whole should be.

    Returns
    -------
    ndarray of shape (k, 2)
    """
    k = len(radius)
    pull = flow + flow.T
    np.fill_diagonal(pull, 0)
    strength = pull.sum(axis=1)
    linked = strength > 0
    strength[~linked] = 1
    # A small module's only partner matters as much to it as a large one's many.
    pull /= np.sqrt(np.outer(strength, strength))

    size = np.sqrt((radius**2).sum())
    area = radius**2
    gap = 1.08 * np.add.outer(radius, radius) + 0.06 * size * min(1, np.sqrt(30 / k))
    np.fill_diagonal(gap, 0)
    yielding = area / np.add.outer(area, area)  # of two discs the smaller one moves
    gravity = (0.2 + 0.4 * radius / radius.max()) * np.where(linked, 1, 0.4) / size
    # Discs without links start, and so end, round the others.
    at = 1.5 * size * _sunflower(k)[np.argsort(np.lexsort((-radius, ~linked)))]
    n_steps = int(np.clip(2e7 / k**2, 16, 300))
    for heat in np.linspace(1, 0, n_steps):
        dx, dy, distance = _differences(at)
        room = np.maximum(distance - gap, 0.02 * size)
        # Nearer than a quarter of the whole the pull fades, farther it is steady.
        force = -pull * np.minimum(4 * room / size, 1.5)
        force += 0.08 * heat * np.sqrt(np.outer(radius, radius)) / room
        force /= distance
        step = np.column_stack(((force * dx).sum(axis=1), (force * dy).sum(axis=1)))
        step -= gravity[:, None] * at * (1, aspect)
        at += _at_most(step, 1) * (0.12 * heat + 0.002) * size
        for _ in range(1 if heat > 0.3 else 3):
            dx, dy, distance = _differences(at)
            push = 0.6 * np.maximum(gap - distance, 0) * yielding / distance
            at += np.column_stack(((push * dx).sum(axis=1), (push * dy).sum(axis=1)))
    return _turned(at, radius, aspect)


def place_nodes(links, module, centre, disc, radius):
    """Points for the nodes, each inside the disc of its module.

    Parameters
    ----------
    links : sparse array of shape (n, n)
        Flow along the links, direction does not matter.
    module : ndarray of shape (n,), int
    centre : ndarray of shape (k, 2)
        Centres of the modules' discs.
    disc : ndarray of shape (k,)
        Radii of the modules' discs.
    radius : ndarray of shape (n,)
        Radii of the nodes.

    Returns
    -------
    ndarray of shape (n, 2)
    """
    links = (links + links.T).tocoo()
    i, j = links.coords
    flow = np.where(i == j, 0, links.data)
    total = np.bincount(i, flow, len(module))
    total[total == 0] = 1
    inside = module[i] == module[j]

    # Nodes with links to other modules lean towards them.
    way = centre[module[j]] - centre[module[i]]
    way *= (np.where(inside, 0, flow) / total[i] / np.maximum(_norm(way), 1e-12))[:, None]
    lean = np.column_stack([np.bincount(i, way[:, axis], len(module)) for axis in (0, 1)])

    pull = np.where(inside, flow, 0) / np.sqrt(total[i] * total[j])
    pull = sparse.csr_array((pull, (i, j)), shape=links.shape)
    at = centre[module]
    order = np.argsort(module, kind="stable")
    for some in np.split(order, np.cumsum(np.bincount(module))[:-1]):
        if len(some) > 1:
            at[some] += _fill_disc(
                pull[some][:, some], lean[some], radius[some], disc[module[some[0]]]
            )
    return at


def _turned(at, radius, aspect):
    """The discs, turned so that a frame of the given aspect shows them largest."""
    best, smallest = at, np.inf
    for angle in np.linspace(0, np.pi, 36, endpoint=False):
        cos, sin = np.cos(angle), np.sin(angle)
        turned = at @ np.array([[cos, sin], [-sin, cos]])
        wide, high = np.ptp(np.vstack((turned - radius[:, None], turned + radius[:, None])), axis=0)
        if max(wide / aspect, high) < smallest:
            best, smallest = turned, max(wide / aspect, high)
    return best


def _fill_disc(pull, lean, radius, disc):
    """Points of one module's nodes round its centre: linked ones near, all of the disc in use.

    Springs along the links against repulsion of all pairs (Fruchterman and
    Reingold 1991), and now and then a stretch of the distances from the centre
    that evens out the density.  O(n^2) a step.
    """
    n = len(radius)
    spacing = disc / np.sqrt(n)
    reach = 0.97 * disc - radius
    charge = 0.6 * spacing**2 + 1.2 * radius**2
    weight = 0.5 * spacing**2 + 1.5 * radius**2
    degree = pull.sum(axis=1)
    scale = degree.mean() or 1
    pull, degree = pull / scale, degree[:, None] / scale
    # Any start does, as long as it is the same each time.
    at = np.random.default_rng(n).uniform(-0.5, 0.5, (n, 2)) * disc
    n_steps = int(np.clip(3e7 / n**2, 50, min(40 + 8 * n, 250)))
    for step in range(n_steps):
        heat = 1 - step / n_steps
        force = _repulsion(at, charge, 0.02 * spacing**2) + pull @ at - degree * at
        force = force / spacing + 0.5 * lean - 0.3 * at / disc
        at += _at_most(force, 1.5) * 0.6 * (heat + 0.02) * spacing
        at -= 0.5 * at.mean(axis=0)
        if heat < 0.5 and step % 3 == 0 and n > 6:
            at *= 0.75 + 0.25 * _evened(at, weight, disc)[:, None]
        at *= np.minimum(1, reach / np.maximum(_norm(at), 1e-12))[:, None]
    return _apart(at, radius, reach, 0.1 * spacing)


def _repulsion(at, charge, soft):
    """Sum over j of ``charge[j] * (at[i] - at[j]) / distance**2``."""
    # Not by matrix products: BLAS threads are a loss here, a large one on a busy machine.
    x, y = at.T.astype(np.float32)
    dx, dy = np.subtract.outer(x, x), np.subtract.outer(y, y)
    push = dx * dx
    push += dy * dy
    np.maximum(push, np.float32(soft), out=push)
    np.divide(charge.astype(np.float32), push, out=push)
    return np.column_stack([np.einsum("ij,ij->i", push, way) for way in (dx, dy)])


def _evened(at, weight, disc):
    """Factors that bring each distance from the centre to where an even density has it."""
    distance = np.maximum(_norm(at), 1e-12)
    order = np.argsort(distance, kind="stable")
    share = np.cumsum(weight[order]) - 0.5 * weight[order]
    wanted = np.empty(len(at))
    wanted[order] = 0.95 * disc * np.sqrt(share / weight.sum())
    return wanted / distance


def _apart(at, radius, reach, gap, n_steps=20):
    """The points, moved a little where circles round them overlap."""
    from scipy.spatial import cKDTree

    area = radius**2
    for _ in range(n_steps):
        i, j = cKDTree(at).query_pairs(2 * radius.max() + gap, output_type="ndarray").T
        way = at[i] - at[j]
        distance = np.maximum(_norm(way), 1e-12)
        over = 1.06 * (radius[i] + radius[j]) + gap - distance
        hit = over > 0
        if not hit.any():
            break
        i, j = i[hit], j[hit]
        way = way[hit] * (0.6 * over[hit] / distance[hit] / (area[i] + area[j]))[:, None]
        for axis in (0, 1):
            at[:, axis] += np.bincount(i, way[:, axis] * area[j], len(at))
            at[:, axis] -= np.bincount(j, way[:, axis] * area[i], len(at))
        at *= np.minimum(1, reach / np.maximum(_norm(at), 1e-12))[:, None]
    return at


def _sunflower(k):
    """Even points of the unit disc from the middle outwards, (k, 2)."""
    rank = np.arange(k)
    angle = rank * _GOLDEN_ANGLE
    return np.sqrt((rank + 0.5) / k)[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))


def _differences(at):
    """x and y differences and distances of all pairs, none of them zero."""
    dx = np.subtract.outer(at[:, 0], at[:, 0])
    dy = np.subtract.outer(at[:, 1], at[:, 1])
    return dx, dy, np.sqrt(dx * dx + dy * dy) + 1e-12


def _at_most(vectors, length):
    """The vectors, the longer ones cut to a length."""
    return vectors * np.minimum(1, length / np.maximum(_norm(vectors), 1e-12))[:, None]


def _norm(vectors):
    return np.sqrt((vectors**2).sum(axis=1))
