"""Points of space in a PlaneView: seen from where a hand has walked to, with the three axes drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ...lab.projection import turned
from ..theme import theme
from .plane_view import Floats, PlaneView, Stroke, View

YAW, PITCH = 0.6, 0.45  # radians, at first
ROOM = 1.15


class Turning:
    """Switches a view between plane and space; `draw` is called when what is seen is another."""

    def __init__(self, plane: PlaneView, draw: Callable[[], object]) -> None:
        self._plane, self._draw = plane, draw
        self.is_on = False
        self.yaw, self.pitch = YAW, PITCH
        self._middle, self._extent = np.zeros(3), 1.0
        plane.turned_by.connect(self._turn)

    @property
    def dimensions(self) -> int:
        return 3 if self.is_on else 2

    def set_on(self, on: bool) -> None:
        """Shows space, or the plane."""
        self.is_on = self._plane.turns = on
        self._plane.numbered = not on
        self._plane.go_home()
        self._draw()

    def _turn(self, across: float, up: float) -> None:
        self.yaw -= across
        self.pitch = min(max(self.pitch + up, -math.pi / 2), math.pi / 2)
        self._draw()

    @property
    def view(self) -> View:
        """What holds all points, however one turns them."""
        far = ROOM * self._extent
        return (-far, -far, far, far)

    def frame(self, points: Floats) -> None:
        """From now on turns about the middle of these points (n, 3)."""
        good = points[np.isfinite(points).all(axis=1)]
        if len(good):
            low, high = good.min(axis=0), good.max(axis=0)
            self._middle = (low + high) / 2
            self._extent = float(np.linalg.norm(good - self._middle, axis=1).max()) or 1.0

    def see(self, points: Floats) -> Floats:
        """To the right, upwards, and towards the eye, from the middle."""
        return turned(points - self._middle, self.yaw, self.pitch)


def axis_strokes(points: Floats, names: Sequence[str], turning: Turning) -> list[Stroke]:
    """The three axes along the edges of the box around the points, with their names at their ends."""
    turning.frame(points)
    good = points[np.isfinite(points).all(axis=1)]
    if not len(good):
        return []
    low, high = good.min(axis=0), good.max(axis=0)
    made = []
    for k in range(3):
        end = low.copy()
        end[k] = high[k]
        ends = turning.see(np.stack([low, end]))[:, :2]
        steps = ends[0] + np.linspace(0, 1, 9)[:, None] * (ends[1] - ends[0])
        name = names[k] if k < len(names) else ""
        made.append(Stroke(np.stack([steps[:-1], steps[1:]], axis=1), theme().faint, 1.4, name=name))
    return made
