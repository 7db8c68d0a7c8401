"""One array in a few words or figures, for people."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def summarise(array: Array, what: str = "") -> str:
    """ "0.25" for one number, else shape, least, mean and greatest: "4×8  −0.93 … 0.06 … 0.93"."""
    if not array.size:
        return "empty"
    if array.ndim == 0:
        return figure(float(array))
    shape = "×".join(map(str, array.shape))
    return f"{f'{shape} {what}'.strip()}  {told(array)}"


def told(array: Array) -> str:
    """Its numbers without its shape: "0.25", "[1, −0.5]", "−0.93 … 0.06 … 0.93"."""
    if not array.size:
        return "empty"
    if array.ndim == 0:
        return figure(float(array))
    if array.size <= 4:
        return f"[{', '.join(figure(float(v)) for v in array.ravel())}]"
    return " … ".join(figure(float(f(array))) for f in (np.min, np.mean, np.max))


def figure(value: float) -> str:
    """Four significant digits, with a true minus sign."""
    return f"{value:.4g}".replace("-", "−")
