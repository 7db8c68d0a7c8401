"""Keeping a part of a value, by range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import FeedError, ParamError, ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .footprint import Footprint, by_weights
from .interchange import constant
from .registry import register
from .spec import Dim, Size, axis_of

FAR = 2**31 - 1  # beyond the end of any axis


@register
class Slice(Op):
    """Keeps the elements from `start` up to, but not including, `end`, in steps of `step`: Python's x[start:end:step].

    Negative numbers count from the end. Several axes may be cut at once: give tuples. The rest of x gets no gradient.
    """

    synonyms = ("Narrow",)
    category = "Shape"
    formula = "y = x[start:end:step]"
    latex = r"y_i = x_{\mathrm{start} + i\,\mathrm{step}}"
    derivative = r"\frac{\partial y_i}{\partial x_j} = [j = \mathrm{start} + i\,\mathrm{step}]"
    inputs = (Socket("x", kind="any"),)
    dim = Param(1, kind="ints", low=-8, high=7, help="Which axis (or axes) to cut.")
    start = Param(
        0, kind="ints", low=-FAR, high=FAR, help="The first element to keep; negative: from the end."
    )
    end = Param(
        None,
        kind="ints",
        low=-FAR,
        high=FAR,
        help="The first element not to keep; nothing: keep all up to the end.",
    )
    step = Param(1, kind="ints", low=-FAR, high=FAR, help="Keep every so-manieth; negative: backwards.")
    examples = (
        Example({"start": 1}, x=(2, 4)),
        Example({"dim": 0, "start": 1, "end": 4, "step": 2}, x=(6, 2)),
        Example({"dim": -1, "start": -3, "end": -1}, x=(2, 5)),
        Example({"dim": (0, 2), "start": (1, 0), "end": (3, 100), "step": (1, 2)}, x=(4, 2, 3)),
        Example({"start": -1, "end": -100, "step": -1}, x=(2, 3)),
        Example({"start": 2, "end": 2}, x=(2, 3)),
        Example({"dim": 0}, x=(0, 3)),
        Example({"dim": 0, "end": 1}, x=(1,)),
    )
    onnx = ("Slice",)
    cost = 0
    saved = ()

    def check(self) -> None:
        cuts = self._cuts
        if any(step == 0 for _, _, _, step in cuts):
            raise ParamError("Slice.step cannot be 0.", hint="Use 1 to keep every element.")

    @property
    def _cuts(self) -> list[tuple[int, int, int | None, int]]:
        """(axis, start, end, step) for each axis."""
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        ends = self._each("end", len(dims), (None,) * len(dims))
        columns = (dims, self._each("start", len(dims)), ends, self._each("step", len(dims)))
        return list(zip(*columns, strict=True))

    def _each(self, name: str, count: int, missing: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        value = self.params[name]
        if value is None:
            return missing
        values = value if isinstance(value, tuple) else (value,) * count
        if len(values) != count:
            raise ParamError(
                f"Slice.{name} has {len(values)} numbers for {count} axes.",
                hint="Give one for each axis of dim.",
            )
        return values

    def infer(self, x: Spec) -> Spec:
        sizes, seen = list(x.shape), set()
        for dim, start, end, step in self._cuts:
            axis = axis_of(dim, x.ndim, socket="x")
            if axis in seen:
                raise ShapeError(
                    f"dim {self.dim} names axis {axis} twice.", hint="Name each axis once.", socket="x"
                )
            seen.add(axis)
            sizes[axis] = self._length(x, x.shape[axis], start, end, step)
        return x.with_shape(*sizes)

    def _length(self, x: Spec, size: Size, start: int, end: int | None, step: int) -> Size:
        if isinstance(size, int):
            return len(range(size)[start:end:step])
        if end == FAR:
            end = None
        if step != 1:
            raise self._open(x, size)
        from_end, to_end = start < 0, end is None or end < 0
        last = 0 if end is None else end
        if from_end == to_end:  # the size does not matter
            return max(0, last - start)
        if from_end:
            raise self._open(x, size)
        return size + (last - start)

    def _open(self, x: Spec, size: Dim) -> ShapeError:
        return ShapeError(
            f"How much of the open size {size} of x ({x}) is kept cannot be said for every {size}.",
            hint="Cut an axis of fixed size, or keep all from a start on in steps of 1.",
            socket="x",
        )

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        kept = np.arange(x[axis])
        for dim, start, end, step in self._cuts:
            if dim % len(x) == axis:
                kept = kept[start:end:step]
        return by_weights(kept[:, None] == np.arange(x[axis]))

    def reads(self, *, y: tuple[int, ...], **others: tuple[int, ...]) -> dict[str, int]:
        return {"x": math.prod(y)}

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        cuts = [":"] * len(shapes["x"])
        for dim, start, end, step in self._cuts:
            last = "" if end is None else str(end)
            cuts[dim] = f"{start or ''}:{last}" if step == 1 else f"{start}:{last}:{step}"
        index = ", ".join(cuts)
        return Recipe(f"y = x[{index}]", f"dx = np.zeros_like(x)\ndx[{index}] = dy")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        kept = x[self._index(x)]
        if kept.shape != y.shape:
            axis = next(i for i, (a, b) in enumerate(zip(kept.shape, y.shape, strict=True)) if a != b)
            raise FeedError(
                f"Axis {axis} of x ({Spec(x.shape)}) is {x.shape[axis]} long, too short for {y.shape[axis]} elements "
                f"from {self.start} up to {self.end}.",
                hint="Feed more at a time, or choose another start or end.",
            )
        np.copyto(y, kept)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        kept = self._index(x)
        for place in self._outside(x, kept):
            np.copyto(dx[place], 0)
        np.copyto(dx[kept], dy)

    def _outside(self, x: Array, kept: tuple[slice, ...]) -> list[tuple[slice, ...]]:
        """Parts that cover what is not kept: before and behind it where one axis is cut without gaps, else all."""
        ranges = [range(size)[part] for part, size in zip(kept, x.shape, strict=True)]
        cut = [axis for axis, size in enumerate(x.shape) if len(ranges[axis]) < size]
        if len(cut) != 1 or ranges[cut[0]].step != 1:
            return [()] if cut else []
        front, inside = (slice(None),) * cut[0], ranges[cut[0]]
        return [(*front, slice(0, inside.start)), (*front, slice(inside.stop, x.shape[cut[0]]))]

    def _index(self, x: Array) -> tuple[slice, ...]:
        index = [slice(None)] * x.ndim
        for dim, start, end, step in self._cuts:
            index[dim] = slice(start, end, step)
        return tuple(index)

    def emit_torch(self, **names: str) -> str:
        """PyTorch has no negative steps, so those become indices."""
        text = names["x"]
        for dim, start, end, step in self._cuts:
            cut = f"slice({start}, {end}, {step})"
            if step < 0:
                kept = f"torch.tensor(list(range({names['x']}.shape[{dim}]))[{cut}], dtype=torch.long)"
                text = f"torch.index_select({text}, {dim}, {kept})"
            else:
                text = f"{text}[(slice(None),) * ({dim} % {names['x']}.ndim) + ({cut},)]"
        return text

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, starts, ends, axes, steps = (*inputs, None, None)[:5]
        names = {"start": starts, "end": ends, "dim": axes, "step": steps}
        params = {
            name: tuple(max(-FAR, min(FAR, int(number))) for number in np.ravel(constant(value, name)))
            for name, value in names.items()
            if value is not None
        }
        params.setdefault("dim", tuple(range(len(params["start"]))))
        return params, {"x": x}
