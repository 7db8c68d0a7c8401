"""What the panels share that picture what a network does between its features and its prediction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...engine import messages as m
from ...engine.inference import Inference
from ...engine.threads import limited
from ...lab.outlook import Outlook, outlook
from ..asker import Asker
from ..evaluating import Evaluation
from ..panels.live import LivePanel
from ..session import Session
from ..tensors import Wish
from ..theme import mono_font, theme
from ..widgets.fields import QuietCombo
from .plane_view import PlaneView
from .rows import Rows

EDGE = 8  # pixels


class OutlookPanel(LivePanel):
    """Base of a picture made of forward passes beside the run.

    A subclass says in `unfit` why a graph has no such picture, asks in `question`, draws the newest `answer` in `draw`,
    and says in `words` what stands below it. `asked_of` is what `question` returned when that answer was asked for.
    """

    of_whole = True
    limit = 1
    name = "Plane"
    fills = "This fills when the graph has data with features, and a prediction."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.answer: m.Evaluated | None = None
        self.asked_of: Any = None
        self._inference: Inference | None = None
        self._outlook: Outlook | None = None
        self._fault = ""
        self._drawn_of: tuple[object, ...] = ()
        self.rows = Rows(session, self.changed)
        self.asker = Asker(session, self.question, self)
        self.asker.arrived.connect(self._take)
        self.plane = PlaneView(self.name)
        self.read_out = QLabel()
        self.read_out.setFont(mono_font(11))
        self.read_out.setProperty("role", "secondary")
        self.read_out.setMinimumWidth(1)
        content = QWidget(self)
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(EDGE, 0, EDGE, 4)
        self.column.setSpacing(4)
        self.column.addWidget(self.plane, 1)
        self.column.addWidget(self.read_out)
        self.set_content(content)
        self.plane.pointed.connect(lambda _: self.tell())
        self.plane.line_pointed.connect(lambda _: self.tell())
        session.opened.connect(self._forget)

    # For subclasses

    def unfit(self, found: Outlook) -> str:
        """Why there is no such picture of a graph; "" where there is one."""
        return ""

    def question(self, asked: Evaluation) -> object:
        """Asks for what the picture needs; what that is about, None where nothing is asked."""
        return None

    def draw(self) -> None:
        """Puts the newest answer into the plane."""

    def words(self) -> str:
        """What stands below the picture."""
        return ""

    def refresh_choices(self) -> None:
        """The graph is another: what can be chosen is, too."""

    # The common part

    @property
    def outlook(self) -> Outlook | None:
        """The way through the graph as it is."""
        whole = self.session.seen.whole
        if whole is not self._inference:
            before = self._outlook
            self._inference, self._outlook = whole, outlook(whole)
            self._forget()
            if before is None or self._outlook is None or before.source != self._outlook.source:
                self.plane.is_moved = False
            self.refresh_choices()
        return self._outlook

    def _forget(self, *_: object) -> None:
        self.answer, self.asked_of, self._fault = None, None, ""
        self.asker.forget()

    def keys(self) -> Iterable[Wish]:
        found = self.outlook
        return [m.TensorKey("value", *found.score)] if found is not None else []

    def missing(self) -> bool:
        found = self.outlook
        why = self._why_not(found)
        if why or found is None:
            self.empty.say(why)
            return True
        if self.answer is None:
            self.asker.want()
            self.empty.say(self._fault or "Waiting for the engine …")
            return True
        return False

    def _why_not(self, found: Outlook | None) -> str:
        session = self.session
        faults = session.seen.whole.problems
        if not session.whole.nodes:
            return f"{self.fills} Add nodes, or open an example."
        if found is None and faults:
            return f"{faults[0].node}: {faults[0].message}"
        return self.fills if found is None else self.unfit(found)

    def redraw(self) -> None:
        self.asker.want()
        if self._drawn_of != self._now():
            self._draw()

    def _take(self, about: object, event: m.Evaluated) -> None:
        if event.message:
            self.answer, self._fault = None, f"{event.message} {event.hint}".strip()
            self._stack.setCurrentWidget(self.empty)
            self.empty.say(self._fault)
            return
        self.answer, self.asked_of, self._fault = event, about, ""
        if not self.isVisible():
            return
        if self.missing_now():
            self.changed()
            return
        self._stack.setCurrentWidget(self.content)
        self._draw()

    def show_anew(self) -> None:
        """What is seen of the newest answer is another."""
        if not self.missing_now():
            self._draw()

    def _draw(self) -> None:
        """With one thread of BLAS: several wait for each other, and for the engine, longer than they work."""
        self._drawn_of = self._now()
        with limited():
            self.draw()
        self.tell()

    def _now(self) -> tuple[object, ...]:
        """What a picture is made of; an answer to come will be drawn when it comes."""
        return id(self.answer), theme().name, id(self.rows.found)

    def missing_now(self) -> bool:
        """Whether there is nothing to draw, without asking for it."""
        found = self.outlook
        return self.answer is None or found is None or bool(self.unfit(found))

    def tell(self) -> None:
        """Writes what stands below the picture."""
        text = self.words()
        room = max(self.width() - 2 * EDGE - 2, 0)
        elide = Qt.TextElideMode.ElideRight
        self.read_out.setText(self.read_out.fontMetrics().elidedText(text, elide, room))
        self.read_out.setToolTip(text)
        self.plane.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.missing_now():
            self.tell()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self.asker.forget()

    def values(self, place: int) -> NDArray[np.float64]:
        """One of the arrays of the newest answer, flat by row."""
        assert self.answer is not None
        array = np.asarray(self.answer.values[place], np.float64)
        return array.reshape(len(array), -1)


def small_combo(name: str, tip: str) -> QuietCombo:
    """A choice for the title bar of a dock."""
    combo = QuietCombo()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    combo.setFixedHeight(22)
    combo.setMaximumWidth(92)  # so that the title of the panel keeps its room
    combo.setStyleSheet("min-height: 16px; padding: 0 20px 0 6px; font-size: 11px;")
    return combo


def refill(combo: QuietCombo, items: list[tuple[str, object]], otherwise: object) -> None:
    """Puts other items into a choice; what is chosen stays so where it is still there."""
    chosen = combo.currentData() if combo.count() else otherwise
    if [(combo.itemText(k), combo.itemData(k)) for k in range(combo.count())] == items:
        return
    combo.blockSignals(True)
    combo.clear()
    for text, data in items:
        combo.addItem(text, data)
    places = [k for k, (_, data) in enumerate(items) if data == chosen]
    places += [k for k, (_, data) in enumerate(items) if data == otherwise]
    combo.setCurrentIndex(places[0] if places else 0)
    combo.blockSignals(False)
