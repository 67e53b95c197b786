"""Small data sets, and generators of benchmark graphs."""

from toolbox._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "graphs": ("load_karate", "load_planted", "make_lfr_graph", "make_planted_partition"),
    },
)
