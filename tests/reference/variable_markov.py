"""Variable Markov time (Edler et al. 2022, arXiv 2211.04287), longer where links are few."""

import numpy as np


def variable_markov_links(A, rates, links, directed, damping=1.0, min_scale=1.0):
    """Steps over links, each times the largest local scale over that of its nodes.

    Directed links have the scale of their source, undirected ones the larger
    of both ends.
    """
    # A link has two ends, a loop one; A is symmetric if undirected.
    ends = (A > 0).sum() * (1 + directed) - (np.diag(A) > 0).sum() * directed
    local = [max(local_scale(rate * ends, damping), min_scale) for rate in rates]
    scaled = links.copy()
    for i in range(len(A)):
        for j in range(len(A)):
            scale = local[i] if directed else max(local[i], local[j])
            scaled[i, j] *= max(local) / scale
    return scaled


def local_scale(degree, damping):
    """From the effective degree itself (damping 0) to its logarithm to base 2 (damping 1)."""
    if degree <= 0:
        return -np.inf
    if damping == 1:
        return np.log2(degree)
    rest = 1 - damping
    slope = rest**2 + (1 - rest**2) / np.log(2)
    return rest**2 + slope * (degree**rest - 1) / rest
