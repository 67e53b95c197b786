"""Graphs that could not be fitted."""

import pickle
import traceback
from dataclasses import dataclass


@dataclass(frozen=True)
class FitFailure:
    """What stands in place of the model of a graph that could not be fitted.

    It is false, so that ``[model.n_modules_ for model in fit_many(graphs) if model]``
    leaves it out; its ``str`` is one line that says what went wrong.

    Attributes
    ----------
    index : int
        Place of the graph among the graphs.
    name : str or None
        Path of the file, or the name of a networkx graph that has one.
    error : Exception
        What was raised.
    traceback : str
        Where it was raised; empty if that is lost with a process that died.
    """

    index: int
    name: str | None
    error: Exception
    traceback: str = ""

    def __bool__(self):
        return False

    def __str__(self):
        text = f"{type(self.error).__name__}: {self.error}".removesuffix(": ")
        return f"{self.graph} was not fitted: {text}"

    def __getattr__(self, attribute):
        if attribute.startswith("__"):  # pickle and copy ask before there is anything to say
            raise AttributeError(attribute)
        raise AttributeError(f"there is no {attribute!r}: {self}") from self.error

    @property
    def graph(self):
        """Which graph it is, in words."""
        return f"graph {self.index}" + (f" ({self.name})" if self.name else "")


def failure_of(error, index, name):
    """The failure that is made of an error while it is handled.

    Parameters
    ----------
    error : Exception
    index : int
    name : str or None

    Returns
    -------
    FitFailure
    """
    return FitFailure(index, name, _portable(error), traceback.format_exc())


def _portable(error):
    """The error as it arrives from another process, without the frames that it holds on to."""
    try:
        copy = pickle.loads(pickle.dumps(error))
        if type(copy) is type(error):
            return copy
    except Exception:
        pass
    return RuntimeError(f"{type(error).__name__}: {error}")
