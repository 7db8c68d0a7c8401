"""A slider from layer to layer, with a button that goes through all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from ..icons import icon

FINE = 100  # places from layer to layer
TICK, PER_LAYER = 33, 1400  # milliseconds


class LayerSlider(QWidget):
    """Stands on a layer or on the way to the next; `moved` tells that it stands elsewhere."""

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.play = QToolButton()
        self.play.setIcon(icon("train"))
        self.play.setCheckable(True)
        self.play.setToolTip("Go through the layers")
        self.play.setAccessibleName("Go through the layers")
        self.play.toggled.connect(self._play)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Layer")
        self.slider.setToolTip("From layer to layer: Page Up and Page Down, or drag")
        self.slider.setSingleStep(FINE // 10)
        self.slider.setPageStep(FINE)
        self.slider.valueChanged.connect(lambda _: self._moved())
        self.slider.sliderReleased.connect(self._snap)
        self.stop = QLabel()
        self.stop.setMinimumWidth(110)
        for widget, stretch in ((self.play, 0), (self.slider, 1), (self.stop, 0)):
            row.addWidget(widget, stretch)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)

    def show_names(self, names: Sequence[str]) -> None:
        """The layers are these."""
        self._names = tuple(names)
        self.slider.setRange(0, max(len(names) - 1, 0) * FINE)
        self._tell()

    @property
    def at(self) -> tuple[int, float]:
        """The layer on which it stands, and how far it is on its way to the next."""
        place, past = divmod(self.slider.value(), FINE)
        return place, past / FINE

    def go_to(self, name: str) -> None:
        """Stands on the layer of that name."""
        if name in self._names:
            self.slider.setValue(self._names.index(name) * FINE)

    def _moved(self) -> None:
        self._tell()
        self.moved.emit()

    def _tell(self) -> None:
        place, past = self.at
        if place < len(self._names):
            words = f"{self._names[place]} → {self._names[place + 1]}" if past else self._names[place]
            self.stop.setText(words)
            self.slider.setAccessibleDescription(words)

    def _snap(self) -> None:
        """Let go near a layer, it goes there."""
        place, past = divmod(self.slider.value() + FINE // 2, FINE)
        if abs(past - FINE // 2) <= FINE // 6:
            self.slider.setValue(place * FINE)

    def _play(self, on: bool) -> None:
        self.play.setIcon(icon("pause" if on else "train"))
        if not on:
            self._timer.stop()
            return
        if self.slider.value() >= self.slider.maximum():
            self.slider.setValue(0)
        self._timer.start()

    def _tick(self) -> None:
        self.slider.setValue(self.slider.value() + round(FINE * TICK / PER_LAYER))
        if self.slider.value() >= self.slider.maximum() or not self.isVisible():
            self.play.setChecked(False)
