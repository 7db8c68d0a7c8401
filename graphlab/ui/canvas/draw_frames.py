"""Frames: a tinted ground with an edge and a title behind everything; from afar the titles lie over the nodes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from ...graph.document import FRAME_COLOURS
from .. import marks
from ..colour import alpha, mix
from ..theme import theme
from .boards import Boards
from .camera import Camera
from .detail import Detail, detail_at
from .ink import metrics, take_pen, text_font
from .plates import Plate, Plates, text_left, title_of

RADIUS = 10.0
_TINT = {True: 0.10, False: 0.09}  # of the ground, in the dark theme and in the light one
_GRIP = 3.5  # pixels: half the side of a grip on the ring of a selected frame
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FramePainter:
    """Draws the frames of a canvas; `plates` says where their titles are."""

    def __init__(self, boards: Boards) -> None:
        self._boards = boards
        self.plates = Plates(boards)

    def draw(self, painter: QPainter, camera: Camera, area: QRectF, selected: frozenset[str]) -> None:
        """Grounds and edges, and titles that lie behind nodes. `painter` is in canvas units, `area` is in view."""
        boards = self._boards
        if not boards.frames:
            return
        visible = boards.within(True, area)
        if detail_at(camera.zoom) == Detail.FAR:
            self._draw_far(painter, visible, camera.zoom)
            for frame in selected & boards.frames.keys():
                _ring(painter, boards.rect(frame), camera.zoom)
            return
        plates = self.plates.at(camera.zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for frame in visible:
            rect, colour = boards.rect(frame), boards.frames[frame].colour
            _ground(painter, rect, colour, camera.zoom)
            plate = plates.get(frame)
            if plate is not None and not plate.over:
                _bar(painter, rect, plate, colour)
                _title(painter, plate, boards.frames[frame].title, colour, camera.zoom)
            if frame in selected:
                _ring(painter, rect, camera.zoom)

    def _draw_far(self, painter: QPainter, visible: list[str], zoom: float) -> None:
        """Plain opaque rectangles, the smaller upon the larger: a hundred tints upon each other would cost more."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        now, pixel = theme(), 1 / zoom
        hues = {colour: now.frame(colour) for colour in FRAME_COLOURS}
        grounds = {colour: mix(now.canvas, hue, 1.4 * _TINT[now.is_dark]) for colour, hue in hues.items()}
        edges = {colour: mix(now.canvas, hue, 0.75) for colour, hue in hues.items()}
        for frame in visible:
            rect, colour = self._boards.rect(frame), self._boards.frames[frame].colour
            painter.fillRect(rect, edges[colour])  # an edge of four lines takes ten times as long
            painter.fillRect(rect.adjusted(pixel, pixel, -pixel, -pixel), grounds[colour])

    def draw_over(self, painter: QPainter, camera: Camera, area: QRectF) -> None:
        """The titles that lie over the nodes. `painter` is in canvas units."""
        if not self._boards.frames:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for plate in self.plates.at(camera.zoom).values():
            if plate.over and plate.rect.intersects(area):
                frame = self._boards.frames[plate.frame]
                _plate(painter, plate, frame.colour, camera.zoom)
                _title(painter, plate, frame.title, frame.colour, camera.zoom)


def _radius(rect: QRectF, zoom: float) -> float:
    """Round corners, less so where the frame is small on the screen."""
    return min(RADIUS, rect.width() / 4, rect.height() / 4, 10 / zoom)


def _ground(painter: QPainter, rect: QRectF, colour: str, zoom: float) -> None:
    hue = theme().frame(colour)
    painter.setPen(QPen(alpha(hue, 0.75), max(1.2, 1.0 / zoom)))
    painter.setBrush(alpha(hue, _TINT[theme().is_dark]))
    painter.drawRoundedRect(rect, _radius(rect, zoom), _radius(rect, zoom))


def _bar(painter: QPainter, rect: QRectF, plate: Plate, colour: str) -> None:
    outline, part = QPainterPath(), QPainterPath()
    outline.addRoundedRect(rect, RADIUS, RADIUS)
    part.addRect(plate.rect)
    # A clip would be lost in an SVG.
    painter.fillPath(outline.intersected(part), alpha(theme().frame(colour), 0.20))


def _plate(painter: QPainter, plate: Plate, colour: str, zoom: float) -> None:
    hue = theme().frame(colour)
    painter.setPen(QPen(hue, 1.0 / zoom))
    painter.setBrush(alpha(mix(theme().canvas, hue, 0.22), 0.94))
    painter.drawRoundedRect(plate.rect, 4 / zoom, 4 / zoom)


def _title(painter: QPainter, plate: Plate, title: str, colour: str, zoom: float) -> None:
    """The sign of the colour and the text, of a steady size on the screen where it would be too small."""
    rect, scale = plate.rect, plate.px / zoom
    units = max(round(scale), 1)
    left = text_left(plate.px) / zoom
    middle = QPointF(rect.left() + left - scale * 0.75, rect.center().y())
    marks.paint(painter, colour, middle, scale * 0.42)
    room = rect.width() - left - (2 if plate.over else 8) / zoom
    text = metrics(units, 600).elidedText(title_of(title), Qt.TextElideMode.ElideRight, room)
    painter.setFont(text_font(units, 600))
    painter.setPen(theme().text if title.strip() else theme().secondary)
    painter.drawText(QRectF(rect.left() + left, rect.top(), room + 2 / zoom, rect.height()), _LEFT, text)


def _ring(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """Around a selected frame, with grips where it is resized."""
    take_pen(painter, theme().accent, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, _radius(rect, zoom), _radius(rect, zoom))
    if min(rect.width(), rect.height()) * zoom < 10 * _GRIP:
        return
    half = _GRIP / zoom
    painter.setBrush(theme().canvas)
    xs, ys = (rect.left(), rect.center().x(), rect.right()), (rect.top(), rect.center().y(), rect.bottom())
    for x in xs:
        for y in ys:
            if (x, y) != (xs[1], ys[1]):
                painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))
