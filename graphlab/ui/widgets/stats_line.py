"""One line of statistics of a tensor: min, mean, max, σ, and what is wrong with it (zeros, NaN)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from ...engine.messages import Stats
from .. import numbers
from ..theme import mono_font, theme, theme_changed


def stats_of(array: ArrayLike) -> Stats:
    """Statistics of an array of any shape and number dtype that is here already; the engine sends its own."""
    values = np.asarray(array, dtype=np.float64).ravel()
    finite = values[np.isfinite(values)]
    bad = int(values.size - finite.size)
    if finite.size == 0:
        nan = float("nan")
        return Stats(nan, nan, nan, nan, nan, zeros=0, bad=bad, count=values.size)
    low, mean, high = float(finite.min()), float(finite.mean()), float(finite.max())
    zeros = int(finite.size - np.count_nonzero(finite))
    spread, norm = float(finite.std()), float(np.linalg.norm(finite))
    return Stats(low, mean, high, spread, norm, zeros=zeros, bad=bad, count=values.size)


class StatsLine(QLabel):
    """Shows `Stats` in one monospaced line; the unusual ones (zeros, NaN) only when there are any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stats: Stats | None = None
        self.setFont(mono_font(11))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme_changed.connect(self._write)

    def set_stats(self, stats: Stats | None) -> None:
        """Show these statistics, or nothing."""
        self._stats = stats
        self._write()

    def set_array(self, array: ArrayLike) -> None:
        """Show the statistics of `array`."""
        self.set_stats(stats_of(array))

    def _write(self, *_: object) -> None:
        self.setText("" if self._stats is None else self._html(self._stats))

    def _html(self, stats: Stats) -> str:
        now = theme()
        grey = now.secondary.name()
        named = (("min", stats.low), ("mean", stats.mean), ("max", stats.high), ("σ", stats.std))
        parts = [
            f"<span style='color:{grey}'>{name}</span>&nbsp;{numbers.number(value)}" for name, value in named
        ]
        if stats.bad:
            parts.append(f"<span style='color:{now.error.name()}'><b>{stats.bad}&nbsp;NaN/∞</b></span>")
        if stats.zeros:
            share = numbers.percent(stats.zeros / stats.count).replace(" ", "&nbsp;")
            parts.append(f"<span style='color:{grey}'>zeros</span>&nbsp;{share}")
        return "&ensp;".join(parts)
