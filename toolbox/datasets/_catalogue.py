"""Public graphs: where they are, and how to know them.

Neither SNAP nor Newman publishes checksums.  Those here were published by
users who pin the same files, most of them in two or more public repositories;
football.zip and dolphins.zip in one each, whose sums of other files agree with
the rest.  Where none was found, there is None: then only the numbers of nodes
and links tell, which here are as the publisher states them or as counted in
the pinned file.
"""

from dataclasses import dataclass

_SNAP = "https://snap.stanford.edu/data"
_NEWMAN = "https://websites.umich.edu/~mejn/netdata"


@dataclass(frozen=True)
class Source:
    """A file of the network.

    ``member`` is what to read in a zip file.
    """

    url: str
    sha256: str | None = None
    member: str | None = None


@dataclass(frozen=True)
class Entry:
    """A graph, and what its publisher states about it.

    ``links`` counts self-loops, and in ``twice`` lists, which hold each link in
    both directions, a pair once.
    """

    graph: Source
    nodes: int
    links: int
    directed: bool = False
    twice: bool = False
    labels: Source | None = None


def _snap(path, sha256=None):
    return Source(f"{_SNAP}/{path}.txt.gz", sha256)


def _newman(name, sha256=None):
    return Source(f"{_NEWMAN}/{name}.zip", sha256, f"{name}.gml")


GRAPHS = {
    "ca-AstroPh": Entry(
        _snap("ca-AstroPh", "51bf1e2cace269b884481a8502474efa67c0fd01d998ff7f5a154d7d3e527f27"),
        nodes=18_772,
        links=198_110,
        twice=True,
    ),
    "ca-CondMat": Entry(_snap("ca-CondMat"), nodes=23_133, links=93_497, twice=True),
    "ca-GrQc": Entry(
        _snap("ca-GrQc", "a254442cdf5d684712578b630c2e0d7543518ab154ef2341cabb607572ce7230"),
        nodes=5_242,
        links=14_496,
        twice=True,
    ),
    "ca-HepPh": Entry(
        _snap("ca-HepPh", "8d679f64ea507834613f4c09e6f692cc8a2405d5a01bfe1ee3b24fbbea1d807f"),
        nodes=12_008,
        links=118_521,
        twice=True,
    ),
    "com-Amazon": Entry(
        _snap("bigdata/communities/com-amazon.ungraph"), nodes=334_863, links=925_872
    ),
    "com-DBLP": Entry(
        _snap("bigdata/communities/com-dblp.ungraph"), nodes=317_080, links=1_049_866
    ),
    "dolphins": Entry(
        _newman("dolphins", "42ad752c1711f2e9ab625aef0fb123463523a2590825b546b02ecac23735aa4c"),
        nodes=62,
        links=159,
    ),
    "ego-Facebook": Entry(
        _snap(
            "facebook_combined", "125e84db872eeba443d270c70315c256b0af43a502fcfe51f50621166ad035d7"
        ),
        nodes=4_039,
        links=88_234,
    ),
    "email-Eu-core": Entry(
        _snap("email-Eu-core", "4b47acdb80197b085fe63c819c357ae488131ee904ed93d1b219a68b0f9e245f"),
        nodes=1_005,
        links=25_571,
        directed=True,
        labels=_snap(
            "email-Eu-core-department-labels",
            "e5abe5b4581a480032a63adcf2576c161785f45692642c6ebb0b1276f0f33669",
        ),
    ),
    "football": Entry(
        _newman("football", "147081ba047c919782896b26852f812e65880a9e52f69070069f950eea90c396"),
        nodes=115,
        links=613,
    ),
    "netscience": Entry(_newman("netscience"), nodes=1_589, links=2_742),
    "polblogs": Entry(
        _newman("polblogs", "e047df21736fef9037f0450f7d3756ecb16a8e347417723181c0f7e493021ddb"),
        nodes=1_490,
        links=19_025,
        directed=True,
    ),
    "polbooks": Entry(
        _newman("polbooks", "b8e37351ae9ae8ee39f8b75ed52170d2435f290855605680c9b4f4c8b46b3c37"),
        nodes=105,
        links=441,
    ),
    "web-Google": Entry(
        _snap("web-Google", "bcac0af0471d749f4a8c010bca92b61cf2868a0570741de06892fc062f265ea6"),
        nodes=875_713,
        links=5_105_039,
        directed=True,
    ),
    "web-Stanford": Entry(_snap("web-Stanford"), nodes=281_903, links=2_312_497, directed=True),
}
