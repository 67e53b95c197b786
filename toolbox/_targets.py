"""Which files an app reads, and where the results of each go."""

import os
from dataclasses import dataclass
from pathlib import Path

PACKED = (".gz", ".bz2", ".xz")


@dataclass(frozen=True)
class Task:
    """An input to work on and the files to make, None for none."""

    source: Path
    name: str
    output: Path | None
    picture: Path | None


def tasks_of(paths, output, picture, suffixes, suffix=".txt"):
    """What to do, after all that can be checked before the work.

    Parameters
    ----------
    paths : list of Path
        Files, or folders of files with one of the suffixes.
    output, picture : str or None
        Where results go: a file, a folder, or a pattern with ``{name}`` in it.
    suffixes : tuple of str
        Of the inputs in a folder; a file that is named itself may have any.
    suffix : str
        Of an output in a folder.

    Returns
    -------
    list of Task

    Raises
    ------
    ValueError
        For a folder without inputs, and for two results in the same place.
    OSError
        For a folder that is not there or cannot be written to.
    """
    sources = [path for given in paths for path in _inputs(given, suffixes)]
    several = len(sources) > 1
    tasks, taken = [], {os.path.realpath(source): "it is a graph to read" for source in sources}
    for source in sources:
        name = _name(source, suffixes)
        made = output and _target(output, name, suffix, several)
        drawn = picture and _target(picture, name, ".png", several)
        for path in filter(None, (made, drawn)):
            place = os.path.realpath(path)
            if place in taken:
                raise ValueError(f"{path}: not written for {source}: {taken[place]}")
            taken[place] = f"the result of {source} goes there"
            _check_folder(path)
        tasks.append(Task(source, name, made, drawn))
    return tasks


def kind_of(path):
    """The suffix of an output, without that of packing."""
    return _unpacked(path, (".gz",)).suffix


def _inputs(path, suffixes):
    """The file itself, or the inputs in a folder."""
    if not path.is_dir():
        return [path]  # if there is none, reading it says so
    found = [file for file in sorted(path.iterdir()) if _is_input(file, suffixes)]
    if not found:
        raise ValueError(
            f"{path}: no graphs in this folder; their suffixes are {' '.join(suffixes)}"
        )
    return found


def _is_input(file, suffixes):
    """Whether a file in a folder is one to read; labels beside a graph and hidden files are not."""
    *_, kind, suffix = ["", "", *_unpacked(file).suffixes]
    hidden = file.name.startswith(".")
    return suffix.lower() in suffixes and kind != ".labels" and not hidden and file.is_file()


def _unpacked(path, packed=PACKED):
    return path.with_suffix("") if path.suffix.lower() in packed else path


def _name(source, suffixes):
    """What an input is called: its file without the suffixes."""
    plain = _unpacked(source)
    return plain.stem if plain.suffix.lower() in suffixes else plain.name


def _target(given, name, suffix, several):
    """Where the result of one input goes."""
    if os.path.isdir(given):
        return Path(given, name + suffix)
    if several and "{name}" not in given:
        raise ValueError(
            f"{given}: several graphs need a folder that exists or {{name}} in the name"
        )
    return Path(given.replace("{name}", name))


def _check_folder(path):
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"{path}: the folder {path.parent} cannot be written to")
