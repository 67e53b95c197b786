"""Networks as files: Pajek, and the official Infomap's formats of states, layers and two kinds."""

import re

import numpy as np

from toolbox._files import packed_text
from toolbox.graph._tree import chunks, ids_of
from toolbox.graph.bipartite import BipartiteNetwork
from toolbox.graph.multilayer import MultilayerNetwork
from toolbox.graph.network import as_graph
from toolbox.graph.states import StateNetwork

_CONTROL = re.compile(r"[\0-\x08\x0a-\x1f]")


def write_network(graph, path):
    """Write a network so that :func:`read_graph` and the official Infomap can read it.

    A graph becomes a Pajek network, a state network sections ``*States`` and
    links, a network of layers ``*Intra`` and ``*Inter``, a bipartite network
    ``*Bipartite``.  Nodes and states have the same numbers as in the files of
    results (see :mod:`toolbox.graph.writing`), so they come back in this order;
    weights come back exactly.

    What the formats cannot hold: names of states that are no numbers (they are
    there to be read by people), and whether layers are directed (give
    ``directed`` to :func:`read_graph`).  Line breaks in names become spaces.

    Parameters
    ----------
    graph : MultilayerNetwork, Graph or anything else that :func:`as_graph` takes
        The network.
    path : path-like
        The file to write, by custom ``.net``; packed if it ends in ``.gz``.
        It is there whole or not at all.
    """
    if isinstance(graph, MultilayerNetwork):
        write = _write_layers
    else:
        graph = as_graph(graph)
        write = {StateNetwork: _write_states, BipartiteNetwork: _write_bipartite}.get(
            type(graph), _write_graph
        )
    with packed_text(path) as file:
        write(file, graph)


def _write_graph(file, graph):
    ids, names = ids_of(graph.names, graph.n_nodes)
    _write_vertices(file, ids, names)
    file.write("*Arcs\n" if graph.directed else "*Edges\n")
    _write_links(file, graph, ids)


def _write_bipartite(file, graph):
    ids, names = ids_of(graph.names, graph.n_nodes)
    n = graph.n_primary
    if n < len(ids) and ids[:n].max() >= ids[n:].min():  # then numbers cannot tell the kinds apart
        ids, names = np.arange(1, len(ids) + 1), list(map(str, ids.tolist()))
    first = ids[n:].min() if n < len(ids) else ids.max() + 1
    _write_vertices(file, ids, names)
    file.write(f"*Bipartite {first}\n" + "*Arcs\n" * graph.directed)
    _write_links(file, graph, ids)


def _write_states(file, network):
    nodes, names = ids_of(network.physical_names, network.n_physical)
    _write_vertices(file, nodes, names)
    ids, names = ids_of(network.names, network.n_nodes)
    physical, layers = nodes[network.physical], network.layers
    if names is not None:  # those of from_paths are tuples
        names = [
            " ".join(map(str, name)) if isinstance(name, tuple) else str(name)
            for name in network.names
        ]
    if layers is None:
        file.write("*States\n# state_id node_id name\n")
        _write_rows(file, '%d %d "%s"\n', ids, physical, _texts(names, ids))
    else:
        file.write("*States\n# state_id node_id name layer_id\n")
        _write_rows(file, '%d %d "%s" %d\n', ids, physical, _texts(names, ids), layers)
    file.write("*Arcs\n" if network.directed else "*Edges\n")
    _write_links(file, network, ids)


def _write_layers(file, network):
    ids, names = ids_of(network.names, network.n_nodes)
    _write_vertices(file, ids, names)
    a, b, layers = ids[network.intra[:, 1]], ids[network.intra[:, 2]], network.intra[:, 0]
    file.write("*Intra\n# layer source target weight\n")
    _write_rows(file, "%d %d %d %s\n", layers, a, b, network.intra_weights)
    if network.inter is not None:
        layers, nodes, others = network.inter.T
        file.write("*Inter\n# layer node layer weight\n")
        _write_rows(file, "%d %d %d %s\n", layers, ids[nodes], others, network.inter_weights)


def _write_vertices(file, ids, names):
    # With a count the numbers of a Pajek file are 1, 2, ...
    count = f" {len(ids)}" if ids[0] == 1 and (np.diff(ids) == 1).all() else ""
    file.write(f"*Vertices{count}\n")
    _write_rows(file, '%d "%s"\n', ids, _texts(names, ids))


def _write_links(file, graph, ids):
    """Each link once."""
    source = np.repeat(np.arange(graph.n_nodes, dtype=np.int32), np.diff(graph.indptr))
    once = slice(None) if graph.directed else source <= graph.indices
    links = ids[source[once]], ids[graph.indices[once]], graph.weights[once]
    _write_rows(file, "%d %d %s\n", *links)


def _write_rows(file, form, *columns):
    """Lines of columns; floats in the fewest digits that give them back."""
    for part in chunks(0, len(columns[0])):
        texts = []
        for column in columns:
            texts.append(column[part].tolist() if isinstance(column, np.ndarray) else column[part])
            if isinstance(texts[-1][0], float):
                texts[-1] = map(_short, texts[-1])
        file.writelines(map(form.__mod__, zip(*texts, strict=True)))


def _short(weight):
    return repr(weight).removesuffix(".0")


def _texts(names, ids):
    """Names on one line each, the numbers without."""
    if names is None:
        return ids
    return [_CONTROL.sub(" ", name) for name in names]
