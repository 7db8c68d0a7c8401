"""Fields of a form: one editor for each kind of param, with its error shown in place below it."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ...ops import Param
from ..scrubbing import Scrub
from ..theme import mono_font
from .literals import read, write
from .scrub_grip import ScrubGrip

MIXED = object()  # the nodes of a selection differ in this param


class StepBox(QAbstractSpinBox):
    """A number to type freely or to step: whole numbers by 1, others by a tenth of their size. Never clamps."""

    stepped = Signal()

    def __init__(self, param: Param, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._param = param
        self.present: float | None = None  # what stood there before something was typed
        self._scrub: Scrub | None = None
        self._grip = ScrubGrip(self, lambda _: self)
        self._grip.began.connect(self._begin_scrub)
        self._grip.moved.connect(self._drag)
        self.setFont(mono_font(12))
        self.lineEdit().setTextMargins(8, 0, 0, 0)  # a style sheet's padding does not reach into a spin box
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def text_field(self) -> QLineEdit:
        """The line being typed into."""
        return self.lineEdit()

    def validate(self, text: str, position: int) -> object:
        return QValidator.State.Acceptable, text, position

    def fixup(self, text: str) -> str:
        return text

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        up, down = (
            QAbstractSpinBox.StepEnabledFlag.StepUpEnabled,
            QAbstractSpinBox.StepEnabledFlag.StepDownEnabled,
        )
        return up | down

    def stepBy(self, steps: int) -> None:
        try:
            value = read(self._param.kind, self.lineEdit().text(), self.present)
        except ValueError:
            value = self._param.default or 0
        if self._param.kind == "int":
            moved = value + steps
        else:
            moved = (_along_log if self._param.log else _along)(float(value), steps)
        self._put(moved)

    def _put(self, moved: float) -> None:
        low, high = self._param.low, self._param.high
        if (low is None or moved >= low) and (high is None or moved <= high):
            self.lineEdit().setText(write(self._param.kind, moved))
            self.stepped.emit()

    def _begin_scrub(self, _: object) -> None:
        try:
            value = read(self._param.kind, self.lineEdit().text(), self.present)
        except ValueError:
            value = self._param.default or 0
        self._scrub = Scrub((float(value),), whole=self._param.kind == "int")

    def _drag(self, pixels: float, modifiers: Qt.KeyboardModifier) -> None:
        """The number follows a hand, within its bounds."""
        if self._scrub is not None:
            (moved,) = self._scrub.move(pixels, modifiers)
            low, high = self._param.low, self._param.high
            if low is not None and not self._param.low_open:
                moved = max(moved, low)
            if high is not None:
                moved = min(moved, high)
            self._put(int(moved) if self._param.kind == "int" else moved)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # the wheel scrolls the panel, it does not change what it passes over


def _along(value: float, steps: int) -> float:
    """0.01 → 0.011: one decimal below the leading digit, so that the digits stay few."""
    if value == 0:
        return steps * 0.1
    exponent = math.floor(math.log10(abs(value)) + 1e-9)
    if steps < 0 < value and math.isclose(value, 10.0**exponent):
        exponent -= 1  # from 0.01 downwards the step is that of 0.009
    unit = 10.0 ** (exponent - 1)
    return float(f"{round((value + steps * unit) / unit) * unit:.12g}")


def _along_log(value: float, steps: int) -> float:
    """0.01 → 0.02 → 0.05 → 0.1: three steps to each power of ten."""
    if value <= 0:
        return 1e-4 if steps > 0 else 0.0
    ladder = [digit * 10.0**power for power in range(-12, 7) for digit in (1, 2, 5)]
    near = 1 + 1e-9
    if steps > 0:
        above = [rung for rung in ladder if rung > value * near]
        return float(f"{above[min(steps, len(above)) - 1]:.1g}") if above else value
    below = [rung for rung in ladder if rung < value / near]
    return float(f"{below[max(steps, -len(below))]:.1g}") if below else 0.0


class QuietCombo(QComboBox):
    """A combo box that lets the wheel pass unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # A long choice must not make the panel wide.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def refill(self, words: list[str]) -> None:
        """Other words to choose from; what was chosen stays where it is still there."""
        if words == [self.itemText(k) for k in range(self.count())]:
            return
        chosen = self.currentText()
        self.clear()
        self.addItems(words)
        if chosen in words:
            self.setCurrentText(chosen)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class TextBox(QLineEdit):
    """A line of text; Escape takes back what was typed."""

    cancelled = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)


class Field(QWidget):
    """Edits one param. `entered` carries a checked value on Enter, on leaving the field, and on each step.

    What cannot be read or is out of range stays as typed, is outlined, and its reason stands below.
    """

    entered = Signal(object, bool)  # value; whether it came by stepping, so that steps in a row are one edit

    def __init__(self, param: Param, op: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.param, self._op = param, op
        self._value: Any = param.default
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.editor = self._make()
        self.editor.setToolTip(param.help)
        self.editor.setAccessibleName(param.name)
        column.addWidget(self.editor)
        self._error = QLabel()
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        column.addWidget(self._error)
        self.setFocusProxy(self.editor)

    def _make(self) -> QWidget:
        kind = self.param.kind
        if kind == "bool":
            box = QCheckBox()
            box.clicked.connect(lambda on: self._submit(on))
            return box
        if kind == "choice":
            combo = QuietCombo()
            combo.addItems(list(self.param.choices))
            combo.activated.connect(lambda _: self._submit(combo.currentText()))
            return combo
        if kind in ("int", "float") and not self.param.optional:
            steps = StepBox(self.param)
            steps.editingFinished.connect(self._finish)
            steps.stepped.connect(lambda: self._finish(stepped=True))
            return steps
        if self.param.suggest is not None:
            return self._suggestions()
        line = TextBox()
        line.setFont(mono_font(12))
        line.editingFinished.connect(self._finish)
        line.cancelled.connect(lambda: self.set_value(self._value))
        return line

    def _suggestions(self) -> QComboBox:
        combo = QuietCombo()
        combo.setEditable(True)
        combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        combo.addItems(list(self.param.suggest() if self.param.suggest else ()))
        combo.activated.connect(lambda _: self._submit(combo.currentText()))
        combo.lineEdit().editingFinished.connect(self._finish)
        return combo

    def line(self) -> QLineEdit | None:
        """The line being typed into, None for a check box or a choice."""
        if isinstance(self.editor, StepBox):
            return self.editor.text_field()
        if isinstance(self.editor, QComboBox):
            return self.editor.lineEdit()
        return self.editor if isinstance(self.editor, QLineEdit) else None

    def set_value(self, value: Any) -> None:
        """Show `value`, or `MIXED`; an error below is cleared. Sends nothing."""
        self._value = value
        if isinstance(self.editor, StepBox):
            self.editor.present = self._x()
        self.set_error("")
        if isinstance(self.editor, QCheckBox):
            self.editor.setTristate(value is MIXED)
            state = Qt.CheckState.Checked if value is True else Qt.CheckState.Unchecked
            self.editor.setCheckState(Qt.CheckState.PartiallyChecked if value is MIXED else state)
        elif isinstance(self.editor, QComboBox) and not self.editor.isEditable():
            self.editor.setCurrentIndex(-1 if value is MIXED else self.editor.findText(str(value)))
            self.editor.setPlaceholderText("different" if value is MIXED else "")
        elif (line := self.line()) is not None:
            line.setText("" if value is MIXED else write(self.param.kind, value))
            line.setPlaceholderText(
                "different" if value is MIXED else "automatic" if self.param.optional else ""
            )
            line.setCursorPosition(0)
            line.setModified(False)

    def _x(self) -> float | None:
        """What stands for x in what is typed: the number that is there now."""
        is_number = isinstance(self._value, int | float) and not isinstance(self._value, bool)
        return float(self._value) if is_number else None

    def value(self) -> Any:
        """The value last shown or accepted."""
        return self._value

    def is_being_edited(self) -> bool:
        """Whether something typed is not entered yet."""
        line = self.line()
        return line is not None and line.isModified() and line.hasFocus()

    def error(self) -> str:
        """What stands below the field."""
        return self._error.text()

    def set_error(self, words: str) -> None:
        """Outline the field and say why below it; "" for all is well."""
        self._error.setText(words)
        self._error.setVisible(bool(words))
        line = self.line()
        if line is not None and bool(line.property("invalid")) != bool(words):
            for widget in {line, self.editor}:
                widget.setProperty("invalid", bool(words))
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    def _finish(self, *, stepped: bool = False) -> None:
        line = self.line()
        assert line is not None
        text = line.text().strip()
        if not stepped and text == ("" if self._value is MIXED else write(self.param.kind, self._value)):
            self.set_error("")
            return
        if not text and self._value is MIXED:
            return
        try:
            value = None if not text and self.param.optional else read(self.param.kind, text, self._x())
        except ValueError as problem:
            self.set_error(str(problem))
            return
        self._submit(value, stepped)

    def _submit(self, value: Any, stepped: bool = False) -> None:
        line = self.line()
        if line is not None:
            line.setModified(False)
        self.entered.emit(value, stepped)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.editor.setFocus(event.reason())


def labelled(label: QWidget, field: QWidget) -> QHBoxLayout:
    """A row of a form: the label at a fixed width, the field beside it."""
    row = QHBoxLayout()
    row.setSpacing(8)
    label.setFixedWidth(104)
    row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(field, 1)
    return row
