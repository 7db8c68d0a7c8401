"""Gradient clipping: no update larger than asked for, whatever the gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def clip_by_value(gradients: Array, bound: float, out: Array) -> None:
    """Every element brought into [−bound, bound], as torch.nn.utils.clip_grad_value_."""
    np.maximum(gradients, -bound, out=out)
    np.minimum(out, bound, out=out)


def clip_by_norm(gradients: Array, most: float, out: Array) -> None:
    """The whole vector made shorter, its direction kept, so that its length is at most `most`.

    As torch.nn.utils.clip_grad_norm_: times min(1, most / (‖g‖ + 1e-6)). Pascanu, Mikolov and Bengio 2013.
    """
    factor = most / (norm(gradients) + 1e-6)
    if factor < 1:
        np.multiply(gradients, factor, out=out)
    elif out is not gradients:
        np.copyto(out, gradients)


def norm(vector: Array) -> float:
    """√Σ g², also where the squares would overflow or vanish."""
    square = float(vector.dot(vector))
    if math.isfinite(square) and square > np.finfo(vector.dtype).tiny * 1e10:
        return math.sqrt(square)
    largest = float(np.abs(vector).max(initial=0))
    if not 0 < largest < math.inf:
        return largest
    scaled = vector / vector.dtype.type(largest)
    return largest * math.sqrt(float(scaled.dot(scaled)))
