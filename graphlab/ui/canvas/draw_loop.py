"""The loops of a folded Unroll node: out of an output, over the card and into the input that it is at the next step."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ...graph.drawn import unrolled as places
from ...graph.drawn.shapes import NodeShape
from ..theme import theme
from .detail import Detail
from .ink import inks, metrics, text_font
from .unroll_told import Told, step_words

_ROUND = 7.0  # of the corners


def draw_loops(painter: QPainter, shape: NodeShape, told: Told, detail: Detail) -> None:
    """The loops above the card, each with the name of its state. `painter`: canvas units, the card's corner at 0."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pairs = (*told.rolled.states, *told.rolled.backs)
    for place in reversed(range(len(pairs))):
        pair = pairs[place]
        ends = shape.output_at(pair.output)[1], shape.input_at(pair.input)[1]
        corners = tuple(QPointF(*corner) for corner in places.loop(shape.width, *ends, place))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = theme().phase(told.phase) if told.lit >= 0 else inks().wire
        dash = Qt.PenStyle.DashLine if told.phase == "backward" else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 2.0, dash, Qt.PenCapStyle.RoundCap))
        painter.drawPath(_rounded(corners))
        for at, way in _heads(corners):
            arrowhead(painter, at, way, colour)
    if detail == Detail.NEAR:
        _loop_words(painter, shape, told)


def _loop_words(painter: QPainter, shape: NodeShape, told: Told) -> None:
    rolled = told.rolled
    texts = [f"{pair.output}  t−1" for pair in rolled.states]
    texts += [f"{pair.output} → {pair.input}  t−1" for pair in rolled.backs]
    for place, text in enumerate(texts):
        y = -places.LOOP * (place + 1)
        pill(painter, QPointF(shape.width * 0.42, y), text, theme().text)
    top = -places.LOOP * max(len(texts), 1)
    if rolled.truncate:
        pill(painter, QPointF(shape.width * 0.8, top), f"∂ cut every {rolled.truncate}", theme().backward)
    if told.lit >= 0:
        colour = theme().phase(told.phase)
        sign = "▸" if told.phase == "forward" else "◂"
        pill(painter, QPointF(shape.width / 2, top - 18.0), f"{sign} {step_words(told)}", colour, True)


def _rounded(corners: tuple[QPointF, ...]) -> QPainterPath:
    """The line through these corners, rounded."""
    path = QPainterPath(corners[0])
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        path.lineTo(corner + _toward(corner, before))
        path.quadTo(corner, corner + _toward(corner, after))
    path.lineTo(corners[-1])
    return path


def _toward(corner: QPointF, other: QPointF) -> QPointF:
    line = QLineF(corner, other)
    length = line.length()
    return (other - corner) * (min(_ROUND, length / 2) / length) if length else QPointF()


def _heads(corners: tuple[QPointF, ...]) -> list[tuple[QPointF, QPointF]]:
    """(place, direction) of the arrowheads: on the way back along the top, and into the input."""
    top = (corners[2] * 0.22 + corners[3] * 0.78, QPointF(-1, 0))
    return [top, (corners[5] - QPointF(4.5, 0), QPointF(1, 0))]


def arrowhead(painter: QPainter, at: QPointF, way: QPointF, colour: QColor, size: float = 4.5) -> None:
    aside = QPointF(-way.y(), way.x())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(
        QPolygonF(
            [
                at + way * size,
                at - way * size * 0.6 + aside * size * 0.8,
                at - way * size * 0.6 - aside * size * 0.8,
            ]
        )
    )


def pill(painter: QPainter, middle: QPointF, text: str, colour: QColor, framed: bool = False) -> None:
    """Words on a ground of the canvas's colour."""
    width = metrics(10, 600).horizontalAdvance(text) + 10
    box = QRectF(middle.x() - width / 2, middle.y() - 7.5, width, 15.0)
    painter.setPen(QPen(colour, 1.2) if framed else Qt.PenStyle.NoPen)
    painter.setBrush(theme().panel if framed else theme().canvas)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(theme().text if framed else colour)
    painter.setFont(text_font(10, 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
