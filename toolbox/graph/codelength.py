"""The map equation of a given partition or hierarchy."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from toolbox.graph._bipartite import bipartite_flow
from toolbox.graph._flow import check_walk, stationary_flow
from toolbox.graph._levels import record_modules
from toolbox.graph._moves import MODULE
from toolbox.graph._plogp import plogp_of, sum_plogp
from toolbox.graph.bipartite import BipartiteNetwork
from toolbox.graph.network import as_graph


def map_equation(
    graph,
    labels,
    *,
    directed=None,
    teleportation=0.15,
    teleport_to="links",
    recorded=False,
    markov_time=1.0,
    regularization=0.0,
    entropy_correction=0.0,
):
    """Bits a step of a random walk costs, coded by modules and nodes in modules.

    Parameters
    ----------
    graph : Graph, sparse matrix, array-like, networkx or igraph graph, or path
        As in :meth:`InfoMap.fit`.
    labels : array-like of shape (n_nodes,) or (n_levels, n_nodes)
        Module of each node, by any labels; for a hierarchy at each level,
        coarsest first, modules inside those of the level above.  A module that
        is its own only child is one module.
    directed, teleportation, teleport_to, recorded, markov_time, regularization, \
entropy_correction
        As in :class:`InfoMap`.

    Returns
    -------
    codelength : float

    Raises
    ------
    ValueError
        If the number of labels is not the number of nodes, for levels that are
        not nested, for parameters out of range and for malformed graphs.

    References
    ----------
    .. [1] Rosvall, Axelsson, Bergstrom (2009), Eur. Phys. J. Spec. Top. 178, eq. 1.
       doi:10.1140/epjst/e2010-01179-1
    .. [2] Rosvall, Bergstrom (2011), PLoS ONE 6(4), e18209.
       doi:10.1371/journal.pone.0018209

    Examples
    --------
    >>> from toolbox.graph import map_equation
    >>> two_triangles = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)]
    >>> round(map_equation(two_triangles, [0, 0, 0, 1, 1, 1]), 6)
    2.32073
    """
    walk = teleportation, teleport_to, recorded, markov_time, regularization, entropy_correction
    check_walk(*walk)
    graph = as_graph(graph, directed)
    levels = as_levels(labels, graph.n_nodes)
    return code_of(flow_of(graph, *walk), levels).total


def flow_of(graph, *walk):
    """Visit rates and link flows of any kind of network.

    Parameters
    ----------
    graph : Graph, StateNetwork or BipartiteNetwork
    *walk
        As in :func:`stationary_flow`.

    Returns
    -------
    Flow
    """
    if isinstance(graph, BipartiteNetwork):
        return bipartite_flow(graph, *walk)
    return stationary_flow(graph, *walk)


class Code(NamedTuple):
    """The code of a hierarchy.

    Attributes
    ----------
    index, total : float
        Bits a step for naming the topmost modules, and for everything.
    levels : list of Rates
        Those of the modules at each level, coarsest first.
    """

    index: float
    total: float
    levels: list


class Rates(NamedTuple):
    """Rates of the modules of a level, arrays of shape (n_modules,).

    Attributes
    ----------
    flow : ndarray
        Of the nodes inside.
    exit, enter : ndarray
        Jumps included.
    inner : ndarray
        Words of the codebook but for the exit: enter rates of submodules, or ``flow``.
    parent : ndarray
        Module of the level above, 0 for the topmost.
    counted : ndarray
        Whether the module has a codebook: not if it is its own only child.
    """

    flow: np.ndarray
    exit: np.ndarray
    enter: np.ndarray
    inner: np.ndarray
    parent: np.ndarray
    counted: np.ndarray


def code_of(flow, levels):
    """The code of a hierarchy.

    Parameters
    ----------
    flow : Flow
    levels : list of int32 array of shape (n_nodes,)
        Labels from 0 without gaps, coarsest first, nested.

    Returns
    -------
    Code
    """
    rates, below = [], None
    bits = flow.rules.module_bits
    total = bits * (len(flow.node) - 1) - _held(flow, levels[-1])
    for labels, above in zip(levels[::-1], [*levels[-2::-1], None], strict=True):
        records = np.empty(int(labels.max()) + 1, MODULE)
        record_modules(flow.level, labels, len(records), records, np.zeros(1), flow.rules)
        exit_rate = records["exit"] + records["jump"] * (1 - records["land"])
        enter = records["enter"] + (flow.rules.jumps - records["jump"]) * records["land"]
        inner, counted = records["flow"].copy(), np.ones(len(records), bool)
        if below is not None:
            inner = np.bincount(below.parent, below.enter)
            counted = np.bincount(below.parent) > 1
        parent = np.zeros(len(records), np.int32)
        if above is not None:
            parent[labels] = above
        own = plogp_of(exit_rate + inner) - plogp_of(exit_rate) - plogp_of(enter)
        total += own[counted].sum() + bits * np.count_nonzero(counted)
        below = Rates(records["flow"].copy(), exit_rate, enter, inner, parent, counted)
        rates.append(below)
    if len(below.flow) == 1:
        total -= bits  # there is no way out of the only module
    top = plogp_of(below.enter.sum(keepdims=True))[0]
    return Code(float(top - sum_plogp(below.enter)), float(total + top), rates[::-1])


def constant_bits(flow):
    """What the costs of searches leave out, since it does not depend on the modules.

    Parameters
    ----------
    flow : Flow

    Returns
    -------
    bits : float
    """
    visits = 0.0 if flow.physical is not None else sum_plogp(flow.node)
    return flow.rules.module_bits * (len(flow.node) - 1) - visits


def _held(flow, labels):
    """Sum of plogp over the rates of all words for nodes; states share them inside a module."""
    if flow.physical is None:
        return sum_plogp(flow.node)
    word = labels.astype(np.int64) * (int(flow.physical.max()) + 1) + flow.physical
    return sum_plogp(np.bincount(np.unique(word, return_inverse=True)[1], flow.node))


def as_levels(labels, n_nodes, name="labels"):
    """Labels from 0 without gaps at each level, coarsest first.

    Parameters
    ----------
    labels : array-like of shape (n_nodes,) or (n_levels, n_nodes)
    n_nodes : int
    name : str
        What to call them in errors.

    Returns
    -------
    levels : list of int32 array of shape (n_nodes,)

    Raises
    ------
    ValueError
        For another shape, and for modules that lie across those of the level above.
    """
    try:
        labels = np.asarray(labels)
    except ValueError:  # levels of different lengths
        labels = np.empty(())
    if labels.shape[-1:] != (n_nodes,) or labels.ndim > 2 or len(labels) == 0:
        raise ValueError(
            f"{name} must have shape ({n_nodes},), or (n_levels, {n_nodes}), got "
            f"{labels.shape or 'levels of different lengths'}"
        )
    levels = [
        np.unique(level, return_inverse=True)[1].astype(np.int32)
        for level in labels.reshape(-1, n_nodes)
    ]
    for depth, (above, level) in enumerate(pairwise(levels), 1):
        parent = np.empty(level.max() + 1, np.int32)
        parent[level] = above
        across = np.flatnonzero(parent[level] != above)
        if len(across):
            raise ValueError(
                f"{name} must be nested, coarsest first: at level {depth} the module of node "
                f"{across[0]} has nodes of several modules of level {depth - 1}"
            )
    return levels
