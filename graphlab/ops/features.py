"""Features made by hand: other coordinates, and scales of equal size."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from ..errors import ParamError, ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .example import uniform
from .explain_rows import along, mean_of, variance_of
from .explaining import Call, Place
from .explanation import Term, number, total
from .explanation import call as function
from .footprint import Footprint, itself
from .products import features_of
from .registry import register
from .spec import axis_of, broadcast


@register
class PolarCoordinates(Op):
    """Tells points of the plane by distance from the origin and angle: two rings fall apart by a straight cut.

    x is (…, 2), the coordinates across and up; y is (…, 2): the distance r, and the angle φ in radians from −π
    to π, 0 to the right and counted anticlockwise. At the origin the angle is 0 and so is the gradient.
    """

    category = "Features"
    formula = "y = (√(x₁² + x₂²), atan2(x₂, x₁))"
    latex = r"r = \sqrt{x_1^2 + x_2^2},\quad \varphi = \mathrm{atan2}(x_2, x_1)"
    derivative = (
        r"\frac{\partial r}{\partial x_i} = \frac{x_i}{r},\quad "
        r"\frac{\partial \varphi}{\partial x_1} = -\frac{x_2}{r^2},\quad "
        r"\frac{\partial \varphi}{\partial x_2} = \frac{x_1}{r^2}"
    )
    inputs = (Socket("x"),)
    examples = (
        Example(x=uniform(4, 2, low=0.2, high=2.0)),
        Example(x=(5, 2)),
        Example(x=(2,)),
        Example(x=(2, 3, 2)),
        Example(x=(1, 2)),
        Example(x=(0, 2)),
    )
    backward_cost = {"x": 5}
    saved = ("x", "y")
    numpy = Recipe(
        """
        radius, angle = np.hypot(x[..., 0], x[..., 1]), np.arctan2(x[..., 1], x[..., 0])
        y = np.stack([radius, angle], axis=-1)
        """,
        """
        size = np.where(radius == 0, 1, radius)
        cosine, sine = x[..., 0] / size, x[..., 1] / size
        dradius, dangle = dy[..., 0], dy[..., 1]
        dx = np.stack([dradius * cosine - dangle * sine / size, dradius * sine + dangle * cosine / size], axis=-1)
        """,
    )

    def infer(self, x: Spec) -> Spec:
        if features_of(x) != 2:
            raise ShapeError(
                f"x ({x}) has {x.shape[-1]} features; a point of the plane has 2.",
                hint="Feed two features, e.g. by a Slice.",
                socket="x",
            )
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        across, up = x[..., :1], x[..., 1:]
        np.hypot(across, up, y[..., :1])
        np.arctan2(up, across, y[..., 1:])

    def explain(self, call: Call, output: str, at: Place) -> Term:
        across, up = (call.at("x", *at[:-1], k) for k in (0, 1))
        if at[-1]:
            return function("atan2", up, across)
        return function("√", total([function("square", across), function("square", up)]))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """With c = x₁/r and s = x₂/r: dx₁ = dr·c − dφ·s/r and dx₂ = dr·s + dφ·c/r."""
        if dx is None:
            return
        radius, turn, other, unit = (
            ctx.scratch(n, (*x.shape[:-1], 1)) for n in ("radius", "turn", "other", "unit")
        )
        is_origin = np.equal(y[..., :1], 0, ctx.scratch("is_origin", radius.shape, bool))
        np.copyto(radius, y[..., :1])
        np.copyto(radius, 1, where=is_origin)  # x is 0 there, and so is what follows
        np.divide(dy[..., 1:], radius, turn)
        for mine, its, sign in ((0, 1, np.subtract), (1, 0, np.add)):
            np.divide(x[..., mine : mine + 1], radius, unit)
            np.multiply(dy[..., :1], unit, unit)
            np.divide(x[..., its : its + 1], radius, other)
            np.multiply(turn, other, other)
            sign(unit, other, dx[..., mine : mine + 1])

    def emit_torch(self, **names: str) -> str:
        a, b = (f"{names['x']}[..., {i}]" for i in range(2))
        return f"torch.stack([torch.hypot({a}, {b}), torch.atan2({b}, {a})], dim=-1)"


@register
class Standardise(Op):
    """Brings every feature to mean 0 and spread 1, so that metres and millimetres count alike.

    With `mean` and `std` typed in (those of the training data) every row is treated alike. Left out, they are those
    of the batch, along the axis `dim`; a feature that does not vary becomes 0. Fixed numbers are right for
    a trained network: what is computed for one row then does not depend on its neighbours.
    """

    synonyms = ("Standardize", "StandardScaler")
    category = "Features"
    formula = "y = (x − mean) / √(std² + eps)"
    latex = r"y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}"
    derivative = r"\frac{\partial y}{\partial x} = \frac{1}{\sqrt{\sigma^2 + \epsilon}}"
    inputs = (Socket("x"),)
    mean = Param(None, kind="array", symbol="μ", help="The means to take away; nothing: those of the batch.")
    std = Param(None, kind="array", symbol="σ", help="The deviations to divide by; nothing: the batch's.")
    dim = Param(0, low=-8, high=7, help="The axis along which a batch is measured; 0 is the batch.")
    eps = Param(1e-5, low=0.0, high=1.0, symbol="ε", log=True, help="Keeps the divisor away from 0.")
    examples = (
        Example(x=(4, 3)),
        Example({"dim": -1, "eps": 0.1}, x=(2, 3, 4)),
        Example({"mean": (0.5, -1.0, 2.0), "std": (1.0, 2.0, 0.5)}, x=(4, 3)),
        Example({"mean": 0.5, "std": 2.0}, x=(2, 1, 3)),
        Example({"mean": 0.5, "std": 2.0, "eps": 0.0}, x=()),
        Example(x=(5,)),
        Example({"mean": 1.0, "std": 2.0}, x=(0, 3)),
    )
    saved = ("x", "y")
    numpy = Recipe(
        """
        if mean is None:
            centred = x - x.mean(axis=dim, keepdims=True)
            spread = np.sqrt((centred**2).mean(axis=dim, keepdims=True) + eps)
            y = centred / spread
        else:
            spread = np.sqrt(np.array(std, dtype) ** 2 + eps)
            y = (x - np.array(mean, dtype)) / spread
        """,
        """
        if mean is None:
            along = y * (dy * y).mean(axis=dim, keepdims=True)
            dx = (dy - dy.mean(axis=dim, keepdims=True) - along) / spread
        else:
            dx = dy / spread
        """,
    )

    def check(self) -> None:
        if (self.mean is None) != (self.std is None):
            have, lack = ("mean", "std") if self.std is None else ("std", "mean")
            raise ParamError(f"Standardise has {have}, but no {lack}.", hint="Give both, or neither.")
        if self.std is not None:
            least = float(np.min(np.asarray(self.std, float)))
            if least < 0 or (least == 0 and self.eps == 0):
                raise ParamError(f"Standardise.std holds {least:g}.", hint="Use deviations above 0.")

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis]) if self.mean is not None else None

    def infer(self, x: Spec) -> Spec:
        if self.mean is None:
            axis = axis_of(self.dim, x.ndim, socket="x")
            if x.shape[axis] == 0:
                raise ShapeError(f"x ({x}) has nothing to measure along axis {axis}.", socket="x")
            return x
        for name in ("mean", "std"):
            fixed = Spec(np.shape(self.params[name]))
            if broadcast(x, fixed, names=("x", name)) != x.shape:
                raise ShapeError(
                    f"{name} ({fixed}) is larger than x ({x}).",
                    hint="Give one number per feature.",
                    socket="x",
                )
        return x

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return (6 if self.mean is None else 2) * math.prod(x)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return (12 if self.mean is None else 1) * math.prod(shapes["x"]) * len(wanted)

    def saves(self, socket: str) -> tuple[str, ...]:
        return super().saves(socket) if self.mean is None else ()

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if self.mean is not None:
            mean, divisor = self._fixed(ctx)
            np.subtract(x, mean, y)
            np.divide(y, divisor, y)
            return
        mean = ctx.scratch("mean", self._line(x.shape))
        np.add.reduce(x, axis=self.dim, out=mean, keepdims=True)
        np.multiply(mean, 1 / x.shape[self.dim], mean)
        np.subtract(x, mean, y)
        np.divide(y, self._divisor(ctx, y), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """(x − μ) / √(σ² + ε), μ and σ² of the batch or as they were given."""
        x = call.array("x")
        if self.mean is not None:
            place = np.broadcast_shapes(x.shape)
            mean, spread = (
                np.broadcast_to(np.asarray(v, np.float64), place)[at] for v in (self.mean, self.std)
            )
            centre, variance = number(float(mean), "μ"), function("square", number(float(spread), "σ"))
        else:
            found = call.line("x", along(x, at, (self.dim,)))
            centre = mean_of(found, call.keep).called("μ")
            variance = variance_of(found, call.keep, mean=number(centre.value, "μ")).called("σ²")
        return (call.at("x", *at) - centre) / function("√", variance + number(self.eps, "ε"))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """As in batch normalisation: dy less its mean and less its part along y, divided by the deviation."""
        if dx is None:
            return
        if self.mean is not None:
            np.divide(dy, self._fixed(ctx)[1], dx)
            return
        share, mean = 1 / x.shape[self.dim], ctx.scratch("mean", self._line(x.shape))
        np.add.reduce(x, axis=self.dim, out=mean, keepdims=True)
        np.multiply(mean, share, mean)
        np.subtract(x, mean, dx)
        divisor = self._divisor(ctx, dx)
        along = ctx.scratch("along", x.shape)
        np.multiply(dy, y, along)
        np.add.reduce(along, axis=self.dim, out=mean, keepdims=True)
        np.multiply(mean, share, mean)
        np.multiply(y, mean, along)
        np.add.reduce(dy, axis=self.dim, out=mean, keepdims=True)
        np.multiply(mean, share, mean)
        np.subtract(dy, along, dx)
        np.subtract(dx, mean, dx)
        np.divide(dx, divisor, dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(x)

    def emit_torch(self, **names: str) -> str:
        x, dim = names["x"], self.dim
        if self.mean is None:
            spread = f"torch.sqrt({x}.var({dim}, correction=0, keepdim=True) + {self.eps})"
            return f"({x} - {x}.mean({dim}, keepdim=True)) / {spread}"
        mean, divisor = np.asarray(self.mean).tolist(), self._spread().tolist()
        return f"({x} - {x}.new_tensor({mean})) / {x}.new_tensor({divisor})"

    def _line(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        axis = self.dim % len(shape)
        return (*shape[:axis], 1, *shape[axis + 1 :])

    def _spread(self) -> Array:
        spread: Array = np.sqrt(np.square(np.asarray(self.std, np.float64)) + self.eps)
        return spread

    def _fixed(self, ctx: Context) -> tuple[Array, Array]:
        """The given means and divisors, in the run's dtype."""
        mean, spread = np.asarray(self.mean, np.float64), self._spread()
        known = ctx.kept("fixed mean") is not None and ctx.kept("divisor") is not None
        kept = ctx.scratch("fixed mean", mean.shape), ctx.scratch("divisor", spread.shape)
        if not known:
            kept[0][...], kept[1][...] = mean, spread
        return kept

    def _divisor(self, ctx: Context, centred: Array) -> Array:
        """√(variance + eps) along the axis, of values whose mean is 0 there."""
        squares = np.multiply(centred, centred, ctx.scratch("along", centred.shape))
        divisor = ctx.scratch("divisor", self._line(centred.shape))
        np.add.reduce(squares, axis=self.dim, out=divisor, keepdims=True)
        np.multiply(divisor, 1 / centred.shape[self.dim], divisor)
        np.add(divisor, self.eps, divisor)
        np.sqrt(divisor, divisor)
        return divisor
