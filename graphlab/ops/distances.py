"""How far vectors are apart: of two tables row by row, or of every row from every other; and vectors of length 1."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .explain_lengths import distance_of, length_of
from .explain_rows import alike, along
from .explaining import Call, Place, picked, spread
from .explanation import Elements, Term, number
from .recipe import summed, summing
from .registry import register
from .spec import axis_of, broadcast


def length(apart: Array, p: float, axis: int = -1) -> Array:
    """(Σ |x|ᵖ)^(1/p) along an axis, which stays with size 1."""
    sizes = np.absolute(apart)
    if p == 1:
        found: Array = np.add.reduce(sizes, axis=axis, keepdims=True)
    elif p == 2:
        found = np.sqrt(np.add.reduce(np.square(sizes), axis=axis, keepdims=True))
    else:
        found = np.power(np.add.reduce(np.power(sizes, p), axis=axis, keepdims=True), 1 / p)
    return found


def length_slope(apart: Array, found: Array, p: float) -> Array:
    """The derivative of that length by each x: sign(x)·(|x|/length)^(p − 1), taken as 0 where the length is 0."""
    if p == 1:
        slopes: Array = np.sign(apart)
        return slopes
    share = apart / np.where(found == 0, 1, found)
    return share if p == 2 else np.sign(share) * np.power(np.absolute(share), p - 1)


@register
class PairwiseDistance(Op):
    """How far the vectors of x1 and x2 lie apart, row by row. (torch.nn.PairwiseDistance)

    The vectors lie along the last axis; all other axes are broadcast. `eps` is added to each difference, as PyTorch
    does, so that the slope of a distance of 0 is not infinite.
    """

    category = "Reduction"
    saved = ("x1", "x2", "y")
    formula = "y = (Σ |x₁ − x₂ + ε|^p)^(1/p)"
    latex = r"y = \| x_1 - x_2 + \epsilon \|_p"
    derivative = (
        r"\frac{\partial y}{\partial x_1} = \mathrm{sign}(d)\, (|d| / y)^{p-1},\quad d = x_1 - x_2 + \epsilon"
    )
    inputs = (Socket("x1"), Socket("x2"))
    p = Param(
        2.0, low=1.0, high=64.0, symbol="p", help="The exponent; 2 is the usual distance, 1 by city blocks."
    )
    eps = Param(1e-6, low=0.0, symbol="ε", log=True, help="Added to each difference.")
    keepdim = Param(False, help="Whether the last axis stays, with size 1.")
    examples = (
        Example(x1=(4, 3), x2=(4, 3)),
        Example({"p": 1.0}, x1=(4, 3), x2=(3,)),
        Example({"p": 3.0, "keepdim": True}, x1=(2, 1, 3), x2=(4, 3)),
        Example({"eps": 0.0}, x1=(5,), x2=(5,)),
        Example(x1=(3, 1), x2=(3, 1)),
        Example(x1=(0, 3), x2=(0, 3)),
    )
    torch = "F.pairwise_distance({x1}, {x2}, {p}, {eps}, {keepdim})"
    numpy = Recipe(
        """
        apart = x1 - x2 + eps
        size = length(apart, p)
        y = size if keepdim else size[..., 0]
        """,
        """
        upstream = dy if keepdim else dy[..., None]
        slopes = upstream * length_slope(apart, size, p)
        dx1 = slopes
        dx2 = -slopes
        """,
        tools=(
            recipe_tools.length,
            recipe_tools.length_slope,
        ),
    )

    def infer(self, x1: Spec, x2: Spec) -> Spec:
        whole = broadcast(x1, x2, names=("x1", "x2"))
        if not whole:
            raise ShapeError(
                "x1 and x2 are scalars; vectors are needed.", hint="Use Sub and Abs.", socket="x1"
            )
        return Spec((*whole[:-1], 1) if self.keepdim else whole[:-1])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return summing(
            self.numpy, {**shapes, "y": np.broadcast_shapes(shapes["x1"], shapes["x2"])}, "x1", "x2"
        )

    def forward(self, ctx: Context, x1: Array, x2: Array, *, y: Array) -> None:
        np.copyto(y, length(self._apart(x1, x2), self.p).reshape(y.shape))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The differences of the two rows, and their length."""
        whole = np.broadcast_shapes(call.array("x1").shape, call.array("x2").shape)
        row = at[:-1] if self.keepdim else at
        places = picked(whole, (*row, slice(None)))
        a, b = (call.elements(name, spread(places, call.array(name).shape)) for name in ("x1", "x2"))
        return distance_of(a, b, self.p, call.keep, self.eps)

    def backward(
        self, ctx: Context, dy: Array, *, x1: Array, x2: Array, y: Array, dx1: Array | None, dx2: Array | None
    ) -> None:
        apart = self._apart(x1, x2)
        beside = (*apart.shape[:-1], 1)
        slopes = length_slope(apart, y.reshape(beside), self.p) * dy.reshape(beside)
        if dx1 is not None:
            unbroadcast(slopes, dx1)
        if dx2 is not None:
            unbroadcast(slopes, dx2)
            np.multiply(dx2, -1, dx2)

    def _apart(self, x1: Array, x2: Array) -> Array:
        apart: Array = x1 - x2
        apart += self.eps
        return apart

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 4 * math.prod(np.broadcast_shapes(*shapes.values()))


@register
class CDist(Op):
    """How far every row of x1 lies from every row of x2: the table from which the nearest is read. (torch.cdist)

    x1 is (…, n, d), x2 is (…, m, d), y is (…, n, m); leading axes are matched like those of Add. Nearest neighbours,
    prototypes, radial basis functions and kernels begin with it. At a distance of 0 the gradient is taken as 0.
    """

    synonyms = ("EuclideanDistance",)
    category = "Math"
    saved = ("x1", "x2", "y")
    formula = "y[i, j] = (Σ |x₁[i] − x₂[j]|^p)^(1/p)"
    latex = r"y_{ij} = \| (x_1)_i - (x_2)_j \|_p"
    derivative = (
        r"\frac{\partial y_{ij}}{\partial (x_1)_i} = \mathrm{sign}(d)\, (|d| / y_{ij})^{p-1},"
        r"\quad d = (x_1)_i - (x_2)_j"
    )
    inputs = (Socket("x1"), Socket("x2"))
    p = Param(
        2.0, low=1.0, high=64.0, symbol="p", help="The exponent; 2 is the usual distance, 1 by city blocks."
    )
    examples = (
        Example(x1=(4, 3), x2=(5, 3)),
        Example({"p": 1.0}, x1=(2, 4, 3), x2=(2, 3)),
        Example({"p": 3.0}, x1=(2, 1, 2, 3), x2=(3, 4, 3)),
        Example(x1=(1, 1), x2=(3, 1)),
        Example(x1=(0, 3), x2=(2, 3)),
    )
    torch = "torch.cdist({x1}, {x2}, {p}, compute_mode='donot_use_mm_for_euclid_dist')"

    def infer(self, x1: Spec, x2: Spec) -> Spec:
        for name, spec in (("x1", x1), ("x2", x2)):
            if spec.ndim < 2:
                raise ShapeError(
                    f"{name} ({spec}) is no table of vectors.", hint="Unsqueeze it.", socket=name
                )
        if x1.shape[-1] != x2.shape[-1]:
            raise ShapeError(
                f"The vectors of x1 ({x1}) have {x1.shape[-1]} numbers, those of x2 ({x2}) {x2.shape[-1]}.",
                hint="Give both the same number of features.",
                socket="x2",
            )
        batch = broadcast(Spec(x1.shape[:-2]), Spec(x2.shape[:-2]), names=("x1", "x2"))
        return Spec((*batch, x1.shape[-2], x2.shape[-2]))

    def flops(self, *, y: tuple[int, ...], x1: tuple[int, ...], **others: tuple[int, ...]) -> int:
        """A difference, its power and a sum for each number of each pair."""
        return 3 * math.prod(y) * x1[-1]

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """The differences again with their slopes, and for each gradient a sum."""
        return (4 + len(wanted)) * math.prod(shapes["y"]) * shapes["x1"][-1] if wanted else 0

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        x1, x2 = shapes["x1"], shapes["x2"]
        lead = shapes["y"][:-2]
        first = summed("slopes.sum(axis=-2)", "x1", x1, (*lead, *x1[-2:]))
        second = summed("-slopes.sum(axis=-3)", "x2", x2, (*lead, *x2[-2:]))
        return Recipe(
            """
            apart = x1[..., :, None, :] - x2[..., None, :, :]
            size = length(apart, p)
            y = size[..., 0]
            """,
            f"slopes = dy[..., None] * length_slope(apart, size, p)\ndx1 = {first}\ndx2 = {second}",
            (recipe_tools.length, recipe_tools.length_slope),
        )

    def forward(self, ctx: Context, x1: Array, x2: Array, *, y: Array) -> None:
        np.copyto(y, length(self._apart(x1, x2), self.p)[..., 0])

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The differences of the two rows, and their length."""
        *batch, i, j = at
        a, b = self._row(call, "x1", batch, i), self._row(call, "x2", batch, j)
        return distance_of(a, b, self.p, call.keep)

    def _row(self, call: Call, name: str, batch: Sequence[int], i: int) -> Elements:
        shape = call.array(name).shape
        own = batch[len(batch) - (len(shape) - 2) :] if len(shape) > 2 else ()
        lead = tuple(0 if size == 1 else k for k, size in zip(own, shape, strict=False))
        return call.line(name, (*lead, i, slice(None)))

    def backward(
        self, ctx: Context, dy: Array, *, x1: Array, x2: Array, y: Array, dx1: Array | None, dx2: Array | None
    ) -> None:
        slopes = length_slope(self._apart(x1, x2), y[..., None], self.p) * dy[..., None]
        if dx1 is not None:
            unbroadcast(np.add.reduce(slopes, axis=-2), dx1)
        if dx2 is not None:
            unbroadcast(np.add.reduce(slopes, axis=-3), dx2)
            np.multiply(dx2, -1, dx2)

    def _apart(self, x1: Array, x2: Array) -> Array:
        """Every row less every other: …×n×m×d."""
        apart: Array = x1[..., :, None, :] - x2[..., None, :, :]
        return apart

    def workspace(self, x1: tuple[int, ...], x2: tuple[int, ...]) -> int:
        batch = np.broadcast_shapes(x1[:-2], x2[:-2])
        return 4 * math.prod((*batch, x1[-2], x2[-2], x1[-1]))


@register
class Normalize(Op):
    """Brings vectors to length 1, so that only their direction counts. (torch.nn.functional.normalize)

    The vectors lie along the axis `dim`. One shorter than `eps` is divided by eps instead. The product of two such
    vectors is their cosine similarity.
    """

    category = "Normalisation"
    saved = ("x", "y")
    cost = 4
    backward_cost = {"x": 6}
    formula = "y = x / max(‖x‖ₚ, ε)"
    latex = r"y = \frac{x}{\max(\|x\|_p, \epsilon)}"
    derivative = (
        r"\frac{\partial \ell}{\partial x} = \frac{1}{\|x\|_2} (\bar{y} - y \, (y \cdot \bar{y}))"
        r"\quad (p = 2)"
    )
    inputs = (Socket("x"),)
    p = Param(2.0, low=1.0, high=64.0, symbol="p", help="The exponent of the length; 2 is the usual one.")
    dim = Param(1, low=-8, high=7, help="The axis along which the vectors lie.")
    eps = Param(
        1e-12,
        low=0.0,
        low_open=True,
        symbol="ε",
        log=True,
        help="The least length a vector counts as having.",
    )
    examples = (
        Example(x=(4, 3)),
        Example({"p": 1.0, "dim": 0}, x=(4, 3)),
        Example({"p": 3.0, "dim": -2}, x=(2, 3, 4)),
        Example({"dim": 0, "eps": 5.0}, x=(5,)),
        Example(x=(3, 1)),
        Example(x=(0, 3)),
    )
    torch = "F.normalize({x}, {p}, {dim}, {eps})"
    numpy = Recipe(
        """
        size = length(x, p, axis=dim)
        y = x / np.maximum(size, eps)
        """,
        """
        along = (dy * y).sum(axis=dim, keepdims=True)
        turned = np.where(size > eps, along * length_slope(x, size, p), 0)
        dx = (dy - turned) / np.maximum(size, eps)
        """,
        tools=(
            recipe_tools.length,
            recipe_tools.length_slope,
        ),
    )
    onnx = ("LpNormalization",)
    onnx_params: ClassVar[dict[str, str]] = {"axis": "dim"}

    def slope_latex(self) -> str:
        return self.derivative.removesuffix(r"\quad (p = 2)") if self.p == 2 else ""

    def infer(self, x: Spec) -> Spec:
        axis_of(self.dim, x.ndim, socket="x")
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.divide(x, np.maximum(length(x, self.p, self.dim), self.eps), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """x over the length of its vector."""
        found = call.line("x", along(call.array("x"), at, (self.dim,)))
        size = length_of(found, self.p, call.keep).called("‖x‖")
        return call.at("x", *at) / (size if size.value > self.eps else number(self.eps, "ε"))

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(len(x), (self.dim,), ("x", "y"))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        found = length(x, self.p, self.dim)
        along = np.add.reduce(np.multiply(dy, y), axis=self.dim, keepdims=True)
        along = np.where(found > self.eps, along, 0)  # a short one is divided by a fixed number
        np.multiply(length_slope(x, found, self.p), along, dx)
        np.subtract(dy, dx, dx)
        np.divide(dx, np.maximum(found, self.eps), dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return 3 * math.prod(x)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        params = {"dim": attributes.get("axis", -1), "p": float(attributes.get("p", 2))}
        return params, {"x": inputs[0]}
