"""Pictures of certainty: pale where modules and nodes do not come again."""

from dataclasses import replace

import numpy as np
import pytest

from toolbox.datasets import make_planted_partition
from toolbox.graph import InfoMap, from_edges
from toolbox.plot import plot_certainty, plot_communities, save_picture


def artist(ax, gid):
    (found,) = [one for one in ax.collections if one.get_gid() == gid]
    return found


@pytest.fixture(scope="module")
def fitted():
    graph, _ = make_planted_partition(60, 4, 0.7, 0.02, random_state=0)
    model = InfoMap(random_state=0).fit(graph)
    certainty = model.significance(20)
    assert certainty.n_significant == 4
    membership = np.linspace(0, 1, 60)
    significant = np.array([True, False, True, False])
    set_apart = np.array([1.0, 0.25, 0.95, 0.5])
    doubtful = replace(
        certainty, membership=membership, significant=significant, set_apart=set_apart
    )
    return graph, model, doubtful


@pytest.mark.parametrize("kind", ["network", "map"])
def test_title_and_legend(fitted, kind):
    graph, model, certainty = fitted
    ax = plot_certainty(graph, model, certainty, kind=kind, name="Planted")
    assert ax.get_title("left") == "Planted: 2 of 4 modules significant"
    assert ax.get_title("right").endswith("links, 20 bootstraps")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[:2] == ["significant module", "not significant"]
    assert any(text.startswith("50%") for text in texts) == (kind == "network")
    assert plot_certainty(graph, model, certainty).get_title("left").startswith("2 of 4")


@pytest.mark.parametrize("kind", ["network", "map"])
def test_doubtful_modules_have_dashed_rims(fitted, kind):
    graph, model, certainty = fitted
    lines = artist(plot_certainty(graph, model, certainty, kind=kind), "modules").get_linestyle()
    assert [dashes is None for _, dashes in lines] == [True, False, True, False]


def test_nodes_fade_with_their_membership(fitted):
    graph, model, certainty = fitted
    plain = artist(plot_communities(graph, model), "nodes").get_facecolors()[:, :3]
    faded = artist(plot_certainty(graph, model, certainty), "nodes").get_facecolors()[:, :3]
    strength = ((1 - faded) / (1 - plain)).mean(axis=1)
    np.testing.assert_allclose(strength, 0.12 + 0.88 * certainty.membership)


def test_modules_fade_on_the_map(fitted):
    graph, model, certainty = fitted
    plain, faded = (
        artist(ax, "modules").get_facecolors()[:, :3]
        for ax in (
            plot_communities(graph, model, kind="map"),
            plot_certainty(graph, model, certainty, kind="map"),
        )
    )
    strength = ((1 - faded) / (1 - plain)).mean(axis=1)
    mean = np.bincount(model.labels_, 0.12 + 0.88 * certainty.membership) / 15
    np.testing.assert_allclose(strength, np.where(certainty.significant, mean, 0.25))


def test_the_map_says_how_often(fitted):
    graph, model, certainty = fitted
    texts = {text.get_text() for text in plot_certainty(graph, model, certainty, kind="map").texts}
    assert texts == {f"{m}\n15 nodes\n{s}" for m, s in enumerate(["100%", "25%", "95%", "50%"])}


def test_places_are_those_of_the_communities(fitted, tmp_path):
    graph, model, certainty = fitted
    for kind in ("network", "map"):
        one = plot_communities(graph, model, kind=kind)
        other = plot_certainty(graph, model, certainty, kind=kind)
        places = (artist(ax, "modules").get_offsets() for ax in (one, other))
        np.testing.assert_array_equal(*places)
        first = save_picture(other, tmp_path / "a.png").read_bytes()
        again = plot_certainty(graph, model, certainty, kind=kind)
        assert save_picture(again, tmp_path / "b.png").read_bytes() == first


def test_more_modules_than_discs():
    graph, _ = make_planted_partition(600, 150, 1.0, 0, random_state=0)
    model = InfoMap(random_state=0).fit(graph)
    ax = plot_certainty(graph, model, model.significance(5), kind="map")
    assert len(artist(ax, "modules").get_offsets()) == 100
    ax.figure.canvas.draw()


@pytest.mark.parametrize("kind", ["network", "map"])
@pytest.mark.parametrize("edges", [np.empty((0, 2), int), [[0, 1]], [[0, 1], [1, 2], [2, 2]]])
def test_odd_graphs(edges, kind):
    graph = from_edges(edges, n_nodes=5)
    model = InfoMap(random_state=0).fit(graph)
    ax = plot_certainty(graph, model, model.significance(5), kind=kind)
    assert ax.get_title("left").startswith("0 of")
    ax.figure.canvas.draw()


def test_on_given_axes_and_of_another_graph(fitted):
    from matplotlib.figure import Figure

    graph, model, certainty = fitted
    axes = Figure().subplots()
    assert plot_certainty(graph, model, certainty, axes) is axes
    with pytest.raises(ValueError, match="the graph has 2"):
        plot_certainty(from_edges([[0, 1]]), model, certainty)
    with pytest.raises(ValueError, match="kind must be"):
        plot_certainty(graph, model, certainty, kind="tree")
