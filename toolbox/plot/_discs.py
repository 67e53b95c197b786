"""What pictures of communities are made of: discs, nodes, links, names and titles."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from toolbox.plot._layout import place_discs, place_nodes
from toolbox.plot._text import fonts, points_per_unit, short, text_below, text_on_disc
from toolbox.plot.palette import INK, LINK, module_colors
from toolbox.plot.pictures import new_axes

MAX_LABELS = 60
MAX_DISCS = 100
DISC, PALE, DOUBTFUL = 0.13, 0.25, 0.04  # strengths of colours: discs, uncertain ones


@dataclass(frozen=True)
class Parts:
    """What a picture shows; modules are numbered by flow, the largest first."""

    n_nodes: int
    n_links: int
    links: sparse.csr_array  # flow along each
    flow: np.ndarray  # of each node
    module: np.ndarray  # of each node
    size: np.ndarray  # number of nodes of each module
    module_flow: np.ndarray
    label: np.ndarray  # what the result calls each module
    names: list | np.ndarray | None
    strength: np.ndarray  # of the colour of each node, 0 to 1
    certain: np.ndarray | None  # whether each module is; None: nothing is said about it
    notes: list[str] | None  # what a map says about each module


def draw(ax, parts, kind, max_nodes, max_links):
    """Draw on the axes, or on new ones; see :func:`plot_communities`."""
    if kind not in (None, "network", "map"):
        raise ValueError(f'kind must be "network", "map" or None, got {kind!r}')
    if kind is None:
        small = parts.n_nodes <= max_nodes and parts.n_links <= max_links
        kind = "network" if small else "map"
    if ax is None:
        ax = new_axes()
    ax.set_axis_off()
    ax.set_aspect("equal")
    (_draw_network if kind == "network" else _draw_map)(ax, parts)
    return ax


def write_titles(ax, name, found, parts, *more):
    """What was found, and to the right the size of the graph and more of this kind."""
    title = f"{name}: {found}" if name else found
    style = dict(parse_math=False, family=fonts(title), pad=10)
    ax.set_title(title, loc="left", color=INK, weight="bold", size=13, **style)
    sizes = count(parts.n_nodes, "node"), count(parts.n_links, "link"), *more
    ax.set_title(", ".join(sizes), loc="right", color=LINK, size=10, **style)


def parts_of(graph, result, labels):
    """Flow and modules of a graph as a result has them, checked against each other."""
    label, module = np.unique(np.asarray(labels), return_inverse=True)
    flow = np.asarray(result.flow_, dtype=np.float64)
    if not len(module) == len(flow) == graph.n_nodes:
        raise ValueError(
            f"the result is of {len(module)} nodes, the graph has {graph.n_nodes}; "
            "pass the graph that the estimator was fitted on"
        )
    flow = flow / flow.sum() if flow.sum() > 0 else np.full(graph.n_nodes, 1 / graph.n_nodes)
    module_flow = np.bincount(module, flow)
    order = np.argsort(-module_flow, kind="stable")
    module = np.argsort(order)[module]

    links = graph.to_scipy()
    out = links.sum(axis=1)
    leaving = np.divide(flow, out, out=np.zeros_like(flow), where=out > 0)
    links = sparse.csr_array(
        (links.data * np.repeat(leaving, np.diff(links.indptr)), links.indices, links.indptr),
        shape=links.shape,
    )
    return Parts(
        n_nodes=graph.n_nodes,
        n_links=graph.n_links,
        links=links,
        flow=flow,
        module=module,
        size=np.bincount(module),
        module_flow=module_flow[order],
        label=label[order],
        names=result.node_names_,
        strength=np.ones(graph.n_nodes),
        certain=None,
        notes=None,
    )


def _module_links(parts, n_modules):
    """Flow between the largest modules, both ways together, (n_modules, n_modules)."""
    links = parts.links.tocoo()
    i, j = parts.module[links.coords[0]], parts.module[links.coords[1]]
    keep = (i != j) & (i < n_modules) & (j < n_modules)
    flow = np.bincount(i[keep] * n_modules + j[keep], links.data[keep], n_modules**2)
    flow = flow.reshape(n_modules, n_modules).astype(np.float64)  # integers if there are none
    return flow + flow.T


def _draw_network(ax, parts):
    # The discs have room for flow and for numbers alike, one unit in all; the
    # nodes fill about a fifth of it and stay visible where there is no flow.
    disc = np.sqrt(0.5 * parts.module_flow + 0.5 * parts.size / parts.n_nodes)
    radius = np.sqrt(np.maximum(0.18 * parts.flow, 0.006 / parts.n_nodes))
    centre = place_discs(disc, _module_links(parts, len(disc)))
    at = place_nodes(parts.links, parts.module, centre, disc, radius)
    _frame(ax, centre, disc)

    color = module_colors(len(disc))
    if parts.certain is None:
        _circles(ax, centre, disc, faded(color, DISC), zorder=0, gid="modules")
    else:
        fill = faded(color, np.where(parts.certain, DISC, DOUBTFUL))
        _circles(ax, centre, disc, fill, rim=color, certain=parts.certain, zorder=0, gid="modules")
    i, j = sparse.triu(parts.links + parts.links.T, k=1, format="coo").coords
    inside = parts.module[i] == parts.module[j]
    ways = _bundled(at, i[~inside], j[~inside], centre, disc, parts.module)
    _lines(ax, ways, colors=LINK, zorder=1, **_faint(len(ways), 4))
    ways = np.stack((at[i[inside]], at[j[inside]]), axis=1)
    _lines(ax, ways, colors=color[parts.module[i[inside]]], zorder=2, **_faint(len(ways), 10))
    rim = "white" if parts.certain is None else color[parts.module]
    color = faded(color[parts.module], parts.strength)
    _circles(ax, at, radius, color, rim=rim, zorder=3, gid="nodes")
    if parts.n_nodes <= MAX_LABELS:
        names = np.arange(parts.n_nodes) if parts.names is None else parts.names
        for name, point, r, fill in zip(names, at, radius, color, strict=True):
            if not text_on_disc(ax, point, r, fill, short(name)):
                text_below(ax, point, r, short(name))


def _draw_map(ax, parts):
    k = min(len(parts.size), MAX_DISCS)
    disc = np.sqrt(np.maximum(parts.module_flow[:k], 1e-6))
    flow = _module_links(parts, k)
    centre = place_discs(disc, flow)
    _frame(ax, centre, disc)

    i, j = np.nonzero(np.triu(flow))
    strongest = np.argsort(flow[i, j], kind="stable")[-6 * k :]  # the top one drawn last
    i, j = i[strongest], j[strongest]
    if len(i):
        widths = np.maximum(12 * flow[i, j] / flow.max(), 0.25)
        ways = np.stack((centre[i], centre[j]), axis=1)
        _lines(ax, ways, colors=LINK, alpha=0.35, linewidths=widths, zorder=1, capstyle="butt")
    rim, color = "white", module_colors(k)
    if parts.certain is not None:
        strength = (np.bincount(parts.module, parts.strength) / parts.size)[:k]
        rim, color = color, faded(color, np.where(parts.certain[:k], strength, PALE))
    _circles(ax, centre, disc, color, rim=rim, certain=parts.certain, zorder=2, gid="modules")
    for m, best in enumerate(_most_visited(parts, k)):
        number, size = str(parts.label[m]), count(parts.size[m], "node")
        texts = [f"{number}\n{size}", number]
        if parts.names is not None:
            texts.insert(0, f"{number}: {short(parts.names[best])}\n{size}")
        if parts.notes is not None:
            texts = [f"{texts[0]}\n{parts.notes[m]}", f"{number}\n{parts.notes[m]}", number]
        text_on_disc(ax, centre[m], disc[m], color[m], *texts)
    left_out = len(parts.size) - k
    if left_out:
        share = parts.module_flow[k:].sum()
        caption = f"and {count(left_out, 'smaller module')} with {share:.1%} of the flow"
        ax.text(1, -0.01, caption, transform=ax.transAxes, ha="right", va="top", color=LINK)


def _most_visited(parts, n_modules):
    """The node with the most flow of each of the first modules."""
    order = np.lexsort((-parts.flow, parts.module))
    starts = np.cumsum(parts.size) - parts.size
    return order[starts[:n_modules]]


def _frame(ax, centre, disc):
    """Limits that hold all the discs and fill the box of the axes."""
    low, high = (centre - disc[:, None]).min(axis=0), (centre + disc[:, None]).max(axis=0)
    box = np.array([ax.bbox.width, ax.bbox.height])
    half = 0.505 * box * ((high - low) / box).max()
    middle = (low + high) / 2
    ax.set_xlim(middle[0] - half[0], middle[0] + half[0])
    ax.set_ylim(middle[1] - half[1], middle[1] + half[1])


def faded(colors, strength):
    """The colours, mixed with white where the strength is below 1; (n, 3)."""
    return 1 - np.reshape(strength, (-1, 1)) * (1 - colors)


def _circles(ax, at, radius, colors, *, rim=None, certain=None, zorder, gid):
    """Discs with rims or without; dashed rims where something is not certain."""
    from matplotlib.collections import EllipseCollection

    # A rim sets nodes apart but must not eat up the small ones.
    width = np.minimum(0.8, 0.12 * radius * points_per_unit(ax))
    lines = {"edgecolors": "white", "linewidths": 0} if rim is None else {}
    if rim is not None:
        lines = {"edgecolors": rim, "linewidths": width}
    if certain is not None:
        lines["linewidths"] = 1.5 * width
        lines["linestyles"] = ["-" if sure else (0, (4, 3)) for sure in certain[: len(radius)]]
    circles = EllipseCollection(
        2 * radius,
        2 * radius,
        np.zeros(len(radius)),
        units="xy",
        offsets=at,
        offset_transform=ax.transData,
        facecolors=colors,
        zorder=zorder,
        gid=gid,
        **lines,
    )
    ax.add_collection(circles, autolim=False)


def _lines(ax, ways, **style):
    from matplotlib.collections import LineCollection

    ax.add_collection(LineCollection(ways, **style), autolim=False)


def _faint(n_lines, strength):
    """The more lines, the thinner and fainter each of them."""
    few = strength / np.sqrt(n_lines + 1)
    return {"alpha": float(np.clip(few, 0.025, 0.6)), "linewidths": np.clip(4 * few, 0.4, 0.8)}


def _bundled(at, i, j, centre, disc, module):
    """Curves that leave and enter the modules' discs where these face each other.

    Cubic Bezier curves, O(links); links between the same two modules run
    together in between (Holten 2006).
    """
    start, end = at[i], at[j]
    from_, to = centre[module[i]], centre[module[j]]
    way = to - from_
    way /= np.maximum(np.sqrt((way**2).sum(axis=1, keepdims=True)), 1e-12)
    leave, enter = from_ + way * disc[module[i], None], to - way * disc[module[j], None]
    # 0.8 of the bundle and 0.2 of the straight line keep single links apart.
    leave = 0.8 * leave + 0.2 * (2 * start + end) / 3
    enter = 0.8 * enter + 0.2 * (start + 2 * end) / 3
    t = np.linspace(0, 1, 17)[:, None]
    basis = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    points = (start, leave, enter, end)
    return sum(b * p[:, None] for b, p in zip(basis, points, strict=True))


def count(n, what):
    return f"{n:,} {what}{'' if n == 1 else 's'}"
