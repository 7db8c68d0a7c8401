"""Operations that rearrange elements without changing any: flatten, reshape, join."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError
from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register
from .spec import Shape, Size, axis_of, product, shape_text


class _View(Op):
    """The same elements in the same order under another shape. Costs nothing: the result is x itself."""

    category = "Shape"
    inputs = (Socket("x", kind="any"),)

    def shape_of(self, shape: Shape) -> Shape:
        """The shape of the result for an x of that shape. ShapeError when there is none."""
        raise TypeError(f"{type(self).__name__} has no shape rule")

    def infer(self, x: Spec) -> Spec:
        return x.with_shape(*self.shape_of(x.shape))

    def view(self, x: Array | None) -> Array | None:
        return None if x is None else x.reshape(self._concrete(x))

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x.reshape(y.shape))

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy.reshape(dx.shape))

    def _concrete(self, x: Array) -> tuple[int, ...]:
        return Spec(self.shape_of(x.shape)).at({})


@register
class Flatten(_View):
    """Joins the axes from `start_dim` on into one, e.g. images N×C×H×W into rows N×(C·H·W).

    Put it between convolutions and the first fully connected layer. With start_dim 1 the batch axis stays.
    """

    formula = "y = x as one row per example"
    latex = r"y_{n,\,(c,h,w)} = x_{n,c,h,w}"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    start_dim = Param(1, low=0, high=7, help="The first axis to join; the ones before it stay.")
    examples = (
        Example(x=(2, 3, 4)),
        Example(x=(2, 3)),
        Example({"start_dim": 0}, x=(2, 3)),
        Example({"start_dim": 0}, x=()),
        Example({"start_dim": 2}, x=(2, 1, 3, 4)),
        Example(x=(1, 1, 5, 5)),
    )
    torch = "torch.flatten({x}, {start_dim})"

    def shape_of(self, shape: Shape) -> Shape:
        if not shape and self.start_dim == 0:
            return (1,)
        start = axis_of(self.start_dim, len(shape), socket="x")
        return (*shape[:start], product(shape[start:]))


@register
class Reshape(_View):
    """The same elements in the same order under another shape, e.g. rows of 64 into images N×1×8×8.

    In `shape`, -1 stands for whatever is left over, and N for the size of x's first axis (the batch).
    """

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
    )

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
            rest = total // fixed
        except ShapeError:
            rest = 0  # the message below says it with both shapes
        if rest * fixed == total:
            return rest
        raise ShapeError(
            f"x ({shape_text(shape)}) does not fill rows of {shape_text(self.shape)}: {total} elements "
            f"cannot be divided evenly by {fixed}.",
            hint="Change shape so that its sizes multiply to the number of elements.",
            socket="x",
        )

    def emit_torch(self, **names: str) -> str:
        sizes = ", ".join(f"{names['x']}.shape[0]" if size == "N" else str(size) for size in self.shape)
        return f"{names['x']}.reshape({sizes})" if sizes else f"{names['x']}.reshape(())"


@register
class Concat(Op):
    """Puts several values side by side along one axis, e.g. the features N×3 and N×5 into N×8.

    All other sizes must agree. Each input gets its own part of the gradient back. (torch.cat)
    """

    category = "Shape"
    formula = "y = [x1, x2, …]"
    latex = r"y = [x_1, x_2, \ldots]"
    derivative = r"\frac{\partial y}{\partial x_i} = 1"
    grows = "count"
    inputs = (Socket("x1"), Socket("x2"))
    count = Param(2, low=1, high=32, help="How many inputs there are.")
    dim = Param(1, low=-8, high=7, help="The axis along which they are joined; 0 is the batch.")
    examples = (
        Example(x1=(4, 3), x2=(4, 2)),
        Example({"dim": 0}, x1=(1, 3), x2=(4, 3)),
        Example({"count": 3, "dim": -1}, x1=(2, 2, 1), x2=(2, 2, 3), x3=(2, 2, 2)),
        Example({"count": 1}, x1=(2, 3)),
        Example({"dim": 0}, x1=(3,), x2=(1,)),
    )

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(f"x{i}") for i in range(1, self.count + 1))

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

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        np.concatenate(xs, self.dim, out=y)

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        before: tuple[slice, ...] = (slice(None),) * (self.dim % dy.ndim)
        start = 0
        for i in range(1, self.count + 1):
            end = start + arrays[f"x{i}"].shape[self.dim]
            gradient = arrays[f"dx{i}"]
            if gradient is not None:
                np.copyto(gradient, dy[(*before, slice(start, end))])
            start = end

    def emit_torch(self, **names: str) -> str:
        parts = ", ".join(names[socket.name] for socket in self.sockets())
        return f"torch.cat([{parts}], dim={self.dim})"


def _without(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])
