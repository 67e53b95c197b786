"""What is added to the map equation on demand, from the definitions."""

import numpy as np

from tests.reference.hierarchy import all_modules, children
from tests.reference.map_equation import entropy_of


def entropy_correction(A, directed, paths, strength=1.0):
    """Bits by which entropies are too small, as rates are estimated (Miller and Madow).

    (K - 1) / (2 N ln 2) for each module, the root too: K is its number of
    words, those of rate 0 too; a module that holds all nodes has none for
    leaving it.  N is the sum of the weights of links at each end, or the
    number of their ends if that is more; a loop has one.
    """
    ends = A + A.T - np.diag(np.diag(A)) if directed else A
    number = (A > 0).sum() * (1 + directed) - (np.diag(A) > 0).sum() * directed
    samples = max(ends.sum(), number)
    bits = 0.0
    for module in all_modules(paths):
        words = len(children(module, paths)) + sum(path == module for path in paths)
        if not all(path[: len(module)] == module for path in paths):
            words += 1
        bits += (words - 1) / (2 * samples * np.log(2))
    return strength * bits


def module_count_penalty(preferred, paths):
    """One bit for each module at the top too many or too few."""
    return abs(preferred - len({path[0] for path in paths}))


def metadata_codelength(rates, paths, categories, rate=1.0, weighted=True):
    """Bits for the category of the node that is visited, named within its module.

    The entropy of categories in each module that holds nodes, times the share
    of visits there; or, if not weighted, with all nodes alike.  Category None
    is one like others.
    """
    shares = rates if weighted else np.full(len(paths), 1 / len(paths))
    bits = 0.0
    for module in set(paths):
        inside = [i for i, path in enumerate(paths) if path == module]
        kinds = {categories[i] for i in inside}
        bits += entropy_of([sum(shares[i] for i in inside if categories[i] == c) for c in kinds])
    return rate * bits
