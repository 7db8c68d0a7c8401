"""Sequences of different lengths, each turned round by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .example import classes
from .explaining import Call, Place
from .explanation import Term
from .registry import register
from .through_time import LENGTHS, check_lengths


@register
class ReverseSequence(Op):
    """Turns the order of the steps of each row round, as many as it has: what comes after its length stays in place.

    x is N×T×…, lengths a whole number per row; one below 0 counts as 0, one above T as T. Twice is as if it were not
    done. A layer that reads what comes out reads from the end, whatever the length. (tf.reverse_sequence)
    """

    category = "Shape"
    synonyms = ("Reverse", "Bidirectional")
    saved = ("lengths",)
    formula = "y[n, t] = x[n, lengths[n] − 1 − t]"
    latex = r"y_{n,t} = x_{n,\,L_n-1-t}"
    derivative = r"\frac{\partial y_{n,t}}{\partial x_{n,\,L_n-1-t}} = 1"
    inputs = (Socket("x", kind="any"), LENGTHS)
    batch_first = Param(True, help="Whether x is N×T×…; else it is T×N×….")
    examples = (
        Example(x=(3, 4), lengths=classes(3, count=5)),
        Example({"batch_first": False}, x=(4, 3, 2), lengths=classes(3, count=5)),
        Example(x=classes(2, 3, count=5), lengths=classes(2, count=4)),
        Example(x=(2, 5, 2, 2), lengths=classes(2, count=9)),
        Example(x=(0, 3), lengths=classes(0, count=2)),
        Example(x=(2, 0), lengths=classes(2, count=2)),
    )
    onnx = ("ReverseSequence",)

    def infer(self, x: Spec, lengths: Spec) -> Spec:
        if x.ndim < 2:
            raise ShapeError(
                f"It takes sequences, N×T×…, not {x}.",
                hint="Feed it rows with the steps along the second axis.",
                socket="x",
            )
        check_lengths(lengths, x if self.batch_first else x.with_shape(*x.shape[1:]))
        return x

    def forward(self, ctx: Context, x: Array, lengths: Array, *, y: Array) -> None:
        np.copyto(y, x[self._places(x, lengths)])

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        lengths: Array,
        y: Array,
        dx: Array | None,
        dlengths: Array | None = None,
    ) -> None:
        if dx is not None:
            np.copyto(dx, dy[self._places(x, lengths)])

    def _places(self, x: Array, lengths: Array) -> tuple[Array, Array]:
        """Where each step of the result was, as indices of the first two axes."""
        rows, steps = x.shape[:2] if self.batch_first else x.shape[1::-1]
        places = _turned(np.arange(steps), lengths[:, None], steps)
        row = np.arange(rows)[:, None]
        return (row, places) if self.batch_first else (places.T, row.T)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        n, t = at[:2] if self.batch_first else at[1::-1]
        steps = call.array("x").shape[1 if self.batch_first else 0]
        place = int(_turned(np.asarray(t), call.array("lengths")[n], steps))
        return call.at("x", *((n, place) if self.batch_first else (place, n)), *at[2:])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        steps = shapes["x"][1 if self.batch_first else 0]
        lines = (
            f"t = np.arange({steps})\n"
            f"places = np.where(t < lengths[:, None], np.minimum(lengths, {steps})[:, None] - 1 - t, t)\n"
            "n = np.arange(len(lengths))[:, None]\n"
        )
        of = "n, places" if self.batch_first else "places.T, n.T"
        return Recipe(f"{lines}y = x[{of}]", f"dx = dy[{of}]")

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        x, lengths = inputs
        return {"batch_first": attributes.get("time_axis", 0) == 1}, {"x": x, "lengths": lengths}


def _turned(t: Array, lengths: Array, steps: int) -> Array:
    """Where the step t of a row of that length was, of so many steps."""
    within = np.minimum(lengths, steps)
    return np.asarray(np.where(t < within, within - 1 - t, t))
