"""What can be chosen about a method that says why: whose maps, how large a patch, what is put where something was."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from ..engine.wants.why import BASES
from .widgets.fields import QuietCombo

LAST = "the last with maps"


class WhyOptions(QWidget):
    """One line; what does not concern the method is not there."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: tuple[tuple[str, str], ...] = ()
        self.layer = _combo("Layer", "Whose maps are weighed by how much they speak for the class")
        self.layer.addItem(LAST)
        self.layer.setMinimumContentsLength(18)
        self.patch = _spin("Patch", "Side of the square that is covered, in pixels", 1, 64, 4)
        self.stride = _spin("Stride", "How many pixels the patch moves", 1, 64, 2)
        self.base = _combo(
            "Base", "What stands where nothing is: the picture that one goes away from, or the patch"
        )
        self.base.addItems(list(BASES))
        self.towards = QCheckBox("towards the class")
        self.towards.setToolTip("Step so that the network sees the chosen class; otherwise away from it")
        self._rows: list[tuple[QWidget, tuple[str, ...]]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._base_label = QLabel()
        for label, widget, methods in (
            (QLabel("maps of"), self.layer, ("grad-cam",)),
            (QLabel("patch"), self.patch, ("occlusion",)),
            (QLabel("stride"), self.stride, ("occlusion",)),
            (self._base_label, self.base, ("occlusion", "integrated")),
            (None, self.towards, ("fool",)),
        ):
            for each in (label, widget) if label is not None else (widget,):
                row.addWidget(each)
                self._rows.append((each, methods))
        row.addStretch(1)
        self.layer.activated.connect(self.changed)
        self.base.activated.connect(self.changed)
        self.patch.valueChanged.connect(self.changed)
        self.stride.valueChanged.connect(self.changed)
        self.towards.toggled.connect(self.changed)
        self.show_for("gradient")

    def show_for(self, method: str) -> None:
        """What concerns that method, and nothing else."""
        self._base_label.setText("beginning at" if method == "integrated" else "covered with")
        for widget, methods in self._rows:
            widget.setVisible(method in methods)
        self.setVisible(any(method in methods for _, methods in self._rows))

    def set_layers(self, layers: tuple[tuple[str, str], ...]) -> None:
        """(key, name) of those that have maps."""
        if layers != self._layers:
            self._layers = layers
            self.layer.refill([LAST, *(name for _, name in layers)])

    def settings(self) -> dict[str, Any]:
        """As `messages.AskWhy` takes them."""
        at = self.layer.currentIndex() - 1
        layer = self._layers[at][0] if 0 <= at < len(self._layers) else ""
        return {
            "layer": layer,
            "patch": self.patch.value(),
            "stride": self.stride.value(),
            "base": self.base.currentText(),
            "towards": self.towards.isChecked(),
        }


def _combo(name: str, tip: str) -> QuietCombo:
    made = QuietCombo()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    return made


def _spin(name: str, tip: str, low: int, high: int, value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    made.setAccessibleName(name)
    made.setToolTip(tip)
    return made
