"""Lines that show when what is dragged lines up with a neighbour in view, and that it sticks to within a few pixels.

Edges and middles line up with the same edges and middles of nodes, notes and frames; a single node also where one of
its wires runs level.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ....graph import Point
from ....graph.drawn.curves import Floats
from ...theme import theme
from ..detail import Detail

if TYPE_CHECKING:
    from ..view import CanvasView

STICK = 6.0  # pixels
NEAR = 700.0  # canvas units along a line: what is further away says nothing to the eye
ALIKE = 24.0  # canvas units
_OVER = 10.0  # pixels that a line sticks out at either end
_SAME = 0.25  # canvas units


class Line(NamedTuple):
    """A line to show, in canvas units; `level` is one along a wire."""

    start: QPointF
    end: QPointF
    level: bool = False


class Guides:
    """For one drag: `places` are the corners of what moves, when the drag began."""

    def __init__(self, view: CanvasView, places: Mapping[str, Point]) -> None:
        self._view = view
        scene = view.scene
        self.lines: list[Line] = []
        moving = [i for i in places if i in scene.index]
        rects = [[*places[i], *scene.rects[scene.index[i], 2:].tolist()] for i in moving]
        rects += [[*places[i], *_board(view, i)[2:]] for i in places if i in scene.boards]
        self._box = _around(np.array(rects)) if rects else None  # of all that moves, when the drag began
        self._stays = np.ones(len(scene.ids), dtype=bool)
        self._stays[[scene.index[i] for i in moving]] = False
        boards = [_board(view, i) for i in scene.boards if i not in places]
        self._boards = np.array(boards, dtype=np.float64).reshape(-1, 4)
        self._levels = self._wire_levels(moving) if len(places) == 1 else np.empty((0, 4))

    def pulled(self, dx: float, dy: float) -> tuple[float, float]:
        """The step (dx, dy) so changed that something lines up, where that is a matter of pixels."""
        self.lines = []
        if self._box is None or self._view.detail == Detail.FAR:
            return dx, dy
        reach = STICK / self._view.camera.zoom
        box = self._box + np.array([dx, dy, 0.0, 0.0])
        others = self._neighbours(box)
        step_x, step_y = (_nearest(box, others, axis, reach) for axis in (0, 1))
        level = self._nearest_level(dy, reach)
        if level is not None and (step_y is None or abs(level) <= abs(step_y)):
            step_y = level
        box += np.array([step_x or 0.0, step_y or 0.0, 0.0, 0.0])
        dx, dy = dx + (step_x or 0.0), dy + (step_y or 0.0)
        for axis, step in enumerate((step_x, step_y)):
            if step is not None:
                self.lines += _lines(box, others, axis)
        if level is not None and step_y == level:
            self.lines += self._level_lines(dx, dy)
        return dx, dy

    def passed(self, dx: float, dy: float) -> tuple[float, float]:
        """The step as it is: nothing sticks, and no line shows."""
        self.lines = []
        return dx, dy

    def paint(self, painter: QPainter) -> None:
        """Draws the lines, in screen units."""
        camera = self._view.camera
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for line in self.lines:
            pen = QPen(theme().accent, 1, Qt.PenStyle.DashLine if line.level else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            a, b = camera.screen(line.start), camera.screen(line.end)
            along = QPointF(0, _OVER) if abs(a.x() - b.x()) < abs(a.y() - b.y()) else QPointF(_OVER, 0)
            painter.drawLine((a - along).toPoint(), (b + along).toPoint())

    def area(self) -> QRectF:
        """The rectangle of the canvas that the lines take up."""
        whole = QRectF()
        for line in self.lines:
            whole = whole.united(QRectF(line.start, line.end).normalized().adjusted(-1, -1, 1, 1))
        return whole

    # Neighbours

    def _neighbours(self, box: Floats) -> Floats:
        """The rectangles (n, 4) that stay, are in view, and stand near enough above, below or beside `box`."""
        view = self._view
        seen = view.camera.world_rect(QRectF(view.rect()))
        rects = np.concatenate([view.scene.rects[self._stays], self._boards])
        x, y, w, h = rects.T
        inside = (x < seen.right()) & (x + w > seen.left()) & (y < seen.bottom()) & (y + h > seen.top())
        near = (x < box[0] + box[2] + NEAR) & (x + w > box[0] - NEAR)
        near &= (y < box[1] + box[3] + NEAR) & (y + h > box[1] - NEAR)
        found: Floats = rects[inside & near]
        return found

    # Wires of a single node

    def _wire_levels(self, moving: list[str]) -> Floats:
        """Of each wire of the node: how far down makes it level, its far end x and y, and the x of its near end."""
        scene = self._view.scene
        if not moving:
            return np.empty((0, 4))
        node = scene.index[moving[0]]
        leaving, entering = scene.sources == node, scene.targets == node
        ends = scene.wires.ends
        rows = [
            *((y1 - y0, x1, y1, x0) for x0, y0, x1, y1 in ends[leaving & ~entering].tolist()),
            *((y0 - y1, x0, y0, x1) for x0, y0, x1, y1 in ends[entering & ~leaving].tolist()),
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, 4)

    def _nearest_level(self, dy: float, reach: float) -> float | None:
        if not len(self._levels):
            return None
        away = self._levels[:, 0] - dy
        step = float(away[np.abs(away).argmin()])
        return step if abs(step) <= reach else None

    def _level_lines(self, dx: float, dy: float) -> list[Line]:
        level = self._levels[np.abs(self._levels[:, 0] - dy) < _SAME]
        return [
            Line(*_ordered(QPointF(x, y), QPointF(near + dx, y)), True) for _, x, y, near in level.tolist()
        ]


def _board(view: CanvasView, board: str) -> list[float]:
    rect = view.scene.boards.rect(board)
    return [rect.x(), rect.y(), rect.width(), rect.height()]


def _around(rects: Floats) -> Floats:
    """The rectangle around rectangles."""
    low, high = rects[:, :2].min(axis=0), (rects[:, :2] + rects[:, 2:]).max(axis=0)
    return np.concatenate([low, high - low])


def _marks(rects: Floats, axis: int) -> Floats:
    """(n, 3): the low edge, the middle and the high edge of each."""
    start, size = rects[..., axis], rects[..., axis + 2]
    marks: Floats = np.stack([start, start + size / 2, start + size], axis=-1)
    return marks


def _nearest(box: Floats, others: Floats, axis: int, reach: float) -> float | None:
    """The shortest step that brings an edge or the middle to the same of another; None where none is within reach.

    Of two that are nearly equal in size only the low edges meet, or it would stick at three places next to each other.
    """
    if not len(others):
        return None
    away = _marks(others, axis) - _marks(box, axis)
    alike = np.abs(others[:, axis + 2] - box[axis + 2]) < ALIKE
    away[alike, 1:] = np.inf
    away = away.ravel()
    step = float(away[np.abs(away).argmin()])
    return step if abs(step) <= reach else None


def _lines(box: Floats, others: Floats, axis: int) -> list[Line]:
    """A line for each edge or middle of `box` that lines up, as long as reaches all that it lines up with."""
    across = 1 - axis
    own, their = _marks(box, axis), _marks(others, axis)
    found: list[Line] = []
    for k, mark in enumerate(own.tolist()):
        row = np.abs(their[:, k] - mark) < _SAME
        if not row.any() or (
            k == 1 and found
        ):  # between two edges that line up the middle goes without saying
            continue
        rects = np.concatenate([others[row], box[None]])
        low = float(rects[:, across].min())
        high = float((rects[:, across] + rects[:, across + 2]).max())
        ends = (
            (QPointF(mark, low), QPointF(mark, high))
            if axis == 0
            else (QPointF(low, mark), QPointF(high, mark))
        )
        found.append(Line(*ends))
    return found


def _ordered(a: QPointF, b: QPointF) -> tuple[QPointF, QPointF]:
    return (a, b) if a.x() <= b.x() else (b, a)
