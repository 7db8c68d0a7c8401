"""A filter as a small table of numbers that a hand can change: drag one up or down, or type it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from ...errors import GraphlabError
from .. import numbers, typed
from ..colour import magnitude
from ..painting import painting
from ..scrubbing import NOTCH, Scrub
from ..theme import cell_ink, mono_font, signed_rgba, theme
from .own_keys import OwnKeys

Cell = tuple[int, int]

GAP = 2.0
WIDEST, TALLEST = 64.0, 44.0  # pixels of a cell
ROOM = 7.0  # pixels of a digit
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class KernelGrid(QWidget):
    """Dragging a number upwards or to the right makes it larger; a double-click, Enter or a digit types it; Delete sets
    it to 0; plus and minus, or the wheel while it has the keyboard, step it. Ctrl+Z takes back.
    """

    edited = Signal(object, bool)  # the filter; whether a drag goes on
    refused = Signal(str)  # why what was typed is no number

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kernel: NDArray[np.float64] = np.zeros((3, 3))
        self._selected: Cell = (1, 1)
        self._scrub: Scrub | None = None
        self._from = QPointF()
        self._typing: QLineEdit | None = None
        self.is_locked = False
        self.why = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName("Numbers of the filter")
        self.setToolTip("Drag a number up or down, or type it (arrows walk, Delete is 0, Ctrl+Z takes back)")
        OwnKeys(self, "Del", "Backspace", "Home", "End")

    def sizeHint(self) -> QSize:
        return QSize(200, 132)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 72)

    # What is shown

    @property
    def kernel(self) -> NDArray[np.float64]:
        return self._kernel

    @property
    def selected(self) -> Cell:
        return self._selected

    def set_kernel(self, kernel: NDArray[np.float64]) -> None:
        if kernel.shape != self._kernel.shape:
            rows, columns = kernel.shape
            self._selected = rows // 2, columns // 2
            self._end_typing()
        self._kernel = kernel
        lines = ["  ".join(numbers.number(value) for value in row) for row in kernel.tolist()]
        self.setAccessibleDescription("; ".join(lines))
        self.update()

    # Geometry

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a number stands."""
        rows, columns = self._kernel.shape
        wide = min((self.width() - 4) / columns, WIDEST)
        tall = min((self.height() - 4) / rows, TALLEST)
        left = (self.width() - wide * columns) / 2
        top = (self.height() - tall * rows) / 2
        return QRectF(left + cell[1] * wide, top + cell[0] * tall, wide - GAP, tall - GAP)

    def at(self, point: QPointF) -> Cell | None:
        for cell in np.ndindex(*self._kernel.shape):
            if self.cell_rect((cell[0], cell[1])).adjusted(0, 0, GAP, GAP).contains(point):
                return cell[0], cell[1]
        return None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        scale = magnitude(self._kernel)
        colours = signed_rgba(self._kernel, scale or 1.0)
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(mono_font(11))
            for row, column in np.ndindex(*self._kernel.shape):
                rect, value = self.cell_rect((row, column)), float(self._kernel[row, column])
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(*(int(part) for part in colours[row, column])))
                painter.drawRoundedRect(rect, 3, 3)
                room = int((rect.width() - 2) // ROOM)
                if room >= 2 and rect.height() >= 11:
                    painter.setPen(cell_ink(value, scale or 1.0))
                    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, short(value, room))
            if not self.is_locked:
                self._paint_mark(painter)

    def _paint_mark(self, painter: QPainter) -> None:
        colour = theme().accent if self.hasFocus() else theme().secondary
        painter.setPen(QPen(colour, 2 if self.hasFocus() else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.cell_rect(self._selected), 3, 3)

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    # Changing numbers

    def set_number(self, value: float, dragging: bool = False) -> None:
        """The selected number becomes this."""
        if self.is_locked:
            return
        made = self._kernel.copy()
        made[self._selected] = value
        self._kernel = made
        self.update()
        self.edited.emit(made, dragging)

    def _step(self, pixels: float, modifiers: Qt.KeyboardModifier) -> None:
        self.set_number(self._new_scrub().move(pixels, modifiers)[0])

    def _new_scrub(self) -> Scrub:
        among = float(np.abs(self._kernel).mean())
        return Scrub((float(self._kernel[self._selected]),), among=among)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or cell is None:
            return
        self._end_typing()
        self._selected, self._from = cell, event.position()
        self._scrub = None if self.is_locked else self._new_scrub()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._scrub is None or not event.buttons() & Qt.MouseButton.LeftButton:
            shape = Qt.CursorShape.SizeVerCursor
            over = self.at(event.position()) is not None and not self.is_locked
            self.setCursor(shape if over else Qt.CursorShape.ArrowCursor)
            return
        moved = event.position() - self._from
        self._from = event.position()
        self.set_number(self._scrub.move(moved.x() - moved.y(), event.modifiers())[0], dragging=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        scrub, self._scrub = self._scrub, None
        if scrub is not None and scrub.values() != scrub.start:
            self.edited.emit(self._kernel, False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._scrub = None
        if self.at(event.position()) is not None:
            self._begin_typing()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and not self.is_locked and event.angleDelta().y():
            self._step(NOTCH if event.angleDelta().y() > 0 else -NOTCH, event.modifiers())
            event.accept()
        else:
            event.ignore()

    # Keys

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z on the filter is about the filter; who owns it hears the key."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            walks = Qt.Key(event.key()) in _MOVES and plain
            if event.matches(undo) or event.matches(redo) or walks or self._is_digit(event):
                event.accept()
                return True
        return super().event(event)

    @staticmethod
    def _is_digit(event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        return plain and bool(event.text()) and event.text() in "0123456789.,-+"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MOVES and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            rows, columns = self._kernel.shape
            row, column = self._selected[0] + _MOVES[key][0], self._selected[1] + _MOVES[key][1]
            self._selected = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
            self.update()
        elif self.is_locked:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.set_number(0.0)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._begin_typing()
        elif event.text() in ("+", "-") and event.text():
            self._step(NOTCH if event.text() == "+" else -NOTCH, Qt.KeyboardModifier.NoModifier)
        elif self._is_digit(event):
            self._begin_typing(event.text())
        else:
            super().keyPressEvent(event)

    # Typing

    def _begin_typing(self, text: str = "") -> None:
        if self.is_locked:
            return
        self._end_typing()
        field = QLineEdit(self)
        self._typing, self.why = field, ""
        field.setFont(mono_font(12))
        field.setAccessibleName("Number")
        field.setText(text or numbers.figure(float(self._kernel[self._selected])))
        if not text:
            field.selectAll()
        rect = self.cell_rect(self._selected)
        wide = max(rect.width(), 78.0)
        left = min(max(rect.center().x() - wide / 2, 0), max(self.width() - wide, 0))
        field.setGeometry(round(left), round(rect.center().y() - 13), round(wide), 26)
        for key in ("Return", "Enter"):
            OwnKeys(field, key, run=self._take_typed)  # or the table would open another
        OwnKeys(field, "Esc", run=self._end_typing)
        field.show()
        field.setFocus()
        field.editingFinished.connect(self._left)

    def _left(self) -> None:
        """The keyboard went elsewhere: what was typed counts as far as it is a number."""
        if self._typing is not None and not self._typing.hasFocus():
            self._take_typed(is_leaving=True)

    def _take_typed(self, is_leaving: bool = False) -> None:
        field = self._typing
        if field is None:
            return
        try:
            value = typed.numbers_for(field.text(), (float(self._kernel[self._selected]),))[0]
        except GraphlabError as error:
            self.why = str(error)
            self.refused.emit(self.why)
            field.setToolTip(self.why)
            field.setProperty("invalid", True)
            field.style().unpolish(field)
            field.style().polish(field)
            if is_leaving:
                self._end_typing()
            return
        self._end_typing()
        self.set_number(value)

    def _end_typing(self) -> None:
        field, self._typing = self._typing, None
        if field is not None:
            had = field.hasFocus()
            field.hide()
            field.deleteLater()
            if had:
                self.setFocus()


def short(value: float, room: int) -> str:
    """A number in so many characters: "0.042", ".04"; one that has no room at all is "0" with its sign."""
    text = numbers.fitting(value, room, 3)
    if len(text) <= room:
        return text
    lead = numbers.MINUS if value < 0 else ""
    if abs(value) >= 1:
        return f"{lead}{abs(value):.0f}"
    return lead + f"{abs(value):.{max(room - 1 - len(lead), 1)}f}"[1:]
