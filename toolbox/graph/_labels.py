"""Labels of nodes, level by level, coarsest first."""

from itertools import pairwise

import numpy as np


def as_levels(labels, n_nodes, name="labels"):
    """Labels from 0 without gaps at each level, coarsest first.

    Parameters
    ----------
    labels : array-like of shape (n_nodes,) or (n_levels, n_nodes)
    n_nodes : int
    name : str
        What to call them in errors.

    Returns
    -------
    levels : list of int32 array of shape (n_nodes,)

    Raises
    ------
    ValueError
        For another shape, and for modules that lie across those of the level above.
    """
    try:
        labels = np.asarray(labels)
    except ValueError:  # levels of different lengths
        labels = np.empty(())
    if labels.shape[-1:] != (n_nodes,) or labels.ndim > 2 or len(labels) == 0:
        raise ValueError(
            f"{name} must have shape ({n_nodes},), or (n_levels, {n_nodes}), got "
            f"{labels.shape or 'levels of different lengths'}"
        )
    levels = [
        np.unique(level, return_inverse=True)[1].astype(np.int32)
        for level in labels.reshape(-1, n_nodes)
    ]
    for depth, (above, level) in enumerate(pairwise(levels), 1):
        parent = np.empty(level.max() + 1, np.int32)
        parent[level] = above
        across = np.flatnonzero(parent[level] != above)
        if len(across):
            raise ValueError(
                f"{name} must be nested, coarsest first: at level {depth} the module of node "
                f"{across[0]} has nodes of several modules of level {depth - 1}"
            )
    return levels


def compact(labels):
    """Close the gaps in labels.

    Parameters
    ----------
    labels : int array of shape (n,)
        Not negative.

    Returns
    -------
    numbers : int32 array
        Those that occur, ascending.
    place : int32 array of shape (n,)
        Of each label among them.
    """
    used = np.zeros(labels.max() + 1, bool)
    used[labels] = True
    return np.flatnonzero(used).astype(np.int32), (np.cumsum(used, dtype=np.int32) - 1)[labels]


def without_repeats(layers):
    """Levels without those that say the same as the one above."""
    return [one for k, one in enumerate(layers) if k == 0 or (one != layers[k - 1]).any()]


def by_flow(levels, flow):
    """Renumber modules by falling flow, inside those above; of equal ones the first is first."""
    ordered, above = [], np.zeros(len(flow), np.int32)
    for labels in levels:
        numbers, labels = compact(labels)
        n = len(labels)
        first = np.empty(len(numbers), np.int64)
        first[labels[::-1]] = np.arange(n - 1, -1, -1)  # the last to be written stays
        order = np.lexsort((first, -np.bincount(labels, flow), above[first]))
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        above = rank[labels]
        ordered.append(above)
    return ordered
