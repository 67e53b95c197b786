"""The distribution: what is in it, and that it works where nothing else of ours is."""

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pytest

import toolbox

ROOT = Path(__file__).parents[1]
SOURCES = (
    *("LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "MANIFEST.in"),
    *("setup.cfg", "pyproject.toml", "apps", "data", "docs", "tests", "toolbox"),
)
HEAVY = {
    *("numpy", "scipy", "sklearn", "numba", "networkx", "matplotlib"),
    *("cv2", "PIL", "joblib", "tqdm", "infomap", "dask", "igraph", "pandas", "pyarrow"),
}


def can_build():
    """Whether pip is here, and a setuptools that makes wheels by itself."""
    try:
        major, minor = map(int, version("setuptools").split(".")[:2])
    except PackageNotFoundError:
        return False
    return (major, minor) >= (70, 1) and find_spec("pip") is not None


needs_tools = pytest.mark.skipif(
    not can_build(), reason="building a distribution needs pip and setuptools >= 70.1"
)


def python(*args, cwd, **env):
    """Run this interpreter outside the checkout; its output."""
    for name in ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP"):
        if name in os.environ:
            env.setdefault(name, os.environ[name])
    command = [sys.executable, *map(str, args)]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build_wheel(sources, folder):
    """The wheel of a source tree, with the tools that are here and no network."""
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet")
    python("-m", "pip", "wheel", *options, "-w", folder, sources, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """What a clone holds, without what was built in this one."""
    folder = tmp_path_factory.mktemp("sources")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def sdist(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    code = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    python("-c", code, folder, cwd=sources)
    (archive,) = folder.iterdir()
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()
    (unpacked,) = folder.iterdir()
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """Built by way of an sdist, as an installer does that finds no wheel."""
    return build_wheel(sdist, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A read-only folder that the wheel is installed in."""
    folder = tmp_path_factory.mktemp("site")
    options = ("--no-deps", "--no-index", "--quiet", "--target", folder)
    python("-m", "pip", "install", *options, wheel, cwd=folder)
    paths = [folder, *folder.rglob("*")]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    yield folder
    for path, mode in modes.items():
        path.chmod(mode)


@pytest.fixture
def run(site, tmp_path):
    """Run Python in an empty folder, with the wheel and no HOME; nothing is written beside it."""
    empty = tmp_path / "empty"
    empty.mkdir()

    def run_python(*args):
        return python(*args, cwd=empty, PYTHONPATH=str(site))

    run_python.folder = empty
    before = listing(site)  # permissions do not stop root
    yield run_python
    assert listing(site) == before


def listing(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@needs_tools
class TestDistribution:
    def test_sdist_is_whole(self, sources, sdist):
        def names(folder):
            paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
            return {str(path) for path in paths if ".egg-info" not in str(path)}

        assert names(sources) <= names(sdist)

    def test_wheel_is_whole(self, wheel):
        found = contents(wheel)
        for folder, package in (
            ("toolbox", "toolbox"),
            ("apps", "toolbox_apps"),
            ("data", "toolbox/datasets/data"),
        ):
            files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".txt")]
            assert files
            for path in files:
                assert f"{package}/{path.relative_to(ROOT / folder).as_posix()}" in found
        assert "toolbox/py.typed" in found
        assert any(name.endswith("licenses/LICENSE") or name.endswith("/LICENSE") for name in found)
        assert not any(name.startswith(("tests", "apps/", "data/", "docs")) for name in found)

    def test_sdist_makes_the_wheel_of_the_tree(self, sources, wheel, tmp_path):
        assert contents(build_wheel(sources, tmp_path)) == contents(wheel)


@needs_tools
class TestInstalled:
    def test_loaders(self, run, site):
        code = """
from importlib import resources
import toolbox
from toolbox.datasets import load_karate, load_planted
print(toolbox.__file__)
print(resources.files("toolbox.datasets.data").joinpath("karate.txt").is_file())
for load in (load_karate, load_planted):
    graph, labels = load()
    print(graph.shape, graph.nnz, len(labels), labels.max() + 1)
"""
        lines = run("-c", code).splitlines()
        assert lines == [
            str(site / "toolbox" / "__init__.py"),
            "True",
            "(34, 34) 156 34 2",
            "(200, 200) 2562 200 8",
        ]

    def test_app_as_a_module(self, run, site):
        karate = site / "toolbox" / "datasets" / "data" / "karate.txt"
        out = run("-m", "toolbox_apps.communities", karate, "-o", "karate.tree")
        assert out.startswith("karate: 34 nodes, 78 links, 4.31")
        lines = (run.folder / "karate.tree").read_text().splitlines()
        assert sum(not line.startswith("#") for line in lines) == 34
        assert [path.name for path in run.folder.iterdir()] == ["karate.tree"]

    def test_console_script(self, run, site):
        code = """
import sys
from importlib.metadata import distribution
(script,) = distribution("kexue-toolbox").entry_points.select(group="console_scripts")
print(script.name, script.load()([sys.argv[1], "--json"]))
"""
        karate = site / "toolbox" / "datasets" / "data" / "karate.txt"
        answer, status = run("-c", code, karate).splitlines()
        assert '"modules": 3' in answer
        assert status == "toolbox-communities 0"

    def test_version(self, run):
        code = "from importlib.metadata import version; print(version('kexue-toolbox'))"
        assert run("-c", code).strip() == toolbox.__version__


# Start-up


@pytest.mark.parametrize(
    "module", ["toolbox", "toolbox.graph", "toolbox.datasets", "toolbox.plot", "apps.communities"]
)
def test_import_loads_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted(set({HEAVY}) & sys.modules.keys()))"
    assert python("-c", code, cwd=ROOT).split() == []


def test_public_names_load():
    code = """
import sys, toolbox
for topic in ("datasets", "graph", "plot"):
    package = getattr(toolbox, topic)
    for name in dir(package):
        assert getattr(package, name).__name__ == name, name
print(*sorted({"matplotlib", "networkx", "cv2", "infomap", "dask"} & sys.modules.keys()))
"""
    assert python("-c", code, cwd=ROOT).split() == []


def test_unknown_name():
    with pytest.raises(AttributeError, match="'toolbox' has no attribute 'graphs'"):
        toolbox.graphs  # noqa: B018
