"""Numbers of a link list, read from its bytes."""

import numpy as np

from toolbox._compile import njit

_NEWLINE, _HASH, _PERCENT, _ZERO = ord("\n"), ord("#"), ord("%"), ord("0")
_POWERS = np.array([float(f"1e{k}") for k in range(23)])  # all that a float holds exactly
_FULL = (2**63 - 1) // 10  # from here on a further digit may not fit into 64 bits


@njit
def parse_links(data, i, separator, low, high, edges, weights, n):
    """Read plain lines ``source target [weight]`` from byte ``i`` on.  O(bytes).

    Writes them as link ``n`` and the following ones, and stops before the
    first line that is not plain: a fault, a heading, a number in an unusual
    form.  Returns the number of links and the position of that line, or of the
    end.  There are as many ids in front of the weight as ``edges`` has columns,
    from low to high; separator 0 stands for blanks.  A weight
    that a float product may round wrongly becomes minus the position of its
    text.  The data end with a newline, so that no loop has to look for an end.
    """
    width = edges.shape[1]
    while i < data.size:
        line = i
        i = _skip_blanks(data, i)
        if data[i] == _NEWLINE or data[i] == _HASH or data[i] == _PERCENT:
            i = _next_line(data, i)
            continue
        weights[n] = 1.0
        for column in range(width + 1):
            begin = i
            if column < width:
                number, i = _digits(data, i, 0)
                edges[n, column] = number
                good = low <= number <= high
            else:
                weights[n], i = _decimal(data, i)
                good = True
            end = i
            i = _skip_blanks(data, i)
            if data[i] == _NEWLINE or (i > end and (data[i] == _HASH or data[i] == _PERCENT)):
                good &= column >= width - 1
                last = True
            elif separator:
                good &= data[i] == separator
                last = False
                i = _skip_blanks(data, i + good)
            else:
                good &= i > end
                last = False
            if end == begin or not good:
                return n, line
            if last:
                break
        n += 1
        i = _next_line(data, i)
    return n, i


@njit
def _decimal(data, begin):
    """A number like 12, 0.5 or 1e-3, and where it ends: at ``begin`` if it is none."""
    mantissa, i = _digits(data, begin, 0)
    n_digits = i - begin
    exponent = 0
    if data[i] == ord("."):
        point = i + 1
        mantissa, i = _digits(data, point, mantissa)
        exponent = point - i
        n_digits -= exponent
    if n_digits == 0:
        return 0.0, begin
    fits = True
    while ord("0") <= data[i] <= ord("9"):
        fits = False
        i += 1
    if data[i] == ord("e") or data[i] == ord("E"):
        minus = data[i + 1] == ord("-")
        start = i + 2 if minus or data[i + 1] == ord("+") else i + 1
        power, i = _digits(data, start, 0)
        if i == start:
            return 0.0, begin
        exponent += -power if minus else power
    while mantissa > 2**53 and mantissa % 10 == 0:
        mantissa //= 10
        exponent += 1
    if not fits or mantissa > 2**53 or not -22 <= exponent <= 22:
        return -float(begin), i
    if exponent < 0:
        return mantissa / _POWERS[-exponent], i
    return mantissa * _POWERS[exponent], i


@njit
def _digits(data, i, number):
    """Digits appended to a number while it fits into 64 bits, and where they end."""
    digit = np.int64(data[i]) - _ZERO
    while 0 <= digit <= 9 and number < _FULL:
        number = 10 * number + digit
        i += 1
        digit = np.int64(data[i]) - _ZERO
    return number, i


@njit
def _skip_blanks(data, i):
    """The first byte from ``i`` on that is no space, tab or carriage return."""
    while data[i] == ord(" ") or data[i] == ord("\t") or data[i] == ord("\r"):
        i += 1
    return i


@njit
def _next_line(data, i):
    """The first byte of the next line."""
    while data[i] != _NEWLINE:
        i += 1
    return i + 1
