"""Where a search starts: labels, levels, or an earlier result."""

import numpy as np

from toolbox.graph._labels import as_levels, compact
from toolbox.graph.codelength import code_of

NEW_ROUNDS = 3  # from nodes that are known to new ones, and on to new ones behind these


def initial_levels(given, graph, flow, two_level=False):
    """Levels to start a search of a graph from.

    Parameters
    ----------
    given : array-like of shape (n_nodes,) or (n_levels, n_nodes), or fitted estimator
        The nodes of an estimator are known by their names, states in layers by
        layer and node, or by their numbers if there are none.
    graph : Graph
    flow : Flow
    two_level : bool
        Whether only the finest of an estimator's levels count.

    Returns
    -------
    levels : list of int32 array of shape (n_nodes,)
        From 0 without gaps, coarsest first.
    """
    if not hasattr(given, "levels_"):
        return as_levels(given, graph.n_nodes, "initial_partition")
    known = _rows_of(given, graph)
    if (known < 0).all():
        raise ValueError(
            "initial_partition is a fit of other nodes: no node of the graph has one of their names"
        )
    kept = known >= 0
    finest = np.full(graph.n_nodes, -1, np.int64)
    finest[kept] = given.levels_[-1][known[kept]]
    # Nodes may be without a link to their module since links went, or for a reason.
    before = given.levels_[-1:] if two_level else given.levels_
    starts = (
        _with_new_nodes(before, _beside_neighbours(graph, finest, settled))
        for settled in (kept, np.zeros_like(kept))
    )
    return min(starts, key=lambda levels: code_of(flow, levels).total)


def _with_new_nodes(known, finest):
    """Levels, from those of an earlier result and the finest module there; -1 for none."""
    member = np.zeros(len(known[-1]), np.int64)  # a node of each finest module
    member[known[-1]] = np.arange(len(known[-1]))
    alone = finest < 0
    levels = []
    for labels in known:
        level = np.where(alone, 0, labels[member[finest]])
        level[alone] = labels.max() + 1 + np.arange(np.count_nonzero(alone))
        levels.append(compact(level)[1])
    return levels


def _rows_of(given, graph):
    """Row of each node of the graph in an earlier result, -1 for new ones."""
    n_before = len(given.labels_)
    before, now = given.node_names_, graph.names
    if before is None and now is None:
        layers = getattr(graph, "layers", None)
        before = _places(given.state_layers_, given.state_physical_, given.physical_names_)
        now = None if layers is None else _places(layers, graph.physical, graph.physical_names)
        if before is None or now is None:
            before = now = None
    before = range(n_before) if before is None else before
    now = range(graph.n_nodes) if now is None else now
    rows = dict(zip(before, range(n_before), strict=True))
    return np.fromiter((rows.get(name, -1) for name in now), np.int64, graph.n_nodes)


def _places(layers, physical, names):
    """Layer and node of each state; None if this does not tell them apart."""
    if layers is None:
        return None
    nodes = physical.tolist() if names is None else [names[row] for row in physical]
    places = list(zip(layers.tolist(), nodes, strict=True))
    return places if len(set(places)) == len(places) else None


def _beside_neighbours(graph, module, settled):
    """Give new nodes, and others without a link to their module, the one they link to most.

    Those that are ``settled`` stay.  A search from a hierarchy moves nodes within
    modules of modules only.
    """
    links = graph.to_scipy()
    links = (links + links.T).tocoo() if graph.directed else links.tocoo()
    (source, target), weights = links.coords, links.data
    apart = source != target
    source, target, weights = source[apart], target[apart], weights[apart]
    for _ in range(NEW_ROUNDS):
        with_own = (module[source] == module[target]) & (module[source] >= 0)
        lost = ~settled
        lost[source[with_own]] = False
        useful = lost[source] & (module[target] >= 0)
        if not useful.any():
            break
        # The best module of each: pairs in order of node, then of weight.
        width = module.max() + 1
        pairs, which = np.unique(
            source[useful] * width + module[target[useful]], return_inverse=True
        )
        weight = np.bincount(which, weights[useful])
        node, there = pairs // width, pairs % width
        order = np.lexsort((weight, node))
        module = module.copy()
        module[node[order]] = there[order]  # the heaviest is written last
    return module
