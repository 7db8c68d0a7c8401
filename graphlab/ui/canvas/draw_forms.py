"""What is no plain card: the stack of a group, its ports seen from inside, reroute points; and the muted and frozen.

Each is told apart by its outline, without colour, from near and from far.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from ...graph.drawn.shapes import CORE, RADIUS, Form, NodeShape
from ...graph.drawn.unrolled import NUMBER, slider_box
from .. import icons
from ..colour import alpha, mix
from ..theme import theme
from .batches import draw_lines, draw_rects
from .detail import Detail
from .ink import inks, metrics, take_pen, text_font
from .looks import Look
from .rects import value_rect

STACK = 8.0  # how far the cards under a group stick out below it
_STEP, _INSET = 4.0, 6.0
_RAIL, _OVER = (
    2.5,
    6.0,
)  # width of the two lines at a port's outer side, and how far they go on above and below
_FLAKE = 15.0
_POINT = 6.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

Floats = NDArray[np.float64]


# A group: cards under the card


def draw_stack(painter: QPainter, look: Look) -> None:
    """The cards below the front one, the lowest first."""
    width, height = look.shape.width, look.shape.height
    for layer in (2, 1):
        card = QRectF(_INSET * layer, height / 2, width - 2 * _INSET * layer, height / 2 + _STEP * layer)
        painter.setPen(QPen(inks().border, 1.0))
        painter.setBrush(mix(inks().body, inks().family(look.category), 0.10 + 0.10 * layer))
        painter.drawRoundedRect(card, RADIUS - 2, RADIUS - 2)


# A port: a piece of the frame that the group is, with a socket on the inner side


def port_outline(shape: NodeShape) -> QPainterPath:
    """The body of a port: round on the inner side, straight on the outer."""
    body = QRectF(0, 0, shape.width, shape.height)
    outer = QRectF(body)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(body, RADIUS, RADIUS)
    if shape.form is Form.PORT_IN:
        outer.setRight(RADIUS * 2)
    else:
        outer.setLeft(shape.width - RADIUS * 2)
    path.addRect(outer)
    return path.simplified()


def draw_port(painter: QPainter, look: Look, detail: Detail, zoom: float) -> None:
    """All of a port but its socket."""
    shape = look.shape
    painter.setPen(QPen(theme().error if look.fault else inks().border, 1.4 if look.fault else 1.0))
    painter.setBrush(inks().body)
    painter.drawPath(port_outline(shape))
    draw_rects(painter, _no_pen(painter, inks().family(look.category), _rails(shape)))
    near = detail == Detail.NEAR
    px = 12 if near else max(round(10 / zoom), 12)
    line = QRectF(12, 3, shape.width - 24, 20) if near else QRectF(12, 0, shape.width - 20, shape.height)
    if near:
        side = 15.0
        x = 10.0 if shape.form is Form.PORT_IN else shape.width - 10 - side
        icons.paint(painter, look.drawing, QRectF(x, 5, side, side), inks().family(look.category))
        line.adjust(*((side + 2, 0, 0, 0) if shape.form is Form.PORT_IN else (0, 0, -side - 2, 0)))
    painter.setFont(text_font(px, 600))
    painter.setPen(theme().text)
    name = metrics(px, 600).elidedText(look.name, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, _LEFT, name)
    if look.needs and near:
        painter.setFont(text_font(10))
        painter.setPen(theme().warning)
        painter.drawText(value_rect(shape), Qt.AlignmentFlag.AlignCenter, look.needs)


def _rails(shape: NodeShape) -> Floats:
    """The two upright lines of a port's outer side."""
    left = shape.form is Form.PORT_IN
    x = (-_RAIL, _RAIL) if left else (shape.width, shape.width - 2 * _RAIL)
    return np.array([(k, -_OVER, _RAIL, shape.height + 2 * _OVER) for k in x], dtype=np.float64)


def _no_pen(painter: QPainter, colour: QColor, rows: Floats) -> Floats:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    return rows


# A reroute point


def draw_point(painter: QPainter, look: Look) -> None:
    """A disc in the colour of the wires."""
    middle = QPointF(look.shape.width / 2, look.shape.height / 2)
    colour = theme().error if look.fault else theme().warning if look.needs else inks().wire
    painter.setPen(QPen(theme().canvas, 2.0))
    painter.setBrush(colour)
    painter.drawEllipse(middle, _POINT + 1, _POINT + 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(colour, theme().canvas, 0.55))
    painter.drawEllipse(middle, 2.2, 2.2)


def draw_handles(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """While the pointer is at a point: where to pull a wire from at either side of it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().accent)
    off, size = (CORE + 6) / min(zoom, 1.0), 3.0 / min(zoom, 1.0)
    for way in (-1, 1):
        painter.drawEllipse(rect.center() + QPointF(way * off, 0), size, size)


def draw_label(painter: QPainter, rect: QRectF, text: str, zoom: float) -> None:
    """What a point is called and carries, above it, at a steady size on screen. `painter`: canvas units."""
    px = max(round(10 / zoom), 6)
    width = metrics(px).horizontalAdvance(text) + px
    height = px * 1.6
    box = QRectF(rect.center().x() - width / 2, rect.top() - height - 5 / zoom, width, height)
    take_pen(painter, theme().line, 1.0)
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, height / 4, height / 4)
    painter.setPen(theme().text)
    painter.setFont(text_font(px))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


# Muted and frozen


def draw_muted(painter: QPainter, look: Look) -> None:
    """Dims and hatches a node, and draws what passes straight through it."""
    shape = look.shape
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(0, 0, shape.width, shape.height), RADIUS, RADIUS)
    painter.fillPath(outline, alpha(theme().canvas, 0.35))
    painter.fillPath(outline, QBrush(alpha(theme().faint, 0.30), Qt.BrushStyle.BDiagPattern))
    if not look.passes:
        return
    y = shape.input_rows[shape.inputs.index(look.passes)]
    for row in shape.output_rows:
        way = QLineF(0, y, shape.width, row)
        painter.setPen(QPen(theme().canvas, 6.0))
        painter.drawLine(way)
        painter.setPen(QPen(inks().wire, 2.4))
        painter.drawLine(way)


def draw_flake(painter: QPainter, corner: QPointF, side: float) -> None:
    """Frozen: a snowflake with its top left there."""
    icons.paint(painter, "freeze", QRectF(corner.x(), corner.y(), side, side), theme().accent)


def right_room(look: Look) -> float:
    """The width at the right of a header that its name leaves to the snowflake, and to the switch of an Unroll node."""
    return switch_room(look.shape) + (_FLAKE + 4 if look.frozen else 0.0)


def switch_room(shape: NodeShape) -> float:
    """The width that the switch of an Unroll node takes, and where it is unrolled the slider."""
    if shape.form is Form.UNROLLED:
        return shape.width - slider_box(shape.width).x + 150.0
    return NUMBER + 14.0 if shape.form is Form.UNROLL else 0.0


def draw_frozen(painter: QPainter, look: Look) -> None:
    """The snowflake at the right of the header."""
    if look.frozen:
        draw_flake(painter, QPointF(look.shape.width - 8 - switch_room(look.shape) - _FLAKE, 6.5), _FLAKE)


# Far out: all of a kind in one call


FAR_STACK = 5.5 * _STEP  # and how far seen from afar


def draw_far_stacks(painter: QPainter, groups: Floats) -> None:
    """`groups` (n, 4): x, y, width, height."""
    for layer in (2, 1):
        rows = groups.copy()
        rows[:, 0] += _INSET * layer
        rows[:, 2] -= 2 * _INSET * layer
        rows[:, 1] += groups[:, 3] + 3 * (layer - 1) * _STEP + _STEP / 2
        rows[:, 3] = 2 * _STEP
        draw_rects(painter, _no_pen(painter, mix(theme().canvas, inks().family("Structure"), 0.55), rows))


def draw_far_ports(painter: QPainter, ports: Floats, is_out: NDArray[np.bool_]) -> None:
    """The outer sides of ports, as one thick line each."""
    rows = ports.copy()
    rows[:, 0] += np.where(is_out, ports[:, 2] - 8, 0.0)
    rows[:, 2] = 8.0
    rows[:, 1] -= 2 * _OVER
    rows[:, 3] += 4 * _OVER
    draw_rects(painter, _no_pen(painter, inks().family("Structure"), rows))


def draw_far_points(painter: QPainter, points: Floats) -> None:
    draw_rects(painter, _no_pen(painter, inks().wire, points))


def draw_far_muted(painter: QPainter, muted: Floats) -> None:
    """A veil, and the line that passes through."""
    draw_rects(painter, _no_pen(painter, alpha(theme().canvas, 0.72), muted))
    x, y, width, height = muted.T
    take_pen(painter, inks().wire, 1.4)
    draw_lines(painter, np.stack([x, y + height / 2, x + width, y + height / 2], axis=1))
