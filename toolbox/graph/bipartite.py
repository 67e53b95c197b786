"""Networks of nodes of two kinds, with links between the kinds only."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from scipy import sparse

from toolbox.graph.network import Graph, as_graph, from_edges, is_networkx


@dataclass(frozen=True, eq=False, kw_only=True)
class BipartiteNetwork(Graph):
    """A graph of primary nodes and features, with links between the two kinds only.

    Made by :func:`from_bipartite` or :func:`~toolbox.graph.read_graph`.

    Attributes
    ----------
    n_primary : int
        Number of primary nodes; the nodes from ``n_primary`` on are features.

    See Also
    --------
    Graph : the other attributes.
    """

    n_primary: int


def from_bipartite(links, weights=None, *, n_primary=None, directed=None, names=None):
    """Make a bipartite network.

    Parameters
    ----------
    links : array-like, sparse matrix or networkx graph
        With ``n_primary`` a list of links as in :func:`from_edges`, between
        primary nodes with numbers below ``n_primary`` and features from there
        on.  Without it a matrix of shape (n_primary, n_features) that holds
        weights, or a networkx graph whose primary nodes have the attribute
        ``bipartite=0`` and its features ``bipartite=1``.
    weights : array-like of shape (n_links,), default=None
        Weights of a list of links, if they are not its third column.
    n_primary : int, default=None
        Number of primary nodes.
    directed : bool or None, default=None
        Whether links go one way; those of a matrix then lead to the features.
        None: for a directed networkx graph.
    names : sequence of length n_nodes, default=None
        Names of the primary nodes, then of the features.

    Returns
    -------
    BipartiteNetwork

    Raises
    ------
    ValueError
        For links between nodes of the same kind, and as :func:`from_edges`.
    """
    if is_networkx(links):
        graph = as_graph(links, directed)
        kinds = np.array([links.nodes[name].get("bipartite", -1) for name in graph.names])
        if not np.isin(kinds, (0, 1)).all():
            raise ValueError("each node needs the attribute bipartite, 0 (primary) or 1 (feature)")
        order, n_primary = np.argsort(kinds, kind="stable"), int((kinds == 0).sum())
        matrix = graph.to_scipy()[order][:, order].tocoo()
        directed, weights = graph.directed, matrix.data
        names = [graph.names[row] for row in order] if names is None else names
        links = np.column_stack([matrix.row, matrix.col])
        if not directed:
            once = links[:, 0] <= links[:, 1]
            links, weights = links[once], weights[once]
        return as_bipartite(
            from_edges(links, weights, n_nodes=graph.n_nodes, directed=directed, names=names),
            n_primary,
        )
    n_nodes = None
    if n_primary is None:
        if weights is not None:
            raise ValueError("weights go with a list of links, which needs n_primary")
        matrix = sparse.coo_array(links if sparse.issparse(links) else np.asarray(links))
        if matrix.ndim != 2:
            raise ValueError("a matrix must have the shape (n_primary, n_features)")
        n_primary, n_nodes = matrix.shape[0], sum(matrix.shape)
        links, weights = np.column_stack([matrix.row, matrix.col + n_primary]), matrix.data
    graph = from_edges(links, weights, n_nodes=n_nodes, directed=bool(directed), names=names)
    return as_bipartite(graph, n_primary)


def as_bipartite(graph, n_primary):
    """Take a graph whose first nodes are primary for a bipartite network.

    Parameters
    ----------
    graph : Graph
    n_primary : int

    Returns
    -------
    BipartiteNetwork

    Raises
    ------
    ValueError
        If a link is between two nodes of the same kind.
    """
    if not (isinstance(n_primary, Integral) and 1 <= n_primary <= graph.n_nodes):
        raise ValueError(
            f"n_primary must be a whole number from 1 to {graph.n_nodes}, got {n_primary!r}"
        )
    source = np.repeat(np.arange(graph.n_nodes, dtype=np.int32), np.diff(graph.indptr))
    alike = np.flatnonzero((source < n_primary) == (graph.indices < n_primary))
    if len(alike):
        ends = source[alike[0]], graph.indices[alike[0]]
        ends = ends if graph.names is None else [graph.names[row] for row in ends]
        raise ValueError(
            f"the link {ends[0]} - {ends[1]} is between two "
            f"{'primary nodes' if source[alike[0]] < n_primary else 'features'}; "
            "links must be between a primary node and a feature"
        )
    return BipartiteNetwork(
        graph.indptr,
        graph.indices,
        graph.weights,
        graph.directed,
        graph.names,
        n_primary=int(n_primary),
    )
