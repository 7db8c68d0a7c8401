"""What lies beneath everything: the ground with its grid of dots, and the friendly hint of an empty canvas."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from ..theme import theme
from .batches import draw_rects
from .camera import Camera
from .ink import inks, text_font

GRID = 20.0
_LEAST_GAP = 16.0
HINT = "Double-click to add a node, or drag one from the library"


def on_grid(value: float) -> float:
    """The nearest place that snaps: half way between two lines is one, too."""
    return round(value / (GRID / 2)) * (GRID / 2)


def draw_ground(painter: QPainter, camera: Camera, area: QRect) -> None:
    """Fills `area` (pixels) and sets dots where the grid lines cross; fewer when seen from afar."""
    painter.fillRect(area, theme().canvas)
    step = GRID * camera.zoom
    while step < _LEAST_GAP:
        step *= 4
    first_x = camera.x % step + (area.left() // step - 1) * step
    first_y = camera.y % step + (area.top() // step - 1) * step
    x = np.arange(first_x, area.right() + step, step)
    y = np.arange(first_y, area.bottom() + step, step)
    rows = np.empty((len(x) * len(y), 4))
    rows[:, 0], rows[:, 1] = np.round(np.repeat(x, len(y))), np.round(np.tile(y, len(x)))
    rows[:, 2:] = 1.0 if camera.zoom < 1.6 else 2.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks().grid)
    draw_rects(painter, rows)


def draw_hint(painter: QPainter, area: QRectF) -> None:
    painter.setFont(text_font(14))
    painter.setPen(theme().secondary)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, HINT)
