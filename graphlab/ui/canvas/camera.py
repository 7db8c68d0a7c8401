"""Where one looks at the plane: pan and zoom, and the arithmetic between screen pixels and canvas units."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform

LEAST, MOST = 0.02, 4.0
COSY = 1.0  # framing a few nodes does not blow them up beyond their natural size


class Camera:
    """screen = world · zoom + offset."""

    __slots__ = ("x", "y", "zoom")

    def __init__(self, x: float = 0.0, y: float = 0.0, zoom: float = 1.0) -> None:
        self.x, self.y, self.zoom = x, y, zoom

    def state(self) -> tuple[float, float, float]:
        return self.x, self.y, self.zoom

    def set(self, state: tuple[float, float, float]) -> None:
        self.x, self.y, self.zoom = state

    def transform(self) -> QTransform:
        return QTransform(self.zoom, 0, 0, self.zoom, self.x, self.y)

    def world(self, point: QPointF) -> QPointF:
        """The place on the canvas under a pixel."""
        return QPointF((point.x() - self.x) / self.zoom, (point.y() - self.y) / self.zoom)

    def screen(self, point: QPointF) -> QPointF:
        return QPointF(point.x() * self.zoom + self.x, point.y() * self.zoom + self.y)

    def world_rect(self, rect: QRectF) -> QRectF:
        corner = self.world(rect.topLeft())
        return QRectF(corner.x(), corner.y(), rect.width() / self.zoom, rect.height() / self.zoom)

    def screen_rect(self, rect: QRectF) -> QRectF:
        corner = self.screen(rect.topLeft())
        return QRectF(corner.x(), corner.y(), rect.width() * self.zoom, rect.height() * self.zoom)

    def pan(self, dx: float, dy: float) -> None:
        """Moves the picture by so many pixels."""
        self.x += dx
        self.y += dy

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Zooms; what lies under the pixel stays there."""
        before = self.world(point)
        self.zoom = min(max(self.zoom * factor, LEAST), MOST)
        self.x = point.x() - before.x() * self.zoom
        self.y = point.y() - before.y() * self.zoom

    def framing(
        self, rect: QRectF, width: float, height: float, margin: float = 36.0
    ) -> tuple[float, float, float]:
        """The state that shows `rect` whole and centred in a view of that size."""
        room_x, room_y = max(width - 2 * margin, 40.0), max(height - 2 * margin, 40.0)
        zoom = min(room_x / max(rect.width(), 1.0), room_y / max(rect.height(), 1.0), COSY)
        zoom = max(zoom, LEAST)
        centre = rect.center()
        return width / 2 - centre.x() * zoom, height / 2 - centre.y() * zoom, zoom

    def between(
        self, start: tuple[float, float, float], end: tuple[float, float, float], t: float, view: QPointF
    ) -> tuple[float, float, float]:
        """The state at `t` of a flight from `start` to `end`: zoom geometric, the middle of the view steady.

        `view` is the middle of the widget in pixels.
        """
        (x0, y0, z0), (x1, y1, z1) = start, end
        zoom = math.exp(math.log(z0) * (1 - t) + math.log(z1) * t)
        # With geometric zoom, the share of the way that keeps speed on screen even is linear in 1/zoom.
        way = t if math.isclose(z0, z1, rel_tol=1e-6) else (1 / zoom - 1 / z0) / (1 / z1 - 1 / z0)
        at_x = (view.x() - x0) / z0 * (1 - way) + (view.x() - x1) / z1 * way
        at_y = (view.y() - y0) / z0 * (1 - way) + (view.y() - y1) / z1 * way
        return view.x() - at_x * zoom, view.y() - at_y * zoom, zoom
