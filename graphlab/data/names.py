"""First names as one text, a name a line in lower case, shuffled: what a Text shows until it is given a file."""

from __future__ import annotations

import numpy as np

from ..ops.text import NAMES
from . import store
from .batches import shuffled
from .characters import worded
from .first_names import first_names


def names_text() -> str:
    """All the names. Their order is fixed; it goes by chance, so that those held out at the end are like the others."""
    lines = first_names()
    return "".join(f"{lines[k]}\n" for k in shuffled(len(lines), 0, "names"))


def _cells() -> store.Floats:
    return worded(names_text(), "names.txt", store.MOST)[0].astype(np.float32)[:, None]


store.offer(NAMES, _cells)
