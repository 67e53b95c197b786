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
"""

import io
import json
from contextlib import contextmanager

import numpy as np

from toolbox._files import packed_file
from toolbox._version import __version__
from toolbox.graph._flow import link_flow
from toolbox.graph._tree import Links, Tree, chunks, plogp
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
    with _open(path) as file:
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
    with _open(path) as file:
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

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.clu`` or ``.clu.gz``.
    """
    tree = Tree(result)
    columns = tree.ids, np.asarray(result.labels_) + 1, tree.flow
    with _open(path) as file:
        file.write(_comments(result, tree) + "# module level 1\n# node_id module flow\n")
        for part in chunks(0, len(tree.ids)):
            rows = zip(*(column[part].tolist() for column in columns), strict=True)
            file.writelines(map("%d %d %.9g\n".__mod__, rows))


def write_csv(result, path):
    """Write the tree of modules as a table with columns path, flow, name and node_id.

    Parameters
    ----------
    result : InfoMap
        A fitted estimator.
    path : path-like
        The file to write, by custom ``.csv`` or ``.csv.gz``.
    """
    tree = Tree(result)
    with _open(path) as file:
        file.write("path,flow,name,node_id\n")
        for module, rank, flow, names, ids in tree.rows():
            names = [name.replace('"', '""') for name in names]
            rows = zip(module, rank, flow, names, ids, strict=True)
            file.writelines(map('%s%d,%.9g,"%s",%d\n'.__mod__, rows))


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
        "higherOrder": False,
    }
    numbers = tree.module_numbers()
    line = '{"path":[%s%d],"modules":[' + ",".join(["%d"] * len(numbers)) + '],"name":%s'
    line += ',"flow":%.9g,"mec":%.9g,"id":%d}'
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with _open(path) as file:
        file.write(json.dumps(summary)[:-1] + ',"nodes":[')
        mark = "\n"
        for module, rank, flow, names, ids, mec, *modules in tree.rows(tree.centrality(), *numbers):
            module = [prefix.replace(":", ",") for prefix in module]
            rows = zip(module, rank, *modules, map(encode, names), flow, mec, ids, strict=True)
            file.write(mark + ",\n".join(map(line.__mod__, rows)))
            mark = ",\n"
        file.write("\n]")
        if links:
            file.write(',"modules":[\n' + ",\n".join(map(json.dumps, links.modules())) + "\n]")
        file.write("}\n")


def _links(result, tree, graph):
    """Links of the graph, with the flow of the walk that the result was found by."""
    graph = as_graph(graph, directed=bool(result.directed_))
    if graph.directed:
        flow = link_flow(graph, result.teleportation, result.teleport_to, result.recorded)[0]
    else:
        flow = graph.weights / graph.weights.sum()
    return Links(tree, graph, flow)


@contextmanager
def _open(path):
    """A text file to write, packed if the name ends in .gz."""
    with (
        packed_file(path) as file,
        io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="\n") as text,
    ):
        yield text


def _write_nodes(file, result, tree):
    file.write(_comments(result, tree) + "# path flow name node_id\n")
    for module, rank, flow, names, ids in tree.rows():
        names = [name.translate(_BREAKS) for name in names]
        rows = zip(module, rank, flow, names, ids, strict=True)
        file.writelines(map('%s%d %.9g "%s" %d\n'.__mod__, rows))


def _comments(result, tree):
    n_levels, n_top = len(tree.n_modules) + 1, tree.n_modules[0]
    return (
        f"# kexue-toolbox {__version__}\n"
        f"# partitioned into {n_levels} levels with {n_top} top modules\n"
        f"# codelength {result.codelength_:.9g} bits\n"
        f"# relative codelength savings {100 * _savings(result, tree):.6g}%\n"
        f"# flow model {_flow_model(result)}\n"
    )


def _flow_model(result):
    return "directed" if result.directed_ else "undirected"


def _savings(result, tree):
    """Part of the codelength without modules that the modules save."""
    without = -plogp(tree.flow).sum()
    return float(1 - result.codelength_ / without) if without > 0 else 0.0
