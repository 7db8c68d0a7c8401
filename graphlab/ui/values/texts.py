"""Arrays as text for the clipboard: NumPy code that gives the same numbers to the bit, and rows for a spreadsheet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
WIDE = 100  # characters of a line of code


def as_numpy(array: Array) -> str:
    """ "np.array([[0.1, -2.0]], dtype=np.float32)": whoever runs it has the very same array."""
    if array.ndim == 0:
        return f"np.{array.dtype.name}({_element(array[()])})"
    if not array.size:
        return f"np.zeros({array.shape}, dtype=np.{array.dtype.name})"
    inner = _nested(array, len("np.array("))
    return f"np.array({inner}, dtype=np.{array.dtype.name})"


def _nested(array: Array, indent: int) -> str:
    if array.ndim > 1:
        between = ",\n" + "\n" * (array.ndim - 2) + " " * (indent + 1)
        return f"[{between.join(_nested(part, indent + 1) for part in array)}]"
    words = [_element(value) for value in array]
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) > WIDE - indent:
            lines.append(line)
            line = ""
        line += f"{', ' if line else ''}{word}"
    return f"[{(',' + chr(10) + ' ' * (indent + 1)).join([*lines, line])}]"


def _element(value: Any) -> str:
    if value.dtype.kind == "f" and not np.isfinite(value):
        return "np.nan" if np.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return str(value)


def as_rows(array: Array, separator: str = ",") -> str:
    """One line a row, every number so that it reads back equal; of more than two axes, one row after the other."""
    rows = array.reshape(1, -1) if array.ndim < 2 else array.reshape(-1, array.shape[-1])
    return "\n".join(separator.join(_cell(value) for value in row) for row in rows)


def _cell(value: Any) -> str:
    if value.dtype.kind == "f" and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "inf" if value > 0 else "-inf"
    return str(value)
