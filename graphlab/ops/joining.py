"""Operations that put several values together, or take one apart into several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError, Unsupported
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .footprint import Footprint, itself
from .interchange import constant
from .merging import listed
from .registry import register
from .spec import Dim, Shape, Size, axis_of


class _Joined(Op):
    """Any number of values that become one."""

    category = "Shape"
    grows = "count"
    inputs = (Socket("x1"), Socket("x2"))
    count = Param(2, low=1, high=32, help="How many inputs there are.")
    cost = 0
    saved = ()

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(f"x{i}") for i in range(1, self.count + 1))


@register
class Concat(_Joined):
    """Puts several values side by side along one axis, e.g. the features N×3 and N×5 into N×8.

    All other sizes must agree. Each input gets its own part of the gradient back. (torch.cat)
    """

    synonyms = ("Cat",)
    formula = "y = [x1, x2, …]"
    latex = r"y = [x_1, x_2, \ldots]"
    derivative = r"\frac{\partial y}{\partial x_i} = 1"
    dim = Param(1, low=-8, high=7, help="The axis along which they are joined; 0 is the batch.")
    examples = (
        Example(x1=(4, 3), x2=(4, 2)),
        Example({"dim": 0}, x1=(1, 3), x2=(4, 3)),
        Example({"count": 3, "dim": -1}, x1=(2, 2, 1), x2=(2, 2, 3), x3=(2, 2, 2)),
        Example({"count": 1}, x1=(2, 3)),
        Example({"dim": 0}, x1=(3,), x2=(1,)),
        Example(x1=(2, 0), x2=(2, 3)),
    )
    onnx = ("Concat",)
    onnx_params = {"axis": "dim"}

    def infer(self, **xs: Spec) -> Spec:
        first = xs["x1"]
        axis = axis_of(self.dim, first.ndim, socket="x1")
        length: Size = 0
        for name, x in xs.items():
            if x.ndim != first.ndim or _without(x.shape, axis) != _without(first.shape, axis):
                raise ShapeError(
                    f"Cannot join x1 ({first}) and {name} ({x}) along axis {axis}: their other sizes differ.",
                    hint="Make them equal, or choose another dim.",
                    socket=name,
                )
            length = length + x.shape[axis]
        return first.with_shape(*first.shape[:axis], length, *first.shape[axis + 1 :])

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis]) if axis != self.dim % len(x) else None

    def formula_latex(self) -> str:
        return f"y = [{listed(self.sockets(), ',')}]"

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = [socket.name for socket in self.sockets()]
        ends = np.cumsum([shapes[name][self.dim] for name in names]).tolist()
        parts = f"np.split(dy, {ends[:-1]}, axis=dim)" if len(names) > 1 else "dy"
        return Recipe(
            f"y = np.concatenate([{', '.join(names)}], axis=dim)",
            f"{', '.join(f'd{name}' for name in names)} = {parts}",
        )

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        for x, part in zip(xs, self._parts(y, xs), strict=True):
            np.copyto(part, x)

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        names = [socket.name for socket in self.sockets()]
        for name, part in zip(names, self._parts(dy, [arrays[name] for name in names]), strict=True):
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                np.copyto(gradient, part)

    def _parts(self, y: Array, xs: Sequence[Array]) -> list[Array]:
        """What of y is each x."""
        return _slices(y, self.dim % y.ndim, [x.shape[self.dim] for x in xs])

    def emit_torch(self, **names: str) -> str:
        parts = ", ".join(names[socket.name] for socket in self.sockets())
        return f"torch.cat([{parts}], dim={self.dim})"


@register
class Stack(_Joined):
    """Puts several values of one shape side by side along a new axis, e.g. two vectors N into N×2. (torch.stack)

    Each input gets its own part of the gradient back. Time steps of a sequence are stacked this way.
    """

    formula = "y = (x1, x2, …) along a new axis"
    latex = r"y_{n,i} = (x_i)_n"
    derivative = r"\frac{\partial y_{\cdot,i}}{\partial x_i} = 1"
    dim = Param(1, low=-8, high=7, help="Where the new axis stands in the result; 0 is in front.")
    examples = (
        Example(x1=(4,), x2=(4,)),
        Example({"dim": 0, "count": 3}, x1=(2, 3), x2=(2, 3), x3=(2, 3)),
        Example({"dim": -1}, x1=(2, 3), x2=(2, 3)),
        Example({"count": 1}, x1=(2,)),
        Example({"dim": 0}, x1=(), x2=()),
        Example(x1=(0, 2), x2=(0, 2)),
    )

    def infer(self, **xs: Spec) -> Spec:
        first = xs["x1"]
        axis = axis_of(self.dim, first.ndim + 1, socket="x1")
        for name, x in xs.items():
            if x.shape != first.shape:
                raise ShapeError(
                    f"Cannot stack x1 ({first}) and {name} ({x}): their shapes differ.",
                    hint="Make them equal, or join them by Concat.",
                    socket=name,
                )
        return first.with_shape(*first.shape[:axis], self.count, *first.shape[axis:])

    def formula_latex(self) -> str:
        return rf"y = \mathrm{{stack}}({listed(self.sockets(), ',')})"

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = [socket.name for socket in self.sockets()]
        parts = [f"d{name} = np.take(dy, {i}, axis=dim)" for i, name in enumerate(names)]
        return Recipe(f"y = np.stack([{', '.join(names)}], axis=dim)", "\n".join(parts))

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        for i, x in enumerate(xs):
            np.copyto(self._layer(y, i), x)

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        for i in range(self.count):
            gradient = arrays[f"dx{i + 1}"]
            if gradient is not None:
                np.copyto(gradient, self._layer(dy, i))

    def _layer(self, y: Array, i: int) -> Array:
        """The part of y that is the i-th input; kept an array where it is a single number."""
        place: Any = (*(slice(None),) * (self.dim % y.ndim), i, ...)
        layer: Array = y[place]
        return layer

    def emit_torch(self, **names: str) -> str:
        parts = ", ".join(names[socket.name] for socket in self.sockets())
        return f"torch.stack([{parts}], dim={self.dim})"


MOST_PARTS = 1024  # each is a socket; sequences of models made elsewhere are split step by step


@register
class Split(Op):
    """Takes a value apart along one axis, e.g. N×8 into N×3 and N×5: the reverse of Concat.

    `sections` is how many equal parts there are (torch.chunk: the last is smaller where it does not come out even), or
    the size of each part (torch.split). A part that nothing depends on gets no gradient.
    """

    synonyms = ("Chunk",)
    category = "Shape"
    formula = "[y1, y2, …] = x"
    latex = r"[y_1, y_2, \ldots] = x"
    derivative = r"\frac{\partial y_i}{\partial x} = 1"
    inputs = (Socket("x", kind="any"),)
    outputs = ("y1", "y2")
    sections = Param(
        2, kind="ints", low=1, high=1_000_000, help="How many equal parts, or the size of each part."
    )
    dim = Param(1, low=-8, high=7, help="The axis to take apart; 0 is the batch.")
    examples = (
        Example(x=(2, 4)),
        Example({"sections": (1, 3, 2)}, x=(2, 6, 2)),
        Example({"sections": 3, "dim": 0}, x=(6, 2)),
        Example({"sections": 3, "dim": -1}, x=(2, 8)),
        Example({"sections": 1}, x=(2, 3)),
        Example({"sections": (2,), "dim": 0}, x=(2,)),
        Example(x=(0, 2)),
    )
    onnx = ("Split",)
    onnx_params = {"axis": "dim"}
    onnx_count = "num_outputs"
    cost = 0
    saved = ()

    def check(self) -> None:
        if self._count > MOST_PARTS:
            raise ParamError(
                f"Split.sections asks for {self._count} parts.", hint=f"Take at most {MOST_PARTS}."
            )

    @property
    def _count(self) -> int:
        return self.sections if isinstance(self.sections, int) else len(self.sections)

    def results(self) -> tuple[str, ...]:
        return tuple(f"y{i}" for i in range(1, self._count + 1))

    def infer(self, x: Spec) -> tuple[Spec, ...]:
        axis = axis_of(self.dim, x.ndim, socket="x")
        sizes = self._sizes(x, x.shape[axis])
        return tuple(x.with_shape(*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes)

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis]) if axis != self.dim % len(x) else None

    def _sizes(self, x: Spec, length: Size) -> list[Size]:
        if isinstance(self.sections, tuple):
            if sum(self.sections) != length:
                raise self._misfit(
                    x, length, f"sizes {self.sections}, which are {sum(self.sections)} together"
                )
            return list(self.sections)
        count: int = self.sections
        if isinstance(length, Dim):
            return [length // count] * count
        each = -(-length // count)
        last = length - each * (count - 1)
        if last < 1:
            raise self._misfit(x, length, f"{count} parts")
        return [*[each] * (count - 1), last]

    def _misfit(self, x: Spec, length: Size, what: str) -> ShapeError:
        return ShapeError(
            f"Axis {self.dim} of x ({x}) is {length} long and cannot be taken apart into {what}.",
            hint="Change sections or dim.",
            socket="x",
        )

    def formula_latex(self) -> str:
        return f"[{', '.join(f'y_{{{number}}}' for number in range(1, self._count + 1))}] = x"

    def slope_latex(self) -> str:
        return ""  # a gradient comes back from several outputs at once

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = self.results()
        ends = np.cumsum([shapes[name][self.dim] for name in names]).tolist()
        return Recipe(
            f"{', '.join(names)} = " + (f"np.split(x, {ends[:-1]}, axis=dim)" if len(names) > 1 else "x"),
            f"dx = np.concatenate([{', '.join(f'd{name}' for name in names)}], axis=dim)",
        )

    def forward(self, ctx: Context, x: Array, **ys: Array) -> None:
        axis = self.dim % x.ndim
        parts = _slices(x, axis, [y.shape[axis] for y in ys.values()])
        for y, part in zip(ys.values(), parts, strict=True):
            np.copyto(y, part)

    def backward(self, ctx: Context, *dys: Array | None, x: Array, dx: Array | None, **ys: Array) -> None:
        if dx is None:
            return
        axis = self.dim % x.ndim
        parts = _slices(dx, axis, [y.shape[axis] for y in ys.values()])
        for dy, part in zip(dys, parts, strict=True):
            np.copyto(part, 0 if dy is None else dy)

    def emit_torch(self, **names: str) -> str:
        how = "chunk" if isinstance(self.sections, int) else "split"
        sections = self.sections if isinstance(self.sections, int) else list(self.sections)
        return f"torch.{how}({names['x']}, {sections}, dim={self.dim})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, sizes = (*inputs, None)[:2]
        params: dict[str, Any] = {"dim": int(attributes.get("axis", 0))}
        if sizes is not None:
            params["sections"] = tuple(int(size) for size in constant(sizes, "split"))
        else:
            params["sections"] = int(attributes["num_outputs"])
        if isinstance(params["sections"], tuple) and 0 in params["sections"]:
            raise Unsupported(f"{kind} makes an empty part.")
        return params, {"x": x}


def _without(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def _slices(array: Array, axis: int, sizes: Sequence[int]) -> list[Array]:
    """The parts of an array of those sizes along an axis, one after the other."""
    before, parts, start = (slice(None),) * axis, [], 0
    for size in sizes:
        parts.append(array[(*before, slice(start, start + size))])
        start += size
    return parts
