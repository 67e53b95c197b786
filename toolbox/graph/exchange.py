"""Partitions of graphs as files for other programs: GraphML, GEXF and Parquet.

All functions take what those in :mod:`toolbox.graph.writing` take.  Nodes have
the attributes ``id`` (as there), ``name`` if they have names, ``module`` for
the top level, ``module_2``, ``module_3`` ... for the levels below, and
``flow``; states have ``node_id`` and maybe ``layer_id`` too.  Modules are
numbered from 1, as in the other files.  A file is there whole or not at all.
"""

import numpy as np

from toolbox._files import packed_file
from toolbox.graph._exchange import write_network
from toolbox.graph._parquet import write_table
from toolbox.graph._tree import Tree
from toolbox.graph.network import as_graph


def write_graphml(result, path, graph):
    """Write the graph as GraphML, with the modules and the flow of its nodes.

    Links have the attribute ``weight``.  Characters of names that XML cannot
    hold become U+FFFD.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.graphml`` or ``.graphml.gz``.
    graph : Graph or anything else that ``fit`` takes
        The graph of the result.
    """
    _write("graphml", result, path, graph)


def write_gexf(result, path, graph):
    """Write the graph as GEXF, with the modules and the flow of its nodes.

    Names are labels here; else as in :func:`write_graphml`.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.gexf`` or ``.gexf.gz``.
    graph : Graph or anything else that ``fit`` takes
        The graph of the result.
    """
    _write("gexf", result, path, graph)


def write_parquet(result, path):
    """Write the nodes as a Parquet table, in the order of ``labels_``.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.parquet``.

    Raises
    ------
    ImportError
        Without pyarrow (the extra ``parquet``).
    """
    columns = _columns(result)
    if "name" in columns:  # UTF-8 has no lone surrogates
        columns["name"] = [_encodable(name) for name in columns["name"]]
    with packed_file(path) as file:
        write_table(file, columns)


def _write(form, result, path, graph):
    graph = as_graph(graph, directed=bool(result.directed_))
    columns = {name: _plain(column) for name, column in _columns(result).items()}
    if graph.n_nodes != len(columns["id"]):
        raise ValueError(f"the graph has {graph.n_nodes} nodes, the result {len(columns['id'])}")
    if form == "gexf" and "name" in columns:
        columns["label"] = columns.pop("name")
    with packed_file(path) as file:
        write_network(form, file, graph, columns)


def _columns(result):
    """Attributes of the nodes, in the order of ``labels_``."""
    tree = Tree(result)
    columns = {"id": tree.ids}
    if tree.node_ids is not None:  # the ids are those of states
        columns["node_id"] = tree.node_ids
    if tree.layers is not None:
        columns["layer_id"] = tree.layers
    if tree.names is not None:
        columns["name"] = tree.names
    for level, numbers in enumerate(tree.module_numbers(), 1):
        columns["module" if level == 1 else f"module_{level}"] = numbers
    return {**columns, "flow": tree.flow}


def _plain(column):
    return column.tolist() if isinstance(column, np.ndarray) else column


def _encodable(name):
    return name.encode("utf-8", "backslashreplace").decode()
