"""Relatives of Softmax: the smallest instead of the largest wins, or the winner takes it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from .activation import LogSoftmax, Softmax
from .base import Array, Context, Op, Param, Recipe, Socket, Spec
from .explain_order import one_or_nothing
from .explain_rows import alike, along
from .explaining import Call, Place
from .explanation import Term
from .registry import register
from .spec import axis_of


@register
class Softmin(Softmax):
    """Turns the costs along one axis into probabilities, in which the smallest cost wins. (torch.nn.Softmin)

    It is the Softmax of −x: all positive, and 1 in sum.
    """

    formula = "yᵢ = exp(−xᵢ) / Σⱼ exp(−xⱼ)"
    latex = r"y_i = \frac{e^{-x_i}}{\sum_j e^{-x_j}}"
    derivative = r"\frac{\partial y_i}{\partial x_j} = y_i\,(y_j - \delta_{ij})"
    torch = "F.softmin({x}, {dim})"
    numpy = Recipe(
        """
        e = np.exp(x.min(axis=dim, keepdims=True) - x)
        y = e / e.sum(axis=dim, keepdims=True)
        """,
        "dx = -y * (dy - (dy * y).sum(axis=dim, keepdims=True))",
    )
    onnx = ()
    of_minus = True

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        super().forward(ctx, np.multiply(x, -1, ctx.scratch("turned", x.shape)), y=y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            super().backward(ctx, dy, x=x, y=y, dx=dx)
            np.multiply(dx, -1, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return int(np.prod(x))


@register
class Hardmax(Op):
    """Gives 1 to the largest element along one axis and 0 to all others: what Softmax comes to when scores grow.

    Of several equal ones the first wins. It jumps, so no gradient passes.
    """

    category = "Activation"
    saved = ()
    formula = "yᵢ = 1 where xᵢ is the largest, else 0"
    latex = r"y_i = [i = \mathrm{argmax}_j\, x_j]"
    derivative = r"\frac{\partial y}{\partial x} = 0"
    inputs = (Socket("x"),)
    dim = Param(-1, low=-8, high=7, help="The axis along which one wins; -1 is the last.")
    examples = LogSoftmax.examples
    onnx = ("Hardmax",)
    onnx_params: ClassVar[dict[str, str]] = {"axis": "dim"}
    numpy = Recipe(
        """
        y = np.zeros_like(x)
        np.put_along_axis(y, x.argmax(axis=dim, keepdims=True), 1, axis=dim)
        """,
        "dx = np.zeros_like(x)",
    )

    def infer(self, x: Spec) -> Spec:
        axis_of(self.dim, x.ndim, socket="x")
        return x

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (self.dim,), ("x", "y"))

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, 0)
        if x.size:
            np.put_along_axis(y, np.argmax(x, self.dim, keepdims=True), 1, self.dim)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """Whether it is the largest, and who else is in the line."""
        found = call.line("x", along(call.array("x"), at, (self.dim,)))
        return one_or_nothing(found, at[self.dim % len(at)], int(np.argmax(found.values)), call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, 0)

    def emit_torch(self, **names: str) -> str:
        x = names["x"]
        return f"torch.zeros_like({x}).scatter({self.dim}, {x}.argmax({self.dim}, keepdim=True), 1)"
