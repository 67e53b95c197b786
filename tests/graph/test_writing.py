"""Partitions as files of the official Infomap."""

import csv
import gzip
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.bipartite import bipartite_steps
from tests.reference.hierarchy import tree_codelength
from tests.reference.map_equation import steps
from toolbox.graph import (
    from_bipartite,
    from_edges,
    from_layers,
    from_states,
    write_clu,
    write_csv,
    write_ftree,
    write_json,
    write_network,
    write_tree,
)

TRIANGLES = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 5), (5, 3)]


def fitted(graph, levels, codelength=2.0, flow=None):
    """What writers see of an estimator."""
    levels = [np.asarray(labels) for labels in levels]
    if flow is None:
        flow = graph.to_scipy().sum(axis=1) / graph.weights.sum()
    return SimpleNamespace(
        labels_=levels[0],
        levels_=levels,
        flow_=np.asarray(flow),
        codelength_=codelength,
        node_names_=graph.names,
        n_modules_=int(levels[0].max()) + 1,
        directed_=graph.directed,
        teleportation=0.15,
        teleport_to="links",
        recorded=False,
    )


@pytest.fixture
def triangles():
    graph = from_edges(TRIANGLES)
    return graph, fitted(graph, [[1, 1, 1, 0, 0, 0]])


def nodes(path):
    """Path, flow, name and id of the lines of a tree file."""
    pattern = re.compile(r'([\d:]+) (\S+) "(.*)" (\d+)')
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line[:1].isdigit()]
    lines = [pattern.fullmatch(line) for line in lines if '"' in line]
    return [(m[1], float(m[2]), m[3], int(m[4])) for m in lines]


def test_tree(triangles, tmp_path):
    path = tmp_path / "a.tree"
    write_tree(triangles[1], path)
    head, *lines = path.read_text().split("# path flow name node_id\n")
    assert all(line.startswith("#") for line in head.splitlines())
    assert "codelength 2 bits" in head
    assert lines == [
        '1:1 0.214285714 "3" 3\n'
        '1:2 0.142857143 "4" 4\n'
        '1:3 0.142857143 "5" 5\n'
        '2:1 0.214285714 "2" 2\n'
        '2:2 0.142857143 "0" 0\n'
        '2:3 0.142857143 "1" 1\n'
    ]


def test_clu_and_csv(triangles, tmp_path):
    write_clu(triangles[1], tmp_path / "a.clu")
    lines = (tmp_path / "a.clu").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    assert [(int(a), int(b)) for a, b, _ in rows] == [
        (0, 2),
        (1, 2),
        (2, 2),
        (3, 1),
        (4, 1),
        (5, 1),
    ]
    assert [float(flow) for *_, flow in rows] == pytest.approx(triangles[1].flow_, rel=1e-8)
    write_csv(triangles[1], tmp_path / "a.csv")
    write_tree(triangles[1], tmp_path / "a.tree")
    with open(tmp_path / "a.csv", newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == ["path", "flow", "name", "node_id"]
    rows = [(r["path"], float(r["flow"]), r["name"], int(r["node_id"])) for r in table]
    assert rows == nodes(tmp_path / "a.tree")


def test_ftree(triangles, tmp_path):
    graph, result = triangles
    write_ftree(result, tmp_path / "a.ftree", graph)
    tree, links = (tmp_path / "a.ftree").read_text().split("*Links undirected\n")
    write_tree(result, tmp_path / "a.tree")
    assert tree == (tmp_path / "a.tree").read_text()
    seventh, half = "0.142857143", "0.0714285714"
    assert links.split("numChildren\n")[1].splitlines() == [
        "*Links root 0 0 1 2",
        f"1 2 {seventh}",
        f"*Links 1 {half} {half} 3 3",
        *(f"{pair} {seventh}" for pair in ("1 2", "1 3", "2 3")),
        f"*Links 2 {half} {half} 3 3",
        *(f"{pair} {seventh}" for pair in ("1 2", "1 3", "2 3")),
    ]


def test_directed_ftree_has_the_flow_of_the_walk(tmp_path):
    infomap = pytest.importorskip("infomap", reason="the extra infomap is not installed")
    links = [(0, 1), (1, 0), (1, 2), (2, 3), (3, 4), (4, 2), (4, 0)]
    graph = from_edges(links, directed=True)
    # Not in one module: there nodes have the same flow, and no rank.
    flow = steps(graph.to_scipy().toarray(), True)[0]
    model = fitted(graph, [[1, 1, 0, 0, 0]], flow=flow)
    write_ftree(model, tmp_path / "ours.ftree", graph)
    network = infomap.Network()
    network.add_links(links)
    initial = dict(enumerate(model.labels_.tolist()))
    result = network.run(
        two_level=True, no_infomap=True, flow_model="directed", initial_partition=initial
    )
    result.write_flow_tree(str(tmp_path / "theirs.ftree"))

    def flows(name):
        lines = (tmp_path / name).read_text().splitlines()
        rows = [line.split() for line in lines if line[0].isdigit() and '"' not in line]
        return sorted((a, b, float(flow)) for a, b, flow in rows)

    ours, theirs = flows("ours.ftree"), flows("theirs.ftree")  # theirs has 6 digits
    assert [row[:2] for row in ours] == [row[:2] for row in theirs]
    np.testing.assert_allclose(
        [row[2] for row in ours], [row[2] for row in theirs], rtol=1e-5
    )  # they write 6 digits


def test_graph_of_another_size(triangles, tmp_path):
    with pytest.raises(ValueError, match="the graph has 2 nodes, the result 6"):
        write_ftree(triangles[1], tmp_path / "b.ftree", from_edges([(0, 1)]))
    assert not (tmp_path / "b.ftree").exists()


def test_deep_tree_with_a_short_branch(tmp_path):
    graph = from_edges([(0, 1), (2, 3), (4, 5), (6, 7), (3, 4), (5, 6), (7, 8), (8, 0)])
    # Module 0 has two parts, one of them two more; module 1 stays as it is.
    levels = [[0, 0, 0, 0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 0, 0, 2, 2, 2], [4, 4, 2, 2, 3, 3, 0, 0, 0]]
    flow = np.array([4, 3, 9, 7, 5, 8, 3, 2, 1]) / 42
    result = fitted(graph, levels, flow=flow)
    write_tree(result, tmp_path / "a.tree")
    paths = {node: path for path, _, _, node in nodes(tmp_path / "a.tree")}
    deep = ["1:2:1", "1:2:2", "1:1:1:1", "1:1:1:2", "1:1:2:2", "1:1:2:1"]
    assert [paths[node] for node in range(9)] == [*deep, "2:1", "2:2", "2:3"]
    write_json(result, tmp_path / "a.json", graph)
    data = json.loads((tmp_path / "a.json").read_text())
    assert data["numLevels"] == 4
    assert data["numModules"] == [2, 2, 2, 0]
    modules = {node["id"]: node["modules"] for node in data["nodes"]}
    assert modules[0] == [1, 2, 3]
    assert modules[4] == [1, 1, 2]
    assert modules[8] == [2, 3, 4]
    kept = [module["path"] for module in data["modules"]]
    assert kept == [[0], [1], [1, 1], [1, 1, 1], [1, 1, 2], [1, 2], [2]]
    assert [module["numChildren"] for module in data["modules"]] == [2, 2, 2, 2, 2, 2, 3]
    assert [module["numEdges"] for module in data["modules"]] == [1, 0, 1, 1, 1, 1, 2]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_files_hold_the_hierarchy(tmp_path_factory, data):
    n = data.draw(st.integers(1, 12))
    labels = st.lists(st.integers(0, 3), min_size=n, max_size=n)
    columns = data.draw(st.lists(labels, min_size=1, max_size=4))
    levels = []
    for column in columns:  # nested, and numbered by flow at the top
        parts = np.array([*levels[-1:], column])
        levels.append(np.unique(parts, axis=1, return_inverse=True)[1].reshape(-1))
    flow = np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), float)
    flow /= max(flow.sum(), 1)
    edges = data.draw(st.lists(st.tuples(*2 * [st.integers(0, n - 1)]), min_size=1, max_size=30))
    graph = from_edges(edges, n_nodes=n, directed=data.draw(st.booleans()))
    result = fitted(graph, levels, flow=flow)
    path = tmp_path_factory.mktemp("tree") / "a.json"
    write_json(result, path, graph)
    written = json.loads(path.read_text())
    paths = {node["id"]: tuple(node["path"]) for node in written["nodes"]}
    modules = {node["id"]: node["modules"] for node in written["nodes"]}
    assert list(paths.values()) == sorted(set(paths.values()))
    for a in range(n):
        for b in range(n):
            together = [bool(labels[a] == labels[b]) for labels in levels]
            assert [x == y for x, y in zip(modules[a], modules[b], strict=True)] == together
            # Paths part where modules part: below as many distinct modules as are shared.
            shared = {
                frozenset(np.flatnonzero(labels == labels[a]))
                for labels in levels
                if labels[a] == labels[b]
            }
            prefix = [x == y for x, y in zip(paths[a][:-1], paths[b][:-1], strict=False)]
            assert len(shared) == (prefix.index(False) if False in prefix else len(prefix))
    # Every link between different nodes is a link of exactly one module.
    parts = {(min(a, b), max(a, b)) if not graph.directed else (a, b) for a, b in edges if a != b}
    found = set()
    for a, b in parts:
        depth = next(k for k, (x, y) in enumerate(zip(paths[a], paths[b], strict=False)) if x != y)
        found.add((paths[a][:depth], paths[a][depth], paths[b][depth]))
    if not graph.directed:
        found = {(module, min(a, b), max(a, b)) for module, a, b in found}
    depths = [len(m["path"]) for m in written["modules"][1:]]
    assert written["numModules"] == [*np.bincount(depths)[1:].tolist(), 0]
    assert written["numLevels"] == max(map(len, paths.values()))
    edges_of = {tuple(m["path"]): m["numEdges"] for m in written["modules"]}
    edges_of[()] = edges_of.pop((0,))
    for module, count in edges_of.items():
        assert count == sum(link[0] == module for link in found)


def test_codelength_of_modules(triangles, tmp_path):
    graph, result = triangles
    write_json(result, tmp_path / "a.json", graph)
    data = json.loads((tmp_path / "a.json").read_text())
    # Two modules of flow 1/2 with one link of seven between them.
    p, q = np.array([3, 2, 2]) / 14, 1 / 14
    bits = lambda x: -np.sum(x / np.sum(x) * np.log2(x / np.sum(x))) * np.sum(x)  # noqa: E731
    module = bits(np.append(p, q))
    expected = [bits(np.array([q, q])), module, module]
    assert [m["codelength"] for m in data["modules"]] == pytest.approx(expected)
    write_json(result, tmp_path / "b.json")
    assert "modules" not in json.loads((tmp_path / "b.json").read_text())


ODD = ['a "q" b', '"', "back\\slash\\", "two\nlines", "tab\tx", "comma,x", "é中🙂", "", " x "]


@pytest.mark.parametrize("end", ["", ".gz"])
def test_names(tmp_path, end):
    graph = from_edges([(k, k + 1) for k in range(len(ODD) - 1)], names=ODD)
    result = fitted(graph, [np.arange(len(ODD)) % 3])
    for write, suffix in ((write_tree, "tree"), (write_csv, "csv"), (write_json, "json")):
        write(result, tmp_path / f"a.{suffix}{end}")
        if end:
            packed = (tmp_path / f"a.{suffix}.gz").read_bytes()
            (tmp_path / f"a.{suffix}").write_bytes(gzip.decompress(packed))
            write(result, tmp_path / f"b.{suffix}.gz")
            assert (tmp_path / f"b.{suffix}.gz").read_bytes() == packed
    flat = [name.replace("\n", " ") for name in ODD]
    assert {node: name for _, _, name, node in nodes(tmp_path / "a.tree")} == dict(
        enumerate(flat, 1)
    )
    with open(tmp_path / "a.csv", newline="", encoding="utf-8") as file:
        assert {int(r["node_id"]): r["name"] for r in csv.DictReader(file)} == dict(
            enumerate(ODD, 1)
        )
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert {node["id"]: node["name"] for node in data["nodes"]} == dict(enumerate(ODD, 1))


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (None, [0, 1, 2]),
        (np.array([7, 2**40, 9]), [7, 2**40, 9]),
        ([7, 0, 9], [7, 0, 9]),
        (["7", "0", "9"], [1, 2, 3]),
        ([7, "a", (1, 2)], [1, 2, 3]),
        ([-7, 0, 9], [1, 2, 3]),
        ([2**64, 0, 9], [1, 2, 3]),
    ],
)
def test_ids(tmp_path, names, ids):
    result = fitted(from_edges([(0, 1), (1, 2)], names=names), [[0, 0, 0]])
    write_clu(result, tmp_path / "a.clu")
    lines = (tmp_path / "a.clu").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    assert [int(row[0]) for row in rows] == ids
    write_tree(result, tmp_path / "a.tree")
    shown = {node: name for _, _, name, node in nodes(tmp_path / "a.tree")}
    assert shown == dict(zip(ids, map(str, ids if names is None else names), strict=True))


def test_a_failed_write_leaves_the_old_file(triangles, tmp_path):
    path = tmp_path / "a.tree"
    path.write_text("old")
    triangles[1].codelength_ = "many"
    with pytest.raises(ValueError, match="format"):
        write_tree(triangles[1], path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["list", "pajek"])
def test_the_official_infomap_takes_them_up(tmp_path, kind):
    pytest.importorskip("infomap")
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(4)
    edges = np.array(networkx.karate_club_graph().edges)
    if kind == "list":  # with gaps between the numbers
        names = np.sort(rng.choice(10**6, 34, replace=False))
        text = "".join(f"{a} {b}\n" for a, b in names[edges].tolist())
    else:
        names = [f'member "{k}"' for k in range(34)]
        text = "*Vertices 34\n" + "".join(f'{k} "{name}"\n' for k, name in enumerate(names, 1))
        text += "*Edges\n" + "".join(f"{a + 1} {b + 1}\n" for a, b in edges.tolist())
    (tmp_path / "a.net").write_text(text)
    graph = from_edges(edges, names=names)
    labels = rng.integers(0, 4, 34)
    result = fitted(graph, [labels])
    write_tree(result, tmp_path / "a.tree")
    write_clu(result, tmp_path / "a.clu")
    write_ftree(result, tmp_path / "a.ftree", graph)
    write_json(result, tmp_path / "a.json", graph)
    # The map equation, whose parts write_json has.
    bits = sum(m["codelength"] for m in json.loads((tmp_path / "a.json").read_text())["modules"])
    for suffix in ("tree", "clu", "ftree"):
        script = (
            "import sys, infomap\n"
            "peer = infomap.Infomap(' '.join(sys.argv[1:]))\n"
            "peer.read_file('a.net')\n"
            "peer.run()\n"
            "print(repr(peer.codelength))\n"
        )
        options = ["--silent", "--no-infomap", "--cluster-data", f"a.{suffix}"]
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script, *options],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert float(done.stdout.split()[-1]) == pytest.approx(bits, abs=1e-9)


# States


STATES = from_states(
    [(0, 1, 2), (1, 2, 1), (2, 3, 1), (3, 0, 1), (3, 4, 1)],
    [1, 0, 1, 2, 0],
    names=[10, 20, 11, 30, 40],
    physical_names=["b", 'a "q"', "c", "none"],
    directed=True,
)
LAYERS = from_layers(
    [(1, 0, 1, 1), (1, 1, 2, 1), (2, 0, 2, 3), (2, 2, 1, 1)], names=["x", "y", "z"]
)


def fitted_states(network, levels):
    """What writers see of an estimator of states."""
    rates, links, jumps = steps(network.to_scipy().toarray(), network.directed)
    paths = [tuple(path) for path in np.transpose(levels).tolist()]
    code = tree_codelength(rates, links, jumps, paths, physical=network.physical.tolist())
    result = fitted(network, levels, code, rates)
    result.state_physical_ = network.physical
    result.physical_names_ = network.physical_names
    result.state_layers_ = network.layers
    return result


def test_files_of_states(tmp_path):
    result = fitted_states(STATES, [[0, 0, 1, 1, 1]])
    write_tree(result, tmp_path / "a.tree")
    head, text = (tmp_path / "a.tree").read_text().split("name state_id node_id\n")
    assert "# higher order\n# state level\n" in head
    pattern = re.compile(r'(\d):\d (\S+) "(.*)" (\d+) (\d)')
    rows = [pattern.fullmatch(line).groups() for line in text.splitlines()]
    assert {(int(r[3]), r[0], r[2], int(r[4])) for r in rows} == {
        (10, "1", 'a "q"', 2),
        (20, "1", "b", 1),
        (11, "2", 'a "q"', 2),
        (30, "2", "c", 3),
        (40, "2", "b", 1),
    }
    flows = {int(r[3]): float(r[1]) for r in rows}
    assert [flows[k] for k in STATES.names] == pytest.approx(result.flow_, rel=1e-8)
    write_clu(result, tmp_path / "a.clu")
    head, text = (tmp_path / "a.clu").read_text().split("# state_id module flow node_id\n")
    rows = [line.split() for line in text.splitlines()]
    assert [(a, b, c) for a, b, _, c in rows] == [
        ("10", "1", "2"),
        ("20", "1", "1"),
        ("11", "2", "2"),
        ("30", "2", "3"),
        ("40", "2", "1"),
    ]
    assert write_columns(result, tmp_path, "a") == ["path", "flow", "name", "state_id", "node_id"]


def write_columns(result, folder, name):
    """Header of the table, after its rows are compared with the tree."""
    write_csv(result, folder / f"{name}.csv")
    with open(folder / f"{name}.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    lines = [line for line in (folder / f"{name}.tree").read_text().splitlines() if line[0] != "#"]
    order = [header.index(c) for c in ("state_id", "node_id", "layer_id") if c in header]
    for row, line in zip(rows, lines, strict=True):
        ids = " ".join(row[k] for k in order)
        assert line == f'{row[0]} {row[1]} "{row[2]}" {ids}'
    return header


def rows_by_state(path, multilayer):
    """Header of a tree file, and what it says of each state, without the last place of the path."""
    text = path.read_text().split("# path flow name ")[1]
    header, *lines = text.split("*Links")[0].splitlines()
    rows = {}
    for line in lines:
        place, flow, rest = line.split(" ", 2)
        name, ids = rest.rsplit('" ', 1)
        state, *node = ids.split()
        key = tuple(node) if multilayer else state
        rows[key] = place.rsplit(":", 1)[0], float(flow), name, node
    return header, rows


@pytest.mark.parametrize("network", [STATES, LAYERS], ids=["states", "layers"])
def test_the_official_infomap_writes_the_same_of_states(tmp_path, network):
    infomap = pytest.importorskip("infomap", reason="the extra infomap is not installed")
    multilayer = network is LAYERS
    write_network(network, tmp_path / "a.net")
    states = network.to_states() if multilayer else network
    labels = [0, 1, 0, 0, 1] if not multilayer else [0, 1, 0, 1, 1, 0]
    levels = [labels, np.arange(len(labels)) % 2 + 2 * np.array(labels)]
    result = fitted_states(states, levels)
    for write, suffix in ((write_tree, "tree"), (write_clu, "clu"), (write_csv, "csv")):
        write(result, tmp_path / f"ours.{suffix}")
    write_ftree(result, tmp_path / "ours.ftree", states)
    write_json(result, tmp_path / "ours.json", states)
    for clusters in ("ours.tree", "ours.ftree"):
        peer = infomap.run(
            str(tmp_path / "a.net"),
            no_infomap=True,
            silent=True,
            cluster_data=str(tmp_path / clusters),
            flow_model="undirected" if multilayer else "directed",
        )
        assert peer.codelength == pytest.approx(result.codelength_, abs=1e-9)
    for write, suffix in (
        (peer.write_tree, "tree"),
        (peer.write_clu, "clu"),
        (peer.write_csv, "csv"),
        (peer.write_json, "json"),
        (peer.write_flow_tree, "ftree"),
    ):
        write(str(tmp_path / f"theirs.{suffix}"), states=True)
    for suffix in ("tree", "ftree"):
        ours, theirs = (
            rows_by_state(tmp_path / f"{whose}.{suffix}", multilayer)
            for whose in ("ours", "theirs")
        )
        assert ours[0] == theirs[0]
        assert ours[1].keys() == theirs[1].keys()
        same_module = {(ours[1][key][0], theirs[1][key][0]) for key in ours[1]}
        assert len(same_module) == len({pair[0] for pair in same_module})
        for key, (_, flow, *rest) in ours[1].items():
            assert theirs[1][key][1] == pytest.approx(flow, rel=1e-5)
            assert theirs[1][key][2:] == (*rest,)
    header = "# state_id module flow node_id" + " layer_id" * multilayer
    for whose in ("ours", "theirs"):
        assert header in (tmp_path / f"{whose}.clu").read_text().splitlines()
    headers = [(tmp_path / f"{w}.csv").read_text().split("\n")[0] for w in ("ours", "theirs")]
    assert headers[0] == headers[1]
    assert write_columns(result, tmp_path, "ours") == headers[0].split(",")
    ours, theirs = (json.loads((tmp_path / f"{w}.json").read_text()) for w in ("ours", "theirs"))
    assert list(ours["nodes"][0]) == list(theirs["nodes"][0])
    for key in ("higherOrder", "stateLevel", "numLevels", "numModules", "flowModel"):
        assert ours[key] == theirs[key]
    savings = "relativeCodelengthSavings"
    assert ours[savings] == pytest.approx(theirs[savings], abs=1e-9)
    parts = [module["codelength"] for module in ours["modules"]]
    assert sum(parts) == pytest.approx(peer.codelength, abs=1e-9)
    theirs = [module["codelength"] for module in theirs["modules"]]
    assert sorted(parts) == pytest.approx(sorted(theirs), rel=1e-5, abs=1e-9)


def test_flow_of_bipartite_links(tmp_path):
    infomap = pytest.importorskip("infomap", reason="the extra infomap is not installed")
    network = from_bipartite([[1, 0], [2, 3], [1, 1]])
    write_network(network, tmp_path / "a.net")
    rates, *_ = bipartite_steps(network.to_scipy().toarray(), 3, False)
    result = fitted(network, [[0, 1, 0, 0, 1]], flow=rates)
    write_ftree(result, tmp_path / "ours.ftree", network)
    peer = infomap.run(
        str(tmp_path / "a.net"),
        no_infomap=True,
        silent=True,
        cluster_data=str(tmp_path / "ours.ftree"),
    )
    peer.write_flow_tree(str(tmp_path / "theirs.ftree"))

    def flows(name):
        lines = (tmp_path / name).read_text().split("numChildren\n")[1].splitlines()
        return sorted(float(line.split()[2]) for line in lines if line[0].isdigit())

    assert flows("ours.ftree") == pytest.approx(flows("theirs.ftree"), rel=1e-5)
