"""Hierarchies, ours and those of the official package, for the benchmarks of InfoMap.

Both get the same links and one thread, the seeds 1, 2, 3 ... in turns in one
process.  Ours is timed from the scipy matrix to the fitted estimator; from the
official package only the search counts, not the building of its network.  All
hierarchies are measured by our ``map_equation``.
"""

import contextlib
from dataclasses import dataclass

import numpy as np
from infomap_peers import SAME_CODE, Case, cpu_time, number, official_result

COLUMNS = (
    *("ours s", "infomap s", "infomap/ours", "code ours", "code infomap", "infomap says"),
    *("ours-infomap", "levels ours", "infomap", "top ours", "infomap", "misses"),
)


@dataclass
class Aim:
    """Times that ours is faster, at least; our code is never longer."""

    speedup: float = 0

    def misses(self, ratio, more):
        """A word for every aim that is missed."""
        words = "speed" if ratio < self.speedup else "", "code" if more > SAME_CODE else ""
        return " ".join(filter(None, words))


def ours_levels(case, seed, two_level):
    """CPU seconds from the matrix to the estimator, its levels and its code length."""
    from toolbox.graph import InfoMap, from_states

    model = InfoMap(directed=case.directed, two_level=two_level, random_state=seed)

    def fit():
        graph = case.fresh()
        if case.physical is not None:
            graph = from_states(graph, case.physical, directed=case.directed)
        model.fit(graph)

    seconds, _ = cpu_time(fit)
    return seconds, np.array(model.levels_), model.codelength_


def official_levels(case, seed, two_level):
    """CPU seconds of the search, the levels and the code length that the package tells."""
    _, seconds, result = official_result(case, seed, two_level=two_level)
    modules = result.multilevel_modules(states=case.physical is not None)
    found = np.array(list(modules.values())).T
    levels = np.full((len(found), case.n_nodes), -1)
    levels[:, np.fromiter(modules, np.int64)] = found
    alone = levels[0] < 0  # nodes without flow may be in no module
    levels[:, alone] = levels.max() + 1 + np.arange(np.count_nonzero(alone))
    return seconds, levels, result.codelength


def installed():
    """Ours, and official if installed; all have run once, so that nothing is compiled later."""
    from toolbox.datasets import load_karate, load_planted, make_lfr_graph

    cases, solvers = [], {}
    noisy = make_lfr_graph(1000, mixing=0.6, random_state=0)
    for matrix, truth in load_karate(), load_planted(), noisy:
        cases += [Case("", matrix), Case("", matrix, directed=True)]
        cases.append(Case("", matrix, directed=True, physical=truth))
    for name, solve in ("ours", ours_levels), ("infomap", official_levels):
        with contextlib.suppress(ImportError):
            for case in cases:
                for two_level in (True, False):
                    solve(case, 1, two_level)
            solvers[name] = solve
    return solvers


def compared(case, solvers, seeds, two_level, aim, bar):
    """Medians of a graph, as cells for ``COLUMNS``."""
    from toolbox.graph import as_graph, from_states, map_equation

    graph = as_graph(case.matrix, case.directed)
    if case.physical is not None:
        graph = from_states(graph, case.physical)
    found = {name: [] for name in solvers}
    for seed in seeds:
        for name, solve in solvers.items():
            bar.set_postfix_str(f"{case.name} {name} {seed}")
            seconds, levels, said = solve(case, seed, two_level)
            bits = map_equation(graph, levels)
            found[name].append((seconds, bits, said, len(levels), len(np.unique(levels[0]))))
        bar.update()
    medians = {name: np.median(rows, axis=0) for name, rows in found.items()}
    mine, theirs = medians["ours"], medians.get("infomap", np.full(5, np.nan))
    ratio, more = theirs[0] / mine[0], mine[1] - theirs[1]
    return [
        *(number(one[0], ".4f") for one in (mine, theirs)),
        number(ratio, ".1f"),
        *(number(bits, ".6f") for bits in (mine[1], theirs[1], theirs[2])),
        number(more, "+.1e"),
        *(number(one[i], "g") for i in (3, 4) for one in (mine, theirs)),
        aim.misses(ratio, more),
    ]
