"""The input sockets of an operation, and what a socket owns while nothing is plugged into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .initialisers import INITIALISERS
from .param import Param


@dataclass(frozen=True, slots=True)
class Socket:
    """One input of an op.

    name: the letter or word of the formula.
    learnable: unplugged, it owns a parameter of its own, filled by the initialiser `init`; "" where the op's own
    `start` always says how its values begin.
    literal: unplugged, it holds this number, which a person may edit. None: it must be wired (unless `learnable`).
    kind: "float"; "int" for class indices, which carry no gradient; "any"; "constant" for anything that no
        gradient goes back to.
    optional: unplugged, it holds nothing, and the op does without.
    """

    name: str
    learnable: bool = False
    init: str = "fan_in_uniform"
    literal: float | None = None
    kind: str = "float"
    help: str = ""
    optional: bool = False

    @property
    def must_be_wired(self) -> bool:
        return not self.learnable and self.literal is None and not self.optional

    def params(self) -> Iterator[tuple[str, Param]]:
        """The params that this socket adds to its op: the initialiser's choice, or the literal."""
        if self.learnable and self.init:
            yield (
                f"{self.name}_init",
                Param(self.init, choices=tuple(INITIALISERS), help=f"How the values of {self.name} begin."),
            )
            yield (
                f"{self.name}_gain",
                Param(
                    1.0,
                    help=f"What the first values of {self.name} are multiplied by; for constant, the number.",
                ),
            )
        elif not self.learnable and self.literal is not None:
            yield (
                self.name,
                Param(float(self.literal), help=f"The number used while nothing is wired to {self.name}."),
            )
