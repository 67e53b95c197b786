"""Files that are there whole or not at all, and the folder for what can be made again."""

import gzip
import io
import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_path(path):
    """Give a temporary path beside ``path``; rename it on success, remove it on error.

    Parameters
    ----------
    path : path-like
        The file to make or to replace; its folder must exist.  A symbolic
        link is followed, so the link stays and its target is replaced.

    Yields
    ------
    pathlib.Path
        Where to write, with the same suffix as ``path``.
    """
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; a result is as readable as any other.
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        temporary.chmod(mode)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def replace_file(path, data):
    """Write bytes to a file, atomically.

    Parameters
    ----------
    path : path-like
    data : bytes
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def packed_file(path):
    """Give a binary file to write, which appears at ``path`` on success.

    Parameters
    ----------
    path : path-like
        As in :func:`atomic_path`; packed if it ends in ``.gz``, the same
        content to the same bytes.

    Yields
    ------
    binary file
    """
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        if os.fspath(path).endswith(".gz"):
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                yield packed
        else:
            yield file


@contextmanager
def packed_text(path):
    """Give a UTF-8 text file to write, which appears at ``path`` on success.

    Parameters
    ----------
    path : path-like
        As in :func:`packed_file`.

    Yields
    ------
    text file
        What UTF-8 cannot hold is written with backslashes.
    """
    with (
        packed_file(path) as file,
        io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="\n") as text,
    ):
        yield text


def user_cache():
    """Folder of this package in the user's cache folder, which may not exist yet.

    Returns
    -------
    pathlib.Path or None
        None for a user without a home.
    """
    if sys.platform == "win32":
        home_cache = os.environ.get("LOCALAPPDATA")
    else:
        home_cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(home_cache) / "kexue-toolbox" if home_cache and os.path.isabs(home_cache) else None


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
