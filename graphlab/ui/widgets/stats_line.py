"""One line of statistics of a tensor: its shape, min, mean, max, σ, norm, and what is wrong with it (zeros, NaN)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from ...engine.messages import Stats
from .. import numbers
from ..display import display_changed
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
    """Shows `Stats` in one monospaced line; the unusual ones (zeros, NaN) only when there are any.

    Those of a sample are marked ≈. NaN and infinity are a link to the first of them, once its place is known.
    """

    placeWanted = Signal(object)  # full index

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stats: Stats | None = None
        self._shape: tuple[int, ...] | None = None
        self._nans = self._infinities = 0
        self._bad: tuple[int, ...] | None = None
        self.setFont(mono_font(11))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(lambda _: self.placeWanted.emit(self._bad))
        theme_changed.connect(self._write)
        display_changed.connect(self._write)

    def set_stats(self, stats: Stats | None, shape: tuple[int, ...] | None = None) -> None:
        """Show these statistics, or nothing; with the `shape` of what they are of."""
        self._stats, self._shape = stats, shape
        self._nans = self._infinities = 0
        self._bad = None
        self._write()

    def set_whole(
        self,
        stats: Stats,
        shape: tuple[int, ...],
        nans: int,
        infinities: int,
        bad: tuple[int, ...] | None,
    ) -> None:
        """The same with NaN and infinity counted apart, and the place of the first."""
        self._stats, self._shape = stats, shape
        self._nans, self._infinities, self._bad = nans, infinities, bad
        self._write()

    def set_array(self, array: ArrayLike) -> None:
        """Show the statistics of `array`."""
        self.set_stats(stats_of(array))

    def _write(self, *_: object) -> None:
        self.setText("" if self._stats is None else self._html(self._stats))

    def _html(self, stats: Stats) -> str:
        now = theme()
        grey = now.secondary.name()
        named = [("min", stats.low), ("mean", stats.mean), ("max", stats.high), ("σ", stats.std)]
        if self._shape is not None:
            named.append(("norm", stats.norm))
        about = "≈" if stats.about else ""
        parts = [
            f"<span style='color:{grey}'>{name}</span>&nbsp;{about}{numbers.number(value)}"
            for name, value in named
        ]
        if self._shape is not None:
            parts.insert(0, f"<span style='color:{grey}'>{numbers.shape(self._shape)}</span>")
        if stats.bad:
            parts.append(self._bad_told(stats, about))
        if stats.zeros:
            share = numbers.percent(stats.zeros / stats.count).replace(" ", "&nbsp;")
            parts.append(f"<span style='color:{grey}'>zeros</span>&nbsp;{share}")
        return "&ensp;".join(parts)

    def _bad_told(self, stats: Stats, about: str) -> str:
        """How many there are of what is no number, and where the first is."""
        counts = [(self._nans, "NaN"), (self._infinities, "∞")]
        words = "&nbsp;".join(f"{about}{amount:,}&nbsp;{name}" for amount, name in counts if amount)
        words = words or f"{about}{stats.bad}&nbsp;NaN/∞"
        if self._bad is not None:
            place = numbers.index(self._bad).replace(" ", "&nbsp;")
            words = f"<a href='#' style='color:{theme().error.name()}'>{words}&nbsp;at&nbsp;{place}</a>"
        return f"<span style='color:{theme().error.name()}'><b>{words}</b></span>"
