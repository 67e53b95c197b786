"""Figures without pyplot: no windows, no global state, the same on a server."""

from pathlib import Path

from toolbox._files import atomic_path


def new_axes(size=(10, 7.5)):
    """Axes of a figure of their own, empty and without a frame.

    Parameters
    ----------
    size : tuple of float, default=(10, 7.5)
        Width and height in inches.

    Returns
    -------
    matplotlib.axes.Axes
    """
    from matplotlib.figure import Figure

    return Figure(figsize=size, dpi=150).add_axes((0.02, 0.05, 0.96, 0.87))


def check_picture_path(path):
    """Fail before the work rather than after it: the suffix and the folder of a picture.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        For a suffix that matplotlib has no format for.
    FileNotFoundError
        If the folder does not exist.
    """
    from matplotlib.backend_bases import FigureCanvasBase

    path = Path(path)
    known = sorted(FigureCanvasBase.get_supported_filetypes())
    if path.suffix[1:].lower() not in known:
        raise ValueError(f"{path}: a picture's suffix must be one of .{', .'.join(known)}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    return path


def save_picture(picture, path):
    """Write a picture, whole or not at all.

    Parameters
    ----------
    picture : matplotlib.axes.Axes or matplotlib.figure.Figure
    path : path-like
        The suffix chooses the format: ``.png``, ``.svg``, ``.pdf`` ...

    Returns
    -------
    pathlib.Path
        Where it is.

    Raises
    ------
    ValueError
        For a suffix that matplotlib has no format for.
    FileNotFoundError
        If the folder does not exist.
    """
    path = check_picture_path(path)
    figure = picture if hasattr(picture, "savefig") else picture.figure
    with atomic_path(path) as temporary:
        figure.savefig(temporary, facecolor="white")
    return path
