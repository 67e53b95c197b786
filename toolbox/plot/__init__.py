"""Pictures of fitted estimators; matplotlib is imported when one is drawn."""

from toolbox._lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "certainty": ("plot_certainty",),
        "communities": ("plot_communities",),
        "pictures": ("check_picture_path", "save_picture"),
    },
)
