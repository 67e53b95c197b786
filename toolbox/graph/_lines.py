"""Lines of numbers and names in the bytes of a file, with faults that say what was expected."""

import math
import re

import numpy as np

# Below this many bytes plain Python is done before Numba is loaded.
SMALL = 100_000
TOP = 2**63 - 1  # the largest number of a node

CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
_COMMENT = re.compile(rb"\s[#%].*")
_WEIGHT = re.compile(rb"[\d.eE+-]+")


class Text:
    """Lines of a file, and the place of the one that is looked at."""

    def __init__(self, data):
        if b"\n" not in data:
            data = data.replace(b"\r", b"\n")
        self.data = data if data.endswith(b"\n") else data + b"\n"
        self.position = 0
        self.next = 3 if data.startswith(b"\xef\xbb\xbf") else 0  # a byte order mark

    def step(self):
        """Go on to the next line that is not blank or a comment; None at the end."""
        while self.next < len(self.data):
            self.position, self.next = self.next, self.data.find(b"\n", self.next) + 1
            line = self.data[self.position : self.next].strip()
            if line and line[0] not in b"#%":
                return line
        self.position = len(self.data) - 1
        return None

    def go_to(self, start, n):
        """Look at the n-th line from byte ``start`` on, from 0; returns it."""
        self.next = start
        for _ in range(n):
            self.step()
        return self.step()

    def headings(self):
        """The headings from the line that is looked at on, each one's first word."""
        position = self.position
        while position >= 0:
            line = self.data[position : self.data.find(b"\n", position + 1)].strip()
            if line.startswith(b"*"):
                yield heading(line)
            position = self.data.find(b"\n*", position + 1)

    @property
    def line_number(self):
        return self.data.count(b"\n", 0, self.position) + 1


def numbered_links(text, separator, low=0, high=TOP, columns=("source", "target")):
    """Links between numbers up to a heading or the end.

    Parameters
    ----------
    text : Text
    separator : bytes or None
        None for blanks.
    low, high : int
        Least and largest number.
    columns : tuple of str
        What the numbers are that stand in front of the weight.

    Returns
    -------
    links : ndarray of shape (n_links, len(columns)), int64
    weights : ndarray of shape (n_links,)
        1 where a line has none.
    line : bytes or None
        The heading that follows.
    """
    size, width = text.data.count(b"\n", text.next), len(columns)
    links, weights, n = np.empty((size, width), np.int64), np.empty(size), 0
    parse_links = None
    if len(text.data) - text.next > SMALL:
        from toolbox.graph._parse import parse_links

        data, mark = np.frombuffer(text.data, np.uint8), ord(separator or b"\0")
    while True:
        if parse_links:
            n, text.next = parse_links(data, text.next, mark, low, high, links, weights, n)
        line = text.step()
        if line is None or line.startswith(b"*"):
            break
        numbers, weights[n] = read_link(line, separator, columns)
        links[n] = [read_node(number, low, high) for number in numbers]
        n += 1
    late = np.flatnonzero(weights[:n] < 0)  # parse_links left their text to Python
    for row, position in zip(late.tolist(), weights[late].tolist(), strict=True):
        text.position = -int(position)
        weights[row] = read_weight(_WEIGHT.match(text.data, text.position)[0])
    return links[:n], weights[:n], line


def read_link(line, separator, columns=("source", "target")):
    """Columns of a line in front of the weight, as bytes, and the weight."""
    found = fields(line, separator, columns)
    width = len(columns)
    return found[:width], read_weight(found[width]) if len(found) > width else 1.0


def fields(line, separator, columns=("source", "target")):
    """Columns of a line, at least as many as are needed."""
    if b"#" in line or b"%" in line:
        line = _COMMENT.sub(b"", line)
    found = [field.strip() for field in line.split(separator)]
    if len(found) < len(columns):
        few = "one column" if len(found) == 1 else f"{len(found)} columns"
        raise ValueError(f"only {few}, {show(line)}; expected: {' '.join(columns)} [weight]")
    return found


def heading(line):
    """First word of a heading, in small letters."""
    return line.split(None, 1)[0].lower()


def read_node(field, low=0, high=TOP):
    """Number of a node or layer."""
    number = int(field) if field.isdigit() else -1
    if not low <= number <= high:
        hint = "; in a link list names must begin in the first line" if high == TOP else ""
        raise ValueError(
            f"{show(field)} is no node; expected a whole number from {low} to {high}{hint}"
        )
    return number


def read_name(field):
    """Text of a name."""
    if CONTROL.search(field):
        raise ValueError(f"{show(field)} is not text; expected UTF-8")
    try:
        return field.decode()
    except UnicodeDecodeError:
        raise ValueError(f"{show(field)} is not UTF-8; save the file as UTF-8") from None


def read_weight(field):
    """Number of a weight."""
    try:
        number = float(field) if b"_" not in field else math.nan
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"weight {show(field)}; expected a finite number, not negative")
    return number


def show(field):
    """Beginning of bytes from a file, to quote in a fault."""
    return repr(field[:40].decode(errors="replace"))


def rows_of(numbers):
    """Rows in the place of numbers, in any shape, and the numbers in ascending order."""
    top = int(numbers.max(initial=-1)) + 1
    if top > numbers.size:
        ids, rows = np.unique(numbers, return_inverse=True)
        return rows.reshape(numbers.shape), ids
    seen = np.zeros(top, bool)
    seen[numbers] = True
    ids = np.flatnonzero(seen)
    return numbers if len(ids) == top else (np.cumsum(seen) - 1)[numbers], ids


def plain(ids):
    """Names of the nodes: their ids, or None if those are 0, 1, 2, ..."""
    return None if len(ids) == 0 or ids[-1] == len(ids) - 1 else ids
