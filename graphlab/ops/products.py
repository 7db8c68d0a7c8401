"""Powers and products of features: what no line separates may be separated by a curve."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import accumulate, pairwise

import numpy as np

from ..errors import ShapeError
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explaining import Call, Place
from .explanation import Term, times
from .registry import register
from .spec import Size

MOST = 100_000  # products per row: more is a mistake


def features_of(x: Spec) -> Size:
    """How many features a row of x has. ShapeError for a scalar."""
    if not x.ndim:
        raise ShapeError("x is a scalar and has no features.", hint="Feed rows of features.", socket="x")
    return x.shape[-1]


@register
class PolynomialFeatures(Op):
    """Adds the powers of every feature: (x) becomes (x, x²), and points on a line fall apart by a straight cut.

    x is (…, features), y is (…, degree · features): first x as it is, then the squares, then the cubes …
    Products of different features are made by FeatureProducts.
    """

    category = "Features"
    formula = "y = (x, x², …, x^degree)"
    latex = r"y = (x, x^2, \ldots, x^d)"
    derivative = r"\frac{\partial x^k}{\partial x} = k\,x^{k-1}"
    inputs = (Socket("x"),)
    degree = Param(2, low=1, high=16, symbol="d", help="The highest power.")
    examples = (
        Example(x=(4, 2)),
        Example({"degree": 3}, x=(4, 1)),
        Example({"degree": 1}, x=(2, 3, 2)),
        Example({"degree": 5}, x=(3,)),
        Example(x=(0, 2)),
    )
    saved = ("y",)
    numpy = Recipe(
        "y = np.concatenate([x**k for k in range(1, degree + 1)], axis=-1)",
        "dx = sum(k * x ** (k - 1) * part for k, part in enumerate(np.split(dy, degree, axis=-1), 1))",
    )

    def infer(self, x: Spec) -> Spec:
        return x.with_shape(*x.shape[:-1], features_of(x) * self.degree)

    def flops(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        return (int(self.degree) - 1) * math.prod(x)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return 3 * self.flops(**shapes) if wanted else 0

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        parts = self._parts(x, y)
        np.copyto(parts[0], x)
        for lower, higher in pairwise(parts):
            np.multiply(lower, x, higher)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """A feature, to a power."""
        power, feature = divmod(at[-1], call.array("x").shape[-1])
        one = call.at("x", *at[:-1], feature)
        return one ** (power + 1.0) if power else one

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        slopes, powers, term = self._parts(x, dy), self._parts(x, y), ctx.scratch("term", x.shape)
        np.copyto(dx, slopes[0])
        for k in range(2, self.degree + 1):
            np.multiply(slopes[k - 1], powers[k - 2], term)
            np.multiply(term, k, term)
            np.add(dx, term, dx)

    def emit_torch(self, **names: str) -> str:
        x = names["x"]
        powers = ", ".join([x, *(f"{x}**{k}" for k in range(2, self.degree + 1))])
        return f"torch.cat([{powers}], dim=-1)"

    def _parts(self, x: Array, whole: Array) -> list[Array]:
        """`whole` power by power."""
        size = x.shape[-1]
        return [whole[..., k * size : (k + 1) * size] for k in range(self.degree)]


@register
class FeatureProducts(Op):
    """Adds the products of different features, e.g. x₁·x₂: both at once (a conjunction), or exactly one (XOR).

    x is (…, features); y holds x as it is, then the products of two (x₁x₂, x₁x₃, …, x₂x₃, …), of three, up to
    `order`. Powers of one feature are made by PolynomialFeatures.
    """

    category = "Features"
    formula = "y = (x₁, x₂, …, x₁x₂, x₁x₃, …)"
    latex = r"y = (x_1, x_2, \ldots, x_1 x_2, x_1 x_3, \ldots)"
    derivative = r"\frac{\partial (x_i x_j)}{\partial x_i} = x_j"
    inputs = (Socket("x"),)
    order = Param(2, low=1, high=8, help="How many different features are multiplied at most.")
    examples = (
        Example(x=(4, 2)),
        Example({"order": 3}, x=(4, 4)),
        Example({"order": 8}, x=(2, 3)),
        Example({"order": 1}, x=(2, 3)),
        Example({"order": 2}, x=(2, 1, 5)),
        Example(x=(3, 1)),
        Example(x=(4,)),
        Example(x=(0, 3)),
    )
    saved = ("x", "y")
    numpy = Recipe(
        "y = feature_products(x, order)",
        "dx = feature_products_gradient(dy, x, order)",
        tools=(
            recipe_tools.feature_products,
            recipe_tools.feature_products_gradient,
        ),
    )

    def infer(self, x: Spec) -> Spec:
        size = features_of(x)
        if not isinstance(size, int):
            raise ShapeError(
                f"x ({x}) has no fixed number of features.", hint="Fix its last axis.", socket="x"
            )
        total = sum(self._counts(size))
        if total > MOST:
            raise ShapeError(
                f"{size} features have {total:,} products of up to {self.order}.",
                hint=f"Lower order, or feed fewer features: {MOST:,} products are the most.",
                socket="x",
            )
        return x.with_shape(*x.shape[:-1], total)

    def flops(self, *, x: tuple[int, ...], y: tuple[int, ...]) -> int:
        """One product more for each that is added."""
        return math.prod(y) - math.prod(x)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return 4 * self.flops(**shapes) if wanted else 0

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y[..., : x.shape[-1]], x)
        for i, tail, block in self._blocks(x.shape[-1]):
            np.multiply(x[..., i : i + 1], y[..., tail], y[..., block])

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The features that are multiplied."""
        factors = [call.at("x", *at[:-1], i) for i in self._factors(at[-1], call.array("x").shape[-1])]
        return factors[0] if len(factors) == 1 else times(*factors)

    def _factors(self, place: int, size: int) -> list[int]:
        """Which features are multiplied at a place of the result."""
        for i, tail, block in self._blocks(size):
            if block.start <= place < block.stop:
                return [i, *self._factors(tail.start + place - block.start, size)]
        return [place]

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        """From the highest order down: each product hands on to the feature and to the product it was made of."""
        if dx is None:
            return
        slopes, size = ctx.scratch("slopes", dy.shape), x.shape[-1]
        np.copyto(slopes, dy)
        column, terms = ctx.scratch("column", (*x.shape[:-1], 1)), ctx.scratch("terms", dy.shape)
        own = ctx.scratch("own", x.shape)
        np.copyto(own, 0)
        for i, tail, block in reversed(self._blocks(size)):
            term = terms[..., block]
            np.multiply(slopes[..., block], y[..., tail], term)
            np.add.reduce(term, axis=-1, out=column, keepdims=True)
            np.add(own[..., i : i + 1], column, own[..., i : i + 1])
            np.multiply(slopes[..., block], x[..., i : i + 1], term)
            np.add(slopes[..., tail], term, slopes[..., tail])
        np.add(own, slopes[..., :size], dx)

    def workspace(self, x: tuple[int, ...]) -> int:
        return 2 * math.prod(x[:-1]) * sum(self._counts(x[-1]))

    def emit_torch(self, **names: str) -> str:
        x = names["x"]
        if self.order == 1:
            return f"{x}.clone()"
        columns = f"torch.arange({x}.shape[-1])"
        products = (
            f"{x}[..., torch.combinations({columns}, {k})].prod(-1)" for k in range(2, self.order + 1)
        )
        return f"torch.cat([{x}, {', '.join(products)}], dim=-1)"

    def _counts(self, size: int) -> list[int]:
        """How many products there are of one feature, of two, …"""
        return [math.comb(size, k) for k in range(1, self.order + 1)]

    def _blocks(self, size: int) -> list[tuple[int, slice, slice]]:
        """(i, tail, block): y[block] = x[i] · y[tail], the products of one order less whose first feature is past i.

        Products of one order stand in the order of the alphabet, so those past i are its tail.
        """
        starts = [0, *accumulate(self._counts(size))]
        blocks: list[tuple[int, slice, slice]] = []
        for k in range(2, min(self.order, size) + 1):
            place, end = starts[k - 1], starts[k - 1]
            for i in range(size - k + 1):
                count = math.comb(size - 1 - i, k - 1)
                blocks.append((i, slice(end - count, end), slice(place, place + count)))
                place += count
        return blocks
