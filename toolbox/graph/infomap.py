"""InfoMap as a scikit-learn estimator."""

import os
import time
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin, clone
from sklearn.utils import check_scalar
from sklearn.utils.validation import validate_data

from toolbox._seeds import as_seed_sequence
from toolbox.graph._flow import check_walk
from toolbox.graph._initial import initial_levels
from toolbox.graph._labels import by_flow
from toolbox.graph._trials import Watch, best_partition, n_starts, quick_partition
from toolbox.graph.certainty import SignificanceMixin
from toolbox.graph.codelength import code_of, constant_bits, flow_of
from toolbox.graph.multilayer import MultilayerNetwork
from toolbox.graph.network import Graph, as_graph, is_igraph, is_networkx
from toolbox.graph.placement import PlacementMixin
from toolbox.graph.reading import read_graph


class InfoMap(SignificanceMixin, PlacementMixin, ClusterMixin, BaseEstimator):
    """Communities of a graph by the map equation.

    Finds the modules, modules of modules and so on under which a random walk on
    the graph has the shortest description [1]_ [2]_: their number and depth are
    found, not given.  Directed and undirected, weighted graphs; self-loops,
    isolated nodes and several components are allowed.  State, multilayer and
    bipartite networks too: their nodes are states, or nodes of both kinds.

    Parameters
    ----------
    directed : bool or None, default=None
        None: as the graph says, see :func:`as_graph`.
    two_level : bool, default=False
        Whether to look for modules of nodes only, not for a hierarchy of modules.
    teleportation : float, default=0.15
        Probability of a random jump, 0 <= teleportation < 1; directed graphs only.
    teleport_to : {"links", "nodes"}, default="links"
        Where jumps land: in proportion to link weights, or everywhere alike.
    recorded : bool, default=False
        Whether jumps are steps that are encoded, or only smooth the visit rates.
    markov_time : float, default=1.0
        Steps of the walk for each step that is encoded; more give fewer and
        larger modules.
    regularization : float, default=0.0
        Strength of a Bayesian prior of links between all nodes, against
        communities in the noise of few links [3]_; 1 is usual.  Its links take
        the place of other jumps.
    entropy_correction : float, default=0.0
        Strength of the correction for entropies that few links make too small,
        which makes small modules cost more; 1 is usual.
    preferred_n_modules : int, default=None
        Number of topmost modules to aim at: each one more or less costs a bit
        in the search, but does not count in ``codelength_``.
    relax_rate, relax_limit
        Of multilayer networks, as in
        :meth:`MultilayerNetwork.to_states <toolbox.graph.MultilayerNetwork.to_states>`.
    n_trials : int, default=1
        Searches from different random orders; the shortest code wins.
    max_time : float, default=None
        Seconds after which the search ends with the best that it has found;
        reading and checking the graph come on top.  Where it ends depends on
        the machine.  Native engine only.
    initial_partition : array-like of shape (n_nodes,) or (n_levels, n_nodes), or InfoMap
        Labels to improve, in place of single nodes (None, the default); several
        levels coarsest first.  Or an earlier fit, after links or nodes came or
        went; nodes are known by their names, states in layers by layer and node,
        or by their numbers if there are none.
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
        Submodules are in the order of their modules, then of their flow; a
        module that is not divided any further is its own submodule.
    n_modules_ : int
        Number of topmost modules; isolated nodes are modules of their own.
    codelength_ : float
        Bits a step of the walk costs under this partition.
    index_codelength_ : float
        The part of it that names topmost modules.
    flow_ : ndarray of shape (n_nodes,)
        Visit rates; their sum is 1, or 0 for a graph without links.
    directed_ : bool
        Whether the graph was taken as directed.
    node_names_ : list, ndarray or None
        Names of the nodes in the order of ``labels_``, for graphs that have names.
    state_physical_ : ndarray of shape (n_states,) or None
        Row of the physical node of each state, of a state or multilayer network.
    physical_names_ : list, ndarray or None
        What the physical nodes are called.
    state_layers_ : ndarray of shape (n_states,) or None
        Layer of each state.
    n_features_in_ : int
        Number of nodes, if the graph was an adjacency matrix.

    See Also
    --------
    map_equation : the code length of any partition.
    consensus : agreement of several partitions.

    References
    ----------
    .. [1] Rosvall, Bergstrom (2008), PNAS 105(4). doi:10.1073/pnas.0706851105
    .. [2] Rosvall, Bergstrom (2011), PLoS ONE 6(4), e18209.
       doi:10.1371/journal.pone.0018209
    .. [3] Smiljanić, Blöcker, Edler, Rosvall (2021), Journal of Complex Networks 9(6).
       doi:10.1093/comnet/cnab044

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
        two_level=False,
        teleportation=0.15,
        teleport_to="links",
        recorded=False,
        markov_time=1.0,
        regularization=0.0,
        entropy_correction=0.0,
        preferred_n_modules=None,
        relax_rate=0.15,
        relax_limit=None,
        n_trials=1,
        max_time=None,
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
        self.regularization = regularization
        self.entropy_correction = entropy_correction
        self.preferred_n_modules = preferred_n_modules
        self.relax_rate = relax_rate
        self.relax_limit = relax_limit
        self.n_trials = n_trials
        self.max_time = max_time
        self.initial_partition = initial_partition
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y=None):
        """Find the modules of a graph.

        Parameters
        ----------
        X : Graph or other network, sparse matrix, array-like, networkx or igraph graph, or path
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
        flow = self._flow(graph)
        initial = self.initial_partition
        if initial is not None:
            initial = initial_levels(initial, graph, flow, self.two_level)
        seeds = as_seed_sequence(self.random_state)
        if self.engine == "native":
            watch = Watch() if self.max_time is None else Watch(time.monotonic() + self.max_time)
            levels = best_partition(
                flow,
                initial,
                seeds.spawn(self.n_trials),
                self.n_jobs,
                self.verbose,
                two_level=self.two_level,
                n_starts=n_starts(graph, self.two_level),
                watch=watch,
            )
        else:
            from toolbox.graph._official import official_partition

            seed = 1 + int(seeds.generate_state(1)[0] >> 1)
            levels = official_partition(graph, self, initial, seed)
        levels = by_flow(levels, flow.node)
        code = code_of(flow, levels)
        self.levels_ = [labels.astype(np.int64) for labels in levels]
        self.labels_ = self.levels_[0]
        self.n_modules_ = len(code.levels[0].flow)
        self.codelength_ = code.total
        self.index_codelength_ = code.index
        self.flow_ = flow.node
        self.directed_ = graph.directed
        self.node_names_ = graph.names
        self.state_physical_ = getattr(graph, "physical", None)
        self.physical_names_ = getattr(graph, "physical_names", None)
        self.state_layers_ = getattr(graph, "layers", None)
        self._fitted_graph = graph  # for significance
        self._total_weight = float(graph.weights.sum())
        self._markov_time = float(self.markov_time)
        self._n_primary = getattr(graph, "n_primary", None)
        self._code = code
        return self

    def _solve_quickly(self, graph, seed, longer):
        """Codelength and levels of another graph, for significance.

        ``longer`` Markov times to begin with, in units of that of the search.
        """
        if self.engine == "infomap":
            model = clone(self).set_params(random_state=int(seed.generate_state(1)[0] >> 1))
            model.fit(graph)
            return model.codelength_, model.levels_
        flow = self._flow(graph)
        begin = None
        if longer != 1:
            begin = flow_of(graph, *self._walk()[:3], longer * self.markov_time, *self._walk()[4:])
        two_level = self.two_level or len(self.levels_) == 1
        levels, cost = quick_partition(flow, seed.spawn(self.n_trials), two_level, begin)
        return cost + constant_bits(flow), levels

    def _check_parameters(self):
        check_walk(*self._walk())
        check_scalar(self.n_trials, "n_trials", Integral, min_val=1)
        if self.preferred_n_modules is not None:
            check_scalar(self.preferred_n_modules, "preferred_n_modules", Integral, min_val=1)
        if self.directed not in (None, True, False):
            raise ValueError(f"directed must be None, True or False, got {self.directed!r}")
        if self.engine not in ("native", "infomap"):
            raise ValueError(f"engine must be 'native' or 'infomap', got {self.engine!r}")
        if self.two_level not in (True, False):
            raise ValueError(f"two_level must be True or False, got {self.two_level!r}")
        if self.max_time is not None:
            check_scalar(self.max_time, "max_time", Real, min_val=0, include_boundaries="neither")

    def _flow(self, graph):
        flow = flow_of(graph, *self._walk())
        if self.preferred_n_modules is not None:
            flow = flow._replace(rules=flow.rules._replace(preferred=self.preferred_n_modules))
        return flow

    def _walk(self):
        return (
            self.teleportation,
            self.teleport_to,
            self.recorded,
            self.markov_time,
            self.regularization,
            self.entropy_correction,
        )

    def _graph(self, X):
        network = isinstance(X, (Graph, MultilayerNetwork, str, os.PathLike))
        if not (network or is_networkx(X) or is_igraph(X)):
            X = validate_data(self, X, accept_sparse="csr")
            if X.shape[0] == X.shape[1]:
                return as_graph(X, self.directed)
        # Features are the nodes of a matrix; links have none, nor has a file.
        for feature in ("n_features_in_", "feature_names_in_"):
            vars(self).pop(feature, None)
        if isinstance(X, (str, os.PathLike)):
            X = read_graph(X, self.directed)
        if isinstance(X, MultilayerNetwork):
            return X.to_states(self.relax_rate, self.relax_limit, self.directed)
        return as_graph(X, self.directed)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = True
        tags.input_tags.positive_only = True
        tags.input_tags.sparse = True
        return tags
