"""Files of state, multilayer and bipartite networks."""

import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbox.graph import (
    BipartiteNetwork,
    Graph,
    InfoMap,
    MultilayerNetwork,
    StateNetwork,
    _lines,
    as_graph,
    read_graph,
)

BIG = 2**63 - 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sections")


@pytest.fixture(scope="module")
def read(folder):
    """Read what a file with this content holds, in plain Python or in Numba."""

    def read(content, directed=None, compiled=False):
        path = folder / "network.net"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_lines, "SMALL", -1 if compiled else sys.maxsize)
            return read_graph(path, directed)

    return read


both = pytest.mark.parametrize("compiled", [False, True], ids=["python", "numba"])


def links(graph):
    """Weights by rows of source and target."""
    matrix = graph.to_scipy().tocoo()
    ends = zip(matrix.row.tolist(), matrix.col.tolist(), strict=True)
    return dict(zip(ends, matrix.data.tolist(), strict=True))


STATES = """*Vertices 4
1 "a b"
2 "c"
7 "unused"
*States
# state_id node_id name
10 1 "s "t" u"
3 2
5 1 name
# a comment
4 2 "x" 1
*Links
10 3 2
3 4 # once
4 10 0
5 3 1e1
"""


@both
def test_states(read, compiled):
    network = read(STATES, compiled=compiled)
    assert isinstance(network, StateNetwork)
    assert not network.directed
    assert network.names.tolist() == [3, 4, 5, 10]
    assert network.physical.tolist() == [1, 1, 0, 0]
    assert network.physical_names == ["a b", "c", "unused"]
    assert network.n_physical == 3
    assert network.layers is None  # only one state has one
    assert links(network) == {
        **{(0, 3): 2, (3, 0): 2, (0, 1): 1, (1, 0): 1},
        **{(0, 2): 10, (2, 0): 10},
    }
    assert links(read(STATES, True, compiled)) == {(3, 0): 2, (0, 1): 1, (2, 0): 10}
    arcs = read(STATES.replace("*Links", "*arcs"), compiled=compiled)
    assert arcs.directed
    edges = read(STATES.replace("*Links", "*Edges"), True, compiled=compiled)
    assert edges.directed
    assert links(edges) == links(network)


@both
def test_states_that_are_not_listed(read, compiled):
    # As in the official package they belong to the node of the same number.
    network = read("*States\n0 3\n1 3\n*Links\n0 1\n1 2\n", compiled=compiled)
    assert network.names is None
    assert network.physical_names.tolist() == [2, 3]
    assert network.physical.tolist() == [1, 1, 0]
    plain = read('*Vertices\n2 "2"\n*States\n0 0\n1 0\n2 1\n*Links\n0 1\n', compiled=compiled)
    assert plain.physical_names.tolist() == [0, 1, 2]
    assert read("*States\n0 0\n1 0\n2 1\n*Links\n0 1\n").physical_names is None


@both
def test_layers_of_states(read, compiled):
    content = f'*States\n1 1 "" 4\n0 1 "a" {BIG}\n*Links\n0 1\n'
    assert read(content, compiled=compiled).layers.tolist() == [BIG, 4]
    # A fraction is the weight of older files.
    assert read('*States\n1 1 "" 4\n0 1 "a" 0.5\n*Links\n0 1\n').layers is None


@both
def test_layers(read, folder, compiled):
    content = "*Vertices\n5 x\n9 z\n*Intra\n1 5 7 2\n3 7 5\n1 5 7 1\n*Inter\n1 5 3 0.5\n3 7 1\n"
    network = read(content, compiled=compiled)
    assert isinstance(network, MultilayerNetwork)
    assert network.intra.tolist() == [[1, 0, 1], [3, 1, 0], [1, 0, 1]]
    assert network.intra_weights.tolist() == [2, 1, 1]
    assert network.inter.tolist() == [[1, 0, 3], [3, 1, 1]]
    assert network.inter_weights.tolist() == [0.5, 1]
    assert network.names == ["x", "7", "z"]
    assert network.n_nodes == 3
    assert network.directed is None
    assert read(content, True, compiled).directed is True
    only = read("*Intra\n0 0 1\n*Inter\n", compiled=compiled)
    assert only.inter is None
    assert only.names is None
    assert only.to_states().n_nodes == 2
    with pytest.raises(TypeError, match="layers are no graph yet"):
        as_graph(folder / "network.net")


@both
def test_links_between_states_of_layers(read, compiled):
    content = "*Multilayer\n2 5 2 7 2\n1 5 2 7\n2 7 2 5 1\n1 9 1 9 0\n"
    network = read(content, compiled=compiled)
    assert isinstance(network, StateNetwork)
    assert not network.directed
    assert network.names is None
    assert network.physical_names.tolist() == [5, 7, 9]
    states = list(zip(network.physical.tolist(), network.layers.tolist(), strict=True))
    assert states == [(0, 1), (0, 2), (1, 2), (2, 1)]
    assert links(network) == {(1, 2): 3, (2, 1): 3, (0, 2): 1, (2, 0): 1}
    assert links(read(content, True, compiled)) == {(1, 2): 2, (2, 1): 1, (0, 2): 1}


@both
def test_bipartite(read, compiled):
    content = '*Vertices 4\n0 "a"\n1 "b"\n5 "c"\n8 "d"\n*Bipartite 5\n0 5 2\n1 5\n8 1\n'
    network = read(content, compiled=compiled)
    assert isinstance(network, BipartiteNetwork)
    assert network.n_primary == 2
    assert network.names == ["a", "b", "c", "d"]
    assert links(network) == {
        **{(0, 2): 2, (2, 0): 2, (1, 2): 1, (2, 1): 1},
        **{(1, 3): 1, (3, 1): 1},
    }
    assert links(read(content, True, compiled)) == {(0, 2): 2, (1, 2): 1, (3, 1): 1}
    headed = read(content.replace("5\n0 5 2", "5\n*Arcs\n0 5 2"), compiled=compiled)
    assert headed.directed
    assert headed.n_primary == 2


@both
@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("*States\n1\n", "line 2: '1' is no state; expected: state node"),
        ("*States\n1 a\n", "line 2: '1 a' is no state"),
        ("*States\n1 1\n2 2\n1 2\n", "line 4: state 1 is there twice"),
        (f"*States\n1 {BIG + 1}\n", "line 2: '9223372036854775808' is no node"),
        ("*States\n1 1\n*Links\n1 x\n", "line 4: 'x' is no node"),
        ("*States\n1 1\n*Links\n1\n", "line 4: only one column, '1'; expected: source target"),
        ("*States\n1 1\n*Intra\n1 1 1\n", r"line 4: sections \*States and \*Intra in one file"),
        ("*Intra\n1 1\n", "line 2: only 2 columns, '1 1'; expected: layer source target"),
        ("*Intra\n1 1 2\n1 1 2 -1\n", "line 3: weight '-1'"),
        ("*Intra\n1 1 2\n1 1 2 1e999\n", "line 3: weight '1e999'"),
        ("*Intra\n1 1 2\n-1 1 2\n", "line 3: '-1' is no node"),
        ("*Intra\n", "no links in layers"),
        ("*Inter\n1 1 2\n", "line 2: no links in layers"),
        (
            "*Intra\n1 1 2\n*Inter\n1 1 2\n# here\n\n2 1 2 4\n1 1 2\n",
            "line 7: the link '2 1 2 4' is between a layer and itself",
        ),
        ("*Intra\n1 1 2\n*Links\n1 2\n", r"line 4: links under \*links have no layers"),
        ("*Multilayer\n1 1 2\n", "line 2: only 3 columns, '1 1 2'; expected: layer source layer"),
        ("*Multilayer\n", "line 1: no nodes"),
        ("*Vertices\n1 a\n*Multilayer\n", "line 3: no links"),
        ("*Bipartite\n1 2\n", "line 1: .*needs the number of the first feature"),
        ("*Bipartite x\n1 2\n", "line 1: 'x' is no node"),
        ("*Bipartite 3\n1 3\n1 2\n", "line 3: the link '1 2' is not between a node below 3"),
        ("*Bipartite 3\n*Links\n1 3\n4 3\n", "line 4: the link '4 3' is not between"),
        ("*Links\n1 2\n*Bipartite 3\n1 3\n", "the link 1 - 2 is between two primary nodes"),
        ("*Bipartite 3\n4 3\n", "line 2: the link '4 3'"),
        ("*Bipartite 3\n", "line 1: no nodes"),
        ("*Vertices\n5 a\n*Bipartite 3\n", "no node has a number below 3"),
        ("*Vertices 2\n1 a\n1 b\n*States\n1 1\n", "line 3: vertex 1 is there twice"),
        ("*Trigrams\n1 2 3\n", r"line 1: '\*trigrams' is not read"),
        ("1 2\n*Intra\n1 1 2\n", r"line 2: heading '\*Intra' in a link list"),
    ],
)
def test_faults(read, folder, content, what, compiled):
    with pytest.raises(ValueError, match=f"(?s){re.escape(str(folder))}.*({what})"):
        read(content, compiled=compiled)


words = '0 1 2 3 7 1e3 -1 a "b "c" 0.5 1e99 \0 #'
tokens = st.sampled_from([*words.split(" "), *"0123"])
heads = ["*Vertices", "*Vertices 3", "*States", "*Intra", "*Inter", "*Multilayer", "*Bipartite 2"]
heads += ["*Links", "*Arcs", "*Edges", "*Bipartite", "*Arcslist", "*Edgeslist", " *Intra"]
rows = st.lists(tokens, min_size=1, max_size=6).map(" ".join)
sections = st.tuples(st.sampled_from(heads), st.lists(rows, max_size=3))


@settings(max_examples=600)
@given(st.lists(sections, min_size=1, max_size=4))
def test_any_sections_give_a_network_or_a_clear_fault(read, folder, found):
    content = "\n".join(line for head, lines in found for line in (head, *lines))
    outcomes = []
    for compiled in (False, True):
        try:
            outcomes.append(read(content, compiled=compiled))
        except ValueError as error:
            outcomes.append(str(error))
    a, b = outcomes
    if isinstance(a, str):
        assert str(folder) in a
        assert a == b
        return
    assert isinstance(a, (Graph, MultilayerNetwork))
    assert type(a) is type(b)
    for name, value in vars(a).items():
        np.testing.assert_array_equal(value, vars(b)[name], name)


identifiers = st.integers(0, 5) | st.integers(BIG - 2, BIG)
lines = st.tuples(*[identifiers] * 4, st.integers(0, 9))


@settings(max_examples=200)
@given(st.lists(lines, min_size=1, max_size=12), st.booleans(), st.booleans())
def test_multilayer_as_defined(read, lines, directed, compiled):
    content = "*Multilayer\n" + "".join(" ".join(map(str, line)) + "\n" for line in lines)
    network = read(content, directed, compiled)
    total, states = {}, set()
    for a, i, b, j, weight in lines:
        states |= {(i, a), (j, b)}
        pairs = {((i, a), (j, b))} if directed else {((i, a), (j, b)), ((j, b), (i, a))}
        for pair in pairs:
            total[pair] = total.get(pair, 0) + weight
    names = network.physical_names
    nodes = network.physical if names is None else names[network.physical]
    ours = list(zip(nodes.tolist(), network.layers.tolist(), strict=True))
    assert ours == sorted(states)
    found = {(ours[a], ours[b]): weight for (a, b), weight in links(network).items()}
    assert found == {pair: weight for pair, weight in total.items() if weight}


def test_the_estimator_takes_a_file_of_states(read, folder):
    read(STATES)
    model = InfoMap(random_state=0).fit(folder / "network.net")
    assert model.node_names_.tolist() == [3, 4, 5, 10]
