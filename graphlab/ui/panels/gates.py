"""Gates: what a recurrent layer keeps, writes and reads at each step of a sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...engine import messages as m
from ...engine.sequences import readers
from ..unfold_panel import Floats, UnfoldPanel, tokens_of
from .registry import panel

WIDE = 400  # pixels of a map, at least, where several stand side by side


@panel("gates", "Gates", "bottom", 42, icon="gate-values", shown=False, tabbed=True)
class GatesPanel(UnfoldPanel):
    """A map for each gate and state, units down and steps along, with what was read at each step."""

    picture = "gate-values"
    axes = "units down, steps along"
    tallest = 160

    def choices(self) -> list[tuple[str, str]]:
        return [(reader.key, reader.path) for reader in readers(self.session.seen.whole)]

    def nothing(self) -> str:
        return "No layer here reads a sequence. Add one, such as LSTM or GRU, or unroll a cell."

    def maps(self, told: m.Unfolded) -> list[tuple[str, Floats, Sequence[str] | None, Sequence[str] | None]]:
        return [
            (self._title(name, told), np.asarray(array, np.float64).T, None, self._columns(told, len(array)))
            for name, array in told.arrays.items()
        ]

    def columns(self, count: int) -> int:
        return max(1, min(count, self.width() // WIDE))

    def _title(self, name: str, told: m.Unfolded) -> str:
        word = told.words.get(name, "")
        return word if word.startswith(name) else " ".join(filter(None, (name, word)))

    def _columns(self, told: m.Unfolded, length: int) -> list[str] | None:
        return tokens_of(told, "x", length)

    def scale_of(self, title: str, told: m.Unfolded) -> float | None:
        """Gates and states between −1 and 1 are told by the same colours; a cell may be larger."""
        name = next((n for n in told.arrays if self._title(n, told) == title), "")
        largest = float(np.abs(np.nan_to_num(told.arrays[name])).max(initial=0.0)) if name else 1.0
        return max(largest, 1.0)

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every number of every gate, with its step, what was read there, and its unit."""
        return ["gate", "step", "read", "unit", "value"], self._rows()

    def _rows(self) -> Iterator[Sequence[Any]]:
        told = self.told
        if told is None:
            return
        for name, array in told.arrays.items():
            read = self._columns(told, len(array)) or [""] * len(array)
            for (step, unit), value in np.ndenumerate(np.asarray(array)):
                yield [name, step, read[step], unit, float(value)]
