"""Links between states (layer, node) of a network of several layers."""

import os

import numpy as np
from scipy import sparse

BYTES_A_LINK = 48  # while the rows are made; a search needs more


def relaxed_links(intra, weights, two_way, relax_rate, limits):
    """Rows of links between states, if the walker changes layers by relaxing.

    With probability ``relax_rate`` the next link is one of any layer that the
    node is in, else one of the same layer, in proportion to their weights.

    Parameters
    ----------
    intra : ndarray of shape (n_links, 3), int64
        Layer, source and target of each link; weights above 0.
    weights : ndarray of shape (n_links,)
    two_way : bool
        Whether links go both ways.
    relax_rate : float
    limits : (int or None, int or None)
        How much higher and lower the number of the next layer may be.

    Returns
    -------
    matrix : csr_array of shape (n_states, n_states)
        In order of node, then layer.
    layers, nodes : ndarrays of shape (n_states,), int64
    """
    layer_ids, ranks = np.unique(intra[:, 0], return_inverse=True)
    n_layers = len(layer_ids)
    source, target = (intra[:, end] * n_layers + ranks for end in (1, 2))
    states = np.unique(np.append(source, target))
    links = _rows(states, source, target, weights, two_way)
    node, rank = states // n_layers, states % n_layers
    up, down = limits
    height = layer_ids - layer_ids[0]
    first, last = np.zeros(n_layers, np.int64), np.full(n_layers, n_layers)
    if relax_rate == 0:
        up = down = 0
    if up is not None:
        last = np.searchsorted(height, height + min(up, height[-1]), side="right")
    if down is not None:
        first = np.searchsorted(height, height - min(down, height[-1]))
    # The states that a state may relax to lie side by side.
    first = np.searchsorted(states, node * n_layers + first[rank])
    last = np.searchsorted(states, node * n_layers + last[rank])
    _check_size(np.sum(links.indptr[last] - links.indptr[first], dtype=np.int64), links.nnz)
    number = last - first
    begin = np.append(0, np.cumsum(number))
    state = np.repeat(np.arange(len(states)), number)
    other = np.arange(begin[-1]) - np.repeat(begin[:-1] - first, number)
    strength = np.asarray(links.sum(axis=1))
    reach = np.add.reduceat(strength[other], begin[:-1])
    share = _shares(relax_rate, reach)[state]
    share += np.where(state == other, _shares(1 - relax_rate, strength)[state], 0.0)
    mix = sparse.csr_array((share, other, begin), shape=links.shape)
    return mix @ links, layer_ids[rank], node


def joined_links(intra, weights, inter, inter_weights, two_way):
    """Rows of links between states, if links between layers are given.

    A link from layer a to layer b at a node is spread over the node's links in
    layer b, in proportion to their weights; without such links it is lost.

    Parameters
    ----------
    intra, weights, two_way
        As in :func:`relaxed_links`.
    inter : ndarray of shape (n_inter, 3), int64
        Layer, node and other layer of each link between layers.
    inter_weights : ndarray of shape (n_inter,)

    Returns
    -------
    matrix, layers, nodes
        As in :func:`relaxed_links`.
    """
    layer_ids = np.unique(np.concatenate([intra[:, 0], inter[:, 0], inter[:, 2]]))
    n_layers = len(layer_ids)
    ranks = np.searchsorted(layer_ids, intra[:, 0])
    source, target = (intra[:, end] * n_layers + ranks for end in (1, 2))
    here, there = (
        inter[:, 1] * n_layers + np.searchsorted(layer_ids, inter[:, end]) for end in (0, 2)
    )
    if two_way:
        here, there = np.append(here, there), np.append(there, here)
        inter_weights = np.append(inter_weights, inter_weights)
    leaving = np.append(source, target) if two_way else source
    real = np.isin(there, leaving)
    here, there, inter_weights = here[real], there[real], inter_weights[real]
    states = np.unique(np.concatenate([source, target, here]))
    links = _rows(states, source, target, weights, two_way)
    here, there = np.searchsorted(states, here), np.searchsorted(states, there)
    rows = np.arange(len(states))
    spread = inter_weights / np.asarray(links.sum(axis=1))[there]
    mix = sparse.coo_array(
        (
            np.append(np.ones(len(rows)), spread),
            (np.append(rows, here), np.append(rows, there)),
        ),
        shape=links.shape,
    ).tocsr()
    entries = np.diff(links.indptr)
    _check_size(np.sum(entries[mix.indices], dtype=np.int64), links.nnz)
    return mix @ links, layer_ids[states % n_layers], states // n_layers


def _rows(states, source, target, weights, two_way):
    """Links inside layers, between rows of states."""
    source, target = np.searchsorted(states, source), np.searchsorted(states, target)
    if two_way:
        both = np.flatnonzero(source != target)
        source, target = np.append(source, target[both]), np.append(target, source[both])
        weights = np.append(weights, weights[both])
    return sparse.coo_array((weights, (source, target)), shape=2 * (len(states),)).tocsr()


def _shares(probability, weights):
    """Probability for each unit of weight; 0 without weight."""
    return np.divide(probability, weights, out=np.zeros_like(weights), where=weights > 0)


def _check_size(n_links, n_given):
    """Raise MemoryError before the links between states fill the memory."""
    if n_links * BYTES_A_LINK > memory():
        raise MemoryError(
            f"{n_given} links in layers make {n_links} links between states, about "
            f"{n_links * BYTES_A_LINK / 2**30:.3g} GiB, and this machine has "
            f"{memory() / 2**30:.3g}: a node has its links again from each of its layers; "
            "lower relax_limit, or keep the layers apart by relax_rate=0"
        )


def memory():
    """Bytes of memory of this machine, as far as it tells."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows
        return 2**63
