"""Communities of graphs by the map equation."""

from toolbox._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "infomap": ("InfoMap",),
        "agreement": ("Consensus", "consensus"),
        "batches": ("fit_many",),
        "certainty": ("Certainty",),
        "failures": ("FitFailure",),
        "network": ("Graph", "as_graph", "from_edges"),
        "states": ("StateNetwork", "from_paths", "from_states"),
        "multilayer": ("MultilayerNetwork", "from_layers"),
        "bipartite": ("BipartiteNetwork", "from_bipartite"),
        "codelength": ("map_equation",),
        "reading": ("read_graph",),
        "exchange": ("write_gexf", "write_graphml", "write_parquet"),
        "network_writing": ("write_network",),
        "writing": ("write_clu", "write_csv", "write_ftree", "write_json", "write_tree"),
    },
)
