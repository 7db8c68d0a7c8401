"""Which part of a matrix an array shows, and how many of its elements stand for one. No painting."""

from __future__ import annotations

import math
from dataclasses import dataclass

Position = tuple[int, int]

POOLED = {"extreme": "largest", "mean": "mean", "low": "least", "high": "greatest", "every": "first"}


@dataclass(frozen=True)
class Extent:
    """An array that shows a matrix of `rows × columns` from (top, left) on, `down × across` of its elements by one.

    height, width: how many of the matrix's elements the array reaches over. pool: by what they are told (see
    `engine.regions`).
    """

    rows: int
    columns: int
    height: int
    width: int
    top: int = 0
    left: int = 0
    down: int = 1
    across: int = 1
    pool: str = "extreme"

    @staticmethod
    def whole(rows: int, columns: int) -> Extent:
        """Of an array that is the matrix itself."""
        return Extent(rows, columns, rows, columns)

    @property
    def is_exact(self) -> bool:
        return self.down == self.across == 1

    def covers(self, position: Position) -> bool:
        """Whether the array tells of that element."""
        row, column = position[0] - self.top, position[1] - self.left
        return 0 <= row < self.height and 0 <= column < self.width

    def holds(self, span: tuple[int, int, int, int]) -> bool:
        """Whether it tells of all of them; a span is first and last+1 row, first and last+1 column."""
        top, bottom, left, right = span
        return (
            self.top <= top
            and bottom <= self.top + self.height
            and self.left <= left
            and right <= self.left + self.width
        )

    def cell(self, position: Position) -> Position:
        """Where in the array an element is told of."""
        return (position[0] - self.top) // self.down, (position[1] - self.left) // self.across

    def block(self, position: Position) -> tuple[int, int, int, int]:
        """The span of elements that are told by the same number as this one."""
        row, column = self.cell(position)
        top, left = self.top + row * self.down, self.left + column * self.across
        bottom = min(top + self.down, self.top + self.height)
        return top, bottom, left, min(left + self.across, self.left + self.width)

    def told(self, zooms: bool = True) -> str:
        """How the numbers came about, for a legend; "" where they are the elements themselves."""
        if self.is_exact:
            return ""
        size = f"{self.down * self.across:,}"
        if min(self.down, self.across) > 1:
            size = f"{self.down:,}×{self.across:,}"
        what = f"the {POOLED[self.pool]}" if self.pool != "every" else "only the first"
        return f"shown is {what} of each {size}" + ("; zoom in for all" if zooms else "")


def blocks(span: tuple[int, int, int, int], most_rows: int, most_columns: int) -> tuple[int, int]:
    """How many rows and columns must be told by one, so that a span takes no more cells than that."""
    top, bottom, left, right = span
    return max(1, math.ceil((bottom - top) / most_rows)), max(1, math.ceil((right - left) / most_columns))
