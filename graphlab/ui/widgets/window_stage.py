"""The stage on which one window is played: input, filter, products, what they come to, and the result it lands in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...lab.windows import Look, Place
from ..colour import alpha
from ..painting import painting
from ..theme import mono_font, theme, theme_changed, ui_font
from ..window_words import Line
from .board import Board
from .window_boards import Act, Element, WindowBoards
from .window_layout import LABEL

MOST_LIT = 400  # windows that are outlined one by one
EDGE = 10
DIM = 0.32  # of what the window does not see
TALL, PLAIN = 22, 16  # pixels of a line
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_CONTROL = Qt.KeyboardModifier.ControlModifier


class WindowStage(QWidget):
    """Arrows move the window, Ctrl+arrows an element of the input, Space plays, Esc lets go of what was picked.

    The wheel and the keys [ and ] go through the channels, where there are more than have room. A double-click asks how
    a number came about, and E asks it of the result.
    """

    placed = Signal(object)  # (row, column) of the result
    picked = Signal(object)  # (channel, row, column) of the input, None for none
    play_wanted = Signal()
    result_questioned = Signal(object)  # (row, column): how did it come about?
    input_questioned = Signal(object)  # (channel, row, column)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boards: WindowBoards | None = None
        self.at: Place = (0, 0)
        self.landed: int | None = None  # how many windows have been played; None: all
        self.element: Element | None = None
        self._words = ""  # instead of boards
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Window by window")
        theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(620, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    # What is shown

    @property
    def act(self) -> Act | None:
        return None if self.boards is None else self.boards.act

    @property
    def look(self) -> Look | None:
        """The window where it is now."""
        return None if self.boards is None else self.boards.look

    def show_act(self, act: Act) -> None:
        """Other numbers; window and picked element stay where they are as far as there are such."""
        self._make(act, 0 if self.boards is None else self.boards.first)

    def _make(self, act: Act, first: int) -> None:
        (rows, columns), (height, width) = act.scene.sliding.size, act.scene.sliding.image
        at = min(self.at[0], rows - 1), min(self.at[1], columns - 1)
        element = self.element
        if element is not None and not (element[1] < height and element[2] < width):
            element = None
        self.boards = WindowBoards(act, QRectF(self.rect()).adjusted(EDGE, 2, -EDGE, -4), first)
        self.go(at, None if self.landed is None else min(self.landed, rows * columns))
        self.pick(element)

    def say(self, words: str) -> None:
        """Why there is nothing to be played."""
        self.boards, self._words = None, words
        self.update()

    def go(self, at: Place, landed: int | None = None) -> None:
        """Puts the window there; `landed`: how many windows have been played, None for all."""
        self.at, self.landed = at, landed
        if self.boards is not None:
            self.boards.go(at, landed)
            self.update()

    def pick(self, element: Element | None) -> None:
        """An element of the input: every window that it lies in is lit."""
        self.element = element
        if self.boards is not None:
            self.boards.pick(element)
            self.update()

    def scroll(self, by: int) -> None:
        """Other channels of many."""
        if self.boards is not None and self.boards.more_told:
            self._make(self.boards.act, self.boards.first + by)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.boards is not None:
            self.show_act(self.boards.act)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        boards = self.boards
        with painting(self) as painter:
            if boards is None:
                self._paint_nothing(painter)
                return
            for board in boards.all:
                board.paint(painter)
            self._paint_titles(painter, boards)
            self._paint_field(painter, boards)
            self._paint_landing(painter, boards)
            self._paint_element(painter, boards)
            self._paint_words(painter, boards)
            if self.hasFocus():
                painter.setPen(QPen(theme().accent, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 0.5, -2, -0.5), 5, 5)

    def _paint_nothing(self, painter: QPainter) -> None:
        painter.setFont(ui_font(13))
        painter.setPen(theme().secondary)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(20, 0, -20, 0), flags, self._words)

    def _paint_titles(self, painter: QPainter, boards: WindowBoards) -> None:
        painter.setFont(ui_font(11))
        painter.setPen(theme().secondary)
        heads = [boards.left[0], *boards.filters[:1], boards.products[0], boards.right]
        for board in [*heads, boards.matrix] if boards.has_matrix else heads:
            frame = board.frame
            beside = [b.frame.left() for b in heads if b.frame.left() > frame.right()]
            left = frame.left() - (LABEL if board in boards.left[:1] and len(boards.left) > 1 else 0)
            room = int(min(beside, default=self.width()) - left - 6)
            words = painter.fontMetrics().elidedText(board.title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(left, frame.top() - 5), words)
        if len(boards.left) > 1:
            painter.setFont(mono_font(10))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            for board, channel in zip(boards.left, boards.shown, strict=True):
                label = QRectF(board.frame.left() - 28, board.frame.top(), 24, board.frame.height())
                painter.drawText(label, flags, str(channel))

    def _paint_field(self, painter: QPainter, boards: WindowBoards) -> None:
        """The receptive field, lit: all around it is dimmed."""
        accent, look = theme().accent, boards.look
        sliding = boards.act.scene.sliding
        is_spaced = max(sliding.rows.spacing, sliding.columns.spacing) > 1
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for board in boards.left:
            first, last = (look.rows[0], look.columns[0]), (look.rows[-1], look.columns[-1])
            span = board.span((int(first[0]), int(first[1])), (int(last[0]), int(last[1])))
            _dim_around(painter, board, span)
            painter.setPen(QPen(accent, 2))
            painter.drawRect(span.adjusted(-1, -1, 0, 0))
            if is_spaced and min(board.cell) >= 3:
                painter.setPen(QPen(accent, 1))
                cells = [board.place(int(r), int(c)) for r in look.rows for c in look.columns]
                painter.drawRects([cell.adjusted(0, 0, -1, -1) for cell in cells])
        for board in boards.products:
            _cross_out(painter, board, look)
            if look.winner is not None:
                painter.setPen(QPen(theme().found, 2))
                painter.drawRect(board.place(*look.winner).adjusted(0, 0, -1, -1))
        if boards.has_matrix and len(boards.matrix.values) > self.at[1]:
            row = boards.matrix.span((self.at[1], 0), (self.at[1], boards.matrix.columns - 1))
            painter.setPen(QPen(accent, 2))
            painter.drawRect(row.adjusted(-1, -1, 0, 0))

    def _paint_landing(self, painter: QPainter, boards: WindowBoards) -> None:
        """The result: what has not been played is covered, and the present one is outlined."""
        board, frame = boards.right, boards.right.frame
        if self.landed is not None and not boards.act.is_back:
            self._cover(painter, board)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().line, 1))
        painter.drawRect(frame.adjusted(0, 0, -1, -1))
        cell = board.place(*self.at)
        grown = max(0.0, (5.0 - min(cell.width(), cell.height())) / 2)
        painter.setPen(QPen(theme().accent, 2))
        painter.drawRect(cell.adjusted(-1 - grown, -1 - grown, grown, grown))

    def _cover(self, painter: QPainter, board: Board) -> None:
        row, column = divmod(self.landed or 0, board.columns)
        if row >= board.rows:
            return
        ground, frame, start = theme().panel, board.frame, board.place(row, column)
        painter.fillRect(
            QRectF(start.left(), start.top(), frame.right() - start.left(), start.height()), ground
        )
        below = QRectF(frame.left(), start.bottom(), frame.width(), max(frame.bottom() - start.bottom(), 0.0))
        painter.fillRect(below, ground)

    def _paint_element(self, painter: QPainter, boards: WindowBoards) -> None:
        """The element of the input that was picked, and all windows that it lies in."""
        if self.element is None:
            return
        channel, row, column = self.element
        painter.setPen(QPen(theme().found, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for board, shown in zip(boards.left, boards.shown, strict=True):
            if shown == channel:
                grown = max(0.0, (4.0 - min(board.cell)) / 2)
                painter.drawRect(board.place(row, column).adjusted(-grown, -grown, grown - 1, grown - 1))
        if len(boards.over):
            painter.setBrush(alpha(theme().found, 0.18))
            painter.setPen(QPen(theme().found, 1))
            painter.drawRects(_lit(boards.right, boards.over))

    def _paint_words(self, painter: QPainter, boards: WindowBoards) -> None:
        """What the window comes to, with a line to where it lands, or from where it comes."""
        area = boards.places.words
        lines = fitting(boards.lines, area.height())
        tall = _height(lines)
        y = area.top() + max(0.0, (area.height() - tall) / 2)
        for line in lines:
            high = TALL if line.strong else PLAIN
            weight = QFont.Weight.DemiBold if line.strong else QFont.Weight.Normal
            painter.setFont(mono_font(15 if line.strong else 11, weight))
            painter.setPen(theme().text if line.strong else theme().secondary)
            room = QRectF(area.left() + 8, y, area.width() - 8, high)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, line.text)
            if line.strong:
                start = area.left() + 14 + painter.fontMetrics().horizontalAdvance(line.text)
                self._paint_way(painter, QPointF(start, room.center().y()), boards)
            y += high

    def _paint_way(self, painter: QPainter, start: QPointF, boards: WindowBoards) -> None:
        """From the number to the row of the result, where the result stands beside."""
        frame = boards.right.frame
        if frame.left() < start.x() + 12:
            return
        end = QPointF(frame.left() - 3, boards.right.place(*self.at).center().y())
        way, bend = QPainterPath(start), (end.x() - start.x()) / 2
        way.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(alpha(theme().accent, 0.8), 1.5))
        painter.drawPath(way)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._touch(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.boards is None:
            return
        if (window := self.boards.right.at(event.position())) is not None:
            self.result_questioned.emit(window)
        elif (element := self.boards.element_at(event.position())) is not None:
            self.input_questioned.emit(element)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._touch(event.position())

    def _touch(self, point: QPointF) -> None:
        """On the result, or a row of the matrix: that window. On the input: an element of it."""
        if self.boards is None:
            return
        if (window := self.boards.window_at(point)) is not None:
            self.placed.emit(window)
        elif (element := self.boards.element_at(point)) is not None:
            self.picked.emit(element)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.boards is not None and self.boards.more_told:
            self.scroll(-1 if event.angleDelta().y() > 0 else 1)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self.boards is None or not self._pressed(key, bool(event.modifiers() & _CONTROL)):
            super().keyPressEvent(event)

    def _pressed(self, key: Qt.Key, with_control: bool) -> bool:
        """Whether the key means something here."""
        assert self.boards is not None
        rows, columns = self.boards.act.scene.sliding.size
        if key in _MOVES and with_control:
            self._move_element(*_MOVES[key])
        elif key in _MOVES:
            down, across = _MOVES[key]
            row, column = self.at[0] + down, self.at[1] + across
            self.placed.emit((min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.placed.emit((0, 0) if key == Qt.Key.Key_Home else (rows - 1, columns - 1))
        elif key == Qt.Key.Key_E and not with_control:
            self.result_questioned.emit(self.at)
        elif key == Qt.Key.Key_Space:
            self.play_wanted.emit()
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.scroll(-1 if key == Qt.Key.Key_BracketLeft else 1)
        elif key == Qt.Key.Key_Escape and self.element is not None:
            self.picked.emit(None)
        else:
            return False
        return True

    def _move_element(self, down: int, across: int) -> None:
        assert self.boards is not None
        height, width = self.boards.act.scene.sliding.image
        channel, row, column = self.element or (self.boards.shown[0], -down, -across)
        row, column = min(max(row + down, 0), height - 1), min(max(column + across, 0), width - 1)
        self.picked.emit((channel, row, column))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = "" if self.boards is None else self.boards.told_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), told, self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_own = event.key() == Qt.Key.Key_Home or (
                event.key() == Qt.Key.Key_Escape and self.element is not None
            )
            if is_own and not event.modifiers():  # the window has commands on these keys
                event.accept()
                return True
        return super().event(event)


def fitting(lines: Sequence[Line], room: float) -> list[Line]:
    """Those that have room, without the first of what is only told where not all have."""
    found = list(lines)
    while _height(found) > room and (least := next((line for line in found if not line.strong), None)):
        found.remove(least)
    return found


def _height(lines: Sequence[Line]) -> float:
    return sum(TALL if line.strong else PLAIN for line in lines)


def _dim_around(painter: QPainter, board: Board, span: QRectF) -> None:
    frame, shade = board.frame, alpha(theme().panel, DIM)
    inner = span.intersected(frame)
    if inner.isEmpty():
        return
    painter.fillRect(QRectF(frame.left(), frame.top(), frame.width(), inner.top() - frame.top()), shade)
    below = QRectF(frame.left(), inner.bottom(), frame.width(), frame.bottom() - inner.bottom())
    beside = QRectF(frame.left(), inner.top(), inner.left() - frame.left(), inner.height())
    beyond = QRectF(inner.right(), inner.top(), frame.right() - inner.right(), inner.height())
    for part in (below, beside, beyond):
        painter.fillRect(part, shade)


def _cross_out(painter: QPainter, board: Board, look: Look) -> None:
    """What of the window lies on padding."""
    if not look.outside.any() or min(board.cell) < 4:
        return
    painter.setPen(QPen(theme().secondary, 1))
    for row, column in np.argwhere(look.outside).tolist():
        cell = board.place(row, column).adjusted(3, 3, -4, -4)
        painter.drawLine(cell.topLeft(), cell.bottomRight())


def _lit(board: Board, over: Any) -> list[QRectF]:
    """What is to be outlined of windows (row, column)."""
    if len(over) > MOST_LIT or min(board.cell) < 3:
        first, last = over.min(0).tolist(), over.max(0).tolist()
        return [board.span((first[0], first[1]), (last[0], last[1]))]
    return [board.place(r, c).adjusted(0.5, 0.5, -1.5, -1.5) for r, c in over.tolist()]
