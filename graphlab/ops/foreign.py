"""A place kept for an operation of another program's file that graphlab cannot carry out."""

from __future__ import annotations

from typing import Any

from ..errors import ParamError, ShapeError
from .base import Op, Param, Socket, Spec
from .registry import register


@register
class Foreign(Op):
    """Stands for an operation of another program's file that has no counterpart here, so that nothing of it is lost.

    It shows what the operation was called, its attributes and its wires, and says why it cannot run. What does not
    depend on it runs all the same; put operations of graphlab in its place, and the rest does too.
    """

    synonyms = ("Placeholder operation", "Unsupported operator")
    category = "Structure"
    role = "placeholder"
    formula = "y = what the other program would compute"
    latex = r"y = \,?"
    derivative = r"\frac{\partial y}{\partial x} = \,?"
    operator = Param("", kind="text", help="What the operation was called there.")
    reason = Param("", kind="text", help="Why it cannot run here.")
    attributes = Param((), kind="settings", shown=False, help="Its settings, as the file had them.")
    takes = Param((), kind="names", shown=False, help="Its input sockets.")
    gives = Param(("y",), kind="names", shown=False, help="Its outputs.")

    def check(self) -> None:
        for what, names in (("inputs", self.takes), ("outputs", self.gives)):
            if len(set(names)) < len(names):
                raise ParamError(f"Two {what} of a Foreign have the same name: {', '.join(names)}.")

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(name, kind="any", optional=True) for name in self.takes)

    def results(self) -> tuple[str, ...]:
        return tuple(self.gives)

    def infer(self, *args: Any, **specs: Any) -> Spec:
        settings = ", ".join(f"{name} {_short(value)}" for name, value in self.attributes)
        called = (
            f"{self.operator}{f' ({settings})' if settings else ''} cannot run here. "
            if self.operator
            else ""
        )
        raise ShapeError(
            called + (self.reason or "It stands for an operation of another program."),
            hint="Put operations of graphlab in its place, or export the model without it.",
        )


def _short(value: Any) -> str:
    """A setting as people write it: 7, same, 1×1."""
    return "×".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
