"""Numba's ``njit`` with a disk cache that is keyed by the package's sources.

Numba's own cache looks only at the file a function stands in: code inlined
from another file goes stale unseen, and its shared index file races when
several processes compile at once (numba #10128).  Here a compiled function is
one file, named by a hash of *all* sources of this package and of the machine,
written under a temporary name and then renamed.  Processes that start cold
together may compile the same function twice, but none can read half a file,
and a file that a full disk or a crash has damaged fails its checksum.

The cache lives in ``TOOLBOX_CACHE_DIR`` if set, else in the user's cache
folder, else in the temporary folder.  Numba's settings, and with them the
caches of other packages, stay untouched.
"""

import functools
import hashlib
import os
import pickle
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from toolbox._files import replace_file, user_cache

_CHECKSUM = hashlib.sha256().digest_size


def njit(function=None, **options):
    """Compile a function without the GIL, cached on disk.

    The division by zero follows NumPy (no check, so that loops vectorise).

    Parameters
    ----------
    function : callable
        Arrays and scalars in, arrays and scalars out.
    **options
        Further options of :func:`numba.njit`.

    Returns
    -------
    numba dispatcher
    """
    if function is None:
        return functools.partial(njit, **options)
    dispatcher = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if not numba.config.DISABLE_JIT:
        dispatcher._cache = _OneFileCache(function)
    return dispatcher


@functools.cache
def cache_folder():
    """Folder of this version's compiled functions, or None if none can be written.

    Returns
    -------
    pathlib.Path or None
    """
    python = f"py{sys.version_info[0]}{sys.version_info[1]}"
    key = f"{_sources_digest()}-{python}-nb{numba.__version__}-np{np.__version__}"
    for base in _cache_bases():
        folder = base / key
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder
    return None


def _cache_bases():
    """Places to try, best first."""
    if os.environ.get("TOOLBOX_CACHE_DIR"):
        yield Path(os.environ["TOOLBOX_CACHE_DIR"]).absolute()
    if home_cache := user_cache():
        yield home_cache
    # Code is loaded from here, so the name holds the user: in a shared
    # temporary folder nobody else may own it.
    user = os.getuid() if hasattr(os, "getuid") else "user"
    with suppress(FileNotFoundError):  # no folder on this machine can be written
        shared = Path(tempfile.gettempdir()) / f"kexue-toolbox-{user}"
        if _is_ours(shared):
            yield shared


def _is_ours(folder):
    """Make a folder that only this user can write to; False if it is another's."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _sources_digest():
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


class _PackageLocator(_CacheLocator):
    """Tells Numba where a function's compiled code may stand."""

    def __init__(self, function, file):
        self._py_file = file
        self._line = function.__code__.co_firstlineno

    def get_cache_path(self):
        return str(cache_folder())

    def get_source_stamp(self):
        return 0  # the folder's name holds the digest of all sources

    def get_disambiguator(self):
        return str(self._line)

    @classmethod
    def from_function(cls, function, file):
        return cls(function, file)


class _PackageCacheImpl(CompileResultCacheImpl):
    _locator_classes = (_PackageLocator,)


class _OneFileCache(FunctionCache):
    """One file per function and signature; no index, so nothing to race for."""

    def __init__(self, function):
        # Only the function is kept: hashing the sources and making a folder
        # wait for the first call of a compiled function.
        self._py_func = function
        self._name = repr(function)
        self.enable()

    @functools.cached_property
    def _impl(self):
        return _PackageCacheImpl(self._py_func)

    @property
    def cache_path(self):
        return str(cache_folder())

    def flush(self):
        for path in Path(self.cache_path).glob(f"{self._impl.filename_base}-*.nbc"):
            path.unlink(missing_ok=True)

    def load_overload(self, sig, target_context):
        if not self._enabled or cache_folder() is None:
            return None
        target_context.refresh()
        try:
            stored = self._path(sig, target_context.codegen()).read_bytes()
        except OSError:
            return None  # not compiled yet
        checksum, payload = stored[:_CHECKSUM], stored[_CHECKSUM:]
        if hashlib.sha256(payload).digest() != checksum:
            return None  # damaged: compile
        return self._impl.rebuild(target_context, pickle.loads(payload))

    def save_overload(self, sig, data):
        if not self._enabled or cache_folder() is None or not self._impl.check_cachable(data):
            return
        payload = pickle.dumps(self._impl.reduce(data))
        with suppress(OSError):  # a cache that cannot be written costs time, never the result
            replace_file(self._path(sig, data.codegen), hashlib.sha256(payload).digest() + payload)

    def _path(self, sig, codegen):
        key = repr((self._py_func.__module__, self._index_key(sig, codegen)))
        digest = hashlib.sha256(key.encode()).hexdigest()[:24]
        return cache_folder() / f"{self._impl.filename_base}-{digest}.nbc"
