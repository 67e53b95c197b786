"""Classic machine learning and applied modelling, torch-free.

Each topic is a subpackage, loaded on first use::

    from toolbox.graph import InfoMap
"""

from toolbox._lazy import lazy_names
from toolbox._version import __version__

__getattr__, __dir__, __all__ = lazy_names(__name__, {"datasets": (), "graph": (), "plot": ()})
__all__ += ["__version__"]
