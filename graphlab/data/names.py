"""First names as one text, a name a line in lower case, shuffled: what a Text shows until it is given a file."""

from __future__ import annotations

import numpy as np

from ..ops.text import NAMES
from ..resources import resource
from . import store
from .batches import shuffled
from .characters import worded


def names_text() -> str:
    """All the names. Their order is fixed; it goes by chance, so that those held out at the end are like the others."""
    lines = resource("data", "names.txt").read_text("utf-8").lower().split()
    return "".join(f"{lines[k]}\n" for k in shuffled(len(lines), 0, "names"))


def _cells() -> store.Floats:
    return worded(names_text(), "names.txt", store.MOST)[0].astype(np.float32)[:, None]


store.offer(NAMES, _cells)
