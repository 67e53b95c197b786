"""Networks of several layers, which the same nodes are in."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from toolbox.graph._layers import joined_links, relaxed_links
from toolbox.graph.network import Graph, _n_nodes, as_graph, is_igraph, is_networkx
from toolbox.graph.states import StateNetwork


@dataclass(frozen=True, eq=False)
class MultilayerNetwork:
    """Links inside layers, and perhaps between layers; a node may be in several.

    Made by :func:`from_layers` or :func:`~toolbox.graph.read_graph`, which check
    the parts.  Layers are whole numbers, maybe with gaps.

    Attributes
    ----------
    intra : ndarray of shape (n_links, 3), int64
        Layer, source and target of each link inside a layer.
    intra_weights : ndarray of shape (n_links,), float64
    inter : ndarray of shape (n_inter, 3), int64, or None
        Layer, node and other layer of each link between layers.
    inter_weights : ndarray of shape (n_inter,), float64, or None
    n_nodes : int
        Number of physical nodes.
    names : list, ndarray or None
        What the user calls them; None where the numbers are the names.
    directed : bool or None
        Whether links go one way; None leaves it to :meth:`to_states`.
    """

    intra: np.ndarray
    intra_weights: np.ndarray
    inter: np.ndarray | None
    inter_weights: np.ndarray | None
    n_nodes: int
    names: list | np.ndarray | None = None
    directed: bool | None = None

    @property
    def layers(self):
        """Numbers of the layers, in ascending order."""
        return np.unique(self.intra[:, 0])

    def to_states(self, relax_rate=0.15, relax_limit=None, directed=None):
        """Make the state network whose states are nodes in layers.

        Without links between layers the walker relaxes: with the probability
        ``relax_rate`` its next link is one of the node in any layer, else in
        the same layer, in proportion to weights [1]_.  Then there are up to as
        many links between states as links in layers, times the layers.  With
        links between layers, these are followed as the other links are, to
        where the node's links in the other layer lead, and nothing relaxes.

        Parameters
        ----------
        relax_rate : float, default=0.15
            From 0, where layers stay apart, to 1.
        relax_limit : int or (int, int), default=None
            By how much the number of the layer may rise and fall in a step;
            None, also in the place of one of the two, for any.
        directed : bool or None, default=None
            Whether links go one way; None: as the network says, else both ways.
            The walk between states is directed in any case.

        Returns
        -------
        StateNetwork
            Directed, in order of node, then layer.

        Raises
        ------
        ValueError
            For parameters out of range, and for ``directed=False`` if the
            network is directed.
        MemoryError
            Before the links between states fill the memory.

        References
        ----------
        .. [1] De Domenico, Lancichinetti, Arenas, Rosvall (2015), Physical
           Review X 5, 011027.  doi:10.1103/PhysRevX.5.011027
        """
        if not (isinstance(relax_rate, Real) and 0 <= relax_rate <= 1):
            raise ValueError(f"relax_rate must be a number in [0, 1], got {relax_rate!r}")
        limits = _limits(relax_limit)
        if directed not in (None, True, False):
            raise ValueError(f"directed must be None, True or False, got {directed!r}")
        if self.directed and directed is False:
            raise ValueError(
                "directed=False needs an undirected network, got a directed one; make it by "
                "from_layers(..., directed=False), which checks that links go both ways"
            )
        two_way = not (directed if self.directed is None else self.directed)
        real = self.intra_weights > 0
        intra, weights = self.intra[real], self.intra_weights[real]
        if not len(intra):
            raise ValueError("all links in layers have the weight zero; give some a larger one")
        if self.inter is None:
            matrix, layers, nodes = relaxed_links(
                intra, weights, two_way, float(relax_rate), limits
            )
        else:
            real = self.inter_weights > 0
            inter, inter_weights = self.inter[real], self.inter_weights[real]
            matrix, layers, nodes = joined_links(intra, weights, inter, inter_weights, two_way)
        names = self.names
        if names is None and nodes[-1] < self.n_nodes - 1:
            names = np.arange(self.n_nodes)  # the last nodes are in no layer
        graph = as_graph(matrix, directed=True)
        return StateNetwork(
            graph.indptr,
            graph.indices,
            graph.weights,
            True,
            physical=nodes.astype(np.int32),
            physical_names=names,
            layers=layers,
        )


def from_layers(intra, inter=None, *, n_nodes=None, names=None, directed=None):
    """Make a network of several layers.

    Parameters
    ----------
    intra : list or dict of graphs, or array-like of shape (n_links, 3) or (n_links, 4)
        A graph for each layer, in any form that :func:`as_graph` takes; a list
        has the layers 0, 1, 2, ..., a dict has their numbers as keys.  Nodes of
        the same name, or number without names, are the same node.  Or a list
        of links with layer, source, target and perhaps weight.
    inter : array-like of shape (n_inter, 3) or (n_inter, 4), default=None
        Links between layers: layer, node, other layer and perhaps weight.  The
        nodes are called by their names if the graphs have names.
    n_nodes : int, default=None
        Number of nodes; the largest node number plus one by default.
    names : sequence of length n_nodes, default=None
        Names of the nodes, if the graphs have none.
    directed : bool or None, default=None
        Whether links go one way.  None: if the graph of any layer is directed;
        left open for a list of links.

    Returns
    -------
    MultilayerNetwork

    Raises
    ------
    TypeError
        For layers that are not whole numbers.
    ValueError
        For malformed arrays, links between a layer and itself in ``inter``, and
        as :func:`as_graph`.
    """
    if directed not in (None, True, False):
        raise ValueError(f"directed must be None, True or False, got {directed!r}")
    if isinstance(intra, dict) or not _is_links(intra):
        layers = dict(intra) if isinstance(intra, dict) else dict(enumerate(intra))
        intra, weights, found, n_found, directed = _stacked(layers, directed)
        if found is not None:
            if names is not None:
                raise ValueError("names are given twice: as an argument and by the graphs")
            names, rows = found, {name: row for row, name in enumerate(found)}
            if inter is not None:
                inter = [(a, _row(node, rows), *rest) for a, node, *rest in inter]
        n_nodes = n_found if n_nodes is None and names is None else n_nodes
    else:
        intra, weights = _link_columns(intra, "intra", "(layer, source, target[, weight])")
    if not len(intra):
        raise ValueError("no links in layers; expected rows (layer, source, target[, weight])")
    inter_weights = None
    if inter is not None and len(inter):
        inter, inter_weights = _link_columns(inter, "inter", "(layer, node, layer[, weight])")
        inside = np.flatnonzero(inter[:, 0] == inter[:, 2])
        if len(inside):
            raise ValueError(
                f"inter[{inside[0]}] is between layer {inter[inside[0], 0]} and itself; "
                "links inside a layer belong to intra"
            )
    else:
        inter = None
    nodes = intra[:, 1:].ravel() if inter is None else np.append(intra[:, 1:], inter[:, 1])
    n_nodes = _n_nodes(nodes, nodes, n_nodes, names)
    return MultilayerNetwork(intra, weights, inter, inter_weights, n_nodes, names, directed)


def _is_links(intra):
    """Whether it is a list of links and not of graphs."""
    if isinstance(intra, np.ndarray):
        return intra.ndim != 3
    if not isinstance(intra, (list, tuple)):
        raise TypeError(
            "layers must be a list or dict of graphs, or an array of links, "
            f"got {type(intra).__name__}"
        )
    first = intra[0] if intra else None
    graph = isinstance(first, (Graph, str)) or is_networkx(first) or is_igraph(first)
    return not graph and not hasattr(first, "tocsr") and np.ndim(first) == 1


def _stacked(layers, directed):
    """Links of graphs with their layers, weights, names and number of nodes, and directed."""
    bad = next((k for k in layers if not (isinstance(k, Integral) and k >= 0)), None)
    if bad is not None:
        raise TypeError(f"layers must be whole numbers from 0, got {bad!r}; number them")
    graphs = {layer: as_graph(graph, directed) for layer, graph in layers.items()}
    if directed is None:
        directed = any(graph.directed for graph in graphs.values())
    named = any(graph.names is not None for graph in graphs.values())
    rows, links, weights = {}, [], []
    for layer, graph in graphs.items():
        source = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
        once = slice(None) if directed else source <= graph.indices
        ends = source[once], graph.indices[once]
        if named:
            names = range(graph.n_nodes) if graph.names is None else graph.names
            row = np.array([rows.setdefault(name, len(rows)) for name in names], np.int64)
            ends = row[ends[0]], row[ends[1]]
        links.append(np.column_stack([np.full(len(ends[0]), layer), *ends]))
        weights.append(graph.weights[once])
    if not graphs:
        raise ValueError("no layers; give a graph for each")
    n_nodes = len(rows) if named else max(graph.n_nodes for graph in graphs.values())
    names = list(rows) if named else None
    return np.concatenate(links).astype(np.int64), np.concatenate(weights), names, n_nodes, directed


def _row(node, rows):
    if node not in rows:
        raise ValueError(f"node {node!r} of a link between layers is in no layer")
    return rows[node]


def _link_columns(links, what, columns):
    """Numbers and weights of links with layers."""
    links = np.asarray(links)
    if links.ndim != 2 or links.shape[1] not in (3, 4) or links.dtype.kind not in "biuf":
        raise ValueError(
            f"{what} must have rows of numbers {columns}, got shape {links.shape} of {links.dtype}"
        )
    ids = links[:, :3]
    if ids.dtype.kind == "f" and not (np.isfinite(ids) & (ids == np.floor(ids))).all():
        raise ValueError(f"layers and nodes of {what} must be whole numbers")
    if ids.size and ids.min() < 0:
        raise ValueError(f"layers and nodes of {what} must not be negative, got {ids.min()}")
    weights = links[:, 3].astype(np.float64) if links.shape[1] == 4 else np.ones(len(links))
    if weights.size and not (weights.min() >= 0 and weights.max() < np.inf):
        raise ValueError(f"weights of {what} must be finite and not negative")
    return ids.astype(np.int64), weights


def _limits(relax_limit):
    """How far layers may rise and fall."""
    pair = relax_limit if isinstance(relax_limit, (tuple, list)) else (relax_limit, relax_limit)
    if len(pair) != 2 or not all(
        limit is None or (isinstance(limit, Integral) and limit >= 0) for limit in pair
    ):
        raise ValueError(
            "relax_limit must be a whole number from 0, a pair (up, down) of them, or None, "
            f"got {relax_limit!r}"
        )
    return tuple(pair)
