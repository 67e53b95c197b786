"""Partitions of graphs as files, in the formats of the official Infomap.

All functions take a fitted estimator (anything with ``labels_``, ``levels_``,
``flow_``, ``codelength_``, ``directed_`` and ``node_names_``) and a path; one
that ends in ``.gz`` makes a packed file.  A file is there whole or not at all.

Modules and nodes have a *path* like ``2:1:3``: the third node of the first
submodule of the second module.  Module ``k`` of ``labels_`` is number
``k + 1``; submodules and nodes are ranked by flow.

Nodes have an *id*: their names if those are whole numbers from 0, as in a link
list; their number from 0 without names; their number from 1 with other names,
as in a Pajek file.  So the official Infomap, if it has read the same file,
knows the nodes by the same ids.

If the nodes are states (of a :class:`~toolbox.graph.StateNetwork`), the ids are
those of the states as ``state_id``; then come the physical node as ``node_id``,
to which the name belongs, and the layer as ``layer_id`` if there are layers, in
the order of the official Infomap.
"""

import json

import numpy as np

from toolbox._files import packed_text
from toolbox._version import __version__
from toolbox.graph._flow import link_flow, prior_links
from toolbox.graph._tree import Links, Tree, chunks, plogp
from toolbox.graph.bipartite import BipartiteNetwork
from toolbox.graph.network import as_graph

_BREAKS = str.maketrans("\r\n", "  ")


def write_tree(result, path):
    """Write the tree of modules: a line ``path flow "name" node_id`` for each node.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.tree`` or ``.tree.gz``.
    """
    tree = Tree(result)
    with packed_text(path) as file:
        _write_nodes(file, result, tree)


def write_ftree(result, path, graph):
    """Write the tree of modules, and the flow between the children of each module.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.ftree`` or ``.ftree.gz``.
    graph : Graph or anything else that ``fit`` takes
        The graph of the result.
    """
    tree = Tree(result)
    links = _links(result, tree, graph)
    with packed_text(path) as file:
        _write_nodes(file, result, tree)
        file.write(f"*Links {_flow_model(result)}\n")
        if not result.directed_:
            file.write("# link flow is both directions combined, one row per pair\n")
        file.write("#*Links path enterFlow exitFlow numEdges numChildren\n")
        for k, module in enumerate(tree.modules):
            begin, end = links.bounds[k], links.bounds[k + 1]
            file.write(
                f"*Links {module[:-1] or 'root'} {links.enter[k]:.9g} {links.exit[k]:.9g} "
                f"{end - begin} {tree.n_children[k]}\n"
            )
            for part in chunks(begin, end):
                rows = zip(*(column[part].tolist() for column in links.columns), strict=True)
                file.writelines(map("%d %d %.9g\n".__mod__, rows))


def write_clu(result, path):
    """Write the top modules: a line ``node_id module flow`` for each node, in their order.

    States have lines ``state_id module flow node_id``, and ``layer_id``.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.clu`` or ``.clu.gz``.
    """
    tree = Tree(result)
    (first, ids), *others = _ids(tree)
    columns = ids, np.asarray(result.labels_) + 1, tree.flow, *(column for _, column in others)
    header = " ".join([first, "module", "flow", *(name for name, _ in others)])
    line = "%d %d %.9g" + " %d" * len(others) + "\n"
    with packed_text(path) as file:
        file.write(f"{_comments(result, tree)}# module level 1\n# {header}\n")
        for part in chunks(0, len(tree.ids)):
            rows = zip(*(column[part].tolist() for column in columns), strict=True)
            file.writelines(map(line.__mod__, rows))


def write_csv(result, path):
    """Write the tree of modules as a table with columns path, flow, name and node_id.

    States have the columns ``state_id``, maybe ``layer_id``, and ``node_id``.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.csv`` or ``.csv.gz``.
    """
    tree = Tree(result)
    first, *others = _ids(tree)
    columns = [first, *others[::-1]]  # here the layer stands before the node
    line = '%s%d,%.9g,"%s"' + ",%d" * len(columns) + "\n"
    with packed_text(path) as file:
        file.write(",".join(["path", "flow", "name", *(name for name, _ in columns)]) + "\n")
        for module, rank, flow, names, _, *ids in tree.rows(*(column for _, column in columns)):
            names = [name.replace('"', '""') for name in names]
            file.writelines(map(line.__mod__, zip(module, rank, flow, names, *ids, strict=True)))


def write_json(result, path, graph=None):
    """Write the tree of modules and its measures as one JSON object.

    Its keys are those of the official Infomap that do not tell about a run.
    ``mec`` is the map equation centrality of a node [1]_.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.json`` or ``.json.gz``.
    graph : Graph or anything else that ``fit`` takes, default=None
        The graph of the result; adds the list of modules, with flow, links and
        codelength.

    References
    ----------
    .. [1] Blöcker, Nieves, Rosvall (2022), Applied Network Science 7, 56.
       doi:10.1007/s41109-022-00477-9
    """
    tree = Tree(result)
    links = None if graph is None else _links(result, tree, graph)
    summary = {
        "version": f"kexue-toolbox {__version__}",
        "codelength": float(result.codelength_),
        "numLevels": len(tree.n_modules) + 1,
        "numTopModules": tree.n_modules[0],
        "numModules": [*tree.n_modules, 0],
        "relativeCodelengthSavings": _savings(result, tree),
        "directed": bool(result.directed_),
        "flowModel": _flow_model(result),
        "higherOrder": tree.node_ids is not None,
    }
    ids = _ids(tree)
    if len(ids) > 1:
        summary["stateLevel"] = True
    keys = {"state_id": "stateId", "layer_id": "layerId", "node_id": "id"}
    ids = [(keys[name], column) for name, column in (ids[0], *ids[:0:-1])]
    numbers = tree.module_numbers()
    line = '{"path":[%s%d],"modules":[' + ",".join(["%d"] * len(numbers)) + '],"name":%s'
    line += ',"flow":%.9g,"mec":%.9g,' + ",".join(f'"{key}":%d' for key, _ in ids) + "}"
    ids = [column for _, column in ids]
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with packed_text(path) as file:
        file.write(json.dumps(summary)[:-1] + ',"nodes":[')
        mark = "\n"
        for module, rank, flow, names, _, *columns in tree.rows(*numbers, tree.centrality(), *ids):
            module = [prefix.replace(":", ",") for prefix in module]
            modules, rest = columns[: len(numbers)], columns[len(numbers) :]
            rows = zip(module, rank, *modules, map(encode, names), flow, *rest, strict=True)
            file.write(mark + ",\n".join(map(line.__mod__, rows)))
            mark = ",\n"
        file.write("\n]")
        if links:
            file.write(',"modules":[\n' + ",\n".join(map(json.dumps, links.modules())) + "\n]")
        file.write("}\n")


def _links(result, tree, graph):
    """Links of the graph, with the flow of the walk that the result was found by."""
    graph = as_graph(graph, directed=bool(result.directed_))
    regularization = getattr(result, "regularization", 0.0)
    if graph.directed:
        walk = result.teleportation, result.teleport_to, result.recorded, regularization
        flow = link_flow(graph, *walk)[0]
    else:
        flow = graph.weights / (graph.weights.sum() + prior_links(graph, regularization)[0].sum())
    if isinstance(graph, BipartiteNetwork) and not tree.flow[graph.n_primary :].any():
        flow = 2 * flow  # features are passed: a link is two of the steps between primary nodes
    return Links(tree, graph, flow)


def _ids(tree):
    """Columns that say which node it is, with their names."""
    if tree.node_ids is None:
        return [("node_id", tree.ids)]
    layers = [] if tree.layers is None else [("layer_id", np.asarray(tree.layers))]
    return [("state_id", tree.ids), ("node_id", tree.node_ids), *layers]


def _write_nodes(file, result, tree):
    columns = _ids(tree)
    header = " ".join(["path", "flow", "name", *(name for name, _ in columns)])
    file.write(f"{_comments(result, tree)}# {header}\n")
    line = '%s%d %.9g "%s"' + " %d" * len(columns) + "\n"
    for module, rank, flow, names, _, *ids in tree.rows(*(column for _, column in columns)):
        names = [name.translate(_BREAKS) for name in names]
        file.writelines(map(line.__mod__, zip(module, rank, flow, names, *ids, strict=True)))


def _comments(result, tree):
    n_levels, n_top = len(tree.n_modules) + 1, tree.n_modules[0]
    return (
        f"# kexue-toolbox {__version__}\n"
        f"# partitioned into {n_levels} levels with {n_top} top modules\n"
        f"# codelength {result.codelength_:.9g} bits\n"
        f"# relative codelength savings {100 * _savings(result, tree):.6g}%\n"
        f"# flow model {_flow_model(result)}\n"
        + ("" if tree.node_ids is None else "# higher order\n# state level\n")
    )


def _flow_model(result):
    return "directed" if result.directed_ else "undirected"


def _savings(result, tree):
    """Part of the codelength without modules that the modules save."""
    rates = tree.flow if tree.physical is None else np.bincount(tree.physical, tree.flow)
    without = -plogp(rates).sum()
    return float(1 - result.codelength_ / without) if without > 0 else 0.0
