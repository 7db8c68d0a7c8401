"""How many windows fit, told as a calculation; and an operation tried with other sizes, beside the document."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import GraphlabError
from ..ops import Op, Spec
from ..ops.sliding import Sliding, image_of
from ..ops.windows import Window

SETTINGS = ("kernel_size", "stride", "padding", "dilation")
FORMULA = "(n + 2·p − d·(k − 1) − 1) / s + 1"
AXES = ("height", "width")


@dataclass(frozen=True)
class Trial:
    """An operation with other sizes. sliding is None where no window fits: `why` and `hint` say what is wrong."""

    op: Op | None
    sliding: Sliding | None
    lines: tuple[str, ...] = ()
    why: str = ""
    hint: str = ""


def tried(op: Op, x: tuple[int, ...], given: Mapping[str, Spec | None], **changes: Any) -> Trial:
    """That operation with some params changed, on an x of that shape; `given`: what is wired to its other sockets.

    What it would learn by itself takes the shape that it needs.
    """
    try:
        trial = type(op)(**{**op.params, **changes})
    except GraphlabError as error:
        return Trial(None, None, (), error.message, error.hint)
    lines = calculation(trial, x)
    try:
        spec = Spec(x)
        own = {name: Spec(shape) for name, shape in trial.learnable(x=spec).items()}
        others = {s.name: given.get(s.name) or own.get(s.name) for s in trial.sockets() if s.name != "x"}
        trial.infer(spec, **others)
    except GraphlabError as error:
        return Trial(trial, None, lines, error.message, error.hint)
    return Trial(trial, trial.sliding(x), lines)


def calculation(op: Op, x: tuple[int, ...]) -> tuple[str, ...]:
    """The size of the result as a calculation, a line for each axis; one line where both are alike."""
    window: Window | None = getattr(op, "window", None)
    if window is None:
        return ()
    image, field = image_of(x), len(x) - 2
    told = [axis_told(window, axis, image[axis]) for axis in range(2 - field, 2)]
    if field == 1:
        return (f"length = {told[0]}",)
    if told[0] == told[1]:
        return (f"height = width = {told[0]}",)
    return tuple(f"{name} = {line}" for name, line in zip(AXES, told, strict=True))


def axis_told(window: Window, axis: int, size: int) -> str:
    """ "⌊(28 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 14"; what is 0 or changes nothing is written all the same."""
    k, s = window.kernel[axis], window.stride[axis]
    p, d = window.padding[axis], window.dilation[axis]
    room = size + 2 * p - window.extent[axis]
    low, high = ("⌈", "⌉") if window.ceil else ("⌊", "⌋")
    inner = f"({size} + 2·{p} − {d}·({k} − 1) − 1) / {s}"
    if room < 0:
        return f"{inner} + 1 < 1: the window reaches over {window.extent[axis]}, and there are {size + 2 * p}"
    whole = f"{low}{inner}{high}" if s > 1 else inner
    count = window.fitting(axis, size)
    if window.ceil and count != math.ceil(room / s) + 1:
        return f"{whole} + 1 − 1 = {count}: the last window would begin beyond the end"
    rest = room % s
    behind = f", {rest} left over" if rest and not window.ceil else ""
    return f"{whole} + 1 = {count}{behind}"


def refitted(weight: npt.NDArray[Any], kernel: tuple[int, ...]) -> npt.NDArray[Any]:
    """Filters of another size: zeros around them, or their middle. The last axes are those of the kernel."""
    for axis, wanted in zip(range(weight.ndim - len(kernel), weight.ndim), kernel, strict=True):
        has = weight.shape[axis]
        if wanted > has:
            before = (wanted - has) // 2
            around = [(0, 0)] * weight.ndim
            around[axis] = (before, wanted - has - before)
            weight = np.pad(weight, around)
        elif wanted < has:
            first = (has - wanted) // 2
            weight = weight.take(range(first, first + wanted), axis)
    return weight
