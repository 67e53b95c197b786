"""The map equation of a given partition."""

import numpy as np

from toolbox.graph._flow import check_walk, stationary_flow
from toolbox.graph._levels import record_modules
from toolbox.graph._moves import MODULE
from toolbox.graph._plogp import plogp, sum_plogp
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
):
    """Bits a step of a random walk costs, coded by modules and nodes in modules.

    Parameters
    ----------
    graph : Graph, sparse matrix, array-like, networkx or igraph graph, or path
        As in :meth:`InfoMap.fit`.
    labels : array-like of shape (n_nodes,)
        Module of each node, by any labels.
    directed, teleportation, teleport_to, recorded, markov_time
        As in :class:`InfoMap`.

    Returns
    -------
    codelength : float

    Raises
    ------
    ValueError
        If the number of labels is not the number of nodes, for parameters out
        of range and for malformed graphs.

    References
    ----------
    .. [1] Rosvall, Axelsson, Bergstrom (2009), Eur. Phys. J. Spec. Top. 178, eq. 1.
       doi:10.1140/epjst/e2010-01179-1

    Examples
    --------
    >>> from toolbox.graph import map_equation
    >>> two_triangles = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)]
    >>> round(map_equation(two_triangles, [0, 0, 0, 1, 1, 1]), 6)
    2.32073
    """
    check_walk(teleportation, teleport_to, recorded, markov_time)
    graph = as_graph(graph, directed)
    labels = np.asarray(labels)
    if labels.shape != (graph.n_nodes,):
        raise ValueError(f"labels must have shape ({graph.n_nodes},), got {labels.shape}")
    labels = np.unique(labels, return_inverse=True)[1].astype(np.int32)
    flow = stationary_flow(graph, teleportation, teleport_to, recorded, markov_time)
    return sum(codelengths(flow, labels)[:2])


def codelengths(flow, labels):
    """The two parts of the code, and the modules that it is made of.

    Parameters
    ----------
    flow : Flow
    labels : int32 array of shape (n_nodes,)
        From 0 without gaps.

    Returns
    -------
    index : float
        Bits a step for naming modules.
    modules : float
        Bits a step for naming nodes and exits within modules.
    records : ndarray of shape (n_modules,), MODULE
    """
    records = np.empty(int(labels.max()) + 1, MODULE)
    total = record_modules(flow.level, labels, len(records), records, flow.jumps)
    enter = records["enter"] + (flow.jumps - records["jump"]) * records["land"]
    index = plogp(total) - sum_plogp(enter)
    modules = records["cost"].sum() + sum_plogp(enter) - sum_plogp(flow.node)
    return float(index), float(modules), records
