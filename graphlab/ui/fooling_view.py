"""An adversarial step of any size: the slider, what becomes of the picture, and how small the difference is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..engine import messages as m
from ..engine.wants.eye import Tones
from ..engine.wants.fooling import Fooled, shown
from . import numbers
from .map_images import flat, picture_image
from .widgets.filter_picture import FilterPicture, signed_image
from .widgets.log_slider import QuietSlider

Floats = NDArray[np.float64]


class FoolingView(QWidget):
    """`moved` comes with every place of the slider; `chances` are those there."""

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: m.Because | None = None
        self._fooled: Fooled | None = None
        self.after = FilterPicture("What it is shown")
        self.difference = FilterPicture("Difference")
        self.slider = QuietSlider()
        self.slider.setAccessibleName("Size of the step ε")
        self.slider.setToolTip("By how much every pixel is moved, up or down (arrow keys)")
        self.epsilon = QLabel("ε")
        self.go = QPushButton("Where it flips")
        self.go.setProperty("role", "link")
        self.go.setToolTip("Go to the smallest step after which it says something else")
        both, below, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        both.setSpacing(10)
        both.addWidget(self.after, 1)
        both.addWidget(self.difference, 1)
        below.addWidget(self.epsilon)
        below.addWidget(self.slider, 1)
        below.addWidget(self.go)
        column.addLayout(both, 1)
        column.addLayout(below)
        self.epsilon.setMinimumWidth(self.epsilon.fontMetrics().horizontalAdvance("ε 0.0000"))
        self.epsilon.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.slider.valueChanged.connect(self._show)
        self.go.clicked.connect(self._go)

    def show_told(self, told: m.Because) -> None:
        """Another picture, class or direction; the slider stays where it is."""
        if told.by_size is None or told.map is None:
            return
        self._told = told
        towards = self._fooled is not None and self._fooled.towards
        self._fooled = Fooled(told.map, np.asarray(told.sizes), np.asarray(told.by_size), told.label, towards)
        self.slider.setRange(0, len(told.sizes) - 1)
        self._show()

    def set_towards(self, on: bool) -> None:
        """What the step is for, of what comes next."""
        if self._fooled is not None:
            self._fooled = Fooled(
                self._fooled.direction, self._fooled.sizes, self._fooled.chances, self._fooled.label, on
            )
            self._show()

    @property
    def chances(self) -> Floats | None:
        """Of each class, at this place of the slider."""
        return None if self._fooled is None else np.asarray(self._fooled.chances[self.slider.value()])

    @property
    def step(self) -> float:
        """ε at this place of the slider."""
        return 0.0 if self._fooled is None else float(self._fooled.sizes[self.slider.value()])

    def said(self) -> str:
        """What is said there, and from which step on it is something else."""
        told, fooled = self._told, self._fooled
        if told is None or fooled is None:
            return ""
        chances, flips = fooled.chances[self.slider.value()], fooled.flips
        best = int(chances.argmax())
        where = f"no ε up to {numbers.plain(float(fooled.sizes[-1]))} changes that"
        if flips is not None:
            other, least = told.classes[int(fooled.said[flips])], numbers.plain(float(fooled.sizes[flips]))
            where = f"it flips to {other} at ε {least}"
        size = numbers.plain(self.step)
        first = int(fooled.chances[0].argmax())
        before = f"before: {told.classes[first]}, {fooled.chances[0, first]:.0%}"
        return f"ε {size}: it says {told.classes[best]}, {chances[best]:.0%} sure ({before})  ·  {where}"

    def _go(self) -> None:
        if self._fooled is not None and self._fooled.flips is not None:
            self.slider.setValue(self._fooled.flips)

    def _show(self, *_: object) -> None:
        told, fooled = self._told, self._fooled
        if told is None or fooled is None:
            return
        low, high = told.tones
        moved = shown(told.picture, fooled.direction, self.step, Tones(low, high))
        self.after.show_image(picture_image(moved, low, high))
        difference = flat(moved - told.picture) / max(len(told.picture), 1)
        self.difference.show_image(signed_image(difference))
        largest = float(np.abs(difference).max(initial=0.0))
        times = (high - low) / largest if largest else 0.0
        self.difference.title = f"Difference, magnified {times:,.0f} times" if times else "Difference: none"
        self.difference.update()
        self.epsilon.setText(f"ε {numbers.plain(self.step)}")
        self.go.setEnabled(fooled.flips is not None)
        self.moved.emit()
