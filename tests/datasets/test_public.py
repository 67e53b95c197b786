"""Public graphs, fetched from a server on this machine."""

import gzip
import hashlib
import io
import os
import socket
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from toolbox import datasets
from toolbox.datasets import fetch_graph
from toolbox.datasets._catalogue import GRAPHS, Entry, Source
from toolbox.datasets._fetch import data_folder
from toolbox.graph import read_graph

ROOT = Path(__file__).parents[2]
LINKS = b"# a triangle and a tail\n0 1\n1 2\n2 0\n2 3\n"


class Server(ThreadingHTTPServer):
    """Files by their path; ``short`` ones break off in the middle, ``gate`` holds all back."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.short, self.requests, self.gate = {}, set(), [], None
        self.agents = set()

    def url(self, name):
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"

    def put(self, name, content):
        self.files[name] = content.encode() if isinstance(content, str) else content
        return self.url(name)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.lstrip("/")
        self.server.requests.append(name)
        self.server.agents.add(self.headers["User-Agent"])
        if self.server.gate:
            self.server.gate.wait(timeout=60)
        if name not in self.server.files:
            self.send_error(404)
            return
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if name in self.server.short else content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty data folder, and no way around this machine's own address."""
    monkeypatch.setenv("TOOLBOX_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "home"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def kept(home):
    """Names of all files in the data folder."""
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def gml(values, links, directed=0, quote=""):
    """A file in the form of Newman's."""
    lines = ['Creator "Mark Newman on Sat Jul 22 05:32:16 2006"', "graph", "["]
    lines += [f"  directed {directed}"]
    for node, value in enumerate(values):
        lines += ["  node", "  [", f"    id {node}", f'    label "Team [{node}]"']
        lines += [f"    value {quote}{value}{quote}", "  ]"]
    for source, target in links:
        lines += ["  edge", "  [", f"    source {source}", f"    target {target}", "  ]"]
    return "\n".join([*lines, "]", ""])


# Any URL


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_is_fetched_once(server, home, pack):
    url = server.put("links.txt.gz", pack(LINKS))
    graph = fetch_graph(url)
    assert (graph.n_nodes, graph.n_links, graph.directed) == (4, 4, False)
    server.files.clear()
    again = fetch_graph(url, download_if_missing=False, directed=True)
    assert (again.n_links, again.directed) == (4, True)
    assert server.requests == ["links.txt.gz"]
    assert server.agents == {f"kexue-toolbox/{datasets._fetch.__version__}"}
    assert kept(home) == ["links.txt.gz", "links.txt.gz.sha256"]


def test_names_of_files(server, home):
    server.put("a/x.txt?version=1", LINKS)
    server.put("a/x.txt?version=2", b"0 1\n")
    server.put("..%2fy%20z", b"0 1\n1 2\n")
    counts = [
        fetch_graph(server.url(name)).n_links
        for name in ("a/x.txt?version=1", "a/x.txt?version=2", "..%2fy%20z")
    ]
    assert counts == [4, 1, 2]
    assert [name for name in kept(home) if "sha" not in name] == ["_2fy_20z", "x.txt", "x.txt"]


def test_where_files_are_kept(server, home, tmp_path, monkeypatch):
    url = server.put("links.txt", LINKS)
    fetch_graph(url, data_home=tmp_path / "other")
    assert len(kept(tmp_path / "other")) == 2
    assert not home.exists()
    monkeypatch.delenv("TOOLBOX_DATA_HOME")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    assert data_folder() == tmp_path / "cache" / "kexue-toolbox" / "data"
    monkeypatch.setattr(datasets._fetch, "user_cache", lambda: None)
    with pytest.raises(FileNotFoundError, match="TOOLBOX_DATA_HOME"):
        fetch_graph(url)


def test_checksum_that_is_given(server, home):
    url = server.put("links.txt", LINKS)
    assert fetch_graph(url, sha256=sha256(LINKS).upper()).n_links == 4
    assert kept(home) == ["links.txt"]
    with pytest.raises(
        OSError, match=f"SHA-256 is {sha256(LINKS)}, expected {'0' * 64}; .*removed"
    ):
        fetch_graph(url, sha256="0" * 64)
    assert kept(home) == []
    with pytest.raises(OSError, match=f"{url}: SHA-256 is {sha256(LINKS)}, expected {'0' * 64}"):
        fetch_graph(url, sha256="0" * 64)
    assert kept(home) == []
    assert len(server.requests) == 2


def test_checksum_of_the_first_time_holds(server, home):
    url = server.put("links.txt", LINKS)
    fetch_graph(url)
    path = next(home.rglob("links.txt"))
    path.write_bytes(LINKS + b"3 0\n")
    with pytest.raises(OSError, match=f"expected {sha256(LINKS)}; the file is removed"):
        fetch_graph(url)
    assert not path.exists()
    server.put("links.txt", LINKS + b"3 1\n")
    with pytest.raises(OSError, match=r"to take a new version for good, remove .*txt\.sha256"):
        fetch_graph(url)
    assert not path.exists()
    server.put("links.txt", LINKS)
    assert fetch_graph(url).n_links == 4
    server.put("links.txt", LINKS + b"3 1\n")
    path.unlink()
    path.with_name("links.txt.sha256").unlink()
    assert fetch_graph(url).n_links == 5


def test_what_is_no_graph_is_not_kept(server, home):
    url = server.put("links.txt", "<!DOCTYPE html><html>Log in to this network</html>")
    with pytest.raises(ValueError, match=f"<html>.*what {url} gave is removed again"):
        fetch_graph(url)
    assert kept(home) == []
    server.put("links.txt", LINKS)
    assert fetch_graph(url).n_links == 4


def test_cut_off(server, home):
    url = server.put("links.txt", LINKS)
    server.short.add("links.txt")
    half = len(LINKS) // 2
    with pytest.raises(
        ConnectionError, match=f"only {half} of {len(LINKS)} bytes came; call again"
    ):
        fetch_graph(url)
    assert kept(home) == []
    server.short.clear()
    assert fetch_graph(url).n_links == 4


def test_missing_on_the_server(server, home):
    with pytest.raises(OSError, match=r"gone\.txt: the server says 404 Not Found\. To use a copy"):
        fetch_graph(server.url("gone.txt"))
    assert kept(home) == []


def offline_url():
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/links.txt"


def test_offline_and_by_hand(home):
    url = offline_url()
    with pytest.raises(ConnectionError, match=f"{url} cannot be reached .*put it at") as caught:
        fetch_graph(url)
    path = str(caught.value).split("put it at ")[1].split(" (TOOLBOX_DATA_HOME")[0]
    assert path.startswith(str(home))
    assert kept(home) == []
    Path(path).write_bytes(LINKS)
    assert fetch_graph(url).n_links == 4
    assert kept(home) == ["links.txt", "links.txt.sha256"]


def test_without_leave_to_download(server, home):
    url = server.put("links.txt", LINKS)
    with pytest.raises(FileNotFoundError, match=f"download_if_missing is False.*copy of {url}"):
        fetch_graph(url, download_if_missing=False)
    assert not home.exists()
    assert server.requests == []


@pytest.mark.parametrize(
    ("source", "options", "what"),
    [
        ("footbal", {}, "neither an address .*football.*; read_graph reads local files"),
        ("file:///etc/passwd", {}, "neither an address"),
        ("football", {"sha256": "0" * 64}, "are for URLs; 'football' is a name"),
        ("football", {"directed": False}, "are for URLs"),
    ],
)
def test_bad_arguments(source, options, what):
    with pytest.raises(ValueError, match=what):
        fetch_graph(source, **options)


def test_processes_at_once(server, home):
    """Both find nothing, both fetch, and both have the whole file."""
    server.gate = threading.Event()
    content = "".join(f"{k} {k + 1}\n" for k in range(200_000)).encode()
    url = server.put("links.txt.gz", gzip.compress(content, 1))
    code = f"from toolbox.datasets import fetch_graph; print(fetch_graph({url!r}).n_links)"
    command = [sys.executable, "-W", "error", "-c", code]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), **pipes) for _ in range(2)
    ]
    try:
        while len(server.requests) < 2 and all(process.poll() is None for process in processes):
            threading.Event().wait(0.01)
        server.gate.set()
        found = [process.communicate(timeout=120) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert found == [("200000\n", "")] * 2
    assert kept(home) == ["links.txt.gz", "links.txt.gz.sha256"]


def test_zip(server, home):
    graph = gml([1, 2, 3], [(0, 1), (1, 2)])
    url = server.put("one.zip", zipped(readme__txt="hello", one__gml=graph))
    assert fetch_graph(url).names == ["Team [0]", "Team [1]", "Team [2]"]
    assert fetch_graph(server.put("list.zip", zipped(links__txt=LINKS))).n_links == 4
    url = server.put("two.zip", zipped(one__gml=graph, two__net="*Vertices 2\n*Edges\n1 2\n"))
    with pytest.raises(LookupError, match=r"several files, give one as member: one\.gml, two\.net"):
        fetch_graph(url)
    assert fetch_graph(url, member="two.net").n_nodes == 2
    with pytest.raises(LookupError, match=r"has no 'three\.gml', but one\.gml, two\.net"):
        fetch_graph(url, member="three.gml")
    assert server.requests.count("two.zip") == 1
    url = server.put("plain.txt", LINKS)
    with pytest.raises(ValueError, match="is no zip file"):
        fetch_graph(url, member="a.gml")


def test_damaged_zip(server, home):
    content = bytearray(zipped(one__gml=gml(range(50), [(0, 1)])))
    content[60:80] = bytes(20)
    with pytest.raises(ValueError, match=r"one\.gml is damaged or locked .*removed again"):
        fetch_graph(server.put("one.zip", bytes(content)))
    assert kept(home) == []


# The catalogue


def served(server, monkeypatch, name, content, **changes):
    """Let an entry of the catalogue lead to this server."""
    entry = GRAPHS[name]
    url = server.put(entry.graph.url.rpartition("/")[2], content)
    graph = replace(entry.graph, url=url, sha256=entry.graph.sha256 and sha256(content))
    monkeypatch.setitem(GRAPHS, name, replace(entry, graph=graph, **changes))


def test_email_eu_core(server, monkeypatch, home):
    labels = server.put("labels.txt.gz", gzip.compress(b"2 5\n0 3\n1 5\n3 0\n"))
    labels = Source(labels, sha256(server.files["labels.txt.gz"]))
    content = gzip.compress(b"0 1\n1 0\n1 1\n2 0\n2 3\n")
    served(server, monkeypatch, "email-Eu-core", content, nodes=4, links=5, labels=labels)
    graph, found = datasets.fetch_email_eu_core()
    assert graph.directed
    assert graph.to_scipy().toarray().tolist() == [
        [0, 1, 0, 0],
        [1, 1, 0, 0],
        [1, 0, 0, 1],
        [0, 0, 0, 0],
    ]
    assert found.tolist() == [3, 5, 5, 0]
    assert found.dtype == np.int64
    assert kept(home / "email-Eu-core") == ["email-Eu-core.txt.gz", "labels.txt.gz"]
    server.files.clear()
    datasets.fetch_email_eu_core(download_if_missing=False)
    assert fetch_graph("email-Eu-core").n_links == 5
    assert len(server.requests) == 2


def test_labels_of_other_nodes(server, monkeypatch):
    content = b"0 1\n1 2\n"
    labels = Source(server.put("labels.txt", b"0 1\n1 1\n3 0\n"))
    served(server, monkeypatch, "email-Eu-core", content, nodes=3, links=2, labels=labels)
    with pytest.raises(ValueError, match="one label for each node"):
        datasets.fetch_email_eu_core()


@pytest.mark.parametrize(
    ("name", "values", "labels"),
    [("football", [7, 0, 11], [7, 0, 11]), ("polbooks", ["n", "c", "l"], [2, 0, 1])],
)
def test_labelled_gml(server, monkeypatch, name, values, labels):
    quote = '"' if name == "polbooks" else ""
    content = zipped(**{f"{name}__gml": gml(values, [(0, 1), (2, 1)], quote=quote)})
    served(server, monkeypatch, name, content, nodes=3, links=2)
    graph, found = getattr(datasets, f"fetch_{name}")()
    assert not graph.directed
    assert graph.names == ["Team [0]", "Team [1]", "Team [2]"]
    assert found.tolist() == labels
    assert found.dtype == np.int64
    assert fetch_graph(name).n_links == 2
    assert len(server.requests) == 1


def test_polblogs_repeats_links(server, monkeypatch):
    links = [(0, 1), (0, 1), (1, 0), (2, 2)]
    content = zipped(polblogs__gml=gml([0, 1, 1, 0], links, directed=1))
    served(server, monkeypatch, "polblogs", content, nodes=4, links=3)
    graph, labels = datasets.fetch_polblogs()
    assert graph.directed
    assert graph.weights.tolist() == [2, 1, 1]
    assert labels.tolist() == [0, 1, 1, 0]


def test_missing_values(server, monkeypatch):
    content = zipped(football__gml=gml([1, 2], [(0, 1)]).replace("value 2", "worth 2"))
    served(server, monkeypatch, "football", content, nodes=2, links=1)
    with pytest.raises(ValueError, match="does not have a value for each node"):
        datasets.fetch_football()


def test_links_listed_in_both_directions_count_once(server, monkeypatch):
    content = gzip.compress(b"# From To\n3 5\n5 3\n5 9\n9 5\n7 7\n")
    served(server, monkeypatch, "ca-CondMat", content, nodes=4, links=3)
    graph = fetch_graph("ca-CondMat")
    assert not graph.directed
    assert graph.names.tolist() == [3, 5, 7, 9]
    assert graph.weights.tolist() == [1] * 5


def test_other_numbers_than_stated(server, monkeypatch, home):
    served(server, monkeypatch, "com-DBLP", LINKS, nodes=4, links=5)
    with pytest.raises(ValueError, match=r"4 nodes and 4 links, expected 4 and 5.*removed again"):
        fetch_graph("com-DBLP")
    assert kept(home) == []
    served(server, monkeypatch, "com-DBLP", LINKS, nodes=4, links=4)
    assert fetch_graph("com-DBLP").n_links == 4
    assert kept(home / "com-DBLP") == ["com-dblp.ungraph.txt.gz", "com-dblp.ungraph.txt.gz.sha256"]


def test_catalogue():
    sources = [entry.graph for entry in GRAPHS.values()]
    sources += [entry.labels for entry in GRAPHS.values() if entry.labels]
    assert all(source.url.startswith("https://") for source in sources)
    sums = [source.sha256 for source in sources if source.sha256]
    assert len(set(sums)) == len(sums) == 11
    assert all(len(bytes.fromhex(one)) == 32 for one in sums)
    table = fetch_graph.__doc__
    for name, entry in GRAPHS.items():
        assert isinstance(entry, Entry)
        (line,) = [
            line for line in table.splitlines() if line.split()[:1] in ([name], [f"{name}*"])
        ]
        star = "" if entry.graph.sha256 else "*"
        facts = [f"{name}{star}", f"{entry.nodes:,}", f"{entry.links:,}"]
        assert line.split()[:3] == facts
        assert ("directed" in line) == entry.directed


@pytest.mark.skipif(
    "TOOLBOX_DATA" not in os.environ, reason="no folder of real data: TOOLBOX_DATA is not set"
)
@pytest.mark.parametrize("name", ["football", "polbooks"])
def test_numbers_of_real_graphs(name):
    """Copies that others have renumbered hold as many nodes and links."""
    graph = read_graph(Path(os.environ["TOOLBOX_DATA"], "graphs", f"{name}.txt.gz"))
    assert (graph.n_nodes, graph.n_links) == (GRAPHS[name].nodes, GRAPHS[name].links)
