"""Link lists and Pajek networks."""

import bz2
import gzip
import lzma
import math
import re
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolbox.graph import Graph, _lines, read_graph

BIG = 2**63 - 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("reading")


@pytest.fixture(scope="module")
def read(folder):
    """Read what a file with these bytes holds, in plain Python or in Numba."""

    def read(content, directed=None, compiled=False, name="graph.txt"):
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_lines, "SMALL", -1 if compiled else sys.maxsize)
            return read_graph(path, directed)

    return read


def links(graph):
    """Weights by names of source and target."""
    names = range(graph.n_nodes) if graph.names is None else list(graph.names)
    rows = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
    ends = zip(rows, graph.indices, graph.weights, strict=True)
    return {(names[source], names[target]): weight for source, target, weight in ends}


def naive(lines, directed):
    """The definition: every line adds its weight, in both directions if undirected."""
    total = {}
    for source, target, weight in lines:
        pairs = {(source, target)} if directed else {(source, target), (target, source)}
        for pair in pairs:
            total[pair] = total.get(pair, 0) + weight
    return {pair: weight for pair, weight in total.items() if weight}


def same(a, b):
    return (
        a.directed == b.directed
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.weights, b.weights)
        and type(a.names) is type(b.names)
        and (a.names is None or list(a.names) == list(b.names))
    )


both = pytest.mark.parametrize("compiled", [False, True], ids=["python", "numba"])


@both
@pytest.mark.parametrize(
    "content",
    [
        "3 7\n7 9 2.5\n",
        "3 7\n7 9 2.5",
        "3 7\r\n7 9 2.5\r\n",
        "3 7\r7 9 2.5\r",
        "\ufeff3 7\n7 9 2.5\n",
        "# head\n\n  \n% more\n3 7\n#\n7 9 2.5\n\n",
        "3 7 # first\n7 9 2.5 % second\n",
        "  3\t7 \n\t7  9\t\t2.5\t\n",
        "3,7\n7,9,2.5\n",
        "3 , 7\n7, 9 ,2.5 # and\n",
        "3;7\n7;9;2.5\n",
        "3 7 1 1082040961\n7 9 2.5 x y z\n",
        "003 07 1.\n7 9 25e-1\n",
        "3 7 1E0\n7 9 .25e+1\n",
        "3 7\n7 9 1\n9 7 1.5\n",
        "*Links\n3 7\n7 9 2.5\n",
        "*Edges\n3 7\n7 9 2.5\n",
    ],
)
def test_forms_of_link_lists(read, content, compiled):
    graph = read(content, compiled=compiled)
    assert isinstance(graph, Graph)
    assert graph.names.dtype == np.int64
    assert not graph.directed
    assert links(graph) == {(3, 7): 1, (7, 3): 1, (7, 9): 2.5, (9, 7): 2.5}


@both
def test_directed(read, compiled):
    content = "0 1\n1 0 2\n1 2\n1 1 3\n"
    assert read(content, compiled=compiled).names is None
    assert links(read(content, True, compiled)) == {(0, 1): 1, (1, 0): 2, (1, 2): 1, (1, 1): 3}
    undirected = links(read(content, False, compiled))
    assert undirected == {(0, 1): 3, (1, 0): 3, (1, 2): 1, (2, 1): 1, (1, 1): 3}


@pytest.mark.parametrize("pack", [gzip, bz2, lzma])
def test_packed(read, pack):
    packed = pack.compress(b"0 1\n1 2\n")
    assert read(packed, name="a.bin").n_links == 2
    with pytest.raises(ValueError, match=r"a\.bin: the \w+ data are cut off or damaged"):
        read(packed[:-9], name="a.bin")
    with pytest.raises(ValueError, match="cut off or damaged"):
        read(packed[:12] + b"junk" + packed[12:])
    with pytest.raises(ValueError, match="no links"):
        read(pack.compress(b""))


@both
def test_weight_zero_keeps_the_nodes(read, compiled):
    graph = read("0 1 0\n1 2 0.0\n0 3 0e5\n2 4 1e-400\n3 4\n", compiled=compiled)
    assert graph.n_nodes == 5
    assert graph.n_links == 1


@both
def test_large_numbers_at_once(read, compiled):
    tracemalloc.start()
    graph = read(f"5 1000000000\n1000000000 {BIG}\n", compiled=compiled)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert graph.names.tolist() == [5, 10**9, BIG]
    assert graph.n_links == 2
    if not compiled:  # the compiler needs more than the graph
        assert peak < 1e6


ids = st.one_of(st.integers(0, 8), st.integers(0, 10**6), st.integers(BIG - 9, BIG))
weights = st.one_of(st.integers(0, 99).map(float), st.floats(0, 1e15))
forms = st.sampled_from(["{!r}", "{:.17e}", "{:.25f}", "{:.3E}", "{:.0f}", "0{!r}", "{:.0f}."])


@settings(deadline=None)
@given(
    lines=st.lists(st.tuples(ids, ids, weights, forms), min_size=1, max_size=30),
    separator=st.sampled_from([" ", "\t", "  ", ",", ";", " ; "]),
    between=st.sampled_from(["\n", "\r\n", "\n\n", "\n# 1 2 3\n", " # 4\n", "\n%\n \n"]),
    directed=st.booleans(),
    compiled=st.booleans(),
)
def test_as_defined(read, lines, separator, between, directed, compiled):
    texts = [form.format(weight) for _, _, weight, form in lines]
    rows = [f"{s}{separator}{t}{separator}{w}" for (s, t, *_), w in zip(lines, texts, strict=True)]
    graph = read(between.join(rows), directed, compiled)
    names = sorted({end for line in lines for end in line[:2]})
    assert (list(range(len(names))) if graph.names is None else graph.names.tolist()) == names
    parsed = [(s, t, float(w)) for (s, t, *_), w in zip(lines, texts, strict=True)]
    assert links(graph) == pytest.approx(naive(parsed, directed), rel=1e-12, abs=0)


@settings(deadline=None, max_examples=300)
@given(
    st.decimals(0, allow_nan=False, allow_infinity=False).map(str) | st.floats(0, 1e300).map(repr)
)
@example("9007199254740993")
@example("9007199254740992.5")
@example("9223372036854775807e-22")
@example("922337203685477580700e-400")
@example("1e22")
@example("1e23")
@example("123456789012345678e22")
@example("4.9e-324")
@example("0.1000000000000000055511151231257827")
@example("1.7976931348623157e308")
def test_weights_are_those_of_float(read, text):
    text = text.replace("E", "e")
    if not 0 < float(text) < math.inf:
        return
    assert read(f"0 1 {text}\n", True, compiled=True).weights[0] == float(text)


@both
@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "no links"),
        ("# only\n% comments\n\n", "no links"),
        ("1 2\n3\n", "line 2: only one column, '3'"),
        ("1 2\n# c\n3 # 4\n", "line 3: only one column, '3'"),
        ("1,2\n3 4\n", "line 2: only one column, '3 4'"),
        ("1 2\n3 x\n", "line 2: 'x' is no node"),
        ("1 2\n-3 4\n", "line 2: '-3' is no node"),
        ("-1 2\n", "line 1: '-1' is no node"),
        ("1.0 2\n", "line 1: '1.0' is no node"),
        ("1 2\n1_0 2\n", "line 2: '1_0' is no node"),
        (f"1 2\n3 {BIG + 1}\n", f"line 2: '{BIG + 1}' is no node"),
        ("1 2\n3 99999999999999999999999\n", "line 2: '99999999999999999999999' is no node"),
        ("1,2\n1,,5\n", "line 2: '' is no node"),
        ("1,2\n1,5,\n", "line 2: weight ''"),
        ("1;2\n1;5;0,5\n", "line 2: weight '0,5'"),
        ("1 2\n1;2\n", "line 2: only one column, '1;2'"),
        ("1 2 nan\n", "line 1: weight 'nan'"),
        ("1 2\n1 3 inf\n", "line 2: weight 'inf'"),
        ("1 2\n1 3 1e999\n", "line 2: weight '1e999'"),
        ("1 2\n1 3 -1\n", "line 2: weight '-1'"),
        ("1 2\n1 3 1_0\n", "line 2: weight '1_0'"),
        ("1 2\n1 3 0x1p3\n", "line 2: weight '0x1p3'"),
        ("1 2\n1 3 1e\n", "line 2: weight '1e'"),
        ("1 2\n1 3 .\n", "line 2: weight '.'"),
        ("1 2\n1 3 {}\n", "line 2: weight '{}'"),
        ("1 2\n3 4#5\n", "line 2: '4#5' is no node"),
        ("1 2\n*Edges\n", r"line 2: heading '\*Edges' in a link list"),
        ("source target\n1 2\n2 3\n", "line 1: a header 'source'"),
        ("# x\nfrom,to,weight\n1,2,3\n", "line 2: weight 'weight'"),
        ("a b\nc\n", "line 2: only one column, 'c'"),
        ("a b\nb c x\n", "line 2: weight 'x'"),
        (b"a b\nb \xff\n", "line 2: .* is not UTF-8"),
        (b"a b\nb \x01\n", "line 2: .* is not text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "line 2: this is not text|'.PNG'"),
        ("1 2\n".encode("utf-16"), "line 1: this is not text"),
        (b"1 2\n\0\0\0 3\n", "line 2: .* is no node"),
        ('*Vertices 2\n1 "a"\n3 "c"\n', "line 3: '3' is no node"),
        ("*Vertices 2\n*Edges\n1 3\n", "line 3: '3' is no node; expected .* from 1 to 2"),
        ("*Vertices 2\n*Edges\n1 2\n0 1\n", "line 4: '0' is no node; expected .* from 1 to 2"),
        ("*Vertices 2\n1 a\n1 b\n", "line 3: vertex 1 is there twice"),
        ("*Vertices 2\nalice\n", "line 2: 'alice' is no vertex"),
        ("*Vertices x\n", "line 1: 'x' is no node"),
        ("*Vertices\n", "no nodes"),
        ("*Vertices 2\n*Matrix\n0 1\n1 0\n", r"line 2: '\*matrix' is not read"),
    ],
)
def test_faults(read, folder, content, what, compiled):
    with pytest.raises(ValueError, match=f"(?s){re.escape(str(folder))}.*({what})"):
        read(content, compiled=compiled)


def test_folders_and_missing_files(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_graph(tmp_path)
    with pytest.raises(FileNotFoundError, match="missing"):
        read_graph(tmp_path / "missing.txt")


words = '0 1 2 7 1e3 1e99 -1 +1 nan a é # % 0.1 .5 12345678901234567890 \0 "b "b '
words += "*Vertices *Edges *Arcs *Links *Arcslist"
tokens = st.sampled_from(words.split(" "))
gaps = st.sampled_from([" ", " ", " ", "\n", "\n", ",", ";", "\t", "\r\n", "\r", ", ", " #"])


@settings(deadline=None, max_examples=500)
@given(
    st.lists(st.tuples(tokens, gaps), max_size=25).map(lambda m: "".join(map("".join, m)).encode())
    | st.binary(max_size=40)
)
def test_any_bytes_give_a_graph_or_a_clear_fault(read, folder, content):
    outcomes = []
    for compiled in (False, True):
        try:
            outcomes.append(read(content, compiled=compiled))
        except ValueError as error:
            outcomes.append(str(error))
    a, b = outcomes
    assert isinstance(a, Graph) or str(folder) in a
    assert a == b if isinstance(a, str) else same(a, b)


def test_names(read):
    graph = read("bob alice 2\nalice é中\nbob bob 3\nalice 7\n")
    assert graph.names == ["bob", "alice", "é中", "7"]
    assert links(graph)["bob", "alice"] == 2
    assert links(graph)["bob", "bob"] == 3
    assert read("New York, Los Angeles, 2\n").names == ["New York", "Los Angeles"]
    assert read("a b\na 1\nb 2\n").names == ["a", "b", "1", "2"]
    assert read("a b\n").names == ["a", "b"]


PAJEK = """*Network friends
*Vertices 4
1 "Ann Lee" 0.1 0.2 ic Red
2 "Bob "B." Dee"
4 Dan

*Edges
1 2 2
*Arcs :1 "likes"
2 1 1 c Blue
2 4
"""


@both
def test_pajek(read, compiled):
    ann, bob, dan = "Ann Lee", 'Bob "B." Dee', "Dan"
    graph = read(PAJEK, compiled=compiled)
    assert graph.directed
    assert graph.names == [ann, bob, "3", dan]
    assert links(graph) == {(ann, bob): 2, (bob, ann): 3, (bob, dan): 1}
    graph = read(PAJEK.upper(), False, compiled)
    assert not graph.directed
    assert graph.n_nodes == 4
    assert sorted(graph.weights) == [1, 1, 3, 3]


@both
def test_pajek_parts(read, compiled):
    assert read("*Vertices 3\n", compiled=compiled).names.tolist() == [1, 2, 3]
    # Pajek itself writes both headings, also for an undirected network.
    graph = read("*Vertices 3\n*Arcs\n*Edges\n1 2\n3 3\n", compiled=compiled)
    assert not graph.directed
    directed = read("*vertices 3\n*edges\n1 2\n3 3 2\n", True, compiled)
    assert links(directed) == {(1, 2): 1, (2, 1): 1, (3, 3): 2}
    graph = read('*Vertices\n7 "a"\n5 "5"\n*Arcs\n9 7\n', compiled=compiled)
    assert graph.names == ["5", "a", "9"]
    graph = read("*Vertices 3\n*Arcslist\n1 2 3\n*Edgeslist\n2 3\n", compiled=compiled)
    assert links(graph) == {(1, 2): 1, (1, 3): 1, (2, 3): 1, (3, 2): 1}
    assert links(read("*Links\n0 1\n1 0\n", True, compiled)) == {(0, 1): 1, (1, 0): 1}


def test_as_networkx_reads(read, folder):
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(3)
    ends, weights = rng.integers(0, 50, (99, 2)).tolist(), rng.random(99).tolist()
    lines = "".join(f"{s} {t} {w}\n" for (s, t), w in zip(ends, weights, strict=True))
    graph = read(lines, True, compiled=True)
    peer = networkx.read_weighted_edgelist(
        folder / "graph.txt", nodetype=int, create_using=networkx.MultiDiGraph
    )
    assert set(peer.nodes) == set(graph.names.tolist() if graph.names is not None else range(50))
    total = sum(data["weight"] for *_, data in peer.edges(data=True))
    assert graph.weights.sum() == pytest.approx(total)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("directed", [False, True])
def test_as_the_official_infomap_reads(read, folder, directed):
    infomap = pytest.importorskip("infomap")
    rng = np.random.default_rng(5)
    lines = "".join(f"{s} {t} {w}\n" for s, t, w in rng.integers(1, 30, (80, 3)).tolist())
    content = "*Vertices 32\n" + "".join(f'{k} "v {k}"\n' for k in range(1, 33))
    content += ("*Arcs\n" if directed else "*Edges\n") + lines
    graph = read(content, compiled=True)
    peer = infomap.Infomap(silent=True, directed=directed)
    peer.read_file(str(folder / "graph.txt"))
    peer.write_pajek(str(folder / "peer.net"))
    assert same(graph, read_graph(folder / "peer.net", directed))
