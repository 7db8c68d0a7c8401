"""Running totals along one axis: every element becomes the sum, or the product, of all up to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_rows import alike, product_of
from .explaining import Call, Place
from .explanation import Elements, Term, number, sum_of_products, total
from .interchange import constant
from .registry import register
from .spec import axis_of

ALONG = (
    Example(x=(4, 3)),
    Example({"dim": 0}, x=(4, 3)),
    Example({"dim": -2, "reverse": True}, x=(2, 3, 4)),
    Example({"exclusive": True}, x=(2, 4)),
    Example({"exclusive": True, "reverse": True, "dim": 1}, x=(2, 3, 2)),
    Example({"dim": 0}, x=(1,)),
    Example({"dim": 1, "exclusive": True}, x=(3, 1)),
    Example(x=(0, 3)),
    Example(x=(2, 0)),
)


class _Cumulative(Op):
    """Accumulates along the axis `dim`."""

    category = "Math"
    inputs = (Socket("x"),)
    dim = Param(-1, low=-8, high=7, help="The axis to go along; -1 is the last.")
    reverse = Param(
        False, help="Whether to go from the end: each element becomes the total of all from it on."
    )
    exclusive = Param(False, help="Whether the element itself is left out.")
    examples = ALONG

    def infer(self, x: Spec) -> Spec:
        axis_of(self.dim, x.ndim, socket="x")
        return x

    def accumulate(self, ufunc: np.ufunc, x: Array, y: Array, from_end: bool) -> None:
        """`y` = the running totals of x, by np.add or np.multiply."""
        x, y = (_last_first(array, self.dim) if from_end else array for array in (x, y))
        shift, size = int(self.exclusive), x.shape[self.dim]
        np.copyto(_part(y, self.dim, 0, shift), ufunc.identity)
        totals = _part(y, self.dim, shift, size)
        ufunc.accumulate(_part(x, self.dim, 0, max(0, size - shift)), axis=self.dim, out=totals)

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (self.dim,), ("x", "y"))

    def up_to(self, call: Call, at: Place) -> Elements:
        """The elements that one of the totals is made of."""
        axis, out = self.dim % len(at), int(self.exclusive)
        span = slice(at[axis] + out, None) if self.reverse else slice(None, at[axis] + 1 - out)
        return call.line("x", (*at[:axis], span, *at[axis + 1 :]))

    def torch_of(self, function: str, neutral: str, names: Mapping[str, str]) -> str:
        """`function` of x in PyTorch, which has neither `reverse` nor `exclusive`."""
        x, dim = names["x"], self.dim
        if self.reverse:
            x = f"torch.flip({x}, ({dim},))"
        if self.exclusive:  # a neutral element in front, and the last one dropped
            size = f"{x}.shape[{dim}]"
            x = f"torch.cat([torch.{neutral}_like({x}.narrow({dim}, 0, 1)), {x}.narrow({dim}, 0, {size} - 1)], {dim})"
        text = f"torch.{function}({x}, {dim})"
        return f"torch.flip({text}, ({dim},))" if self.reverse else text

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, axis = inputs
        params = {name: bool(value) for name, value in attributes.items()}
        return params | {"dim": int(constant(axis, "axis").item())}, {"x": x}


@register
class CumSum(_Cumulative):
    """Every element becomes the sum of all up to it, along one axis: steps become a path. (torch.cumsum)

    With `reverse` the sum of all from it on, e.g. the rewards still to come. Its gradient is the running sum from the
    other end: an element goes into all sums from its place on.
    """

    saved = ()
    formula = "yᵢ = x₁ + … + xᵢ"
    latex = r"y_i = \sum_{j \leq i} x_j"
    derivative = r"\frac{\partial \ell}{\partial x_j} = \sum_{i \geq j} \bar{y}_i"
    onnx = ("CumSum",)
    numpy = Recipe(
        """
        if reverse or exclusive:
            y = running(np.cumsum, x, 0, axis=dim, reverse=reverse, exclusive=exclusive)
        else:
            y = np.cumsum(x, axis=dim)
        """,
        "dx = running(np.cumsum, dy, 0, axis=dim, reverse=not reverse, exclusive=exclusive)",
        tools=(recipe_tools.running,),
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        self.accumulate(np.add, x, y, self.reverse)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        found = self.up_to(call, at)
        return sum_of_products((found,), keep=call.keep) if len(found.values) else total([number(0.0)])

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            self.accumulate(np.add, dy, dx, not self.reverse)

    def emit_torch(self, **names: str) -> str:
        return self.torch_of("cumsum", "zeros", names)


@register
class CumProd(_Cumulative):
    """Every element becomes the product of all up to it, along one axis: rates become growth. (torch.cumprod)

    With `reverse` the product of all from it on. The gradient is right also where some elements are 0.
    """

    saved = ("x", "y")
    formula = "yᵢ = x₁ · … · xᵢ"
    latex = r"y_i = \prod_{j \leq i} x_j"
    derivative = (
        r"\frac{\partial \ell}{\partial x_j} = \sum_{i \geq j} \bar{y}_i \prod_{k \leq i,\, k \neq j} x_k"
    )
    onnx = ("CumProd",)
    numpy = Recipe(
        """
        if reverse or exclusive:
            y = running(np.cumprod, x, 1, axis=dim, reverse=reverse, exclusive=exclusive)
        else:
            y = np.cumprod(x, axis=dim)
        """,
        "dx = running_product_gradient(dy, x, y, axis=dim, reverse=reverse, exclusive=exclusive)",
        tools=(
            recipe_tools.running,
            recipe_tools.running_product_gradient,
        ),
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        self.accumulate(np.multiply, x, y, self.reverse)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return product_of(self.up_to(call, at), call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """dx_j = b_j·r_j, the product of all before times r_j = dy_j + x_{j+1}·r_{j+1}, from the end on: no division.

        Exclusive, b_j is y_j, and dx_j = b_j·q_{j+1} with q_j = dy_j + x_j·q_{j+1}.
        """
        if dx is None:
            return
        x, y, dy, dx = (_last_first(a, self.dim) if self.reverse else a for a in (x, y, dy, dx))
        rest, part = ctx.scratch("rest", x.shape), ctx.scratch("part", _one(x.shape, self.dim))
        np.copyto(rest, dy)
        size, shift = x.shape[self.dim], int(self.exclusive)
        for j in range(size - 2, -1, -1):
            factor = _part(x, self.dim, j + 1 - shift, j + 2 - shift)
            np.multiply(factor, _part(rest, self.dim, j + 1, j + 2), part)
            here = _part(rest, self.dim, j, j + 1)
            np.add(here, part, here)
        last = max(0, size - 1)
        before, after = _part(y, self.dim, 0, last), _part(rest, self.dim, 1, size)
        np.copyto(dx, 0 if self.exclusive else rest)
        np.multiply(
            after, before, _part(dx, self.dim, 0, last) if self.exclusive else _part(dx, self.dim, 1, size)
        )

    def workspace(self, x: tuple[int, ...]) -> int:
        return 2 * math.prod(x)

    def emit_torch(self, **names: str) -> str:
        return self.torch_of("cumprod", "ones", names)


def _last_first(x: Array, axis: int) -> Array:
    """x with that axis turned round."""
    return x[(*(slice(None),) * (axis % x.ndim), slice(None, None, -1))]


def _part(x: Array, axis: int, start: int, end: int) -> Array:
    """The elements from `start` up to `end` along that axis."""
    return x[(*(slice(None),) * (axis % x.ndim), slice(start, end))]


def _one(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """That shape with one element along the axis."""
    axis %= len(shape)
    return (*shape[:axis], 1, *shape[axis + 1 :])
