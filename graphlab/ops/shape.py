"""Operations that only look at the same elements in the same order under another shape. They cost nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .interchange import constant
from .recipe import sizes_text
from .registry import register
from .spec import Dim, Shape, Size, axis_of, product, shape_text


class _View(Op):
    """The same elements in the same order under another shape. Costs nothing: the result is x itself."""

    category = "Shape"
    adapts = True
    inputs = (Socket("x", kind="any"),)
    cost = 0
    saved = ()

    def shape_of(self, shape: Shape) -> Shape:
        """The shape of the result for an x of that shape. ShapeError when there is none."""
        raise TypeError(f"{type(self).__name__} has no shape rule")

    def infer(self, x: Spec) -> Spec:
        return x.with_shape(*self.shape_of(x.shape))

    def view(self, x: Array | None) -> Array | None:
        return None if x is None else x.reshape(self._concrete(x))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return Recipe(f"y = x.reshape({sizes_text(shapes['y'])})", "dx = dy.reshape(x.shape)")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x.reshape(y.shape))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy.reshape(dx.shape))

    def _concrete(self, x: Array) -> tuple[int, ...]:
        return Spec(self.shape_of(x.shape)).at({})


@register
class Flatten(_View):
    """Joins the axes from `start_dim` to `end_dim` into one, e.g. images N×C×H×W into rows N×(C·H·W).

    Put it between convolutions and the first fully connected layer. With start_dim 1 the batch axis stays.
    (torch.flatten)
    """

    formula = "y = x as one row per example"
    latex = r"y_{n,\,(c,h,w)} = x_{n,c,h,w}"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    start_dim = Param(1, low=-8, high=7, help="The first axis to join; the ones before it stay.")
    end_dim = Param(-1, low=-8, high=7, help="The last axis to join; the ones behind it stay.")
    examples = (
        Example(x=(2, 3, 4)),
        Example(x=(2, 3)),
        Example({"start_dim": 0}, x=(2, 3)),
        Example({"start_dim": 0}, x=()),
        Example({"start_dim": 2}, x=(2, 1, 3, 4)),
        Example({"start_dim": -2}, x=(2, 3, 4)),
        Example({"start_dim": 0, "end_dim": 1}, x=(2, 3, 4)),
        Example({"end_dim": -2}, x=(1, 3, 2, 2)),
        Example(x=(1, 1, 5, 5)),
        Example(x=(0, 2, 3)),
    )
    torch = "torch.flatten({x}, {start_dim}, {end_dim})"
    onnx = ("Flatten",)

    def shape_of(self, shape: Shape) -> Shape:
        if not shape and self.start_dim in (0, -1) and self.end_dim in (0, -1):
            return (1,)
        start, end = (axis_of(dim, len(shape), socket="x") for dim in (self.start_dim, self.end_dim))
        if end < start:
            raise ShapeError(
                f"end_dim {self.end_dim} comes before start_dim {self.start_dim} in x ({shape_text(shape)}).",
                hint="Swap them.",
                socket="x",
            )
        return (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :])

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        return ({},) if given.ndim > 2 else ()

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """ONNX makes a matrix of it: the axes before `axis` become the rows."""
        axis = int(attributes.get("axis", 1))
        if axis != 1:
            raise Unsupported(
                f"{kind} with axis {axis} joins the axes before it as well; Flatten keeps them."
            )
        return {"start_dim": 1}, {"x": inputs[0]}


@register
class Reshape(_View):
    """The same elements in the same order under another shape, e.g. rows of 64 into images N×1×8×8.

    In `shape`, -1 stands for whatever is left over, and N for the size of x's first axis (the batch).
    """

    synonyms = ("View",)
    formula = "y = x in another shape"
    latex = r"y = \mathrm{reshape}(x)"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    shape = Param(
        ("N", -1), kind="shape", low=-1, help="The new sizes; -1: what is left over, N: as many as x has."
    )
    examples = (
        Example(x=(2, 3, 4)),
        Example({"shape": (6, 2)}, x=(3, 4)),
        Example({"shape": ("N", 1, 2, -1)}, x=(3, 8)),
        Example({"shape": (-1,)}, x=()),
        Example({"shape": ()}, x=(1, 1)),
        Example({"shape": ("N", 6)}, x=(0, 2, 3)),
    )
    onnx = ("Reshape", "Flatten")

    def check(self) -> None:
        sizes = self.shape
        if sizes.count(-1) > 1 or 0 in sizes:
            raise ParamError(
                f"Reshape.shape ({shape_text(sizes)}) cannot be worked out.",
                hint="Use sizes of 1 or more, and -1 at most once.",
            )
        if any(isinstance(size, str) and size != "N" for size in sizes):
            raise ParamError(
                f"Reshape.shape ({shape_text(sizes)}) names an unknown size.", hint="Use N or -1."
            )

    def shape_of(self, shape: Shape) -> Shape:
        if "N" in self.shape and not shape:
            raise ShapeError(
                "x is a scalar and has no first axis N.", hint="Leave N out of shape.", socket="x"
            )
        sizes: list[Size] = [shape[0] if size == "N" else size for size in self.shape]
        total = product(shape)
        if -1 in sizes:
            fixed = product([size for size in sizes if size != -1])
            sizes[sizes.index(-1)] = self._left_over(shape, total, fixed)
        elif product(sizes) != total:
            raise ShapeError(
                f"x ({shape_text(shape)}) has {total} elements, "
                f"but shape ({shape_text(self.shape)}) holds {product(sizes)}.",
                hint="Put -1 where the size should follow.",
                socket="x",
            )
        return tuple(sizes)

    def _left_over(self, shape: Shape, total: Size, fixed: Size) -> Size:
        """total / fixed, when that comes out even for every size of the batch."""
        try:
            rest = total // fixed if fixed else 0
        except ShapeError:
            rest = 0  # the message below says it with both shapes
        if rest * fixed == total and fixed:
            return rest
        raise ShapeError(
            f"x ({shape_text(shape)}) does not fill rows of {shape_text(self.shape)}: {total} elements "
            f"cannot be divided evenly by {fixed}.",
            hint="Change shape so that its sizes multiply to the number of elements.",
            socket="x",
        )

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """The shape of what lies beside it, if it has as many elements; and rows as square images, grey or coloured."""
        total = product(given.shape)
        for spec in beside:
            sizes = tuple(
                "N" if i == 0 and given.shape[:1] == (size,) else size for i, size in enumerate(spec.shape)
            )
            if product(spec.shape) == total and not any(isinstance(size, Dim) for size in sizes):
                yield {"shape": sizes}
        row = given.shape[-1] if given.ndim == 2 else 0
        for channels in (1, 3):
            side = math.isqrt(row // channels) if isinstance(row, int) else 0
            if side > 1 and channels * side * side == row:
                yield {"shape": ("N", channels, side, side)}

    def emit_torch(self, **names: str) -> str:
        sizes = ", ".join(f"{names['x']}.shape[0]" if size == "N" else str(size) for size in self.shape)
        return f"{names['x']}.reshape({sizes})" if sizes else f"{names['x']}.reshape(())"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A 0 there copies x's size: the batch N, or a size that must be known. Flatten makes two axes of all."""
        if kind == "Flatten":
            known, axis = getattr(inputs[0], "shape", None), int(attributes.get("axis", 1))
            if known is None:
                raise Unsupported(f"{kind} with axis {axis} depends on a shape that is not known.")
            return {"shape": (int(np.prod(known[:axis])), -1)}, {"x": inputs[0]}
        x, shape = inputs
        sizes: list[Any] = [int(size) for size in constant(shape, "shape")]
        known = getattr(x, "shape", None)
        for i, size in enumerate(sizes):
            if size:
                continue
            if attributes.get("allowzero", 0):
                raise Unsupported(f"{kind} makes an axis of size 0.")
            if i and known is None:
                raise Unsupported(f"{kind} copies the size of axis {i}, which is not known beforehand.")
            sizes[i] = int(known[i]) if i and known is not None else "N"
        return {"shape": tuple(sizes)}, {"x": x}


@register
class Squeeze(_View):
    """Leaves out axes of size 1, e.g. N×1 becomes N. (torch.squeeze)

    Without `dim` all of them go; one named in `dim` that is larger than 1 stays, as in PyTorch.
    """

    formula = "y = x without axes of size 1"
    latex = r"y_{n} = x_{n,1}"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    dim = Param(
        None,
        kind="ints",
        low=-8,
        high=7,
        help="Which axis (or axes) to leave out; nothing means all of size 1.",
    )
    examples = (
        Example(x=(2, 1, 3, 1)),
        Example({"dim": -1}, x=(4, 1)),
        Example({"dim": 1}, x=(4, 3)),
        Example({"dim": (0, 2)}, x=(1, 3, 1, 2)),
        Example(x=(1, 1)),
        Example(x=()),
        Example({"dim": 1}, x=(0, 1)),
    )
    onnx = ("Squeeze",)

    def shape_of(self, shape: Shape) -> Shape:
        if self.dim is None:
            named = set(range(len(shape)))
        else:
            dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
            named = {axis_of(dim, len(shape), socket="x") for dim in dims}
        open_sizes = [shape[i] for i in named if isinstance(shape[i], Dim)]
        if open_sizes:
            raise ShapeError(
                f"Whether the axis of open size {open_sizes[0]} of x ({shape_text(shape)}) goes depends on its size.",
                hint="Name in dim the axis that is to go.",
                socket="x",
            )
        return tuple(size for i, size in enumerate(shape) if i not in named or size != 1)

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        return [{"dim": axis - given.ndim} for axis in reversed(range(given.ndim)) if given.shape[axis] == 1]

    def emit_torch(self, **names: str) -> str:
        return f"torch.squeeze({names['x']}{'' if self.dim is None else f', {self.dim}'})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, axes = (*inputs, None)[:2]
        return ({} if axes is None else {"dim": axes_of(axes)}), {"x": x}


@register
class Unsqueeze(_View):
    """Puts in an axis of size 1, e.g. N becomes N×1. (torch.unsqueeze)

    `dim` counts in the result. Several may be given at once.
    """

    formula = "y = x with an axis of size 1"
    latex = r"y_{n,1} = x_{n}"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    dim = Param(-1, kind="ints", low=-8, high=7, help="Where the new axis (or axes) stand in the result.")
    examples = (
        Example(x=(4,)),
        Example({"dim": 0}, x=(2, 3)),
        Example({"dim": 1}, x=(2, 3)),
        Example({"dim": (0, -1)}, x=(2, 3)),
        Example({"dim": 0}, x=()),
        Example(x=(0, 2)),
    )
    onnx = ("Unsqueeze",)

    def shape_of(self, shape: Shape) -> Shape:
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        count = len(shape) + len(dims)
        places = {axis_of(dim, count, socket="x") for dim in dims}
        if len(places) < len(dims):
            raise ShapeError(
                f"dim {self.dim} names one axis of the result twice.", hint="Name each axis once.", socket="x"
            )
        rest = iter(shape)
        return tuple(1 if i in places else next(rest) for i in range(count))

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """Up to the number of axes of what lies beside it."""
        if beside and given.ndim >= max(spec.ndim for spec in beside):
            return ()
        return ({}, {"dim": 1}) if given.ndim else ({},)

    def emit_torch(self, **names: str) -> str:
        if isinstance(self.dim, int):
            return f"torch.unsqueeze({names['x']}, {self.dim})"
        if all(dim >= 0 for dim in self.dim):
            text = names["x"]
            for dim in sorted(self.dim):
                text = f"torch.unsqueeze({text}, {dim})"
            return text
        return ""

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, axes = inputs
        return {"dim": axes_of(axes)}, {"x": x}


def axes_of(axes: Any) -> tuple[int, ...]:
    """ONNX axes as a tuple. Unsupported when they are computed."""
    return tuple(int(axis) for axis in np.ravel(constant(axes, "axes")))
