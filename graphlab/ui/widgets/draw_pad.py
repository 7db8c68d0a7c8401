"""A sheet of paper to draw on, with a mouse, a pen that feels pressure, or the keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..painting import painting
from ..theme import theme, theme_changed

FINE = 168  # pixels of a side of the ink
THINNEST, THICKEST = 0.02, 0.14  # radius of the brush, as a share of the side
STEP = 0.04  # of the side, that an arrow key moves the pen
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(eq=False)
class Stroke:
    """Places from 0 to 1 across and down, with the radius of the brush at each."""

    places: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(eq=False)
class Print(Stroke):
    """A picture that was put on the paper: as it is shown there, and its (channels, height, width) bytes."""

    shown: QImage = field(default_factory=QImage)
    pixels: Any = None


class DrawPad(QWidget):
    """White ink on black, as digits are kept. `drawn` comes with every change.

    The keyboard: arrows move the pen, Space lowers and lifts it, Backspace or Ctrl+Z takes a stroke back, Ctrl+Y brings
    it again, Delete clears, + and − change the brush.
    """

    drawn = Signal()
    paste_wanted = Signal()
    brush_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strokes: list[Stroke] = []
        self._undone: list[list[Stroke]] = []
        self._before: list[list[Stroke]] = []
        self._brush = 0.05
        self._is_down = False
        self._pen: tuple[float, float] | None = None  # where the keyboard holds the pen
        self._image = QImage()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Paper")
        self.setAccessibleDescription(
            "Arrows move the pen, Space lowers and lifts it, Backspace takes a stroke back, Delete clears."
        )
        self.setToolTip(self.accessibleDescription())
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(96, 96)
        theme_changed.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(190, 190)

    def paper(self) -> QRectF:
        """The square that is drawn on."""
        side = min(self.width(), self.height()) - 4
        return QRectF(2, (self.height() - side) / 2, side, side)

    # Ink

    @property
    def brush(self) -> float:
        """The radius, as a share of the side."""
        return self._brush

    def set_brush(self, radius: float) -> None:
        radius = min(max(radius, THINNEST), THICKEST)
        if radius != self._brush:
            self._brush = radius
            self.brush_changed.emit(radius)

    @property
    def is_empty(self) -> bool:
        return not self.strokes

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def ink(self) -> NDArray[np.float64]:
        """(168, 168), from 0 to 1."""
        image = self._ink_image()
        bits = np.frombuffer(image.constBits(), np.uint8).reshape(FINE, image.bytesPerLine())[:, :FINE]
        return bits / 255.0

    def _ink_image(self) -> QImage:
        if self._image.isNull():
            self._image = QImage(FINE, FINE, QImage.Format.Format_Grayscale8)
            self._image.fill(0)
            with painting(self._image) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                for stroke in self.strokes:
                    _paint_stroke(painter, stroke)
        return self._image

    def begin(self, x: float, y: float, radius: float | None = None) -> None:
        """The pen goes down."""
        self._keep()
        self._is_down = True
        self.strokes = [*self.strokes, Stroke()]
        self.go_on(x, y, radius)

    def go_on(self, x: float, y: float, radius: float | None = None) -> None:
        """The pen moves while it is down."""
        if self._is_down:
            self.strokes[-1].places.append((x, y, self._brush if radius is None else radius))
            self._new_ink()

    def end(self) -> None:
        """The pen is lifted."""
        self._is_down = False
        self.update()

    def clear(self) -> None:
        if self.strokes:
            self._keep()
            self.strokes = []
            self._new_ink()

    def put(self, shown: QImage, pixels: Any) -> None:
        """Puts a picture on the paper in place of what is there; it can be drawn upon."""
        self._keep()
        self.strokes = [Print(shown=shown, pixels=pixels)]
        self._new_ink()

    @property
    def print(self) -> Print | None:
        """The picture that lies on the paper."""
        return next((stroke for stroke in self.strokes if isinstance(stroke, Print)), None)

    def undo(self) -> None:
        if self._before:
            self._undone.append(self.strokes)
            self.strokes = self._before.pop()
            self._is_down = False
            self._new_ink()

    def redo(self) -> None:
        if self._undone:
            self._before.append(self.strokes)
            self.strokes = self._undone.pop()
            self._new_ink()

    def _keep(self) -> None:
        self._before.append(self.strokes)
        self._undone.clear()

    def _new_ink(self) -> None:
        self._image = QImage()
        self.update()
        self.drawn.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        now, paper = theme(), self.paper()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(paper, self._ink_image())
            self._paint_colours(painter, paper)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(now.accent if self.hasFocus() else now.line, 2 if self.hasFocus() else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(paper, 4, 4)
            if self.is_empty and self._pen is None:
                painter.setPen(QColor(190, 196, 205))  # on black paper, in either theme
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(paper.adjusted(10, 10, -10, -10), flags, "Draw here")
            if self._pen is not None and self.hasFocus():
                at = QPointF(
                    paper.left() + self._pen[0] * paper.width(), paper.top() + self._pen[1] * paper.height()
                )
                radius = self._brush * paper.width()
                painter.setPen(QPen(now.accent, 2 if self._is_down else 1))
                painter.drawEllipse(at, radius, radius)

    def _paint_colours(self, painter: QPainter, paper: QRectF) -> None:
        """A picture in colour is seen so where nothing was drawn on it yet."""
        found = self.print
        if found is not None and not found.shown.isGrayscale() and len(self.strokes) == 1:
            painter.drawImage(paper, found.shown)

    # Hands

    def _place(self, at: QPointF) -> tuple[float, float]:
        paper = self.paper()
        return (at.x() - paper.left()) / paper.width(), (at.y() - paper.top()) / paper.height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.paper().contains(event.position()):
            self._pen = None
            self.begin(*self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_down:
            self.go_on(*self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen draws thicker the harder it is pressed."""
        radius = self._brush * (0.5 + event.pressure())
        if event.type() == QEvent.Type.TabletPress:
            self.begin(*self._place(event.position()), radius)
        elif event.type() == QEvent.Type.TabletMove and self._is_down:
            self.go_on(*self._place(event.position()), radius)
        elif event.type() == QEvent.Type.TabletRelease:
            self.end()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """The paper's own keys come before the window's shortcuts of the same name."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._is_own(event)
        ):
            event.accept()
            return True
        return super().event(event)

    @staticmethod
    def _is_own(event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        keys = (*_ARROWS, Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
        return (
            event.matches(QKeySequence.StandardKey.Undo)
            or event.matches(QKeySequence.StandardKey.Paste)
            or event.matches(QKeySequence.StandardKey.Redo)
            or (plain and (Qt.Key(event.key()) in keys or event.text() in ("+", "-")))
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._is_own(event):
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self._move_pen(*_ARROWS[key])
        elif key == Qt.Key.Key_Space:
            self._pen = self._pen or (0.5, 0.5)
            self.end() if self._is_down else self.begin(*self._pen)
        elif key == Qt.Key.Key_Delete:
            self.clear()
        elif event.text() in ("+", "-"):
            self.set_brush(self._brush * (1.25 if event.text() == "+" else 0.8))
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        else:
            self.undo()

    def _move_pen(self, right: int, down: int) -> None:
        x, y = self._pen or (0.5, 0.5)
        self._pen = min(max(x + STEP * right, 0.0), 1.0), min(max(y + STEP * down, 0.0), 1.0)
        self.go_on(*self._pen)
        self.update()


def _paint_stroke(painter: QPainter, stroke: Stroke) -> None:
    if isinstance(stroke, Print):
        painter.drawImage(QRectF(0, 0, FINE, FINE), stroke.shown)
    places = stroke.places
    for k, (x, y, radius) in enumerate(places):
        before = places[k - 1] if k else places[0]
        painter.setPen(
            QPen(Qt.GlobalColor.white, 2 * radius * FINE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        start, end = QPointF(before[0] * FINE, before[1] * FINE), QPointF(x * FINE, y * FINE)
        if start == end:
            painter.drawPoint(end)
        else:
            painter.drawLine(start, end)
