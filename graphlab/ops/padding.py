"""Padding: more elements around a value, or fewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .footprint import Footprint, by_weights, shifted
from .interchange import constant
from .registry import register
from .spec import Dim, Size

ONNX_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@register
class Pad(Op):
    """Puts elements around x: a number, its mirror image, its border, or its other end. (torch.nn.functional.pad)

    `pad` counts from the last axis: (left, right, top, bottom, …). With mode constant, a negative number cuts off. The
    gradient of a mirrored or repeated element goes back to where it came from.
    """

    synonyms = ("ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad")
    category = "Shape"
    formula = "y = x with more around it"
    latex = r"y_{i} = x_{i-p}"
    derivative = r"\frac{\partial y_{i}}{\partial x_{i-p}} = 1"
    inputs = (Socket("x"),)
    pad = Param(
        (1, 1, 1, 1),
        kind="ints",
        low=-65536,
        high=65536,
        help="How many at each end: left, right, top, bottom, …, from the last axis on.",
    )
    mode = Param(
        "constant",
        choices=("constant", "reflect", "replicate", "circular"),
        help="A number, the mirror image without the border itself, the border, or the other end.",
    )
    value = Param(0.0, help="The number that mode constant puts there.")
    examples = (
        Example(x=(2, 3, 3)),
        Example({"pad": (2, 0), "value": 1.5}, x=(2, 3)),
        Example({"pad": (-1, 2, 0, -1)}, x=(2, 3, 4)),
        Example({"pad": (2, 1, 1, 1), "mode": "reflect"}, x=(1, 2, 3, 4)),
        Example({"pad": (3, 1), "mode": "replicate"}, x=(2, 1, 2)),
        Example({"pad": (2, 1, 0, 2), "mode": "circular"}, x=(1, 2, 2, 3)),
        Example({"pad": (0, 0)}, x=(1,)),
        Example({"pad": (1, 1)}, x=(0, 2)),
        Example({"pad": (1, 0)}, x=(2, 0)),
    )
    onnx = ("Pad",)
    cost = 0
    saved = ()

    def check(self) -> None:
        pad = self.pad
        if isinstance(pad, int) or len(pad) % 2:
            raise ParamError(
                f"Pad.pad {pad} is not one number for each end of each axis.",
                hint="Give pairs from the last axis on: left, right, top, bottom.",
            )
        if self.mode != "constant" and min(pad) < 0:
            raise ParamError(
                f"Pad.pad {pad} cuts off, which mode {self.mode} cannot.", hint="Choose mode constant."
            )

    def _ends(self, ndim: int) -> list[tuple[int, int, int]]:
        """(axis, before, behind) for each padded axis."""
        pairs = zip(self.pad[::2], self.pad[1::2], strict=True)
        return [(ndim - 1 - i, before, behind) for i, (before, behind) in enumerate(pairs)]

    def infer(self, x: Spec) -> Spec:
        if len(self.pad) > 2 * x.ndim:
            raise ShapeError(
                f"pad {self.pad} is for {len(self.pad) // 2} axes, but x ({x}) has {x.ndim}.",
                hint="Give fewer pairs.",
                socket="x",
            )
        sizes = list(x.shape)
        for axis, before, behind in self._ends(x.ndim):
            self._require_room(x, axis, before, behind)
            sizes[axis] = sizes[axis] + (before + behind)
        return x.with_shape(*sizes)

    def _require_room(self, x: Spec, axis: int, before: int, behind: int) -> None:
        """ShapeError where there are not enough elements to mirror, to repeat or to cut off."""
        size: Size = x.shape[axis]
        most = max(before, behind)
        if self.mode == "constant":
            enough = isinstance(size, Dim) or (
                size + before + behind >= 0 and size + min(before, 0) >= 0 and size + min(behind, 0) >= 0
            )
        elif isinstance(size, Dim):
            enough = most == 0
        else:
            needed = {"reflect": most + 1, "circular": most, "replicate": 1}[self.mode]
            enough = most == 0 or size >= needed
        if not enough:
            raise ShapeError(
                f"Axis {axis} of x ({x}) is {size} long: too short for pad ({before}, {behind}) in mode {self.mode}.",
                hint="Cut off less." if self.mode == "constant" else "Use less padding, or mode constant.",
                socket="x",
            )

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        shape = shapes["x"]
        if self.mode == "constant":
            return self._recipe_of_constant(shape)
        widths = [(0, 0)] * len(shape)
        for axis, before, behind in self._ends(len(shape)):
            widths[axis] = (before, behind)
        mode = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[self.mode]
        return Recipe(
            f'y = np.pad(x, {widths}, mode="{mode}")',
            f"""
            places = np.pad(np.arange(x.size).reshape(x.shape), {widths}, mode="{mode}")
            dx = np.zeros_like(x)
            np.add.at(dx.reshape(-1), places, dy)
            """,
        )

    def _recipe_of_constant(self, shape: tuple[int, ...]) -> Recipe:
        widths, inner, outer = [(0, 0)] * len(shape), [":"] * len(shape), [":"] * len(shape)
        for axis, before, behind in self._ends(len(shape)):
            widths[axis] = (max(0, before), max(0, behind))
            inner[axis] = f"{max(0, -before) or ''}:{min(0, behind) or ''}"
            outer[axis] = f"{max(0, before) or ''}:{-max(0, behind) or ''}"
        part, whole = ", ".join(inner), ", ".join(outer)
        is_cut = min(self.pad) < 0
        source = f"x[{part}]" if is_cut else "x"
        back = f"dx = np.zeros_like(x)\ndx[{part}] = dy[{whole}]" if is_cut else f"dx = dy[{whole}]"
        number = f", constant_values={self.value}" if self.value else ""
        return Recipe(f"y = np.pad({source}, {widths}{number})", back)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        inner, outer = self._meeting(x.shape)
        if self.mode == "constant":
            np.copyto(y, self.value)
        np.copyto(y[outer], x[inner])
        if self.mode != "constant":
            for target, source in self._borders(y.shape):
                np.copyto(y[target], y[source])

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        inner, outer = self._meeting(x.shape)
        upstream = dy
        if self.mode != "constant":
            upstream = ctx.scratch("upstream", dy.shape)
            np.copyto(upstream, dy)
            for target, source in reversed(list(self._borders(y.shape))):
                origin = upstream[source]
                np.add(origin, upstream[target], origin)
        elif min(self.pad) < 0:
            np.copyto(dx, 0)
        np.copyto(dx[inner], upstream[outer])

    def _meeting(self, shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """The part of x that is kept, and where in y it lies."""
        inner, outer = [slice(None)] * len(shape), [slice(None)] * len(shape)
        for axis, before, behind in self._ends(len(shape)):
            size = shape[axis]
            inner[axis] = slice(max(0, -before), size - max(0, -behind))
            outer[axis] = slice(max(0, before), max(0, before) + size - max(0, -before) - max(0, -behind))
        return tuple(inner), tuple(outer)

    def _borders(self, shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
        """(what of y is filled, from what of y), in an order in which the latter is there already.

        Where the border repeats, one element at a time, so that the gradients of all are summed.
        """
        for axis, before, behind in self._ends(len(shape)):
            front: tuple[slice, ...] = (slice(None),) * axis
            end = shape[axis] - behind
            for target, source in _runs(self.mode, before, end, shape[axis]):
                yield (*front, target), (*front, source)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        ends = {place: (before, behind) for place, before, behind in self._ends(len(x))}
        before, behind = ends.get(axis, (0, 0))
        if self.mode == "constant":
            return shifted(x[axis], y[axis], -before)
        mode = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[self.mode]
        came = np.pad(np.arange(x[axis]), (before, behind), mode=mode)  # type: ignore[call-overload]
        return by_weights(came[:, None] == np.arange(x[axis]))

    def workspace(self, x: tuple[int, ...], **others: tuple[int, ...]) -> int:
        if self.mode == "constant":
            return 0
        sizes = list(x)
        for axis, before, behind in self._ends(len(x)):
            sizes[axis] += before + behind
        return int(np.prod(sizes))

    def emit_torch(self, **names: str) -> str:
        value = f", value={self.value}" if self.mode == "constant" else ""
        return f"F.pad({names['x']}, {self.pad}, mode='{self.mode}'{value})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, pads, value, axes = (*inputs, None, None, None)[:4]
        mode = ONNX_MODES.get(attributes.get("mode", "constant"))
        if mode is None:
            raise Unsupported(f"{kind} has a mode {attributes['mode']} that Pad does not have.")
        numbers = [int(number) for number in constant(pads, "pads")]
        half = len(numbers) // 2
        pairs = dict(enumerate(zip(numbers[:half], numbers[half:], strict=True)))
        if axes is not None:
            ndim = getattr(x, "ndim", None)
            named = [int(axis) for axis in constant(axes, "axes")]
            if ndim is None:
                raise Unsupported(f"{kind} names axes of something whose shape is not known.")
            pairs = dict.fromkeys(range(ndim), (0, 0)) | {
                axis % ndim: pairs[i] for i, axis in enumerate(named)
            }
        pad = tuple(number for axis in sorted(pairs, reverse=True) for number in pairs[axis])
        fill = 0.0 if value is None else float(np.ravel(constant(value, "constant_value"))[0])
        return {"pad": pad, "mode": mode, "value": fill}, {"x": x}


def _runs(mode: str, before: int, end: int, size: int) -> Iterator[tuple[slice, slice]]:
    """Along one axis: what is filled before the part from `before` to `end` and behind it, and from where."""
    if mode == "circular":
        if before:
            yield slice(0, before), slice(end - before, end)
        if size > end:
            yield slice(end, size), slice(before, before + size - end)
        return
    for distance in range(1, before + 1):
        place, origin = before - distance, before + (distance if mode == "reflect" else 0)
        yield slice(place, place + 1), slice(origin, origin + 1)
    for distance in range(1, size - end + 1):
        place, origin = end - 1 + distance, end - 1 - (distance if mode == "reflect" else 0)
        yield slice(place, place + 1), slice(origin, origin + 1)
