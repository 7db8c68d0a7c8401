"""The knobs of a climb, as a small form that a button of the panel's title opens."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from ..engine.wants.climb import Knobs
from ..engine.wants.dream import Sleep
from .icons import icon


class _Knob(NamedTuple):
    name: str
    title: str
    tip: str
    low: float
    high: float
    step: float


KNOBS = (
    _Knob("steps", "Steps", "How many steps the picture climbs", 1, 5000, 50),
    _Knob(
        "rate", "Rate", "How far a pixel moves in a step, as a share of the span of tones", 0.001, 0.5, 0.005
    ),
    _Knob(
        "decay", "Decay", "What share of its distance from grey a pixel loses in a step (L2)", 0, 0.5, 0.005
    ),
    _Knob("blur", "Blur", "By how many pixels it is blurred now and then", 0, 5, 0.1),
    _Knob("blur_every", "… every", "After how many steps it is blurred", 1, 100, 1),
    _Knob(
        "smooth",
        "Smooth",
        "How much the steps between neighbours count against it (total variation)",
        0,
        5,
        0.05,
    ),
    _Knob("jitter", "Jitter", "By up to how many pixels it is shifted for a step, and back", 0, 32, 1),
    _Knob(
        "clip",
        "Clip",
        "Beyond how many times its mean size a pixel's gradient is cut; 0 for never",
        0,
        50,
        0.5,
    ),
    _Knob("seed", "Seed", "Of the noise that it begins with, and of all other chance", 0, 9999, 1),
    _Knob(
        "octaves",
        "Octaves",
        "Of a dream: in how many sizes it is dreamt, each 1.4 times the one before",
        1,
        12,
        1,
    ),
)


class ClimbKnobs(QToolButton):
    """`changed` comes with every turn; `settings` has those that are not as usual."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("Knobs")
        self.setToolTip("What keeps the pictures readable: decay, blur, smoothness, jitter, clipping")
        self.setIcon(icon("settings"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.fields: dict[str, QSpinBox | QDoubleSpinBox] = {}
        menu = QMenu(self)
        held = QWidgetAction(menu)
        held.setDefaultWidget(self._form())
        menu.addAction(held)
        self.setMenu(menu)

    def settings(self) -> dict[str, float]:
        """Of a climb."""
        return {name: value for name, value in self._turned().items() if name != "octaves"}

    def sleep(self) -> dict[str, float]:
        """Of a dream."""
        return {name: value for name, value in self._turned().items() if name in ("octaves", "seed")}

    def _turned(self) -> dict[str, float]:
        told = {name: field.value() for name, field in self.fields.items()}
        return {name: value for name, value in told.items() if value != _usual(name)}

    def reset(self) -> None:
        """All as usual again."""
        for name, field in self.fields.items():
            field.setValue(_usual(name))

    def bare(self) -> None:
        """The gradient alone, with nothing that keeps the picture readable."""
        for name in ("decay", "blur", "smooth", "jitter", "clip"):
            self.fields[name].setValue(0)

    def _form(self) -> QWidget:
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for k, knob in enumerate(KNOBS):
            field = _field(knob)
            self.fields[knob.name] = field
            label = QLabel(knob.title)
            label.setToolTip(knob.tip)
            label.setBuddy(field)
            grid.addWidget(label, k, 0)
            grid.addWidget(field, k, 1)
            field.valueChanged.connect(self._tell)
        for k, (text, tip, run) in enumerate(
            (
                ("As usual", "All knobs as they were at first", self.reset),
                ("Bare gradient", "Turn off all that keeps the picture readable", self.bare),
            )
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.clicked.connect(run)
            grid.addWidget(button, len(KNOBS), k)
        return form

    def _tell(self, *_: object) -> None:
        self.changed.emit()


def _usual(name: str) -> Any:
    return getattr(Sleep() if name == "octaves" else Knobs(), name)


def _field(knob: _Knob) -> QSpinBox | QDoubleSpinBox:
    usual = _usual(knob.name)
    made: QSpinBox | QDoubleSpinBox
    if isinstance(usual, int):
        made = QSpinBox()
        made.setRange(int(knob.low), int(knob.high))
        made.setSingleStep(int(knob.step))
    else:
        made = QDoubleSpinBox()
        made.setDecimals(3)
        made.setRange(knob.low, knob.high)
        made.setSingleStep(knob.step)
    made.setValue(usual)
    made.setToolTip(knob.tip)
    made.setAccessibleName(knob.title)
    return made
