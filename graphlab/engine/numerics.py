"""Where NaN or infinity came from: the first array, in the order of computation, that holds one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import NumericsError
from ..ops.places import bracketed, first
from .buffers import Buffers

if TYPE_CHECKING:
    from .run import Run

Array = npt.NDArray[Any]
Place = tuple[int, ...]


def standing_at_fault(drain: Callable[..., None]) -> Callable[..., None]:
    """Decorator of a method of a run that drains entries and checks them: at a fault, it stands just after its entry.

    So whoever looks sees the node that made NaN or infinity as the one computed last, and can step back from there.
    """

    @wraps(drain)
    def stand(run: Run, *args: Any) -> None:
        try:
            drain(run, *args)
        except NumericsError as error:
            plan = run.plan
            run.cursor = plan.places.get((error.phase, plan.names.get(error.node, "")), run.cursor - 1) + 1
            raise

    return stand


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
                hint = "Look at what it was fed and at the weights."
                raise _error(buffers, key, "value", array, "forward", hint)


def check_backward(buffers: Buffers, keys: Iterable[str]) -> None:
    """NumericsError naming the first of these nodes that handed on NaN or infinity, in the order of going back."""
    plan = buffers.plan
    for key in keys:
        for socket in plan.sockets(key):
            gradient = buffers.gradient_target(key, socket.name)
            if gradient is not None and not is_finite(gradient):
                what = f"gradient with respect to {socket.name}"
                hint = "Lower lr, or look at the scale of its input."
                raise _error(buffers, key, what, gradient, "backward", hint)


def _error(buffers: Buffers, key: str, what: str, array: Array, phase: str, hint: str) -> NumericsError:
    place = first(~np.isfinite(array))
    index = f" at {bracketed(place)}" if place else ""
    path = buffers.plan.nodes[key].path
    return NumericsError(
        f"The {what} of {path} holds {array[place]}{index}{_made_of(buffers, key, array.shape, place)}.",
        hint=hint,
        node=path,
        phase=phase,
    )


def _made_of(buffers: Buffers, key: str, shape: Place, place: Place) -> str:
    """ ", where a is 3 and b is 0": the numbers that an elementwise operation had there; "" for any other."""
    op = buffers.plan.op(key)
    if not op.elementwise:
        return ""
    inputs = zip((socket.name for socket in op.sockets()), buffers.inputs(key), strict=True)
    there = [
        f"{name} is {_element(array, place):g}"
        for name, array in inputs
        if array is not None and _reaches(array.shape, shape)
    ]
    return f", where {' and '.join(there)}" if there else ""


def _reaches(shape: Place, whole: Place) -> bool:
    """Whether an array of that shape is repeated to the whole one, or has it."""
    return len(shape) <= len(whole) and all(
        size in (1, other) for size, other in zip(reversed(shape), reversed(whole), strict=False)
    )


def _element(array: Array, place: Place) -> Any:
    """The element of an array that was broadcast which stands at that place."""
    own = place[len(place) - array.ndim :]
    return array[tuple(0 if size == 1 else index for index, size in zip(own, array.shape, strict=True))]
