"""Predictions: the rows of a split with what the network says of each, and one of them in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from ...engine import messages as m
from ...engine.verdicts import ORDERS, Verdicts
from ..asker import Asker
from ..evaluating import Evaluation
from ..icons import icon
from ..samples import CLASSES, samples_of
from ..session import Session
from ..wanting import wanting_of
from ..widgets.answer_view import AnswerView, to_canvas_button
from ..widgets.picture import Picture
from ..widgets.split_choice import SplitChoice, said_of
from ..widgets.verdict_cards import VerdictCards
from .live import LivePanel, header_choice
from .registry import panel

ALL = "all classes"


@panel("predictions", "Predictions", "bottom", 46, shown=False, tabbed=True)
class PredictionsPanel(LivePanel):
    """Cards; below or beside them the row that is chosen, here or by another panel."""

    picture = "gallery"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.samples = samples_of(session)
        self.samples.arrived.connect(self.changed)
        self.samples.pointed.connect(self._point_at)
        self.asked = Asker(session, self._ask_layers, self)
        self.asked.arrived.connect(self._take_layers)
        self._drawn: tuple[object, ...] = ()
        self._asked_at: tuple[int, int] = (-1, -1)  # the row, and the step, that the layers shown are of
        self.said, self.cards = QLabel(), VerdictCards()
        self.split = SplitChoice(self.samples)
        self.order = header_choice(ORDERS, "Order", "In which order the rows stand", self.changed)
        self.order.setCurrentText("wrong first")
        self.of_class = header_choice((ALL,), "Class", "Of which class the rows are", self.changed)
        self.cards.chosen.connect(self._choose)
        self.set_content(self._build())

    def _build(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(10, 2, 6, 6)
        column.setSpacing(4)
        self.said.setProperty("role", "secondary")
        self.said.setMinimumWidth(1)
        column.addWidget(self.said)
        self._both = QSplitter(Qt.Orientation.Horizontal)
        self._both.setChildrenCollapsible(False)
        self._both.addWidget(self.cards)
        self._both.addWidget(self._detail())
        self._both.setStretchFactor(0, 3)
        self._both.setStretchFactor(1, 4)
        column.addWidget(self._both, 1)
        return whole

    def _detail(self) -> QWidget:
        """The chosen row in full: title, picture, probabilities, layers."""
        self.detail = QWidget()
        column = QVBoxLayout(self.detail)
        column.setContentsMargins(10, 0, 4, 0)
        column.setSpacing(4)
        self.title = QLabel()
        self.title.setMinimumWidth(1)
        self.to_canvas = to_canvas_button(self._show_on_canvas)
        self.why = QPushButton("Why?")
        self.why.setIcon(icon("why"))
        self.why.setProperty("role", "link")
        self.why.setToolTip("See which pixels this answer rests on")
        self.why.clicked.connect(self._ask_why)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.why)
        head.addWidget(self.to_canvas)
        column.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.image = Picture(side=120)
        self.image.setFixedWidth(132)
        self.answer = AnswerView(self.session)
        row.addWidget(self.image, 1)
        row.addWidget(self.answer, 5)
        column.addLayout(row, 1)
        self.detail.hide()
        return self.detail

    def header_tools(self) -> list[QWidget]:
        return [self.split, self.of_class, self.order]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.join(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)
        self.asked.forget()

    # What is shown

    def missing(self) -> bool:
        if self.samples.verdicts is not None:
            return False
        self.empty.say(self.samples.missing_for(CLASSES))
        return True

    def redraw(self) -> None:
        found, look = self.samples.verdicts, self.samples.look
        if found is None or look is None:
            return
        key = (found, self.order.currentText(), self.of_class.currentIndex(), self.row, self.width())
        if key == self._drawn:
            return  # training tells of itself far oftener than there are new verdicts
        self._drawn = key
        way = Qt.Orientation.Horizontal if self.width() >= 760 else Qt.Orientation.Vertical
        self._both.setOrientation(way)
        self.split.refresh()
        self._show_classes(found)
        self.said.setText(said_of(self.samples))
        self.cards.show_verdicts(look, found, self.arranged(found), "There is no row of this class here.")
        self._show_detail(found)

    def arranged(self, found: Verdicts) -> Any:
        """The positions of the rows that are shown, in their order."""
        chosen = self.of_class.currentIndex() - 1
        return found.arranged(self.order.currentText(), chosen if chosen >= 0 else None)

    def _show_classes(self, found: Verdicts) -> None:
        wanted = [ALL, *(f"only {name}" for name in found.classes)]
        if wanted != [self.of_class.itemText(k) for k in range(self.of_class.count())]:
            self.of_class.clear()
            self.of_class.addItems(wanted)

    # One row in full

    @property
    def row(self) -> int | None:
        """The row of the data that is shown in full."""
        return self.cards.cards.row

    def _point_at(self, row: int) -> None:
        """Another panel wants to see it; here it is shown as soon as this panel is."""
        self.cards.cards.row = row
        self.changed()

    def _choose(self, _: int | None) -> None:
        self.samples.point_at(self.row)
        self.redraw()

    def _show_on_canvas(self) -> None:
        if self.row is not None:
            self.samples.show_on_canvas(self.row)

    def _ask_why(self) -> None:
        if self.row is not None:
            wanting_of(self.session).ask_why(self.row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.row is not None:
            self.cards.cards.choose(None)
        else:
            super().keyPressEvent(event)

    def _show_detail(self, found: Verdicts) -> None:
        there = np.flatnonzero(found.rows == (-1 if self.row is None else self.row))
        self.detail.setVisible(len(there) > 0)
        where, look = self.samples.decision, self.samples.look
        if not len(there) or where is None or look is None:
            return
        k = int(there[0])
        true, said = (found.classes[int(j)] for j in (found.true[k], found.said[k]))
        verdict = f"✓ {said}" if found.right[k] else f"✕ said {said}, is {true}"
        self.why.setVisible(wanting_of(self.session).is_possible)
        self.title.setText(f"Row {self.row:,}  ·  {verdict}  ·  loss {found.losses[k]:.3f}")
        self.answer.bars.show_chances(found.classes, found.chances[k], int(found.true[k]))
        self.image.setVisible(look.image_shape is not None)
        if look.image_shape is not None and self._asked_at[0] != self.row:
            values: Any = look.x[self.row].reshape(look.image_shape)
            self.image.set_array(values if values.shape[0] == 3 else values[0])
        place = (int(self.row or 0), self.samples.step)
        if place != self._asked_at or self.session.status.state != "training":
            is_other, self._asked_at = place[0] != self._asked_at[0], place
            self._place = int(found.places[k])
            self.asked.want(now=is_other)

    _place = 0  # of the chosen row in its split

    def _ask_layers(self, asked: Evaluation) -> object:
        if self.row is None or self.samples.decision is None:
            return None
        asked.of_rows(self.samples.split, self.answer.ends(self.samples.decision), [self._place])
        return self.row

    def _take_layers(self, _: object, event: m.Evaluated) -> None:
        if not event.message and self.samples.decision is not None:
            self.answer.show_layers(self.samples.decision, event.values)

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A line for each row that is shown, in its order: true, said, right, loss, and each probability."""
        found = self.samples.verdicts
        if found is None:
            return [], iter(())
        header = ["row", "true", "said", "right", "loss", *(f"p({name})" for name in found.classes)]
        return header, _lines(found, self.arranged(found).tolist())


def _lines(found: Verdicts, order: list[int]) -> Iterator[Sequence[Any]]:
    right, losses = found.right, found.losses
    for k in order:
        true, said = (found.classes[int(j)] for j in (found.true[k], found.said[k]))
        yield [int(found.rows[k]), true, said, int(right[k]), float(losses[k]), *found.chances[k].tolist()]
