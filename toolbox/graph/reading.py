"""Graphs from files: link lists here, other formats in their own modules."""

import importlib
import re
from functools import partial
from pathlib import Path

import numpy as np

from toolbox.graph._exchange import reader_of
from toolbox.graph._lines import (
    CONTROL,
    Text,
    fields,
    numbered_links,
    plain,
    read_link,
    read_name,
    rows_of,
    show,
)
from toolbox.graph._networks import network_of
from toolbox.graph._sections import read_sections
from toolbox.graph.network import from_edges

_PACKED = {
    rb"\x1f\x8b": "gzip",
    rb"BZh[1-9](1AY&SY|\x17rE8P\x90)": "bz2",
    rb"\xfd7zXZ\0": "lzma",
}
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_graph(path, directed=None):
    """Read a graph or a network of states or layers from a file.

    The content tells the formats apart, and whether the file is packed by
    gzip, bzip2 or xz.

    *Link list*: lines ``source target [weight]`` with whitespace, commas or
    semicolons between; the first line says which.  Further columns are
    ignored, as are blank lines and comments behind ``#`` or ``%``.  Nodes are
    whole numbers from 0 to 2**63 - 1, or names if the first line has no
    numbers.  The nodes of the graph are those that appear: numbers in
    ascending order, names in order of appearance.

    *Pajek* (``.net``): ``*Vertices``, ``*Edges``, ``*Arcs``, ``*Edgeslist``,
    ``*Arcslist`` and ``*Links``, in which lines are as in a link list.  All
    vertices are nodes, isolated ones too; what follows their names is ignored.

    *State networks* of the official Infomap: ``*States`` with lines ``state node
    "name" layer`` and links between states under ``*Links``, ``*Edges`` or
    ``*Arcs``.  The names of states are passed over; the layers, which the
    official package ignores, count if all states have one.  States of links
    that are not listed belong to the node of the same number.

    *Layers*: ``*Intra`` with lines ``layer source target [weight]`` and maybe
    ``*Inter`` with lines ``layer node layer [weight]``; or ``*Multilayer`` with
    lines ``layer source layer target [weight]``, which make a state network.

    *Bipartite networks*: ``*Bipartite N`` with links between nodes below N and
    features from N on.

    In these three, ``*Vertices`` may give names to nodes with any numbers.

    *GraphML, GEXF, GML*: read through networkx.  The weight of a link is its
    attribute ``weight`` (in GML also ``value``, if that is a number), 1
    without.  Nodes stay in the order of the file; they are called by their
    attribute ``label``, else ``name``, if all of them have it, else by their
    id, a whole number where all ids are.

    *Parquet* (the extra ``parquet``): a table with columns ``source``,
    ``target`` and perhaps ``weight``, or with other names, in this order.
    Nodes are whole numbers or strings, in the order of a link list.

    Links that are repeated, and in an undirected graph reversed, add up.
    Links of weight zero are dropped, their nodes stay.

    Parameters
    ----------
    path : path-like
        The file.
    directed : bool or None, default=None
        Whether links go from source to target only.  None: directed if the
        file has Pajek arcs or says so (GraphML, GEXF, GML), else undirected.
        In a directed graph an edge of an undirected file becomes two arcs; in
        an undirected one an arc is a link like any other.  Networks of layers
        leave it open: see :meth:`~toolbox.graph.MultilayerNetwork.to_states`.

    Returns
    -------
    Graph, StateNetwork, MultilayerNetwork or BipartiteNetwork
        Its ``names`` are the numbers of the nodes in the file (None where they
        are 0, 1, 2, ... anyway), else a list of str.

    Raises
    ------
    ValueError
        For a file without links, a line that is not as above, a weight that is
        negative or not finite, damaged packing, XML with entities, and for
        sections that do not go together.
    OSError
        If there is no such file or it cannot be read.
    ImportError
        For a Parquet file without pyarrow.
    """
    data = _read_bytes(path)
    if read := reader_of(data):
        try:
            edges, weights, n_nodes, directed, names = read(data, directed)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        return from_edges(edges, weights, n_nodes=n_nodes, directed=directed, names=names)
    text = Text(data)
    del data
    line = text.step()
    if line is None:
        raise ValueError(f"{path} holds no links; expected lines 'source target [weight]'")
    try:
        if CONTROL.search(line):
            raise ValueError("this is not text; expected UTF-8 lines 'source target [weight]'")
        if line.startswith(b"*"):
            make = network_of(read_sections(text, line), directed)
        else:
            make = _read_list(text, line, directed)
    except ValueError as error:
        raise ValueError(f"{path}, line {text.line_number}: {error}") from None
    del text  # as large as all links together
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _read_bytes(path):
    """Content of a file, unpacked."""
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the path of a file")
    data = path.read_bytes()
    for magic, name in _PACKED.items():
        if re.match(magic, data):
            module = importlib.import_module(name)  # not all Pythons are built with all three
            try:
                data = module.decompress(data)
            except MemoryError:
                raise
            except Exception as error:  # they share no class of errors
                raise ValueError(
                    f"{path}: the {name} data are cut off or damaged ({error}); "
                    "make or fetch the file again"
                ) from None
            break
    return data


def _read_list(text, line, directed):
    """What makes the graph of a link list."""
    separator = next((mark for mark in (b",", b";") if mark in line), None)
    numbers = all(_NUMBER.fullmatch(field) for field in fields(line, separator)[:2])
    text.next = text.position
    if not numbers:
        edges, weights, names = _named_links(text, separator)
        n_nodes = len(names)
    else:
        edges, weights, line = numbered_links(text, separator)
        if line is not None:
            raise ValueError(f"heading {show(line)} in a link list; begin the file with *Links")
        edges, ids = rows_of(edges)
        n_nodes, names = len(ids), plain(ids)
    return partial(
        from_edges, edges, weights, n_nodes=n_nodes, directed=bool(directed), names=names
    )


def _named_links(text, separator):
    """Links between names, and the names."""
    start, rows, names, edges, weights = text.next, {}, [], [], []
    while (line := text.step()) is not None:
        ends, weight = read_link(line, separator)
        for end in ends:
            if end not in rows:
                rows[end] = len(rows)
                names.append(read_name(end))
        edges.append([rows[end] for end in ends])
        weights.append(weight)
    edges = np.array(edges, np.int64)
    first = edges[0].max() + 1
    numbers = [False] * first + [True] * (len(names) - first)
    if numbers[-1] and [name.isdigit() for name in names] == numbers and edges[1:].min() >= first:
        text.position = start
        raise ValueError(f"a header {names[0]!r} above numbers; remove it or put # before it")
    return edges, np.array(weights), names
