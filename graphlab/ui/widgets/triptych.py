"""One array at two moments and the difference, side by side on one colour scale, read at the same element."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from ...engine.messages import Pair, Tensor
from .. import numbers
from ..theme import mono_font
from ..values.axis_slider import AxisSlider
from .heat_map import HeatMap

PARTS = ("a", "b", "difference")
TITLES = {"a": "A", "b": "B", "difference": "B − A"}
_NAMES = ("sample", "channel")
Cell = tuple[int, int]


class Triptych(QWidget):
    """Three heat maps with common sliders. What is pointed at or outlined in one is so in all, and told below."""

    indexed = Signal(object)  # the full index of the outlined element, None for none
    questioned = Signal(object)  # somebody wants to know how an element came about: E
    watched = Signal(object)  # somebody wants to watch it: P

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._hover: Cell | None = None
        self._is_linking = False
        self.maps = {part: HeatMap(read_out=False, max_height=4000) for part in PARTS}
        self._heads: dict[str, QHBoxLayout] = {}
        self._stacks: dict[str, QStackedLayout] = {}
        self._missing = {part: QLabel() for part in PARTS}
        self.sliders: list[AxisSlider] = []
        self.reading, self.scale_told, self.note = QLabel(), QLabel(), QLabel()
        self.own_scale = QToolButton()
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self._axes = QVBoxLayout()
        self._axes.setSpacing(0)
        column.addLayout(self._axes)
        row = QHBoxLayout()
        row.setSpacing(8)
        for part in PARTS:
            row.addLayout(self._third(part), 1)
        column.addLayout(row, 1)
        for label in (self.reading, self.scale_told, self.note):
            label.setFont(mono_font(11))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
        for label in (self.scale_told, self.note):
            label.setProperty("role", "secondary")
        self.own_scale.setText("own scale for B − A")
        self.own_scale.setCheckable(True)
        self.own_scale.setToolTip("Colour the difference by itself, so that small changes are seen")
        self.own_scale.setStyleSheet("font-size: 11px; padding: 0 6px;")
        self.own_scale.toggled.connect(lambda *_: self._show())
        line = QHBoxLayout()
        line.addWidget(self.scale_told, 1)
        line.addWidget(self.own_scale)
        column.addWidget(self.reading)
        column.addWidget(self.note)
        column.addLayout(line)

    def _third(self, part: str) -> QVBoxLayout:
        column, head, holder = QVBoxLayout(), QHBoxLayout(), QWidget()
        column.setSpacing(1)
        caption, missing, shown = QLabel(TITLES[part]), self._missing[part], self.maps[part]
        caption.setProperty("role", "heading")
        caption.setFixedHeight(30)  # what stands beside it may be as tall
        head.setSpacing(4)
        head.addWidget(caption)
        self._heads[part] = head
        missing.setProperty("role", "empty")
        missing.setWordWrap(True)
        missing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stack = self._stacks[part] = QStackedLayout(holder)
        stack.addWidget(shown)
        stack.addWidget(missing)
        shown.setAccessibleName(TITLES[part])
        shown.elementHovered.connect(self._point)
        shown.elementSelected.connect(self._outline)
        column.addLayout(head)
        column.addWidget(holder, 1)
        return column

    def put_above(self, part: str, widget: QWidget, stretch: bool = True) -> None:
        """Puts something beside the title of A, B or the difference."""
        self._heads[part].addWidget(widget, int(stretch))
        if not stretch:
            self._heads[part].addStretch(1)

    # What is shown

    def show_pair(self, pair: Pair | None, note: str = "") -> None:
        """Shows an array at two moments; `note` is said below."""
        other = pair is None or self._pair is None or pair.key != self._pair.key
        self._pair = pair
        if other:
            self._outline(None)
            self._hover = None
        self._set_axes()
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._show()

    def tensor(self, part: str) -> Tensor | None:
        return None if self._pair is None else getattr(self._pair, part)

    def _set_axes(self) -> None:
        tensors = [t for part in PARTS if (t := self.tensor(part)) is not None]
        sizes = tensors[-1].array.shape[:-2] if tensors and tensors[-1].array.ndim > 2 else ()
        while len(self.sliders) > len(sizes):
            gone = self.sliders.pop()
            self._axes.removeWidget(gone)
            gone.deleteLater()
        while len(self.sliders) < len(sizes):
            slider = AxisSlider()
            slider.moved.connect(lambda *_: self._show())
            self.sliders.append(slider)
            self._axes.addWidget(slider)
        for axis, (slider, size) in enumerate(zip(self.sliders, sizes, strict=True)):
            slider.blockSignals(True)
            slider.set_axis(_NAMES[axis] if axis < len(_NAMES) else f"axis {axis}", max(size, 1))
            slider.blockSignals(False)

    def _slice(self, tensor: Tensor) -> NDArray[Any]:
        """What the sliders choose of it; at the edge, where it is smaller than another."""
        array = np.asarray(tensor.array, dtype=np.float64)
        if array.ndim > 2 and array.size:
            at = tuple(
                min(slider.value(), size - 1)
                for slider, size in zip(self.sliders, array.shape[:-2], strict=False)
            )
            array = array[at] if len(at) == array.ndim - 2 else array.reshape(-1, *array.shape[-2:])[0]
        return array

    def scale(self, part: str) -> float:
        """The value of full colour: one for all three, but for a difference that has its own."""
        chosen = ("difference",) if part == "difference" and self.own_scale.isChecked() else PARTS
        there = [t.stats for p in chosen if (t := self.tensor(p)) is not None]
        return max((max(abs(s.low), abs(s.high)) for s in there), default=0.0)

    def _show(self) -> None:
        for part in PARTS:
            tensor = self.tensor(part)
            self._stacks[part].setCurrentIndex(0 if tensor is not None and tensor.array.size else 1)
            if tensor is None:
                self._missing[part].setText(self._why_none(part))
            elif not tensor.array.size:
                self._missing[part].setText("no elements")
            else:
                self.maps[part].set_array(self._slice(tensor), scale=self.scale(part))
        own = self.own_scale.isChecked()
        told = f"full colour ±{numbers.number(self.scale('b'), 3)}"
        told += f", B − A ±{numbers.number(self.scale('difference'), 3)}" if own else ""
        self.scale_told.setText(told if self._pair is not None else "")
        self._read()

    def _why_none(self, part: str) -> str:
        if part != "difference":
            return "Not there, or not computed in that pass."
        both = self.tensor("a") is not None and self.tensor("b") is not None
        return "The shapes differ." if both else "Only one of them has it."

    # Hands

    def _point(self, cell: Cell | None) -> None:
        self._hover = cell
        for shown in self.maps.values():
            shown.point_at(cell)
        self._read()

    def _outline(self, cell: Cell | None) -> None:
        if self._is_linking:
            return
        self._is_linking = True
        for shown in self.maps.values():
            shown.select(cell)
        self._is_linking = False
        self._read()
        self.indexed.emit(self.index(cell))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What an outlined element can be asked for, as in the inspector."""
        index = self.index(self.maps["b"].selected() or self.maps["a"].selected())
        asked = {Qt.Key.Key_E: self.questioned, Qt.Key.Key_P: self.watched}.get(Qt.Key(event.key()))
        if asked is None or index is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            asked.emit(index)

    def index(self, cell: Cell | None) -> tuple[int, ...] | None:
        """The full index of a cell."""
        tensor = next((t for part in PARTS if (t := self.tensor(part)) is not None), None)
        if cell is None or tensor is None:
            return None
        if tensor.array.ndim < 2:
            return (cell[1],) if tensor.array.ndim else ()
        return (*(slider.value() for slider in self.sliders), *cell)

    def _read(self) -> None:
        self.reading.setText(self.read(self._hover or self.maps["b"].selected() or self.maps["a"].selected()))

    def read(self, cell: Cell | None) -> str:
        """The element at a cell in all three, in a line."""
        index = self.index(cell)
        if index is None:
            tensors = [t for part in PARTS if (t := self.tensor(part)) is not None]
            cut = [t for t in tensors if t.array.shape != t.shape]
            if cut:
                return f"The first {numbers.shape(cut[0].array.shape)} of {numbers.shape(cut[0].shape)}."
            return "Point at an element to read it in all three; E explains, P watches it." if tensors else ""
        values = {part: _at(self.tensor(part), index) for part in PARTS}
        parts = [f"{numbers.index(index)}".strip()]
        for part, name in TITLES.items():
            value = values[part]
            if value is not None:
                parts.append(f"{name} {numbers.number(value, 6, sign=part == 'difference')}")
        a, d = values["a"], values["difference"]
        if a and d is not None and np.isfinite(d / a):
            parts.append(f"({numbers.number(100 * d / abs(a), 3, sign=True)} %)")
        return "   ".join(part for part in parts if part)


def _at(tensor: Tensor | None, index: tuple[int, ...]) -> float | None:
    if tensor is None or len(index) != tensor.array.ndim:
        return None
    if any(i >= size for i, size in zip(index, tensor.array.shape, strict=True)):
        return None
    return float(tensor.array[index])
