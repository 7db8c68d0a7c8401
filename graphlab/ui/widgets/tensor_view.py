"""Shows any tensor in the way its shape asks for: number, cells, bars, heat map, picture, or slices of more axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .. import numbers
from ..icons import icon
from ..theme import mono_font
from .bars import Bars
from .big_number import BigNumber
from .heat_map import HeatMap
from .picture import Picture

_CELLS = 8  # a vector up to this long is a row of cells with its numbers; a longer one is bars
_IMAGE = 4  # the least height and width that make a picture


class AxisSlider(QWidget):
    """Chooses one index along an axis: "sample [3] of 16  ───●──"."""

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._name = ""
        self._label = QLabel()
        self._label.setProperty("role", "secondary")
        self._label.setFont(mono_font(11))
        self._label.setMinimumWidth(104)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setPageStep(1)
        self._slider.valueChanged.connect(self._tell)
        row.addWidget(self._label)
        row.addWidget(self._slider, 1)

    def set_axis(self, name: str, size: int) -> None:
        """What the axis is called and how long it is; the chosen index is kept where it still exists."""
        self._name = name
        self._slider.setAccessibleName(name)
        self._slider.setRange(0, size - 1)
        self.setVisible(size > 1)
        self._write()

    def value(self) -> int:
        """The index chosen."""
        return self._slider.value()

    def set_value(self, value: int) -> None:
        """Choose an index."""
        self._slider.setValue(value)

    def _tell(self, value: int) -> None:
        self._write()
        self.moved.emit(value)

    def _write(self) -> None:
        self._label.setText(f"{self._name} [{self._slider.value()}] of {self._slider.maximum() + 1}")


class TensorView(QWidget):
    """One tensor. Positions in signals are full indices, one number for each axis.

    An array may be the leading block of a larger tensor of shape `shape`; then it says so.
    """

    elementActivated = Signal(object)
    elementSelected = Signal(object)
    elementQuestioned = Signal(object)  # somebody wants to know how it came about: E, or the menu
    elementSupposed = Signal(object)  # somebody wants to know what if it were another: I, or the menu
    elementDifferentiated = Signal(object)  # somebody wants its gradients: D, or the menu

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: NDArray[Any] | None = None
        self._sliders: list[AxisSlider] = []
        self.has_goals = False  # whether gradients may be asked for of its elements
        self._as_picture: bool | None = None  # None: as the values suggest
        self._map, self._bars, self._number = HeatMap(), Bars(), BigNumber()
        self._picture, self._nothing = Picture(), QLabel()
        self._build()
        self.set_array(None)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._axes = QVBoxLayout()
        self._axes.setSpacing(0)
        self._switch = QToolButton()
        self._switch.setCheckable(True)
        self._switch.setIcon(icon("filters"))
        self._switch.setToolTip("As a grey or colour picture")
        self._switch.clicked.connect(self._choose_picture)
        head = QHBoxLayout()
        head.addLayout(self._axes, 1)
        head.addWidget(self._switch, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        for view in self._views():
            column.addWidget(view)
        self._note = QLabel()
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        column.addWidget(self._note)
        self._nothing.setProperty("role", "empty")
        self._nothing.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._connect()

    def _views(self) -> tuple[QWidget, ...]:
        return self._nothing, self._number, self._bars, self._map, self._picture

    def _connect(self) -> None:
        self._map.elementActivated.connect(lambda at: self.elementActivated.emit(self.full_index(at)))
        self._map.elementSelected.connect(
            lambda at: self.elementSelected.emit(None if at is None else self.full_index(at))
        )
        self._bars.elementActivated.connect(lambda at: self.elementActivated.emit((at,)))
        self._bars.elementSelected.connect(
            lambda at: self.elementSelected.emit(None if at is None else (at,))
        )
        self._number.activated.connect(lambda: self.elementActivated.emit(()))
        self._picture.pixelActivated.connect(self._pixel_activated)

    # -- what is shown -------------------------------------------------------------------------------------------

    def set_array(
        self,
        array: NDArray[Any] | None,
        *,
        shape: tuple[int, ...] | None = None,
        scale: float | None = None,
        axes: Sequence[str] = ("sample", "channel"),
        missing: str = "Not computed yet.",
    ) -> None:
        """Show `array`, the leading block of a tensor of `shape`. With None show the words `missing`.

        `axes` names the axes before the last two, which sliders choose an index of.
        """
        self._array, self._scale = array, scale
        self._nothing.setText(missing)
        self._set_axes(axes, () if array is None else array.shape[: max(array.ndim - 2, 0)])
        part = array is not None and shape is not None and tuple(shape) != array.shape
        self._note.setVisible(bool(part))
        if part and array is not None and shape is not None:
            self._note.setText(f"The first {numbers.shape(array.shape)} of {numbers.shape(shape)}.")
        self._show_slice()

    def shown(self) -> QWidget:
        """The widget that shows it at the moment: one of number, bars, heat map, picture, or the words."""
        return next(view for view in self._views() if not view.isHidden())

    def heat_map(self) -> HeatMap:
        """The heat map, whether or not it is what shows."""
        return self._map

    def selected_index(self) -> tuple[int, ...] | None:
        """The full index of the outlined element, None for none; a scalar's is ()."""
        array = self._array
        if array is None or array.ndim == 0:
            return None if array is None else ()
        if self.shown() is self._bars:
            chosen = self._bars.selected()
            return None if chosen is None else (chosen,)
        position = self._map.selected() if self.shown() is self._map else None
        return None if position is None else self.full_index(position)

    def full_index(self, position: tuple[int, int]) -> tuple[int, ...]:
        """The index in the tensor of the cell at (row, column)."""
        if self._array is None or self._array.ndim == 0:
            return ()
        if self._array.ndim == 1:
            return (position[1],)
        return (*(slider.value() for slider in self._sliders), *position)

    # -- asking how an element came about ------------------------------------------------------------------------

    def index_at(self, position: QPointF) -> tuple[int, ...] | None:
        """The full index of the element under a point of this widget; None where there is none."""
        shown, array = self.shown(), self._array
        where = shown.mapFrom(self, position)
        if array is None or not shown.rect().contains(where.toPoint()):
            return None
        if shown is self._number:
            return ()
        if shown is self._bars:
            at = self._bars.at(where.x())
            return None if at is None else (at,)
        cell = self._map.at(where) if shown is self._map else self._picture.at(where.x(), where.y())
        return None if cell is None else self.full_index(cell)

    def select_index(self, index: tuple[int, ...]) -> None:
        """Outlines an element, and shows the slice that it is in; nothing happens where it is not in the block."""
        array = self._array
        if array is None or len(index) != array.ndim or not array.ndim:
            return
        if any(i >= size for i, size in zip(index, array.shape, strict=True)):
            return
        for slider, i in zip(self._sliders, index[: max(array.ndim - 2, 0)], strict=True):
            slider.set_value(i)
        if self.shown() is self._bars:
            self._bars.select(index[0])
        elif self.shown() is self._map:
            self._map.select((0, index[0]) if array.ndim == 1 else (index[-2], index[-1]))

    def point_at(self, index: tuple[int, ...] | None) -> None:
        """Marks an element as if the pointer were over it, where the slice that is shown holds it."""
        array = self._array
        inside = index is not None and array is not None and len(index) == array.ndim
        here = tuple(slider.value() for slider in self._sliders)
        if not inside or index is None or index[: len(here)] != here:
            self._map.point_at(None)
        elif array is not None and array.ndim:
            self._map.point_at((0, index[0]) if array.ndim == 1 else (index[-2], index[-1]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.index_at(QPointF(event.pos())) if by_mouse else self.selected_index()
        if index is None:
            event.ignore()
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask = menu.addAction("Explain this number\tE")
        ask.setIcon(icon("explain"))
        ask.triggered.connect(lambda *_: self.elementQuestioned.emit(index))
        suppose = menu.addAction("What if it were another?\tI")
        suppose.setIcon(icon("what-if"))
        suppose.triggered.connect(lambda *_: self.elementSupposed.emit(index))
        if self.has_goals:
            goal = menu.addAction("Gradients of this element\tD")
            goal.setIcon(icon("differentiate"))
            goal.triggered.connect(lambda *_: self.elementDifferentiated.emit(index))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.selected_index()
        if event.key() == Qt.Key.Key_E and not event.modifiers() and index is not None:
            self.elementQuestioned.emit(index)
        elif event.key() == Qt.Key.Key_I and not event.modifiers() and index is not None:
            self.elementSupposed.emit(index)
        elif event.key() == Qt.Key.Key_D and not event.modifiers() and index is not None and self.has_goals:
            self.elementDifferentiated.emit(index)
        else:
            super().keyPressEvent(event)

    def _set_axes(self, names: Sequence[str], sizes: tuple[int, ...]) -> None:
        while len(self._sliders) > len(sizes):
            gone = self._sliders.pop()
            self._axes.removeWidget(gone)
            gone.deleteLater()
        while len(self._sliders) < len(sizes):
            slider = AxisSlider()
            slider.moved.connect(self._show_slice)
            self._sliders.append(slider)
            self._axes.addWidget(slider)
        for axis, (slider, size) in enumerate(zip(self._sliders, sizes, strict=True)):
            slider.blockSignals(True)
            slider.set_axis(names[axis] if axis < len(names) else f"axis {axis}", max(size, 1))
            slider.blockSignals(False)

    def _slice(self) -> NDArray[Any]:
        assert self._array is not None
        return self._array[tuple(slider.value() for slider in self._sliders)]

    def _show_slice(self, *_: object) -> None:
        array = self._array
        imageable = array is not None and array.ndim >= 3 and min(array.shape[-2:]) >= _IMAGE
        self._switch.setVisible(imageable)
        if array is None:
            self._turn_to(self._nothing)
        elif array.size == 0:
            self._nothing.setText(f"No elements ({numbers.shape(array.shape)}).")
            self._turn_to(self._nothing)
        elif array.ndim == 0:
            self._number.set_value(array.item())
            self._turn_to(self._number)
        elif array.ndim == 1 and array.size > _CELLS:
            self._bars.set_array(array)
            self._turn_to(self._bars)
        elif imageable and self._wants_picture():
            self._picture.set_array(self._slice())
            self._turn_to(self._picture)
        else:
            self._map.set_array(self._slice(), scale=self._scale)
            self._turn_to(self._map)
        self._switch.setChecked(self._picture.isVisibleTo(self))

    def _wants_picture(self) -> bool:
        """Images are never negative; what comes of them by convolution is, and then the sign matters."""
        if self._as_picture is not None:
            return self._as_picture
        array = self._array
        return array is not None and array.ndim == 4 and array.shape[1] in (1, 3) and float(array.min()) >= 0

    def _choose_picture(self, checked: bool) -> None:
        self._as_picture = checked
        self._show_slice()

    def _turn_to(self, shown: QWidget) -> None:
        for view in self._views():
            view.setVisible(view is shown)

    def _pixel_activated(self, pixel: tuple[int, int]) -> None:
        self.elementActivated.emit(self.full_index(pixel))
