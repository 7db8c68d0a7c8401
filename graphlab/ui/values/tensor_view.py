"""Shows any tensor, of any size, in the way its shape asks for or somebody chose: see `sights` for the ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QVBoxLayout, QWidget

from .. import numbers
from ..colour import magnitude
from ..display import display_changed
from ..widgets.heat_map import HeatMap
from . import copying, menu
from .arrangement import Arrangement
from .asks import pressed
from .cells import Cells
from .choices import Choice, remember, remembered
from .head import Head
from .legend import Legend
from .pictures import Image, Tiles
from .sight import Sight
from .sights import Curves, Number, Spread, Table, VectorBars
from .subject import Subject
from .supply import AtHand, Part, Supply

_CELLS = 8  # a vector up to this long is a row of cells with its numbers; a longer one is bars
_IMAGE = 4  # the least height and width that make a picture
_NOTHING = ""

Index = tuple[int, ...]


class TensorView(QWidget):
    """One tensor. Positions in signals are full indices, one number for each axis.

    `large`: it takes all the room there is, as in a window of its own.
    """

    elementActivated = Signal(object)
    elementSelected = Signal(object)
    elementQuestioned = Signal(object)  # somebody wants to know how it came about: E, or the menu
    elementUpdated = Signal(object)  # somebody wants to know what the update does to it: U, or the menu
    elementSupposed = Signal(object)  # somebody wants to know what if it were another: I, or the menu
    elementDifferentiated = Signal(object)  # somebody wants its gradients: D, or the menu
    elementWatched = Signal(object)  # somebody wants to watch it: P, or the menu; None for all of the tensor
    copyWanted = Signal(str)  # "numpy", "csv" or "tsv"
    largeWanted = Signal()
    told = Signal(str, str, str)  # level, text and hint of a notice

    def __init__(self, parent: QWidget | None = None, *, large: bool = False) -> None:
        super().__init__(parent)
        self.large, self.side = large, 220
        self.supply: Supply | None = None
        self.arrangement = Arrangement.of(())
        self.in_colour = True
        self.has_goals = False  # whether gradients may be asked for of its elements
        self.is_learnt = False  # whether an update changes its elements
        self.subject = Subject()
        self.is_busy: Callable[[], bool] = lambda: False
        self.has_bad = False  # NaN or infinity, so that the legend explains the hatching
        self._scale_of: Callable[[ArrayLike | None], float] | None = None
        self._names: tuple[str, ...] = ()
        self._mode = _NOTHING
        self._choice = Choice()
        self._kept: dict[str, int] = {}  # index last chosen of an axis of that name, from node to node
        self._nothing, self._note = QLabel(), QLabel()
        self._sights: dict[str, Sight] = {}
        self._build()
        self.set_array(None)

    def _build(self) -> None:
        kinds = (Cells, Table, Image, Tiles, Curves, Spread, Number, VectorBars)
        self._sights = {kind.name: kind(self) for kind in kinds}
        chosen = [self._sights[kind.name] for kind in kinds if kind not in (Number,)]
        self.head, self.legend = Head(chosen), Legend()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(self._nothing)
        for sight in self._sights.values():
            column.addWidget(sight.widget)
            if self.large and sight.name != "number":
                sight.widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if not self.large:
            self._sights["table"].widget.setFixedHeight(220)
            self._sights["line"].widget.setFixedHeight(240)
            self._sights["histogram"].widget.setFixedHeight(190)
        column.addWidget(self.legend)
        column.addWidget(self._note)
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        self._nothing.setProperty("role", "empty")
        self._nothing.setWordWrap(True)
        vertical = QSizePolicy.Policy.Expanding if self.large else QSizePolicy.Policy.Maximum
        self.setSizePolicy(QSizePolicy.Policy.Expanding, vertical)
        self._connect()

    def _connect(self) -> None:
        self.head.modeChosen.connect(self.choose)
        self.head.moved.connect(self._move)
        self.head.turned.connect(self._turn)
        self.head.colour.setChecked(self.in_colour)
        self.head.colour.toggled.connect(self._colour)
        self.head.largeWanted.connect(self.largeWanted)
        self.head.menuWanted.connect(
            lambda: menu.open_below(menu.menu_of(self, self.selected_index()), self.head.more)
        )
        self.legend.wanted.connect(lambda: menu.open_below(menu.scales_of(self), self.legend))
        self.copyWanted.connect(lambda kind: copying.copy(self, kind))
        display_changed.connect(self._redisplay)

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
        """Show `array`, which may be the leading block of a tensor of `shape`; then it says so.

        With None show the words `missing`. `axes` names the axes.
        """
        if array is None:
            self.show_words(missing)
            return
        whole = np.asarray(array)
        part = shape is not None and tuple(shape) != whole.shape
        note = f"The first {numbers.shape(whole.shape)} of {numbers.shape(shape or ())}." if part else ""
        fixed = None if scale is None else (lambda _: scale)
        self.show_supply(AtHand(whole), whole.shape, axes=axes, scale_of=fixed, note=note)

    def show_supply(
        self,
        supply: Supply,
        shape: tuple[int, ...],
        *,
        axes: Sequence[str] = (),
        scale_of: Callable[[ArrayLike | None], float] | None = None,
        note: str = "",
    ) -> None:
        """Show a tensor of `shape` whose numbers come from `supply`.

        scale_of: from what is shown to the value of full colour; by default the largest of all that is at hand.
        """
        self.supply, self._scale_of = supply, scale_of
        self._names = tuple(axes[k] if k < len(axes) else f"axis {k}" for k in range(len(shape)))
        self._arrange(shape)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        if 0 in shape:
            self._say(f"No elements ({numbers.shape(shape)}).")
            return
        self._show()

    def show_words(self, words: str) -> None:
        """Show words instead of numbers."""
        self.supply = None
        self._note.setVisible(False)
        self._say(words)

    def set_subject(self, subject: Subject) -> None:
        """Which tensor it is: for what can be copied and exported, and for what is remembered of how it is seen."""
        if subject != self.subject:
            self.subject = subject
            self.has_bad = False
            self.arrangement = Arrangement.of(())
            self._choice = Choice()

    def refresh(self) -> None:
        """Numbers may be new."""
        if self.supply is not None and self._mode:
            self._sights[self._mode].refresh()
            self.tell_legend()

    def lacks(self, part: Part) -> None:
        """A part did not come: the tensor has another shape by now, or is not there."""
        if part.array is None:
            self._say(part.message or "Not computed yet.")
        elif self.supply is not None and part.shape != self.arrangement.shape:
            self._arrange(part.shape)
            self._show()

    def _arrange(self, shape: tuple[int, ...]) -> None:
        if len(shape) != len(self.arrangement.shape) or not self.arrangement.shape:
            self.arrangement = Arrangement.of(shape)
            self._choice = choice = remembered(self.subject.memory, len(shape))
            if choice.rows >= 0:
                self.arrangement = self.arrangement.turned(rows=choice.rows).turned(columns=choice.columns)
            for axis, name in enumerate(self._names[: len(shape)]):
                self.arrangement = self.arrangement.moved(
                    axis, min(self._kept.get(name, 0), max(shape[axis] - 1, 0))
                )
        self.arrangement = self.arrangement.fitted(shape)

    def _say(self, words: str) -> None:
        self._mode = _NOTHING
        self._nothing.setText(words)
        for sight in self._sights.values():
            sight.widget.hide()
        self._nothing.show()
        self.legend.hide()
        self.head.show_modes((), "")
        self.head.show_axes(None, ())

    def _show(self) -> None:
        """In the way that was chosen, or that the values suggest."""
        shape = self.arrangement.shape
        possible = [name for name, sight in self._sights.items() if sight.can_show(shape)]
        mode = self._choice.mode if self._choice.mode in possible else self._suggested()
        self._mode = mode
        sight = self._sights[mode]
        skipped = (
            [sight.axis] if isinstance(sight, Tiles) else [sight.colours] if isinstance(sight, Image) else []
        )
        self.head.show_modes([name for name in possible if name != "number"], mode)
        self.head.colour.setVisible(mode == "image" and self._has_colours())
        self.head.show_axes(self.arrangement, self._names, skipped)
        self._nothing.hide()
        for name, each in self._sights.items():
            each.widget.setVisible(name == mode)
        sight.refresh()
        self.tell_legend()

    def _has_colours(self) -> bool:
        arrangement = self.arrangement
        return arrangement.rows > 0 and arrangement.shape[arrangement.rows - 1] == 3

    def _suggested(self) -> str:
        shape, at_hand = self.arrangement.shape, self.supply is not None and self.supply.is_at_hand
        if not shape:
            return "number"
        if len(shape) == 1 and shape[0] > _CELLS:
            return "bars" if at_hand else "line"
        return "image" if len(shape) == 4 and min(shape[-2:]) >= _IMAGE and self._is_picture() else "cells"

    def _is_picture(self) -> bool:
        """Images are never negative; what comes of them by convolution is, and then the sign matters."""
        shape, supply = self.arrangement.shape, self.supply
        if shape[1] not in (1, 3):
            return False
        return self.subject.is_picture if not isinstance(supply, AtHand) else float(supply.array.min()) >= 0

    def scale(self, shown: ArrayLike | None = None) -> float:
        """The value of full colour."""
        if self._scale_of is not None:
            return self._scale_of(shown)
        return magnitude(self.supply.array) if isinstance(self.supply, AtHand) else 0.0

    def tell_legend(self) -> None:
        """The legend says how things are now."""
        sight = self._sights.get(self._mode)
        signed = sight is not None and sight.is_signed()
        told = "" if sight is None else sight.told()
        self.legend.setVisible(signed)
        if signed:
            self.legend.set_scale(self.scale(), told, self.has_bad)
        elif told:
            self._note.setText(told)
        if sight is not None and not signed and self.supply is not None and not self.supply.is_at_hand:
            self._note.setVisible(bool(told))

    def row_name(self, row: int) -> str:
        """What a row is called: the name of its axis and its index."""
        axis = self.arrangement.rows
        return f"{self._names[axis]} {row}" if 0 <= axis < len(self._names) else self.subject.title or "value"

    # -- choosing ------------------------------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """The name of the way it is seen at present; "" for words."""
        return self._mode

    def possible_modes(self) -> list[Sight]:
        """The ways in which this tensor can be seen."""
        return [s for s in self._sights.values() if s.can_show(self.arrangement.shape)]

    def choose(self, mode: str) -> None:
        """See it in another way, and tensors of its kind from now on."""
        index, focused = self.selected_index(), self.shown().isAncestorOf(QApplication.focusWidget() or self)
        focused = focused or self.shown().hasFocus()
        self._keep(Choice(mode, self._choice.rows, self._choice.columns))
        if self.supply is not None:
            self._show()
            if index is not None:
                self.select_index(index)
            if focused:
                self.focus_numbers()

    def _keep(self, choice: Choice) -> None:
        self._choice = choice
        remember(self.subject.memory, len(self.arrangement.shape), choice)

    def _move(self, axis: int, i: int) -> None:
        self.arrangement = self.arrangement.moved(axis, i)
        self._kept[self._names[axis]] = i
        self.refresh()

    def _turn(self, which: str, axis: int) -> None:
        self.arrangement = self.arrangement.turned(**{which: axis})
        self._keep(Choice(self._choice.mode, self.arrangement.rows, self.arrangement.columns))
        self._show()

    def _colour(self, on: bool) -> None:
        self.in_colour = on
        if self.supply is not None and self._mode:
            self._show()

    def _redisplay(self, *_: object) -> None:
        if self.isVisible():
            self.refresh()
            self.shown().update()

    # -- elements ------------------------------------------------------------------------------------------------

    def sight(self) -> Sight | None:
        """The way it is seen at present; None for words."""
        return self._sights.get(self._mode)

    def shown(self) -> QWidget:
        """The widget that shows it at the moment: that of a sight, or the words."""
        sight = self.sight()
        return self._nothing if sight is None else sight.widget

    def heat_map(self) -> HeatMap:
        """The heat map, whether or not it is what shows."""
        cells = self._sights["cells"]
        assert isinstance(cells, Cells)
        return cells.map

    def selected_index(self) -> Index | None:
        """The full index of the outlined element, None for none; a scalar's is ()."""
        sight = self.sight()
        return None if sight is None else sight.selected()

    def full_index(self, position: tuple[int, int]) -> Index:
        """The index in the tensor of the cell at (row, column)."""
        return self.arrangement.index(position)

    def value_at(self, index: Index) -> float | None:
        """The number of an element, if it is here exactly."""
        sight = self.sight()
        if sight is None or not self.arrangement.shows(index):
            return None
        return sight.value_at(index)

    def index_at(self, position: QPointF) -> Index | None:
        """The full index of the element under a point of this widget; None where there is none."""
        sight, shown = self.sight(), self.shown()
        where = shown.mapFrom(self, position)
        return sight.index_at(where) if sight is not None and shown.rect().contains(where.toPoint()) else None

    def select_index(self, index: Index, *, closely: bool = False) -> None:
        """Outlines an element, if there is one, and shows the slice that it is in; `closely`: zoomed in on."""
        if self.supply is None or not index or not self.arrangement.holds(index):
            return
        if not self.arrangement.shows(index):
            self.arrangement = self.arrangement.at_index(index)
            self._show()
        sight = self.sight()
        if sight is not None:
            sight.select(index)
            if closely and isinstance(sight, Cells):
                sight.go(index)

    def focus_numbers(self) -> None:
        """Gives the keyboard to what shows the numbers."""
        sight = self.sight()
        (self if sight is None else sight.taker).setFocus()

    def forget_selection(self) -> None:
        """Outlines nothing, however it is seen: the tensor is another node's."""
        for sight in self._sights.values():
            sight.select(None)

    def point_at(self, index: Index | None) -> None:
        """Marks an element as if the pointer were over it, where the slice that is shown holds it."""
        sight = self.sight()
        if sight is not None:
            sight.point_at(index if index is not None and self.arrangement.shows(index) else None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.index_at(QPointF(event.pos())) if by_mouse else self.selected_index()
        if self.supply is None:
            event.ignore()
            return
        menu.menu_of(self, index).popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, ask = self.selected_index(), pressed(event)
        if ask is not None and self.supply is not None and ask.fits(self, index):
            ask.emit(self, index)
        elif event.key() == Qt.Key.Key_G and not event.modifiers() and self.supply is not None:
            menu.ask_index(self)
        elif event.key() in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight) and not event.modifiers():
            self._step_slice(-1 if event.key() == Qt.Key.Key_BracketLeft else 1)
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.copyWanted.emit("tsv")
        else:
            super().keyPressEvent(event)

    def _step_slice(self, by: int) -> None:
        """The slice before or after along the last axis that has a slider."""
        axes = [axis for axis in self.head.sliders if self.arrangement.shape[axis] > 1]
        if axes:
            slider = self.head.sliders[axes[-1]]
            slider.set_value(slider.value() + by)
