"""Reductions that look for the largest or smallest element, along one axis, several or all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .elementwise import indicator
from .example import classes
from .explain_order import winner
from .explain_rows import along
from .explaining import Call, Place
from .explanation import Term, extreme, number
from .reduction import Reduction
from .registry import register
from .rows import fold, sums
from .spec import axis_of, product


class _Extreme(Reduction):
    """The largest or smallest element; where several are equal, they share the gradient evenly, as in PyTorch."""

    pick: ClassVar[Any]
    backward_cost = {"x": 3}
    saved = ("x", "y")

    def infer(self, x: Spec) -> Spec:
        self.require_elements(x)
        return super().infer(x)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        fold(ctx, self.pick, x, self.axes(x.ndim), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        how = "largest" if self.pick is np.maximum else "smallest"
        return extreme(self.line(call, at), how, call.keep)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        share = ctx.scratch("share", self.shape_beside(x.shape))
        indicator(ctx, np.equal, x, self.expanded(y, x.shape), dx)
        sums(ctx, dx, self.axes(x.ndim), share)
        np.divide(self.expanded(dy, x.shape), share, share)
        np.multiply(dx, share, dx)


@register
class Max(_Extreme):
    """The largest element of x, along one axis or all: the strongest response wins. (torch.amax)

    Only the largest gets a gradient; several equal ones share it evenly. To compare two arrays use Maximum.
    """

    synonyms = ("Amax",)
    formula = "y = max x"
    latex = r"y = \max_i x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = [x_i = y] / n_{\max}"
    onnx = ("ReduceMax",)
    pick = np.maximum
    numpy = Recipe(
        "y = x.max(axis=axis, keepdims=keepdim)",
        """
        wins = (x == y).astype(x.dtype)
        dx = dy * wins / wins.sum(axis=axis, keepdims=True)
        """,
    )

    def emit_torch(self, **names: str) -> str:
        return f"torch.amax({names['x']}, dim={self.dim if self.dim is not None else ()}, keepdim={self.keepdim})"


@register
class Min(_Extreme):
    """The smallest element of x, along one axis or all: the weakest link. (torch.amin)

    Only the smallest gets a gradient; several equal ones share it evenly. To compare two arrays use Minimum.
    """

    synonyms = ("Amin",)
    formula = "y = min x"
    latex = r"y = \min_i x_i"
    derivative = r"\frac{\partial y}{\partial x_i} = [x_i = y] / n_{\min}"
    onnx = ("ReduceMin",)
    pick = np.minimum
    numpy = Recipe(
        "y = x.min(axis=axis, keepdims=keepdim)",
        """
        wins = (x == y).astype(x.dtype)
        dx = dy * wins / wins.sum(axis=axis, keepdims=True)
        """,
    )

    def emit_torch(self, **names: str) -> str:
        return f"torch.amin({names['x']}, dim={self.dim if self.dim is not None else ()}, keepdim={self.keepdim})"


class _Place(Op):
    """The place of the largest or smallest element; of several equal ones the first, or the last."""

    category = "Reduction"
    inputs = (Socket("x", kind="any"),)
    derivative = r"\frac{\partial y}{\partial x_i} = 0"
    dim = Param(-1, low=-8, high=7, optional=True, help="The axis to look along; nothing means all elements.")
    keepdim = Param(False, help="Whether the axis stays, with size 1.")
    select_last = Param(False, help="Whether the last of several equal ones is taken, instead of the first.")
    examples = (
        Example(x=(4, 3)),
        Example({"dim": 0}, x=(4, 3)),
        Example({"dim": 1, "keepdim": True}, x=(2, 3, 4)),
        Example({"dim": None}, x=(2, 3)),
        Example({"dim": None, "keepdim": True}, x=(2, 3)),
        Example({"dim": 1}, x=(3, 1)),
        Example({"select_last": True}, x=classes(4, 6, count=2)),
        Example({"select_last": True, "dim": None}, x=(2, 3)),
        Example(x=(0, 3)),
        Example({"dim": None}, x=()),
    )
    seek: ClassVar[Any]
    adapts = True
    backward_cost = {"x": 0}
    saved = ()

    def infer(self, x: Spec) -> Spec:
        axis = None if self.dim is None else axis_of(self.dim, x.ndim, socket="x")
        if product(x.shape if axis is None else [x.shape[axis]]) == 0:
            raise ShapeError(
                f"x ({x}) has no elements to choose from.", hint="Choose another dim.", socket="x"
            )
        gone = range(x.ndim) if axis is None else (axis,)
        if self.keepdim:
            return Spec(tuple(1 if i in gone else size for i, size in enumerate(x.shape)), "int")
        return Spec(tuple(size for i, size in enumerate(x.shape) if i not in gone), "int")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if not self.select_last:
            self.seek(x, self.dim, out=y, keepdims=self.keepdim)
            return
        turned = np.flip(x, self.dim)
        self.seek(turned, self.dim, out=y, keepdims=self.keepdim)
        np.subtract((x.size if self.dim is None else x.shape[self.dim]) - 1, y, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """Where the winner stands, and who else is in the line."""
        x, place = call.array("x"), call.outputs[output][at]
        whole: list[int | slice] = [slice(None)] * x.ndim
        if self.dim is not None and x.ndim:
            row = list(at)
            if not self.keepdim:
                row.insert(self.dim % x.ndim, 0)
            whole = along(x, tuple(row), (self.dim,))
        found = call.line("x", whole)
        word = "largest" if self.seek is np.argmax else "smallest"
        best = found.term(int(place)).label
        symbols = f"where {best} stands: the {word} of {len(found.values)}"
        return winner(found, int(place), word, call.keep, number(float(place), "place"), symbols)

    @classmethod
    def adaptations(cls, given: Spec, beside: Sequence[Spec]) -> Iterable[dict[str, Any]]:
        """The class of each row that has a 1 there; a single number is no such row."""
        return ({},) if given.ndim > 1 and given.shape[-1] != 1 and given.kind == "float" else ()

    def backward(self, ctx: Context, dy: Array | None, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, 0)

    def emit_torch(self, **names: str) -> str:
        return "" if self.select_last else super().emit_torch(**names)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        params = {
            "dim": attributes.get("axis", 0),
            "keepdim": bool(attributes.get("keepdims", 1)),
            "select_last": bool(attributes.get("select_last_index", 0)),
        }
        return params, {"x": inputs[0]}


@register
class ArgMax(_Place):
    """The place of the largest element along one axis: which class has the highest score. (torch.argmax)

    Gives whole numbers from 0; of several equal ones the first, or with `select_last` the last. Without `dim`, the
    place among all elements in a row. A place has no slope, so no gradient passes.
    """

    formula = "y = the i of the largest xᵢ"
    latex = r"y = \mathrm{argmax}_i\, x_i"
    torch = "torch.argmax({x}, dim={dim}, keepdim={keepdim})"
    numpy = Recipe(
        """
        if select_last:
            from_end = np.flip(x, axis=dim).argmax(axis=dim, keepdims=keepdim)
            y = (x.size if dim is None else x.shape[dim]) - 1 - from_end
        else:
            y = x.argmax(axis=dim, keepdims=keepdim)
        """,
        "dx = np.zeros_like(x)",
    )
    onnx = ("ArgMax",)
    seek = staticmethod(np.argmax)


@register
class ArgMin(_Place):
    """The place of the smallest element along one axis: which prototype is nearest. (torch.argmin)

    Gives whole numbers from 0; of several equal ones the first, or with `select_last` the last. Without `dim`, the
    place among all elements in a row. A place has no slope, so no gradient passes.
    """

    formula = "y = the i of the smallest xᵢ"
    latex = r"y = \mathrm{argmin}_i\, x_i"
    torch = "torch.argmin({x}, dim={dim}, keepdim={keepdim})"
    numpy = Recipe(
        """
        if select_last:
            from_end = np.flip(x, axis=dim).argmin(axis=dim, keepdims=keepdim)
            y = (x.size if dim is None else x.shape[dim]) - 1 - from_end
        else:
            y = x.argmin(axis=dim, keepdims=keepdim)
        """,
        "dx = np.zeros_like(x)",
    )
    onnx = ("ArgMin",)
    seek = staticmethod(np.argmin)
