"""How often a random walker visits nodes and follows links."""

from dataclasses import replace
from numbers import Real
from typing import NamedTuple

import numpy as np
from scipy import sparse

from toolbox.graph._csr import CHANGE_LEFT, MOST_STEPS, settle_rates
from toolbox.graph._levels import record_alone
from toolbox.graph._moves import NODE, RATES, Level, Rules
from toolbox.graph._plogp import plogp_of


class Flow(NamedTuple):
    """Rates of the walk, each a share of all steps.

    Attributes
    ----------
    node : ndarray of shape (n_nodes,)
        Visit rates; they sum to 1, or to 0 without links.
    level : Level
        The links between different nodes, both directions together.
    rules : Rules
    physical : int32 array of shape (n_nodes,) or None
        Physical node of each node, if these are states.
    """

    node: np.ndarray
    level: Level
    rules: Rules
    physical: np.ndarray | None = None


def check_walk(
    teleportation, teleport_to, recorded, markov_time, regularization=0.0, entropy_correction=0.0
):
    """Raise ValueError for parameters of the walk and the code that are out of range."""
    if not (isinstance(teleportation, Real) and 0 <= teleportation < 1):
        raise ValueError(f"teleportation must be a number in [0, 1), got {teleportation!r}")
    if not (isinstance(markov_time, Real) and 0 < markov_time < np.inf):
        raise ValueError(f"markov_time must be a number above 0, got {markov_time!r}")
    if teleport_to not in ("links", "nodes"):
        raise ValueError(f"teleport_to must be 'links' or 'nodes', got {teleport_to!r}")
    if recorded not in (True, False):
        raise ValueError(f"recorded must be True or False, got {recorded!r}")
    strengths = {"regularization": regularization, "entropy_correction": entropy_correction}
    for name, strength in strengths.items():
        if not (isinstance(strength, Real) and 0 <= strength < np.inf):
            raise ValueError(f"{name} must be a number from 0, got {strength!r}")


def stationary_flow(
    graph,
    teleportation,
    teleport_to,
    recorded,
    markov_time,
    regularization=0.0,
    entropy_correction=0.0,
):
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
    regularization : float
        Strength of the prior links, which take the place of other jumps [2]_.
    entropy_correction : float
        Strength of the correction for entropies of few links.

    Returns
    -------
    Flow

    References
    ----------
    .. [1] Lambiotte, Rosvall (2012), Phys. Rev. E 85, 056107.
       doi:10.1103/PhysRevE.85.056107
    .. [2] Smiljanić, Blöcker, Edler, Rosvall (2021), Journal of Complex Networks 9(6).
       doi:10.1093/comnet/cnab044
    """
    if graph.directed:
        links, visits, jump, land = link_flow(
            graph, teleportation, teleport_to, recorded, regularization
        )
        links = _without_loops(replace(graph, weights=links).to_scipy())
        leave, enter = markov_time * links.sum(axis=1), markov_time * links.sum(axis=0)
        links, scale = links + links.T.tocsr(), markov_time
        links.eliminate_zeros()
    else:
        links = graph.to_scipy()
        strength = np.asarray(links.sum(axis=1))
        jump, land = prior_links(graph, regularization)
        total = strength.sum() + jump.sum()
        scale = 1 / total if total > 0 else 0.0
        visits, jump = scale * (strength + jump), scale * jump
        scale *= markov_time
        loops = links.diagonal()
        leave = enter = scale * (strength - loops)
        scale *= 2
        if loops.any():
            links = _without_loops(links)
    nodes = np.zeros(graph.n_nodes, NODE)
    for field, rates in zip(RATES, (visits, leave, enter, jump, land), strict=True):
        nodes[field[0]] = rates
    rules = Rules(float(jump.sum()), entropy_correction * _bits_per_word(graph))
    physical = getattr(graph, "physical", None)
    if entropy_correction and physical is not None:
        raise ValueError("entropy_correction is not for networks of states; leave it at 0")
    return make_flow(nodes, links, scale, rules, physical)


def make_flow(nodes, links, scale, rules, physical=None):
    """The types that the compiled search is made for; copies nothing that has them.

    Parameters
    ----------
    nodes : ndarray of shape (n,), NODE
        Their rates.
    links : csr_array of shape (n, n)
        Two-way flow, without self-loops.
    scale : float
        Flow of a link of weight 1.
    rules : Rules
    physical : int32 array of shape (n,), default=None
        Physical node of each node, if these are states.

    Returns
    -------
    Flow
    """
    indptr = links.indptr.astype(np.int64, copy=False)
    indices = links.indices.astype(np.int32, copy=False)
    weights = links.data.astype(np.float64, copy=False)
    record_alone(nodes, rules)
    visits = nodes["flow"].copy()
    if physical is not None:
        nodes["alone"] -= plogp_of(visits)
    level = Level(*map(_writeable, (indptr, indices, weights)), float(scale), nodes)
    return Flow(visits, level, rules, physical)


def link_flow(graph, teleportation, teleport_to, recorded, regularization=0.0):
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
    jump = np.where(out == 0, 1.0, teleportation)
    if regularization:
        prior, land = prior_links(graph, regularization)
        # One physical node has no prior; as of a vanishing one, all jump who cannot walk on.
        jump = np.divide(prior, out + prior, out=np.ones(n), where=out + prior > 0)
        recorded = True
    elif teleport_to == "nodes":
        land = np.full(n, 1 / n)
    elif recorded:
        land = np.bincount(graph.indices, graph.weights, minlength=n) / total
    else:
        land = out / total
    source = np.repeat(np.arange(n, dtype=np.int32), np.diff(graph.indptr))
    share = graph.weights / out[source]
    visits = _visit_rates(graph, share * (1 - jump)[source], jump, land)
    flow = share * visits[source]
    if recorded:
        return flow * (1 - jump)[source], visits, jump * visits, land
    flow /= flow.sum()
    return flow, np.bincount(graph.indices, flow, minlength=n), np.zeros(n), np.zeros(n)


def _visit_rates(graph, share, jump, land):
    """Stationary visit rates, for a share of walkers on each link and of those that jump."""
    step = replace(graph, weights=share).to_scipy().T.tocsr()
    rates = land.copy()
    if (jump > 0).all():
        settle_rates(step.indptr, step.indices, step.data, jump, land, rates)
        return rates
    for _ in range(MOST_STEPS):
        new = step @ rates + (rates * jump).sum() * land
        new = (new + rates) / 2  # a walk in cycles has no limit, its mean has
        new /= new.sum()
        change = np.abs(new - rates).sum()
        rates = new
        if change < CHANGE_LEFT:
            break
    return rates


def prior_links(graph, strength):
    """Links that are expected before any is seen, from every node to every node.

    Returns
    -------
    leaving : ndarray of shape (n_nodes,)
        Their weight from each node.
    land : ndarray of shape (n_nodes,)
        Share of it that leads to each node.
    """
    n = graph.n_nodes
    if not strength or not len(graph.weights):
        return np.zeros(n), np.zeros(n)
    leave = _mean_weights(np.repeat(np.arange(n), np.diff(graph.indptr)), graph.weights, n)
    enter = _mean_weights(graph.indices, graph.weights, n)
    chance = np.log(n) / n
    n_physical = getattr(graph, "n_physical", n)
    if n_physical != n:
        chance = np.log(n_physical) / n_physical**3
    relative = enter.sum() / graph.weights.mean()  # first: products of weights may overflow
    return strength * chance * relative * leave, enter / enter.sum()


def _mean_weights(node, weights, n):
    """Mean weight of the links of each node; the smallest of all for one without."""
    number = np.bincount(node, minlength=n)
    mean = np.bincount(node, weights, n) / np.maximum(number, 1)
    return np.where(number > 0, mean, mean[number > 0].min())


def _bits_per_word(graph):
    """Mean bits that the entropy of a codebook is too small by, for each word beyond the first.

    One in 2 N ln 2 for N observations (Miller, Madow); here the ends of links.
    """
    total, number = graph.weights.sum(), len(graph.weights)
    if graph.directed:
        loops = graph.to_scipy().diagonal()
        total, number = 2 * total - loops.sum(), 2 * number - np.count_nonzero(loops)
    return 1 / (2 * np.log(2) * max(total, number)) if number else 0.0


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
