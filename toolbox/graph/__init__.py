"""Communities of graphs by the map equation."""

from toolbox._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "infomap": ("InfoMap",),
        "agreement": ("Consensus", "consensus"),
        "certainty": ("Certainty",),
        "network": ("Graph", "as_graph", "from_edges"),
        "codelength": ("map_equation",),
        "reading": ("read_graph",),
        "writing": ("write_clu", "write_csv", "write_ftree", "write_json", "write_tree"),
    },
)
