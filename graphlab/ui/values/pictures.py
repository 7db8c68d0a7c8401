"""A tensor as one picture in grey or colour, or its slices side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from ...engine.regions import MOST
from ..widgets.extent import Extent, blocks
from ..widgets.gallery import Gallery
from ..widgets.picture import Picture
from .arrangement import NONE
from .sight import Index, Sight, tell
from .supply import Part, shown

if TYPE_CHECKING:
    from .tensor_view import TensorView

SIDE = 480  # pixels of a picture that are asked for
TILES = 256
LEAST = 2  # height and width of a slice that is a picture


class Image(Sight):
    """Grey from the least to the greatest value; in colour where the axis before rows and columns has three."""

    name, title, icon = "image", "Image", "image"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.widget = self.picture = Picture(side=view.side)
        self._extent = Extent.whole(0, 0)
        self.picture.pixelActivated.connect(lambda at: view.elementActivated.emit(self._index(at)))

    def can_show(self, shape: tuple[int, ...]) -> bool:
        return len(shape) >= 2

    @property
    def colours(self) -> int:
        """The axis of red, green and blue; `NONE` where there is none, or one channel is wanted."""
        arrangement = self.arrangement
        axis = arrangement.rows - 1
        is_rgb = arrangement.rows > 0 and arrangement.columns == arrangement.rows + 1
        return axis if is_rgb and arrangement.shape[axis] == 3 and self.view.in_colour else NONE

    def refresh(self) -> None:
        supply, arrangement = self.view.supply, self.arrangement
        rows, columns = arrangement.size
        if supply is None or not rows or not columns:
            return
        area, side = (0, rows, 0, columns), SIDE // (2 if self.colours != NONE else 1)
        down, across = (1, 1) if supply.is_at_hand else blocks(area, side, side)
        supply.part(arrangement.spans(area, down, across, self.colours), "mean", self._take)

    def _take(self, part: Part) -> None:
        if part.array is None or part.shape != self.arrangement.shape:
            self.view.lacks(part)
            return
        tiles = self.colours
        values = shown(part.array, self.arrangement.order(tiles), 3 if tiles != NONE else 2)
        self._extent = self.arrangement.extent(part.spans, "mean")
        self.picture.set_array(values, self._extent)

    def told(self) -> str:
        return self._extent.told(zooms=False)

    def _index(self, at: tuple[int, int]) -> Index:
        return self.arrangement.index(at)

    def index_at(self, point: QPointF) -> Index | None:
        at = self.picture.at(point.x(), point.y())
        return None if at is None else self._index(at)

    def point_at(self, index: Index | None) -> None:
        self.picture.point_at(None if index is None else self.arrangement.position(index))


class Tiles(Sight):
    """Channels, filters or samples side by side."""

    name, title, icon = "tiles", "Gallery", "gallery"

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.widget = self.gallery = Gallery()
        self.gallery.elementActivated.connect(lambda at: view.elementActivated.emit(self._index(at)))
        self.gallery.elementSelected.connect(tell(view.elementSelected, self._index))

    def can_show(self, shape: tuple[int, ...]) -> bool:
        return len(shape) >= 3

    @property
    def axis(self) -> int:
        return self.arrangement.tile_axis()

    def _index(self, at: tuple[int, int, int]) -> Index:
        return self.arrangement.index((at[1], at[2]), self.axis, at[0])

    def refresh(self) -> None:
        supply, arrangement = self.view.supply, self.arrangement
        rows, columns = arrangement.size
        if supply is None or not rows or not columns or self.axis == NONE:
            return
        count = min(arrangement.shape[self.axis], TILES)
        side = max(int((MOST / count) ** 0.5), 1)
        area = 0, rows, 0, columns
        down, across = blocks(area, side, side)
        spans = list(arrangement.spans(area, down, across, self.axis))
        spans[self.axis] = (0, count, 1)
        supply.part(tuple(spans), "extreme", self._take)

    def _take(self, part: Part) -> None:
        if part.array is None or part.shape != self.arrangement.shape:
            self.view.lacks(part)
            return
        values = shown(part.array, self.arrangement.order(self.axis), 3)
        extent = self.arrangement.extent(part.spans)
        self.gallery.set_tiles(values, extent, scale=self.view.scale(values))

    def told(self) -> str:
        several = self.axis != NONE and self.arrangement.shape[self.axis] > TILES
        return f"the first {TILES} of {self.arrangement.shape[self.axis]:,}" if several else ""

    def is_signed(self) -> bool:
        return True

    def index_at(self, point: QPointF) -> Index | None:
        at = self.gallery.at(point)
        return None if at is None else self._index(at)

    def select(self, index: Index | None) -> None:
        self.gallery.select(None if index is None else self._place(index))

    def _place(self, index: Index) -> tuple[int, int, int]:
        return index[self.axis], *self.arrangement.position(index)

    def selected(self) -> Index | None:
        place = self.gallery.selected()
        return None if place is None else self._index(place)

    def point_at(self, index: Index | None) -> None:
        self.gallery.point_at(None if index is None else self._place(index))
