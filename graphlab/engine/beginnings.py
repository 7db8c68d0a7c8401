"""How a state of a cell begins that is repeated along a sequence: at zero, at learnt values, or as it is wired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ops import Op, Recipe, Shape, Socket, Spec
from ..ops.base import Array, Context
from .cell_shapes import CellShapes


class Beginning(Op):
    """What the first step of a cell is given for one of its states.

    cell: tells the shapes. state: the input of the cell that it is for. beside: what else the first step is given, of
    which the shapes are looked at.
    """

    category = "Structure"
    cost = 0
    saved = ()

    def __init__(self, cell: CellShapes, state: str, beside: tuple[str, ...]) -> None:
        super().__init__()
        self._cell, self._state, self._beside = cell, state, beside

    def _looked_at(self) -> tuple[Socket, ...]:
        return tuple(Socket(f"s{k}", kind="constant") for k in range(len(self._beside)))

    def sockets(self) -> tuple[Socket, ...]:
        return self._looked_at()

    def _spec(self, specs: Mapping[str, Any]) -> Spec:
        """The shape of the state. ShapeError, about the node as a whole."""
        given = {name: specs[f"s{k}"] for k, name in enumerate(self._beside)}
        return self._cell.states(given)[self._state]


class ZeroState(Beginning):
    """The state before the first step: zeros, as many as the cell carries on."""

    formula = "y = 0"
    latex = r"y = 0"

    def infer(self, **specs: Any) -> Spec:
        return self._spec(specs)

    def forward(self, ctx: Context, *looked_at: Array, y: Array) -> None:
        y.fill(0)

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        """It depends on no number."""

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return Recipe(f"y = np.zeros({shapes['y']!r}, dtype)")

    def emit_torch(self, **names: str) -> str:
        return ""


class LearntState(Beginning):
    """The state before the first step: values that are learnt, the same for every row of the batch."""

    formula = "y[n] = start"
    latex = r"y_n = \mathrm{start}"
    derivative = r"\frac{\partial \ell}{\partial \mathrm{start}} = \sum_n \bar{y}_n"

    def sockets(self) -> tuple[Socket, ...]:
        return (*self._looked_at(), Socket("start", learnable=True, init="zeros"))

    def initialiser(self, socket: str) -> str:
        return "zeros"

    def learnable(self, **specs: Any) -> dict[str, Shape]:
        return {"start": self._spec(specs).shape[1:]}

    def infer(self, start: Spec, **specs: Any) -> Spec:
        return self._spec(specs)

    def forward(self, ctx: Context, *arrays: Array, y: Array) -> None:
        np.copyto(y, arrays[-1])

    def backward(self, ctx: Context, dy: Array, *, dstart: Array | None, **arrays: Any) -> None:
        if dstart is not None:
            np.sum(dy, axis=0, out=dstart)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return Recipe(f"y = np.broadcast_to(start, {shapes['y']!r}).copy()", "dstart = dy.sum(axis=0)")


class GivenState(Beginning):
    """The state before the first step, as it is wired; it must be of the shape that the cell carries on."""

    formula = "y = x"
    latex = r"y = x"
    derivative = r"\frac{\partial y}{\partial x} = 1"

    def sockets(self) -> tuple[Socket, ...]:
        return (Socket("x", kind="any"), *self._looked_at())

    def infer(self, x: Spec, **specs: Any) -> Spec:
        self._spec(specs)
        return x

    def view(self, x: Array, *looked_at: Array) -> Array | None:
        return x

    def forward(self, ctx: Context, x: Array, *looked_at: Array, y: Array) -> None:
        np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, *, dx: Array | None, **arrays: Any) -> None:
        if dx is not None:
            np.copyto(dx, dy)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return Recipe("y = x", "dx = dy")

    def emit_torch(self, **names: str) -> str:
        return names["x"]
