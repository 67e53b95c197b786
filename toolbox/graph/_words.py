"""Code words that states of a physical node share inside a module.

In a state network a node is a state of a physical node, and states of the same
physical node that are in the same module have one code word (Rosvall, Esquivel,
Lancichinetti, West, Lambiotte 2014, doi:10.1038/ncomms5630).  The map equation
then has, in place of the sum of plogp over the visit rates of all nodes, one over
the rates of these words: what a module *holds*.

Each physical node has a list of the modules that it is in, with its rate there.
"""

from typing import NamedTuple

import numpy as np

from toolbox._compile import njit
from toolbox.graph._changes import members_of
from toolbox.graph._plogp import plogp

FEW = 8  # modules of a physical node up to which all are candidates, linked or not


class Words(NamedTuple):
    """Physical nodes of the nodes of a level, and of its modules.

    Attributes
    ----------
    indptr : int64 array of shape (n + 1,)
    physical : int32 array of shape (n_entries,)
        Physical nodes of node u: entries ``indptr[u]`` to ``indptr[u + 1]``.
    rates : float64 array of shape (n_entries,)
    start : int64 array of shape (n_physical + 1,)
        Where the list of each physical node begins.
    length : int32 array of shape (n_physical,)
    module, count, rate, bits : arrays of shape (n_entries,)
        The lists: a module, how many nodes in it have the physical node, its
        rate there and plogp of that; int32, int32, float64, float64.
    held : float64 array of shape (n,)
        For each module the sum of plogp over the rates of its words.
    gain, marked, candidate : float64, bool, float64 arrays of shape (n + 1,)
        Scratch; the first two are 0 between uses.
    """

    indptr: np.ndarray
    physical: np.ndarray
    rates: np.ndarray
    start: np.ndarray
    length: np.ndarray
    module: np.ndarray
    count: np.ndarray
    rate: np.ndarray
    bits: np.ndarray
    held: np.ndarray
    gain: np.ndarray
    marked: np.ndarray
    candidate: np.ndarray


def node_words(physical, rates):
    """Words of states.

    Parameters
    ----------
    physical : int32 array of shape (n,)
        Physical node of each state; states of different roots have different ones.
    rates : float64 array of shape (n,)

    Returns
    -------
    Words
    """
    return _words(np.arange(len(physical) + 1), physical, np.ascontiguousarray(rates))


def merge_words(words, module, n_modules):
    """Words of the graph whose nodes are the modules.  O(entries)."""
    return _words(*_merge(words, module, n_modules, len(words.length)))


def _words(indptr, physical, rates):
    n, n_entries = len(indptr) - 1, len(physical)
    start = np.append(0, np.cumsum(np.bincount(physical)))
    return Words(
        indptr=indptr,
        physical=physical,
        rates=rates,
        start=start,
        length=np.zeros(len(start) - 1, np.int32),
        module=np.empty(n_entries, np.int32),
        count=np.empty(n_entries, np.int32),
        rate=np.empty(n_entries),
        bits=np.empty(n_entries),
        held=np.zeros(n),
        gain=np.zeros(n + 1),
        marked=np.zeros(n + 1, np.bool_),
        candidate=np.zeros(n + 1),
    )


def most_candidates(level, words):
    """How many modules a node may have links to, or share physical nodes with, at most."""
    lists = np.append(0, np.cumsum(np.diff(words.start)[words.physical]))
    reached = np.diff(level.indptr) + np.diff(lists[words.indptr])
    return min(int(reached.max(initial=0)), len(reached))


@njit
def _merge(words, module, n_modules, n_physical):
    members, first = members_of(module, n_modules)
    indptr = np.zeros(n_modules + 1, np.int64)
    physical = np.empty(words.physical.size, np.int32)
    rates = np.empty(words.physical.size)
    place = np.full(n_physical, -1, np.int64)  # in the rows of the module at hand
    end = 0
    for m in range(n_modules):
        begin = end
        for i in range(first[m], first[m + 1]):
            for e in range(words.indptr[members[i]], words.indptr[members[i] + 1]):
                p = words.physical[e]
                if place[p] < begin:
                    place[p] = end
                    physical[end] = p
                    rates[end] = 0.0
                    end += 1
                rates[place[p]] += words.rates[e]
        indptr[m + 1] = end
    return indptr, physical[:end].copy(), rates[:end].copy()


@njit
def deal_words(words, module):
    """Make the lists and what modules hold, for a partition of the nodes."""
    words.length[:] = 0
    words.held[:] = 0.0
    for u in range(module.size):
        for e in range(words.indptr[u], words.indptr[u + 1]):
            _enter(words, words.physical[e], module[u], words.rates[e])
    for p in range(words.length.size):
        for s in range(words.start[p], words.start[p] + words.length[p]):
            words.bits[s] = plogp(words.rate[s])
            words.held[words.module[s]] += words.bits[s]


@njit
def _enter(words, p, m, rate):
    """Add to the rate of a physical node in a module."""
    s = words.start[p]
    end = s + words.length[p]
    while s < end and words.module[s] != m:
        s += 1
    if s == end:
        words.length[p] += 1
        words.module[s] = m
        words.rate[s] = 0.0
        words.count[s] = 0
    words.rate[s] += rate
    words.count[s] += 1
    return s


@njit
def _leave(words, p, m, rate):
    """Take from the rate of a physical node in a module."""
    s = words.start[p]
    while words.module[s] != m:
        s += 1
    words.rate[s] -= rate
    words.count[s] -= 1
    words.bits[s] = plogp(words.rate[s])
    if words.count[s] == 0:
        words.length[p] -= 1
        end = words.start[p] + words.length[p]
        words.module[s] = words.module[end]
        words.rate[s] = words.rate[end]
        words.bits[s] = words.bits[end]
        words.count[s] = words.count[end]


@njit
def move_words(words, u, a, b):
    """Let a node go from module a to module b."""
    for e in range(words.indptr[u], words.indptr[u + 1]):
        _leave(words, words.physical[e], a, words.rates[e])
        s = _enter(words, words.physical[e], b, words.rates[e])
        words.bits[s] = plogp(words.rate[s])


@njit
def gather_words(words, parent, u, a, touched, n_seen):
    """What moving node u would change in what modules hold.

    Modules that have a physical node in common with u become candidates, too.

    Returns
    -------
    n_seen : int
        Number of candidates in ``touched``.
    own : float
        What u holds in a module by itself; in others ``words.gain`` comes on top.
    rest : float
        What its module holds without u.
    """
    for i in range(n_seen):
        words.marked[touched[i]] = True
    for e in range(words.indptr[u], words.indptr[u + 1]):
        p = words.physical[e]
        if words.rates[e] <= 0.0 or words.length[p] > FEW:
            continue
        for s in range(words.start[p], words.start[p] + words.length[p]):
            m = np.uintp(words.module[s])
            if words.marked[m] or m == a:
                continue
            if parent is not None:  # noqa: SIM102 (Numba prunes the plain form only)
                if parent[m] != parent[u]:  # submodules have the number of a node in them
                    continue
            words.marked[m] = True
            touched[n_seen] = m
            n_seen += 1
    # Now that all are known: a candidate by one physical node may hold others of many modules.
    own = 0.0
    rest = words.held[a]
    for e in range(words.indptr[u], words.indptr[u + 1]):
        rate = words.rates[e]
        if rate <= 0.0:
            continue
        p = words.physical[e]
        single = plogp(rate)
        own += single
        for s in range(words.start[p], words.start[p] + words.length[p]):
            m = np.uintp(words.module[s])
            there = words.rate[s]
            if m == a:
                if words.count[s] > 1:
                    rest += plogp(there - rate)
                rest -= words.bits[s]
            elif words.marked[m]:
                words.gain[m] += plogp(there + rate) - words.bits[s] - single
    for i in range(n_seen):
        words.marked[touched[i]] = False
    return n_seen, own, rest
