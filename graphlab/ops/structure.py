"""What gives a graph its shape and computes nothing: groups, their ports, and points that a wire is led through.

The engine never runs these. It puts a group's content in its place and leaves out what only hands on a value (see
`engine/flatten.py`); they are operations so that they are drawn, wired, saved and undone like any other node.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..errors import ParamError, ShapeError
from .base import Array, Context, Example, Op, Param, Socket, Spec
from .registry import register


@register
class Group(Op):
    """A part of the graph drawn as one node. Enter it to see what is inside; edit it, and all its uses follow.

    Its sockets are the ports inside. With weights own, every use learns parameters of its own; with shared, all uses of
    the group learn the same ones, their gradients summed.
    """

    category = "Structure"
    role = "group"
    formula = "y = what the group computes of its inputs"
    latex = r"y = f(x)"
    derivative = r"\frac{\partial y}{\partial x} = \mathrm{the\ chain\ rule\ inside}"
    definition = Param("", kind="text", shown=False, help="Which of the document's groups it is.")
    takes = Param((), kind="names", shown=False, help="Its input sockets, after the ports inside.")
    gives = Param((), kind="names", shown=False, help="Its outputs, after the ports inside.")
    weights = Param("own", choices=("own", "shared"), help="Whether all uses learn the same parameters.")
    values = Param(
        (), kind="settings", shown=False, help="Params of nodes inside that this use sets for itself."
    )

    def check(self) -> None:
        for what, names in (("inputs", self.takes), ("outputs", self.gives)):
            if len(set(names)) < len(names):
                raise ParamError(f"Two {what} of a group have the same name: {', '.join(names)}.")

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(name, kind="any") for name in self.takes)

    def results(self) -> tuple[str, ...]:
        return tuple(self.gives)


class _Passing(Op):
    """Hands on what it gets."""

    category = "Structure"
    formula = "y = x"
    latex = r"y = x"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    saved = ()
    inputs: ClassVar[tuple[Socket, ...]] = (Socket("x", kind="any"),)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(x=(4, 3)),
        Example(x=()),
        Example(x=(2, 1, 3)),
        Example(x=(0, 3)),
    )

    def infer(self, x: Spec) -> Spec:
        return x

    def view(self, x: Array) -> Array | None:
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy)


@register
class Reroute(_Passing):
    """A point that a wire is led through, to keep the drawing tidy. It computes nothing and costs nothing."""

    role = "wire"
    torch = "{x}"


@register
class GroupInput(_Passing):
    """An input socket of the group that it stands in: inside, it gives what is plugged into the group outside.

    The socket has the node's name. Sockets are in the order of the ports, from top to bottom.
    """

    role = "port in"
    formula = "y = what is plugged in outside"
    inputs = ()
    examples = ()

    def infer(self, *args: Any, **specs: Any) -> Spec:
        raise ShapeError(
            "A group's input stands outside any group.", hint="Put it into a group, or use an Input instead."
        )


@register
class GroupOutput(_Passing):
    """An output of the group that it stands in: what is plugged in here comes out of the group.

    The output has the node's name. Outputs are in the order of the ports, from top to bottom.
    """

    role = "port out"
    formula = "what comes out of the group = x"
    outputs = ()
    examples = ()

    def infer(self, x: Spec) -> Spec:
        raise ShapeError(
            "A group's output stands outside any group.", hint="Put it into a group, or delete it."
        )
