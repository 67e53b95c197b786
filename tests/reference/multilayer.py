"""Multilayer networks as state networks, from the definitions; a state is (layer, node)."""

import numpy as np


def expand(
    intra,
    inter=None,
    relax_rate=0.15,
    directed=True,
    limit_up=np.inf,
    limit_down=np.inf,
    by_divergence=False,
):
    """States, and the matrix of links between them; the walk on it is always directed.

    Parameters
    ----------
    intra : dict of layer to (n, n) array
        Links in each layer; layers are integers.
    inter : list of (layer, node, layer, weight), optional
        Links between layers; with them nothing is relaxed.
    relax_rate : float
        Probability of a step by the links of any layer.
    directed : bool
        If not, links in a layer and between layers go both ways, loops once.
    limit_up, limit_down : int
        How much higher and lower the layer's number may be after a step.
    by_divergence : bool
        Layers in which the node has other links are met more seldom.
    """
    W = {layer: A if directed else both_ways(A) for layer, A in intra.items()}
    weights = {}

    def add(layer, node, to_layer, weight):
        """Spread a weight over where the node's links in another layer lead."""
        out = W[to_layer][node]
        for j in np.flatnonzero(out):
            link = (layer, node), (to_layer, int(j))
            weights[link] = weights.get(link, 0.0) + weight * out[j] / out.sum()

    states = {(a, i) for a in W for i in range(len(W[a])) if (W[a][i] + W[a][:, i]).any()}
    for a, i in sorted(states):
        s = {b: W[b][i].sum() for b in W if -limit_down <= b - a <= limit_up}
        if inter is not None:
            add(a, i, a, s[a])
        elif by_divergence:
            alike = {b: similarity(W[a][i], W[b][i]) for b in s}
            add(a, i, a, s[a])
            for b in set(s) - {a}:
                if alike[b] > 0:
                    share = s[b] * alike[b] / sum(alike.values())
                    add(a, i, b, relax_rate / (1 - relax_rate) * s[a] * share)
        else:
            add(a, i, a, 1 - relax_rate)
            for b in s:
                add(a, i, b, relax_rate * s[b] / max(sum(s.values()), 1e-300))
    for a, i, b, weight in inter or []:
        for layer, other in [(a, b)] if directed else [(a, b), (b, a)]:
            if W[other][i].any():
                states.add((layer, i))
                add(layer, i, other, weight)
    states = sorted(states)
    A = np.zeros((len(states), len(states)))
    for (source, target), weight in weights.items():
        A[states.index(source), states.index(target)] = weight
    return states, A


def both_ways(A):
    """Links that can be followed both ways; a loop counts once."""
    return A + A.T - np.diag(np.diag(A))


def similarity(a, b):
    """1 - Jensen-Shannon divergence in bits, weighed by the sums; 0 where no link is shared."""
    if not (a * b).any():
        return 0.0
    total = a.sum() + b.sum()
    parts = [w.sum() / total * entropy(w / w.sum()) for w in (a, b)]
    return 1 - entropy((a + b) / total) + sum(parts)


def entropy(p):
    """Of probabilities, in bits."""
    return -sum(x * np.log2(x) for x in p if x > 0)


def by_way_of_self(states, links, intra, directed=True, visited=None):
    """Flow over links if a step to another layer goes by the same node in that layer.

    From there it is spread over the links that are no loops, or lost in a
    state that is not visited (possible if jumps are recorded).  Visit rates
    stay as they were.
    """
    W = {layer: A if directed else both_ways(A) for layer, A in intra.items()}
    new = np.zeros_like(links)
    for u, (a, i) in enumerate(states):
        for v, (b, _) in enumerate(states):
            if a == b:
                new[u, v] += links[u, v]
            elif links[u, v] > 0:
                middle = states.index((b, i))
                new[u, middle] += links[u, v]
                if visited is not None and not visited[middle]:
                    continue
                onward = {j: W[b][i, j] for j in np.flatnonzero(W[b][i]) if j != i}
                for j, weight in onward.items():
                    share = weight / sum(onward.values())
                    new[middle, states.index((b, j))] += links[u, v] * share
    return new
