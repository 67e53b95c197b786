"""GraphML, GEXF and GML, which networkx reads and writes; the door to Parquet."""

import io
import re
import warnings
from functools import partial

import numpy as np

# XML as it begins, in UTF-8 or UTF-16; "<a> <b>" may be a link between odd names.
_XML = re.compile(
    rb"(\xef\xbb\xbf)?\s*<(\?xml|!--|!DOCTYPE|(\w+:)?(graphml|gexf|html)\b)|\xff\xfe<\0|\xfe\xff\0<",
    re.IGNORECASE,
)
# Pairs of a key and a value, or comments, and then the graph.
_GML = re.compile(
    rb'(\xef\xbb\xbf)?(?>\s++|#[^\n]*+\n|(?!graph\s)[A-Za-z]\w*+\s++(?:"[^"]*+"|[-+.\dEe]++)\s)*+'
    rb"graph\s*+\["
)
_PARQUET = re.compile(rb"PAR1[\0-\x08\x0e-\x1f]")
_BEGIN = 65_536  # no file has longer comments before its graph
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile(r"0|[1-9]\d{0,17}")  # below 10**18, so it fits into 64 bits


def reader_of(data):
    """What reads a file with these bytes, or None for a link list and Pajek.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    callable or None
        Takes the bytes and ``directed``; gives edges, weights, n_nodes,
        directed and names for ``from_edges``, or raises ValueError.
    """
    if _PARQUET.match(data):
        from toolbox.graph._parquet import read_links

        return read_links
    if _XML.match(data):
        return _read_xml
    if _GML.match(data, 0, _BEGIN):
        return partial(_read, "GML", _parse_gml)
    return None


def write_network(form, file, graph, nodes):
    """Write a graph as GraphML or GEXF.

    Parameters
    ----------
    form : {"graphml", "gexf"}
    file : binary file
    graph : Graph
    nodes : dict of str to list
        Attributes of the nodes, ``id`` among them.
    """
    import networkx

    network = networkx.DiGraph() if graph.directed else networkx.Graph()
    columns = {
        name: [_NOT_IN_XML.sub("\ufffd", value) for value in values]
        if isinstance(values[0], str)
        else values
        for name, values in nodes.items()
    }
    ids = list(map(str, columns.pop("id")))
    for node, *values in zip(ids, *columns.values(), strict=True):
        network.add_node(node, **dict(zip(columns, values, strict=True)))
    source = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
    once = slice(None) if graph.directed else source <= graph.indices
    links = source[once], graph.indices[once], graph.weights[once]
    links = zip(*(column.tolist() for column in links), strict=True)
    network.add_weighted_edges_from((ids[a], ids[b], weight) for a, b, weight in links)
    write = networkx.write_gexf if form == "gexf" else networkx.write_graphml_xml
    write(network, file)


def _read_xml(data, directed):
    root = _root(data)
    if root == "graphml":
        return _read("GraphML", _parse_graphml, data, directed)
    if root == "gexf":
        return _read("GEXF", _parse_gexf, data, directed)
    raise ValueError(f"an XML file of <{root[:40]}>; expected <graphml> or <gexf>")


def _root(data):
    """Local name of the outermost element.

    Entities are refused, here where none has been expanded yet: a few of them
    may stand for gigabytes, and a file of a graph needs none.
    """
    from xml.parsers import expat

    class Root(Exception):
        pass

    def element(name, attributes):
        raise Root(name)

    def entity(name, *rest):
        raise ValueError(f"the XML declares the entity {name[:40]!r}; remove it and its uses")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EntityDeclHandler = element, entity
    try:
        parser.Parse(data, True)
    except Root as root:
        return str(root).rpartition(":")[2].lower()
    except expat.ExpatError as error:
        raise ValueError(f"the XML is cut off or damaged ({error})") from None
    return None  # not reached: expat takes no document without an element


def _read(form, parse, data, directed):
    """Arguments of from_edges, from what networkx makes of a file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about ports and types, which do not matter here
            network = parse(data)
    except MemoryError:
        raise
    except Exception as error:  # parsers meet a malformed file in many ways
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"the {form} is cut off or damaged ({reason})") from None
    if not len(network):
        raise ValueError(f"the {form} holds no nodes")
    rows = {node: row for row, node in enumerate(network)}
    edges, weights = [], []
    default = network.graph.get("edge_default", {}).get("weight", 1)
    for source, target, data in network.edges(data=True):
        edges.append((rows[source], rows[target]))
        weight = data.get("weight", default)
        if form == "GML" and "weight" not in data and isinstance(data.get("value"), (int, float)):
            weight = data["value"]  # Newman's and Gephi's name for it
        weights.append(_weight(weight, source, target))
    edges, weights = np.array(edges, np.int64).reshape(-1, 2), np.array(weights, np.float64)
    both = directed and not network.is_directed()
    directed = network.is_directed() if directed is None else bool(directed)
    if both:
        apart = edges[:, 0] != edges[:, 1]
        edges = np.concatenate([edges, edges[apart, ::-1]])
        weights = np.append(weights, weights[apart])
    return edges, weights, len(rows), directed, _names(network)


def _weight(weight, source, target):
    try:
        number = float(weight)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < np.inf:
        raise ValueError(
            f"weight {str(weight)[:40]!r} of the link {str(source)[:40]!r} to "
            f"{str(target)[:40]!r}; expected a finite number, not negative"
        )
    return number


def _names(network):
    """Labels or names if all nodes have one, else ids, as numbers where all of them are."""
    ids = list(map(str, network))
    for attribute in ("label", "name"):
        given = [data.get(attribute) for _, data in network.nodes(data=True)]
        if None not in given:
            names = list(map(str, given))
            if names != ids:
                return names
    if not all(map(_NUMBER.fullmatch, ids)):
        return ids
    ids = np.array(ids, np.int64)
    return None if np.array_equal(ids, np.arange(len(ids))) else ids


def _parse_graphml(data):
    import networkx

    return networkx.read_graphml(io.BytesIO(data), node_type=_node_id)


def _parse_gexf(data):
    import networkx

    # The same elements under a newer name, which older networkx does not know.
    data = data.replace(b'"http://gexf.net/1.3"', b'"http://www.gexf.net/1.2draft"')
    return networkx.read_gexf(io.BytesIO(data), node_type=_node_id)


def _parse_gml(data):
    import networkx

    text = data.decode("utf-8-sig")
    # Repeated links add up; networkx takes them only in a multigraph.
    text = re.sub(r"\bgraph\s*\[", "graph [ multigraph 1\n", text, count=1)
    return networkx.parse_gml(text, label="id")


def _node_id(text):
    if text is None:
        raise ValueError("a node without an id, or a link without a source or target")
    return text
