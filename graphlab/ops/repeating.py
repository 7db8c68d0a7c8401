"""The same elements in another place along their axes, or several times over: tiled, turned round, moved on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .example import classes
from .interchange import constant
from .recipe import sizes_text
from .registry import register
from .spec import axis_of


@register
class Tile(Op):
    """Puts x side by side with copies of itself: repeats (2, 3) makes two rows of three. (torch.tile)

    `repeats` counts from the last axis; more of them than x has axes make new ones in front. Each element gets the sum
    of its copies' gradients. A single number repeats along the last axis.
    """

    synonyms = ("Repeat",)
    category = "Shape"
    saved = ()
    formula = "y = x, several times side by side"
    latex = r"y_{i} = x_{i\,\mathrm{mod}\,n}"
    derivative = r"\frac{\partial \ell}{\partial x_j} = \sum_{i\,\mathrm{mod}\,n = j} \bar{y}_i"
    inputs = (Socket("x"),)
    repeats = Param(
        2, kind="ints", low=1, high=65536, help="How many times along each axis, the last one last."
    )
    examples = (
        Example(x=(4, 3)),
        Example({"repeats": (2, 3)}, x=(2, 3)),
        Example({"repeats": (3, 1, 2)}, x=(2, 2)),
        Example({"repeats": (2, 1)}, x=(2, 3, 2)),
        Example({"repeats": 3}, x=()),
        Example({"repeats": (2, 2)}, x=(0, 1)),
    )
    torch = "torch.tile({x}, {times})"
    onnx = ("Tile",)

    def _times(self, ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """(repetitions along new axes in front, along the axes of x)."""
        times = self.repeats if isinstance(self.repeats, tuple) else (self.repeats,)
        new = max(0, len(times) - ndim)
        return times[:new], (1,) * (ndim - len(times)) + times[new:]

    def infer(self, x: Spec) -> Spec:
        new, times = self._times(x.ndim)
        return x.with_shape(*new, *(size * count for size, count in zip(x.shape, times, strict=True)))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        new, times = self._times(len(shapes["x"]))
        apart = (*new, *(size for pair in zip(times, shapes["x"], strict=True) for size in pair))
        axes = (*range(len(new)), *(len(new) + 2 * i for i in range(len(times))))
        return Recipe("y = np.tile(x, repeats)", f"dx = dy.reshape({sizes_text(apart)}).sum(axis={axes})")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(self._apart(y, x.shape), x.reshape(self._beside(x.shape)))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            new = len(self._times(x.ndim)[0])
            axes = (*range(new), *(new + 2 * i for i in range(x.ndim)))
            np.add.reduce(self._apart(dy, x.shape), axis=axes, out=dx)

    def _beside(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """x's shape with an axis of 1 before each."""
        return tuple(size for n in shape for size in (1, n))

    def _apart(self, y: Array, shape: tuple[int, ...]) -> Array:
        """y with the repetitions on axes of their own."""
        new, times = self._times(len(shape))
        return y.reshape(*new, *(size for pair in zip(times, shape, strict=True) for size in pair))

    def emit_torch(self, **names: str) -> str:
        times = self.repeats if isinstance(self.repeats, tuple) else (self.repeats,)
        return super().emit_torch(**names, times=str(times))

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, repeats = inputs
        return {"repeats": tuple(int(count) for count in constant(repeats, "repeats"))}, {"x": x}


class _Moved(Op):
    """The same elements, in other places of the axes `dim`."""

    category = "Shape"
    inputs = (Socket("x", kind="any"),)

    def axes(self, ndim: int, dim: Any) -> tuple[int, ...]:
        """The axes named, counted from the front. ShapeError."""
        dims = dim if isinstance(dim, tuple) else (dim,)
        axes = tuple(axis_of(d, ndim, socket="x") for d in dims)
        if len(set(axes)) < len(axes):
            raise ShapeError(f"dim {dim} names an axis twice.", hint="Name each axis once.", socket="x")
        return axes


@register
class Flip(_Moved):
    """Turns the order of elements round along one axis or several: mirrors images, reverses sequences. (torch.flip)"""

    synonyms = ("Reverse",)
    saved = ()
    formula = "yᵢ = xₙ₋₁₋ᵢ"
    latex = r"y_i = x_{n-1-i}"
    derivative = r"\frac{\partial y_i}{\partial x_{n-1-i}} = 1"
    dim = Param(-1, kind="ints", low=-8, high=7, help="Which axis (or axes) to turn round; -1 is the last.")
    examples = (
        Example(x=(4, 3)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": (0, -1)}, x=(2, 3, 4)),
        Example({"dim": 0}, x=(1,)),
        Example(x=classes(2, 3, count=5)),
        Example(x=(2, 0)),
    )
    numpy = Recipe("y = np.flip(x, axis=dim)", "dx = np.flip(dy, axis=dim)")

    def infer(self, x: Spec) -> Spec:
        self.axes(x.ndim, self.dim)
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x[self._turned(x.ndim)])

    def backward(self, ctx: Context, dy: Array | None, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None and dy is not None:
            np.copyto(dx, dy[self._turned(x.ndim)])

    def _turned(self, ndim: int) -> tuple[slice, ...]:
        axes = self.axes(ndim, self.dim)
        return tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(ndim))

    def emit_torch(self, **names: str) -> str:
        return f"torch.flip({names['x']}, {self.dim if isinstance(self.dim, tuple) else (self.dim,)})"


@register
class Roll(_Moved):
    """Moves all elements on along an axis; what falls over the end comes back at the beginning. (torch.roll)

    A shift of 1 puts each element where the next one was. Next to x itself it gives neighbours, e.g. of a ring.
    """

    saved = ()
    formula = "yᵢ = x of (i − shifts) mod n"
    latex = r"y_i = x_{(i-s)\,\mathrm{mod}\,n}"
    derivative = r"\frac{\partial y_i}{\partial x_{(i-s)\,\mathrm{mod}\,n}} = 1"
    shifts = Param(1, low=-(2**31), high=2**31, symbol="s", help="How far; negative: towards the beginning.")
    dim = Param(-1, low=-8, high=7, help="Along which axis; -1 is the last.")
    examples = (
        Example(x=(4, 3)),
        Example({"shifts": -2, "dim": 0}, x=(4, 3)),
        Example({"shifts": 7, "dim": 1}, x=(2, 3, 4)),
        Example({"dim": 0}, x=(1,)),
        Example(x=classes(2, 3, count=5)),
        Example(x=(2, 0)),
    )
    torch = "torch.roll({x}, {shifts}, {dim})"
    numpy = Recipe("y = np.roll(x, shifts, axis=dim)", "dx = np.roll(dy, -shifts, axis=dim)")

    def infer(self, x: Spec) -> Spec:
        self.axes(x.ndim, self.dim)
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        for target, source in self._parts(x):
            np.copyto(y[target], x[source])

    def backward(self, ctx: Context, dy: Array | None, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None and dy is not None:
            for source, target in self._parts(x):
                np.copyto(dx[target], dy[source])

    def _parts(self, x: Array) -> list[tuple[tuple[slice, ...], tuple[slice, ...]]]:
        """(where in y, from where in x) of the two parts that keep together."""
        axis = self.dim % x.ndim
        size = x.shape[axis]
        shift = self.shifts % size if size else 0
        before: tuple[slice, ...] = (slice(None),) * axis
        return [
            ((*before, slice(shift, None)), (*before, slice(None, size - shift))),
            ((*before, slice(None, shift)), (*before, slice(size - shift, None))),
        ]
