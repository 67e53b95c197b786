"""Networks whose nodes are states of physical nodes."""

from dataclasses import dataclass
from itertools import chain
from numbers import Integral

import numpy as np
from scipy import sparse

from toolbox.graph.network import Graph, as_graph, from_edges, is_networkx


@dataclass(frozen=True, eq=False, kw_only=True)
class StateNetwork(Graph):
    """A graph whose nodes are states of physical nodes.

    The walk goes over states; a module has one word for all states of the same
    physical node in it [1]_.  Memory, layers and time make states.  Made by
    :func:`from_states`, :func:`from_paths`, :meth:`MultilayerNetwork.to_states
    <toolbox.graph.MultilayerNetwork.to_states>` or
    :func:`~toolbox.graph.read_graph`.

    Attributes
    ----------
    physical : ndarray of shape (n_states,), int32
        Row of the physical node of each state.
    physical_names : list, ndarray or None
        What the user calls the physical nodes, those without states too; None
        where the rows are the names.
    layers : ndarray of shape (n_states,), int64, or None
        Number of the layer of each state, if states are in layers.

    See Also
    --------
    Graph : the other attributes; ``names`` are those of the states.

    References
    ----------
    .. [1] Edler, Bohlin, Rosvall (2017), Algorithms 10(4), 112.
       doi:10.3390/a10040112
    """

    physical: np.ndarray
    physical_names: list | np.ndarray | None = None
    layers: np.ndarray | None = None

    @property
    def n_physical(self):
        """Number of physical nodes, those without states included."""
        if self.physical_names is not None:
            return len(self.physical_names)
        return int(self.physical.max()) + 1


def from_states(
    links, physical, weights=None, *, directed=None, names=None, physical_names=None, layers=None
):
    """Make a state network from links between states.

    Parameters
    ----------
    links : array-like of shape (n_links, 2) or (n_links, 3), sparse matrix, Graph or networkx graph
        Links between states, numbered from 0 in the order of ``physical``; an
        array is a list of links as in :func:`from_edges`, never a matrix.
    physical : array-like of shape (n_states,)
        Physical node of each state: numbers from 0, or names.
    weights : array-like of shape (n_links,), default=None
        Weights of an array of links, if they are not its third column.
    directed : bool or None, default=None
        As in :func:`as_graph`.
    names : sequence of length n_states, default=None
        Names of the states.
    physical_names : sequence of length n_physical, default=None
        Names of the physical nodes, if ``physical`` are numbers.
    layers : array-like of shape (n_states,), default=None
        Layer of each state, a whole number from 0.

    Returns
    -------
    StateNetwork

    Raises
    ------
    ValueError
        For arrays of other shapes, numbers out of range, and as :func:`as_graph`.
    """
    physical, physical_names = _physical_rows(physical, physical_names)
    n = len(physical)
    if sparse.issparse(links) or is_networkx(links) or isinstance(links, Graph):
        if weights is not None:
            raise ValueError("weights go with an array of links; a matrix or graph has its own")
        graph = as_graph(links, directed)
        if graph.n_nodes != n:
            raise ValueError(f"physical must have a node for each state: {graph.n_nodes}, got {n}")
        names = graph.names if names is None else names
    else:
        graph = from_edges(links, weights, n_nodes=n, directed=bool(directed))
    if layers is not None:
        layers = _whole(layers, "layers")
    for what, values in (("names", names), ("layers", layers)):
        if values is not None and len(values) != n:
            raise ValueError(f"{what} must have one entry per state: {n}, got {len(values)}")
    return StateNetwork(
        graph.indptr,
        graph.indices,
        graph.weights,
        graph.directed,
        names,
        physical=physical.astype(np.int32),
        physical_names=physical_names,
        layers=layers,
    )


def from_paths(paths, order=2, weights=None):
    """Make the state network of a walk with memory from paths that were observed.

    A state is a run of ``order`` nodes and belongs to the last of them: for
    ``order=2`` the state (i, j) is j, come to from i.  Each run of ``order`` + 1
    nodes in a path is a link, for ``order=2`` the trigram i, j, k one from (i, j)
    to (j, k) [1]_.  Runs that are repeated add up.  A path of ``order`` nodes adds
    a state without links, a shorter one its physical nodes only.

    Parameters
    ----------
    paths : iterable of sequences
        Nodes of each path in their order: whole numbers from 0, or names.
    order : int, default=2
        Number of nodes that the next step depends on; 1 is a walk without memory.
    weights : array-like of shape (n_paths,), default=None
        How often each path was observed; 1 without.

    Returns
    -------
    StateNetwork
        Directed; ``names`` are tuples of ``order`` nodes, in ascending order of
        their rows.  Rows of physical nodes are in ascending order of numbers,
        or in order of appearance of names.

    Raises
    ------
    TypeError
        For a path that is a string.
    ValueError
        For paths that are all too short, and for weights as in :func:`from_edges`.

    References
    ----------
    .. [1] Rosvall, Esquivel, Lancichinetti, West, Lambiotte (2014), Nature
       Communications 5, 4630.  doi:10.1038/ncomms5630

    Examples
    --------
    >>> from toolbox.graph import from_paths
    >>> network = from_paths([["a", "b", "c"], ["d", "b", "a"]])
    >>> network.names
    [('a', 'b'), ('b', 'a'), ('b', 'c'), ('d', 'b')]
    >>> [network.physical_names[row] for row in network.physical]
    ['b', 'a', 'c', 'b']
    """
    if not (isinstance(order, Integral) and order >= 1):
        raise ValueError(f"order must be a whole number from 1, got {order!r}")
    paths = list(paths)
    text = next((path for path in paths if isinstance(path, (str, bytes))), None)
    if text is not None:
        raise TypeError(f"a path must be a sequence of nodes, got {text[:40]!r}; split it")
    lengths = np.array([len(path) for path in paths], np.int64)
    if weights is None:
        weights = np.ones(len(paths))
    weights = np.asarray(weights, np.float64)
    if weights.shape != lengths.shape:
        raise ValueError(f"weights must have shape ({len(paths)},), got {weights.shape}")
    if lengths.max(initial=0) <= order:
        raise ValueError(
            f"no path has more than order={order} nodes, which a link needs; lower order"
        )
    nodes, names = _rows_of_nodes(list(chain.from_iterable(paths)))
    n_names = int(nodes.max()) + 1
    # The state that begins at each place of the paths, one node longer each time.
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(nodes))
    starts, state = np.flatnonzero(left >= order), nodes
    for reach in range(1, order):
        runs = state[:-1] * n_names + nodes[reach:]
        state = np.unique(runs, return_inverse=True)[1]
    found, first, rows = np.unique(state[starts], return_index=True, return_inverse=True)
    row = np.full(len(nodes), -1)
    row[starts] = rows
    links = np.flatnonzero(left > order)
    edges = np.column_stack([row[links], row[links + 1]])
    observed = np.repeat(weights, lengths)[links]
    graph = from_edges(edges, observed, n_nodes=len(found), directed=True)
    runs = nodes[starts[first][:, None] + np.arange(order)]
    called = runs.tolist() if names is None else [[names[k] for k in run] for run in runs.tolist()]
    return StateNetwork(
        graph.indptr,
        graph.indices,
        graph.weights,
        True,
        list(map(tuple, called)),
        physical=runs[:, -1].astype(np.int32),
        physical_names=names,
    )


def _physical_rows(physical, names):
    """Rows of physical nodes that are numbers or names, and the names."""
    numbers = np.asarray(physical)
    if numbers.ndim != 1 or not len(numbers):
        raise ValueError(f"physical must have the shape (n_states,), got {numbers.shape}")
    if numbers.dtype.kind not in "biuf":
        if names is not None:
            raise ValueError("physical_names go with numbers in physical, not with names")
        return _rows_of_nodes(list(physical))
    rows = _whole(numbers, "physical")
    top = int(rows.max()) + 1
    if names is not None and top > len(names):
        raise ValueError(f"physical must be below {len(names)}, got {top - 1}")
    if names is None and top > 1_000_000 and top > 1000 * len(rows):
        raise ValueError(
            f"physical nodes reach {top - 1} for {len(rows)} states; number them without "
            "gaps (numpy.unique with return_inverse=True does)"
        )
    return rows, names


def _rows_of_nodes(nodes):
    """Rows of nodes that are whole numbers (ascending) or names (as they appear), and names."""
    if all(isinstance(node, Integral) and node >= 0 for node in nodes):
        names, rows = np.unique(np.array(nodes, np.int64), return_inverse=True)
        return rows, None if names[-1] == len(names) - 1 else names
    rows = {}
    numbers = np.array([rows.setdefault(node, len(rows)) for node in nodes], np.int64)
    return numbers, list(rows)


def _whole(values, what):
    """Whole numbers from 0 as int64."""
    values = np.asarray(values)
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise ValueError(f"{what} must be an array of whole numbers, got {values.dtype} numbers")
    if not (np.isfinite(values).all() and (values == np.floor(values)).all()):
        raise ValueError(f"{what} must be whole numbers, got fractions, NaN or infinity")
    if values.size and values.min() < 0:
        raise ValueError(f"{what} must not be negative, got {values.min()}")
    return values.astype(np.int64)
