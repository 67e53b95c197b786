"""The map equation of a tree of modules, from its definition.

A node's path names its modules from the top down: (2, 1) is module 1 of module
2, and (2,) a module at the top that holds nodes itself; () is the root.
"""

import numpy as np

from tests.reference.map_equation import entropy_of


def tree_codelength(rates, links, jumps, paths, markov_time=1.0, physical=None):
    """Sum over all modules, the root too, of the entropy of what they have words for.

    A module has words for leaving it, for entering each of its submodules and
    for each of its nodes.  The Markov time scales steps over links only.  Nodes
    that are states of the same physical node share a word in each module that
    holds them.
    """
    flow = markov_time * links + jumps
    if physical is None:
        physical = range(len(rates))
    code = 0.0
    for module in all_modules(paths):
        words = [crossing(flow, paths, module)[1]]
        words += [crossing(flow, paths, child)[0] for child in children(module, paths)]
        inside = [i for i in range(len(rates)) if paths[i] == module]
        for node in {physical[i] for i in inside}:
            words.append(sum(rates[i] for i in inside if physical[i] == node))
        code += entropy_of(words)
    return code


def all_modules(paths):
    """Every path from the root to where nodes are."""
    return {path[:depth] for path in paths for depth in range(len(path) + 1)}


def children(module, paths):
    """Submodules right below a module."""
    return [m for m in all_modules(paths) if m[:-1] == module and len(m) == len(module) + 1]


def crossing(flow, paths, module):
    """Rates of entering and of leaving a module."""
    inside = np.array([path[: len(module)] == module for path in paths])
    enter = sum(flow[i, j] for i in np.flatnonzero(~inside) for j in np.flatnonzero(inside))
    leave = sum(flow[i, j] for i in np.flatnonzero(inside) for j in np.flatnonzero(~inside))
    return enter, leave
