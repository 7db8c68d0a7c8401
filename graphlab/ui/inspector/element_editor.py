"""A small field over an element of a tensor: type, step or drag its number, or those of its row, its column, or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...errors import ConditionError
from .. import numbers
from ..scrubbing import NOTCH, Scrub
from ..theme import mono_font
from ..typed import numbers_for
from ..widgets.fields import QuietCombo, TextBox
from ..widgets.scrub_grip import ScrubGrip
from .parts import Mark

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}


@dataclass(frozen=True)
class Scope:
    """Elements that may be set together: what they are called, their places, and what stands there now."""

    title: str
    places: tuple[tuple[int, ...], ...]
    values: tuple[float, ...]


class ElementEditor(QFrame):
    """Lies over the window while open. Enter sets, Escape leaves all as it was.

    What was stepped or dragged is tried at once, and stays when one leaves; what was only typed does not.
    """

    tried = Signal(object, object)  # Scope, the numbers to be seen for now
    entered = Signal(object, object)  # Scope, the numbers that are to stay
    left = Signal(bool)  # without Enter: whether what was tried stays

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popup")
        self._scopes: Sequence[Scope] = ()
        self._whole = self._has_tried = False
        self._scrub: Scrub | None = None
        self.scope, self.line, self._says = QuietCombo(), TextBox(), QLabel()
        self._handle = Mark("scrub", "accent", 18)
        self._build()
        self.hide()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(3)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.scope.setFont(mono_font(11))
        self.scope.setAccessibleName("Which numbers")
        self.scope.setToolTip("This number alone, its row, its column, or all")
        self.line.setFont(mono_font(12))
        self.line.setFixedWidth(132)
        self.line.setAccessibleName("New number")
        self.line.setToolTip("A number, a fraction, or an expression of x: 1/3, sqrt(2)/4, x*2")
        self._handle.setCursor(Qt.CursorShape.SizeHorCursor)
        self._handle.setToolTip("Drag to and fro; Shift: finer, Ctrl: coarser")
        for widget in (self.scope, self.line, self._handle):
            row.addWidget(widget)
        column.addLayout(row)
        self._says.setFont(mono_font(11))
        self._says.setWordWrap(True)
        column.addWidget(self._says)
        self.line.returnPressed.connect(self._enter)
        self.line.textEdited.connect(self._typed)
        self.scope.activated.connect(self._choose)
        for widget in (self.line, self.scope):
            widget.installEventFilter(self)
        self._grip = ScrubGrip(self._handle, lambda _: self, lambda _: True)
        self._grip.moved.connect(self._step)
        self._grip.ended.connect(self._dropped)

    def open(self, scopes: Sequence[Scope], at: QPoint, whole: bool = False) -> None:
        """Edit what the first scope holds, or a larger one; `at` is a point of the screen."""
        window = self.parentWidget().window()
        self.setParent(window)
        self._scopes, self._whole, self._has_tried, self._scrub = tuple(scopes), whole, False, None
        self.scope.clear()
        self.scope.addItems([scope.title for scope in scopes])
        self.scope.setVisible(len(scopes) > 1 or bool(scopes[0].title))
        self._begin()
        place = window.mapFromGlobal(at)
        room = window.size() - self.size()
        self.move(max(0, min(place.x(), room.width())), max(0, min(place.y(), room.height())))
        self.show()
        self.raise_()
        self.line.setFocus()

    @property
    def chosen(self) -> Scope:
        """The numbers that are edited."""
        return self._scopes[max(self.scope.currentIndex(), 0)]

    def _begin(self) -> None:
        values = self.chosen.values
        self._scrub = None
        one = len(set(values)) == 1
        self.line.setText(numbers.exact(values[0]) if one else "")
        self.line.setPlaceholderText("" if one else "x*2, x + 0.1, 0 …")
        self.line.selectAll()
        self._say(self._help())

    def _help(self) -> str:
        several = "" if len(self.chosen.values) == 1 else "x is each number. "
        return f"{several}↑ ↓ or drag ⟷ to try it"

    def _choose(self, _: int) -> None:
        if self._has_tried:
            self.left.emit(False)
            self._has_tried = False
        self._begin()
        self.line.setFocus()

    def _say(self, words: str, wrong: bool = False) -> None:
        self._says.setText(words)
        self._says.setProperty("role", "error" if wrong else "secondary")
        for widget in (self._says, self.line):
            widget.setProperty("invalid", wrong)
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.adjustSize()

    # Typing

    def _typed(self, text: str) -> None:
        """Says what it comes to; what is wrong with it is said on Enter, for it may not be typed to its end."""
        self._scrub = None
        try:
            values = self._values(text)
        except ConditionError:
            self._say(self._help())
            return
        low, high = min(values), max(values)
        told = numbers.exact(low) if low == high else f"{numbers.number(low, 4)} … {numbers.number(high, 4)}"
        self._say(self._help() if told == text.strip() else f"= {told}")

    def _values(self, text: str) -> tuple[float, ...]:
        return numbers_for(text, self.chosen.values, self._whole)

    def _enter(self) -> None:
        try:
            values = self._scrub.values() if self._scrub is not None else self._values(self.line.text())
        except ConditionError as error:
            self._say(f"{error.message} {error.hint}".strip(), wrong=True)
            return
        self._has_tried = False
        self.hide()
        self.entered.emit(self.chosen, values)

    # Stepping and dragging

    def _step(self, pixels: float, modifiers: Qt.KeyboardModifier) -> None:
        """Moves from what is typed, or from what stands there."""
        if self._scrub is None:
            try:
                self._scrub = Scrub(self._values(self.line.text()), self._whole)
            except ConditionError:
                self._scrub = Scrub(self.chosen.values, self._whole)
        values = self._scrub.move(pixels, modifiers)
        moved = values[0] - self._scrub.start[0]
        one = len(set(values)) == 1
        self.line.setText(numbers.exact(values[0]) if one else "")
        self._say("Enter keeps it, Esc brings it back" if one else f"{numbers.number(moved, sign=True)} each")
        self._has_tried = True
        self.tried.emit(self.chosen, values)

    def _dropped(self, stays: bool) -> None:
        self.line.setFocus()
        if not stays:
            self._leave(False)

    # Leaving

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._look_who_has_the_keyboard)
            return False
        if isinstance(event, QWheelEvent) and watched is self.line and self.line.hasFocus():
            self._step((event.angleDelta().y() or event.angleDelta().x()) / 120 * NOTCH, event.modifiers())
            return True
        return isinstance(event, QKeyEvent) and self._key(watched, event)

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Cancel):
            if event.type() == QEvent.Type.KeyPress:
                self._leave(False)
            event.accept()
            return True
        step = _STEPS.get(Qt.Key(event.key())) if watched is self.line else None
        if step is None:
            return False
        if event.type() == QEvent.Type.KeyPress:
            self._step(step * NOTCH, event.modifiers())
        event.accept()
        return True

    def _look_who_has_the_keyboard(self) -> None:
        now = QApplication.focusWidget()
        if now is None or QApplication.activePopupWidget() is not None or self._grip.is_dragging:
            return
        if now is not self and not self.isAncestorOf(now):
            self._leave(True)

    def _leave(self, stays: bool) -> None:
        if self.isHidden():
            return
        self.hide()
        if self._has_tried:
            self._has_tried = False
            self.left.emit(stays)
