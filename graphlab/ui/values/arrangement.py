"""Which axes of a tensor one sees as rows, columns and tiles, and where one stands on the others. Knows no screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...engine.regions import Span
from ..widgets.extent import Extent, Position

Area = tuple[int, int, int, int]  # first and last+1 row, first and last+1 column
NONE = -1


@dataclass(frozen=True)
class Arrangement:
    """rows, columns: axes, `NONE` where there is none. at: an index for each axis; those of
    rows and columns say nothing.

    A vector has no rows, a single number has neither.
    """

    shape: tuple[int, ...]
    rows: int
    columns: int
    at: tuple[int, ...]

    @staticmethod
    def of(shape: tuple[int, ...]) -> Arrangement:
        """The last two axes as rows and columns, the first element of the others."""
        ndim = len(shape)
        return Arrangement(shape, ndim - 2 if ndim > 1 else NONE, ndim - 1, (0,) * ndim)

    def fitted(self, shape: tuple[int, ...]) -> Arrangement:
        """The same for a tensor of another shape: as it was where it has as many axes, and no index beyond its end."""
        if len(shape) != len(self.shape):
            return Arrangement.of(shape)
        at = tuple(max(0, min(i, size - 1)) for i, size in zip(self.at, shape, strict=True))
        return Arrangement(shape, self.rows, self.columns, at)

    # What is seen

    @property
    def hidden(self) -> tuple[int, ...]:
        """The axes of which one index is chosen."""
        return tuple(k for k in range(len(self.shape)) if k not in (self.rows, self.columns))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the matrix that is seen."""
        return self._length(self.rows), self._length(self.columns)

    def _length(self, axis: int) -> int:
        return 1 if axis == NONE else self.shape[axis]

    def spans(self, area: Area, down: int = 1, across: int = 1, tiles: int = NONE) -> tuple[Span, ...]:
        """The part of the tensor that is an area of the matrix, `down × across` elements told by one.

        With an axis for `tiles` it is that area for each of its indices.
        """
        top, bottom, left, right = area
        found: list[Span] = [(i, min(i + 1, size), 1) for i, size in zip(self.at, self.shape, strict=True)]
        if tiles != NONE:
            found[tiles] = (0, self.shape[tiles], 1)
        if self.rows != NONE:
            found[self.rows] = (top, bottom, down)
        if self.columns != NONE:
            found[self.columns] = (left, right, across)
        return tuple(found)

    def order(self, tiles: int = NONE) -> tuple[int, ...]:
        """The axes as a part has to be turned so that tiles, rows and columns come last, in that order."""
        last = [axis for axis in (tiles, self.rows, self.columns) if axis != NONE]
        return (*(k for k in range(len(self.shape)) if k not in last), *last)

    def extent(self, spans: Iterable[Span], pool: str = "extreme") -> Extent:
        """What a part tells of the matrix that is seen."""
        spans = tuple(spans)
        top, bottom, down = spans[self.rows] if self.rows != NONE else (0, 1, 1)
        left, right, across = spans[self.columns] if self.columns != NONE else (0, 1, 1)
        return Extent(*self.size, bottom - top, right - left, top, left, down, across, pool)

    # Between places in the matrix and in the tensor

    def index(self, position: Position, tiles: int = NONE, tile: int = 0) -> tuple[int, ...]:
        """The full index of the element at (row, column)."""
        found = list(self.at)
        for axis, i in ((tiles, tile), (self.rows, position[0]), (self.columns, position[1])):
            if axis != NONE:
                found[axis] = i
        return tuple(found)

    def position(self, index: tuple[int, ...]) -> Position:
        """Where an element stands in the matrix that holds it."""
        row = index[self.rows] if self.rows != NONE else 0
        return row, index[self.columns] if self.columns != NONE else 0

    def holds(self, index: tuple[int, ...]) -> bool:
        """Whether the tensor has such an element."""
        return len(index) == len(self.shape) and all(
            0 <= i < size for i, size in zip(index, self.shape, strict=True)
        )

    def shows(self, index: tuple[int, ...]) -> bool:
        """Whether the matrix that is seen holds it."""
        return self.holds(index) and all(index[k] == self.at[k] for k in self.hidden)

    # Choosing

    def moved(self, axis: int, i: int) -> Arrangement:
        """At another index of one axis."""
        i = max(0, min(i, self.shape[axis] - 1))
        return replace(self, at=(*self.at[:axis], i, *self.at[axis + 1 :]))

    def at_index(self, index: tuple[int, ...]) -> Arrangement:
        """Where that element is seen."""
        return replace(self, at=tuple(index))

    def turned(self, *, rows: int | None = None, columns: int | None = None) -> Arrangement:
        """With another axis as rows or as columns; if it is the other's, they change places."""
        new_rows, new_columns = self.rows, self.columns
        if rows is not None:
            new_rows, new_columns = rows, self.rows if rows == self.columns else self.columns
        if columns is not None:
            new_columns, new_rows = columns, self.columns if columns == self.rows else new_rows
        return replace(self, rows=new_rows, columns=new_columns)

    def tile_axis(self) -> int:
        """The axis whose indices stand side by side in a gallery: the last hidden one with more than one."""
        several = [k for k in self.hidden if self.shape[k] > 1]
        return max(several, default=max(self.hidden, default=NONE))
