"""The hand that paints points: brush, spray, eraser and moving, by mouse and by keyboard. A stroke is one edit.

While a stroke goes on, its points are on the screen only; `painted` hands them over when it ends.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ..class_marks import class_colour, paint_mark
from ..theme import theme
from .scatter import Scatter

TOOLS = ("look", "brush", "spray", "erase", "move")
KEYS = {"L": "look", "B": "brush", "S": "spray", "E": "erase", "M": "move"}
LABELS = {"brush": "Paint points", "spray": "Spray points", "erase": "Erase points", "move": "Move a point"}
APART = 9.0  # pixels between two points of a brush
REACH = {"spray": 22.0, "erase": 14.0}  # pixels
PUFF, EVERY = 3, 40  # points of a puff of spray, and milliseconds from one to the next
STEP = 6.0  # pixels that an arrow key goes; Shift goes four times as far
MOST_IN_VIEW = 5000  # beyond that not every point is drawn, so none can be painted

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PaintedScatter(Scatter):
    """A scatter with tools. It can be painted on while `can_paint`; `tool` is one of TOOLS, `colour` the class."""

    painted = Signal(object, object, str)  # points (rows, 2), labels (rows,), what was done
    tool_chosen = Signal(str)
    class_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.can_paint = False
        self.tool = "look"
        self.colour = 0
        self.classes = 2
        self._at: QPointF | None = None  # where the hand is: pointer or crosshair
        self._by_key = False
        self._last = QPointF()
        self._stroke = False
        self._touched = False
        self._held: int | None = None
        self._rng = np.random.default_rng()
        self._spray = QTimer(self)
        self._spray.setInterval(EVERY)
        self._spray.timeout.connect(self._puff)

    def choose_tool(self, tool: str) -> None:
        """Takes a tool into the hand."""
        if tool != self.tool:
            self.end_stroke()
            self.tool = tool
            self.setCursor(Qt.CursorShape.ArrowCursor if tool == "look" else Qt.CursorShape.CrossCursor)
            self.tool_chosen.emit(tool)
            self.update()

    def choose_class(self, index: int) -> None:
        """The class of what is painted from now on."""
        if index != self.colour and 0 <= index < self.classes:
            self.colour = index
            self.class_chosen.emit(index)
            self.update()

    @property
    def is_stroking(self) -> bool:
        return self._stroke

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_key = False
        if self._works and event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at, self._by_key = event.position(), False
        if self._stroke:
            self._go(event.position())
        elif self.tool in ("look", "move") or not self.can_paint:
            super().mouseMoveEvent(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.end_stroke()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)  # type: ignore[arg-type]
        if not self._by_key:
            self._at = None
            self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.end_stroke()
        self._by_key = False
        super().focusOutEvent(event)
        self.update()

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = Qt.Key(event.key()), event.text().upper()
        is_plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if not self.can_paint or not is_plain:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self._walk(*_ARROWS[key], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._works:
            self._press()
        elif key == Qt.Key.Key_Escape and self.tool != "look":
            self.choose_tool("look")
        elif text.isdigit() and text != "0":
            self.choose_class(int(text) - 1)
        elif text in KEYS:
            self.choose_tool(KEYS[text])
        else:
            super().keyPressEvent(event)

    def _walk(self, across: int, down: int, is_far: bool) -> None:
        """The crosshair goes a step; what is held goes along."""
        frame = self.frame
        start = self._at if self._at is not None else frame.center()
        far = STEP * (4 if is_far else 1)
        self._at = QPointF(
            min(max(start.x() + across * far, frame.left()), frame.right()),
            min(max(start.y() + down * far, frame.top()), frame.bottom()),
        )
        self._by_key = True
        if self._stroke:
            self._go(self._at)
        else:
            self.point_at(self.nearest(self._at))
        self.update()

    def _press(self) -> None:
        """The tool does at the crosshair what a click does; moving takes hold, and lets go the next time."""
        self._at = self._at if self._at is not None else self.frame.center()
        self._by_key = True
        if self.tool == "move" and not self._stroke:
            self._begin(self._at)
        elif self.tool == "move":
            self.end_stroke()
        else:
            self._begin(self._at)
            self.end_stroke()

    # Strokes

    @property
    def _works(self) -> bool:
        return self.can_paint and self.tool != "look"

    def _begin(self, place: QPointF) -> None:
        if not self.frame.contains(place):
            return
        self._stroke, self._touched, self._at, self._last = True, False, place, place
        self.point_at(None)
        if self.tool == "brush":
            self._add([place])
        elif self.tool == "spray":
            self._puff()
            self._spray.start()
        elif self.tool == "erase":
            self._erase(place)
        else:
            self._held = self.nearest(place)

    def _go(self, place: QPointF) -> None:
        self._at = place
        if self.tool == "brush":
            way = place - self._last
            far = float(np.hypot(way.x(), way.y()))
            count = int(far // APART)
            self._add([self._last + way * (APART * (k + 1) / far) for k in range(count)])
            if count:
                self._last += way * (APART * count / far)
        elif self.tool == "erase":
            self._erase(place)
        elif self.tool == "move" and self._held is not None:
            self.points[self._held] = self.point(self._inside(place))
            self._touched = True
            self.anew()

    def end_stroke(self) -> None:
        """Lets go; what was done is handed over as one edit."""
        self._spray.stop()
        self._held = None
        was, self._stroke = self._stroke, False
        if was and self._touched:
            self.painted.emit(self.points.copy(), self.labels.copy(), LABELS[self.tool])

    def _puff(self) -> None:
        if self._at is None:
            return
        away = self._rng.normal(0, REACH["spray"] / 2, (PUFF, 2))
        self._add([self._at + QPointF(*each) for each in away.tolist()])

    def _add(self, places: list[QPointF]) -> None:
        inside = [self.point(place) for place in places if self.frame.contains(place)]
        if not inside or len(self.points) + len(inside) > MOST_IN_VIEW:
            return
        self.points = np.concatenate([self.points, np.array(inside)])
        self.labels = np.concatenate([self.labels, np.full(len(inside), self.colour, np.int64)])
        self.apart = np.concatenate([self.apart, np.zeros(len(inside), bool)])
        self.rows = np.arange(len(self.points))
        self._touched = True
        self.anew()

    def _erase(self, place: QPointF) -> None:
        if not len(self.points):
            return
        away = np.hypot(*(self.pixels(self.points) - [place.x(), place.y()]).T)
        kept = away > REACH["erase"]
        if not kept.all():
            self.points, self.labels, self.apart = self.points[kept], self.labels[kept], self.apart[kept]
            self.rows = np.arange(len(self.points))
            self._touched = True
            self.anew()

    def _inside(self, place: QPointF) -> QPointF:
        frame = self.frame
        return QPointF(
            min(max(place.x(), frame.left()), frame.right()), min(max(place.y(), frame.top()), frame.bottom())
        )

    # Painting

    def paint_over(self, painter: QPainter) -> None:
        super().paint_over(painter)
        now = theme()
        if self.hasFocus():
            painter.setPen(QPen(now.accent, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.frame)
        if not self._works or self._at is None or not self.frame.contains(self._at):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        reach = REACH.get(self.tool)
        if reach:
            colour = now.text if self.tool == "erase" else class_colour(self.colour)
            painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DashLine))
            painter.drawEllipse(self._at, reach, reach)
        elif self.tool == "brush":
            paint_mark(painter, self.colour, self._at, 5.0, hollow=True)
        if self._by_key:
            painter.setPen(QPen(now.text, 1))
            for way in (QPointF(7, 0), QPointF(0, 7)):
                painter.drawLine(self._at - way, self._at + way)
