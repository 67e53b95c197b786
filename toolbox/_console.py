"""What apps share on the command line: numbers, progress, errors in a line."""

import argparse
from contextlib import contextmanager


def whole(low):
    """Make a reader of whole numbers from ``low`` for argparse."""

    def read(text):
        if not text.isdecimal() or int(text) < low:
            raise argparse.ArgumentTypeError(f"expected a whole number from {low}, got {text!r}")
        return int(text)

    return read


@contextmanager
def progress(results, total, unit):
    """The results, counted on stderr where that is a terminal, and how to print a line."""
    if total == 1:
        yield results, lambda line, file: print(line, file=file, flush=True)
        return
    from tqdm import tqdm

    with tqdm(results, total=total, unit=unit, disable=None) as bar:

        def show(line, file):
            bar.write(line, file=file)
            file.flush()

        yield bar, show


def reason(source, error):
    """One line that names the input and says what is wrong."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if not isinstance(error, (OSError, ValueError, ImportError, MemoryError)):
        text = f"{type(error).__name__}: {text}"  # nothing that we thought of
    text = " ".join(text.split())
    return text if str(source) in text else f"{source}: {text}"
