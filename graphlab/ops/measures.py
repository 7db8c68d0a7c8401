"""Reductions that measure: length, spread, and the smooth maximum, along one axis, several or all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import FeedError, ShapeError
from .base import Array, Context, Example, Param, Recipe, Spec
from .elementwise import signs
from .explain_lengths import length_of
from .explain_rows import log_of_sum, variance_of
from .explaining import Call, Place
from .explanation import Term
from .explanation import call as function
from .reduction import OF_NOTHING, SOME_AXES, Reduction
from .registry import register
from .rows import fold, sums
from .spec import product


@register
class Norm(Reduction):
    """The length of x as a vector, along one axis or all: with p = 2 as the crow flies, with p = 1 by city blocks.

    At the zero vector the gradient is taken as 0. For the largest magnitude (p = ∞) use Abs and Max.
    (torch.linalg.vector_norm)
    """

    synonyms = ("VectorNorm",)
    formula = "y = (Σ |x|^p)^(1/p)"
    latex = r"y = (\sum_i |x_i|^p)^{1/p}"
    derivative = r"\frac{\partial y}{\partial x_i} = \mathrm{sign}(x_i)\, |x_i|^{p-1}\, y^{1-p}"
    p = Param(2.0, low=0.0, high=64.0, low_open=True, symbol="p", help="The exponent; 2 is the usual length.")
    examples = (
        *SOME_AXES,
        *OF_NOTHING,
        Example({"p": 1.0}, x=(4, 3)),
        Example({"p": 1.0, "dim": -1}, x=(4, 3)),
        Example({"p": 3.0, "dim": 0, "keepdim": True}, x=(4, 3)),
        Example({"p": 1.5}, x=(4, 3)),
        Example({"p": 0.5, "dim": 1}, x=(4, 3)),
    )
    torch = "torch.linalg.vector_norm({x}, ord={p}, dim={dim}, keepdim={keepdim})"
    numpy = Recipe(
        """
        if p == 2:
            y = np.sqrt((x**2).sum(axis=axis, keepdims=keepdim))
        elif p == 1:
            y = np.abs(x).sum(axis=axis, keepdims=keepdim)
        else:
            y = (np.abs(x) ** p).sum(axis=axis, keepdims=keepdim) ** (1 / p)
        """,
        """
        if p == 2:
            dx = dy * x / np.where(y == 0, 1, y)
        elif p == 1:
            dx = dy * np.sign(x)
        else:
            size = np.where(x == 0, 1, np.abs(x))
            dx = dy * np.sign(x) * (size / np.where(y == 0, 1, y)) ** (p - 1)
        """,
    )
    onnx = ("ReduceL1", "ReduceL2")
    cost = 2
    backward_cost = {"x": 3}
    saved = ("x", "y")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        powers = ctx.scratch("powers", x.shape)
        if self.p == 2:
            np.multiply(x, x, powers)
        else:
            np.absolute(x, powers)
            if self.p != 1:
                np.power(powers, self.p, powers)
        sums(ctx, powers, self.axes(x.ndim), y)
        if self.p == 2:
            np.sqrt(y, y)
        elif self.p != 1:
            np.power(y, 1 / self.p, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return length_of(self.line(call, at), self.p, call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        length, upstream = self.expanded(y, x.shape), self.expanded(dy, x.shape)
        if self.p == 1:
            signs(ctx, x, dx)
            np.multiply(dx, upstream, dx)
            return
        scale = ctx.scratch("scale", length.shape)
        is_zero = np.equal(length, 0, ctx.scratch("is_zero", length.shape, bool))
        np.copyto(scale, length)
        np.copyto(scale, 1, where=is_zero)  # the slope there is 0
        if self.p == 2:
            np.copyto(dx, x)
        else:
            self._slope(ctx, x, dx)
            np.power(scale, self.p - 1, scale)
        np.divide(upstream, scale, scale)
        np.multiply(dx, scale, dx)

    def _slope(self, ctx: Context, x: Array, out: Array) -> None:
        """sign(x)·|x|^(p − 1), and 0 at 0."""
        is_zero = np.equal(x, 0, ctx.scratch("no slope", x.shape, bool))
        np.absolute(x, out)
        np.copyto(out, 1, where=is_zero)
        np.power(out, self.p - 1, out)
        np.copysign(out, x, out)
        np.copyto(out, 0, where=is_zero)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        params, arrays = super().from_onnx(kind, attributes, inputs)
        return params | {"p": 1.0 if kind == "ReduceL1" else 2.0}, arrays


@register
class Variance(Reduction):
    """How far the elements of x lie from their mean, squared and averaged, along one axis or all. (torch.var)

    `correction` 1 divides by n − 1, which is right on average for a sample (Bessel); 0 divides by n. Its root is Std.
    """

    synonyms = ("Var",)
    formula = "y = Σ (x − mean x)² / (n − correction)"
    latex = r"y = \frac{1}{n - c} \sum_i (x_i - \mathrm{E}[x])^2"
    derivative = r"\frac{\partial y}{\partial x_i} = \frac{2}{n - c} (x_i - \mathrm{E}[x])"
    correction = Param(1, low=0, high=1_000, symbol="c", help="What is taken from n before dividing by it.")
    examples: ClassVar[tuple[Example, ...]] = (
        Example(x=(4, 3)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": -1, "keepdim": True, "correction": 0}, x=(2, 3, 4)),
        Example({"dim": (0, 2)}, x=(2, 3, 4)),
        Example({"keepdim": True, "correction": 2}, x=(2, 3)),
        Example({"dim": 1, "correction": 0}, x=(3, 1)),
        Example({"correction": 0}, x=()),
    )
    torch = "torch.var({x}, dim={dim}, correction={correction}, keepdim={keepdim})"
    numpy = Recipe(
        """
        apart = x - x.mean(axis=axis, keepdims=True)
        y = (apart**2).sum(axis=axis, keepdims=keepdim) / (count - correction)
        """,
        "dx = dy * 2 * apart / (count - correction)",
    )
    cost = 4
    backward_cost = {"x": 3}

    def infer(self, x: Spec) -> Spec:
        count = product([x.shape[axis] for axis in self.axes(x.ndim)])
        if count <= self.correction:
            raise ShapeError(self._too_few(count), hint=self._advice(), socket="x")
        return super().infer(x)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if self.count(x.shape) <= self.correction:
            raise FeedError(self._too_few(self.count(x.shape)), hint=self._advice())
        apart = self._apart(ctx, x, ctx.scratch("apart", x.shape))
        np.multiply(apart, apart, apart)
        sums(ctx, apart, self.axes(x.ndim), y)
        np.multiply(y, 1 / (self.count(x.shape) - self.correction), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        found = self.line(call, at)
        return variance_of(found, call.keep, len(found.values) - self.correction)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            self._apart(ctx, x, dx)
            np.multiply(dx, self.expanded(dy, x.shape), dx)
            np.multiply(dx, 2 / (self.count(x.shape) - self.correction), dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)

    def _apart(self, ctx: Context, x: Array, out: Array) -> Array:
        """`out` = x − mean x."""
        mean = ctx.scratch("mean", self.shape_beside(x.shape))
        sums(ctx, x, self.axes(x.ndim), mean)
        np.multiply(mean, 1 / self.count(x.shape), mean)
        np.subtract(x, mean, out)
        return out

    def _too_few(self, count: Any) -> str:
        are = "element is" if count == 1 else "elements are"
        return f"{count} {are} too few for a variance with correction {self.correction}."

    def _advice(self) -> str:
        return "Set correction to 0, reduce more axes, or feed a larger batch."


@register
class Std(Variance):
    """How far the elements of x typically lie from their mean: the root of the variance, in x's own unit. (torch.std)

    `correction` 1 divides by n − 1 (Bessel), 0 by n. Where all elements are equal, the gradient is taken as 0.
    """

    synonyms = ("StandardDeviation",)
    saved = ("x", "y")
    formula = "y = √(Σ (x − mean x)² / (n − correction))"
    latex = r"y = \sqrt{\frac{1}{n - c} \sum_i (x_i - \mathrm{E}[x])^2}"
    derivative = r"\frac{\partial y}{\partial x_i} = \frac{x_i - \mathrm{E}[x]}{(n - c)\, y}"
    examples = (
        Example(x=(4, 3)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": -1, "keepdim": True, "correction": 0}, x=(2, 3, 4)),
        Example({"dim": (0, 2)}, x=(2, 3, 4)),
        Example({"keepdim": True, "correction": 2}, x=(2, 3)),
        Example({"dim": 2}, x=(1, 3, 2)),
    )
    torch = "torch.std({x}, dim={dim}, correction={correction}, keepdim={keepdim})"
    numpy = Recipe(
        """
        apart = x - x.mean(axis=axis, keepdims=True)
        y = np.sqrt((apart**2).sum(axis=axis, keepdims=keepdim) / (count - correction))
        """,
        """
        safe = np.where(y == 0, 1, y)
        dx = dy * apart / (safe * (count - correction))
        """,
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        super().forward(ctx, x, y=y)
        np.sqrt(y, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return function("√", super().explain(call, output, at))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        slope, is_even = ctx.scratch("slope", y.shape), ctx.scratch("is_even", y.shape, bool)
        np.equal(y, 0, is_even)
        np.copyto(slope, y)
        np.copyto(slope, 1, where=is_even)  # x − mean is 0 there
        np.divide(dy, slope, slope)
        np.multiply(slope, ctx.half, slope)
        super().backward(ctx, slope, x=x, y=y, dx=dx)


@register
class LogSumExp(Reduction):
    """The logarithm of the sum of exponentials: a smooth maximum, and the norming term of Softmax. (torch.logsumexp)

    The largest element is taken out first, so that nothing overflows. Its gradient is the Softmax of x.
    """

    formula = "y = ln Σ exp(x)"
    latex = r"y = \ln \sum_i e^{x_i}"
    derivative = r"\frac{\partial y}{\partial x_i} = e^{x_i - y}"
    onnx = ("ReduceLogSumExp",)
    cost = 4
    backward_cost = {"x": 3}
    saved = ("x", "y")
    numpy = Recipe(
        """
        top = x.max(axis=axis, keepdims=True)
        total = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
        y = total if keepdim else total.squeeze(axis=axis)
        """,
        "dx = dy * np.exp(x - y)",
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        largest, norm = (ctx.scratch(name, self.shape_beside(x.shape)) for name in ("largest", "norm"))
        powers, end = ctx.scratch("powers", x.shape), float(np.finfo(y.dtype).max)
        fold(ctx, np.maximum, x, self.axes(x.ndim), largest, initial=-np.inf)
        np.maximum(largest, -end, out=largest)  # −∞ − −∞ would be NaN
        np.minimum(largest, end, out=largest)
        np.subtract(x, largest, powers)
        np.exp(powers, powers)
        sums(ctx, powers, self.axes(x.ndim), norm)
        np.log(norm, norm)
        np.add(norm, largest, self.expanded(y, x.shape))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        found = self.line(call, at)
        return log_of_sum(found, call.keep) if len(found.values) else super().explain(call, output, at)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.subtract(x, self.expanded(y, x.shape), dx)
            np.exp(dx, dx)
            np.multiply(dx, self.expanded(dy, x.shape), dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)

    def emit_torch(self, **names: str) -> str:
        x = names["x"]
        dim = f"tuple(range({x}.ndim))" if self.dim is None else self.dim
        return f"torch.logsumexp({x}, dim={dim}, keepdim={self.keepdim})"
