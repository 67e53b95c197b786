"""Pictures of communities: every node, or a map of the modules where that is too many."""

from toolbox.graph import as_graph
from toolbox.plot._discs import count, draw, parts_of, write_titles


def plot_communities(
    graph, result, ax=None, *, kind=None, name="", max_nodes=2000, max_links=30_000
):
    """Draw a graph by its communities.

    Each module is a disc; modules with much flow between them stand side by
    side.  A *network* shows the nodes inside the discs, their area by flow,
    with the links inside a module in its colour and the others in grey.  A
    *map* shows the discs alone, their area by flow, with the number of the
    module in ``labels_`` and its most visited node, and one link between two
    modules, its width by the flow along it.  The same input gives the same
    picture.

    Parameters
    ----------
    graph : Graph, sparse matrix, array-like, networkx or igraph graph, or path
        Anything that :func:`~toolbox.graph.as_graph` takes.
    result : estimator
        Fitted on the graph: ``labels_``, ``flow_``, ``node_names_``,
        ``codelength_`` and ``n_modules_`` are read.
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
    """
    parts = parts_of(as_graph(graph), result, result.labels_)
    ax = draw(ax, parts, kind, max_nodes, max_links)
    found = f"{count(result.n_modules_, 'module')}, {result.codelength_:.3f} bits a step"
    write_titles(ax, name, found, parts)
    return ax
