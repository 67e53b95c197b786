"""Networks as files, written and read again, also by the official package."""

import gzip
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from tests.graph.test_codelength import random_graph
from tests.graph.test_official_bipartite import random_bipartite
from tests.graph.test_official_multilayer import random_layers
from tests.reference.bipartite import bipartite_steps
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from tests.reference.official import official, random_paths, walk_options
from toolbox.graph import (
    _lines,
    as_graph,
    from_bipartite,
    from_edges,
    from_layers,
    from_paths,
    from_states,
    read_graph,
    write_network,
)
from toolbox.graph.bipartite import as_bipartite


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """Write a network and read it, in plain Python or in Numba."""
    folder = tmp_path_factory.mktemp("networks")

    def again(network, directed=None, compiled=False):
        write_network(network, folder / "a.net")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_lines, "SMALL", -1 if compiled else sys.maxsize)
            return read_graph(folder / "a.net", directed)

    return again


def check_same(a, b):
    """Every attribute the same; arrays of numbers may be None where they are 0, 1, 2, ..."""
    assert type(a) is type(b)
    for name, value in vars(a).items():
        other = vars(b)[name]
        if isinstance(value, np.ndarray) or isinstance(other, np.ndarray):
            np.testing.assert_array_equal(value, other, name)
        else:
            assert value == other, name


def name_lists(n):
    """Names for n nodes: none, numbers or texts."""
    text = st.text("ab\"' é#%*\t,", min_size=1).filter(lambda name: not name.isdigit())
    numbers = st.lists(st.integers(0, 2**62), min_size=n, max_size=n, unique=True)
    return st.one_of(
        st.none(),
        # Without gaps from 0 these are no names.
        numbers.map(sorted).map(np.array).filter(lambda ids: ids[-1] >= n),
        st.lists(text, min_size=n, max_size=n),
    )


weights = st.integers(1, 9).map(float) | st.floats(1e-300, 1e300)
numbers_of = st.integers(0, 6)


@st.composite
def graphs(draw):
    n = draw(st.integers(7, 9))
    ends = draw(st.lists(st.tuples(numbers_of, numbers_of, weights), min_size=1, max_size=12))
    directed = draw(st.booleans())
    return from_edges(ends, n_nodes=n, directed=directed, names=draw(name_lists(n)))


@st.composite
def state_networks(draw):
    n, n_physical = draw(st.integers(7, 9)), draw(st.integers(3, 6))
    ends = draw(st.lists(st.tuples(numbers_of, numbers_of, weights), min_size=1, max_size=12))
    physical = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    layers = draw(st.none() | st.lists(st.integers(0, 2**62), min_size=n, max_size=n))
    names = draw(name_lists(n).filter(lambda names: not isinstance(names, list)))
    return from_states(
        ends,
        physical,
        directed=draw(st.booleans()),
        names=names,
        physical_names=draw(name_lists(n_physical)),
        layers=layers,
    )


@st.composite
def layered_networks(draw):
    layer = st.integers(0, 3) | st.integers(2**61, 2**61 + 1)
    link = st.tuples(layer, numbers_of, numbers_of)
    intra = draw(st.lists(link, min_size=1, max_size=12))
    inter = draw(st.lists(st.tuples(layer, numbers_of, layer), max_size=5))
    inter = [row for row in inter if row[0] != row[2]]
    n = draw(st.integers(7, 9))
    network = from_layers(intra, inter, n_nodes=n, names=draw(name_lists(n)))
    for column in (network.intra_weights, network.inter_weights):
        if column is not None:
            column[:] = draw(st.lists(weights, min_size=len(column), max_size=len(column)))
    return network


@st.composite
def bipartite_networks(draw):
    link = st.tuples(st.integers(0, 3), st.integers(4, 6), weights)
    links = draw(st.lists(link, min_size=1, max_size=12))
    directed = draw(st.booleans())
    if directed:
        links = [(b, a, w) if draw(st.booleans()) else (a, b, w) for a, b, w in links]
    n = draw(st.integers(7, 9))
    graph = from_edges(links, n_nodes=n, directed=directed, names=draw(name_lists(n)))
    return as_bipartite(graph, 4)


@settings(max_examples=300)
@given(
    st.one_of(graphs(), state_networks(), layered_networks(), bipartite_networks()), st.booleans()
)
def test_the_same_network_comes_back(again, network, compiled):
    check_same(network, again(network, compiled=compiled))


def test_forms(tmp_path):
    def text(network, name="a.net"):
        write_network(network, tmp_path / name)
        return (tmp_path / name).read_text()

    assert text(from_edges([(0, 1, 0.5), (1, 1, 2)], names=["x y", 'z"'])) == (
        '*Vertices 2\n1 "x y"\n2 "z""\n*Edges\n1 2 0.5\n2 2 2\n'
    )
    assert text(np.array([[0, 1], [0, 1.0]])) == ('*Vertices\n0 "0"\n1 "1"\n*Arcs\n0 1 1\n1 1 1\n')
    assert text(from_paths([["a", "b", "c"]])) == (
        '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*States\n# state_id node_id name\n'
        '1 2 "a b"\n2 3 "b c"\n*Arcs\n1 2 1\n'
    )
    assert text(from_states([(0, 1)], [0, 0], layers=[3, 5])) == (
        '*Vertices\n0 "0"\n*States\n# state_id node_id name layer_id\n'
        '0 0 "0" 3\n1 0 "1" 5\n*Edges\n0 1 1\n'
    )
    assert text(from_layers([(1, 0, 1, 0.1)], [(2, 1, 1)], names=["p", "q"])) == (
        '*Vertices 2\n1 "p"\n2 "q"\n*Intra\n# layer source target weight\n1 1 2 0.1\n'
        "*Inter\n# layer node layer weight\n2 2 1 1\n"
    )
    assert text(from_bipartite([[1, 0], [2, 3]], directed=True)) == (
        '*Vertices\n0 "0"\n1 "1"\n2 "2"\n3 "3"\n*Bipartite 2\n*Arcs\n0 2 1\n1 2 2\n1 3 3\n'
    )
    write_network(from_edges([(0, 1)]), tmp_path / "a.net.gz")
    packed = gzip.decompress((tmp_path / "a.net.gz").read_bytes()).decode()
    assert packed == text(from_edges([(0, 1)]))


def test_kinds_that_numbers_do_not_tell(again):
    network = from_bipartite([[1.0, 2.0]], names=[8, 3, 9])
    found = again(network)
    assert found.n_primary == 1
    assert found.names == ["8", "3", "9"]
    assert again(from_bipartite(np.zeros((2, 0)))).n_primary == 2


# The official package reads them


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_official_states(tmp_path, directed, seed):
    A, _ = random_graph(seed, directed)
    rng = np.random.default_rng(seed)
    physical = rng.integers(0, len(A) // 2 + 1, len(A))
    layers = rng.integers(0, 3, len(A)) if seed % 2 else None
    network = from_states(
        sparse.csr_array(A),
        physical,
        directed=directed,
        physical_names=[f'node "{k}"' for k in range(len(A))],
        layers=layers,
    )
    write_network(network, tmp_path / "ours.net")
    paths = random_paths(rng, len(A))
    theirs = official(
        tmp_path,
        (tmp_path / "ours.net").read_text(),
        paths,
        physical=(physical + 1).tolist(),
        **walk_options(directed),
    )
    ours = tree_codelength(*steps(A, directed), paths, physical=physical.tolist())
    assert ours == pytest.approx(theirs.codelength, abs=1e-9)


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_official_layers(tmp_path, directed, joined, seed):
    intra, inter = random_layers(seed)
    rows = [(a, i, j, A[i, j]) for a, A in intra.items() for i, j in np.argwhere(A)]
    network = from_layers(rows, inter if joined else None)
    write_network(network, tmp_path / "ours.net")
    states = network.to_states(0.3, directed=directed)
    paths = random_paths(np.random.default_rng(seed), states.n_nodes)
    tree = [f"{n} {a}" for n, a in zip(states.physical, states.layers, strict=True)]
    theirs = official(
        tmp_path,
        (tmp_path / "ours.net").read_text(),
        paths,
        physical=tree,
        multilayer_relax_rate=0.3,
        **walk_options(directed),
    )
    A = states.to_scipy().toarray()
    ours = tree_codelength(*steps(A, True), paths, physical=states.physical.tolist())
    assert ours == pytest.approx(theirs.codelength, abs=1e-9)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_official_bipartite(tmp_path, directed, seed):
    A, n = random_bipartite(seed, directed)
    network = as_bipartite(as_graph(sparse.csr_array(A), directed), n)
    write_network(network, tmp_path / "ours.net")
    paths = random_paths(np.random.default_rng(seed), len(A))
    text = (tmp_path / "ours.net").read_text()
    theirs = official(tmp_path, text, paths, **walk_options(directed))
    ours = tree_codelength(*bipartite_steps(A, n, directed), paths)
    assert ours == pytest.approx(theirs.codelength, abs=1e-9)
    assert isinstance(network, type(read_graph(tmp_path / "ours.net")))
