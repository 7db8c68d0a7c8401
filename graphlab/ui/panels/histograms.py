"""Histograms over the steps: how weights, activations and their gradients were spread, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from ...lab.spreads import bounds, densities
from .. import numbers
from ..session import Session
from ..spreads import KINDS, SpreadHistory
from ..theme import mono_font
from ..widgets.spread_view import Spread, SpreadView, smoothed
from .live import LivePanel, header_choice, header_switch
from .registry import panel

ROWS, COLUMNS = 24, 160  # readings that are drawn, as ridges and across a map
BINS = 64
ALL = "all layers"


@panel("histograms", "Histograms", "bottom", 27, icon="histogram", shown=False)
class HistogramsPanel(LivePanel):
    """All layers side by side, or one of them; a click on one shows it alone, Escape all again."""

    picture = "histogram"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.spreads = SpreadHistory.of(session)
        self.kind, self.layer, self.as_map = self.spreads.kind, "", False
        self.words = QLabel()
        self.words.setProperty("role", "secondary")
        self.words.setFont(mono_font(11))
        self.words.setMinimumWidth(1)
        self.view = SpreadView()
        self.view.chosen.connect(self._click)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.view)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 0, 8, 4)
        column.setSpacing(2)
        column.addWidget(self.words)
        column.addWidget(self._scroll, 1)
        self.set_content(content)
        self.kinds = header_choice(
            KINDS, "What is counted", "What is counted, of each layer", self.set_kind, 11
        )
        self.layers = header_choice((ALL,), "Layer", "Which layer is shown", self._choose_layer)
        self.switch = header_switch(
            "map", "Time across and values upwards, instead of a ridge for each step", False, self.set_as_map
        )
        self.spreads.changed.connect(self.changed)

    def header_tools(self) -> list[QWidget]:
        return [self.kinds, self.layers, self.switch]

    # What is shown

    def set_kind(self, kind: str) -> None:
        """One of `KINDS`."""
        self.kind, self.layer = kind, ""
        self.kinds.setCurrentText(kind)
        self.spreads.look_at(kind)
        self.changed()

    def _choose_layer(self, name: str) -> None:
        self.set_layer("" if name == ALL else name)

    def set_layer(self, name: str) -> None:
        """The layer that is shown alone; "" for all."""
        self.layer = name
        self.changed()

    def set_as_map(self, on: bool) -> None:
        self.as_map = on
        self.changed()

    def _click(self, place: int) -> None:
        self.set_layer("" if self.layer else self.view.spreads[place].title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.layer:
            self.set_layer("")
        else:
            super().keyPressEvent(event)

    # Live

    def graph_changed(self, *_: object) -> None:
        super().graph_changed()
        if self.isVisible():
            self.spreads.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self._scroll.viewport().size()
        self.view.resize(room.width(), self.view.height_in(room.width(), room.height()))

    def missing(self) -> bool:
        history = self.spreads.history
        if history.size and any(history.of(k).counts.any() for k in range(len(self.spreads.keys))):
            return False
        session = self.session
        if not self.spreads.keys and self.kind.startswith("weight"):
            self.empty.say("Nothing here can learn. Add a Parameter, or a layer such as Linear.")
        elif self.kind.endswith("gradients") and not session.seen.whole.goal:
            self.empty.say(self.no_loss("There is no loss to go back from."))
        else:
            text = f"How the {self.kind} of each layer are spread is drawn here, step by step."
            self.empty.say(text, "Train", session.train, "train")
        return True

    def redraw(self) -> None:
        names = self.spreads.names()
        wanted = [ALL, *names]
        if wanted != [self.layers.itemText(k) for k in range(self.layers.count())]:
            self.layers.clear()
            self.layers.addItems(wanted)
        if self.layer not in names:
            self.layer = ""
        self.layers.setCurrentText(self.layer or ALL)
        shown = [k for k, name in enumerate(names) if self.layer in ("", name)]
        found = [self._spread(k, names[k]) for k in shown]
        self.view.show_spreads([each for each in found if each is not None], self.as_map)
        self._fit()
        self._tell()

    def _spread(self, k: int, name: str) -> Spread | None:
        """An array at readings that lie evenly over the steps; None where it was never there."""
        history = self.spreads.history
        places = history.evenly(COLUMNS if self.as_map else ROWS)
        found = history.of(k, places)
        there = found.counts.any(axis=1)
        if not there.any():
            return None
        steps = history.steps[places]
        if self.as_map:  # each column is a moment; where nothing was read, what was read before holds
            wanted = np.linspace(steps[0], steps[-1], min(COLUMNS, max(int(steps[-1] - steps[0]) + 1, 1)))
            at = np.searchsorted(steps, wanted, side="right") - 1
        else:
            at, wanted = np.flatnonzero(there), steps[there]
        low, high = bounds(found)
        shares = densities(found, low, high, BINS)[at]
        bad = int(found.bad[-1])
        note = f"{bad:,} no number" if bad else ""
        return Spread(name, list(wanted), shares if self.as_map else smoothed(shares), low, high, note)

    def _tell(self) -> None:
        history = self.spreads.history
        parts = [self.kind, f"steps {history.steps[0]:,.0f} … {history.steps[-1]:,.0f}"]
        if history.stride > 1:
            parts.append(f"{history.stride} readings in one")
        if self.spreads.left_out:
            parts.append(f"{numbers.count(self.spreads.left_out, 'layer')} left out")
        self.words.setText("  ·  ".join(parts))

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A row for each bin that has elements, of each reading and array that is shown."""
        header = ["step", "array", "from", "to", "elements", "no number"]
        return header, self._rows(
            [k for k, name in enumerate(self.spreads.names()) if self.layer in ("", name)]
        )

    def _rows(self, shown: Sequence[int]) -> Iterator[Sequence[Any]]:
        history, names = self.spreads.history, self.spreads.names()
        for k in shown:
            found = history.of(k)
            for row, step in enumerate(history.steps.tolist()):
                width = 2.0 ** int(found.exponents[row])
                for at in np.flatnonzero(found.counts[row]).tolist():
                    low = (int(found.firsts[row]) + at) * width
                    count = int(found.counts[row, at])
                    yield [int(step), names[k], low, low + width, count, int(found.bad[row])]
