"""Pictures of how certain communities are."""

from dataclasses import replace

import numpy as np

from toolbox.graph import as_graph
from toolbox.plot._discs import DISC, DOUBTFUL, PALE, draw, faded, parts_of, write_titles
from toolbox.plot.palette import INK, PALETTE

FAINTEST = 0.12  # colour of a node that is never in its module


def plot_certainty(
    graph, result, certainty, ax=None, *, kind=None, name="", max_nodes=2000, max_links=30_000
):
    """Draw a graph by its communities, the uncertain ones pale.

    The picture of :func:`plot_communities`, in which modules that are not
    significant have a dashed rim.  In a network the colour of a node fades with
    its membership; on a map the colour of a significant module fades with the
    mean of its nodes, the others are pale, and each says in how many of the
    bootstraps it was set apart.

    Parameters
    ----------
    graph : Graph, sparse matrix, array-like, networkx graph or path
        Anything that :func:`~toolbox.graph.as_graph` takes.
    result : estimator
        Fitted on the graph: ``flow_`` and ``node_names_`` are read.
    certainty : toolbox.graph.Certainty
        What ``result.significance()`` gave; its ``labels`` are drawn.
    ax : matplotlib.axes.Axes, default=None
        Where to draw; on a new figure by default.
    kind : {"network", "map"}, default=None
        None: a network up to ``max_nodes`` and ``max_links``, else a map.
    name : str, default=""
        What to call the graph in the title.
    max_nodes, max_links : int
        Up to which size every node is drawn.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If graph, result and certainty are not of the same nodes.
    """
    parts = parts_of(as_graph(graph), result, certainty.labels)
    parts = replace(
        parts,
        strength=FAINTEST + (1 - FAINTEST) * certainty.membership,
        certain=certainty.significant[parts.label],
        notes=[f"{share:.0%}" for share in certainty.set_apart[parts.label]],
    )
    ax = draw(ax, parts, kind, max_nodes, max_links)
    found = f"{certainty.n_significant:,} of {certainty.n_modules:,} modules significant"
    write_titles(ax, name, found, parts, f"{certainty.n_boot:,} bootstraps")
    network = any(artist.get_gid() == "nodes" for artist in ax.collections)
    _write_legend(ax, network)
    return ax


def _write_legend(ax, network):
    """What rims and colours mean, below the picture."""
    from matplotlib.colors import to_rgb
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    color = np.array([to_rgb(PALETTE[0])])
    fills = faded(np.repeat(color, 2, axis=0), [DISC, DOUBTFUL] if network else [1, PALE])
    handles = [
        Patch(facecolor=fill, edgecolor=color[0], linestyle=line, label=label)
        for fill, line, label in zip(
            fills, ["-", (0, (3, 2))], ["significant module", "not significant"], strict=True
        )
    ]
    if network:
        for share in (1, 0.5, 0):
            fill = faded(color, FAINTEST + (1 - FAINTEST) * share)[0]
            style = dict(color="none", marker="o", markersize=7, markeredgecolor=color[0])
            label = f"{share:.0%}" + " of the bootstraps in its module" * (share == 0)
            handles.append(Line2D([], [], markerfacecolor=fill, label=label, **style))
    else:
        label = "%: how often set apart in the bootstraps"
        handles.append(Line2D([], [], color="none", label=label))
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        borderaxespad=0.2,
        ncols=len(handles),
        frameon=False,
        labelcolor=INK,
        fontsize=9,
        handletextpad=0.5,
        columnspacing=1.5,
    )
