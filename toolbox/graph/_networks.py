"""Networks from the sections of a file."""

from functools import partial

import numpy as np

from toolbox.graph._lines import plain, rows_of
from toolbox.graph._sections import LAYERS
from toolbox.graph.bipartite import as_bipartite
from toolbox.graph.multilayer import MultilayerNetwork
from toolbox.graph.network import from_edges
from toolbox.graph.states import from_states


def network_of(found, directed):
    """What makes the network, which no longer needs the text of the file.

    Parameters
    ----------
    found : Sections
    directed : bool or None
        As in :func:`~toolbox.graph.read_graph`.

    Returns
    -------
    callable
        Takes nothing; gives a Graph or MultilayerNetwork.

    Raises
    ------
    ValueError
        For sections that do not go together, and without nodes.
    """
    layered = {kind for kind, *_ in found.links if kind in LAYERS}
    kinds = [
        ("*States", bool(found.states)),
        ("*Bipartite", found.first_feature is not None),
        ("*Multilayer", b"*multilayer" in layered),
        ("*Intra", bool(layered - {b"*multilayer"})),
    ]
    kinds = [kind for kind, there in kinds if there]
    if len(kinds) > 1:
        raise ValueError(f"sections {' and '.join(kinds)} in one file; divide it")
    if not kinds:
        return _graph(found, directed)
    plain_links = [kind for kind, links, _ in found.links if kind not in LAYERS and len(links)]
    if layered and plain_links:
        name = plain_links[0].decode()
        raise ValueError(f"links under {name} have no layers; put them under *Intra")
    make = {"*States": _states, "*Bipartite": _bipartite, "*Multilayer": _layer_states}
    return make.get(kinds[0], _layers)(found, directed)


def _graph(found, directed):
    links, weights, directed = _joined(found, directed)
    if found.n_nodes is None:
        (links,), ids = _numbered(found, links)
    else:
        links, ids = links - 1, np.arange(1, found.n_nodes + 1)
    names = _names(ids, found.vertices)
    return partial(from_edges, links, weights, n_nodes=len(ids), directed=directed, names=names)


def _bipartite(found, directed):
    links, weights, directed = _joined(found, directed)
    (links,), ids = _numbered(found, links)
    n_primary = int(np.searchsorted(ids, found.first_feature))
    if n_primary == 0:
        raise ValueError(f"no node has a number below {found.first_feature}, so all are features")
    options = {"n_nodes": len(ids), "directed": directed, "names": _names(ids, found.vertices)}
    return lambda: as_bipartite(from_edges(links, weights, **options), n_primary)


def _states(found, directed):
    links, weights, directed = _joined(found, directed)
    listed = np.fromiter(found.states, np.int64, len(found.states))
    columns = list(zip(*found.states.values(), strict=True))
    rows, ids = rows_of(np.append(links.ravel(), listed))
    links, listed = rows[: links.size].reshape(-1, 2), rows[links.size :]
    physical = ids.copy()  # of states that are not listed, as in the official package
    physical[listed] = columns[0]
    layers = None
    if len(listed) == len(ids) and None not in columns[1]:
        layers = np.empty(len(ids), np.int64)
        layers[listed] = columns[1]
    (physical,), nodes = _numbered(found, physical)
    return partial(
        from_states,
        links,
        physical,
        weights,
        directed=directed,
        names=plain(ids),
        physical_names=_physical_names(nodes, physical, found.vertices),
        layers=layers,
    )


def _layer_states(found, directed):
    links, weights = _section(found, b"*multilayer")
    (source, target), nodes = _numbered(found, links[:, 1], links[:, 3])
    layer_ids, ranks = np.unique(links[:, [0, 2]], return_inverse=True)
    ranks = ranks.reshape(-1, 2)
    # In order of node, then layer.
    keys = np.column_stack([source, target]) * len(layer_ids) + ranks
    states, rows = np.unique(keys, return_inverse=True)
    if not len(states):
        raise ValueError("no links; expected lines 'layer source layer target [weight]'")
    physical = states // len(layer_ids)
    return partial(
        from_states,
        rows.reshape(-1, 2),
        physical,
        weights,
        directed=bool(directed),
        physical_names=_physical_names(nodes, physical, found.vertices),
        layers=layer_ids[states % len(layer_ids)],
    )


def _layers(found, directed):
    intra, weights = _section(found, b"*intra")
    inter, inter_weights = _section(found, b"*inter")
    if not len(intra):
        raise ValueError("no links in layers; expected *Intra 'layer source target [weight]'")
    (source, target, nodes), ids = _numbered(found, intra[:, 1], intra[:, 2], inter[:, 1])
    intra = np.column_stack([intra[:, 0], source, target])
    inter = np.column_stack([inter[:, 0], nodes, inter[:, 2]])
    if not len(inter):
        inter = inter_weights = None
    names = _names(ids, found.vertices)
    parts = intra, weights, inter, inter_weights, len(ids), names
    return partial(MultilayerNetwork, *parts, None if directed is None else bool(directed))


def _joined(found, directed):
    """All links between nodes, their weights, and whether they are directed."""
    sections = [section for section in found.links if section[0] not in LAYERS]
    if directed is None:
        directed = any(kind.startswith(b"*arcs") and len(links) for kind, links, _ in sections)
    if directed:
        sections += [
            (kind, links[apart][:, ::-1], weights[apart])
            for kind, links, weights in sections
            if kind.startswith(b"*edges")
            for apart in [links[:, 0] != links[:, 1]]
        ]
    links = np.concatenate([np.empty((0, 2), np.int64), *(section[1] for section in sections)])
    weights = np.concatenate([np.empty(0), *(section[2] for section in sections)])
    return links, weights, bool(directed)


def _section(found, kind):
    """Links and weights of all sections of a kind."""
    sections = [section for section in found.links if section[0] == kind]
    links = [np.empty((0, len(LAYERS[kind])), np.int64), *(section[1] for section in sections)]
    weights = [np.empty(0), *(section[2] for section in sections)]
    return np.concatenate(links), np.concatenate(weights)


def _numbered(found, *columns):
    """Rows in the place of numbers of nodes, and the numbers, those of vertices too."""
    listed = np.fromiter(found.vertices, np.int64, len(found.vertices))
    rows, ids = rows_of(np.concatenate([*(column.ravel() for column in columns), listed]))
    if not len(ids):
        raise ValueError("no nodes; expected *Vertices or links")
    bounds = np.cumsum([column.size for column in columns])
    parts = np.split(rows, bounds)[:-1]
    return [part.reshape(column.shape) for part, column in zip(parts, columns, strict=True)], ids


def _names(ids, vertices):
    """Names of the nodes with these numbers."""
    names = [vertices.get(node) or str(node) for node in ids.tolist()] if vertices else None
    if names is None or all(name == str(node) for name, node in zip(names, ids, strict=True)):
        return plain(ids)
    return names


def _physical_names(ids, physical, vertices):
    """Names of physical nodes, which count the last ones even if they have no states."""
    names = _names(ids, vertices)
    return ids if names is None and physical.max() < len(ids) - 1 else names
