"""Sections with headings: Pajek networks and the official Infomap's own formats."""

import re
from typing import NamedTuple

import numpy as np

from toolbox.graph._lines import TOP, fields, numbered_links, read_name, read_node, show

# What stands in front of the weight in the lines of each section.
LINKS = dict.fromkeys((b"*links", b"*edges", b"*arcs"), ("source", "target"))
LISTS = b"*edgeslist", b"*arcslist"
LAYERS = {
    b"*intra": ("layer", "source", "target"),
    b"*inter": ("layer", "node", "layer"),
    b"*multilayer": ("layer", "source", "layer", "target"),
}
SPECIAL = {b"*states", b"*bipartite", *LAYERS}
_VERTEX = re.compile(rb'(\d+)(?:\s+(?:"(.*)"|(\S+))|)(?:\s|$)')
_STATE = re.compile(rb'(\d+)\s+(\d+)(?:\s+(?:".*"|\S+)(?:\s+(\d+))?)?(?:\s|$)')


class Sections(NamedTuple):
    """What a file of sections holds.

    Attributes
    ----------
    vertices : dict of int to str
        Names of the nodes that the file lists, "" for none.
    n_nodes : int or None
        Number of the nodes, which are 1, 2, ..., if the file says so.
    states : dict of int to tuple
        Physical node and layer (None without) of each state that is listed.
    first_feature : int or None
        Number of the first feature of a bipartite network.
    links : list of tuples
        Heading, links and weights of each section of links.
    """

    vertices: dict
    n_nodes: int | None
    states: dict
    first_feature: int | None
    links: list


def read_sections(text, line):
    """Read the sections from the first heading on, at which the text is.

    Parameters
    ----------
    text : Text
    line : bytes
        The heading.

    Returns
    -------
    Sections

    Raises
    ------
    ValueError
        With what is wrong in the line that the text looks at.
    """
    # Nodes of the special networks may have any numbers, whatever their count.
    special = not SPECIAL.isdisjoint(text.headings())
    vertices, states, links = {}, {}, []
    n_nodes = first_feature = None
    while line is not None:
        kind, *rest = line.lower().split()
        low, high = (0, TOP) if n_nodes is None else (1, n_nodes)
        start = text.next
        if kind == b"*network":
            line = text.step()
        elif kind == b"*vertices":
            if rest and not special:
                n_nodes = read_node(rest[0], 1, 2**31 - 1)
            line = _read_vertices(text, n_nodes, vertices)
        elif kind == b"*states":
            line = _read_states(text, states)
        elif kind in LISTS:
            *section, line = _listed_links(text, low, high)
            links.append((kind, *section))
        elif kind in LINKS or kind in LAYERS or kind == b"*bipartite":
            if kind == b"*bipartite":
                first_feature = _first_feature(rest)
            columns = LAYERS.get(kind, ("source", "target"))
            *section, line = numbered_links(text, None, low, high, columns)
            _check_links(text, start, kind, section[0], first_feature)
            links.append((kind, *section))
        else:
            raise ValueError(
                f"{show(kind)} is not read; networks may have *Vertices, *Edges, *Arcs, "
                "*Edgeslist, *Arcslist, *Links, *States, *Intra, *Inter, *Multilayer and "
                "*Bipartite"
            )
    return Sections(vertices, n_nodes, states, first_feature, links)


def _read_vertices(text, n_nodes, vertices):
    """Put the names of vertices into a dict; returns the heading that follows."""
    low, high = (0, TOP) if n_nodes is None else (1, n_nodes)
    while (line := text.step()) is not None and not line.startswith(b"*"):
        match = _VERTEX.match(line)
        if match is None:
            raise ValueError(f'{show(line)} is no vertex; expected: number "name"')
        node = read_node(match[1], low, high)
        if node in vertices:
            raise ValueError(f"vertex {node} is there twice; keep one of them")
        vertices[node] = read_name(match[2] or match[3] or b"")
    return line


def _read_states(text, states):
    """Put physical nodes and layers of states into a dict; returns the heading that follows."""
    while (line := text.step()) is not None and not line.startswith(b"*"):
        match = _STATE.match(line)
        if match is None:
            raise ValueError(f'{show(line)} is no state; expected: state node "name" layer')
        state, node = read_node(match[1]), read_node(match[2])
        if state in states:
            raise ValueError(f"state {state} is there twice; keep one of them")
        states[state] = node, None if match[3] is None else read_node(match[3])
    return line


def _listed_links(text, low, high):
    """Links from lines of a node and all of its neighbours."""
    edges = []
    while (line := text.step()) is not None and not line.startswith(b"*"):
        source, *targets = [read_node(field, low, high) for field in fields(line, None)]
        edges += [(source, target) for target in targets]
    return np.array(edges, np.int64).reshape(-1, 2), np.ones(len(edges)), line


def _first_feature(rest):
    if not rest:
        raise ValueError("*bipartite needs the number of the first feature: *Bipartite 100")
    return read_node(rest[0], 1)


def _check_links(text, start, kind, links, first_feature):
    """Raise ValueError at the first link that its section cannot have."""
    if kind == b"*inter":
        bad = links[:, 0] == links[:, 2]
        reason = "is between a layer and itself; links inside a layer go under *Intra"
    elif first_feature is not None and kind not in LAYERS:
        bad = (links[:, 0] < first_feature) == (links[:, 1] < first_feature)
        reason = f"is not between a node below {first_feature} and a feature from there on"
    else:
        return
    if bad.any():
        line = text.go_to(start, int(bad.argmax()))
        raise ValueError(f"the link {show(line)} {reason}")
