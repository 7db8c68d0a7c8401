"""Where NaN or infinity came from: the first array, in the order of computation, that holds one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import NumericsError
from .buffers import Buffers

Array = npt.NDArray[Any]


def is_finite(array: Array) -> bool:
    """Whether no element is NaN or infinite."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def check_forward(buffers: Buffers, keys: Iterable[str]) -> None:
    """NumericsError naming the first of these nodes whose value holds NaN or infinity."""
    plan = buffers.plan
    for key in keys:
        for name in plan.op(key).results():
            array = buffers.values[key, name]
            if not is_finite(array):
                raise _error(
                    plan.nodes[key].path,
                    "value",
                    array,
                    "forward",
                    "Look at what it was fed and at the weights.",
                )


def check_backward(buffers: Buffers, keys: Iterable[str]) -> None:
    """NumericsError naming the first of these nodes that handed on NaN or infinity, in the order of going back."""
    plan = buffers.plan
    for key in keys:
        node = plan.nodes[key]
        for socket in plan.sockets(key):
            gradient = buffers.gradient_target(key, socket.name)
            if gradient is not None and not is_finite(gradient):
                what = f"gradient with respect to {socket.name}"
                raise _error(
                    node.path, what, gradient, "backward", "Lower lr, or look at the scale of its input."
                )


def _error(path: str, what: str, array: Array, phase: str, hint: str) -> NumericsError:
    place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    index = f"[{', '.join(map(str, place))}]" if place else ""
    return NumericsError(
        f"The {what} of {path} holds {array[place]}{' at ' + index if index else ''}.",
        hint=hint,
        node=path,
        phase=phase,
    )
