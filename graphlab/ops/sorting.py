"""Operations that put elements in order, all of them or the first few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_order import ranked
from .explain_rows import along
from .explaining import Call, Place
from .explanation import Term
from .interchange import constant
from .registry import register
from .spec import Dim, axis_of


class _Ranked(Op):
    """Values in order, and the places they came from, as whole numbers."""

    category = "Shape"
    inputs = (Socket("x"),)
    outputs = ("values", "indices")

    def places(self, x: Array) -> Array:
        """Which elements of x come first, second, … along the axis."""
        raise TypeError(f"{type(self).__name__} has no order")

    def forward(self, ctx: Context, x: Array, *, values: Array, indices: Array) -> None:
        np.copyto(indices, self.places(x))
        np.copyto(values, np.take_along_axis(x, indices, self.axis(x.ndim)))

    def backward(
        self,
        ctx: Context,
        dvalues: Array | None,
        dindices: Array | None,
        *,
        x: Array,
        values: Array,
        indices: Array,
        dx: Array | None,
    ) -> None:
        if dx is not None:
            np.copyto(dx, 0)
            if dvalues is not None:
                np.put_along_axis(dx, indices, dvalues, self.axis(x.ndim))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """Which element it is, or where that stands, and who came before and after."""
        x = call.array("x")
        axis = self.axis(x.ndim)
        found = call.line("x", along(x, at, (axis,)))
        falls = bool(self.params.get("descending", self.params.get("largest")))
        order = np.argsort(-found.values if falls else found.values, kind="stable")
        word = "largest" if falls else "smallest"
        return ranked(found, order, at[axis], word, call.keep, is_place=output == "indices")

    def axis(self, ndim: int) -> int:
        return axis_of(self.params["dim"], ndim, socket="x")


@register
class Sort(_Ranked):
    """Puts elements in order along one axis, and tells from where each came. (torch.sort)

    Equal elements keep their order. Each element's gradient goes back to the place it came from; the places
    themselves (`indices`, whole numbers) carry none.
    """

    synonyms = ("ArgSort",)
    saved = ("indices",)
    formula = "values = x in order, indices = where they were"
    latex = r"y_i = x_{\pi(i)},\quad y_1 \leq y_2 \leq \ldots"
    derivative = r"\frac{\partial y_i}{\partial x_j} = [j = \pi(i)]"
    dim = Param(-1, low=-8, high=7, help="The axis along which they are put in order; -1 is the last.")
    descending = Param(False, help="Whether the largest comes first.")
    examples = (
        Example(x=(4, 3)),
        Example({"dim": 0, "descending": True}, x=(4, 3)),
        Example({"dim": 1}, x=(2, 3, 4)),
        Example({"descending": True}, x=(1,)),
        Example(x=(0, 3)),
        Example(x=(2, 0)),
    )
    torch = "torch.sort({x}, dim={dim}, descending={descending}, stable=True)"
    numpy = Recipe(
        """
        indices = np.argsort(-x if descending else x, axis=dim, kind="stable")
        values = np.take_along_axis(x, indices, axis=dim)
        """,
        """
        dx = np.zeros_like(x)
        np.put_along_axis(dx, indices, dvalues, axis=dim)
        """,
    )

    def infer(self, x: Spec) -> tuple[Spec, Spec]:
        self.axis(x.ndim)
        return x, Spec(x.shape, "int")

    def places(self, x: Array) -> Array:
        axis = self.axis(x.ndim)
        order: Array = np.argsort(np.multiply(x, -1) if self.descending else x, axis=axis, kind="stable")
        return order


@register
class TopK(_Ranked):
    """Keeps the k largest elements along one axis, the largest first, and tells from where each came. (torch.topk)

    With `largest` off, the k smallest, the smallest first. Of equal elements the first wins. Only what is kept gets a
    gradient; the places (`indices`, whole numbers) carry none.
    """

    saved = ("indices",)
    formula = "values = the k largest of x, indices = where they were"
    latex = r"y_i = x_{\pi(i)},\quad y_1 \geq y_2 \geq \ldots \geq y_k"
    derivative = r"\frac{\partial y_i}{\partial x_j} = [j = \pi(i)]"
    k = Param(1, low=1, high=1_000_000, symbol="k", help="How many are kept.")
    dim = Param(-1, low=-8, high=7, help="The axis along which they are chosen; -1 is the last.")
    largest = Param(True, help="Whether the largest are kept, rather than the smallest.")
    examples = (
        Example(x=(4, 3)),
        Example({"k": 2, "dim": 0}, x=(4, 3)),
        Example({"k": 2, "dim": 1, "largest": False}, x=(2, 3, 4)),
        Example({"k": 3}, x=(3,)),
        Example(x=(1, 1)),
        Example({"k": 2}, x=(0, 3)),
    )
    torch = "torch.topk({x}, {k}, dim={dim}, largest={largest})"
    numpy = Recipe(
        """
        order = np.argsort(-x if largest else x, axis=dim, kind="stable")
        indices = np.take(order, range(k), axis=dim)
        values = np.take_along_axis(x, indices, axis=dim)
        """,
        """
        dx = np.zeros_like(x)
        np.put_along_axis(dx, indices, dvalues, axis=dim)
        """,
    )
    onnx = ("TopK",)
    onnx_params = {"axis": "dim"}

    def infer(self, x: Spec) -> tuple[Spec, Spec]:
        axis = self.axis(x.ndim)
        size = x.shape[axis]
        if isinstance(size, Dim) or size < self.k:
            raise ShapeError(
                f"Axis {self.dim} of x ({x}) is {size} long; {self.k} elements are to be kept of it.",
                hint="Lower k, or choose another dim."
                if isinstance(size, int)
                else "Choose a dim of fixed size.",
                socket="x",
            )
        shape = (*x.shape[:axis], self.k, *x.shape[axis + 1 :])
        return Spec(shape), Spec(shape, "int")

    def places(self, x: Array) -> Array:
        axis = self.axis(x.ndim)
        order = np.argsort(np.multiply(x, -1) if self.largest else x, axis=axis, kind="stable")
        first: Array = order[(slice(None),) * axis + (slice(None, self.k),)]
        return first

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Whether the kept are to be in order (sorted) means nothing here: they always are."""
        x, k = inputs
        params = {"k": int(constant(k, "k").item()), "dim": attributes.get("axis", -1)}
        return params | {"largest": bool(attributes.get("largest", 1))}, {"x": x}
