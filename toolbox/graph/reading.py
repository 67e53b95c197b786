"""Graphs from files: link lists and Pajek networks; other formats have their own modules."""

import importlib
import math
import re
from pathlib import Path

import numpy as np

from toolbox.graph._exchange import reader_of
from toolbox.graph.network import from_edges

# Below this many bytes plain Python is done before Numba is loaded.
_SMALL = 100_000
_TOP = 2**63 - 1

_PACKED = {
    rb"\x1f\x8b": "gzip",
    rb"BZh[1-9](1AY&SY|\x17rE8P\x90)": "bz2",
    rb"\xfd7zXZ\0": "lzma",
}
_COMMENT = re.compile(rb"\s[#%].*")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WEIGHT = re.compile(rb"[\d.eE+-]+")
_VERTEX = re.compile(rb'(\d+)(?:\s+(?:"(.*)"|(\S+))|)(?:\s|$)')


def read_graph(path, directed=None):
    """Read a graph from a link list, a Pajek network, GraphML, GEXF, GML or Parquet.

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
        an undirected one an arc is a link like any other.

    Returns
    -------
    Graph
        Its ``names`` are the numbers of the nodes in the file (None where they
        are 0, 1, 2, ... anyway), else a list of str.

    Raises
    ------
    ValueError
        For a file without links, a line that is not as above, a weight that is
        negative or not finite, damaged packing, XML with entities, and for
        networks with states or layers, which are not read yet.
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
    text = _Text(data)
    del data
    line = text.step()
    if line is None:
        raise ValueError(f"{path} holds no links; expected lines 'source target [weight]'")
    try:
        if _CONTROL.search(line):
            raise ValueError("this is not text; expected UTF-8 lines 'source target [weight]'")
        read = _read_sections if line.startswith(b"*") else _read_list
        edges, weights, n_nodes, directed, names = read(text, line, directed)
    except ValueError as error:
        raise ValueError(f"{path}, line {text.line_number}: {error}") from None
    del text  # as large as all links together
    return from_edges(edges, weights, n_nodes=n_nodes, directed=directed, names=names)


class _Text:
    """Lines of a file, and the place of the one that is looked at."""

    def __init__(self, data):
        if b"\n" not in data:
            data = data.replace(b"\r", b"\n")
        self.data = data if data.endswith(b"\n") else data + b"\n"
        self.position = 0
        self.next = 3 if data.startswith(b"\xef\xbb\xbf") else 0  # a byte order mark

    def step(self):
        """Go on to the next line that is not blank or a comment; None at the end."""
        while self.next < len(self.data):
            self.position, self.next = self.next, self.data.find(b"\n", self.next) + 1
            line = self.data[self.position : self.next].strip()
            if line and line[0] not in b"#%":
                return line
        self.position = len(self.data) - 1
        return None

    @property
    def line_number(self):
        return self.data.count(b"\n", 0, self.position) + 1


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
    """Arguments of from_edges from a link list."""
    separator = next((mark for mark in (b",", b";") if mark in line), None)
    numbers = all(_NUMBER.fullmatch(field) for field in _fields(line, separator)[:2])
    text.next = text.position
    if not numbers:
        edges, weights, names = _named_links(text, separator)
        return edges, weights, len(names), bool(directed), names
    edges, weights, line = _numbered_links(text, separator)
    if line is not None:
        raise ValueError(f"heading {_show(line)} in a link list; begin the file with *Links")
    edges, ids = _rows(edges)
    return edges, weights, len(ids), bool(directed), _plain(ids)


def _read_sections(text, line, directed):
    """Arguments of from_edges from sections with headings."""
    vertices, n_nodes, sections, arcs = {}, None, [], False
    while line is not None:
        kind, *rest = line.lower().split()
        low, high = (0, _TOP) if n_nodes is None else (1, n_nodes)
        if kind == b"*vertices":
            if rest:
                n_nodes = _node(rest[0], 1, 2**31 - 1)
            line = _read_vertices(text, n_nodes, vertices)
        elif kind in (b"*edges", b"*arcs", b"*links"):
            edges, weights, line = _numbered_links(text, None, low, high)
        elif kind in (b"*edgeslist", b"*arcslist"):
            edges, weights, line = _listed_links(text, low, high)
        elif kind == b"*network":
            line = text.step()
        else:
            raise ValueError(
                f"{_show(kind)} is not read yet; networks may have *Vertices, *Edges, *Arcs, "
                "*Edgeslist, *Arcslist and *Links"
            )
        if kind.startswith((b"*edges", b"*arcs", b"*links")):
            sections.append((kind, edges, weights))
            arcs |= kind.startswith(b"*arcs") and len(edges) > 0
    directed = arcs if directed is None else bool(directed)
    if directed:
        sections += [
            (kind, edges[apart][:, ::-1], weights[apart])
            for kind, edges, weights in sections
            if kind.startswith(b"*edges")
            for apart in [edges[:, 0] != edges[:, 1]]
        ]
    edges = np.concatenate([np.empty((0, 2), np.int64), *(section[1] for section in sections)])
    weights = np.concatenate([np.empty(0), *(section[2] for section in sections)])
    if n_nodes is None:
        loops = np.repeat(np.array(list(vertices), np.int64)[:, None], 2, axis=1)
        rows, ids = _rows(np.concatenate([edges, loops]))
        edges = rows[: len(edges)]
        if not len(ids):
            raise ValueError("no nodes; expected *Vertices or links")
    else:
        edges, ids = edges - 1, np.arange(1, n_nodes + 1)
    names = [vertices.get(node) or str(node) for node in ids.tolist()] if vertices else None
    if names is None or all(name == str(node) for name, node in zip(names, ids, strict=True)):
        names = _plain(ids)
    return edges, weights, len(ids), directed, names


def _read_vertices(text, n_nodes, vertices):
    """Put the names of vertices into a dict; returns the heading that follows."""
    low, high = (0, _TOP) if n_nodes is None else (1, n_nodes)
    while (line := text.step()) is not None and not line.startswith(b"*"):
        match = _VERTEX.match(line)
        if match is None:
            raise ValueError(f'{_show(line)} is no vertex; expected: number "name"')
        node = _node(match[1], low, high)
        if node in vertices:
            raise ValueError(f"vertex {node} is there twice; keep one of them")
        vertices[node] = _name(match[2] or match[3] or b"")
    return line


def _numbered_links(text, separator, low=0, high=_TOP):
    """Links between numbers up to a heading, which is returned too, or the end."""
    size = text.data.count(b"\n", text.next)
    edges, weights, n = np.empty((size, 2), np.int64), np.empty(size), 0
    parse_links = None
    if len(text.data) - text.next > _SMALL:
        from toolbox.graph._parse import parse_links

        data, mark = np.frombuffer(text.data, np.uint8), ord(separator or b"\0")
    while True:
        if parse_links:
            n, text.next = parse_links(data, text.next, mark, low, high, edges, weights, n)
        line = text.step()
        if line is None or line.startswith(b"*"):
            break
        source, target, weights[n] = _link(line, separator)
        edges[n] = _node(source, low, high), _node(target, low, high)
        n += 1
    late = np.flatnonzero(weights[:n] < 0)  # parse_links left their text to Python
    for link, position in zip(late.tolist(), weights[late].tolist(), strict=True):
        text.position = -int(position)
        weights[link] = _weight(_WEIGHT.match(text.data, text.position)[0])
    return edges[:n], weights[:n], line


def _listed_links(text, low, high):
    """Links from lines of a node and all of its neighbours."""
    edges = []
    while (line := text.step()) is not None and not line.startswith(b"*"):
        source, *targets = [_node(field, low, high) for field in _fields(line, None)]
        edges += [(source, target) for target in targets]
    return np.array(edges, np.int64).reshape(-1, 2), np.ones(len(edges)), line


def _named_links(text, separator):
    """Links between names, and the names."""
    start, rows, names, edges, weights = text.next, {}, [], [], []
    while (line := text.step()) is not None:
        *ends, weight = _link(line, separator)
        for end in ends:
            if end not in rows:
                rows[end] = len(rows)
                names.append(_name(end))
        edges.append([rows[end] for end in ends])
        weights.append(weight)
    edges = np.array(edges, np.int64)
    first = edges[0].max() + 1
    numbers = [False] * first + [True] * (len(names) - first)
    if numbers[-1] and [name.isdigit() for name in names] == numbers and edges[1:].min() >= first:
        text.position = start
        raise ValueError(f"a header {names[0]!r} above numbers; remove it or put # before it")
    return edges, np.array(weights), names


def _link(line, separator):
    """Source, target and weight of a line, the first two as bytes."""
    source, target, *rest = _fields(line, separator)
    return source, target, _weight(rest[0]) if rest else 1.0


def _fields(line, separator):
    """At least two columns of a line."""
    if b"#" in line or b"%" in line:
        line = _COMMENT.sub(b"", line)
    fields = [field.strip() for field in line.split(separator)]
    if len(fields) < 2:
        raise ValueError(f"only one column, {_show(line)}; expected: source target [weight]")
    return fields


def _node(field, low, high):
    number = int(field) if field.isdigit() else -1
    if not low <= number <= high:
        hint = "; names must begin in the first line" if high == _TOP else ""
        raise ValueError(
            f"{_show(field)} is no node; expected a whole number from {low} to {high}{hint}"
        )
    return number


def _name(field):
    if _CONTROL.search(field):
        raise ValueError(f"{_show(field)} is not text; expected UTF-8")
    try:
        return field.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{_show(field)} is not UTF-8; save the file as UTF-8") from None


def _weight(field):
    try:
        number = float(field) if b"_" not in field else math.nan
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"weight {_show(field)}; expected a finite number, not negative")
    return number


def _show(field):
    return repr(field[:40].decode(errors="replace"))


def _rows(edges):
    """Links between rows instead of ids, and the ids in ascending order."""
    top = int(edges.max(initial=-1)) + 1
    if top > edges.size:
        ids, rows = np.unique(edges, return_inverse=True)
        return rows.reshape(-1, 2), ids
    seen = np.zeros(top, bool)
    seen[edges] = True
    ids = np.flatnonzero(seen)
    return edges if len(ids) == top else (np.cumsum(seen) - 1)[edges], ids


def _plain(ids):
    """Names of the nodes: their ids, or None if those are 0, 1, 2, ..."""
    return None if ids[-1] == len(ids) - 1 else ids
