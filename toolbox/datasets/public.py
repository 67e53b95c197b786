"""Public graphs, fetched from where they are published and kept on disk."""

import hashlib
import re
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from toolbox.datasets._catalogue import GRAPHS, Source
from toolbox.datasets._fetch import fetched
from toolbox.graph import as_graph, read_graph

# A node of a GML file; what stands in quotes may hold brackets.
_NODE = re.compile(r'\bnode\s*\[((?:[^"\]]|"[^"]*")*)\]')
_VALUE = re.compile(r'\bvalue\s+(?:"([^"]*)"|(\S+))')
_GRAPHS = (".gml", ".graphml", ".gexf", ".net", ".paj", ".edges", ".edgelist", ".parquet")


def fetch_graph(
    source, *, sha256=None, member=None, directed=None, data_home=None, download_if_missing=True
):
    """Fetch a graph by its name or by the URL of its file.

    A file is downloaded once and kept.  Its SHA-256 is checked each time: the
    one given, or for most of the names below a published one, else (marked *)
    the one that the file had when it was first read, which is written beside
    it; what a name stands for must also have the numbers of nodes and links
    in the table.

    ============= ======= ========= ===============================
    name          nodes   links     what
    ============= ======= ========= ===============================
    ca-AstroPh     18,772   198,110 authors in astrophysics
    ca-CondMat*    23,133    93,497 in condensed matter physics
    ca-GrQc         5,242    14,496 in general relativity
    ca-HepPh       12,008   118,521 in high energy physics
    com-Amazon*   334,863   925,872 products bought together
    com-DBLP*     317,080 1,049,866 authors in computer science
    dolphins           62       159 who is seen with whom
    ego-Facebook    4,039    88,234 friends of ten persons
    email-Eu-core   1,005    25,571 directed; e-mail of an institute
    football          115       613 games of college teams in 2000
    netscience*     1,589     2,742 weighted; authors on networks
    polblogs        1,490    19,025 directed; blogs on US politics
    polbooks          105       441 books on US politics
    web-Google    875,713 5,105,039 directed; pages
    web-Stanford* 281,903 2,312,497 directed; pages
    ============= ======= ========= ===============================

    They are from SNAP [1]_ and M. Newman's network data [2]_, where the papers
    to cite are named.

    Parameters
    ----------
    source : str
        A name, or an address that begins with ``http://`` or ``https://``, of a
        file that :func:`~toolbox.graph.read_graph` reads or a zip file of one.
    sha256 : str, default=None
        For a URL: the checksum of the file.
    member : str, default=None
        For the URL of a zip file with several graphs: which one to read.
    directed : bool or None, default=None
        For a URL: as in :func:`~toolbox.graph.read_graph`.
    data_home : path-like, default=None
        Where files are kept; ``TOOLBOX_DATA_HOME`` by default, or a folder in
        the user's cache.
    download_if_missing : bool, default=True
        Whether to use the network for a file that is not there.

    Returns
    -------
    Graph
        Its ``names`` are those of the file; ``to_scipy()`` gives the matrix.

    Raises
    ------
    OSError
        If there is no network or no such file, the download breaks off, or the
        checksum is another; the message says where to put a copy by hand.
    ValueError
        For an unknown name, and a file that is no graph or not that graph.
    LookupError
        If it is not clear what to read in a zip file.

    References
    ----------
    .. [1] J. Leskovec, A. Krevl (2014), SNAP Datasets.
       https://snap.stanford.edu/data
    .. [2] https://websites.umich.edu/~mejn/netdata
    """
    if source in GRAPHS:
        if not (sha256 is member is directed is None):
            raise ValueError(f"sha256, member and directed are for URLs; {source!r} is a name")
        return _fetch(source, data_home, download_if_missing)[0]
    if not re.match("https?://", source, re.IGNORECASE):
        raise ValueError(
            f"{source!r} is neither an address with http:// or https:// nor one of "
            f"{', '.join(GRAPHS)}; read_graph reads local files"
        )
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    file = Source(source, sha256, member)
    with _unpacked(file, name, data_home, download_if_missing) as path:
        return read_graph(path, directed)


def fetch_email_eu_core(data_home=None, download_if_missing=True):
    """Fetch the e-mail of a European research institute, and the departments.

    Parameters
    ----------
    data_home, download_if_missing
        See :func:`fetch_graph`, which also tells the errors.

    Returns
    -------
    graph : Graph
        Directed, 1,005 persons, 25,571 links from sender to receiver.
    labels : ndarray of shape (1005,), int64
        Department, 0 to 41.

    References
    ----------
    .. [1] H. Yin, A. R. Benson, J. Leskovec, D. F. Gleich (2017), KDD.
       doi:10.1145/3097983.3098069
    """
    graph, _ = _fetch("email-Eu-core", data_home, download_if_missing)
    file = GRAPHS["email-Eu-core"].labels
    with fetched(file.url, "email-Eu-core", file.sha256, data_home, download_if_missing) as path:
        nodes, labels = np.loadtxt(path, dtype=np.int64, ndmin=2).T
        names = np.arange(graph.n_nodes) if graph.names is None else graph.names
        order = np.argsort(nodes)
        if not np.array_equal(nodes[order], names):
            raise ValueError(f"{path} does not have one label for each node of the graph")
    return graph, labels[order]


def fetch_football(data_home=None, download_if_missing=True):
    """Fetch the games of American college football teams in 2000, and their conferences.

    Parameters
    ----------
    data_home, download_if_missing
        See :func:`fetch_graph`, which also tells the errors.

    Returns
    -------
    graph : Graph
        115 teams, with names, 613 links.
    labels : ndarray of shape (115,), int64
        Conference, 0 to 11, as in the file, where some teams are known to be
        misplaced.

    References
    ----------
    .. [1] M. Girvan, M. E. J. Newman (2002), PNAS 99(12).
       doi:10.1073/pnas.122653799
    """
    return _fetch("football", data_home, download_if_missing, labelled=True)


def fetch_polblogs(data_home=None, download_if_missing=True):
    """Fetch the links between blogs on US politics of 2005, and their leanings.

    Parameters
    ----------
    data_home, download_if_missing
        See :func:`fetch_graph`, which also tells the errors.

    Returns
    -------
    graph : Graph
        Directed, 1,490 blogs, with names, some without links; 19,025
        links, of weight 2 where the file repeats them.
    labels : ndarray of shape (1490,), int64
        0 liberal, 1 conservative.

    References
    ----------
    .. [1] L. A. Adamic, N. Glance (2005), LinkKDD. doi:10.1145/1134271.1134277
    """
    return _fetch("polblogs", data_home, download_if_missing, labelled=True)


def fetch_polbooks(data_home=None, download_if_missing=True):
    """Fetch the books on US politics that were bought together, and their leanings.

    Parameters
    ----------
    data_home, download_if_missing
        See :func:`fetch_graph`, which also tells the errors.

    Returns
    -------
    graph : Graph
        105 books, with names, 441 links.
    labels : ndarray of shape (105,), int64
        0 conservative, 1 liberal, 2 neutral.

    References
    ----------
    .. [1] V. Krebs, unpublished; https://websites.umich.edu/~mejn/netdata
    """
    return _fetch("polbooks", data_home, download_if_missing, labelled=True)


def _fetch(name, data_home, download_if_missing, labelled=False):
    """Graph of the catalogue, and the labels of a labelled GML file."""
    entry = GRAPHS[name]
    with _unpacked(entry.graph, name, data_home, download_if_missing) as path:
        if entry.twice:
            graph = as_graph(read_graph(path, directed=True), directed=False)
        else:
            graph = read_graph(path, directed=entry.directed)
        if (graph.n_nodes, graph.n_links) != (entry.nodes, entry.links):
            raise ValueError(
                f"{entry.graph.url} holds {graph.n_nodes} nodes and {graph.n_links} links, "
                f"expected {entry.nodes} and {entry.links}"
            )
        return graph, _gml_values(path, graph.n_nodes) if labelled else None


def _gml_values(path, n_nodes):
    """Attribute ``value`` of the nodes: numbers as they are, words numbered in their order."""
    nodes = _NODE.findall(path.read_text(encoding="utf-8"))
    values = [match and (match[1] or match[2]) for match in map(_VALUE.search, nodes)]
    if len(values) != n_nodes or None in values:
        raise ValueError(f"{path} does not have a value for each node")
    if all(map(str.isdecimal, values)):
        return np.array(values, np.int64)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


@contextmanager
def _unpacked(file, name, data_home, download_if_missing):
    """Path of a fetched file, or of a file in it if it is a zip file."""
    with fetched(file.url, name, file.sha256, data_home, download_if_missing) as path:
        if not zipfile.is_zipfile(path):
            if file.member:
                raise ValueError(f"{path} is no zip file; it has no member {file.member!r}")
            yield path
            return
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
            member = file.member or _only_graph(archive.namelist(), path)
            if member not in archive.namelist():
                raise LookupError(f"{path} has no {member!r}, but {', '.join(archive.namelist())}")
            unpacked = Path(folder, Path(member).name)
            try:
                unpacked.write_bytes(archive.read(member))
            except MemoryError:
                raise
            except Exception as error:  # each packing has its own errors
                raise ValueError(f"{path}: {member} is damaged or locked ({error})") from None
            yield unpacked


def _only_graph(members, path):
    """The one file in a zip file, or the one that has the suffix of a graph."""
    files = [name for name in members if not name.endswith("/") and "__MACOSX" not in name]
    if len(files) > 1:
        files = [name for name in files if Path(name).suffix.lower() in _GRAPHS]
    if len(files) != 1:
        raise LookupError(f"{path} has several files, give one as member: {', '.join(members)}")
    return files[0]
