"""A small frame over the window that is about one widget of it: Escape or a click elsewhere leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

WIDTH = 320
_AWAY = 4  # pixels, from what it is about


class Popup(QFrame):
    """Base: a subclass fills the `column`, says in `focus` what gets the keyboard, and calls `open_at`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setFixedWidth(WIDTH)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 10, 12, 12)
        self._anchor: QWidget | None = None
        self._area = QRect()
        self._before: QWidget | None = None
        self.hide()

    @classmethod
    def of(cls, anchor: QWidget) -> Self:
        """The one of the window that a widget is in."""
        window = anchor.window()
        found = window.findChild(cls, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return found if isinstance(found, cls) else cls(window)

    def focus(self) -> None:
        """It is open: who gets the keyboard."""

    def stops(self) -> Sequence[QWidget]:
        """Where Tab leads, in order."""
        return ()

    def open_at(self, anchor: QWidget, area: QRect | None = None) -> None:
        """Shows it beside a widget, or a part of that."""
        self._anchor = anchor
        self._area = area if area is not None else anchor.rect()
        self._before = QApplication.focusWidget()
        self.show()
        self.raise_()
        self._settle()
        self.focus()
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def close_(self) -> None:
        """Hides, and gives the keyboard back to who had it, unless somebody else has it by now."""
        if self.isHidden():
            return
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        now = QApplication.focusWidget()
        had_keyboard = now is None or self.isAncestorOf(now)
        self.hide()
        if had_keyboard and self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle(self) -> None:
        """Below what it is about, or above it where there is no room; inside the window."""
        if self._anchor is None or not isValid(self._anchor):
            return
        self.adjustSize()
        if self.column.hasHeightForWidth():  # adjustSize does not know how often words wrap
            self.resize(self.width(), self.column.totalHeightForWidth(self.width()))
        window = self._anchor.window()
        top = self._anchor.mapTo(window, self._area.topRight())
        bottom = self._anchor.mapTo(window, self._area.bottomRight())
        x = max(_AWAY, min(top.x() - self.width(), window.width() - self.width() - _AWAY))
        y = bottom.y() + _AWAY
        if y + self.height() > window.height() - _AWAY:
            y = top.y() - self.height() - _AWAY
        y = max(_AWAY, min(y, window.height() - self.height() - _AWAY))
        self.move(QPoint(x, y))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab stays inside, and goes round."""
        stops, now = self.stops(), QApplication.focusWidget()
        at = stops.index(now) if now in stops else -1 if forward else 0
        if stops:
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            stops[(at + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._settle()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            is_inside = isinstance(watched, QWidget) and (watched is self or self.isAncestorOf(watched))
            has_popup = QApplication.activePopupWidget() is not None
            if isinstance(watched, QWidget) and not is_inside and not has_popup:
                self.close_()
        elif event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            reason_is_popup = QApplication.activePopupWidget() is not None
            if watched is not self and not self.isAncestorOf(watched) and not reason_is_popup:
                self.close_()
        return False
