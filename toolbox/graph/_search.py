"""Search for the partition with the shortest two-level code.

Start from single nodes: move, merge the modules into nodes of a smaller graph,
move those, and so on (Rosvall, Axelsson, Bergstrom 2009).  Then tune, until
nothing is gained: move single nodes again (fine-tuning), split every module
into submodules and move these (coarse-tuning), at every level on the way up.
Only the first tuning looks at everything, later ones at what has changed since.
A last sweep over all nodes ends the search.
"""

import numpy as np

from toolbox.graph._changes import find_changes, spread
from toolbox.graph._levels import (
    aggregate,
    begin_split,
    begin_sweep,
    lift,
    record_modules,
    record_singletons,
    renumber,
)
from toolbox.graph._moves import MODULE, SMALLEST_GAIN, Work, move_nodes
from toolbox.graph._plogp import plogp, sum_plogp
from toolbox.graph._words import deal_words, merge_words, most_candidates, node_words

TOLERANCE = 1e-4  # of the search of a graph
FIRST_SWEEPS = 2  # evaluations a node before the first merge; more are better spent later
SAME = 1e-10  # bits by which equal codes may differ, from rounding
CHUNK = 1 << 17  # evaluations between two looks at the clock and the keyboard
LITTLE_MERGED = 0.8  # submodules per node above which they are not worth a level


class Cancelled(Exception):
    """The search was told to stop."""


class Search:
    """One search of a graph.

    Parameters
    ----------
    base : Level
        The graph.
    rules : Rules
    generator : numpy.random.Generator
        Orders of the nodes.
    watch : callable returning bool, default=None
        Asked a few times a second; when true, moves end at once, and ``run`` with
        what it has so far.  May raise Cancelled.
    outside : float64 array of shape (n_roots,), default=None
        Exit rate of each root, whose nodes are divided apart from all others;
        one root for everything by default.
    physical : int32 array of shape (n,), default=None
        Physical node of each node, if these are states; states of different
        roots have different ones.
    """

    def __init__(self, base, rules, generator, watch=None, outside=None, physical=None):
        n = len(base.nodes)
        self.base = base
        self.rules = rules
        self.split_rules = rules._replace(preferred=-1)
        self.measured = None  # the level that there is room for
        self.words = None if physical is None else node_words(physical, base.nodes["flow"])
        self.generator = generator
        self.watch = watch
        self.work = Work(
            modules=_on_cache_lines(n, MODULE),
            queue=np.empty(n, np.int32),
            queued=np.zeros(n, np.bool_),
            spare=np.empty(n, np.int32),
            touched=np.empty(n + 1, np.int32),
            rates=np.empty((2, 0)),
            state=np.zeros(4, np.int64),
        )
        self.constant = 0.0 if self.words else sum_plogp(base.nodes["flow"])
        self.n_modules = 0
        self.outside = np.zeros(1) if outside is None else outside
        self.totals = self.outside.copy()  # with the enter rates of the modules

    def run(self, initial=None, tolerance=TOLERANCE, nodes=None):
        """Search from single nodes, or from a partition.

        Parameters
        ----------
        initial : int32 array of shape (n,), default=None
            Labels from 0 without gaps.
        tolerance : float
            Tuning ends when a round saves less than this share of the code.
        nodes : int32 array, default=None
            Those to tune, with what they unsettle; all by default.

        Returns
        -------
        labels : int32 array of shape (n,)
            From 0, without gaps.
        """
        if initial is None:
            labels = self.merge()
        else:
            labels = initial.astype(np.int32)
            self.record(labels)
        settled = None
        cost = self.cost()
        while True:
            # The code can be 0 but for rounding, which no round may run after.
            worthwhile = max(tolerance * (cost - self.constant), SMALLEST_GAIN)
            before = cost
            labels, settled = self._tune(labels, settled, nodes)
            cost = self.cost()
            if before - cost > worthwhile:
                continue
            self._sweep(self.base, self.words, labels, nodes)
            before, cost = cost, self.cost()
            if not before - cost > worthwhile:
                return labels

    def merge(self):
        """Moves and merges from single nodes; returns labels."""
        level, words = self.base, self.words
        n = len(level.nodes)
        self._singletons(level)
        labels = np.arange(n, dtype=np.int32)
        self._sweep(level, words, labels, limit=FIRST_SWEEPS * n)
        module = labels
        while self.n_modules < len(level.nodes):
            level, words = self._upper(level, words, module, self.n_modules)
            module = np.arange(self.n_modules, dtype=np.int32)
            self._singletons(level)
            self._sweep(level, words, module)
            labels = module[labels]
        return labels

    def _tune(self, labels, settled, nodes):
        """One round of fine- and coarse-tuning.

        Parameters
        ----------
        labels : int32 array of shape (n,)
            Changed.
        settled : int32 array of shape (n,) or None
            Labels when the last round was done with single nodes; None in the
            first round, which looks at everything, or at ``nodes``.
        nodes : int32 array or None

        Returns
        -------
        labels, settled : int32 arrays of shape (n,)
        """
        level, words = self.base, self.words
        if settled is not None:
            nodes = spread(level, self._changes(settled, labels)[1])
        self._sweep(level, words, labels, nodes)
        if settled is None:
            changed = np.ones(self.n_modules, np.bool_)
            if nodes is not None:
                changed = np.bincount(labels[nodes], minlength=self.n_modules) > 0
        else:
            changed = self._changes(settled, labels)[0]
            if not changed.any():
                return labels, settled
        settled = labels.copy()
        below = None  # submodule of each node of the base
        module = labels
        while self.n_modules < len(level.nodes):
            (level, words), submodule, module = self._split_and_merge(level, words, module, changed)
            below = submodule if below is None else submodule[below]
            self._sweep(level, words, module)
            changed = np.ones(self.n_modules, np.bool_)
        return (module if below is None else module[below]), settled

    def _split_and_merge(self, level, words, module, changed):
        """The graph of the submodules of changed modules and of the other modules."""
        modules, n_modules = self.work.modules, self.n_modules
        records = modules[:n_modules].copy()
        n = len(level.nodes)
        totals = self.outside.copy()
        submodule = begin_split(level, module, n_modules, changed, self.work, totals, self.rules)
        # Small submodules are wanted of single nodes, the largest further up.
        limit = int(self.work.state[1]) if level is self.base else None
        self._move(level, module, words, submodule, totals, limit)
        n_submodules = renumber(submodule, modules, n, self.work.spare)
        if n_submodules > LITTLE_MERGED * n or n_submodules == n_modules:
            submodule, n_submodules = module, n_modules
            modules[:n_modules] = records
        upper = self._upper(level, words, submodule, n_submodules)
        modules[:n_modules] = records
        return upper, submodule, lift(module, submodule, n_submodules)

    def _upper(self, level, words, module, n_modules):
        """The graph whose nodes are the modules, and its words."""
        upper = aggregate(level, module, n_modules, self.work.modules)
        return upper, words and merge_words(words, module, n_modules)

    def _sweep(self, level, words, module, nodes=None, limit=None):
        """Move nodes, all by default, and those that this unsettles."""
        work = self.work
        # An empty module for each root, for a node that wants to be alone.
        n_slots = min(self.n_modules + len(self.totals), len(level.nodes))
        seed = self.generator.integers(2**63)
        begin_sweep(module, nodes, work, self.n_modules, n_slots, seed)
        self._move(level, None, words, module, self.totals, limit)
        self.n_modules = renumber(module, work.modules, n_slots, work.spare)

    def run_best(self, n_starts, initial=None, tolerance=TOLERANCE):
        """Search several times, unless the first two agree; returns the best labels."""
        found = []
        while len(found) < n_starts:
            labels = self.run(initial, tolerance)
            found.append((self.cost(), labels))
            if len(found) == 2 and abs(found[0][0] - found[1][0]) < SAME:
                break
        _, best = min(found, key=lambda start: start[0])
        if best is not labels:
            self.record(best)
        return best

    def polish(self, labels):
        """Move single nodes only, after what they cost alone has changed; returns labels."""
        self.record(labels)
        self._sweep(self.base, self.words, labels)
        return labels

    def record(self, labels):
        """Make the records of a partition."""
        self.n_modules = int(labels.max()) + 1
        self.totals = self.outside.copy()
        modules = self.work.modules
        record_modules(self.base, labels, self.n_modules, modules, self.totals, self.rules)
        if self.words:
            deal_words(self.words, labels)
            large = modules["size"][: self.n_modules] > 1  # the cost of others knows already
            modules["cost"][: self.n_modules][large] -= self.words.held[: self.n_modules][large]

    def _singletons(self, level):
        """Begin with each node of a level as a module."""
        self.n_modules = len(level.nodes)
        self.totals = self.outside.copy()
        record_singletons(level.nodes, self.work.modules, self.totals, self.rules)

    def _move(self, level, parent, words, module, totals, limit):
        """Run the queue down in chunks."""
        if level is not self.measured:
            self._make_room(level, words)
        rules = self.rules if parent is None else self.split_rules
        if words:
            deal_words(words, module)
        left = np.iinfo(np.int64).max if limit is None else limit
        while left > 0 and self.work.state[1] > 0:
            if self.watch is not None and self.watch():
                return
            limit = min(left, CHUNK)
            move_nodes(level, parent, words, module, self.work, totals, rules, limit)
            left -= CHUNK

    def _make_room(self, level, words):
        """Make the table of rates wide enough for the node with the most candidates."""
        self.measured = level
        most = np.diff(level.indptr).max(initial=0)
        if words:
            most = most_candidates(level, words)
        needed = 4 * (int(most) + 2) + 7
        if self.work.rates.shape[1] < needed:
            self.work = self.work._replace(rates=np.zeros((2, needed)))

    def _changes(self, before, after):
        return find_changes(before, after, int(before.max()) + 1, self.n_modules)

    def cost(self):
        """The code in bits, up to the constant of the visit rates."""
        totals = self.totals
        index = plogp(totals[0]) if len(totals) == 1 else sum_plogp(totals)
        cost = index + self.work.modules["cost"][: self.n_modules].sum()
        if self.rules.preferred >= 0:
            cost += abs(self.n_modules - self.rules.preferred)
        return cost


def _on_cache_lines(n, dtype):
    """An array whose records do not straddle cache lines."""
    line = 64
    room = np.empty(n * dtype.itemsize + line, np.uint8)
    shift = -room.ctypes.data % line
    return room[shift : shift + n * dtype.itemsize].view(dtype)
