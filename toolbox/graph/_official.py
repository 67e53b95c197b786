"""The official Infomap package (GPL-3, an extra) as a search engine."""

import numpy as np


def official_partition(graph, settings, initial, seed):
    """Labels that the official package finds, best of its trials.

    Parameters
    ----------
    graph : Graph
    settings : InfoMap
        The parameters of the walk, and ``n_trials``.
    initial : int32 array of shape (n_nodes,) or None
    seed : int
        Positive.

    Returns
    -------
    labels : int32 array of shape (n_nodes,)
        From 0, without gaps.

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
    network = infomap.Network()
    network.add_nodes(range(graph.n_nodes))
    source = np.repeat(np.arange(graph.n_nodes), np.diff(graph.indptr))
    target = graph.indices
    once = slice(None) if graph.directed else source <= target
    links = np.column_stack([source[once], target[once], graph.weights[once]])
    if len(links):
        network.add_links(links)
    result = network.run(
        two_level=True,
        seed=seed,
        num_trials=settings.n_trials,
        initial_partition=None if initial is None else dict(enumerate(initial.tolist())),
        flow_model="directed" if graph.directed else "undirected",
        teleportation_probability=settings.teleportation,
        to_nodes=settings.teleport_to == "nodes",
        recorded_teleportation=settings.recorded,
        markov_time=settings.markov_time,
    )
    labels = np.full(graph.n_nodes, -1, np.int32)
    modules = result.modules()
    labels[np.fromiter(modules.keys(), np.int64, len(modules))] = np.fromiter(
        modules.values(), np.int64, len(modules)
    )
    left_out = np.flatnonzero(labels < 0)  # nodes without flow may be in no module
    labels[left_out] = labels.max(initial=0) + 1 + np.arange(len(left_out))
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)
