"""Names of a package that load their module on first use (PEP 562)."""

import importlib


def lazy_names(package, modules):
    """Make the ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Parameters
    ----------
    package : str
        Full name of the package, its ``__name__``.
    modules : dict of str to tuple of str
        For each submodule the public names that it defines; an empty tuple
        makes the submodule itself a public name.

    Returns
    -------
    getattr_, dir_ : callable
    all_ : list of str
    """
    home = {name: module for module, names in modules.items() for name in names}
    submodules = {module for module, names in modules.items() if not names}
    public = sorted(home.keys() | submodules)

    def getattr_(name):
        if name in home:
            return getattr(importlib.import_module(f"{package}.{home[name]}"), name)
        if name in submodules:
            return importlib.import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return getattr_, lambda: public, public
