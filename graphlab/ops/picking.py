"""Operations that pick elements of a value by index."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import FeedError, ShapeError
from . import recipe_tools
from .adding import add_at, sum_rows
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .example import classes
from .explaining import Call, Place
from .explaining import explain as explain_any
from .explanation import Term, made
from .places import bracketed, first
from .registry import register
from .rows import writable
from .spec import axis_of


class _Picked(Op):
    """Elements of x, by index."""

    category = "Shape"
    inputs = (Socket("x"), Socket("index", kind="int", help="Which to take, counted from 0."))
    dim = Param(1, low=-8, high=7, help="The axis along which the index counts.")
    cost = 0
    saved = ("index",)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The element that was picked, and the index that did."""
        found = explain_any(call, output, at)
        index = call.at("index", *self.asked_by(call, at))
        return made("same", [found, index]) if found.how == "element" else found

    def asked_by(self, call: Call, at: Place) -> Place:
        """Which element of index an element of the result was picked by."""
        return at

    def reads(self, *, x: tuple[int, ...], y: tuple[int, ...], **others: tuple[int, ...]) -> dict[str, int]:
        return {"x": min(math.prod(x), math.prod(y))}

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        """Every number is added to those picked from the same place."""
        return len(wanted) * math.prod(shapes["y"])


def require_on_axis(index: Array, size: int, dim: int) -> None:
    """FeedError for an index that is not on an axis of that size; -1 is its last element."""
    if not index.size or (index.min() >= -size and index.max() < size):
        return
    place = first((index < -size) | (index >= size))
    raise FeedError(
        f"index{bracketed(place)} is {index[place]}, but axis {dim} of x has {size} element{'' if size == 1 else 's'}.",
        hint=f"Use indices from 0 to {size - 1}." if size else "Feed elements to choose from.",
    )


def counted(index: Array, size: int, dim: int) -> Array:
    """The index counted from 0, where −1 is the last element. FeedError for one that is not on the axis."""
    # One comparison finds both too large and negative: as unsigned, a negative index is enormous.
    if not index.size or np.maximum.reduce(index.view(np.uint64), axis=None) < size:
        return index
    require_on_axis(index, size, dim)
    return np.where(index < 0, index + size, index)


@register
class Gather(_Picked):
    """Picks one element for each entry of index, along one axis: y[i][j] = x[i][index[i][j]] for dim 1. (torch.gather)

    index has as many axes as x and may be smaller on the others; y has its shape. An element that is picked several
    times gets the sum of the gradients. It picks, for instance, the score of the right class from each row.
    """

    formula = "y[i, j] = x[i, index[i, j]]"
    latex = r"y_{ij} = x_{i,\,\mathrm{index}_{ij}}"
    derivative = r"\frac{\partial \ell}{\partial x_{ik}} = \sum_{j:\,\mathrm{index}_{ij} = k} \bar{y}_{ij}"
    examples = (
        Example(x=(4, 3), index=classes(4, 1, count=3)),
        Example({"dim": 0}, x=(5, 3), index=classes(2, 3, count=5)),
        Example({"dim": -1}, x=(2, 2, 4), index=classes(2, 1, 6, count=4)),
        Example({"dim": 0}, x=(3,), index=classes(7, count=3)),
        Example(x=(1, 1), index=classes(1, 1, count=1)),
        Example(x=(4, 3), index=classes(4, 0, count=3)),
    )
    torch = "torch.gather({x}, {dim}, {index})"
    numpy = Recipe(
        "y = x[places_along(index, dim)]",
        """
        dx = np.zeros_like(x)
        np.add.at(dx, places_along(index, dim), dy)
        """,
        tools=(recipe_tools.places_along,),
    )
    onnx = ("GatherElements",)
    onnx_params = {"axis": "dim"}

    def infer(self, x: Spec, index: Spec) -> Spec:
        axis = axis_of(self.dim, x.ndim, socket="x")
        fits = index.ndim == x.ndim and all(
            i == axis or a == b or a < b for i, (a, b) in enumerate(zip(index.shape, x.shape, strict=False))
        )
        if not fits:
            raise ShapeError(
                f"index ({index}) does not fit x ({x}): but for axis {axis} it must not be larger.",
                hint="Give index as many axes as x has.",
                socket="index",
            )
        return x.with_shape(*index.shape)

    def forward(self, ctx: Context, x: Array, index: Array, *, y: Array) -> None:
        np.take(
            x.reshape(-1), self._places(ctx, x, index), out=y, mode="clip"
        )  # they fit; "raise" would copy

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        index: Array,
        y: Array,
        dx: Array | None,
        dindex: Array | None = None,
    ) -> None:
        if dx is not None:
            with writable(ctx, dx) as target:
                target.fill(0)
                kept = ctx.kept("places")
                add_at(target, self._places(ctx, x, index) if kept is None else kept, dy)

    def workspace(self, x: tuple[int, ...], index: tuple[int, ...]) -> int:
        return 2 * math.prod(index)  # eight bytes each

    def _places(self, ctx: Context, x: Array, index: Array) -> Array:
        """The flat places in x that index names."""
        axis = self.dim % x.ndim
        step = math.prod(x.shape[axis + 1 :])
        others = ctx.kept("others")
        if others is None:
            others = self._others(ctx, x, index, axis)
        places = ctx.scratch("places", index.shape, np.int64)
        along = counted(index, x.shape[axis], self.dim)
        np.add(along if step == 1 else np.multiply(along, step, places), others, places)
        return places

    def _others(self, ctx: Context, x: Array, index: Array, axis: int) -> Array:
        """What the places along the other axes add to the flat places; kept."""
        shape = (*index.shape[:axis], 1, *index.shape[axis + 1 :])
        others = ctx.scratch("others", shape, np.int64)
        others.fill(0)
        for i, along in enumerate(np.indices(shape, sparse=True)):
            np.add(others, along * math.prod(x.shape[i + 1 :]), others)
        return others

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return super().from_onnx(kind, {"axis": 0, **attributes}, inputs)


@register
class IndexSelect(_Picked):
    """Picks whole rows (or columns, …) of x by index: y = x[index] for dim 0. (torch.index_select, numpy.take)

    index may have any shape, which takes the place of the axis `dim`. A row that is picked several times gets the sum
    of the gradients.
    """

    synonyms = ("Take",)
    formula = "y = x[:, index]"
    latex = r"y_{ij} = x_{i,\,\mathrm{index}_j}"
    derivative = r"\frac{\partial \ell}{\partial x_{ik}} = \sum_{j:\,\mathrm{index}_j = k} \bar{y}_{ij}"
    examples = (
        Example(x=(2, 4), index=classes(3, count=4)),
        Example({"dim": 0}, x=(3, 2), index=classes(5, count=3)),
        Example({"dim": -1}, x=(2, 2, 3), index=classes(2, 2, count=3)),
        Example({"dim": 0}, x=(3, 2), index=classes(count=3)),
        Example({"dim": 0}, x=(1,), index=classes(1, count=1)),
        Example(x=(2, 3), index=classes(0, count=3)),
    )
    onnx = ("Gather",)
    onnx_params = {"axis": "dim", "indices": "index"}

    def infer(self, x: Spec, index: Spec) -> Spec:
        axis = axis_of(self.dim, x.ndim, socket="x")
        return x.with_shape(*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])

    def asked_by(self, call: Call, at: Place) -> Place:
        axis, axes = self.dim % call.array("x").ndim, call.array("index").ndim
        return at[axis : axis + axes]

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        before = self.dim % len(shapes["x"])
        place = f"({'slice(None), ' * before}index)" if before else "index"
        return Recipe("y = np.take(x, index, axis=dim)", f"dx = np.zeros_like(x)\nnp.add.at(dx, {place}, dy)")

    def forward(self, ctx: Context, x: Array, index: Array, *, y: Array) -> None:
        along = counted(index, x.shape[self.dim], self.dim)
        np.take(x, along, axis=self.dim, out=y, mode="clip")  # they fit; "raise" would copy

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        index: Array,
        y: Array,
        dx: Array | None,
        dindex: Array | None = None,
    ) -> None:
        if dx is None:
            return
        axis = self.dim % x.ndim
        before, count, behind = math.prod(x.shape[:axis]), x.shape[axis], math.prod(x.shape[axis + 1 :])
        rows = np.arange(before)[:, None] * count + counted(index, count, self.dim).reshape(1, -1)
        with writable(ctx, dx) as target:
            table = target.reshape(before * count, behind)
            sum_rows(ctx, table, rows.reshape(-1), dy.reshape(rows.size, behind))

    def workspace(self, x: tuple[int, ...], index: tuple[int, ...]) -> int:
        count: int = math.prod(index) * math.prod(x) // max(1, x[self.dim])
        return 2 * count  # eight bytes each

    def emit_torch(self, **names: str) -> str:
        x, index = names["x"], names["index"]
        axis = f"({self.dim} % {x}.ndim)"
        return (
            f"torch.index_select({x}, {self.dim}, {index}.reshape(-1))"
            f".reshape({x}.shape[:{axis}] + {index}.shape + {x}.shape[{axis} + 1:])"
        )

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return super().from_onnx(kind, {"axis": 0, **attributes}, inputs)
