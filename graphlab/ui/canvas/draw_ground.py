"""What lies beneath the graph: the ground with its grid of dots, the friendly hint of an empty canvas, and notes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ..theme import theme
from .batches import draw_rects
from .camera import Camera
from .ink import inks, metrics, text_font
from .scene import Scene

GRID = 20.0
_LEAST_GAP = 16.0
HINT = "Double-click to add a node, or drag one from the library"
GRIP = 14.0  # the corner by which a note is resized
NOTE_PAD = 12.0
LARGEST_TEXT = 32
LEAST_READABLE = 4.5  # pixels on the screen


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


def draw_notes(painter: QPainter, scene: Scene, area: QRectF, zoom: float, selected: frozenset[str]) -> None:
    """Cards with text. `painter` is in canvas units; `area` is what is in view."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for note_id, note in scene.document.notes.items():
        rect = scene.note_rect(note_id)
        if not rect.intersects(area):
            continue
        chosen = note_id in selected
        painter.setPen(QPen(theme().accent if chosen else inks().note_edge, 2 / zoom if chosen else 1))
        painter.setBrush(inks().note)
        painter.drawRoundedRect(rect, 8, 8)
        text = rect.adjusted(NOTE_PAD, NOTE_PAD - 2, -NOTE_PAD, -4)
        px = note_px(note.text, text.width(), text.height(), zoom)
        if px * zoom >= LEAST_READABLE:
            painter.save()
            painter.setClipRect(rect.adjusted(4, 4, -4, -4), Qt.ClipOperation.IntersectClip)
            painter.setFont(text_font(px))
            painter.setPen(theme().text)
            painter.drawText(text, Qt.TextFlag.TextWordWrap, note.text)
            painter.restore()
        if chosen:
            _grip(painter, rect, zoom)


def note_px(text: str, width: float, height: float, zoom: float) -> int:
    """The size of a note's text: 12, or from afar as much more as it takes to read it, if there is room."""
    return _fitting(text, width, height, min(max(12, round(11 / zoom)), LARGEST_TEXT))


@lru_cache(maxsize=256)
def _fitting(text: str, width: float, height: float, wish: int) -> int:
    room = QRectF(0, 0, width, 1e6)
    for px in range(wish, 12, -1):
        if metrics(px).boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() <= height:
            return px
    return 12


def _grip(painter: QPainter, rect: QRectF, zoom: float) -> None:
    painter.setPen(QPen(theme().accent, 1.2 / zoom))
    corner = rect.bottomRight() - QPointF(4, 4)
    for reach in (4.0, 8.0):
        painter.drawLine(corner - QPointF(reach, 0), corner - QPointF(0, reach))


def note_grip(rect: QRectF) -> QRectF:
    """The corner of a note that resizes it."""
    return QRectF(rect.right() - GRIP, rect.bottom() - GRIP, GRIP, GRIP)
