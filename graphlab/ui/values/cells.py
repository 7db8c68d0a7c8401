"""A matrix as coloured cells, of any size: blocks of elements by one number from afar, the elements themselves near."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF

from ...engine.survey import LARGE
from ..widgets.extent import Extent, Position, blocks
from ..widgets.heat_map import HeatMap
from .arrangement import Area
from .sight import Array, Index, Sight, tell
from .supply import Part, shown

if TYPE_CHECKING:
    from .tensor_view import TensorView

MOST = 508  # rows and columns of cells that are asked for at once: more are no more to the eye


class Cells(Sight):
    """Asks for what is in view, a quarter of it more on each side, and no finer than it can be told apart."""

    name, title, icon = "cells", "Heat map", "heat-map"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.widget = self.map = HeatMap()
        self.map.idle = ""  # the legend is elsewhere
        self._asked: tuple[Index, Area, int, int, str] | None = None
        self._has: tuple[Index, Extent] | None = None
        self._chosen: Position | None = None  # where somebody clicked while blocks were shown
        self.map.elementActivated.connect(self._activated)
        self.map.elementSelected.connect(self._selected)
        self.map.elementHovered.connect(lambda _: self.view.tell_legend())
        self.map.looked.connect(self._looked)

    # -- what is shown -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        supply, arrangement = self.view.supply, self.arrangement
        if supply is None:
            return
        rows, columns = arrangement.size
        if supply.is_at_hand and rows * columns <= LARGE:
            supply.part(arrangement.spans((0, rows, 0, columns)), "extreme", self._take)
            return
        if self._has is None or (self._has[1].rows, self._has[1].columns) != (rows, columns):
            self._begin(rows, columns)
        self._ask()

    def _begin(self, rows: int, columns: int) -> None:
        """Lays the cells out before anything is known of them."""
        extent = Extent(rows, columns, 0, 0)
        self._has = (self._key(), extent)
        self.map.set_array(self._empty(), scale=self.view.scale(), extent=extent)

    def _empty(self) -> Array:
        return np.zeros((0,) if self.arrangement.rows < 0 else (0, 0))

    def _key(self) -> Index:
        """The arrangement that a part belongs to: indices of the hidden axes."""
        arrangement = self.arrangement
        return (arrangement.rows, arrangement.columns, *(arrangement.at[k] for k in arrangement.hidden))

    def _looked(self) -> None:
        supply = self.view.supply
        if supply is not None and not (supply.is_at_hand and self._is_small()):
            self._ask(only_if_lacking=True)

    def _is_small(self) -> bool:
        rows, columns = self.arrangement.size
        return rows * columns <= LARGE

    def _ask(self, only_if_lacking: bool = False) -> None:
        supply = self.view.supply
        rows, columns = self.arrangement.size
        if supply is None or not rows or not columns:
            return
        visible = self.map.visible()
        wide = _widened(visible, rows, columns)
        down, across = blocks(wide, MOST, MOST)
        if only_if_lacking and self._has is not None and self._has[0] == self._key():
            extent = self._has[1]
            if extent.holds(visible) and extent.down <= down and extent.across <= across:
                return
        top, bottom, left, right = wide
        area = top // down * down, bottom, left // across * across, right  # whole blocks, wherever one looks
        quick = (bottom - top) * (right - left) > LARGE and max(down, across) > 1
        self._send(area, down, across, "every" if quick else "extreme")

    def _send(self, area: Area, down: int, across: int, pool: str) -> None:
        supply = self.view.supply
        if supply is None:
            return
        key = self._key()
        self._asked = key, area, down, across, pool

        def taken(part: Part) -> None:
            if key == self._key():
                self._take(part)

        supply.part(self.arrangement.spans(area, down, across), pool, taken)

    def _take(self, part: Part) -> None:
        if part.array is None or part.shape != self.arrangement.shape:
            self.view.lacks(part)
            return
        arrangement = self.arrangement
        kept = min(len(part.shape), 2)
        values = shown(part.array, arrangement.order(), kept)
        extent = arrangement.extent(part.spans, part.pool)
        self._has = (self._key(), extent)
        self.map.set_array(values, scale=self.view.scale(values), extent=extent)
        self.view.tell_legend()
        asked = self._asked
        if part.pool == "every" and asked is not None and not self.view.is_busy():
            # seen at once; now those that were passed over
            self._send(*asked[1:4], "extreme")

    def told(self) -> str:
        return self.map.extent().told()

    def is_signed(self) -> bool:
        return True

    # -- elements ------------------------------------------------------------------------------------------------

    def index_at(self, point: QPointF) -> Index | None:
        cell = self.map.at(point)
        return None if cell is None else self.arrangement.index(cell)

    def select(self, index: Index | None) -> None:
        self._chosen = None if index is None else self.arrangement.position(index)
        self.map.select(self._chosen)

    def go(self, index: Index) -> None:
        """Zooms in on an element."""
        self._chosen = self.arrangement.position(index)
        self.map.show_closely(self._chosen)

    def selected(self) -> Index | None:
        position = self.map.selected()
        return None if position is None else self.arrangement.index(position)

    def point_at(self, index: Index | None) -> None:
        self.map.point_at(None if index is None else self.arrangement.position(index))

    def value_at(self, index: Index) -> float | None:
        extent, position = self.map.extent(), self.arrangement.position(index)
        if not extent.is_exact or not extent.covers(position):
            return None
        return float(self.map.array()[extent.cell(position)])

    def _selected(self, position: Position | None) -> None:
        """Of a block the element is meant that gave it its number; where that is comes a moment later."""
        extent = self.map.extent()
        if position is not None and not extent.is_exact and position != self._chosen:
            self._find(position, lambda found: self.map.select(found))
        tell(self.view.elementSelected, self.arrangement.index)(position)

    def _activated(self, position: Position) -> None:
        if self.map.extent().is_exact:
            self.view.elementActivated.emit(self.arrangement.index(position))
        else:
            self._find(position, lambda found: self.view.elementActivated.emit(self.arrangement.index(found)))

    def _find(self, position: Position, then: Callable[[Position], object]) -> None:
        """The element of the largest magnitude, or the first NaN, of the block that a cell stands for."""
        supply, extent = self.view.supply, self.map.extent()
        if supply is None or not extent.covers(position):
            return
        top, bottom, left, right = extent.block(position)
        if (bottom - top) * (right - left) > LARGE // 8:
            self.map.show_closely(position)
            return

        def taken(part: Part) -> None:
            if part.array is None:
                return
            values = np.atleast_2d(shown(part.array, self.arrangement.order(), min(len(part.shape), 2)))
            sizes = np.abs(values.astype(np.float64))
            flat = int(np.where(np.isnan(sizes), np.inf, sizes).argmax())
            row, column = (int(i) for i in np.unravel_index(flat, values.shape))
            self._chosen = top + row, left + column
            then(self._chosen)

        area = top, bottom, left, right
        supply.part(self.arrangement.spans(area), "extreme", taken, lane="pick")


def _widened(visible: Area, rows: int, columns: int) -> Area:
    """A span with a quarter of it more on each side, as far as there is more."""
    top, bottom, left, right = visible
    air_rows, air_columns = (bottom - top) // 4, (right - left) // 4
    return (
        max(top - air_rows, 0),
        min(bottom + air_rows, rows),
        max(left - air_columns, 0),
        min(right + air_columns, columns),
    )
