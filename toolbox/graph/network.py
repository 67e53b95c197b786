"""The one form that graphs have inside: rows of weighted links."""

import os
import sys
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from toolbox.graph._csr import is_symmetric


@dataclass(frozen=True, eq=False)
class Graph:
    """A weighted graph as sorted rows of links without repeats.

    Undirected graphs hold each link in both rows, a self-loop once.  Made by
    :func:`from_edges`, :func:`as_graph` or :func:`~toolbox.graph.read_graph`,
    which check the parts; the arrays may be the caller's own and are never
    written to.

    Attributes
    ----------
    indptr : ndarray of shape (n_nodes + 1,), int64
        Row ``i`` is ``indices[indptr[i]:indptr[i + 1]]``.
    indices : ndarray of shape (n_entries,), int32
        Where each link leads.
    weights : ndarray of shape (n_entries,), float64
        Finite and positive.
    directed : bool
        Whether a row holds the links that leave a node, or all of its links.
    names : list of str, ndarray or None
        What the user calls the nodes; None where the numbers are the names.
    """

    indptr: np.ndarray
    indices: np.ndarray
    weights: np.ndarray
    directed: bool
    names: list | np.ndarray | None = None

    @property
    def n_nodes(self):
        """Number of nodes, isolated ones included."""
        return len(self.indptr) - 1

    @property
    def n_links(self):
        """Number of links; an undirected link counts once."""
        if self.directed:
            return len(self.indices)
        rows = np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.indptr))
        loops = int(np.count_nonzero(rows == self.indices))
        return (len(self.indices) + loops) // 2

    def to_scipy(self):
        """Adjacency matrix, without a copy of the links.

        Returns
        -------
        scipy.sparse.csr_array of shape (n_nodes, n_nodes)
        """
        shape = (self.n_nodes, self.n_nodes)
        indptr = self.indptr
        if len(self.indices) <= np.iinfo(np.int32).max:
            indptr = indptr.astype(np.int32)  # scipy would widen the indices instead
        return sparse.csr_array((self.weights, self.indices, indptr), shape=shape)


def from_edges(edges, weights=None, *, n_nodes=None, directed=False, names=None):
    """Make a graph from a list of links.

    Repeated links add their weights.  In an undirected graph ``(i, j)`` and
    ``(j, i)`` are the same link and add up too.  Links of weight zero are
    dropped, their nodes stay.

    Parameters
    ----------
    edges : array-like of shape (n_edges, 2) or (n_edges, 3)
        Node numbers of each link, from 0; a third column holds weights.
    weights : array-like of shape (n_edges,), default=None
        Weights, if they are not the third column; 1 if there are none.
    n_nodes : int, default=None
        Number of nodes; the largest node number plus one by default.
    directed : bool, default=False
        Whether links go from the first to the second node only.
    names : sequence of length n_nodes, default=None
        Names of the nodes.

    Returns
    -------
    Graph

    Raises
    ------
    ValueError
        Negative, fractional or too large node numbers; weights that are
        negative, infinite or not a number.
    """
    source, target, weights = _edge_columns(edges, weights)
    n_nodes = _n_nodes(source, target, n_nodes, names)
    shape = (n_nodes, n_nodes)
    if n_nodes <= np.iinfo(np.int32).max:  # what follows is bound by memory
        source, target = source.astype(np.int32), target.astype(np.int32)
    if not directed:
        both = np.flatnonzero(source != target)
        source, target = np.append(source, target[both]), np.append(target, source[both])
        weights = np.append(weights, weights[both])
    matrix = sparse.coo_array((weights, (source, target)), shape=shape).tocsr()
    return _graph_of(matrix, bool(directed), names)


def as_graph(X, directed=None):
    """Bring any accepted form of a graph into rows of links.

    Parameters
    ----------
    X : Graph, sparse matrix, array-like, networkx or igraph graph, or path
        A square array or sparse matrix is an adjacency matrix (row: from,
        column: to), an array of shape (n_edges, 2) or (n_edges, 3) a list of
        links, a path a file for :func:`~toolbox.graph.read_graph`.  The edge
        attribute ``weight`` of a networkx or igraph graph counts, and the
        vertex attribute ``name`` of an igraph graph.
    directed : bool or None, default=None
        None: directed for a directed networkx or igraph graph and an asymmetric
        matrix, undirected for the rest.

    Returns
    -------
    Graph

    Raises
    ------
    TypeError
        For a form that is none of these, such as layers before ``to_states``.
    ValueError
        For ``directed=False`` with an asymmetric matrix, for weights that are
        negative, infinite or not a number, and for malformed arrays.
    """
    if isinstance(X, (str, os.PathLike)):
        from toolbox.graph.reading import read_graph

        X = read_graph(X, directed=directed)
    if hasattr(X, "to_states"):
        raise TypeError("layers are no graph yet: pass network.to_states(), or them to InfoMap")
    if isinstance(X, Graph):
        return _with_direction(X, directed)
    if is_igraph(X):
        return _with_direction(_from_igraph(X), directed)
    names = None
    if is_networkx(X):
        X, directed, names = _from_networkx(X, directed)
    if not sparse.issparse(X):
        X = _as_array(X)
        if X.shape[0] != X.shape[1]:
            return from_edges(X, directed=bool(directed))
        X = sparse.csr_array(X)
    if X.ndim != 2 or X.shape[0] != X.shape[1]:
        raise ValueError(f"a sparse graph must be a square matrix, got shape {X.shape}")
    return _with_direction(_graph_of(X.tocsr(), None, names), directed)


def _with_direction(graph, directed):
    """The graph with ``directed`` settled: as given, or as the matrix shows."""
    if graph.directed is not None and (directed is None or directed == graph.directed):
        return graph
    if not directed and graph.directed is not False:
        weights = graph.weights
        alike = bool(len(weights)) and weights.min() == weights.max()
        symmetric = is_symmetric(graph.indptr, graph.indices, weights, 1e-8, alike)
        if directed is False and not symmetric:
            raise ValueError(
                "directed=False needs a symmetric matrix, got an asymmetric one; "
                "pass A + A.T to add up both directions, or directed=True"
            )
        directed = not symmetric
    return replace(graph, directed=bool(directed))


def _graph_of(matrix, directed, names):
    """Checked rows of a CSR matrix; copies only what must change."""
    if matrix.dtype.kind not in "biuf":
        raise ValueError(f"weights must be real numbers, got dtype {matrix.dtype}")
    if not matrix.has_canonical_format:
        matrix = matrix.astype(np.float64)  # a copy, and small integers could overflow
        matrix.sum_duplicates()
    weights = matrix.data.astype(np.float64, copy=False)
    if weights.size:
        low = weights.min()  # NaN if there is one
        if not (low >= 0 and weights.max() < np.inf):
            what = "NaN" if np.isnan(low) else "Negative" if low < 0 else "Infinite"
            raise ValueError(f"{what} values in data: weights must be finite and not negative")
        if low == 0:
            matrix = sparse.csr_array((weights, matrix.indices, matrix.indptr), matrix.shape)
            matrix = matrix.copy()
            matrix.eliminate_zeros()
            weights = matrix.data
    if matrix.shape[0] > np.iinfo(np.int32).max:
        raise ValueError(f"at most 2**31 - 1 nodes, got {matrix.shape[0]}")
    indptr = matrix.indptr.astype(np.int64, copy=False)
    return Graph(indptr, matrix.indices.astype(np.int32, copy=False), weights, directed, names)


def is_networkx(X):
    """Whether X is a networkx graph; does not import networkx."""
    # A networkx graph can only come from a program that has imported it.
    networkx = sys.modules.get("networkx")
    return networkx is not None and isinstance(X, networkx.Graph)


def is_igraph(X):
    """Whether X is an igraph graph; does not import igraph."""
    igraph = sys.modules.get("igraph")
    return igraph is not None and isinstance(X, getattr(igraph, "Graph", ()))


def _from_igraph(X):
    edges = np.array(X.get_edgelist(), np.int64).reshape(-1, 2)
    weights = X.es["weight"] if X.is_weighted() else None
    names = X.vs["name"] if X.is_named() else None
    if weights and None in weights:
        raise ValueError(f"edge {weights.index(None)} has no weight; give all edges one, or none")
    return from_edges(edges, weights, n_nodes=X.vcount(), directed=X.is_directed(), names=names)


def _from_networkx(X, directed):
    import networkx

    names = list(X.nodes)
    if not names:
        raise ValueError("the graph has no nodes")
    matrix = networkx.to_scipy_sparse_array(X, dtype=np.float64, format="csr")
    return matrix, X.is_directed() if directed is None else directed, names


def _as_array(X):
    """A two-dimensional array that is square or a list of links."""
    if isinstance(X, (bytes, dict, set)) or not hasattr(X, "__len__"):
        raise TypeError(
            "a graph must be a sparse matrix, an array, a networkx or igraph graph or a path, "
            f"got {type(X).__name__}"
        )
    array = np.asarray(X)
    if array.dtype == object:
        array = array.astype(np.float64)
    if array.ndim != 2:
        raise ValueError(
            f"a graph must be a two-dimensional array, got {array.ndim} dimension(s); "
            "Reshape your data into (n_nodes, n_nodes) or (n_edges, 2)"
        )
    if array.shape[0] != array.shape[1] and array.shape[1] not in (2, 3):
        raise ValueError(
            "an array must be square (an adjacency matrix) or of shape (n_edges, 2) or "
            f"(n_edges, 3), got {array.shape}"
        )
    return array


def _edge_columns(edges, weights):
    """Source, target and weight arrays of a list of links."""
    edges = np.asarray(edges)
    if edges.ndim != 2 or edges.shape[1] not in (2, 3):
        raise ValueError(f"edges must have shape (n_edges, 2) or (n_edges, 3), got {edges.shape}")
    if edges.dtype.kind not in "biuf":
        raise ValueError(f"edges must be numbers, got dtype {edges.dtype}")
    if edges.shape[1] == 3:
        if weights is not None:
            raise ValueError("weights are given twice: as an argument and as the third column")
        weights = edges[:, 2]
    ids = edges[:, :2]
    if ids.dtype.kind == "f" and not (np.isfinite(ids) & (ids == np.floor(ids))).all():
        raise ValueError("node numbers must be whole, got fractions, NaN or infinity")
    if ids.size and ids.min() < 0:
        raise ValueError(f"node numbers must not be negative, got {ids.min()}")
    if weights is None:
        weights = np.ones(len(edges))
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (len(edges),):
        raise ValueError(f"weights must have shape ({len(edges)},), got {weights.shape}")
    return ids[:, 0].astype(np.int64), ids[:, 1].astype(np.int64), weights


def _n_nodes(source, target, n_nodes, names):
    """Number of nodes, checked against the node numbers and the names."""
    top = int(max(source.max(), target.max())) + 1 if len(source) else 0
    if n_nodes is None:
        n_nodes = top if names is None else len(names)
        if names is None and top > 1_000_000 and top > 1000 * len(source):
            raise ValueError(
                f"node numbers reach {top - 1} for {len(source)} links; number the nodes "
                "without gaps (numpy.unique with return_inverse=True does), or give n_nodes"
            )
    if n_nodes < 1:
        raise ValueError("the graph has no nodes")
    if top > n_nodes:
        raise ValueError(f"node numbers must be below n_nodes={n_nodes}, got {top - 1}")
    if names is not None and len(names) != n_nodes:
        raise ValueError(f"names must have one name per node: {n_nodes}, got {len(names)}")
    return n_nodes
