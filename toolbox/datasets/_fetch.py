"""Files of the network, kept in a folder: whole, checked, and fetched only once."""

import hashlib
import os
import re
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from toolbox._files import atomic_path, replace_file, user_cache
from toolbox._version import __version__

_TIMEOUT = 30  # seconds without a byte
_CHUNK = 1 << 18


@contextmanager
def fetched(url, name, sha256=None, data_home=None, download_if_missing=True):
    """Give the path of a file, and fetch it first if it is not there yet.

    A file whose checksum is not known is trusted once it has been read: on
    leaving, its SHA-256 is written beside it and holds from then on.  If the
    reading ends with a ValueError, the file is removed.

    Parameters
    ----------
    url : str
    name : str
        Subfolder of the data folder.
    sha256 : str or None, default=None
    data_home : path-like or None, default=None
    download_if_missing : bool, default=True

    Yields
    ------
    pathlib.Path
    """
    path = data_folder(data_home) / name / _file_name(url)
    pin = path.with_name(f"{path.name}.sha256")
    known = sha256.lower() if sha256 else pin.read_text().strip() if pin.exists() else None
    if path.exists():
        found = _digest(path)
        if known and found != known:
            path.unlink(missing_ok=True)
            raise OSError(f"{path}: {_mismatch(found, known)}{_advice(url, path, pin)}")
    elif not download_if_missing:
        raise FileNotFoundError(
            f"{path} is not there and download_if_missing is False{_advice(url, path)}"
        )
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _download(url, path, known, pin)
    try:
        yield path
    except ValueError as error:
        if known:
            raise
        path.unlink(missing_ok=True)
        raise ValueError(f"{error}; what {url} gave is removed again") from error
    if not known:
        replace_file(pin, found.encode())


def data_folder(data_home=None):
    """Where fetched files are kept.

    Parameters
    ----------
    data_home : path-like or None, default=None
        None: ``TOOLBOX_DATA_HOME``, else ``data`` in the package's folder of
        the user's cache.

    Returns
    -------
    pathlib.Path
    """
    home = data_home or os.environ.get("TOOLBOX_DATA_HOME")
    if home:
        return Path(home).expanduser().absolute()
    if cache := user_cache():
        return cache / "data"
    raise FileNotFoundError("no folder for data: set TOOLBOX_DATA_HOME or give data_home")


def _file_name(url):
    name = urlsplit(url).path.rpartition("/")[2]
    return re.sub(r"[^\w.-]", "_", name).lstrip(".") or "file"


def _download(url, path, known, pin):
    """Fetch a file that then is at ``path`` as a whole; its SHA-256."""
    # Some hosts refuse the name by which urllib calls itself.
    request = Request(url, headers={"User-Agent": f"kexue-toolbox/{__version__}"})
    try:
        response = urlopen(request, timeout=_TIMEOUT)
    except HTTPError as error:
        error.close()
        raise OSError(
            f"{url}: the server says {error.code} {error.reason}{_advice(url, path)}"
        ) from None
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise ConnectionError(f"{url} cannot be reached ({reason}){_advice(url, path)}") from None
    with response, atomic_path(path) as temporary:
        found = _save(response, temporary, url, path)
        if known and found != known:
            raise OSError(f"{url}: {_mismatch(found, known)}{_advice(url, path, pin)}")
    return found


def _save(response, temporary, url, path):
    """Write a body to a file; its SHA-256."""
    from tqdm import tqdm

    length = response.headers.get("Content-Length")
    total = int(length) if length and length.isdecimal() else None
    digest, size = hashlib.sha256(), 0
    options = {"unit": "B", "unit_scale": True, "desc": path.name, "leave": False}
    with open(temporary, "wb") as file, tqdm(total=total, disable=None, **options) as bar:
        while chunk := _receive(response, url, path):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            bar.update(len(chunk))
    if total is not None and size != total:  # read() says nothing about it
        raise ConnectionError(
            f"{url}: only {size} of {total} bytes came; call again{_advice(url, path)}"
        )
    return digest.hexdigest()


def _receive(response, url, path):
    try:
        return response.read(_CHUNK)
    except (OSError, HTTPException) as error:
        raise ConnectionError(
            f"{url}: the connection broke ({error or type(error).__name__}); "
            f"call again{_advice(url, path)}"
        ) from None


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mismatch(found, known):
    return f"SHA-256 is {found}, expected {known}; the file is removed"


def _advice(url, path, pin=None):
    advice = f". To use a copy of {url}, put it at {path} (TOOLBOX_DATA_HOME and data_home name "
    advice += "another folder)"
    if pin is not None and pin.exists():
        advice += f"; to take a new version for good, remove {pin}"
    return advice
