"""Kernel size, stride, padding and dilation to try: a field and a slider each, with the size that comes of them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from ...lab.window_sizes import FORMULA, SETTINGS, Trial
from ...ops import Op
from ..theme import mono_font
from .log_slider import QuietSlider

SLIDES = {"kernel_size": (1, 11), "stride": (1, 6), "padding": (0, 6), "dilation": (1, 6)}
MOST = 1024  # that can be typed, as operations have it
WORDS = {"kernel_size": "kernel size", "stride": "stride", "padding": "padding", "dilation": "dilation"}
LETTERS = {"kernel_size": "k", "stride": "s", "padding": "p", "dilation": "d"}
AXES = ("down", "across")


class WindowSettings(QWidget):
    """Follows an operation; `changed` tells of other settings, {param: value}, {} for those that it has."""

    changed = Signal(object)
    apply_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._op: Op | None = None
        self._axes = 1
        self._values: dict[str, Any] = {}  # that are tried
        self._shown: dict[str, tuple[int, int]] = {}
        self.fields: dict[str, list[QSpinBox]] = {}
        self.sliders: dict[str, QuietSlider] = {}
        self.formula, self.why = QLabel(), QLabel()
        self.apply, self.reset = QPushButton("Apply to the node"), QPushButton("Reset")
        self._grid = QGridLayout()
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(5)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(3)
        for row, name in enumerate(SETTINGS):
            self._add(row, name)
        self._grid.setColumnStretch(3, 1)
        column.addLayout(self._grid)
        self.formula.setFont(mono_font(11))
        self.formula.setAccessibleName("Size of the result")
        self.formula.setToolTip(
            f"{FORMULA}, rounded down: n is the size of x, k the kernel size, s the stride, p the padding, "
            "d the dilation."
        )
        for label, role in ((self.formula, "plain"), (self.why, "error")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setMinimumWidth(1)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button, tip in (
            (self.apply, "Give the node these settings; one step to undo"),
            (self.reset, "Back to the settings that the node has"),
        ):
            button.setProperty("role", "small")
            button.setToolTip(tip)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(1)
        self.apply.clicked.connect(lambda: self.apply_wanted.emit())
        self.reset.clicked.connect(lambda: self.changed.emit({}))

    def _add(self, row: int, name: str) -> None:
        label = QLabel(f"{WORDS[name]} ({LETTERS[name]})")
        label.setProperty("role", "secondary")
        self._grid.addWidget(label, row, 0)
        low, high = SLIDES[name]
        self.fields[name] = []
        for axis in range(2):
            field = QSpinBox()
            field.setRange(low, MOST)
            field.setFixedWidth(52)
            field.setAccessibleName(f"{WORDS[name]} {AXES[axis]}")
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.valueChanged.connect(self._edited)
            self._grid.addWidget(field, row, 1 + axis)
            self.fields[name].append(field)
        slider = QuietSlider()
        slider.setRange(low, high)
        slider.setPageStep(1)
        slider.setMinimumWidth(40)
        slider.setAccessibleName(WORDS[name])
        slider.valueChanged.connect(lambda value, n=name: self._slid(n, value))
        self._grid.addWidget(slider, row, 3)
        self.sliders[name] = slider

    # What is shown

    def show_op(self, op: Op, values: dict[str, Any], axes: int, trial: Op | None = None) -> None:
        """The settings that an operation has, with what is tried instead; `trial`: the operation with them."""
        self._op, self._axes, self._values = op, axes, values
        for row, name in enumerate(SETTINGS):
            has = name in type(op).params_of
            pair = self.pair_of(trial or op, values, name) if has else (1, 1)
            self._shown[name] = pair
            is_pair = axes == 2 and isinstance(values.get(name, getattr(op, name, None)), tuple)
            label = self._grid.itemAtPosition(row, 0).widget()
            for widget in (label, self.fields[name][0], self.sliders[name]):
                widget.setVisible(has)
            self.fields[name][1].setVisible(has and is_pair)
            widgets: list[QSpinBox | QuietSlider] = [*self.fields[name], self.sliders[name]]
            for widget, value in zip(widgets, (*pair, pair[0]), strict=True):
                with QSignalBlocker(widget):
                    widget.setValue(value)

    def pair_of(self, op: Op, values: dict[str, Any], name: str) -> tuple[int, int]:
        """A setting as (down, across)."""
        value = values.get(name, getattr(op, name))
        if isinstance(value, tuple):
            return (value[0], value[-1])
        if isinstance(value, int):
            return value, value
        window = getattr(op, "window", None)  # "same", or a stride as large as the window
        found = getattr(window, name.removesuffix("_size"), (1, 1))
        return (found[0], found[1]) if self._axes == 2 else (found[1], found[1])

    def show_trial(self, trial: Trial, is_other: bool, why_not: str = "") -> None:
        """What comes of them; `why_not`: why they cannot be applied."""
        self.formula.setText("\n".join(trial.lines))
        self.formula.setVisible(bool(trial.lines))
        self.why.setText(f"{trial.why} {trial.hint}".strip() or (why_not if is_other else ""))
        self.why.setVisible(bool(self.why.text()))
        self.apply.setEnabled(is_other and not trial.why and not why_not)
        self.reset.setEnabled(is_other)
        has = bool(self._op is not None and set(SETTINGS) & set(type(self._op).params_of))
        self.apply.setVisible(has)
        self.reset.setVisible(has)

    # Hands

    def _slid(self, name: str, value: int) -> None:
        for field in self.fields[name]:
            with QSignalBlocker(field):
                field.setValue(value)
        self._edited()

    def _edited(self, *_: object) -> None:
        op = self._op
        if op is None:
            return
        found: dict[str, Any] = {}
        for name in SETTINGS:
            if name not in type(op).params_of:
                continue
            pair = self.fields[name][0].value(), self.fields[name][1].value()
            if self.fields[name][1].isHidden():
                pair = pair[0], pair[0]
            if pair == self._shown.get(name):  # such as a stride that follows the kernel
                found |= {name: self._values[name]} if name in self._values else {}
            elif pair != self.pair_of(op, {}, name):
                found[name] = pair if self._axes == 2 and pair[0] != pair[1] else pair[0]
        self.changed.emit(found)
