"""What the official Infomap says of a partition that is given: an oracle, called and not read."""

import pytest


def official(folder, network, paths=None, ids=None, physical=None, **options):
    """Result of the official package for a network file and a tree of modules, no search.

    Parameters
    ----------
    folder : Path
    network : str
        Content of the network file.
    paths : list of tuples of int, optional
        Modules of each node from the top down, numbered from 1 without gaps;
        one module without it.
    ids : list of int, optional
        Of the nodes; 0, 1, 2, ... without it.
    physical : list, optional
        Physical node of each, if the nodes are states; in multilayer networks
        "node layer".
    **options
        Of ``infomap.run``.
    """
    infomap = pytest.importorskip("infomap", reason="the extra infomap is not installed")
    (folder / "network.net").write_text(network)
    if paths is not None:
        (folder / "modules.tree").write_text(tree_text(paths, ids, physical))
        options["cluster_data"] = str(folder / "modules.tree")
    # Multilayer networks are expanded while they are read, so the options must be known then.
    return infomap.run(str(folder / "network.net"), no_infomap=True, silent=True, **options)


def tree_text(paths, ids=None, physical=None):
    """Content of a tree file: path, flow (not used), name, id and physical id of each node."""
    lines, members = [], {}
    ids = ids or range(len(paths))
    for i, path in enumerate(paths):
        members[path] = members.get(path, 0) + 1
        place = ":".join(map(str, (*path, members[path])))
        last = "" if physical is None else physical[i]
        lines.append(f'{place} 0 "{ids[i]}" {ids[i]} {last}\n')
    return "".join(lines)


def link_text(A, directed):
    """Content of a Pajek file with the nodes 0, 1, 2, ..."""
    names = "".join(f'{i} "{i}"\n' for i in range(len(A)))
    links = "".join(
        f"{i} {j} {float(A[i, j])!r}\n"
        for i in range(len(A))
        for j in range(len(A))
        if A[i, j] and (directed or i <= j)
    )
    return f"*Vertices {len(A)}\n{names}*{'Arcs' if directed else 'Edges'}\n{links}"


def state_text(A, physical, directed):
    """Content of a file of the state nodes 0, 1, 2, ..."""
    states = "".join(f'{i} {node} "{i}"\n' for i, node in enumerate(physical))
    links = link_text(A, directed).split("\n", len(A) + 2)[-1]
    return f"*States\n{states}*Links\n{links}"


def walk_options(directed, teleportation=0.15, teleport_to="links", recorded=False):
    """Names of the options of a walk in the official package."""
    return {
        "flow_model": "directed" if directed else "undirected",
        "teleportation_probability": teleportation,
        "to_nodes": teleport_to == "nodes",
        "recorded_teleportation": recorded,
    }


def random_paths(rng, n, depth=4):
    """Modules of n nodes in a random ragged tree; nodes are only where no submodules are."""
    leaves = []

    def grow(path):
        if path and (len(path) == depth or rng.random() < 0.4):
            leaves.append(path)
        else:
            for child in range(rng.integers(1, 4)):
                grow((*path, child))

    grow(())
    chosen = [leaves[i] for i in rng.integers(0, len(leaves), n)]
    numbers = {}  # from 1 without gaps, as in files of the official package
    for path in chosen:
        for d in range(1, len(path) + 1):
            siblings = numbers.setdefault(path[: d - 1], {})
            siblings.setdefault(path[d - 1], len(siblings) + 1)
    return [tuple(numbers[path[:d]][path[d]] for d in range(len(path))) for path in chosen]
