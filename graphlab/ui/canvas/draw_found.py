"""What a search has found, lit on the canvas: everything else lies under a veil of the canvas's own colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion

from ..colour import alpha
from ..theme import theme
from .batches import draw_rects
from .camera import Camera
from .detail import Detail, detail_at
from .draw_frame import ring
from .ink import metrics, text_font
from .picture import Picture
from .scene import Scene

VEIL = 0.66
_LEAST = 7.0  # pixels of a hit, however far away
_RIM = 1.5
_AROUND = 6  # pixels of a hit's surroundings that stay clear


class Found:
    """The hits on one sheet by id, and the groups on it that have hits inside, with how many."""

    def __init__(self, items: Iterable[str] = (), groups: Mapping[str, int] | None = None) -> None:
        self.items, self.groups = frozenset(items), dict(groups or {})
        self._ids: list[str] = []
        self._rows: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def rows(self, scene: Scene) -> NDArray[np.intp]:
        """The rows of the nodes among the hits, and of the groups."""
        if self._ids is not scene.ids:
            lit = (*self.items, *self.groups)
            self._rows = np.array(sorted(scene.index[i] for i in lit if i in scene.index), dtype=np.intp)
            self._ids = scene.ids
        return self._rows

    def draw(
        self,
        painter: QPainter,
        area: QRect,
        camera: Camera,
        picture: Picture,
        scene: Scene,
        selected: Collection[str] = (),
    ) -> None:
        """Over a finished picture. `painter` is in pixels; `area` is what of them is painted."""
        view = camera.world_rect(QRectF(area).adjusted(-20, -20, 20, 20))
        rows = self.rows(scene)
        seen = rows[np.isin(rows, scene.nodes_in(view), assume_unique=True)] if len(rows) else rows
        cards = {i: rect for i, rect in self._cards(scene).items() if rect.intersects(view)}
        is_far = detail_at(camera.zoom) == Detail.FAR
        if not is_far:
            cards |= {scene.ids[k]: QRectF(*scene.rects[k].tolist()) for k in seen.tolist()}
        self._veil(painter, area, [camera.screen_rect(rect) for rect in cards.values()])
        painter.setTransform(camera.transform())
        if is_far:
            self._far(painter, camera, picture, scene, seen)
        self._rings(painter, cards, selected, camera.zoom)
        painter.resetTransform()
        self._counts(painter, camera, scene, view)

    def _cards(self, scene: Scene) -> dict[str, QRectF]:
        """Notes and frames among the hits, by id."""
        found = {i: scene.note_rect(i) for i in self.items if i in scene.document.notes}
        found |= {i: scene.boards.rect(i) for i in self.items if i in scene.boards.frames}
        return found

    def _veil(self, painter: QPainter, area: QRect, clear: list[QRectF]) -> None:
        region = QRegion(area)
        for rect in clear:
            region -= QRegion(rect.toAlignedRect().adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND))
        painter.save()
        painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
        painter.fillRect(area, alpha(theme().canvas, VEIL))
        painter.restore()

    def _far(
        self, painter: QPainter, camera: Camera, picture: Picture, scene: Scene, seen: NDArray[np.intp]
    ) -> None:
        """Thousands may be hits, so they are painted again above the veil, in the same few calls.

        Their frames are filled rectangles behind them: to stroke so many takes ten times as long.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().found)
        draw_rects(painter, _grown(scene.rects[seen], _RIM / camera.zoom, _LEAST / camera.zoom))
        picture.nodes.draw_far(painter, seen, np.empty(0, dtype=np.intp))

    def _rings(
        self, painter: QPainter, rects: Mapping[str, QRectF], selected: Collection[str], zoom: float
    ) -> None:
        """Around hits; dashed around what has them inside; the one that one is at is selected, and stronger."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for item, rect in rects.items():
            if item in selected:
                ring(painter, rect, theme().accent, 3.0, zoom)
            else:
                ring(painter, rect, theme().found, 2.0, zoom, item not in self.items)

    def _counts(self, painter: QPainter, camera: Camera, scene: Scene, view: QRectF) -> None:
        """At the corner of a group: how many hits are inside."""
        for group, count in self.groups.items():
            if group not in scene.index or not scene.rect(group).intersects(view):
                continue
            text = f"{count} inside"
            corner = camera.screen(scene.rect(group).topRight())
            width = metrics(11, 600).horizontalAdvance(text) + 12
            box = QRectF(corner - QPointF(width - 6, 11), corner + QPointF(6, 7))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme().found)
            painter.setBrush(theme().panel)
            painter.drawRoundedRect(box, 9, 9)
            painter.setFont(text_font(11, 600))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _grown(rects: NDArray[np.float64], rim: float, least: float) -> NDArray[np.float64]:
    """Rows of x, y, width, height, wider by a rim all around and at least so large, about their middles."""
    grown = np.maximum(least - rects[:, 2:], 2 * rim)
    return np.concatenate([rects[:, :2] - grown / 2, rects[:, 2:] + grown], axis=1)
