"""Colours of modules."""

import numpy as np

# Far apart for people with and without colour vision deficiencies (chosen in
# OKLab under simulated protanopia and deuteranopia), the first ones farthest.
PALETTE = (
    *("#2f6fb4", "#eda029", "#1b9e77", "#d679a8", "#d1571f", "#6bbde8", "#831922", "#0b4d71"),
    *("#5ce4b1", "#286d6d", "#7691ed", "#9e4001", "#2b53a5", "#9bb57a", "#81d7e6", "#dac877"),
    *("#7b1a4f", "#1a8756", "#c9890d", "#477a94"),
)
REST = "#a9acb1"  # modules beyond the palette
INK = "#30343b"
LINK = "#7d828a"


def module_colors(n_modules):
    """Colours of modules by rank; grey from where the palette ends.

    Parameters
    ----------
    n_modules : int

    Returns
    -------
    ndarray of shape (n_modules, 3)
    """
    from matplotlib.colors import to_rgb

    shown = (*PALETTE[:n_modules], REST)
    rgb = np.array([to_rgb(color) for color in shown])
    return rgb[np.minimum(np.arange(n_modules), len(shown) - 1)]
