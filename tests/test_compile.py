"""The cache of compiled code: quick, never stale, never torn, and nobody else's business."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np
import pytest

from toolbox import _compile

PACKAGE = Path(_compile.__file__).parent

HELPER = """
from toolbox._compile import njit

@njit
def scaled(x):
    return FACTOR * x
"""

KERNEL = """
from toolbox._compile import njit
from toolbox.helper import scaled

@njit
def total(values):
    found = 0.0
    for value in values:
        found += scaled(value)
    return found
"""

# Says what came out and whether it was compiled or loaded.
RUN = """
import json, sys, time
from pathlib import Path
import numpy as np
from toolbox import _compile
from toolbox.kernel import total

if len(sys.argv) > 1:  # start together with others
    ready, go = map(Path, sys.argv[1:])
    ready.touch()
    while not go.exists():
        time.sleep(0.001)
value = total(np.arange(5.0))
print(json.dumps({
    "value": value,
    "loaded": sum(total.stats.cache_hits.values()),
    "compiled": sum(total.stats.cache_misses.values()),
    "folder": str(_compile.cache_folder()),
}))
"""


@pytest.fixture
def tree(tmp_path):
    """A package of our sources' ground and one small compiled function."""
    package = tmp_path / "tree" / "toolbox"
    package.mkdir(parents=True)
    for name in ("__init__", "_version", "_lazy", "_compile", "_files"):
        shutil.copy(PACKAGE / f"{name}.py", package)
    (package / "helper.py").write_text(HELPER.replace("FACTOR", "1.0"))
    (package / "kernel.py").write_text(KERNEL)
    return package


def environment(tree, **changes):
    """That of a process which finds the package in a folder, with a cache of its own."""
    env = os.environ | {"PYTHONPATH": str(tree.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    env["TOOLBOX_CACHE_DIR"] = str(tree.parent.parent / "cache")
    for name in ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT"):
        env.pop(name, None)
    for name, value in changes.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = str(value)
    return env


def run(tree, code=RUN, **changes):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tree, **changes),
        cwd=tree.parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def files(folder):
    return {path.name: path.stat().st_mtime_ns for path in Path(folder).iterdir()}


# Across processes


def test_second_process_loads(tree):
    first = run(tree)
    assert (first["value"], first["loaded"], first["compiled"]) == (10, 0, 1)
    assert Path(first["folder"]).parent == tree.parent.parent / "cache"
    stored = files(first["folder"])
    assert stored
    assert all(name.endswith(".nbc") for name in stored)

    second = run(tree)
    assert (second["value"], second["loaded"], second["compiled"]) == (10, 1, 0)
    assert files(second["folder"]) == stored


def test_edited_helper_in_another_file_counts(tree):
    before = run(tree)
    (tree / "helper.py").write_text(HELPER.replace("FACTOR", "3.0"))
    after = run(tree)
    assert (after["value"], after["loaded"], after["compiled"]) == (30, 0, 1)
    assert after["folder"] != before["folder"]


def test_eight_cold_processes_at_once(tree, tmp_path):
    go = tmp_path / "go"
    signals = [tmp_path / f"ready-{i}" for i in range(8)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RUN, ready, go],
            env=environment(tree),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for ready in signals
    ]
    try:
        end = time.monotonic() + 120
        while not all(ready.exists() for ready in signals) and time.monotonic() < end:
            time.sleep(0.01)
        go.touch()
        found = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * 8
    assert {err for _, err in found} == {""}
    found = [json.loads(out) for out, _ in found]
    assert {one["value"] for one in found} == {10}
    (folder,) = {one["folder"] for one in found}
    assert all(one.endswith(".nbc") and not one.startswith(".") for one in files(folder))
    after = run(tree)
    assert (after["value"], after["loaded"]) == (10, 1)


def test_other_packages_keep_their_caches(tree):
    code = """
import json, numba, numpy as np
before = numba.config.CACHE_DIR
import foreign
from toolbox.kernel import total
total(np.arange(5.0)), foreign.double(1.0)
print(json.dumps({
    "kept": numba.config.CACHE_DIR == before,
    "path": foreign.double.stats.cache_path,
    "loaded": sum(foreign.double.stats.cache_hits.values()),
}))
"""
    module = "import numba\n@numba.njit(cache=True)\ndef double(x):\n    return 2 * x\n"
    (tree.parent / "foreign.py").write_text(module)
    first, second = run(tree, code), run(tree, code)
    beside = tree.parent / "__pycache__"
    assert first == {"kept": True, "path": str(beside), "loaded": 0}
    assert second == {"kept": True, "path": str(beside), "loaded": 1}
    assert sorted({path.suffix for path in beside.iterdir()}) == [".nbc", ".nbi"]
    assert not list((tree.parent.parent / "cache").rglob("*foreign*"))


def test_without_a_home(tree):
    found = run(tree, HOME=None, TOOLBOX_CACHE_DIR="", XDG_CACHE_HOME=tree.parent / "xdg")
    assert found["value"] == 10
    assert Path(found["folder"]).parents[1] == tree.parent / "xdg"


def test_without_the_compiler(tree):
    code = "import json\nfrom toolbox.kernel import total\nprint(json.dumps(total([1.0, 2.0])))"
    assert run(tree, code, NUMBA_DISABLE_JIT="1") == 3


# Within this one


def cubes(values):
    found = 0.0
    for value in values:
        found += value**3
    return found


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache for this process, until the test is over."""
    monkeypatch.setenv("TOOLBOX_CACHE_DIR", str(tmp_path / "cache"))
    _compile.cache_folder.cache_clear()
    yield tmp_path / "cache"
    _compile.cache_folder.cache_clear()


def call():
    """Result of a function, and whether it was loaded from the cache."""
    function = _compile.njit(cubes)
    assert function(np.arange(4.0)) == 36
    return bool(sum(function.stats.cache_hits.values()))


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled: NUMBA_DISABLE_JIT")
class TestCache:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"",
            lambda data: data[:10],
            lambda data: data[: len(data) // 2],
            lambda data: data[:-1],
            lambda data: data[:-100] + bytes(100),
            lambda data: bytes(len(data)),
            lambda data: b"cubes\n" * 50,
        ],
        ids=["empty", "head", "half", "last byte", "zeros at the end", "zeros", "garbage"],
    )
    def test_damaged_file_is_compiled_again(self, cache, damage):
        assert not call()
        assert call()
        (path,) = cache.rglob("*.nbc")
        path.write_bytes(damage(path.read_bytes()))
        assert not call()
        assert call()

    def test_flush(self, cache):
        function = _compile.njit(cubes)
        function(np.arange(4.0))
        assert list(cache.rglob("*.nbc"))
        function._cache.flush()
        assert not list(cache.rglob("*.nbc"))

    def test_unwritable_places_are_passed_over(self, cache, tmp_path, monkeypatch):
        # A file where a folder is needed stops root, too.
        blocked = tmp_path / "file"
        blocked.touch()
        monkeypatch.setenv("TOOLBOX_CACHE_DIR", str(blocked))
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
            monkeypatch.setenv(name, str(blocked / "cache"))
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "shared"))
        (tmp_path / "shared").mkdir()
        assert not call()
        assert call()
        folder = _compile.cache_folder()
        assert folder.parents[1] == tmp_path / "shared"
        if os.name == "posix":
            assert folder.parent.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("shared", ["unwritable", "none"])
    def test_no_place_at_all(self, cache, tmp_path, monkeypatch, shared):
        blocked = tmp_path / "file"
        blocked.touch()
        for name in ("TOOLBOX_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
            monkeypatch.setenv(name, str(blocked / "cache"))
        monkeypatch.setattr(tempfile, "tempdir", str(blocked))
        if shared == "none":

            def gettempdir():
                raise FileNotFoundError("no usable temporary directory")

            monkeypatch.setattr(tempfile, "gettempdir", gettempdir)
        assert _compile.cache_folder() is None
        assert not call()
        assert not call()

    def test_folder_that_vanished(self, cache):
        assert not call()
        shutil.rmtree(cache)
        assert not call()

    @pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of files on this system")
    def test_shared_folder_of_another_user_is_not_used(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
        assert not _compile._is_ours(tmp_path)
