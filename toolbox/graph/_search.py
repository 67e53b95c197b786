"""Search for the partition with the shortest two-level code.

Start from single nodes: move, merge the modules into nodes of a smaller graph,
move those, and so on (Rosvall, Axelsson, Bergstrom 2009).  Then tune, until
nothing is gained: move single nodes again (fine-tuning), split every module
into submodules and move these (coarse-tuning), at every level on the way up.
Only the first tuning looks at everything, later ones at what has changed since.
A last sweep over all nodes ends the search.

On graphs that are mostly noise, as the bootstrap graphs of sparse ones are, the
first merges leave many small knots, which tuning undoes one by one.  Where it
saves slowly but for long, one round is tuned at a longer Markov time, at which
modules are larger, and the outcome is kept if it is better.
"""

import numpy as np

from toolbox.graph._levels import (
    aggregate,
    begin_split,
    begin_sweep,
    find_changes,
    lift,
    record_modules,
    record_singletons,
    renumber,
    shuffle,
    spread,
)
from toolbox.graph._moves import MODULE, SMALLEST_GAIN, Work, move_nodes
from toolbox.graph._plogp import plogp, sum_plogp

TOLERANCE = 1e-4  # tuning ends when a round saves less than this share of the code
FIRST_SWEEPS = 2  # evaluations a node before the first merge; more are better spent later
SLOW = 2e-3  # share of the code that a later round saves on such graphs
WARMTH = 1.2  # Markov time of the round that is tuned for larger modules
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
    jumps : float
        Sum of the recorded jumps.
    generator : numpy.random.Generator
        Orders of the nodes.
    cancelled : callable returning bool, default=None
        Looked at a few times a second; when true, ``run`` raises Cancelled.
    """

    def __init__(self, base, jumps, generator, cancelled=None):
        n = len(base.nodes)
        self.base = base
        self.jumps = jumps
        self.generator = generator
        self.cancelled = cancelled
        self.work = Work(
            modules=_on_cache_lines(n, MODULE),
            queue=np.empty(n, np.int32),
            queued=np.zeros(n, np.bool_),
            spare=np.empty(n, np.int32),
            touched=np.empty(n + 1, np.int32),
            rates=np.empty((2, 0)),
            state=np.zeros(3, np.int64),
        )
        self.n_modules = 0
        self.total = 0.0  # sum of the enter rates

    def run(self, initial=None):
        """Search from single nodes, or from a partition.

        Parameters
        ----------
        initial : int32 array of shape (n,), default=None
            Labels from 0 without gaps.

        Returns
        -------
        labels : int32 array of shape (n,)
            From 0, without gaps.
        """
        constant = sum_plogp(self.base.nodes["flow"])
        if initial is None:
            labels = self._merge_up()
        else:
            labels = initial.astype(np.int32)
            self._record(labels)
        settled = None
        cost = self.cost()
        warmed = False
        while True:
            # The code can be 0 but for rounding, which no round may run after.
            worthwhile = max(TOLERANCE * (cost - constant), SMALLEST_GAIN)
            before, is_first = cost, settled is None
            labels, settled = self._tune(labels, settled)
            cost = self.cost()
            if before - cost > SLOW * (cost - constant) and not (is_first or warmed):
                labels, settled = self._warm_up(labels, settled)
                cost = self.cost()
                warmed = True
                continue
            if before - cost > worthwhile:
                continue
            self._sweep(self.base, labels, self._everything(self.base))
            before, cost = cost, self.cost()
            if before - cost <= worthwhile:
                return labels

    def _warm_up(self, labels, settled):
        """Tune for larger modules and then as usual; undone if that is no better."""
        base, cost = self.base, self.cost()
        warm = labels.copy()
        nodes = base.nodes.copy()
        for rate in ("exit", "enter"):
            nodes[rate] *= WARMTH
        for level in (base._replace(scale=WARMTH * base.scale, nodes=nodes), base):
            self.base = level
            self._record(warm)
            warm, newly_settled = self._tune(warm, None)
        if self.cost() < cost:
            return warm, newly_settled
        self._record(labels)
        return labels, settled

    def _record(self, labels):
        """Make the records of a partition of the base."""
        self.n_modules = int(labels.max()) + 1
        self.total = record_modules(
            self.base, labels, self.n_modules, self.work.modules, self.jumps
        )

    def _merge_up(self):
        """Moves and merges from single nodes; returns labels."""
        level = self.base
        n = len(level.nodes)
        self.n_modules = n
        self.total = record_singletons(level.nodes, self.work.modules, self.jumps)
        labels = np.arange(n, dtype=np.int32)
        self._sweep(level, labels, self._everything(level), limit=FIRST_SWEEPS * n)
        module = labels
        while self.n_modules < len(level.nodes):
            level = aggregate(level, module, self.n_modules, self.work.modules)
            module = np.arange(self.n_modules, dtype=np.int32)
            self.total = record_singletons(level.nodes, self.work.modules, self.jumps)
            self._sweep(level, module, self._everything(level))
            labels = module[labels]
        return labels

    def _tune(self, labels, settled):
        """One round of fine- and coarse-tuning.

        Parameters
        ----------
        labels : int32 array of shape (n,)
            Changed.
        settled : int32 array of shape (n,) or None
            Labels when the last round was done with single nodes; None in the
            first round, which looks at everything.

        Returns
        -------
        labels, settled : int32 arrays of shape (n,)
        """
        level = self.base
        if settled is None:
            nodes = self._everything(level)
        else:
            nodes = self._shuffled(spread(level, self._changes(settled, labels)[1]))
        self._sweep(level, labels, nodes)
        if settled is None:
            changed = np.ones(self.n_modules, np.bool_)
        else:
            changed = self._changes(settled, labels)[0]
            if not changed.any():
                return labels, settled
        settled = labels.copy()
        below = None  # submodule of each node of the base
        module = labels
        while self.n_modules < len(level.nodes):
            level, submodule, module = self._split_and_merge(level, module, changed)
            below = submodule if below is None else submodule[below]
            self._sweep(level, module, self._everything(level))
            changed = np.ones(self.n_modules, np.bool_)
        return (module if below is None else module[below]), settled

    def _split_and_merge(self, level, module, changed):
        """The graph of the submodules of changed modules and of the other modules."""
        modules, n_modules = self.work.modules, self.n_modules
        records = modules[:n_modules].copy()
        n = len(level.nodes)
        submodule, total = begin_split(level, module, n_modules, changed, self.work, self.jumps)
        # Small submodules are wanted of single nodes, the largest further up.
        limit = int(self.work.state[1]) if level is self.base else None
        self._move(level, module, submodule, total, limit)
        n_submodules = renumber(submodule, modules, n, self.work.spare)
        if n_submodules > LITTLE_MERGED * n or n_submodules == n_modules:
            submodule, n_submodules = module, n_modules
            modules[:n_modules] = records
        upper = aggregate(level, submodule, n_submodules, modules)
        modules[:n_modules] = records
        return upper, submodule, lift(module, submodule, n_submodules)

    def _sweep(self, level, module, nodes, limit=None):
        """Move nodes, and those that this unsettles."""
        work = self.work
        n = len(level.nodes)
        n_slots = min(self.n_modules + 1, n)  # one empty module, for a node that wants to be alone
        if n_slots > self.n_modules:
            work.modules[self.n_modules] = np.zeros((), MODULE)
            work.spare[0] = self.n_modules
        begin_sweep(module, nodes, work, n_slots - self.n_modules)
        self.total = self._move(level, None, module, self.total, limit)
        self.n_modules = renumber(module, work.modules, n_slots, work.spare)

    def _move(self, level, parent, module, total, limit):
        """Run the queue down in chunks; returns the new sum of the enter rates."""
        self._make_room(level)
        left = np.iinfo(np.int64).max if limit is None else limit
        while left > 0 and self.work.state[1] > 0:
            if self.cancelled is not None and self.cancelled():
                raise Cancelled
            limit = min(left, CHUNK)
            total = move_nodes(level, parent, module, self.work, total, self.jumps, limit)
            left -= CHUNK
        return total

    def _make_room(self, level):
        """Make the table of rates wide enough for the node with the most links."""
        needed = 4 * (int(np.diff(level.indptr).max(initial=0)) + 2) + 7
        if self.work.rates.shape[1] < needed:
            self.work = self.work._replace(rates=np.zeros((2, needed)))

    def _everything(self, level):
        """All nodes in random order."""
        return self._shuffled(np.arange(len(level.nodes), dtype=np.int32))

    def _shuffled(self, nodes):
        shuffle(nodes, self.generator.integers(2**63))
        return nodes

    def _changes(self, before, after):
        return find_changes(before, after, int(before.max()) + 1, self.n_modules)

    def cost(self):
        """The code in bits, up to the constant of the visit rates."""
        return plogp(self.total) + self.work.modules["cost"][: self.n_modules].sum()


def _on_cache_lines(n, dtype):
    """An array whose records do not straddle cache lines."""
    line = 64
    room = np.empty(n * dtype.itemsize + line, np.uint8)
    shift = -room.ctypes.data % line
    return room[shift : shift + n * dtype.itemsize].view(dtype)
