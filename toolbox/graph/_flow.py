"""How often a random walker visits nodes and follows links."""

from dataclasses import replace
from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy import sparse

from toolbox.graph._csr import CHANGE_LEFT, MOST_STEPS, settle_rates
from toolbox.graph._levels import record_alone
from toolbox.graph._moves import NODE, Level


class Flow(NamedTuple):
    """Rates of the walk, each a share of all steps.

    Attributes
    ----------
    node : ndarray of shape (n_nodes,)
        Visit rates; they sum to 1, or to 0 without links.
    level : Level
        The links between different nodes, both directions together.
    jumps : float
        Sum of the recorded jumps.
    """

    node: np.ndarray
    level: Level
    jumps: float


def check_walk(teleportation, teleport_to, recorded, markov_time):
    """Raise ValueError for parameters of the walk that are out of range."""
    if not (isinstance(teleportation, Real) and 0 <= teleportation < 1):
        raise ValueError(f"teleportation must be a number in [0, 1), got {teleportation!r}")
    if not (isinstance(markov_time, Real) and 0 < markov_time < np.inf):
        raise ValueError(f"markov_time must be a number above 0, got {markov_time!r}")
    if teleport_to not in ("links", "nodes"):
        raise ValueError(f"teleport_to must be 'links' or 'nodes', got {teleport_to!r}")
    if recorded not in (True, False):
        raise ValueError(f"recorded must be True or False, got {recorded!r}")


def stationary_flow(graph, teleportation, teleport_to, recorded, markov_time):
    """Visit rates and two-way link flows of a graph.

    Undirected graphs have them in closed form.  In directed graphs the walker
    jumps with probability ``teleportation``, always from a node that no link
    leaves.  Jumps are steps like others if ``recorded``; if not, they only
    smooth the rates from which one more step over links is taken, and this
    step is what counts [1]_.

    Parameters
    ----------
    graph : Graph
    teleportation : float
    teleport_to : {"links", "nodes"}
        Where jumps land: in proportion to the weight of the links that enter
        a node (leave it, if not recorded), or everywhere alike.
    recorded : bool
    markov_time : float
        Steps over links for each step that is encoded; scales link flow.

    Returns
    -------
    Flow

    References
    ----------
    .. [1] Lambiotte, Rosvall (2012), Phys. Rev. E 85, 056107.
       doi:10.1103/PhysRevE.85.056107
    """
    if graph.directed:
        return _directed_flow(graph, teleportation, teleport_to, recorded, markov_time)
    return _undirected_flow(graph, markov_time)


def link_flow(graph, teleportation, teleport_to, recorded):
    """Flow along each entry of a directed graph's rows.

    Returns
    -------
    flow : ndarray of shape (n_entries,)
    visits : ndarray of shape (n_nodes,)
    jump, land : ndarrays of shape (n_nodes,)
        Recorded jumps from each node; share of them that land there.
    """
    n = graph.n_nodes
    out = np.asarray(graph.to_scipy().sum(axis=1))
    total = out.sum()
    if total == 0:
        return np.zeros(0), np.zeros(n), np.zeros(n), np.zeros(n)
    if teleport_to == "nodes":
        land = np.full(n, 1 / n)
    elif recorded:
        land = np.bincount(graph.indices, graph.weights, minlength=n) / total
    else:
        land = out / total
    source = np.repeat(np.arange(n, dtype=np.int32), np.diff(graph.indptr))
    share = graph.weights / out[source]
    visits = _visit_rates(graph, share, out == 0, teleportation, land)
    flow = share * visits[source]
    if recorded:
        jump = np.where(out == 0, visits, teleportation * visits)
        return flow * (1 - teleportation), visits, jump, land
    flow /= flow.sum()
    return flow, np.bincount(graph.indices, flow, minlength=n), np.zeros(n), np.zeros(n)


def _visit_rates(graph, share, dangling, teleportation, land):
    """Stationary visit rates."""
    step = replace(graph, weights=share).to_scipy().T.tocsr()
    rates = land.copy()
    if teleportation > 0:
        settle_rates(step.indptr, step.indices, step.data, dangling, teleportation, land, rates)
        return rates
    for _ in range(MOST_STEPS):
        new = step @ rates + rates[dangling].sum() * land
        new = (new + rates) / 2  # a walk in cycles has no limit, its mean has
        new /= new.sum()
        change = np.abs(new - rates).sum()
        rates = new
        if change < CHANGE_LEFT:
            break
    return rates


def _directed_flow(graph, teleportation, teleport_to, recorded, markov_time):
    flow, visits, jump, land = link_flow(graph, teleportation, teleport_to, recorded)
    links = _without_loops(replace(graph, weights=flow).to_scipy())
    both = links + links.T.tocsr()
    nodes = np.zeros(graph.n_nodes, NODE)
    nodes["flow"] = visits
    nodes["exit"] = markov_time * links.sum(axis=1)
    nodes["enter"] = markov_time * links.sum(axis=0)
    nodes["jump"] = jump
    nodes["land"] = land
    return Flow(visits, _level(both, markov_time, nodes), float(jump.sum()))


def _undirected_flow(graph, markov_time):
    links = graph.to_scipy()
    strength = np.asarray(links.sum(axis=1))
    total = strength.sum()
    visits = strength / total if total > 0 else strength
    loops = links.diagonal()
    nodes = np.zeros(graph.n_nodes, NODE)
    nodes["flow"] = visits
    scale = markov_time / total if total > 0 else 0.0
    nodes["exit"] = nodes["enter"] = scale * (strength - loops)
    if loops.any():
        links = _without_loops(links)
    return Flow(visits, _level(links, 2 * scale, nodes), 0.0)


def _level(links, scale, nodes):
    """The types that the compiled search is made for; copies nothing that has them."""
    indptr = links.indptr.astype(np.int64, copy=False)
    indices = links.indices.astype(np.int32, copy=False)
    weights = links.data.astype(np.float64, copy=False)
    record_alone(nodes, float(nodes["jump"].sum()))
    return Level(*map(_writeable, (indptr, indices, weights)), float(scale), nodes)


def _writeable(array):
    """Numba has another type for read-only arrays (mapped files, joblib), and compiles anew."""
    return array if array.flags.writeable else array.copy()


def _without_loops(links):
    if not links.diagonal().any():
        return links
    rows = np.repeat(np.arange(links.shape[0], dtype=np.int32), np.diff(links.indptr))
    kept = rows != links.indices
    indptr = np.append(0, np.cumsum(kept))[links.indptr]
    return sparse.csr_array((links.data[kept], links.indices[kept], indptr), shape=links.shape)
