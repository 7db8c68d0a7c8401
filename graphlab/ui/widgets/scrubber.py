"""The scrubber: all steps of a training as a line, with a handle at the one that is shown. Dragging it goes there."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QIntValidator,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from ...engine import messages as m
from .. import numbers
from ..icons import icon
from ..painting import painting
from ..theme import mono_font, theme, theme_changed
from ..travelling import LIMITS, MEGABYTE, Travelling
from .own_keys import OwnKeys

HEIGHT = 26
EDGE = 8  # pixels beside the line, so that the handle stays whole
PAGE = 20  # Page Up and Down go a twentieth of the way
SLACK = 6  # pixels beside a handle that still take hold of it
ROOM_FOR_WORDS = 460  # pixels of width from which on the memory is told beside the line


class Track(QWidget):
    """The line itself. Ticks below it are kept states; triangles above it, changes; diamonds, where a branch was left.

    Arrows: one step; with Shift ten; Page Up and Down: a twentieth of the way; Home and End: the ends; Esc: stop here.
    """

    def __init__(self, travel: Travelling, parent: QWidget) -> None:
        super().__init__(parent)
        self._travel = travel
        self._grabbed: int | None = None  # the step under the hand that drags
        self._hover: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(60)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Steps of the training")
        OwnKeys(self, "Home", "End", "PgUp", "PgDown", "Left", "Right", "Shift+Left", "Shift+Right", "Esc")

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    @property
    def shown(self) -> int:
        """The step at which the handle stands: under a hand, that of the hand."""
        return self._travel.step if self._grabbed is None else self._grabbed

    def x_of(self, step: float) -> float:
        """Where a step lies."""
        return EDGE + (self.width() - 2 * EDGE) * step / max(self._travel.end, 1)

    def step_at(self, x: float) -> int:
        """The step at a place, within what is known."""
        share = (x - EDGE) / max(self.width() - 2 * EDGE, 1)
        return round(min(max(share * self._travel.end, self._travel.first), self._travel.end))

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            near_handle = abs(event.position().x() - self.x_of(self._travel.step)) <= SLACK
            self._drag_to(self._travel.step if near_handle else self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self.step_at(event.position().x())
        if self._grabbed is not None:
            self._drag_to(self._hover)
        self.setToolTip(self._told(self._hover))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._grabbed is not None:
            step, self._grabbed = self._grabbed, None
            if step != self._travel.step or self._travel.under_way is not None:
                self._travel.go(step)
            self.update()

    def _drag_to(self, step: int) -> None:
        if step != self._grabbed:
            self._grabbed = step
            if step != self._travel.step:
                self._travel.go(step, in_passing=True)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        self._travel.by(1 if turn > 0 else -1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        travel = self._travel
        stride = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        page = max(math.ceil(travel.end / PAGE), 1)
        by = {
            Qt.Key.Key_Left: -stride,
            Qt.Key.Key_Right: stride,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
        }.get(Qt.Key(event.key()))
        if by is not None:
            travel.by(by)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            travel.go(travel.first if event.key() == Qt.Key.Key_Home else travel.end)
        elif event.key() == Qt.Key.Key_Escape and travel.under_way is not None:
            travel.stop()
        else:
            super().keyPressEvent(event)

    def _told(self, step: int) -> str:
        trail = self._travel.trail
        if trail is None:
            return ""
        near = (self._travel.end / max(self.width() - 2 * EDGE, 1)) * SLACK
        words = [f"step {step:,}"]
        words += [f"changed after step {at:,}" for at in trail.changes if abs(at - step) <= near][:3]
        words += [
            f"branch {b.number} was left at step {b.at:,}; it goes to {b.end:,}"
            for b in trail.branches
            if abs(b.at - step) <= near
        ][:3]
        return "\n".join(words)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        trail, now = self._travel.trail, theme()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle, here = self.height() / 2, self.x_of(self.shown)
            self._line(painter, EDGE, self.width() - EDGE, middle, now.line)
            if trail is None:
                return
            self._line(painter, self.x_of(trail.first), here, middle, now.accent)
            self._ticks(painter, trail, middle)
            for change in trail.changes:
                self._triangle(painter, self.x_of(change), middle - 5)
            for branch in trail.branches:
                self._diamond(painter, self.x_of(branch.at), middle)
            self._handle(painter, here, middle)

    def _line(self, painter: QPainter, left: float, right: float, y: float, colour: QColor) -> None:
        painter.setPen(QPen(colour, 3, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(left, y), QPointF(max(right, left), y))

    def _ticks(self, painter: QPainter, trail: m.Trail, middle: float) -> None:
        places = np.unique(np.round(self.x_of(0) + np.asarray(trail.ticks) * self._per_step()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme().secondary, 1))
        for x in places.tolist():
            painter.drawLine(QPointF(x, middle + 5), QPointF(x, middle + 8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _per_step(self) -> float:
        return (self.width() - 2 * EDGE) / max(self._travel.end, 1)

    def _triangle(self, painter: QPainter, x: float, y: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().update)
        painter.drawPolygon(QPolygonF([QPointF(x - 3.5, y - 5), QPointF(x + 3.5, y - 5), QPointF(x, y)]))

    def _diamond(self, painter: QPainter, x: float, y: float) -> None:
        painter.setPen(QPen(theme().panel, 1))
        painter.setBrush(theme().backward)
        painter.drawPolygon(
            QPolygonF([QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5), QPointF(x - 5, y)])
        )

    def _handle(self, painter: QPainter, x: float, y: float) -> None:
        now = theme()
        if self.hasFocus():
            painter.setPen(QPen(now.text, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(x - 8, y - 8, 16, 16))
        painter.setPen(QPen(now.panel, 1.5))
        painter.setBrush(now.accent)
        painter.drawEllipse(QRectF(x - 6, y - 6, 12, 12))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


class Scrubber(QWidget):
    """The line between its ends, the step as a number to be typed, and what the kept states take, with a menu."""

    def __init__(self, travel: Travelling, parent: QWidget) -> None:
        super().__init__(parent)
        self._travel = travel
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(2)
        self.to_first = self._button(
            "run-to-start", "The beginning of the training", lambda: travel.go(travel.first)
        )
        self.track = Track(travel, self)
        self.to_end = self._button("run-to-end", "The newest step", lambda: travel.go(travel.end))
        self.field = QLineEdit(self)
        self.field.setValidator(QIntValidator(0, 2**31 - 1, self.field))
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedSize(62, 20)
        self.field.setStyleSheet("min-height: 14px; padding: 0 4px;")
        self.field.setAccessibleName("Step to go to")
        self.field.setToolTip("Type a step and press Enter to go there")
        self.field.returnPressed.connect(self._go)
        self.field.editingFinished.connect(self._leave_field)
        self.of = QLabel(self)
        self.of.setProperty("role", "secondary")
        self.more = QToolButton(self)
        self.more.setAutoRaise(True)
        self.more.setFixedHeight(20)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setStyleSheet(
            "QToolButton { font-size: 11px; padding: 0 4px; } QToolButton::menu-indicator { image: none; }"
        )
        menu = QMenu(self.more)
        menu.aboutToShow.connect(menu.clear)
        menu.aboutToShow.connect(lambda: self.fill(menu))
        self.more.setMenu(menu)
        self.menu = menu
        for widget in (self.to_first, self.track, self.to_end, self.field, self.of, self.more):
            row.addWidget(widget)
        self.setFixedHeight(HEIGHT)
        travel.changed.connect(self.refresh)
        theme_changed.connect(self.dress)
        self.dress()

    def _button(self, name: str, tip: str, run: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setIconSize(QSize(14, 14))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setFixedSize(20, 20)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: run())
        return button

    def dress(self, *_: object) -> None:
        self.field.setFont(mono_font(11))
        self.of.setFont(mono_font(11))
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Shows where one is, and what is known."""
        travel = self._travel
        self._show_step()
        wide = self.width() >= ROOM_FOR_WORDS
        self.of.setText(f"of {travel.end:,}")
        self.more.setText(self._words() if wide else "⋯")
        self.more.setToolTip(self._tip())
        self.more.setAccessibleName(f"Branches and memory: {travel.memory}")
        self.to_first.setEnabled(travel.can_travel)
        self.to_end.setEnabled(travel.is_past)
        self.track.setEnabled(travel.can_travel)
        place = f"step {travel.step:,} of {travel.end:,}"
        self.track.setAccessibleDescription(f"{place}; {travel.memory}")
        self.track.update()

    def _words(self) -> str:
        way = self._travel.under_way
        if way is not None:
            return f"{way.left:,} steps to go ▾"
        return f"{self._travel.memory} ▾"

    def _tip(self) -> str:
        travel = self._travel
        words = [travel.memory, "Branches, and how much memory going back may take"]
        if travel.trail is not None and travel.trail.forgotten:
            words.append(f"Steps before {travel.first:,} are forgotten for want of memory")
        return "\n".join(words)

    def _show_step(self) -> None:
        if not self.field.isModified():
            self.field.setText(str(self.track.shown))

    def _go(self) -> None:
        if self.field.text():
            self._travel.go(int(self.field.text()))

    def _leave_field(self) -> None:
        self.field.setModified(False)
        self._show_step()

    def _give(self, megabytes: int, *_: object) -> None:
        self._travel.set_limit(megabytes)

    # The menu

    def fill(self, menu: QMenu) -> None:
        """What can be done: branch off, take up a branch, give it more memory or less."""
        travel = self._travel
        if travel.under_way is not None:
            menu.addAction(icon("stop"), "Stop here", travel.stop)
            menu.addSeparator()
        part = menu.addAction(icon("comparison"), f"Begin a branch at step {travel.step:,}", travel.part)
        part.setEnabled(travel.is_past)
        for branch in travel.branches:
            title = f"Take up branch {branch.number}: steps {branch.at:,} to {branch.end:,}"
            menu.addAction(title, partial(travel.join, branch.number))
        menu.addSeparator()
        for megabytes in LIMITS:
            action = menu.addAction(f"Up to {numbers.size_of(megabytes * MEGABYTE)} for checkpoints")
            action.setCheckable(True)
            action.setChecked(megabytes == travel.limit)
            action.triggered.connect(partial(self._give, megabytes))
