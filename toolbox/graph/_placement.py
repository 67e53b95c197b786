"""The module in which a new node costs least."""

import numpy as np

from toolbox.graph._plogp import plogp_of


def place_node(code, levels, total, scale, gains, nodes, weights):
    """Topmost module for a new node, by least added code length.

    Its links change the rates of every module around it; only what depends on
    the module that it joins is compared.

    Parameters
    ----------
    code : Code
    levels : list of int array of shape (n_nodes,)
    total : float
        Weight that a rate of 1 stands for.
    scale : float
        Flow over a link for each unit of its weight.
    gains : (float, float)
        Visits for each unit of it: of the new node and of where the link leads.
    nodes, weights : arrays of shape (n_links,)
        Where the links lead; their weights, above 0.

    Returns
    -------
    module : int
    """
    strength = weights.sum()
    new_total = total + 2 * strength

    def term(exit_rate, enter, inner):
        exit_rate, enter, inner = exit_rate / new_total, enter / new_total, inner / new_total
        return plogp_of(exit_rate + inner) - plogp_of(exit_rate) - plogp_of(enter)

    joined = np.unique(levels[-1][nodes])  # one candidate for each finest module
    member = np.empty(len(joined), np.int64)
    member[np.searchsorted(joined, levels[-1][nodes])] = nodes
    cost = np.zeros(len(joined))
    more, more_joined = None, gains[0] * strength
    for labels, rates in zip(levels[::-1], code.levels[::-1], strict=True):
        around, which = np.unique(labels[nodes], return_inverse=True)
        link = scale * np.bincount(which, weights)
        path = np.searchsorted(around, labels[member])
        if more is None:
            more = gains[1] * np.bincount(which, weights)
        exit_rate, enter = total * rates.exit[around], total * rates.enter[around]
        inner = total * rates.inner[around] + more
        apart = term(exit_rate + link, enter + link, inner)
        # Links to the module leave it no more, but all others of the node do.
        leaving = (scale * strength - link)[path]
        inside = term(exit_rate[path] + leaving, enter[path] + leaving, inner[path] + more_joined)
        cost += rates.counted[around[path]] * (inside - apart[path])
        # What this does to the words of the level above.
        which = np.unique(rates.parent[around], return_inverse=True)[1]
        more, more_joined = np.bincount(which, link), leaving - link[path]
    cost += plogp_of((total * code.levels[0].enter.sum() + more[0] + more_joined) / new_total)
    return levels[0][member[np.argmin(cost)]]
