"""What is drawn of an Unroll node at a moment, besides what its op says; and how steps are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...engine.messages import Tensor
from ...graph.drawn.cell_picture import CellPicture
from ...graph.drawn.unrolled import Rolled

_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Told(NamedTuple):
    """What is drawn of an Unroll node besides its frame.

    at: the step one looks at. lit: the step that is computed, −1 for none, `phase` how, `inner` which node of the cell.
    pointed: nodes of the cell that are pointed at in one place, and lit in all copies. hovered: the copy under the
    pointer. setting: the number of steps that a hand is about to set; 0 for none. openness: how far it has been
    unrolled. at_switch: the pointer is on the switch. value, grad: of a state, by its place, at a step. scale: the
    number of full colour.
    """

    rolled: Rolled
    cell: CellPicture
    at: int = 0
    lit: int = -1
    phase: str = ""
    inner: str = ""
    pointed: frozenset[str] = frozenset()
    hovered: int = -1
    setting: int = 0
    openness: float = 1.0
    at_switch: bool = False
    value: Callable[[int, int], Tensor | None] = lambda t, place: None
    grad: Callable[[int, int], Tensor | None] = lambda t, place: None
    scale: Callable[[Tensor], float] = lambda tensor: 1.0


def step_words(told: Told) -> str:
    """ "t = 3 of 16" while a copy is computed."""
    return f"t = {told.lit} of {told.rolled.steps}" if told.lit >= 0 else f"T = {told.rolled.steps:,}"


def below(number: int) -> str:
    """A number as an index: x₁₂."""
    return str(number).translate(_BELOW)
