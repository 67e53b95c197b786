"""Search for the hierarchy of modules with the shortest code.

A two-level search comes first.  Its modules are grouped under larger ones as
long as that shortens the code, and what lies below the topmost modules is
searched anew (Rosvall, Bergstrom 2011, doi:10.1371/journal.pone.0018209), once.
Of the finest modules found so far a new hierarchy is built, from the top down;
and below each of its modules everything is searched anew, down to modules that
are better left whole.  All modules of a depth are divided in one search, in
which each is a root that its nodes may not leave.

What the code costs inside a module is the plogp of the rate of its codebook (its
exit, and the enter rates of what it holds), and for each module in it

    inside - plogp(exit) - plogp(enter).
"""

from itertools import pairwise

import numpy as np

from toolbox.graph._division import Division
from toolbox.graph._labels import compact, without_repeats
from toolbox.graph._levels import extract
from toolbox.graph._plogp import plogp_of
from toolbox.graph._search import Search

LEAST_GAIN = 1e-10  # bits that a module has to save to be divided; above rounding
HOPE = 0.05  # share of its code by which tuning may shorten that of a divided module
QUICK = 1e-2  # tolerance of all searches; a smaller one gains nothing
# Down to which modules are divided before the finest are grouped anew: a deeper
# start gains less than it takes where states share words.
FIRST_DEPTH, FIRST_DEPTH_STATES = 2, 1


class HierarchySearch:
    """One search of a graph.

    Modules have numbers, which grow as they are found.

    Parameters
    ----------
    flow : Flow
    generator : numpy.random.Generator
    watch : callable returning bool, default=None
        As of :class:`Search`.
    """

    def __init__(self, flow, generator, watch=None):
        self.flow = flow
        self.rules = flow.rules._replace(preferred=-1)
        self.generator = generator
        self.watch = watch
        self.n_starts = None  # of the next search, if it is the first
        # Of each module: its rates, jumps included, and what the code costs inside.
        self.exit = self.enter = self.inside = np.empty(0)

    def run(self, n_starts=1, initial=None):
        """Search from single nodes, or from a hierarchy.

        Parameters
        ----------
        n_starts : int
            Two-level searches to begin with, of which the best goes on.
        initial : list of int32 array of shape (n_nodes,), default=None
            Labels from 0 without gaps, coarsest first.

        Returns
        -------
        levels : list of int32 array of shape (n_nodes,)
            Numbers of modules, coarsest first; a module that is not divided is
            its own child.  Empty if one module is best.
        cost : float
            The code in bits, up to the constant of the visit rates.
        """
        level = self.flow.level
        self.n_starts = n_starts
        if initial is None or len(initial) == 1:
            start = None if initial is None else initial[0]
            whole, undivided = self._whole(self.flow.node, self.flow.physical)
            depth = FIRST_DEPTH if self.flow.physical is None else FIRST_DEPTH_STATES
            tree, cost = self._descend(level, [whole], undivided, depth, start=start)
        else:
            tree, cost = self._given(initial)
        if len(tree) > 2:
            tree, cost = self._regroup(tree, cost)
            tree, cost = self._descend(level, tree[1:], cost)
        else:
            tree = tree[1:]
        return without_repeats(tree), cost

    def run_quickly(self, start):
        """Search once, from labels if given, and group what is found; results as of ``run``."""
        whole, undivided = self._whole(self.flow.node, self.flow.physical)
        tree, cost = self._descend(self.flow.level, [whole], undivided, depth=1, start=start)
        return without_repeats(tree[1:]), cost

    def below(self, labels):
        """Divide the modules of a partition; levels and cost as of ``run``."""
        (_, top), cost = self._register([labels])
        tree, cost = self._descend(self.flow.level, [top], cost)
        return tree, cost

    def _descend(self, level, tree, cost, depth=np.inf, inner=None, start=None):
        """Divide modules, then what is found in them, as deep as it pays.

        Parameters
        ----------
        level : Level
        tree : list of int32 array of shape (n,)
            The modules to divide, and what is known below them.
        cost : float
            The code of this tree.
        depth : int
            How many times.
        inner : int32 array of shape (n,), default=None
            Numbers of the nodes if they are modules.
        start : int32 array of shape (n,), default=None
            Where the first search starts, from single nodes by default.

        Returns
        -------
        tree : list of int32 array of shape (n,)
        cost : float
        """
        root, *below = tree
        layers, nodes = [root], np.arange(len(root))
        while len(layers) <= depth:
            large = np.bincount(root)[root] > 1  # others cannot be divided
            if len(layers) > 1:
                large &= root != layers[-2][nodes]  # nor those that have just been tried
            if not large.any():
                break
            numbers, local = compact(root[large])
            place = np.full(len(root), -1, np.int32)
            place[large] = local
            if len(numbers) > 1 or not large.all():  # else it is all of the graph, as it is
                level = extract(level, place)
            nodes, root, below = nodes[large], root[large], [one[large] for one in below]
            inner = None if inner is None else inner[large]
            physical = None
            if inner is None and self.flow.physical is not None:
                physical = _apart(self.flow.physical[nodes], local)
            found, inside = self._divide(level, numbers, local, inner, start, physical)
            start = None
            gain = self.inside[numbers] - inside
            better = gain > LEAST_GAIN
            cost -= gain[better].sum()
            first = np.empty(len(numbers), np.int64)
            first[local] = nodes
            for labels in layers:  # what is saved in a module is saved in all around it, too
                np.subtract.at(self.inside, labels[first[better]], gain[better])
            root, *below = _choose(better[local], found, _lift_single(below, root) or [root])
            if (root == layers[-1][nodes]).all():
                break
            layers.append(layers[-1].copy())
            layers[-1][nodes] = root
        for labels in below:
            layers.append(layers[-1].copy())
            layers[-1][nodes] = labels
        return layers, float(cost)

    def _divide(self, level, numbers, local, inner, start, physical):
        """Divide modules: a two-level search, and groups of what it finds.

        Parameters
        ----------
        level : Level
            The nodes; their roots are the modules.
        numbers : int32 array of shape (n_roots,)
        local : int32 array of shape (n,)
            Root of each node.
        inner, start : int32 array of shape (n,) or None
            As above.
        physical : int32 array of shape (n,) or None
            Physical nodes of states, others for each root.

        Returns
        -------
        layers : list of int32 arrays of shape (n,)
            Numbers of the modules found, coarsest first.
        inside : float64 array of shape (n_roots,)
            What the code costs inside each root now.
        """
        outside = self.exit[numbers]
        inside = plogp_of(outside + np.bincount(local, level.nodes["flow"]))
        if inner is not None:
            inside += np.bincount(local, self._cost(inner))
        if physical is not None:
            inside -= np.bincount(*_held(local, physical, level.nodes["flow"]))
        roots, position, layers = np.arange(len(numbers)), np.arange(len(local)), []
        while True:
            found = self._search(level, outside[roots], inner is not None, start, physical)
            made = self._add_found(found, inner)
            cost = found.index + np.bincount(found.root, self._cost(made), len(roots))
            better = cost < inside[roots] - LEAST_GAIN
            if not layers:  # a root may be better left whole
                inside = np.where(better, cost, inside)
                layers.append(np.where(better[local], made[found.labels], numbers[local]))
            else:
                inside[roots[better]] = cost[better]
                layers.append(layers[-1].copy())
                grouped = position >= 0
                grouped[grouped] = better[found.root[found.labels[position[grouped]]]]
                layers[-1][grouped] = made[found.labels[position[grouped]]]
            # Go on with the roots that gain and have modules enough.
            better &= np.bincount(found.root, minlength=len(roots)) > 2
            if not better.any():
                return layers[::-1], inside
            kept = better[found.root]
            position = np.where(position < 0, -1, found.labels[position])
            position = np.where((position < 0) | ~kept[position], -1, np.cumsum(kept)[position] - 1)
            place = np.where(kept, (np.cumsum(better) - 1)[found.root], -1)
            level = extract(found.upper(), place.astype(np.int32))
            inner, roots, start, physical = made[kept], roots[better], None, None

    def _search(self, level, outside, grouping, start, physical):
        search = Search(level, self.rules, self.generator, self.watch, outside, physical)
        if self.n_starts is not None:
            labels = search.run_best(self.n_starts, start, QUICK)
            self.n_starts = None
        elif start is not None:
            labels = search.run(start, QUICK)
        else:
            labels = search.merge()
            hopeful = self._hopeful(Division(level, labels, search), outside, physical)
            if len(hopeful):
                labels = search.run(labels, QUICK, hopeful)
        if grouping:
            # A module alone needs no group around it.  To begin like that would
            # leave everything alone: two modules are seldom worth a group.
            alone = level.nodes["alone"].copy()
            level.nodes["alone"] = 0
            labels = search.polish(labels)
            level.nodes["alone"] = alone
        return Division(level, labels, search)

    def _hopeful(self, found, outside, physical):
        """Nodes of the roots that tuning may make shorter than if they were left whole.

        Most modules are best left whole, which shows before the tuning.
        """
        nodes, n_roots = found.level.nodes, len(outside)
        terms = found.inside - plogp_of(found.exit) - plogp_of(found.enter)
        cost = found.index + np.bincount(found.root, terms + self.rules.module_bits, n_roots)
        whole = plogp_of(outside + np.bincount(nodes["root"], nodes["flow"]))
        words = np.bincount(nodes["root"], plogp_of(nodes["flow"]))
        if physical is not None:
            held = np.bincount(*_held(nodes["root"], physical, nodes["flow"]))
            whole -= held
            words -= held
        several = np.bincount(found.root, minlength=n_roots) > 1
        hope = several & (cost - whole < HOPE * (whole - words))
        return np.flatnonzero(hope[nodes["root"]]).astype(np.int32)

    def _regroup(self, tree, cost):
        """Build a new hierarchy of the finest modules; the better of both."""
        numbers, leaf = compact(tree[-1])
        found = self._recorded(leaf)
        whole, inside = self._whole(found.enter, None, self._cost(numbers).sum())
        new, new_cost = self._descend(found.upper(), [whole], inside, inner=numbers)
        if new_cost < cost:
            return [*(labels[leaf] for labels in new), tree[-1]], new_cost
        return tree, cost

    def _given(self, levels):
        """Numbers of the modules of a hierarchy, and its cost; tunes the finest ones."""
        *above, finest = levels
        root = above[-1]
        parent = np.empty(finest.max() + 1, np.int64)
        parent[finest] = root
        # A search would split those without submodules: it has no root without modules.
        divided = (np.bincount(parent) > 1)[root]
        if divided.any():
            physical = self.flow.physical
            search = Search(
                extract(self.flow.level, np.where(divided, root, -1).astype(np.int32)),
                self.rules,
                self.generator,
                self.watch,
                self._recorded(root).exit,
                None if physical is None else _apart(physical[divided], root[divided]),
            )
            tuned = finest.astype(np.int32)
            tuned[divided] = len(parent) + search.run(compact(finest[divided])[1], QUICK)
            finest = compact(tuned)[1]
        return self._register([*above, finest])

    def _register(self, levels):
        """Numbers of the modules of a hierarchy, and its cost."""
        inner, tree, below = None, [], None
        for labels in levels[::-1]:
            found = self._recorded(labels)
            if below is not None:
                # What a walker sees of a module is the enter rates of those in it.
                parent = np.empty(len(below.enter), np.int32)
                parent[below.labels] = labels
                found.group(parent, np.bincount(parent, below.enter))
            inner = self._add_found(found, inner)
            tree.append(inner[labels])
            found.labels, below = labels, found
        whole, inside = self._whole(found.enter, None, self._cost(inner).sum())
        return [np.repeat(whole[:1], len(levels[0])), *tree[::-1]], inside

    def _whole(self, rates, physical, inner=0.0):
        """One module of everything: its number for each node, and its cost."""
        inside = plogp_of(rates.sum(keepdims=True)) + inner
        if physical is not None:
            inside -= plogp_of(np.bincount(physical, rates)).sum()
        return np.repeat(self._add(0.0, 0.0, inside), len(rates)), float(inside[0])

    def _recorded(self, labels):
        """Rates of the modules of a partition."""
        flow = self.flow
        search = Search(flow.level, self.rules, self.generator, physical=flow.physical)
        search.record(labels)
        return Division(flow.level, labels, search)

    def _add_found(self, found, inner):
        """Numbers for the modules found; one alone in its group is the group."""
        inside = found.inside
        if inner is not None:
            inside = inside + np.bincount(found.labels, self._cost(inner))
        made = self._add(found.exit, found.enter, inside)
        if inner is not None:
            single = np.bincount(found.labels)[found.labels] == 1
            made[found.labels[single]] = inner[single]
        return made

    def _add(self, exit_rate, enter_rate, inside):
        first = len(self.exit)
        self.exit = np.append(self.exit, exit_rate)
        self.enter = np.append(self.enter, enter_rate)
        self.inside = np.append(self.inside, inside)
        return np.arange(first, len(self.exit), dtype=np.int32)

    def _cost(self, numbers):
        """What modules cost where they lie."""
        outside = plogp_of(self.exit[numbers]) + plogp_of(self.enter[numbers])
        return self.inside[numbers] - outside + self.rules.module_bits


def _apart(physical, root):
    """Other physical nodes for each root."""
    key = root.astype(np.int64) * (int(physical.max()) + 1) + physical
    return np.unique(key, return_inverse=True)[1].astype(np.int32)


def _held(root, physical, rates):
    """Root of each physical node, and plogp of its rate."""
    root_of = np.empty(int(physical.max()) + 1, np.int64)
    root_of[physical] = root
    return root_of, plogp_of(np.bincount(physical, rates))


def _choose(better, layers, others):
    """Layers that are some where ``better`` and others elsewhere, the finest repeated at need."""
    depth = max(len(layers), len(others))
    layers, others = (some + some[-1:] * (depth - len(some)) for some in (layers, others))
    return [np.where(better, one, other) for one, other in zip(layers, others, strict=True)]


def _lift_single(layers, root):
    """Skip layers where a root is its own only child, where there are more below."""
    for _ in layers[1:]:
        single = layers[0] == root
        for upper, lower in pairwise(layers):
            upper[single] = lower[single]
    return layers
