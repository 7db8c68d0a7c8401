"""One unit that is looked into: which it is, the picture it wants, how that climbs, and the samples it says most at."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QToolButton, QVBoxLayout, QWidget

from ..engine import messages as m
from . import numbers
from .map_images import picture_image
from .widgets.climb_curve import ClimbCurve
from .widgets.fields import QuietCombo
from .widgets.filter_picture import FilterPicture
from .widgets.sample_tiles import SampleTiles

End = tuple[str, str]
WHOLE = "all"
WIDEST = 240  # pixels of the choice of a layer


class LayerOfUnits(NamedTuple):
    """A layer that has units: the engine's end, its name, and the sizes of what it gives for one picture.

    classes: what its units are called, where they are classes.
    """

    end: End
    name: str
    sizes: tuple[int, ...]
    classes: tuple[str, ...] = ()


class UnitColumn(QWidget):
    """`changed`: another unit is chosen. `sample_chosen`: somebody wants to see that row of the data."""

    changed = Signal()
    sample_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: list[LayerOfUnits] = []
        self._rows: list[int] = []
        self.place: tuple[int, ...] = ()  # (row, column) of the one unit of a map; () for that in the middle
        self.layer = QuietCombo()
        self.layer.setAccessibleName("Layer")
        self.layer.setToolTip("The layer that the unit is of")
        self.layer.setMinimumContentsLength(8)
        self.layer.setMaximumWidth(WIDEST)
        self.unit = QSpinBox()
        self.unit.setAccessibleName("Channel, class or unit")
        self.unit.setSpecialValueText(WHOLE)
        self.unit.setToolTip("Which channel, class or unit of the layer; all: the layer as a whole")
        self.one = QToolButton()
        self.one.setText("one unit")
        self.one.setCheckable(True)
        self.one.setToolTip(
            "One unit of the map instead of the mean of all: the middle one, or that last pointed at"
        )
        self.image, self.curve = FilterPicture("wants"), ClimbCurve()
        self.tiles = SampleTiles("Samples at which it says most")
        head, beside, body, column = QHBoxLayout(), QVBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head.addWidget(self.layer, 1)
        head.addWidget(self.unit)
        head.addWidget(self.one)
        head.addStretch(0)
        beside.setSpacing(4)
        beside.addWidget(self.curve)
        beside.addWidget(self.tiles, 1)
        body.setSpacing(10)
        body.addWidget(self.image, 2)
        body.addLayout(beside, 3)
        column.addLayout(head)
        column.addLayout(body, 1)
        self.layer.activated.connect(self._choose_layer)
        self.unit.valueChanged.connect(self._choose_unit)
        self.one.toggled.connect(self._choose_unit)
        self.tiles.chosen.connect(lambda k: self.sample_chosen.emit(self._rows[k]))

    # Which unit

    def set_layers(self, layers: list[LayerOfUnits], otherwise: int) -> None:
        """Those that can be chosen; `otherwise` is taken where the one before is gone."""
        if layers == self.layers:
            return
        was = self.chosen()
        self.layers = layers
        self.layer.refill([each.name for each in layers])
        ends = [each.end for each in layers]
        self.layer.setCurrentIndex(ends.index(was[0]) if was is not None and was[0] in ends else otherwise)
        self._fit_unit()

    def chosen(self) -> tuple[End, tuple[int, ...]] | None:
        """The end, and which unit of it."""
        at = self.layer.currentIndex()
        if not 0 <= at < len(self.layers):
            return None
        unit = () if self.unit.value() < 0 else (self.unit.value(), *self._place_of(self.layers[at].sizes))
        return self.layers[at].end, unit

    def _place_of(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """(row, column) of the one unit that is meant; () for the whole map."""
        if len(sizes) != 3 or not self.one.isChecked():
            return ()
        fits = len(self.place) == 2 and self.place[0] < sizes[1] and self.place[1] < sizes[2]
        return self.place if fits else (sizes[1] // 2, sizes[2] // 2)

    def choose(self, end: End, at: tuple[int, ...], place: tuple[int, ...] = ()) -> bool:
        """Whether there is such a layer. place: of the map, for when one unit is asked for."""
        found = next((k for k, each in enumerate(self.layers) if each.end == end), None)
        if found is None:
            return False
        self.layer.setCurrentIndex(found)
        self.place = at[1:] or place
        for widget in (self.unit, self.one):
            widget.blockSignals(True)
        self._fit_unit()
        self.unit.setValue(at[0] if at else -1)
        self.one.setChecked(len(at) == 3)
        self._call()
        for widget in (self.unit, self.one):
            widget.blockSignals(False)
        self.changed.emit()
        return True

    def sought(self) -> m.Sought | None:
        found = self.chosen()
        return None if found is None else m.Sought(*found[0], found[1])

    def name(self) -> str:
        """ "conv2 [3]"."""
        found = self.chosen()
        if found is None:
            return ""
        at = f" [{', '.join(map(str, found[1]))}]" if found[1] else ""
        called = self._class_called()
        return f"{self.layer.currentText()}{at}{f' {called}' if called else ''}"

    def _class_called(self) -> str:
        """The name of the class that is chosen; "" where it has none but its number."""
        at, unit = self.layer.currentIndex(), self.unit.value()
        names = self.layers[at].classes if 0 <= at < len(self.layers) else ()
        return names[unit] if 0 <= unit < len(names) and names[unit] != str(unit) else ""

    def _choose_layer(self, *_: object) -> None:
        self.place = ()
        self._fit_unit()
        self.changed.emit()

    def _choose_unit(self, *_: object) -> None:
        self._call()
        self.changed.emit()

    def _call(self) -> None:
        """The name of a class stands behind its number."""
        called = self._class_called()
        self.unit.setSuffix(f"  {called}" if called else "")

    def _fit_unit(self) -> None:
        at = self.layer.currentIndex()
        sizes = self.layers[at].sizes if 0 <= at < len(self.layers) else (1,)
        self.one.setVisible(len(sizes) == 3 and sizes[1:] != (1, 1))
        count = sizes[0]
        self.unit.blockSignals(True)
        self.unit.setRange(-1, count - 1)
        if self.unit.value() < 0 and not self._was_chosen:
            self.unit.setValue(0)
        self._was_chosen = True
        self._call()
        self.unit.blockSignals(False)

    _was_chosen = False  # whether a unit was ever fitted: until then it is the first

    # What is shown

    def clear(self) -> None:
        """Another unit is chosen: what is known was of the one before."""
        self.curve.show_values(np.zeros(0), 1)
        self.tiles.show_samples([], [])
        self._rows = []

    def show_climb(self, picture: Any, curve: Any, steps: int, tones: tuple[float, float]) -> None:
        self.image.title = f"{self.name()} wants"
        self.image.show_image(picture_image(picture, *tones))
        self.image.tell(f"{picture.shape[1]}×{picture.shape[2]}")
        self.curve.show_values(np.asarray(curve, np.float64), steps)

    def show_best(self, best: m.BestOfUnit, tones: tuple[float, float], classes: Any) -> None:
        """`classes` tells the class of a row, "" for none."""
        self._rows = [int(row) for row in best.rows]
        words = [
            f"{numbers.number(float(value), 2)}{f' ({name})' if (name := classes(row)) else ''}"
            for value, row in zip(best.values, self._rows, strict=True)
        ]
        self.tiles.show_samples([picture_image(each, *tones) for each in best.pictures], words)
