"""Pictures of communities: the same each time, true to the flow, and never NaN."""

from types import SimpleNamespace

import numpy as np
import pytest

from toolbox.graph import from_edges
from toolbox.plot import check_picture_path, plot_communities, save_picture
from toolbox.plot.palette import PALETTE, module_colors


def ring_of_groups(n_groups, size, rng):
    """Dense groups in a ring, one link from each to the next."""
    inner = (
        rng.integers(0, size, (n_groups, 3 * size, 2)) + size * np.arange(n_groups)[:, None, None]
    )
    first = size * np.arange(n_groups)
    edges = np.vstack((inner.reshape(-1, 2), np.column_stack((first, np.roll(first + 1, -1)))))
    return from_edges(edges, n_nodes=n_groups * size), np.repeat(np.arange(n_groups), size)


def fitted(graph, labels, names=None):
    """What a picture needs of an estimator."""
    strength = graph.to_scipy().sum(axis=1)
    flow = strength / strength.sum() if strength.sum() else np.full(graph.n_nodes, 0.0)
    return SimpleNamespace(
        labels_=np.asarray(labels),
        flow_=flow,
        node_names_=names,
        codelength_=4.25,
        n_modules_=len(np.unique(labels)),
    )


def circles(ax, gid):
    """Centres, diameters and colours of the circles of one kind."""
    (found,) = [artist for artist in ax.collections if artist.get_gid() == gid]
    return np.asarray(found.get_offsets()), found.get_widths(), found.get_facecolors()


def assert_finite(ax):
    for artist in ax.collections:
        assert np.isfinite(artist.get_offsets()).all()
        assert all(np.isfinite(path.vertices).all() for path in artist.get_paths())
    ax.figure.canvas.draw()


@pytest.fixture
def groups():
    graph, labels = ring_of_groups(6, 9, np.random.default_rng(0))
    return graph, fitted(graph, labels)


def test_same_picture_each_time(groups, tmp_path):
    first, second = plot_communities(*groups), plot_communities(*groups)
    np.testing.assert_array_equal(circles(first, "nodes")[0], circles(second, "nodes")[0])
    one = save_picture(first, tmp_path / "a.png").read_bytes()
    assert one == save_picture(second, tmp_path / "b.png").read_bytes()


def test_one_color_per_module(groups):
    graph, result = groups
    colors = circles(plot_communities(graph, result), "nodes")[2]
    assert len(np.unique(colors, axis=0)) == 6
    for module in range(6):
        assert len(np.unique(colors[result.labels_ == module], axis=0)) == 1


def test_node_area_is_proportional_to_flow(groups):
    graph, result = groups
    _, width, _ = circles(plot_communities(graph, result), "nodes")
    ratio = width**2 / result.flow_
    np.testing.assert_allclose(ratio, ratio[0])


def test_module_area_on_the_map_is_proportional_to_flow(groups):
    graph, result = groups
    _, width, _ = circles(plot_communities(graph, result, kind="map"), "modules")
    flow = np.sort(np.bincount(result.labels_, result.flow_))[::-1]
    np.testing.assert_allclose(width**2 / flow, width[0] ** 2 / flow[0])


def test_nodes_stand_in_the_disc_of_their_module_and_apart(groups):
    graph, result = groups
    ax = plot_communities(graph, result)
    centre, disc, disc_color = circles(ax, "modules")
    at, width, color = circles(ax, "nodes")
    # Discs are paler than their nodes: match them by the colour with the white taken out.
    paleness = (1 - disc_color[:, :3]) / 0.13
    home = np.argmin(((1 - color[:, None, :3] - paleness[None]) ** 2).sum(axis=-1), axis=1)
    away = np.sqrt(((at - centre[home]) ** 2).sum(axis=1))
    assert (away + width / 2 <= disc[home] / 2 * (1 + 1e-9)).all()
    gap = np.sqrt(((centre[:, None] - centre) ** 2).sum(axis=-1))
    overlap = np.add.outer(disc, disc) / 2 - gap
    np.fill_diagonal(overlap, -1)
    assert overlap.max() < 0
    distance = np.sqrt(((at[:, None] - at) ** 2).sum(axis=-1))
    np.fill_diagonal(distance, np.inf)
    touching = distance < np.add.outer(width, width) / 2 * 0.9
    assert touching.sum() == 0


def test_linked_modules_are_neighbours():
    graph, labels = ring_of_groups(8, 12, np.random.default_rng(1))
    ax = plot_communities(graph, fitted(graph, labels), kind="map")
    names = [text.get_text().split("\n")[0] for text in ax.texts]
    centre = dict(zip(map(int, names), circles(ax, "modules")[0], strict=True))
    ring = np.array([centre[module] for module in range(8)])
    along = np.sqrt(((ring - np.roll(ring, 1, axis=0)) ** 2).sum(axis=1)).mean()
    across = np.sqrt(((ring - np.roll(ring, 4, axis=0)) ** 2).sum(axis=1)).mean()
    assert along < across


def test_title_and_names(groups):
    graph, result = groups
    result.node_names_ = [f"n{i}" for i in range(graph.n_nodes)]
    ax = plot_communities(graph, result, name="Ring")
    assert ax.get_title("left") == "Ring: 6 modules, 4.250 bits a step"
    assert ax.get_title("right") == f"54 nodes, {graph.n_links} links"
    assert [text.get_text() for text in ax.texts] == result.node_names_


def test_long_names_are_written_below_their_nodes(groups):
    graph, result = groups
    result.node_names_ = [f"{i} has a rather long name" for i in range(graph.n_nodes)]
    ax = plot_communities(graph, result)
    at, width, _ = circles(ax, "nodes")
    below = np.array([text.get_position()[1] for text in ax.texts])
    np.testing.assert_allclose(below, at[:, 1] - width / 2)


def test_names_are_shown_as_they_are(groups):
    """Dollar signs are no formulas, line breaks none, and long names are cut."""
    graph, result = groups
    result.node_names_ = ["$x$", "$\\frac", "two\nlines", "x" * 99, "café"] + ["_^"] * 49
    ax = plot_communities(graph, result, name="$5")
    ax.figure.canvas.draw()
    texts = [text.get_text() for text in ax.texts]
    assert texts[:5] == ["$x$", "$\\frac", "two lines", "x" * 23 + "…", "café"]


def test_map_names_number_best_node_and_size(groups):
    graph, result = groups
    result.node_names_ = [f"n{i}" for i in range(graph.n_nodes)]
    texts = {text.get_text() for text in plot_communities(graph, result, kind="map").texts}
    for module in range(6):
        best = np.argmax(np.where(result.labels_ == module, result.flow_, -1))
        assert f"{module}: n{best}\n9 nodes" in texts


def test_map_above_the_threshold(groups):
    graph, result = groups
    for limit in ({"max_nodes": 53}, {"max_links": graph.n_links - 1}):
        ax = plot_communities(graph, result, **limit)
        assert [artist.get_gid() for artist in ax.collections] == [None, "modules"]
    ax = plot_communities(graph, result, max_nodes=54, max_links=graph.n_links)
    assert "nodes" in [artist.get_gid() for artist in ax.collections]


def test_draws_on_given_axes(groups):
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, 2)
    assert plot_communities(*groups, ax=axes[1]) is axes[1]
    assert len(axes[1].collections) > 0
    assert len(axes[0].collections) == 0


@pytest.mark.parametrize("kind", ["network", "map"])
@pytest.mark.parametrize(
    ("edges", "n_nodes", "labels", "directed"),
    [
        pytest.param([[0, 0]], 1, [0], False, id="one node"),
        pytest.param(np.empty((0, 2), int), 5, [0, 1, 2, 3, 4], False, id="no links"),
        pytest.param(np.empty((0, 2), int), 9, [0] * 9, False, id="no links, one module"),
        pytest.param([[0, 1], [1, 2], [2, 0]], 3, [0, 0, 0], False, id="one module"),
        pytest.param([[0, 1], [2, 3]], 7, [0, 0, 1, 1, 2, 3, 4], False, id="isolated nodes"),
        pytest.param([[0, 1], [1, 0], [2, 1]], 4, [5, 5, -1, 9], True, id="directed, any labels"),
        pytest.param([[0, 1], [0, 2]], 3, [0, 1, 2], True, id="nodes that lead nowhere"),
    ],
)
def test_odd_graphs(edges, n_nodes, labels, directed, kind):
    graph = from_edges(edges, n_nodes=n_nodes, directed=directed)
    ax = plot_communities(graph, fitted(graph, labels), kind=kind)
    assert_finite(ax)
    assert len(circles(ax, "modules")[0]) == len(set(labels))


def test_zero_flow_in_part_of_a_directed_graph():
    graph = from_edges([[0, 1], [1, 2], [2, 0], [3, 0], [4, 0], [3, 4]], directed=True)
    result = fitted(graph, [0, 0, 0, 1, 1])
    result.flow_ = np.array([1, 1, 1, 0, 0]) / 3
    assert_finite(plot_communities(graph, result))
    assert_finite(plot_communities(graph, result, kind="map"))


def test_ten_thousand_modules():
    rng = np.random.default_rng(2)
    labels = np.append(np.arange(10_000), rng.integers(0, 10_000, 30_000))
    graph = from_edges(rng.integers(0, len(labels), (100_000, 2)), n_nodes=len(labels))
    result = fitted(graph, labels)
    ax = plot_communities(graph, result)
    assert len(circles(ax, "modules")[0]) == 100
    assert any("and 9,900 smaller modules" in text.get_text() for text in ax.texts)
    assert_finite(ax)


def test_two_thousand_nodes():
    graph, labels = ring_of_groups(20, 100, np.random.default_rng(3))
    assert_finite(plot_communities(graph, fitted(graph, labels)))


def test_result_of_another_graph(groups):
    graph, result = groups
    with pytest.raises(ValueError, match="the graph has 3"):
        plot_communities(from_edges([[0, 1], [1, 2]]), result)
    with pytest.raises(ValueError, match="kind must be"):
        plot_communities(graph, result, kind="tree")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".PNG"])
def test_save_picture(groups, tmp_path, suffix):
    ax = plot_communities(*groups)
    path = tmp_path / f"picture{suffix}"
    assert save_picture(ax, path) == path
    assert save_picture(ax.figure, path) == path
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["picture.xyz", "picture", "picture.tree"])
def test_unknown_suffix(groups, tmp_path, name):
    with pytest.raises(ValueError, match=r"must be one of .*\.png.*\.svg"):
        check_picture_path(tmp_path / name)
    with pytest.raises(ValueError, match=r"must be one of"):
        save_picture(plot_communities(*groups), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        check_picture_path(tmp_path / "none" / "picture.png")


def test_nothing_is_left_when_saving_fails(tmp_path, groups, monkeypatch):
    ax = plot_communities(*groups)

    def fail(path, **options):
        path.write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(ax.figure, "savefig", fail)
    with pytest.raises(KeyboardInterrupt):
        save_picture(ax, tmp_path / "picture.png")
    assert list(tmp_path.iterdir()) == []


def test_palette():
    colors = module_colors(30)
    assert len(np.unique(colors[: len(PALETTE)], axis=0)) == len(PALETTE)
    grey = colors[len(PALETTE) :]
    assert (grey == grey[0]).all()
    assert np.ptp(grey[0]) < 0.05
    assert len(module_colors(1)) == 1


# Linear RGB as people with protanopia and deuteranopia see it (Machado,
# Oliveira, Fernandes 2009), and linear RGB to OKLab (Ottosson 2020).
VISIONS = {
    "trichromacy": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
TO_LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(("n_colors", "distance"), [(8, 0.08), (20, 0.03)])
def test_palette_is_told_apart(vision, n_colors, distance):
    rgb = module_colors(n_colors)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(VISIONS[vision]), 0, 1)
    lab = np.cbrt(seen @ np.transpose(TO_LMS)) @ np.transpose(TO_LAB)
    apart = np.sqrt(((lab[:, None] - lab) ** 2).sum(axis=-1))
    np.fill_diagonal(apart, 1)
    assert apart.min() > distance
