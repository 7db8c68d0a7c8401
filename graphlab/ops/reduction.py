"""Reductions: many elements become one, along one axis or all."""

from __future__ import annotations

import numpy as np

from ..errors import ParamError
from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register
from .spec import axis_of


class _Reduction(Op):
    """Reduces the axis `dim` of x, or several, or all."""

    category = "Reduction"
    inputs = (Socket("x"),)
    dim = Param(None, kind="ints", low=-8, high=7, help="Which axis (or axes) to reduce; nothing means all.")
    keepdim = Param(False, help="Whether a reduced axis stays, with size 1.")
    examples = (
        Example(x=(4, 3)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": -1, "keepdim": True}, x=(2, 3, 4)),
        Example({"dim": (0, 2)}, x=(2, 3, 4)),
        Example({"keepdim": True}, x=(2, 3)),
        Example({"dim": 1}, x=(3, 1)),
        Example(x=()),
    )

    def check(self) -> None:
        if isinstance(self.dim, tuple) and len(set(self.dim)) < len(self.dim):
            raise ParamError(f"{type(self).__name__}.dim names an axis twice.", hint="Name each axis once.")

    def infer(self, x: Spec) -> Spec:
        gone = set(self._axes(x.ndim))
        if self.keepdim:
            return x.with_shape(*(1 if i in gone else size for i, size in enumerate(x.shape)))
        return x.with_shape(*(size for i, size in enumerate(x.shape) if i not in gone))

    def _axes(self, ndim: int) -> tuple[int, ...]:
        if self.dim is None:
            return tuple(range(ndim))
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        return tuple(sorted({axis_of(dim, ndim, socket="x") for dim in dims}))

    def _expanded(self, dy: Array, shape: tuple[int, ...]) -> Array:
        """dy with the reduced axes put back as size 1, so that it broadcasts against x."""
        gone = self._axes(len(shape))
        return dy.reshape(tuple(1 if i in gone else size for i, size in enumerate(shape)))


@register
class Sum(_Reduction):
    """Adds up the elements of x, along one axis or all.

    Every element gets the same gradient: that of the sum it went into.
    """

    formula = "y = Σ x"
    latex = r"y = \sum_i x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = 1"
    torch = "torch.sum({x}, dim={dim}, keepdim={keepdim})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.add.reduce(x, axis=self._axes(x.ndim), out=y, keepdims=self.keepdim)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, self._expanded(dy, x.shape))


@register
class Mean(_Reduction):
    """The average of the elements of x, along one axis or all.

    Every element gets an equal share of the gradient.
    """

    formula = "y = Σ x / n"
    latex = r"y = \frac{1}{n} \sum_{i=1}^{n} x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = \frac{1}{n}"
    torch = "torch.mean({x}, dim={dim}, keepdim={keepdim})"

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.add.reduce(x, axis=self._axes(x.ndim), out=y, keepdims=self.keepdim)
        np.multiply(y, y.size / x.size, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.multiply(self._expanded(dy, x.shape), y.size / x.size, dx)
