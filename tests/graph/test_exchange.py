"""GraphML, GEXF, GML and Parquet."""

import gzip
import importlib.util
import io
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbox.graph import (
    InfoMap,
    _exchange,
    from_edges,
    from_states,
    read_graph,
    write_gexf,
    write_graphml,
    write_parquet,
)

if importlib.util.find_spec("pyarrow"):
    import pyarrow
    from pyarrow import parquet
needs_pyarrow = pytest.mark.skipif(
    not importlib.util.find_spec("pyarrow"), reason="the extra parquet is not installed"
)
TRIANGLES = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)]
WRITERS = {"graphml": write_graphml, "gexf": write_gexf}
ENTITY = '<!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}'
    '<graph edgedefault="{kind}"><node id="a"/><node id="b"/><node id="c"/>{edges}</graph>'
    "</graphml>"
)
WEIGHT = '<key id="w" for="edge" attr.name="weight" attr.type="{}"/>'


@pytest.fixture
def read(tmp_path):
    """Read what a file with these bytes holds."""

    def read(content, directed=None):
        path = tmp_path / "graph"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_graph(path, directed)

    return read


def links(graph):
    """Weights by names of source and target."""
    names = range(graph.n_nodes) if graph.names is None else list(graph.names)
    rows = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
    ends = zip(rows, graph.indices, graph.weights, strict=True)
    return {(names[source], names[target]): weight for source, target, weight in ends}


def same(a, b):
    return (
        a.directed == b.directed
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.weights, b.weights)
        and (a.names is None) == (b.names is None)
        and (a.names is None or list(a.names) == list(b.names))
    )


def written(form, network):
    """Bytes that networkx writes."""
    file = io.BytesIO()
    {"graphml": nx.write_graphml_xml, "gexf": nx.write_gexf, "gml": nx.write_gml}[form](
        network, file
    )
    return file.getvalue()


forms = pytest.mark.parametrize("form", ["graphml", "gexf", "gml"])


# Reading


@forms
@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph])
def test_as_networkx_writes(read, form, kind):
    network = kind()
    network.add_node("alone")
    network.add_weighted_edges_from([("a", "b", 2.5), ("b", "c", 1.0), ("c", "c", 3.0)])
    network.add_edge("c", "a")
    if network.is_multigraph():
        network.add_edge("a", "b", weight=0.5)
    content = written(form, network)
    graph = read(content)
    weight = 3.0 if network.is_multigraph() else 2.5
    arcs = {("a", "b"): weight, ("b", "c"): 1, ("c", "c"): 3, ("c", "a"): 1}
    both = arcs | {(target, source): weight for (source, target), weight in arcs.items()}
    assert graph.directed == network.is_directed()
    assert graph.names == ["alone", "a", "b", "c"]
    assert links(graph) == (arcs if network.is_directed() else both)
    for directed in (True, False):
        graph = read(gzip.compress(content), directed)
        assert graph.directed == directed
        assert links(graph) == (arcs if directed and network.is_directed() else both)


@forms
def test_numbers_are_ids(read, form):
    network = nx.Graph([(7, 0), (0, 12)])
    graph = read(written(form, network))
    if form == "gml":  # ids there are numbers of the writer's, ours are the labels
        assert graph.names == ["7", "0", "12"]
    else:
        assert graph.names.dtype == np.int64
        assert graph.names.tolist() == [7, 0, 12]
    assert read(written(form, nx.path_graph(3))).n_links == 2


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["0", "1", "2"], None),
        (["1", "2", "3"], [1, 2, 3]),
        (["1", "02", "3"], ["1", "02", "3"]),
        (["1", "-2", "3"], ["1", "-2", "3"]),
        (["1", str(2**63), "3"], ["1", str(2**63), "3"]),
        (["n0", "n1", "n2"], ["n0", "n1", "n2"]),
    ],
)
def test_ids(read, ids, names):
    graph = read(written("graphml", nx.Graph([ids[:2], ids[1:]])))
    assert graph.names is None if names is None else list(graph.names) == names


@pytest.mark.parametrize("attribute", ["label", "name"])
def test_names_stand_for_ids(read, attribute):
    network = nx.path_graph(3)
    for node, name in enumerate(["New York", "é中", "x < y"]):
        network.nodes[node][attribute] = name
    assert read(written("graphml", network)).names == ["New York", "é中", "x < y"]
    del network.nodes[1][attribute]
    assert read(written("graphml", network)).names is None


def test_weights_of_graphml(read):
    keys = '<key id="w" for="edge" attr.name="weight" attr.type="double"><default>4</default></key>'
    edges = '<edge source="a" target="b"><data key="w">2</data></edge><edge source="b" target="c"/>'
    graph = read(GRAPHML.format(keys=keys, kind="directed", edges=edges))
    assert links(graph) == {("a", "b"): 2, ("b", "c"): 4}
    edges = '<edge source="a" target="b"><data key="w">2.5</data></edge>'
    text = GRAPHML.format(keys=WEIGHT.format("string"), kind="directed", edges=edges)
    assert links(read(text)) == {("a", "b"): 2.5}


def test_ports_and_missing_types_do_not_matter(read):
    keys = '<key id="w" for="edge" attr.name="weight"/>'
    edges = '<node id="d"><port name="p"/></node><edge source="a" target="d"/>'
    assert read(GRAPHML.format(keys=keys, kind="undirected", edges=edges)).n_links == 1


@pytest.mark.parametrize(
    ("version", "space"),
    [("1.1", "http://www.gexf.net/1.1draft"), ("1.3", "http://gexf.net/1.3")],
)
def test_versions_of_gexf(read, version, space):
    content = (
        f'<?xml version="1.0"?><gexf xmlns="{space}" version="{version}"><graph '
        'defaultedgetype="directed"><nodes><node id="0" label="a"/><node id="1" label="b"/></nodes>'
        '<edges><edge id="0" source="1" target="0" weight="2.5"/></edges></graph></gexf>'
    )
    graph = read(content)
    assert graph.directed
    assert links(graph) == {("b", "a"): 2.5}


NEWMAN = """Creator "Mark Newman on Sat Jul 22 05:32:16 2006"
graph
[
  directed 1
  node
  [
    id 4
    label "Brigham [Young]"
    value 7
  ]
  node
  [
    id 2
    label "S&#227;o"
    value 0
  ]
  edge
  [
    source 4
    target 2
    value 2.5
  ]
  edge
  [
    source 4
    target 2
  ]
]
"""


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff# found\n" + text,
        lambda text: "Version 1\n" + text.replace("graph\n[", "graph ["),
        lambda text: text.replace("directed 1", "directed 1 multigraph 1"),
        lambda text: text.replace("S&#227;o", "São"),
        lambda text: text.partition("\n")[2],
    ],
)
def test_gml_of_newman(read, change):
    graph = read(change(NEWMAN))
    assert links(graph) == {("Brigham [Young]", "São"): 3.5}


def test_value_that_is_no_number_is_no_weight(read):
    graph = read(NEWMAN.replace("value 2.5", 'value "often"'))
    assert graph.weights.tolist() == [2]
    graph = read(NEWMAN.replace("value 2.5", "value 2.5 weight 3"))
    assert graph.weights.tolist() == [4]


def test_link_lists_that_look_alike(read):
    assert read("<a> <b>\n<b> <c>\n").names == ["<a>", "<b>", "<c>"]
    assert read("PAR1 PAR2\nPAR2 x\n").names == ["PAR1", "PAR2", "x"]
    assert read("graph node\nnode edge\n").names == ["graph", "node", "edge"]
    assert read("a 1\nb 2\n" * 99).names == ["a", "1", "b", "2"]


@forms
def test_cut_off(read, form, tmp_path):
    content = written(form, nx.path_graph(9))
    for size in range(1, len(content) - 2, 7):
        # The beginning of a GML file may be one of a link list; what holds is that it is refused.
        with pytest.raises(ValueError, match=str(tmp_path / "graph")):
            read(content[:size])
    with pytest.raises(ValueError, match="is cut off or damaged"):
        read(content[: 2 * len(content) // 3])


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("root", ["graphml", "gexf"])
def test_entities_are_refused(read, root, coding):
    content = f'<?xml version="1.0" encoding="{coding}"?>{ENTITY}<{root}>&b;</{root}>'
    with pytest.raises(ValueError, match="declares the entity 'a'; remove it and its uses"):
        read(content.encode(coding))


def test_files_of_this_machine_are_not_read(read, tmp_path):
    (tmp_path / "secret").write_text("secret")
    entity = f'<!DOCTYPE a [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    with pytest.raises(ValueError, match="declares the entity 'a'"):
        read(entity + "<graphml>&a;</graphml>")
    plain = '<!DOCTYPE graphml SYSTEM "http://127.0.0.1:9/graphml.dtd">'
    assert read(plain + GRAPHML.format(keys="", kind="directed", edges="")).n_nodes == 3


def edge(weight, kind="double"):
    edges = f'<edge source="a" target="b"><data key="w">{weight}</data></edge>'
    return GRAPHML.format(keys=WEIGHT.format(kind), kind="directed", edges=edges)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (edge("NaN"), "weight 'nan' of the link 'a' to 'b'; expected a finite number"),
        (edge("INF"), "weight 'inf'"),
        (edge("-1"), "weight '-1.0'"),
        (edge("much", "string"), "weight 'much'"),
        (edge("much"), "the GraphML is cut off or damaged .*could not convert"),
        (edge(1).replace("</graph>", ""), "the GraphML is cut off or damaged .*mismatched tag"),
        (edge(1).replace(' source="a"', ""), "a link without a source or target"),
        (GRAPHML.format(keys="", kind="", edges="<node/>"), "a node without an id"),
        (GRAPHML.format(keys="", kind="", edges="<hyperedge/>"), "hyperedges"),
        ("<graphml/>", "GraphML is cut off or damaged"),
        ('<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph/></graphml>', "no nodes"),
        ("<gexf/>", "the GEXF is cut off or damaged .*No <graph>"),
        ("<?xml version='1.0'?><svg/>", "an XML file of <svg>; expected <graphml> or <gexf>"),
        ("<!DOCTYPE html><html>404</html>", "an XML file of <html>"),
        ("<!DOCTYPE html><p>404 <b>", "an XML file of <p>"),
        ("<?xml version='1.0'?>", "the XML is cut off or damaged"),
        ("<graphml>" + "<a>" * 10**5 + "</a>" * 10**5 + "</graphml>", "GraphML is cut off"),
        ("graph [ ]", "the GML holds no nodes"),
        ("graph [ node [ id 1 ]", "the GML is cut off or damaged .*expected ']'"),
        ("graph [" + " a [" * 10**4, "the GML is cut off or damaged"),
        ("graph [ node [ id 1 ] edge [ source 1 target 2 ] ]", "undefined target 2"),
        ("graph [ node [ id 1 ] node [ id 1 ] ]", "node id 1 is duplicated"),
        ("graph [ node [ id 1 ] edge [ source 1 target 1 weight NAN ] ]", "weight 'nan'"),
        ("graph [ node [ id 1 ] edge [ source 1 target 1 weight -2 ] ]", "weight '-2'"),
        ("graph [ node [ id 1 label \"\xe9\" ] ]".encode("latin-1"), "GML is cut off .*utf-8"),
    ],
)  # fmt: skip
def test_faults(read, tmp_path, content, what):
    with pytest.raises(ValueError, match=f"(?s)^{tmp_path / 'graph'}: .*{what}"):
        read(content)


@given(st.binary(max_size=60), st.sampled_from([b"<graphml>", b"<gexf>", b"graph [", b"PAR1\x15"]))
def test_any_bytes_are_a_clear_fault(tmp_path_factory, content, begin):
    path = tmp_path_factory.mktemp("any") / "graph"
    path.write_bytes(begin + content)
    assert _exchange.reader_of(begin + content) is not None
    with pytest.raises((ValueError, ImportError)) as caught:
        read_graph(path)
    assert str(path) in str(caught.value) or "kexue-toolbox[parquet]" in str(caught.value)


# Parquet tables of links


def packed(**columns):
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


@needs_pyarrow
class TestParquet:
    @pytest.mark.parametrize("kind", ["int32", "int64", "uint8", "uint64"])
    def test_numbers(self, read, kind):
        source, target = np.array([[9, 7, 9], [7, 3, 3]], dtype=kind)
        content = packed(weight=[1.5, 2, 0], target=target, more=["x"] * 3, source=source)
        graph = read(content)
        assert not graph.directed
        assert graph.names.tolist() == [3, 7, 9]
        assert links(graph) == {(3, 7): 2, (7, 3): 2, (7, 9): 1.5, (9, 7): 1.5}
        assert links(read(gzip.compress(content), True)) == {(7, 3): 2, (9, 7): 1.5}

    def test_other_names_of_columns(self, read):
        assert read(packed(a=[0, 1], b=[1, 2])).names is None
        assert links(read(packed(a=[0, 1], b=[1, 2], c=[5, 6], d=["x", "y"]), True)) == {
            (0, 1): 5,
            (1, 2): 6,
        }

    @pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
    def test_strings(self, read, kind, tmp_path):
        source, target = ["bob", "alice", "é中", "bob"], ["alice", "é中", "7", "bob"]
        columns = {name: pyarrow.array(ends) for name, ends in [("s", source), ("t", target)]}
        for name, ends in columns.items():
            columns[name] = ends.dictionary_encode() if kind == "dictionary" else ends.cast(kind)
        parquet.write_table(pyarrow.table(columns), tmp_path / "a", row_group_size=2)
        graph = read((tmp_path / "a").read_bytes())
        lines = "".join(f"{s} {t}\n" for s, t in zip(source, target, strict=True))
        assert same(graph, read(lines))
        assert graph.names == ["bob", "alice", "é中", "7"]

    def test_as_link_lists_are_read(self, read):
        rng = np.random.default_rng(2)
        source, target = rng.integers(0, 10**6, (2, 99))
        weight = rng.integers(0, 9, 99)
        rows = zip(source, target, weight, strict=True)
        lines = "".join(f"{s} {t} {w}\n" for s, t, w in rows)
        for directed in (False, True):
            table = packed(source=source, target=target, weight=weight)
            assert same(read(table, directed), read(lines, directed))

    @pytest.mark.parametrize(
        ("columns", "what"),
        [
            ({"source": [1], "to": [2]}, "expected columns source and target, got source, to"),
            ({"a": [1]}, "expected columns source, target and perhaps weight, got a"),
            ({"a": [], "b": []}, "holds no links"),
            ({"a": [0.5], "b": [1.0]}, "must both be whole numbers .*got double and double"),
            ({"a": [1], "b": ["x"]}, "or both be strings, got int64 and string"),
            ({"a": [1, None], "b": [2, 3]}, "the column 'a' has 1 missing values"),
            ({"a": [1], "b": [-2]}, "-2 is no node"),
            ({"a": [1], "b": [2], "c": ["x"]}, "weights in the column 'c' must be numbers, got s"),
            ({"a": [1], "b": [2], "c": [np.nan]}, "weight nan in row 0"),
            ({"a": [1, 2], "b": [2, 3], "c": [1.0, -1.0]}, "weight -1.0 in row 1"),
            ({"a": [1], "b": [2], "c": [np.inf]}, "weight inf"),
            ({"a": [1], "b": [2], "c": [None]}, "the column 'c' has 1 missing"),
        ],
    )
    def test_faults(self, read, tmp_path, columns, what):
        with pytest.raises(ValueError, match=f"^{tmp_path / 'graph'}: .*{what}"):
            read(packed(**columns))

    def test_numbers_beyond_64_bits(self, read):
        ends = np.array([2**63], np.uint64)
        with pytest.raises(ValueError, match=r"graph: .*9223372036854775808"):
            read(packed(a=ends, b=ends))

    def test_cut_off(self, read):
        content = packed(a=[0, 1], b=[1, 2])
        for size in (5, 12, len(content) // 2, len(content) - 1):
            with pytest.raises(ValueError, match="the Parquet is cut off or damaged"):
                read(content[:size])

    def test_table_of_modules(self, tmp_path):
        graph = from_edges(TRIANGLES, names=["a", "b", "c\ud800", "d", "e", "f"])
        model = InfoMap(random_state=0).fit(graph)
        write_parquet(model, tmp_path / "a.parquet")
        table = parquet.read_table(tmp_path / "a.parquet").to_pydict()
        assert list(table) == ["id", "name", "module", "flow"]
        assert table["id"] == [1, 2, 3, 4, 5, 6]
        assert table["name"] == ["a", "b", "c\\ud800", "d", "e", "f"]
        assert table["module"] == (model.labels_ + 1).tolist()
        assert table["flow"] == model.flow_.tolist()
        write_parquet(InfoMap(random_state=0).fit(from_edges(TRIANGLES)), tmp_path / "a.parquet")
        table = parquet.read_table(tmp_path / "a.parquet").to_pydict()
        assert list(table) == ["id", "module", "flow"]
        assert table["id"] == list(range(6))


def test_without_pyarrow(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a").write_bytes(b"PAR1\x15\x04")
    with pytest.raises(ImportError, match=r'pip install "kexue-toolbox\[parquet\]"'):
        read_graph(tmp_path / "a")
    model = InfoMap(random_state=0).fit(from_edges(TRIANGLES))
    (tmp_path / "b").write_text("old")
    with pytest.raises(ImportError, match=r"kexue-toolbox\[parquet\]"):
        write_parquet(model, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


# Writing


NAMES = [
    None,
    np.array([7, 2**40, 9, 1, 0, 3]),
    ["New York", '"', "é中🙂", "a\tb", "<&>", " x "],
    ["7", "b", "c", "d", "e", "f"],
]


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("names", NAMES, ids=["none", "numbers", "strings", "mixed"])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("form", WRITERS)
def test_round_trip(tmp_path, form, directed, names, end):
    edges = [*TRIANGLES, (4, 4), (1, 0)]
    weights = np.arange(1, 10) / 7
    graph = from_edges(edges, weights, n_nodes=6, directed=directed, names=names)
    model = InfoMap(random_state=0).fit(graph)
    path = tmp_path / f"a.{form}{end}"
    WRITERS[form](model, path, graph)
    assert same(read_graph(path), graph)
    if end:
        first = path.read_bytes()
        WRITERS[form](model, path, graph)
        assert path.read_bytes() == first
        assert gzip.decompress(first).startswith(b"<")


def nested(graph):
    model = InfoMap(random_state=0).fit(graph)
    model.labels_ = np.array([1, 1, 1, 0, 0, 0])
    model.levels_ = [model.labels_, np.array([0, 1, 1, 2, 2, 2])]
    return model


@pytest.mark.parametrize("form", WRITERS)
def test_networkx_finds_the_modules(tmp_path, form):
    graph = from_edges(TRIANGLES, names=list("abcdef"))
    model = nested(graph)
    WRITERS[form](model, tmp_path / "a", graph)
    read = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}[form]
    network = read(tmp_path / "a")
    name = "label" if form == "gexf" else "name"
    assert list(network) == ["1", "2", "3", "4", "5", "6"]
    nodes = dict(network.nodes(data=True))
    assert [nodes[k][name] for k in network] == list("abcdef")
    assert [nodes[k]["module"] for k in network] == [2, 2, 2, 1, 1, 1]
    assert [nodes[k]["module_2"] for k in network] == [3, 2, 2, 1, 1, 1]
    assert [nodes[k]["flow"] for k in network] == pytest.approx(model.flow_)
    assert all(data["weight"] == 1 for *_, data in network.edges(data=True))
    assert network.number_of_edges() == 7


@pytest.mark.parametrize("layers", [None, [1, 1, 4]])
def test_states_tell_their_node(tmp_path, layers):
    graph = from_states([(0, 1), (1, 2)], ["x", "y", "x"], names=[5, 6, 9], layers=layers)
    model = InfoMap(random_state=0).fit(graph)
    model.state_physical_, model.physical_names_ = graph.physical, graph.physical_names
    model.state_layers_ = graph.layers
    write_graphml(model, tmp_path / "a", graph)
    nodes = dict(nx.read_graphml(tmp_path / "a").nodes(data=True))
    assert {k: (data["node_id"], data["name"]) for k, data in nodes.items()} == {
        "5": (1, "x"),
        "6": (2, "y"),
        "9": (1, "x"),
    }
    assert [data.get("layer_id") for data in nodes.values()] == (layers or [None] * 3)


@pytest.mark.parametrize("form", WRITERS)
def test_what_xml_cannot_hold(tmp_path, form):
    graph = from_edges([(0, 1), (1, 2)], names=["\0a\x1b", "b\ud800", "c\ufffe\r"])
    WRITERS[form](InfoMap(random_state=0).fit(graph), tmp_path / "a", graph)
    assert read_graph(tmp_path / "a").names == ["\ufffda\ufffd", "b\ufffd", "c\ufffd\ufffd"]


@pytest.mark.parametrize("form", WRITERS)
def test_a_failed_write_leaves_the_old_file(tmp_path, form, monkeypatch):
    graph = from_edges(TRIANGLES)
    model = InfoMap(random_state=0).fit(graph)
    path = tmp_path / "a.gz"
    path.write_text("old")
    with pytest.raises(ValueError, match="the graph has 2 nodes, the result 6"):
        WRITERS[form](model, path, from_edges([(0, 1)]))

    def fail(network, file):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(nx, f"write_{form}" + "_xml" * (form == "graphml"), fail)
    with pytest.raises(OSError, match="disk full"):
        WRITERS[form](model, path, graph)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
