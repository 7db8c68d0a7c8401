"""Rectangles on the canvas."""

from __future__ import annotations

from typing import NamedTuple

from .document import Point


class Rect(NamedTuple):
    """A rectangle on the canvas."""

    x: float
    y: float
    width: float
    height: float

    def start(self, axis: int) -> float:
        """The left (axis 0) or top edge (1)."""
        return self[axis]

    def size(self, axis: int) -> float:
        return self[axis + 2]

    def end(self, axis: int) -> float:
        return self[axis] + self[axis + 2]

    def middle(self, axis: int) -> float:
        return self[axis] + self[axis + 2] / 2

    def moved_to(self, axis: int, start: float) -> Point:
        return (start, self.y) if axis == 0 else (self.x, start)

    @property
    def centre(self) -> Point:
        return self.middle(0), self.middle(1)

    @property
    def area(self) -> float:
        return self.width * self.height

    def holds(self, place: Point) -> bool:
        """Left and top edge belong to it, right and bottom edge do not."""
        return self.x <= place[0] < self.end(0) and self.y <= place[1] < self.end(1)
