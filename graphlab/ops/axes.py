"""Operations that put axes in another order, or repeat along them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .elementwise import repeats
from .interchange import constant
from .recipe import sizes_text, summing
from .registry import register
from .spec import Shape, Size, axis_of, shape_text

_LINES = 8  # cache lines at the same place of their pages that the first-level cache holds at once
_PAGE = 4096  # bytes
_FAR = 512  # bytes between neighbours of a row, from which on each row is gathered from lines far apart


class _Turned(Op):
    """x with its axes in another order."""

    category = "Shape"
    inputs = (Socket("x", kind="any"),)
    adapts = True
    cost = 0
    saved = ()

    def order(self, ndim: int) -> tuple[int, ...]:
        """Which axis of x stands at each place of y. ShapeError when there is no such axis."""
        raise TypeError(f"{type(self).__name__} has no order")

    def infer(self, x: Spec) -> Spec:
        return x.with_shape(*(x.shape[axis] for axis in self.order(x.ndim)))

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        _gather(x.transpose(self.order(x.ndim)), y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            order = self.order(x.ndim)
            _gather(dy.transpose([order.index(axis) for axis in range(x.ndim)]), dx)


@register
class Transpose(_Turned):
    """Swaps two axes, e.g. the rows and columns of a matrix. (torch.transpose)"""

    synonyms = ("SwapAxes",)
    formula = "y = xᵀ"
    latex = r"y = x^\top,\quad y_{ij} = x_{ji}"
    derivative = r"\frac{\partial \ell}{\partial x} = \bar{y}^\top"
    dim0 = Param(-2, low=-8, high=7, help="One axis.")
    dim1 = Param(-1, low=-8, high=7, help="The axis it changes places with.")
    examples = (
        Example(x=(2, 3)),
        Example({"dim0": 0, "dim1": 2}, x=(2, 3, 4)),
        Example({"dim0": 1, "dim1": 1}, x=(2, 3)),
        Example({"dim0": 0, "dim1": -1}, x=(1, 4)),
        Example(x=(2, 0, 3)),
        Example({"dim0": 0, "dim1": 0}, x=(3,)),
    )
    torch = "torch.transpose({x}, {dim0}, {dim1})"
    numpy = Recipe("y = x.swapaxes(dim0, dim1)", "dx = dy.swapaxes(dim0, dim1)")

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """The last two axes, and in three the first two: sequences may have the batch behind the steps."""
        return ({}, {"dim0": 0, "dim1": 1})[: max(given.ndim - 1, 0)]

    def order(self, ndim: int) -> tuple[int, ...]:
        first, second = (axis_of(dim, ndim, socket="x") for dim in (self.dim0, self.dim1))
        axes = list(range(ndim))
        axes[first], axes[second] = second, first
        return tuple(axes)


@register
class Permute(_Turned):
    """Puts the axes in another order, e.g. images N×H×W×C into N×C×H×W by dims (0, 3, 1, 2). (torch.permute)"""

    formula = "y = x with its axes in another order"
    latex = r"y_{n,c,h,w} = x_{n,h,w,c}"
    derivative = r"\frac{\partial \ell}{\partial x_{n,h,w,c}} = \bar{y}_{n,c,h,w}"
    dims = Param(
        None,
        kind="ints",
        low=-8,
        high=7,
        help="Which axis of x comes first, second, …; nothing turns them all round.",
    )
    examples = (
        Example({"dims": (0, 3, 1, 2)}, x=(2, 3, 4, 2)),
        Example(x=(2, 3, 4)),
        Example({"dims": (-1, 0)}, x=(2, 3)),
        Example({"dims": (1, 0, 2)}, x=(1, 2, 0)),
        Example({"dims": 0}, x=(3,)),
        Example(x=()),
    )
    onnx = ("Transpose",)
    onnx_params = {"perm": "dims"}

    def order(self, ndim: int) -> tuple[int, ...]:
        if self.dims is None:
            return tuple(reversed(range(ndim)))
        dims = self.dims if isinstance(self.dims, tuple) else (self.dims,)
        axes = tuple(axis_of(dim, ndim, socket="x") for dim in dims)
        if len(axes) != ndim or len(set(axes)) != ndim:
            raise ShapeError(
                f"dims {dims} do not name each of x's {ndim} axes once.",
                hint=f"Give the numbers 0 to {ndim - 1} in the order you want."
                if ndim
                else "Leave dims empty.",
                socket="x",
            )
        return axes

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """Images with their few channels behind into such with their channels in front."""
        is_image = given.ndim == 4 and all(isinstance(size, int) for size in given.shape[1:])
        return ({"dims": (0, 3, 1, 2)},) if is_image and given.shape[3] < min(given.shape[1:3]) else ()

    def emit_torch(self, **names: str) -> str:
        if self.dims is None:
            return f"torch.permute({names['x']}, tuple(reversed(range({names['x']}.ndim))))"
        return f"torch.permute({names['x']}, {self.dims if isinstance(self.dims, tuple) else (self.dims,)})"

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        order = self.order(len(shapes["x"]))
        back = [order.index(axis) for axis in range(len(order))]
        return Recipe(f"y = x.transpose({sizes_text(order)})", f"dx = dy.transpose({sizes_text(back)})")


@register
class Expand(Op):
    """Repeats x along axes of size 1, and along new ones in front. (torch.Tensor.expand)

    In `shape`, -1 keeps the size that x has there, and N is the size of its first axis. The gradient is summed over
    the repetitions.
    """

    synonyms = ("BroadcastTo",)
    category = "Shape"
    formula = "y = x, repeated to a shape"
    latex = r"y_{ij} = x_{j}"
    derivative = r"\frac{\partial \ell}{\partial x_j} = \sum_i \bar{y}_{ij}"
    inputs = (Socket("x"),)
    shape = Param(
        (2, -1),
        kind="shape",
        low=-1,
        help="The sizes of the result; -1 keeps x's, N is that of its first axis.",
    )
    examples = (
        Example(x=(3,)),
        Example({"shape": (4, 3)}, x=(1, 3)),
        Example({"shape": ("N", 5)}, x=(4, 1)),
        Example({"shape": (2, -1, 3, -1)}, x=(4, 1, 2)),
        Example({"shape": (2, 3)}, x=()),
        Example({"shape": (-1, -1)}, x=(2, 3)),
        Example({"shape": (3, -1, 2)}, x=(0, 1)),
    )
    onnx = ("Expand",)
    cost = 0
    saved = ()

    def check(self) -> None:
        if any(size == 0 or (isinstance(size, str) and size != "N") for size in self.shape):
            raise ParamError(
                f"Expand.shape ({shape_text(self.shape)}) cannot be worked out.", hint="Use sizes, -1 or N."
            )

    def infer(self, x: Spec) -> Spec:
        new = len(self.shape) - x.ndim
        if new < 0 or -1 in self.shape[:new]:
            raise self._misfit(x, "it has more axes" if new < 0 else "-1 stands where x has no axis")
        if "N" in self.shape and not x.ndim:
            raise self._misfit(x, "a scalar has no first axis N")
        asked: list[Size] = [x.shape[0] if size == "N" else size for size in self.shape]
        sizes = (*asked[:new], *(self._size(x, a, b) for a, b in zip(asked[new:], x.shape, strict=True)))
        return x.with_shape(*sizes)

    def _size(self, x: Spec, asked: Size, has: Size) -> Size:
        if asked == -1 or asked == has:
            return has
        if has == 1:
            return asked
        raise self._misfit(x, f"{has} cannot be repeated to {asked}")

    def _misfit(self, x: Spec, why: str) -> ShapeError:
        return ShapeError(
            f"x ({x}) cannot be expanded to {shape_text(self.shape)}: {why}.",
            hint="Only axes of size 1 can be repeated, and new ones come in front; an Unsqueeze puts one elsewhere.",
            socket="x",
        )

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return repeats(wanted, shapes)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return summing(Recipe(f"y = np.broadcast_to(x, {shapes['y']})", "dx = dy"), shapes)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            unbroadcast(dy, dx, ctx)

    def emit_torch(self, **names: str) -> str:
        sizes = ", ".join(f"{names['x']}.shape[0]" if size == "N" else str(size) for size in self.shape)
        return f"{names['x']}.expand({sizes})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """ONNX broadcasts both ways: a 1 there leaves x's size as it is, and so do axes that it leaves out."""
        x, shape = inputs
        asked = [int(size) for size in constant(shape, "shape")]
        known: Shape | None = getattr(x, "shape", None)
        if known is None:
            return {"shape": tuple(asked)}, {"x": x}
        missing = [1] * (len(known) - len(asked))
        asked = missing + asked
        new = len(asked) - len(known)
        kept = [-1 if i >= new and size == 1 else size for i, size in enumerate(asked)]
        return {"shape": tuple(kept)}, {"x": x}


def _gather(source: Array, out: Array) -> None:
    """Copies what lies in memory in another order than `out`: a few columns at a time where rows are scattered.

    The next row finds its numbers in the lines that this one has brought into the cache, if they are still there. Lines
    a power of two apart drive each other out soon.
    """
    if source.ndim < 2 or source.strides[-1] < _FAR:
        np.copyto(out, source)
        return
    width = min(64, _LINES * (_PAGE // math.gcd(_PAGE, source.strides[-1])))
    for k in range(0, source.shape[-1], width):
        np.copyto(out[..., k : k + width], source[..., k : k + width])
