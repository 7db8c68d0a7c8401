"""What all elementwise operations share: how shapes combine, and examples. The operations stand in family files.

They change signs by `np.multiply(x, -1, out)`: np.negative of NumPy 2.4 writes wrong numbers where both arrays are
scattered and x has a stride of 4 float32 or 8 float64, as a column of a matrix has.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from .base import Array, Context, Example, Op, Recipe, Socket, Spec, unbroadcast
from .example import uniform
from .recipe import summing
from .spec import broadcast

SMALL = 2048  # elements up to which what is quick to call is quicker than what is vectorised

ANY_SHAPE: tuple[Example, ...] = (Example(x=(4, 3)), Example(x=()), Example(x=(2, 1, 3)), Example(x=(0, 3)))
POSITIVE = (
    Example(x=uniform(4, 3, low=0.2, high=3.0)),
    Example(x=uniform(low=0.2, high=3.0)),
    Example(x=uniform(2, 1, 3, low=0.2, high=3.0)),
    Example(x=uniform(0, 3, low=0.2, high=3.0)),
)
BROADCASTING = (
    Example(a=(4, 3), b=(4, 3)),
    Example(a=(4, 3), b=(3,)),
    Example(a=(4, 1), b=(2, 1, 3)),
    Example(a=(0, 3), b=(1, 3)),
)


class OfOne(Op):
    """An elementwise operation of x, of whatever shape."""

    category = "Math"
    elementwise = True
    inputs = (Socket("x"),)
    examples = ANY_SHAPE

    def infer(self, x: Spec) -> Spec:
        return x


class StepOfOne(OfOne):
    """An elementwise operation whose result jumps: its gradient is 0 wherever it has one."""

    derivative = r"\frac{\partial y}{\partial x} = 0"
    backward_cost = {"x": 0}
    saved = ()

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, 0)


class OfTwo(Op):
    """An elementwise operation of a and b, whose sizes must be equal or 1, axis by axis from the last."""

    category = "Math"
    elementwise = True

    def infer(self, a: Spec, b: Spec) -> Spec:
        return Spec(broadcast(a, b))

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return super().backward_flops(wanted, **shapes) + repeats(wanted, shapes)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return summing(self.numpy, shapes)


class StepOfTwo(OfTwo):
    """An elementwise operation of a and b that jumps: its gradients are 0 wherever it has any."""

    derivative = r"\frac{\partial y}{\partial a} = 0,\quad \frac{\partial y}{\partial b} = 0"
    saved = ()

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return 0

    def backward(
        self, ctx: Context, dy: Array, *, a: Array, b: Array, y: Array, da: Array | None, db: Array | None
    ) -> None:
        for gradient in (da, db):
            if gradient is not None:
                np.copyto(gradient, 0)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return self.numpy


def repeats(wanted: Collection[str], shapes: Mapping[str, tuple[int, ...]]) -> int:
    """How many numbers of y's gradient are added up for those inputs that were repeated to get y's shape."""
    size = math.prod(shapes["y"])
    return size * sum(math.prod(shapes[name]) < size for name in wanted)


def clamp(x: Array, low: float | None, high: float | None, out: Array) -> None:
    """`out` = x with what is below `low` or above `high` replaced by it; None for no limit on that side."""
    if low is None and high is None:
        np.copyto(out, x)
        return
    if x.size > SMALL:
        x.clip(-np.inf if low is None else low, np.inf if high is None else high, out)
        return
    if low is not None:
        np.maximum(x, low, out=out)
    if high is not None:
        np.minimum(x if low is None else out, high, out=out)


def indicator(ctx: Context, compare: np.ufunc, a: Array, b: Any, out: Array) -> None:
    """`out` = 1 where `compare` holds, else 0. (Asked for numbers, a comparison takes NumPy longer.)"""
    found = ctx.scratch("indicator", out.shape, bool)
    compare(a, b, found)
    np.copyto(out, found)


def signs(ctx: Context, x: Array, out: Array) -> None:
    """`out` = −1, 0 or 1, the sign of each element of x (0 for NaN). It must not be x: np.sign in place is slow."""
    if x.size <= SMALL:
        np.sign(x, out)
        return
    above, below = (ctx.scratch(name, x.shape, bool) for name in ("above", "below"))
    np.greater(x, ctx.zero, above)
    np.less(x, ctx.zero, below)
    found = above.view(np.int8)
    np.subtract(found, below.view(np.int8), found)
    np.copyto(out, found)


def product_into(out: Array, ctx: Context, dy: Array, factor: Array) -> None:
    """`out` = dy · factor, summed over the axes along which out's shape was broadcast."""
    if out.shape == dy.shape:
        np.multiply(dy, factor, out)
    else:
        unbroadcast(np.multiply(dy, factor, ctx.scratch("product", dy.shape)), out, ctx)
