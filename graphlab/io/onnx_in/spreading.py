"""What is repeated for every example of a batch: held once for as long as what comes broadcasts it anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import Unsupported
from ...ops import Dim
from .rewriting import BROADCASTING
from .tensors import Array
from .values import Filled, Spread, Value, Wire, is_open

ALONE = ("Tanh", "Sigmoid", "Relu", "Identity", "Neg", "Exp", "Sqrt")
SPREADING = (
    *BROADCASTING,
    *ALONE,
    "MatMul",
    "Gemm",
    "Where",
)  # give the same whether or not it was repeated before


def spread(inputs: Sequence[Value]) -> Value:
    """What an Expand to a batch of any size gives; None where it does something else."""
    x, shape = (*inputs, None)[:2]
    if not isinstance(x, np.ndarray | Wire) or not isinstance(shape, np.ndarray) or not is_open(shape):
        return None
    asked = shape.tolist()
    if isinstance(x, np.ndarray) and x.ndim <= len(asked):
        x = x.reshape(*(1,) * (len(asked) - x.ndim), *x.shape)
        x = _widened(x, asked)
    has = x.spec.shape if isinstance(x, Wire) and x.spec is not None else getattr(x, "shape", ())
    fits = len(has) == len(asked) and bool(has) and has[0] == 1 and isinstance(asked[0], Dim)
    if fits and all(b in (a, 1) for a, b in zip(has[1:], asked[1:], strict=True)):
        return Spread(x)
    return Filled(float(x.flat[0])) if isinstance(x, np.ndarray) and x.size and np.ptp(x) == 0 else None


def _widened(x: Array, asked: Sequence[Any]) -> Array:
    """Repeated along all axes but the first, where their sizes are known; nothing is written out."""
    pairs = list(zip(x.shape[1:], asked[1:], strict=True))
    if not all(isinstance(b, int) and (a == b or 1 in (a, b)) for a, b in pairs):
        return x
    return np.broadcast_to(x, (x.shape[0], *(max(a, b) for a, b in pairs)))


def class_token(kind: str, axis: int, inputs: Sequence[Value]) -> Array | None:
    """The vector that a Concat puts in front of every sequence; None where it does something else."""
    if kind != "Concat" or axis != 1 or len(inputs) != 2 or not isinstance(inputs[1], Wire):
        return None
    token = inputs[0].value if isinstance(inputs[0], Spread) else None
    return (
        token.reshape(-1)
        if isinstance(token, np.ndarray) and token.ndim == 3 and token.shape[1] == 1
        else None
    )


def gathered(kind: str, inputs: Sequence[Value]) -> tuple[list[Value], bool]:
    """The inputs as they are held, and whether the result is the same for every example again. Unsupported."""
    if not any(isinstance(each, Spread) for each in inputs):
        return list(inputs), False
    if kind not in SPREADING:
        raise Unsupported(
            "It takes what is repeated for every example, whose number is not known beforehand."
        )
    held: list[Value] = [each.value if isinstance(each, Spread) else each for each in inputs]
    return held, not any(isinstance(each, Wire) for each in inputs)
