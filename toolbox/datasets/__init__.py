"""Small data sets, public graphs to fetch, and generators of benchmark graphs."""

from toolbox._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "public": (
            "fetch_email_eu_core",
            "fetch_football",
            "fetch_graph",
            "fetch_polblogs",
            "fetch_polbooks",
        ),
        "graphs": ("load_karate", "load_planted", "make_lfr_graph", "make_planted_partition"),
    },
)
