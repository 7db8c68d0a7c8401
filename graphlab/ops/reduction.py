"""Reductions: many elements become one, along one axis, several or all. Here those that add or multiply."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_rows import alike, along, mean_of, product_of
from .explaining import Call, Place
from .explanation import Elements, Term, sum_of_products
from .interchange import constant
from .recipe import rewritten
from .registry import register
from .rows import fold, sums
from .spec import axis_of, product

SOME_AXES = (
    Example(x=(4, 3)),
    Example({"dim": 0}, x=(4, 3)),
    Example({"dim": -1, "keepdim": True}, x=(2, 3, 4)),
    Example({"dim": (0, 2)}, x=(2, 3, 4)),
    Example({"dim": (-1, 0), "keepdim": True}, x=(2, 3, 2)),
    Example({"keepdim": True}, x=(2, 3)),
    Example({"dim": 1}, x=(3, 1)),
    Example({"dim": 1}, x=(0, 3)),
    Example(x=()),
)
OF_NOTHING = (Example({"dim": 0}, x=(0, 3)), Example(x=(0,)))


class Reduction(Op):
    """Reduces the axis `dim` of x, or several, or all."""

    category = "Reduction"
    inputs = (Socket("x"),)
    dim = Param(None, kind="ints", low=-8, high=7, help="Which axis (or axes) to reduce; nothing means all.")
    keepdim = Param(False, help="Whether a reduced axis stays, with size 1.")
    examples: ClassVar[tuple[Example, ...]] = SOME_AXES

    def check(self) -> None:
        if isinstance(self.dim, tuple) and len(set(self.dim)) < len(self.dim):
            raise ParamError(f"{type(self).__name__}.dim names an axis twice.", hint="Name each axis once.")

    def infer(self, x: Spec) -> Spec:
        gone = set(self.axes(x.ndim))
        if self.keepdim:
            return x.with_shape(*(1 if i in gone else size for i, size in enumerate(x.shape)))
        return x.with_shape(*(size for i, size in enumerate(x.shape) if i not in gone))

    def axes(self, ndim: int) -> tuple[int, ...]:
        """The axes to reduce, counted from the front, in order."""
        if self.dim is None:
            return tuple(range(ndim))
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        return tuple(sorted({axis_of(dim, ndim, socket="x") for dim in dims}))

    def count(self, shape: tuple[int, ...]) -> int:
        """How many elements become one."""
        return math.prod(shape[axis] for axis in self.axes(len(shape)))

    def expanded(self, reduced: Array, shape: tuple[int, ...]) -> Array:
        """`reduced` with the reduced axes put back as size 1, so that it broadcasts against x of that shape."""
        return reduced.reshape(self.shape_beside(shape))

    def shape_beside(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of x with the reduced axes at size 1."""
        gone = self.axes(len(shape))
        return tuple(1 if i in gone else size for i, size in enumerate(shape))

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        gone = self.axes(len(x))
        if self.keepdim:
            return alike(len(x), gone, ("x", "y"))
        kept = [axis for axis in range(len(x)) if axis not in gone]
        return [{"x": axis, "y": place} for place, axis in enumerate(kept)]

    def line(self, call: Call, at: Place) -> Elements:
        """The elements of x that one element of the result was made of."""
        ndim, gone = call.array("x").ndim, self.axes(call.array("x").ndim)
        left = iter(at)
        beside = at if self.keepdim else tuple(0 if axis in gone else next(left) for axis in range(ndim))
        return call.line("x", along(call.array("x"), beside, gone) if ndim else ())

    def require_elements(self, x: Spec) -> None:
        """ShapeError where there is nothing to reduce."""
        if product([x.shape[axis] for axis in self.axes(x.ndim)]) == 0:
            raise ShapeError(
                f"x ({x}) has no elements there, and of none there is no {type(self).__name__}.",
                hint="Choose another dim, or feed more.",
                socket="x",
            )

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, *rest = inputs
        params: dict[str, Any] = {"keepdim": bool(attributes.get("keepdims", 1))}
        axes = constant(rest[0], "axes") if rest and rest[0] is not None else np.array([])
        if axes.size:
            params["dim"] = tuple(int(axis) for axis in axes)
        elif attributes.get("noop_with_empty_axes", 0):
            raise Unsupported(f"{kind} of no axis at all does nothing.")
        return params, {"x": x}

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        """`numpy` is written for a y and dy in which the reduced axes are there still, of size 1; `axis` are those."""
        if self.numpy is None:
            return None
        axis = self.axes(len(shapes["x"])) if isinstance(self.dim, tuple) else self.dim
        beside = {letter: f"np.expand_dims({letter}, {axis})" for letter in ("y", "dy")}
        known = {"axis": repr(axis), "count": repr(self.count(shapes["x"]))}
        return rewritten(self.numpy, known, {} if self.keepdim or axis is None else beside)


@register
class Sum(Reduction):
    """Adds up the elements of x, along one axis or all.

    Every element gets the same gradient: that of the sum it went into.
    """

    formula = "y = Σ x"
    latex = r"y = \sum_i x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = 1"
    examples = (*SOME_AXES, *OF_NOTHING)
    torch = "torch.sum({x}, dim={dim}, keepdim={keepdim})"
    numpy = Recipe("y = x.sum(axis=axis, keepdims=keepdim)", "dx = np.broadcast_to(dy, x.shape)")
    onnx = ("ReduceSum",)
    backward_cost = {"x": 0}
    saved = ()

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        sums(ctx, x, self.axes(x.ndim), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return sum_of_products((self.line(call, at),), keep=call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, self.expanded(dy, x.shape))


@register
class Mean(Reduction):
    """The average of the elements of x, along one axis or all.

    Every element gets an equal share of the gradient.
    """

    formula = "y = Σ x / n"
    latex = r"y = \frac{1}{n} \sum_{i=1}^{n} x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = \frac{1}{n}"
    torch = "torch.mean({x}, dim={dim}, keepdim={keepdim})"
    numpy = Recipe("y = x.mean(axis=axis, keepdims=keepdim)", "dx = np.broadcast_to(dy / count, x.shape)")
    onnx = ("ReduceMean",)
    saved = ()

    def infer(self, x: Spec) -> Spec:
        self.require_elements(x)
        return super().infer(x)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        sums(ctx, x, self.axes(x.ndim), y)
        np.multiply(y, 1 / self.count(x.shape), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return mean_of(self.line(call, at), call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            share = np.multiply(dy, 1 / self.count(x.shape), ctx.scratch("share", dy.shape))
            np.copyto(dx, self.expanded(share, x.shape))


@register
class Prod(Reduction):
    """Multiplies the elements of x, along one axis or all; of no elements the product is 1. (torch.prod)

    Each element's gradient is the product of all the others, right also where some are 0.
    """

    formula = "y = Π x"
    latex = r"y = \prod_i x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = \prod_{j \neq i} x_j"
    examples = (*SOME_AXES, *OF_NOTHING)
    onnx = ("ReduceProd",)
    backward_cost = {"x": 2}
    saved = ("x", "y")
    numpy = Recipe(
        "y = x.prod(axis=axis, keepdims=keepdim)",
        "dx = dy * product_of_others(x, axis=axis)",
        tools=(recipe_tools.product_of_others,),
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        fold(ctx, np.multiply, x, self.axes(x.ndim), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return product_of(self.line(call, at), call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """The product of all divided by each; where a product is 0 or infinite, the others multiplied out."""
        if dx is None:
            return
        if y.all() and np.isfinite(y).all():
            np.divide(self.expanded(y, x.shape), x, dx)
            np.multiply(dx, self.expanded(dy, x.shape), dx)
        else:
            self._by_the_others(ctx, dy, x, dx)

    def _by_the_others(self, ctx: Context, dy: Array, x: Array, dx: Array) -> None:
        """The product of the others is that of all before times that of all after."""
        gone = self.axes(x.ndim)
        order = (*(i for i in range(x.ndim) if i not in gone), *gone)
        turned, count = x.transpose(order), self.count(x.shape)
        shape = (math.prod(turned.shape[: x.ndim - len(gone)]), count)
        lines, before, after = (ctx.scratch(name, shape) for name in ("lines", "before", "after"))
        np.copyto(lines.reshape(turned.shape), turned)
        np.copyto(before[:, :1], 1)
        np.copyto(after[:, -1:], 1)
        np.multiply.accumulate(lines[:, :-1], axis=1, out=before[:, 1:])
        np.multiply.accumulate(lines[:, :0:-1], axis=1, out=after[:, -2::-1])
        np.multiply(before, after, before)
        upstream = self.expanded(dy, x.shape).transpose(order)
        np.multiply(before.reshape(turned.shape), upstream, dx.transpose(order))

    def workspace(self, x: tuple[int, ...]) -> int:
        return 3 * math.prod(x)

    def emit_torch(self, **names: str) -> str:
        x, dim = names["x"], self.dim
        if dim is None:
            return f"torch.prod({x}).reshape((1,) * {x}.ndim)" if self.keepdim else f"torch.prod({x})"
        if isinstance(dim, int):
            return f"torch.prod({x}, dim={dim}, keepdim={self.keepdim})"
        for axis in dim:
            x = f"torch.prod({x}, dim={axis}, keepdim=True)"
        return x if self.keepdim else f"{x}.squeeze({dim})"
