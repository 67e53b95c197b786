"""The walk on bipartite networks, with visits of primary nodes only."""

import numpy as np

from toolbox.graph._flow import stationary_flow
from toolbox.graph._levels import record_alone


def bipartite_flow(
    graph,
    teleportation,
    teleport_to,
    recorded,
    markov_time,
    regularization=0.0,
    entropy_correction=0.0,
):
    """Visit rates and two-way link flows, if features are passed and not visited.

    The walk is that of :func:`stationary_flow`.  Then each primary node also
    gets what flows between it and features, both ways, and each link stands for
    the two steps from a primary node to the next one.  Recorded jumps are from
    primary nodes to primary nodes.  A feature without links counts as a primary
    node.

    Parameters
    ----------
    graph : BipartiteNetwork
    teleportation, teleport_to, recorded, markov_time, regularization, entropy_correction
        As in :func:`stationary_flow`.

    Returns
    -------
    Flow

    Raises
    ------
    ValueError
        If no walk ever leaves the features.
    """
    walk = teleportation, teleport_to, recorded, markov_time, regularization, entropy_correction
    flow = stationary_flow(graph, *walk)
    nodes = flow.level.nodes
    linked = np.diff(graph.indptr) > 0
    linked[graph.indices] = True
    features = (np.arange(graph.n_nodes) >= graph.n_primary) & linked
    # There are no self-loops, so the crossings of a node are all of its links.
    visits = nodes["flow"] + (nodes["exit"] + nodes["enter"]) / markov_time
    visits[features] = 0.0
    total = visits.sum()
    if total > 0:
        visits /= total
    elif linked.any():
        raise ValueError(
            "no primary node is visited, as no link leads from a feature to one; "
            'reverse the links, or use teleport_to="nodes"'
        )
    if not regularization:  # a share of the new visits; links of the prior keep their flow
        visited = nodes["flow"] > 0
        nodes["jump"][visited] *= visits[visited] / nodes["flow"][visited]
    nodes["jump"][features] = nodes["land"][features] = 0.0
    if nodes["land"].any():
        nodes["land"] /= nodes["land"].sum()
    nodes["flow"] = visits
    nodes["exit"] *= 2
    nodes["enter"] *= 2
    rules = flow.rules._replace(jumps=float(nodes["jump"].sum()))
    record_alone(nodes, rules)
    level = flow.level._replace(scale=2 * flow.level.scale)
    return flow._replace(node=visits, level=level, rules=rules)
