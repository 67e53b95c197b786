"""Names on discs: as large as fits, in any script."""

from unicodedata import east_asian_width

import numpy as np

from toolbox.plot.palette import INK

# Matplotlib's own font has no Chinese, Japanese or Korean.
_EAST_ASIAN = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei"),
)


def text_on_disc(ax, at, radius, fill, *texts):
    """Write the first of the texts that fits into a disc; returns whether one did."""
    room = 1.8 * radius * points_per_unit(ax)
    color = INK if fill @ (0.299, 0.587, 0.114) > 0.6 else "white"
    largest = 11
    for text in texts:
        lines = text.split("\n")
        # A line is about 1.2 of its size high.
        size = min(room / np.hypot(max(map(_width, lines)), 1.2 * len(lines)), largest)
        if size >= 5:
            _write(ax, at, text, size=size, color=color, va="center")
            return True
        largest = 6  # what says less does not look more important
    return False


def text_below(ax, at, radius, text):
    """Write a text under a disc."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2, foreground="white")]
    _write(ax, (at[0], at[1] - radius), text, size=7, color=INK, va="top", path_effects=halo)


def short(name, length=24):
    """A name in one line and not too long."""
    name = " ".join(str(name).split())
    return name if len(name) <= length else f"{name[: length - 1]}…"


def fonts(text):
    """Font families for a text: the default, and what there is for other scripts."""
    if text.isascii():
        return ["sans-serif"]
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return ["sans-serif", *(name for name in _EAST_ASIAN if name in installed)]


def points_per_unit(ax):
    """How many points one unit of the axes' data is on paper."""
    box = ax.bbox
    width, height = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
    return min(box.width / width, box.height / height) * 72 / ax.figure.dpi


def _write(ax, at, text, **style):
    # Names may have dollar signs; those are no formulas.
    ax.text(*at, text, ha="center", zorder=4, parse_math=False, family=fonts(text), **style)


def _width(line):
    """About how many times its size a line is wide."""
    return sum(1.0 if east_asian_width(letter) in "WF" else 0.6 for letter in line)
