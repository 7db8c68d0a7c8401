"""Filters over time: how the filters of a layer came about, moment by moment of the training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ...engine.messages import TensorKey
from ...lab.film import SCALES, Film, moments_of, strip
from ...lab.filters import COLOURS, filters
from ..films import Films
from ..session import Session
from ..widgets.film_view import FilmView, columns_for
from .live import LivePanel, header_choice
from .registry import panel

BY_NORM = "by norm"
MOST_INPUTS = 64  # that can be chosen from
SCROLL_BAR = 12


@panel("filter-film", "Filters over time", "bottom", 43, icon="filter-film", shown=False, tabbed=True)
class FilterFilmPanel(LivePanel):
    """A row for each filter, a column for each moment, the first and the newest among them."""

    picture = "filter-film"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.films = Films.of(session)
        self.films.changed.connect(self.changed)
        session.travel.changed.connect(self.changed)
        self._keys: list[TensorKey] = []
        self.layer = header_choice((), "Layer", "Whose filters are shown", self._choose, 9)
        self.channel = header_choice((), "Input", "Of which input the filters are shown", self.changed)
        self.order = header_choice(
            ("by index", BY_NORM), "Order of filters", "In which order filters stand", self.changed
        )
        self.scale = header_choice(
            SCALES,
            "Range of colours",
            "What shares the full range of colours: all of a layer, each filter over "
            "the whole training, or each picture by itself",
            self.changed,
        )
        self.view = FilmView()
        self.view.chosen.connect(self._go)
        self.shelf = QScrollArea()
        self.shelf.setWidget(self.view)
        self.shelf.setWidgetResizable(True)
        self.shelf.setFrameShape(QFrame.Shape.NoFrame)
        self.shelf.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_content(self.shelf)

    def header_tools(self) -> list[QWidget]:
        return [self.layer, self.channel, self.order, self.scale]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.changed()

    # What is shown

    @property
    def key(self) -> TensorKey | None:
        """The parameter that is shown."""
        at = self.layer.currentIndex()
        return self._keys[at] if 0 <= at < len(self._keys) else None

    def _film(self) -> Film | None:
        return self.films.film(self.key) if self.key is not None else None

    def missing(self) -> bool:
        self._refresh_choices()
        if not self._keys:
            self.empty.say("No layer here looks at pictures. Add one that does, such as Conv2d.")
            return True
        film = self._film()
        if film is None or self.key is None or not moments_of(film, self.films.now(self.key)):
            self.say_nothing_runs(
                "The filters appear once the graph has run, and change as it trains.", "forward"
            )
            return True
        return False

    def _refresh_choices(self) -> None:
        keys, nodes = self.films.keys, self.session.seen.whole.nodes
        names = [f"{nodes[key.node].path}.{key.socket}" for key in keys if key.node in nodes]
        keys = [key for key in keys if key.node in nodes]
        if keys != self._keys or names != [self.layer.itemText(k) for k in range(self.layer.count())]:
            self._keys = keys
            self.layer.refill(names)
        self._follow_selection()
        film = self._film()
        inputs = film.shape[1] if film is not None and len(film.shape) == 4 else 1
        several = 1 < inputs != COLOURS
        self.channel.refill([f"input {k}" for k in range(min(inputs, MOST_INPUTS))] if several else [])
        self.channel.setVisible(several)

    _selected = ""

    def _follow_selection(self) -> None:
        """The layer that has been selected on the canvas is shown."""
        node = self.session.selected_node
        if node == self._selected:
            return
        self._selected = node
        end = self.session.seen.end(node, "weight") if node else None
        if end is not None and TensorKey("value", *end) in self._keys:
            self.layer.setCurrentIndex(self._keys.index(TensorKey("value", *end)))

    def _choose(self, *_: object) -> None:
        self.changed()

    def redraw(self) -> None:
        film, key = self._film(), self.key
        if film is None or key is None:
            return
        now = self.films.now(key)
        shape = filters(np.broadcast_to(0.0, film.shape), film.shape)
        assert shape is not None  # only such are kept
        rows, (height, width) = len(shape), shape.shape[2:]
        room = self.shelf.width() - SCROLL_BAR
        moments = len(moments_of(film, now))
        columns, tall = columns_for(room, self.shelf.height(), rows, width / height, moments)
        channel = max(self.channel.currentIndex(), 0)
        by_norm = self.order.currentText() == BY_NORM
        made = strip(film, now, columns, channel, by_norm, self.scale.currentText())
        if made is not None:
            self.view.show_strip(made, tall, self.session.status.step)

    def _go(self, step: int) -> None:
        """Has everything show that step of the training."""
        if self.session.travel.can_travel:
            self.session.travel.go(step)
        elif step != self.session.status.step:
            self.session.notify(
                "info", "No other step of this training can be reached.", "Train a little first."
            )

    def pictured(self) -> QWidget:
        return self.view

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every number that was kept, with its step and index."""
        film, key = self._film(), self.key
        found = moments_of(film, self.films.now(key)) if film is not None and key is not None else []
        rows = (
            [step, " ".join(map(str, at)), float(value)]
            for step, values in found
            for at, value in np.ndenumerate(values)
        )
        return ["step", "index", "value"], rows
