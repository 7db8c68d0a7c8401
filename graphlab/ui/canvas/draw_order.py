"""What sits on the upper edge of a node: its number in the order of computing, and its part in the whole graph.

Told apart without colour: what is done is filled, what is computed now is bold in a thick frame, what waits is hollow
and dashed; a number of the backward order has ◂ before it. Input, output, parameter and goal have a sign and a word.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from ..painting import painting
from ..theme import theme
from .ink import inks, metrics, number_font, text_font
from .looks import Look
from .order_marks import OrderMark

HEIGHT = 18.0
_RISE = 9.0  # how far a number stands above the edge
_PART_RISE = 16.0  # and a part, which must not cover the name
_MOST = 800  # pictures kept
_SIGN = 8.0  # width of ◂ and of the sign of a part
_READABLE = 0.8  # zoom below which they shrink no further

PARTS = {
    "input": "An input: nothing feeds it, numbers come in here.",
    "output": "An output: nothing takes what it gives.",
    "parameter": "A parameter: training changes its numbers.",
    "goal": "The goal: training makes this number small, and backward starts here.",
}


class OrderPainter:
    """Draws numbers and parts, each picture once. `shown`: whether people want to see them."""

    def __init__(self) -> None:
        self.shown = True
        self._kept: dict[object, QPixmap] = {}

    def forget(self) -> None:
        self._kept.clear()

    def draw(
        self,
        painter: QPainter,
        corner: QPointF,
        zoom: float,
        ratio: float,
        look: Look,
        mark: OrderMark | None,
    ) -> None:
        """Onto a node whose top left is at `corner`, in screen units. From afar they stay large enough to be read."""
        if not self.shown:
            return
        scale, room = max(zoom, _READABLE), look.shape.width * zoom
        if mark is not None:
            width = (number_width(mark) - 7) * scale
            at = QPointF(corner.x() + room - width, corner.y() - _RISE * scale)
            self._put(painter, at, scale, ratio, mark)
            room -= width
        if look.part and part_width(look.part) * scale + 4 < room:
            at = corner + QPointF(min(8 * zoom, 6), -_PART_RISE * scale)
            self._put(painter, at, scale, ratio, look.part)

    def draw_plain(self, painter: QPainter, look: Look, mark: OrderMark | None) -> None:
        """The same straight onto `painter`, the node's top left being the origin, in canvas units."""
        if not self.shown:
            return
        if mark is not None:
            _paint_at(painter, look.shape.width - number_width(mark) + 7, -_RISE, mark)
        if look.part:
            _paint_at(painter, 8.0, -_PART_RISE, look.part)

    def _put(self, painter: QPainter, at: QPointF, scale: float, ratio: float, what: OrderMark | str) -> None:
        key = what, scale * ratio, theme().name
        pixmap = self._kept.get(key)
        if pixmap is None:
            if len(self._kept) > _MOST:
                self._kept.clear()
            pixmap = self._kept[key] = _picture(what, scale, ratio)
        left = round((at.x() - scale) * ratio) / ratio
        top = round((at.y() - scale) * ratio) / ratio
        painter.drawPixmap(QPointF(left, top), pixmap)


def number_width(mark: OrderMark) -> float:
    text = metrics(9, 700, True).horizontalAdvance(mark.text)
    return max(18.0, text + 9 + (_SIGN if mark.phase == "backward" else 0))


def part_width(part: str) -> float:
    return metrics(9, 600).horizontalAdvance(part) + 14 + _SIGN


def _picture(what: OrderMark | str, scale: float, ratio: float) -> QPixmap:
    width = (number_width(what) if isinstance(what, OrderMark) else part_width(what)) + 2
    density = scale * ratio
    pixmap = QPixmap(max(round(width * density), 1), max(round((HEIGHT + 2) * density), 1))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with painting(pixmap) as painter:
        painter.scale(scale, scale)
        painter.translate(1, 1)
        _paint(painter, what)
    return pixmap


def _paint_at(painter: QPainter, x: float, y: float, what: OrderMark | str) -> None:
    painter.save()
    painter.translate(x, y)
    _paint(painter, what)
    painter.restore()


def _paint(painter: QPainter, what: OrderMark | str) -> None:
    """With its corner at the origin."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if isinstance(what, OrderMark):
        _paint_number(painter, what)
    else:
        _paint_part(painter, what)


def _paint_number(painter: QPainter, mark: OrderMark) -> None:
    now = theme()
    pill = QRectF(0, 0, number_width(mark), HEIGHT)
    colour = now.phase(mark.phase) if mark.phase else inks().border
    fill, ink, weight = now.canvas, now.secondary, 400
    if mark.state == "done":
        fill, ink = now.tint(colour, 0.28, now.canvas), now.text
    elif mark.state == "now":
        fill, ink, weight = now.tint(colour, 0.42, now.canvas), now.text, 700
    width = 2.0 if mark.state == "now" else 1.0
    style = Qt.PenStyle.DashLine if mark.state == "waits" else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour if mark.state != "waits" else inks().border, width, style))
    painter.setBrush(fill)
    painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), 8.5, 8.5)
    if mark.phase == "backward":
        _back_sign(painter, QPointF(9, HEIGHT / 2), ink)
        pill.setLeft(_SIGN)
    painter.setPen(ink)
    painter.setFont(number_font(9, weight))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, mark.text)


def _back_sign(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([at + QPointF(2.5, -3.5), at + QPointF(-3, 0), at + QPointF(2.5, 3.5)]))


def _paint_part(painter: QPainter, part: str) -> None:
    now = theme()
    pill = QRectF(0, 0, part_width(part), HEIGHT)
    colour = now.update if part == "parameter" else now.family("Loss") if part == "goal" else now.secondary
    painter.setPen(QPen(colour, 1.0))
    painter.setBrush(now.canvas)
    painter.drawRoundedRect(pill.adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)
    _SIGNS[part](painter, QPointF(9, HEIGHT / 2), colour)
    painter.setPen(colour)
    painter.setFont(text_font(9, 600))
    room = pill.adjusted(8 + _SIGN, 0, 0, 0)
    painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, part)


def _sign_pen(painter: QPainter, colour: QColor) -> None:
    painter.setPen(QPen(colour, 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _arrow(painter: QPainter, at: QPointF, colour: QColor, bar: float) -> None:
    """→ with an upright bar at its end, or at its beginning."""
    _sign_pen(painter, colour)
    painter.drawLine(at + QPointF(-3.5, 0), at + QPointF(2.5, 0))
    painter.drawPolyline(QPolygonF([at + QPointF(0.3, -2.4), at + QPointF(2.7, 0), at + QPointF(0.3, 2.4)]))
    painter.drawLine(at + QPointF(bar, -3.4), at + QPointF(bar, 3.4))


def _input_sign(painter: QPainter, at: QPointF, colour: QColor) -> None:
    _arrow(painter, at, colour, 4.0)


def _output_sign(painter: QPainter, at: QPointF, colour: QColor) -> None:
    _arrow(painter, at, colour, -4.0)


def _parameter_sign(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """The diamond of a socket that owns a parameter."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners = ((-3.6, 0), (0, -3.6), (3.6, 0), (0, 3.6))
    painter.drawPolygon(QPolygonF([at + QPointF(*corner) for corner in corners]))


def _goal_sign(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """A ring about a dot."""
    _sign_pen(painter, colour)
    painter.drawEllipse(at, 3.6, 3.6)
    painter.setBrush(colour)
    painter.drawEllipse(at, 0.8, 0.8)


_SIGNS = {
    "input": _input_sign,
    "output": _output_sign,
    "parameter": _parameter_sign,
    "goal": _goal_sign,
}
