"""The official Infomap package (GPL-3, an extra) as a search engine."""

import numpy as np

from toolbox.graph.bipartite import BipartiteNetwork


def official_partition(graph, settings, initial, seed):
    """Levels that the official package finds, best of its trials.

    Parameters
    ----------
    graph : Graph
    settings : InfoMap
        The parameters of the walk, ``two_level`` and ``n_trials``.
    initial : list of int32 array of shape (n_nodes,) or None
        Only the finest level is used.
    seed : int
        Positive.

    Returns
    -------
    levels : list of int32 array of shape (n_nodes,)
        Coarsest first.

    Raises
    ------
    ImportError
        If the package is not installed.
    """
    try:
        import infomap
    except ImportError as error:
        raise ImportError(
            'engine="infomap" needs the official package: pip install "kexue-toolbox[infomap]", '
            'or use engine="native"'
        ) from error
    if isinstance(graph, BipartiteNetwork):
        raise ValueError('bipartite networks need engine="native"')
    physical = getattr(graph, "physical", None)
    network = infomap.Network()
    if physical is None:
        network.add_nodes(range(graph.n_nodes))
    else:
        for state, node in enumerate(physical.tolist()):
            network.add_state_node(state, node)
    source = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
    target = graph.indices
    once = slice(None) if graph.directed else source <= target
    links = np.column_stack([source[once], target[once], graph.weights[once]])
    if len(links):
        network.add_links(links)
    result = network.run(
        two_level=settings.two_level,
        seed=seed,
        num_trials=settings.n_trials,
        initial_partition=None if initial is None else dict(enumerate(initial[-1].tolist())),
        flow_model="directed" if graph.directed else "undirected",
        teleportation_probability=settings.teleportation,
        to_nodes=settings.teleport_to == "nodes",
        recorded_teleportation=settings.recorded,
        markov_time=settings.markov_time,
        regularized=settings.regularization > 0,
        regularization_strength=settings.regularization or 1.0,
        entropy_corrected=settings.entropy_correction > 0,
        entropy_correction_strength=settings.entropy_correction or 1.0,
        preferred_number_of_modules=settings.preferred_n_modules,
    )
    modules = result.multilevel_modules(states=physical is not None)
    nodes = np.fromiter(modules.keys(), np.int64, len(modules))
    levels = []
    for found in zip(*modules.values(), strict=True):
        labels = np.full(graph.n_nodes, -1, np.int32)
        labels[nodes] = found
        left_out = np.flatnonzero(labels < 0)  # nodes without flow may be in no module
        labels[left_out] = labels.max(initial=0) + 1 + np.arange(len(left_out))
        levels.append(labels)
    return levels or [np.arange(graph.n_nodes, dtype=np.int32)]  # no node has flow
