"""How far a number goes when a hand drags it, or turns a wheel: as fast as it is large, finer with Shift.

Ctrl goes in large round steps. Digits stay few: a number moves in units of its own size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt

PER_PIXEL = 0.01  # of the power of ten that the number is near
FINER = 0.1
COARSER = 10.0
WHOLE = 1 / 8  # per pixel, of a whole number
NOTCH = 10  # pixels that one step of a wheel or a key stands for


class Scrub:
    """One drag of one number, or of several by the same amount."""

    def __init__(self, values: Sequence[float], whole: bool = False) -> None:
        self.start = tuple(values)
        self.whole = whole
        self._unit = WHOLE if whole else PER_PIXEL * size_of(max(map(abs, values), default=0.0))
        self._far = 0.0  # in units, not yet rounded
        self._snap = self._unit

    def move(
        self, pixels: float, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> tuple[float, ...]:
        """So many pixels further to the right; the numbers then."""
        fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        coarse = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._far += pixels * (FINER if fine else COARSER if coarse else 1.0)
        self._snap = self._unit * (FINER if fine else COARSER if coarse else 1.0)
        return self.values()

    def values(self) -> tuple[float, ...]:
        if self.whole:
            return tuple(float(round(value + self._far * self._unit)) for value in self.start)
        if len(self.start) == 1:  # one number lands on a round one
            return (self._rounded(self.start[0] + self._far * self._unit),)
        moved = self._rounded(self._far * self._unit)
        return tuple(float(f"{value + moved:.9g}") for value in self.start)

    def _rounded(self, value: float) -> float:
        return float(f"{round(value / self._snap) * self._snap:.9g}") + 0.0


def size_of(value: float) -> float:
    """The power of ten at or below a number: 0.1 for 0.37; 0.1 for 0, too, so that it can be left."""
    if not value or not math.isfinite(value):
        return 0.1
    return 10.0 ** math.floor(math.log10(abs(value)) + 1e-9)
