"""How NumPy computes a graph."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

BUFFER = 512  # numbers that NumPy takes at a time where an array does not lie in one piece


@contextmanager
def quiet() -> Iterator[None]:
    """How NumPy computes a graph: without warnings, and with small buffers.

    Overflow and division by zero are looked for once per phase and named at their node. An operation on arrays that do
    not lie in one piece, or that repeats a row or one number of a row, goes through buffers wherever a row is shorter
    than one; with the usual 8192 numbers that takes two to four times as long.
    """
    with np.errstate(all="ignore"):  # which also brings the size of the buffers back
        np.setbufsize(BUFFER)
        yield
