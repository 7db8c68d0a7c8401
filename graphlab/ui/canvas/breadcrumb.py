"""Over the canvas while one is in a group: the way there, each part clickable, and how many uses an edit changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from ...graph.copies import node_of
from .. import numbers
from ..group_edits import go_up, here, times_used, unique_here
from ..inspector.parts import Elided, Mark
from ..theme import ui_font
from .chip import paint_card

if TYPE_CHECKING:
    from ..session import Session

_PLACE = 10  # pixels from the corner of the canvas
_ROOM = 40  # and to its right edge
_LONGEST = 180  # pixels of one name
_LAST = 3  # names shown besides the first


class Breadcrumb(QWidget):
    """Hidden on the whole graph."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 3, 10, 3)
        self._row.setSpacing(2)
        self._shown: tuple[object, ...] = ()
        self.parts: list[QToolButton] = []
        self.uses, self.unique = Elided(parent=self), QPushButton("Make unique", self)
        self._dress()
        self.setAccessibleName("Where you are")
        session.entered.connect(self.refresh)
        session.whole_changed.connect(self.refresh)
        session.saved.connect(self.refresh)
        self.hide()

    def names(self) -> list[str]:
        """From the whole graph to where one is."""
        session, document = self._session, self._session.whole
        found = [session.path.stem if session.path else document.name]
        for step in session.inside:
            node = document.nodes[node_of(step)]
            found.append(node.name)
            document = session.whole.definitions[str(node.params["definition"])]
        return found

    @property
    def room(self) -> int:
        """The height at the top of the canvas that it takes; 0 while it is hidden."""
        return 0 if self.isHidden() else self.geometry().bottom()

    def refresh(self, *_: object) -> None:
        """Shows where one is now."""
        session = self._session
        self.setVisible(bool(session.inside))
        if not session.inside:
            self._shown = ()
            return
        names, times = tuple(self.names()), times_used(session, here(session))
        if (session.inside, names, times) != self._shown:
            self._shown = session.inside, names, times
            self._build(names, times)
        self.place()

    def place(self) -> None:
        """In the corner; no wider than there is room."""
        room = self.parentWidget().width() - _PLACE - _ROOM
        size = self.sizeHint()
        self.setGeometry(_PLACE, _PLACE, max(min(size.width(), room), 60), size.height())
        self.raise_()

    def _build(self, names: tuple[str, ...], times: int) -> None:
        self._clear()
        for depth, name in enumerate(names):
            if 0 < depth < len(names) - _LAST:
                continue
            if depth:
                self._row.addWidget(Mark("chevron-right", "faint", 12))
            if depth == len(names) - _LAST > 1:
                self._row.addWidget(QLabel("…"))
                self._row.addWidget(Mark("chevron-right", "faint", 12))
            self._row.addWidget(self._part(name, depth, depth == len(names) - 1))
        if times > 1:
            self._say_uses(times)
        for k in range(self._row.count()):
            widget = self._row.itemAt(k).widget()
            if widget is not None:
                widget.show()  # Qt would do so in a moment, but the size is asked for now
        self._row.activate()

    def _clear(self) -> None:
        while self._row.count():
            widget = self._row.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                if widget not in (self.uses, self.unique):
                    widget.deleteLater()
        self.parts = []

    def _dress(self) -> None:
        """What is said of other uses is there for good, and shown where there are some."""
        self.uses.setProperty("role", "warning")
        self.uses.setFont(ui_font(12))
        self.unique.setProperty("role", "link")
        self.unique.setToolTip("Give this use a group of its own, so that the others stay as they are")
        self.unique.setCursor(Qt.CursorShape.PointingHandCursor)
        self.unique.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # the canvas keeps the keys
        self.unique.clicked.connect(lambda: self._session.attempt(unique_here, self._session))
        self.uses.hide()
        self.unique.hide()

    def _part(self, name: str, depth: int, is_here: bool) -> QToolButton:
        button = QToolButton()
        font = ui_font(12, ui_font().Weight.DemiBold if is_here else ui_font().Weight.Normal)
        button.setFont(font)
        cut = button.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST)
        button.setText(cut.replace("&", "&&"))
        button.setAccessibleName(name)
        button.setToolTip(name if is_here else f"Go to {name}")
        button.clicked.connect(lambda: go_up(self._session, depth))
        self.parts.append(button)
        return button

    def _say_uses(self, times: int) -> None:
        """Outside the group one cannot see that its other uses change along."""
        rule = QLabel("·")
        rule.setProperty("role", "secondary")
        self.uses.setText(f"used {numbers.times(times)}: edits change all")
        for widget in (rule, self.uses, self.unique):
            self._row.addWidget(widget)
        self._row.insertSpacing(self._row.indexOf(self.unique), 6)

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_card(self)
