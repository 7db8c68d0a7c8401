"""The controls over a tensor: how to see it, which axes are rows and columns, where one stands on the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..icons import icon
from ..theme import mono_font
from ..widgets.fields import QuietCombo
from .arrangement import Arrangement
from .axis_slider import AxisSlider
from .sight import Sight


class Head(QWidget):
    """Shows what it is told, and says what somebody wants."""

    modeChosen = Signal(str)
    moved = Signal(int, int)  # axis, index
    turned = Signal(str, int)  # "rows" or "columns", axis
    menuWanted = Signal()
    largeWanted = Signal()

    def __init__(self, sights: Sequence[Sight], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self._modes: dict[str, QToolButton] = {}
        for sight in sights:
            self._modes[sight.name] = self._mode(sight)
            row.addWidget(self._modes[sight.name])
        row.addStretch(1)
        self.colour = self._tool("image", "Three channels as red, green and blue")
        self.colour.setCheckable(True)
        self.colour.setText("RGB")
        self.colour.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.large = self._tool("float", "Open in a window of its own")
        self.large.clicked.connect(lambda: self.largeWanted.emit())
        self.more = self._tool("more", "Scale, precision, copy, export")
        self.more.clicked.connect(lambda: self.menuWanted.emit())
        for button in (self.colour, self.large, self.more):
            row.addWidget(button)
        column.addWidget(self._row)
        column.addWidget(self._axis_row())
        self._sliders = QVBoxLayout()
        self._sliders.setSpacing(0)
        column.addLayout(self._sliders)
        self.sliders: dict[int, AxisSlider] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _tool(self, picture: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(picture))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setFixedHeight(24)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _mode(self, sight: Sight) -> QToolButton:
        button = self._tool(sight.icon, sight.title)
        button.setCheckable(True)
        button.clicked.connect(lambda *_: self.modeChosen.emit(sight.name))
        return button

    def _axis_row(self) -> QWidget:
        self._axes = QWidget()
        row = QHBoxLayout(self._axes)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.rows, self.columns = QuietCombo(), QuietCombo()
        for words, which, combo in (("rows", "rows", self.rows), ("columns", "columns", self.columns)):
            label = QLabel(words)
            label.setProperty("role", "secondary")
            label.setFont(mono_font(11))
            combo.setFixedHeight(24)
            combo.setStyleSheet("min-height: 16px; padding: 0 18px 0 6px; font-size: 11px;")
            combo.setAccessibleName(f"Axis shown as {words}")
            combo.activated.connect(lambda axis, which=which: self.turned.emit(which, axis))
            row.addWidget(label)
            row.addWidget(combo, 1)
        return self._axes

    # -- what is shown -------------------------------------------------------------------------------------------

    def button(self, mode: str) -> QToolButton:
        """The button of a way to see it."""
        return self._modes[mode]

    def show_modes(self, possible: Sequence[str], mode: str) -> None:
        """Which ways there are, and which one it is seen in."""
        for name, button in self._modes.items():
            button.setVisible(name in possible)
            button.setChecked(name == mode)
        self._row.setVisible(len(possible) > 0)

    def show_axes(
        self, arrangement: Arrangement | None, names: Sequence[str], skipped: Sequence[int] = ()
    ) -> None:
        """The axes as they are chosen; those `skipped` have no slider, because all of their indices are seen."""
        shape = () if arrangement is None else arrangement.shape
        self._axes.setVisible(len(shape) > 2)
        if arrangement is not None and len(shape) > 2:
            titles = list(names)
            for combo, axis in ((self.rows, arrangement.rows), (self.columns, arrangement.columns)):
                if [combo.itemText(k) for k in range(combo.count())] != titles:
                    combo.clear()
                    combo.addItems(titles)
                combo.setCurrentIndex(axis)
                combo.setToolTip(f"{names[axis]}, {shape[axis]:,} of them")
        hidden = [] if arrangement is None else [k for k in arrangement.hidden if k not in skipped]
        self._make_sliders(hidden)
        if arrangement is not None:
            for axis in hidden:
                slider = self.sliders[axis]
                slider.blockSignals(True)
                slider.set_axis(names[axis], arrangement.shape[axis])
                slider.set_value(arrangement.at[axis])
                slider.blockSignals(False)

    def _make_sliders(self, axes: Sequence[int]) -> None:
        if list(self.sliders) == list(axes):
            return
        for slider in self.sliders.values():
            self._sliders.removeWidget(slider)
            slider.hide()
            slider.deleteLater()
        self.sliders = {}
        for axis in axes:
            slider = self.sliders[axis] = AxisSlider()
            slider.moved.connect(lambda i, axis=axis: self.moved.emit(axis, i))
            self._sliders.addWidget(slider)
