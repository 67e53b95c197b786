"""LFR graphs by the definition: slow twins of the array code."""

import itertools


def splitmix64(seed):
    """Endless random numbers of 64 bits (Steele, Lea, Flood 2014)."""
    mask = 2**64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def assignments(needs, sizes):
    """All ways to give nodes communities of these sizes with more than ``needs`` nodes."""
    places = [community for community, size in enumerate(sizes) for _ in range(size)]
    return {
        labels
        for labels in itertools.permutations(places)
        if all(sizes[label] > need for label, need in zip(labels, needs, strict=True))
    }


def link_stubs(groups, kind, seed, passes):
    """Set of links (i, j), i < j, from the same random numbers as the fast twin."""
    numbers = splitmix64(seed)

    def below(n):
        return (next(numbers) >> 32) * n >> 32

    graph = set()

    def allowed(i, j):
        return kind[i] != kind[j] and (min(i, j), max(i, j)) not in graph

    for stubs in groups:
        stubs = list(stubs)
        for s in reversed(range(1, len(stubs))):
            other = below(s + 1)
            stubs[s], stubs[other] = stubs[other], stubs[s]
        links = []
        collided = list(zip(stubs[::2], stubs[1::2], strict=True))
        for moves in passes:
            pairs, collided = collided, []
            for u, v in pairs:
                for _ in range(moves):
                    if allowed(u, v):
                        break
                    start = below(len(links))
                    around = list(range(len(links)))[start:] + list(range(start))
                    ends = [(e, *pair) for e in around for pair in (links[e], links[e][::-1])]
                    ends = [(e, a, b) for e, a, b in ends if allowed(u, a)]
                    best = [(e, a, b) for e, a, b in ends if allowed(v, b)]
                    if not ends:
                        u, v = v, u
                        continue
                    e, a, b = best[0] if best else ends[-1]
                    graph.remove((min(a, b), max(a, b)))
                    graph.add((min(a, u), max(a, u)))
                    links[e] = (a, u) if links[e] == (a, b) else (u, a)
                    u = b
                if not allowed(u, v):
                    collided.append((u, v))
                    continue
                graph.add((min(u, v), max(u, v)))
                links.append((u, v))
                # In the array the link changes places with the first collision.
                collided = collided[1:] + collided[:1]
    return graph
