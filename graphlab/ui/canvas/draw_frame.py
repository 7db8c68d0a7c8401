"""The unchanging part of a node, painted once into a pixmap: body, header, names, sockets, faults."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from ...graph.drawn.shapes import DOT, FOOTER, HEADER, RADIUS, Form
from .. import icons
from ..colour import alpha, mix
from ..theme import theme
from . import draw_forms as forms
from .detail import Detail
from .ink import inks, metrics, number_font, take_pen, text_font
from .looks import Look, SocketLook

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_BAR = 4.0


def draw_frame(painter: QPainter, look: Look, detail: Detail, zoom: float) -> None:
    """Paints a node whose top left corner is the origin, in canvas units."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if look.shape.form is Form.POINT:
        forms.draw_point(painter, look)
    elif look.shape.is_port:
        forms.draw_port(painter, look, detail, zoom)
        _sockets(painter, look, detail, zoom)
    else:
        _card(painter, look, detail, zoom)
    if look.fault:
        _fault(painter, QPointF(2, look.shape.height - 1), zoom if detail == Detail.MID else 1.0)


def _card(painter: QPainter, look: Look, detail: Detail, zoom: float) -> None:
    shape = look.shape
    body = QRectF(0, 0, shape.width, shape.height)
    outline = QPainterPath()
    outline.addRoundedRect(body, RADIUS, RADIUS)
    _shadow(painter, body, detail)
    if shape.form is Form.GROUP:
        forms.draw_stack(painter, look)
    painter.fillPath(outline, inks().body)
    head = HEADER if detail == Detail.NEAR else min(18 / zoom, shape.height * 0.55)
    _header(painter, look, outline, head)
    _edge(painter, look, outline)
    if detail == Detail.NEAR:
        _title(painter, look)
        _footer(painter, look)
        forms.draw_frozen(painter, look)
    else:
        _short_title(painter, look, head, zoom)
    if look.muted:
        forms.draw_muted(painter, look)
    _sockets(painter, look, detail, zoom)


def _sockets(painter: QPainter, look: Look, detail: Detail, zoom: float) -> None:
    if detail != Detail.NEAR:
        _dots(painter, look, zoom)
        return
    shape = look.shape
    for name, y in zip(look.inputs, shape.input_rows, strict=True):
        _socket(painter, look, name, QPointF(0, y), shape.names_sockets(len(look.inputs)))
    for name, y in zip(look.outputs, shape.output_rows, strict=True):
        _socket(painter, look, name, QPointF(shape.width, y), shape.names_sockets(len(look.outputs)))


def _shadow(painter: QPainter, body: QRectF, detail: Detail) -> None:
    if detail == Detail.MID:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    dark = 0.10 if theme().is_dark else 0.035
    for spread in (4.0, 2.5, 1.0):
        painter.setBrush(alpha(QColor("black"), dark))
        painter.drawRoundedRect(
            body.adjusted(-spread * 0.5, 2 - spread * 0.3, spread * 0.5, 2 + spread),
            RADIUS + spread,
            RADIUS + spread,
        )


def _header(painter: QPainter, look: Look, outline: QPainterPath, height: float) -> None:
    for width, colour in (
        (look.shape.width, inks().header(look.category)),
        (_BAR, inks().family(look.category)),
    ):
        part = QPainterPath()
        part.addRect(QRectF(0, 0, width, height))
        painter.fillPath(outline.intersected(part), colour)  # a clip would be lost in an SVG


def _edge(painter: QPainter, look: Look, outline: QPainterPath) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if look.fault:
        painter.setPen(QPen(theme().error, 1.4))
    elif not look.category:
        painter.setPen(QPen(inks().border, 1.2, Qt.PenStyle.DashLine))
    else:
        painter.setPen(QPen(inks().border, 1.0))
    painter.drawPath(outline)


def _title(painter: QPainter, look: Look) -> None:
    width = look.shape.width
    colour = inks().family(look.category)
    icons.paint(painter, look.drawing, QRectF(10, 6, 16, 16), colour)
    op_width = min(metrics(11).horizontalAdvance(look.op), 76.0)
    name_width = metrics(12, 600).horizontalAdvance(look.name)
    room = width - 31 - 10 - forms.right_room(look)
    same = look.name.rstrip("0123456789").lower() == look.op.lower()
    if same or name_width > room - 8 - 24:
        op_width = 0.0  # the name says it, or leaves no room: the icon tells the op
    elif name_width + 8 + op_width > room:
        op_width = room - 8 - name_width
    painter.setFont(text_font(12, 600))
    painter.setPen(theme().text)
    name = metrics(12, 600).elidedText(
        look.name, Qt.TextElideMode.ElideRight, room - op_width - (8 if op_width else 0)
    )
    painter.drawText(QRectF(31, 0, room, HEADER), _LEFT, name)
    if op_width:
        painter.setFont(text_font(11))
        painter.setPen(theme().secondary)
        op = metrics(11).elidedText(look.op, Qt.TextElideMode.ElideRight, op_width + 1)
        painter.drawText(QRectF(31, 0, room, HEADER), _RIGHT, op)


def _short_title(painter: QPainter, look: Look, head: float, zoom: float) -> None:
    """The name at a steady size on screen."""
    px = max(round(10 / zoom), 12)
    painter.setFont(text_font(px, 600))
    painter.setPen(theme().text)
    room = look.shape.width - _BAR - 10
    if look.frozen:
        side = min(13 / zoom, head)
        room -= side
        forms.draw_flake(painter, QPointF(look.shape.width - side - 3, (head - side) / 2), side)
    name = metrics(px, 600).elidedText(look.name, Qt.TextElideMode.ElideRight, room)
    painter.drawText(QRectF(_BAR + 5, 0, room, head), _LEFT, name)


def _footer(painter: QPainter, look: Look) -> None:
    shape = look.shape
    line = QRectF(14, shape.height - FOOTER - 1, shape.width - 26, FOOTER)
    painter.setPen(theme().secondary)
    painter.setFont(number_font(10))
    if look.result:
        painter.drawText(line, _RIGHT if not look.parameters else _LEFT, look.result)
    painter.setFont(text_font(10))
    if look.parameters:
        painter.drawText(line, _RIGHT, look.parameters)
    if look.needs:
        painter.setPen(theme().warning)
        painter.drawText(line, _LEFT, look.needs)
    elif look.waits:
        painter.setPen(theme().secondary)
        painter.drawText(line, _LEFT, "waits for a fix upstream")


def _socket(painter: QPainter, look: Look, socket: SocketLook, at: QPointF, named: bool) -> None:
    """A disc; a diamond where the socket owns a value while unplugged. Filled when wired."""
    colour = mix(inks().wire, theme().update, 0.5) if socket.owned else inks().wire
    if socket.lacks:
        colour = theme().warning
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour if socket.wired else inks().body)
    if socket.owned:
        side = DOT - 0.5
        painter.drawPolygon([at + QPointF(*d) for d in ((-side, 0), (0, -side), (side, 0), (0, side))])
    else:
        painter.drawEllipse(at, DOT - 0.8, DOT - 0.8)
    if not named:
        return
    left = at.x() == 0
    text = f"{socket.name} {socket.literal}" if socket.literal else socket.name
    room = look.shape.left - 12 if left else look.shape.width - look.shape.right - 12
    painter.setFont(text_font(10))
    painter.setPen(theme().secondary)
    text = metrics(10).elidedText(text, Qt.TextElideMode.ElideRight, room)
    box = QRectF(9 if left else look.shape.right + 3, at.y() - 8, room, 16)
    painter.drawText(box, _LEFT if left else _RIGHT, text)


def _dots(painter: QPainter, look: Look, zoom: float) -> None:
    """Sockets seen from a distance."""
    size = 2.2 / zoom
    painter.setPen(Qt.PenStyle.NoPen)
    rows = [
        (0.0, s, y) for s, y in zip(look.inputs, look.shape.input_rows, strict=True) if not s.owned or s.wired
    ]
    rows += [(look.shape.width, s, y) for s, y in zip(look.outputs, look.shape.output_rows, strict=True)]
    for x, socket, y in rows:
        painter.setBrush(theme().warning if socket.lacks else inks().wire)
        painter.drawEllipse(QPointF(x, y), size, size)


def _fault(painter: QPainter, at: QPointF, zoom: float) -> None:
    size = 7.5 / max(zoom, 0.3) if zoom < 1 else 7.5
    painter.setPen(QPen(theme().canvas, 1.5))
    painter.setBrush(theme().error)
    painter.drawEllipse(at, size, size)
    painter.setPen(QPen(theme().canvas, size / 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(at - QPointF(0, size * 0.45), at + QPointF(0, size * 0.12))
    painter.drawPoint(at + QPointF(0, size * 0.5))


def veil(painter: QPainter, body: QRectF, pattern: Qt.BrushStyle = Qt.BrushStyle.BDiagPattern) -> None:
    """Lays a hatch over a node that cannot be computed."""
    outline = QPainterPath()
    outline.addRoundedRect(body, RADIUS, RADIUS)
    painter.fillPath(outline, alpha(theme().canvas, 0.45))
    painter.fillPath(outline, QBrush(alpha(theme().faint, 0.25), pattern))


def ring(
    painter: QPainter, body: QRectF, colour: QColor, width: float, zoom: float, dashed: bool = False
) -> None:
    """A frame just outside a node, so many screen pixels wide."""
    take_pen(painter, colour, width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    out = (width / 2 + 0.5) / zoom
    painter.drawRoundedRect(body.adjusted(-out, -out, out, out), RADIUS + out, RADIUS + out)
