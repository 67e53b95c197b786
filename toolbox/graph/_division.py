"""What a two-level search has found, as parts of a hierarchy."""

import numpy as np

from toolbox.graph._levels import aggregate, record_alone
from toolbox.graph._plogp import plogp_of
from toolbox.graph._words import deal_words


class Division:
    """Modules that a two-level search has found, root by root.

    Attributes
    ----------
    labels : int32 array of shape (n,)
    root : int64 array of shape (n_modules,)
    exit, enter : float64 arrays of shape (n_modules,)
        Rates, jumps included.
    inside : float64 array of shape (n_modules,)
        What the code costs inside each module, if the nodes are no modules.
    index : float64 array of shape (n_roots,)
        plogp of the rate of the index code of each root.
    """

    def __init__(self, level, labels, search):
        records = search.work.modules[: search.n_modules]
        self.level, self.labels, self.records, self.rules = level, labels, records, search.rules
        self.root = np.empty(len(records), np.int64)
        self.root[labels] = level.nodes["root"]
        self.exit = records["exit"] + records["jump"] * (1 - records["land"])
        self.enter = records["enter"] + (self.rules.jumps - records["jump"]) * records["land"]
        self.inside = plogp_of(self.exit + records["flow"])
        if search.words:
            deal_words(search.words, labels)
            self.inside -= search.words.held[: len(records)]
        self.index = plogp_of(search.totals)

    def group(self, parent, flow):
        """See the modules as groups of smaller ones, with these groups and sums of rates."""
        self.labels, self.inside = parent, plogp_of(self.exit + flow)

    def upper(self):
        """The graph of the modules; what a walker sees of one is its enter rate."""
        upper = aggregate(self.level, self.labels, len(self.records), self.records)
        upper.nodes["flow"] = self.enter
        record_alone(upper.nodes, self.rules)
        return upper
