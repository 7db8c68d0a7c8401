"""Arrays as Python text that gives the very same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
INLINE = 64  # elements of an array that are written out
WIDTH = 100  # characters of a line


def array_lines(name: str, array: Array) -> list[str]:
    """`name = np.array(…)`, a row to a line where it does not fit on one. The script knows `dtype`."""
    kind = "np.int64" if array.dtype.kind in "iub" else "dtype"
    if not array.size:
        return [f"{name} = np.zeros({array.shape}, {kind})"]
    whole = f"{name} = np.array({_nested(array)}, {kind})"
    if len(whole) <= WIDTH or array.ndim == 0:
        return [whole]
    lines = [f"{name} = np.array(["]
    if array.ndim == 1:
        lines += [f"    {line}" for line in _wrapped([_number(each) for each in array])]
    else:
        lines += [f"    {_nested(row)}," for row in array]
    return [*lines, f"], {kind})"]


def _nested(array: Array) -> str:
    if array.ndim == 0:
        return _number(array[()])
    return f"[{', '.join(_nested(np.asarray(part)) for part in array)}]"


def _wrapped(words: list[str]) -> list[str]:
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) + 2 > WIDTH - 4:
            lines.append(line.rstrip())
            line = ""
        line += f"{word}, "
    return [*lines, line.rstrip()]


def _number(value: Any) -> str:
    """The shortest text that reads back as the same bits of the same type."""
    if np.asarray(value).dtype.kind in "iub":
        return str(int(value))
    if not np.isfinite(value):
        return "np.nan" if np.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    text = (
        np.format_float_positional(value, unique=True, trim="-") if 1e-4 <= abs(value) < 1e7 else str(value)
    )
    text = "0" if value == 0 and not np.signbit(value) else text
    same = np.asarray(value).dtype.type(float(text)) == value
    return text if same else repr(float(value))


def quoted(text: str) -> str:
    """As it can stand between quotation marks."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
