"""A picture of which one part at a time can be chosen: by a click, or by the arrows; Escape lets go of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..theme import theme_changed


class PickView(QWidget):
    """What the parts are, and how they look, its subclasses say.

    picked: the part chosen, None for none; hovered: the one under the pointer.
    """

    chosen = Signal(object)  # the part chosen, None for none

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picked: Any = None
        self.hovered: Any = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        theme_changed.connect(self._repaint)

    def words(self, part: Any) -> str:
        """A part in a sentence."""
        raise NotImplementedError

    def at(self, place: QPointF) -> Any:
        """The part that lies there; None for none."""
        raise NotImplementedError

    def beside(self, key: Qt.Key) -> Any:
        """The part that a key leads to; None where it leads nowhere."""
        raise NotImplementedError

    def choose(self, part: Any) -> None:
        if part != self.picked:
            self.picked = part
            self.describe()
            self.update()
            self.chosen.emit(part)

    def describe(self) -> None:
        """Tells who does not see it what is chosen."""
        self.setAccessibleDescription("" if self.picked is None else self.words(self.picked))

    def _repaint(self, *_: object) -> None:
        self.update()

    # Hands

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        part = self.at(event.position())
        if part != self.hovered:
            self.hovered = part
            self.setToolTip("" if part is None else self.words(part))
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            part = self.at(event.position())
            self.choose(None if part == self.picked else part)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        part = self.beside(Qt.Key(event.key()))
        if part is not None:
            self.choose(part)
        elif event.key() == Qt.Key.Key_Escape and self.picked is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)
