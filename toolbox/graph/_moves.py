"""Greedy moves of nodes between modules: the inner loop of the search.

The two-level map equation of modules with visit rate p, exit rate q and enter
rate r is, up to a constant that depends on the visit rates of the nodes alone,

    L = plogp(sum r) + sum [plogp(q + p) - plogp(q) - plogp(r)].

A link between u and v matters only through the flow in both directions
together: joining u to a module lowers the exit and the enter rate of the
module by the flow between them.  So one symmetric graph of two-way flows
serves directed graphs too.  Recorded teleportation adds, for a module whose
nodes send off jumps J and receive a share W of all jumps, J (1 - W) to its
exit and (J_all - J) W to its enter rate.

The same moves divide a module further: L then is what its inside costs, and the
first sum has its exit rate as well.  They also group modules under larger ones:
the nodes are the modules, p is the sum of their enter rates, and a module alone
needs no group and no term.
"""

from typing import NamedTuple

import numpy as np

from toolbox._compile import njit
from toolbox.graph._intrinsics import prefetch
from toolbox.graph._plogp import plogp
from toolbox.graph._words import gather_words, move_words

# Rates over links, jumps apart.
RATES = [("flow", "f8"), ("exit", "f8"), ("enter", "f8"), ("jump", "f8"), ("land", "f8")]
# ``alone`` is the cost of the node as a module by itself, and ``root`` the module
# that it may not leave: 0, or one of many that are divided side by side, with no
# links between them.
NODE = np.dtype([*RATES, ("alone", "f8"), ("root", "i8")])
# What a candidate module is judged by, in one cache line.  ``cost`` is its term
# of the map equation; ``link`` is scratch, the flow between the module and the
# node at hand, and 0 between uses; ``members`` is the exclusive or of the numbers
# of its nodes, which tells the last one that stays.
MODULE = np.dtype([*RATES, ("cost", "f8"), ("link", "f8"), ("size", "i4"), ("members", "i4")])

# Unsigned indices spare Numba's test for negative ones: a fifth of all time.
ONE = np.uintp(1)

SMALLEST_GAIN = 1e-11  # bits; above rounding, so that no move is undone for ever
AHEAD = 4  # nodes of the queue whose links are fetched before their turn


class Rules(NamedTuple):
    """What the code depends on beside the links.

    Attributes
    ----------
    jumps : float
        Sum of the recorded jumps.
    module_bits : float
        Added for each module.
    preferred : int
        Number of modules from which each one more or less costs a bit; -1 for any.
    """

    jumps: float = 0.0
    module_bits: float = 0.0
    preferred: int = -1


class Level(NamedTuple):
    """A symmetric graph of two-way flows; its nodes may be whole submodules.

    Attributes
    ----------
    indptr : ndarray of shape (n + 1,), int64
    indices : ndarray of shape (n_entries,), int32
    weights : ndarray of shape (n_entries,), float64
        No self-loops.
    scale : float
        Flow, in both directions together, of a link of weight 1.
    nodes : ndarray of shape (n,), NODE
    """

    indptr: np.ndarray
    indices: np.ndarray
    weights: np.ndarray
    scale: float
    nodes: np.ndarray


class Work(NamedTuple):
    """Scratch space, kept from level to level.

    Attributes
    ----------
    modules : ndarray of shape (n,), MODULE
    queue : ndarray of shape (n,), int32
        A ring of the nodes to look at.
    queued : ndarray of shape (n,), bool
    spare : ndarray of shape (n,), int32
        A stack of empty modules.
    touched : ndarray of shape (n + 1,), int32
    rates : ndarray of shape (2, 4 * (largest degree + 2) + 7), float64
    state : ndarray of shape (4,), int64
        Head and length of the queue, height of the stack of empty modules, number
        of the others.
    """

    modules: np.ndarray
    queue: np.ndarray
    queued: np.ndarray
    spare: np.ndarray
    touched: np.ndarray
    rates: np.ndarray
    state: np.ndarray


@njit(fastmath={"contract"})
def move_nodes(level, parent, words, module, work, totals, rules, limit):
    """Take nodes from the queue and move each where it saves most.  O(links seen).

    Neighbours of a moved node join the queue, unless they are in its module.

    Parameters
    ----------
    level : Level
    parent : int32 array of shape (n,) or None
        If given, a node sees only neighbours with the same parent.
    words : Words or None
        Of a state network; changed.
    module : int32 array of shape (n,)
        Module of each node; changed.
    work : Work
        Records, queue and empty modules; changed.
    totals : float64 array of shape (n_roots,)
        For each root the rate of its index code: the enter rates of its modules
        and its own exit rate; changed.
    rules : Rules
    limit : int
        Largest number of nodes taken from the queue.
    """
    indptr, indices, weights, scale, nodes = level
    modules, queue, queued, spare, touched, rates, state = work
    x, y = rates[0], rates[1]
    n = nodes.size
    head, n_queued, n_spare, n_full = state[0], state[1], state[2], state[3]
    jumps, module_bits, preferred = rules
    for _ in range(limit):
        if n_queued == 0:
            break
        if n_queued > 2 * AHEAD:
            t = head + 2 * AHEAD
            prefetch(indptr, np.int64(queue[t if t < n else t - n]))
            t = head + AHEAD
            v = queue[t if t < n else t - n]
            prefetch(nodes, np.int64(v))
            for line in range(0, 32, 16):
                prefetch(indices, indptr[v] + line)
                prefetch(weights, indptr[v] + line)
                prefetch(weights, indptr[v] + line + 8)
        u = np.uintp(queue[head])
        head = head + 1 if head + 1 < n else 0
        n_queued -= 1
        queued[u] = False

        # Flow between u and each module around it.
        a = np.uintp(module[u])
        first, last = np.uintp(indptr[u]), np.uintp(indptr[u + ONE])
        n_seen = 0
        for e in range(first, last):
            v = np.uintp(indices[e])
            m = np.uintp(module[v])
            link = modules[m].link
            touched[n_seen] = m
            if parent is None:
                n_seen += link == 0.0
                modules[m].link = link + weights[e]
            else:  # no branch, it would be mispredicted all the time
                near = parent[v] == parent[u]
                n_seen += near & (link == 0.0)
                modules[m].link = link + near * weights[e]
        old = modules[a]
        link_a = scale * old.link
        old.link = 0.0
        node = nodes[u]
        if words is not None:
            n_seen, own, a_held = gather_words(words, parent, u, a, touched, n_seen)
        crossing = min(node.exit, node.enter) > 0.6 * node.flow
        if n_seen == 0 or (n_seen == 1 and touched[0] == a and crossing):
            # Deep inside its module; a node that keeps much of its flow, by a
            # loop or as a submodule, could still be better off alone.
            continue

        # Rates with u in each candidate, side by side for the logarithms; last,
        # the rates of the old module without u.
        stays = 0.0 if old.size == 1 else 1.0  # an emptied module has no rates
        a_flow = stays * (old.flow - node.flow)
        a_exit = stays * max(old.exit - node.exit + link_a, 0.0)
        a_enter = stays * max(old.enter - node.enter + link_a, 0.0)
        a_jump = stays * (old.jump - node.jump)
        a_land = stays * (old.land - node.land)
        a_exit_rate = a_exit + a_jump * (1.0 - a_land)
        a_enter_rate = a_enter + (jumps - a_jump) * a_land
        root = np.uintp(node.root)
        total = totals[root]
        rest = total + a_enter_rate - old.enter - (jumps - old.jump) * old.land
        if parent is None and stays > 0.0 and n_spare > 0:
            touched[n_seen] = spare[n_spare - 1]
            n_seen += 1
        c = 0
        for i in range(n_seen):
            m = np.uintp(touched[i])
            new = modules[m]
            link = scale * new.link
            new.link = 0.0
            jump = new.jump + node.jump
            land = new.land + node.land
            exit_rate = new.exit + node.exit - link + jump * (1.0 - land)
            enter_rate = new.enter + node.enter - link + (jumps - jump) * land
            touched[c] = m
            if words is not None:
                words.candidate[c] = words.held[m] + own + words.gain[m]
                words.gain[m] = 0.0
            x[4 * c] = exit_rate
            x[4 * c + 1] = enter_rate
            x[4 * c + 2] = exit_rate + new.flow + node.flow
            x[4 * c + 3] = rest + enter_rate - new.enter - (jumps - new.jump) * new.land
            c += m != a
        x[4 * c] = a_exit_rate
        x[4 * c + 1] = a_enter_rate
        x[4 * c + 2] = a_exit_rate + a_flow
        x[4 * c + 3] = total
        for i in range((4 * c + 11) // 8 * 8):  # whole vectors, a rest would be slow
            y[i] = plogp(x[i])

        best = 0
        lowest = np.inf
        for i in range(c):
            cost = y[4 * i + 2] - y[4 * i] - y[4 * i + 1] + module_bits
            if words is not None:
                cost -= words.candidate[i]
            if modules[touched[i]].size == 0:
                cost = node.alone
            if preferred >= 0:
                number = n_full + (modules[touched[i]].size == 0) - (old.size == 1)
                cost += abs(number - preferred) - abs(n_full - preferred)
            change = cost - modules[touched[i]].cost + y[4 * i + 3]
            if change < lowest:
                lowest = change
                best = i
        a_cost = y[4 * c + 2] - y[4 * c] - y[4 * c + 1] + module_bits
        if words is not None:
            a_cost -= a_held
        if old.size == 1:
            a_cost = 0.0
        elif old.size == 2:
            a_cost = nodes[np.uintp(old.members ^ u)].alone
        # No candidate at all leaves ``lowest`` infinite.
        if lowest + a_cost - old.cost - y[4 * c + 3] > -SMALLEST_GAIN:
            continue

        b = touched[best]
        new = modules[b]
        if new.size == 0:
            n_spare -= 1
            n_full += 1
        if old.size == 1:
            spare[n_spare] = a
            n_spare += 1
            n_full -= 1
        if words is not None:
            move_words(words, u, a, b)
            words.held[a] = a_held
            words.held[b] = words.candidate[best]
        old.flow, old.exit, old.enter, old.jump, old.land = a_flow, a_exit, a_enter, a_jump, a_land
        old.cost = a_cost
        old.size -= 1
        old.members ^= u
        new.jump += node.jump
        new.land += node.land
        new.flow += node.flow
        new.exit = max(x[4 * best] - new.jump * (1.0 - new.land), 0.0)
        new.enter = max(x[4 * best + 1] - (jumps - new.jump) * new.land, 0.0)
        new.cost = y[4 * best + 2] - y[4 * best] - y[4 * best + 1] + module_bits
        if words is not None:
            new.cost -= words.candidate[best]
        if new.size == 0:
            new.cost = node.alone
        new.size += 1
        new.members ^= u
        totals[root] = x[4 * best + 3]
        module[u] = b
        for e in range(first, last):
            v = np.uintp(indices[e])
            if module[v] != b and not queued[v]:
                if parent is not None:  # noqa: SIM102 (Numba prunes the plain form only)
                    if parent[v] != parent[u]:
                        continue
                queued[v] = True
                tail = head + n_queued
                queue[tail if tail < n else tail - n] = v
                n_queued += 1
    state[0], state[1], state[2], state[3] = head, n_queued, n_spare, n_full
