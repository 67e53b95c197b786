"""InfoMap as a scikit-learn estimator."""

import os
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_array, check_scalar
from sklearn.utils.validation import check_is_fitted, validate_data

from toolbox._seeds import as_seed_sequence
from toolbox.graph._flow import check_walk, stationary_flow
from toolbox.graph._trials import best_partition
from toolbox.graph.certainty import SignificanceMixin
from toolbox.graph.codelength import codelengths
from toolbox.graph.network import Graph, as_graph, is_networkx


class InfoMap(SignificanceMixin, ClusterMixin, BaseEstimator):
    """Communities of a graph by the map equation.

    Finds the modules under which a random walk on the graph has the shortest
    description [1]_: the number of modules is found, not given.  Directed and
    undirected, weighted graphs; self-loops, isolated nodes and several
    components are allowed.

    Parameters
    ----------
    directed : bool or None, default=None
        None: as the graph says, see :func:`as_graph`.
    two_level : bool, default=True
        Modules of nodes.  A hierarchy of modules (False) is not available yet.
    teleportation : float, default=0.15
        Probability of a random jump, 0 <= teleportation < 1; directed graphs only.
    teleport_to : {"links", "nodes"}, default="links"
        Where jumps land: in proportion to link weights, or everywhere alike.
    recorded : bool, default=False
        Whether jumps are steps that are encoded, or only smooth the visit rates.
    markov_time : float, default=1.0
        Steps of the walk for each step that is encoded; more give fewer and
        larger modules.
    n_trials : int, default=1
        Searches from different random orders; the shortest code wins.
    initial_partition : array-like of shape (n_nodes,), default=None
        Labels to improve, in place of single nodes.
    engine : {"native", "infomap"}, default="native"
        Search of this package, or the official package (the extra ``infomap``).
    n_jobs : int, default=None
        Trials at the same time, as threads; the result does not depend on it.
    random_state : int, Generator, RandomState or None, default=None
        Seed of the orders in which nodes are looked at.
    verbose : bool, default=False
        Count the trials on stderr, if that is a terminal.

    Attributes
    ----------
    labels_ : ndarray of shape (n_nodes,), int64
        Module of each node; 0 carries the most flow.
    levels_ : list of ndarray of shape (n_nodes,)
        Labels for each level, coarsest first; ``levels_[0]`` is ``labels_``.
    n_modules_ : int
        Number of modules; isolated nodes are modules of their own.
    codelength_ : float
        Bits a step of the walk costs under this partition.
    index_codelength_ : float
        The part of it that names modules.
    flow_ : ndarray of shape (n_nodes,)
        Visit rates; their sum is 1, or 0 for a graph without links.
    directed_ : bool
        Whether the graph was taken as directed.
    node_names_ : list, ndarray or None
        Names of the nodes in the order of ``labels_``, for graphs that have names.
    n_features_in_ : int
        Number of nodes, if the graph was an adjacency matrix.

    See Also
    --------
    map_equation : the code length of any partition.
    consensus : agreement of several partitions.

    References
    ----------
    .. [1] Rosvall, Bergstrom (2008), PNAS 105(4). doi:10.1073/pnas.0706851105

    Examples
    --------
    >>> from toolbox.datasets import load_karate
    >>> from toolbox.graph import InfoMap
    >>> graph, _ = load_karate()
    >>> model = InfoMap(n_trials=10, random_state=0).fit(graph)
    >>> model.n_modules_, round(model.codelength_, 6)
    (3, 4.311793)
    """

    def __init__(
        self,
        *,
        directed=None,
        two_level=True,
        teleportation=0.15,
        teleport_to="links",
        recorded=False,
        markov_time=1.0,
        n_trials=1,
        initial_partition=None,
        engine="native",
        n_jobs=None,
        random_state=None,
        verbose=False,
    ):
        self.directed = directed
        self.two_level = two_level
        self.teleportation = teleportation
        self.teleport_to = teleport_to
        self.recorded = recorded
        self.markov_time = markov_time
        self.n_trials = n_trials
        self.initial_partition = initial_partition
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y=None):
        """Find the modules of a graph.

        Parameters
        ----------
        X : Graph, sparse matrix, array-like, networkx graph or path
            A square array or sparse matrix is an adjacency matrix (row: from,
            column: to; an undirected self-loop counts once), an array of shape
            (n_edges, 2) or (n_edges, 3) a list of links, with node numbers
            from 0 and weights in the third column, a path a file for
            :func:`read_graph`.
        y : None
            Ignored.

        Returns
        -------
        self : InfoMap

        Raises
        ------
        TypeError
            For a form of graph that is none of these.
        ValueError
            For parameters out of range and for malformed graphs.
        ImportError
            For ``engine="infomap"`` without that package.
        """
        self._check_parameters()
        graph = self._graph(X)
        flow = stationary_flow(
            graph, self.teleportation, self.teleport_to, self.recorded, self.markov_time
        )
        initial = self._initial_labels(graph.n_nodes)
        seeds = as_seed_sequence(self.random_state)
        if self.engine == "native":
            seeds = seeds.spawn(self.n_trials)
            labels = best_partition(flow, initial, seeds, self.n_jobs, self.verbose)
        else:
            from toolbox.graph._official import official_partition

            seed = 1 + int(seeds.generate_state(1)[0] >> 1)
            labels = official_partition(graph, self, initial, seed)
        labels = _by_flow(labels, flow.node)
        index, modules, records = codelengths(flow, labels)
        self.labels_ = labels.astype(np.int64)
        self.levels_ = [self.labels_]
        self.n_modules_ = len(records)
        self.codelength_ = index + modules
        self.index_codelength_ = index
        self.flow_ = flow.node
        self.directed_ = graph.directed
        self.node_names_ = graph.names
        self._fitted_graph = graph  # for significance
        # Rates in units of link weight, to place new nodes by.
        self._total_weight = float(graph.weights.sum())
        jumps = flow.jumps
        self._module_flow = records["flow"].copy()
        self._module_exit = records["exit"] + records["jump"] * (1 - records["land"])
        self._module_enter = records["enter"] + (jumps - records["jump"]) * records["land"]
        return self

    def predict(self, X):
        """Module of new nodes, by least added code length.

        A new node is added to the fitted graph, by itself, with its links taken
        as two-way; it joins the module for which the code grows least.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new, n_nodes)
            Weights of the links from each new node to the fitted ones.

        Returns
        -------
        labels : ndarray of shape (n_new,), int64
            -1 for a node without links.
        """
        check_is_fitted(self)
        if hasattr(self, "n_features_in_"):
            rows = validate_data(self, X, accept_sparse="csr", reset=False, dtype=np.float64)
        else:
            rows = check_array(X, accept_sparse="csr", dtype=np.float64)
        rows = sparse.csr_array(rows)
        if rows.shape[1] != len(self.labels_):
            raise ValueError(
                f"X must have a column for each fitted node: {len(self.labels_)}, "
                f"got {rows.shape[1]}"
            )
        if rows.nnz and not (rows.data.min() >= 0 and rows.data.max() < np.inf):
            raise ValueError("X must hold weights that are finite and not negative")
        return np.array(
            [
                self._place(self.labels_[rows.indices[begin:end]], rows.data[begin:end])
                for begin, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True)
            ],
            dtype=np.int64,
        )

    def _place(self, modules, weights):
        """Module for a node with these links, or -1."""
        strength = weights.sum()
        if strength == 0:
            return -1
        # The new links change the rates of every module around the node; only
        # what depends on the module chosen is compared.
        candidates, which = np.unique(modules[weights > 0], return_inverse=True)
        link = np.bincount(which, weights[weights > 0])
        old, total = self._total_weight, self._total_weight + 2 * strength
        flow = old * self._module_flow[candidates] + link
        leave = old * self._module_exit[candidates]
        enter = old * self._module_enter[candidates]
        all_enter = old * self._module_enter.sum() + strength
        apart = _term(flow, leave + link, enter + link, total)
        joined = _term(flow + strength, leave + strength - link, enter + strength - link, total)
        index = _plogp((all_enter + strength - 2 * link) / total)
        return candidates[np.argmin(joined - apart + index)]

    def _check_parameters(self):
        check_walk(self.teleportation, self.teleport_to, self.recorded, self.markov_time)
        check_scalar(self.n_trials, "n_trials", Integral, min_val=1)
        if self.directed not in (None, True, False):
            raise ValueError(f"directed must be None, True or False, got {self.directed!r}")
        if self.engine not in ("native", "infomap"):
            raise ValueError(f"engine must be 'native' or 'infomap', got {self.engine!r}")
        if not self.two_level:
            raise ValueError(
                f"two_level={self.two_level!r}: a hierarchy of modules is not available yet; "
                "pass two_level=True"
            )

    def _graph(self, X):
        if not isinstance(X, (Graph, str, os.PathLike)) and not is_networkx(X):
            X = validate_data(self, X, accept_sparse="csr")
            if X.shape[0] == X.shape[1]:
                return as_graph(X, self.directed)
        # Features are the nodes of a matrix; links have none, nor has a file.
        for feature in ("n_features_in_", "feature_names_in_"):
            vars(self).pop(feature, None)
        return as_graph(X, self.directed)

    def _initial_labels(self, n_nodes):
        if self.initial_partition is None:
            return None
        labels = np.asarray(self.initial_partition)
        if labels.shape != (n_nodes,):
            raise ValueError(f"initial_partition must have shape ({n_nodes},), got {labels.shape}")
        return np.unique(labels, return_inverse=True)[1].astype(np.int32)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = True
        tags.input_tags.positive_only = True
        tags.input_tags.sparse = True
        return tags


def _by_flow(labels, flow):
    """Renumber modules by falling flow; of equal ones the first to appear is first."""
    n = len(labels)
    first = np.empty(labels.max() + 1, np.int64)
    first[labels[::-1]] = np.arange(n - 1, -1, -1)  # the last to be written stays
    order = np.lexsort((first, -np.bincount(labels, flow)))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[labels]


def _term(flow, leave, enter, total):
    """A module's term of the map equation."""
    return _plogp((flow + leave) / total) - _plogp(leave / total) - _plogp(enter / total)


def _plogp(x):
    x = np.maximum(x, np.finfo(float).tiny)
    return x * np.log2(x)
