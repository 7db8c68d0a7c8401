"""Lets a hand drag numbers to and fro: Alt and drag, or plain where nothing else is dragged; Alt and the wheel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QChildEvent, QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ..scrubbing import NOTCH

THRESHOLD = 4  # pixels from which a press without Alt is a drag
RESTS = 600  # milliseconds without the wheel after which its turn is over
_ALT = Qt.KeyboardModifier.AltModifier


class ScrubGrip(QObject):
    """Watches a widget with all that is in it. `at` gives what a point of it would drag, None for nothing."""

    began = Signal(object)  # what `at` gave
    moved = Signal(float, object)  # pixels to the right, modifier keys
    ended = Signal(bool)  # whether it is to stay

    def __init__(
        self,
        widget: QWidget,
        at: Callable[[QPointF], object | None],
        is_plain: Callable[[QWidget], bool] = lambda _: False,
    ) -> None:
        super().__init__(widget)
        self._widget, self._at, self._is_plain = widget, at, is_plain
        self._pressed: tuple[object, QPointF] | None = None
        self._last = QPointF()
        self.is_dragging = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(RESTS)
        self._rest.timeout.connect(lambda: self._end(True))
        for each in (widget, *widget.findChildren(QWidget)):
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QChildEvent):
            if event.added() and event.child().isWidgetType():
                event.child().installEventFilter(self)
            return False
        if not isinstance(watched, QWidget):
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            return self._press(watched, event)
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            return self._move(watched, event)
        if kind == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            return self._release()
        if kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            return self._wheel(watched, event)
        return self.is_dragging and isinstance(event, QKeyEvent) and self._key(event)

    def _found(self, watched: QWidget, position: QPointF) -> object | None:
        place = position if watched is self._widget else watched.mapTo(self._widget, position)
        return self._at(place)

    def _press(self, watched: QWidget, event: QMouseEvent) -> bool:
        by_alt = bool(event.modifiers() & _ALT)
        if event.button() != Qt.MouseButton.LeftButton or not (by_alt or self._is_plain(watched)):
            return False
        found = self._found(watched, event.position())
        if found is None:
            return False
        self._end(True)
        self._pressed, self._last = (found, event.position()), event.position()
        watched.setFocus(Qt.FocusReason.MouseFocusReason)
        if by_alt:
            self._begin(watched)
        return by_alt

    def _begin(self, watched: QWidget) -> None:
        assert self._pressed is not None
        self.is_dragging = True
        watched.setCursor(Qt.CursorShape.SizeHorCursor)
        self.began.emit(self._pressed[0])

    def _move(self, watched: QWidget, event: QMouseEvent) -> bool:
        if self._pressed is None:
            self._show_hand(watched, event)
            return False
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        if not self.is_dragging:
            if abs(event.position().x() - self._pressed[1].x()) < THRESHOLD:
                return False
            self._begin(watched)
        pixels, self._last = event.position().x() - self._last.x(), event.position()
        if pixels:
            self.moved.emit(pixels, event.modifiers())
        return True

    def _show_hand(self, watched: QWidget, event: QMouseEvent) -> None:
        """The cursor tells that a drag would change the number."""
        would = bool(event.modifiers() & _ALT) or self._is_plain(watched)
        if would and self._found(watched, event.position()) is not None:
            watched.setCursor(Qt.CursorShape.SizeHorCursor)
        elif watched.cursor().shape() == Qt.CursorShape.SizeHorCursor:
            watched.unsetCursor()

    def _release(self) -> bool:
        self._pressed = None
        was_dragging = self.is_dragging
        self._end(True)
        return was_dragging

    def _end(self, stays: bool) -> None:
        self._rest.stop()
        if self.is_dragging:
            self.is_dragging = False
            self.ended.emit(stays)

    def _wheel(self, watched: QWidget, event: QWheelEvent) -> bool:
        turned = event.angleDelta().y() or event.angleDelta().x()  # with Alt, some systems turn it sideways
        if not event.modifiers() & _ALT or not turned or self._pressed is not None:
            return False
        if not self.is_dragging:
            found = self._found(watched, event.position())
            if found is None:
                return False
            self.is_dragging = True
            self.began.emit(found)
        self.moved.emit(turned / 120 * NOTCH, event.modifiers())
        self._rest.start()
        event.accept()
        return True

    def _key(self, event: QKeyEvent) -> bool:
        """Esc brings back what was there."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.KeyPress:
            self._pressed = None
            self._end(False)
        event.accept()
        return True
