"""Four pictures to choose one of, by a click or by its number; then which was right, by colour, mark and word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..painting import painting
from ..theme import theme, ui_font

CAPTION, GAP = 18.0, 8.0


class AnswerCards(QWidget):
    """Keys 1 to 4 choose, arrows walk and Enter chooses; once chosen, nothing moves until others are shown."""

    chosen = Signal(int)
    going_on = Signal()  # Enter or Space after the answer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[QImage, ...] = ()
        self._right = self._given = -1
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Four outputs to choose from")

    def sizeHint(self) -> QSize:
        return QSize(480, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 110)

    # What is shown

    def ask(self, images: Sequence[QImage]) -> None:
        """Others, none of them chosen."""
        self._images, self._right, self._given, self._current = tuple(images), -1, -1, 0
        self._describe()
        self.update()

    def repaint_images(self, images: Sequence[QImage]) -> None:
        """The same in other colours."""
        self._images = tuple(images)
        self.update()

    def answer(self, given: int, right: int) -> None:
        """One was chosen; which was right."""
        self._given, self._right = given, right
        self._describe()
        self.update()

    @property
    def is_answered(self) -> bool:
        return self._right >= 0

    def _describe(self) -> None:
        self.setAccessibleDescription("; ".join(self.caption(k) for k in range(len(self._images))))

    def caption(self, k: int) -> str:
        """What stands above a picture: its number, and after the answer whether it was right."""
        if not self.is_answered:
            return str(k + 1)
        if k == self._right:
            return f"{k + 1} ✓ right"
        return f"{k + 1} ✗ wrong" if k == self._given else str(k + 1)

    # Geometry

    def frames(self) -> list[QRectF]:
        """Where the pictures lie: in a row or two by two, whichever is larger."""
        if not self._images:
            return []
        image = self._images[0]
        aspect = image.width() / max(image.height(), 1)
        best: list[QRectF] = []
        for across in (len(self._images), (len(self._images) + 1) // 2):
            down = -(-len(self._images) // across)
            wide = (self.width() - GAP * (across - 1)) / across
            tall = self.height() / down - CAPTION - GAP
            wide = max(min(wide, tall * aspect), 8.0)
            found = [
                QRectF(
                    (k % across) * (wide + GAP) + 1,
                    (k // across) * (wide / aspect + CAPTION + GAP) + CAPTION,
                    wide - 2,
                    wide / aspect - 2,
                )
                for k in range(len(self._images))
            ]
            if not best or found[0].width() > best[0].width():
                best = found
        return best

    def at(self, point: QPointF) -> int:
        """Which picture is there; −1 for none."""
        for k, frame in enumerate(self.frames()):
            if frame.adjusted(0, -CAPTION, 0, 0).contains(point):
                return k
        return -1

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            painter.setFont(ui_font(12, QFont.Weight.DemiBold))
            for k, frame in enumerate(self.frames()):
                painter.setRenderHint(
                    QPainter.RenderHint.SmoothPixmapTransform, frame.width() < self._images[k].width()
                )
                painter.drawImage(frame, self._images[k])
                colour, wide = now.line, 1
                if self.is_answered and k == self._right:
                    colour, wide = now.good, 3
                elif self.is_answered and k == self._given:
                    colour, wide = now.error, 3
                elif k == self._current and self.hasFocus():
                    colour, wide = now.accent, 2
                painter.setBrush(Qt.BrushStyle.NoBrush)
                style = Qt.PenStyle.DashLine if colour is now.error else Qt.PenStyle.SolidLine
                painter.setPen(QPen(colour, wide, style))
                painter.drawRect(frame)
                painter.setPen(colour if wide == 3 else now.text)
                above = QRectF(frame.left(), frame.top() - CAPTION, frame.width() + GAP, CAPTION - 2)
                painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, self.caption(k))

    # Hands

    def _choose(self, k: int) -> None:
        if not self.is_answered and 0 <= k < len(self._images):
            self._current = k
            self.chosen.emit(k)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self.at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        there = self.at(event.position())
        if there >= 0 and there != self._current and not self.is_answered:
            self._current = there
            self.update()

    def event(self, event: QEvent) -> bool:
        before = event.type() == QEvent.Type.ShortcutOverride
        if before and isinstance(event, QKeyEvent) and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        digit = event.text() in ("1", "2", "3", "4") and bool(event.text())
        walks = Qt.Key(event.key()) in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
            Qt.Key.Key_Space,
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        )
        return plain and (digit or walks)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._is_own(event):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            self._current = (self._current + step) % max(len(self._images), 1)
            self.update()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.going_on.emit() if self.is_answered else self._choose(self._current)
        else:
            self._choose(int(event.text()) - 1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
