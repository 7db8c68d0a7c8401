"""An Unroll node on screen: folded, a card with the loop of each state; unrolled, copies of the cell in time.

States go from copy to copy, sequences come in from below and go out above. What is computed is ringed, solid forward
and dashed backward; a cut of the gradient is a dashed line between two copies, with its sign.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ...engine.messages import Tensor
from .. import icons, numbers
from ..colour import alpha, mix
from ..theme import theme
from . import unrolled as places
from .batches import draw_lines
from .cell_picture import CellPicture
from .detail import Detail
from .ink import inks, metrics, number_font, text_font
from .looks import Look
from .shapes import Form, NodeShape
from .thumbnails import draw_strip
from .unrolled import Copy, Gap, Pair, Rolled

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_ROUND = 7.0  # of the corners of a loop
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Told(NamedTuple):
    """What is drawn of an Unroll node besides its frame.

    at: the step one looks at. lit: the step that is computed, −1 for none, `phase` how, `inner` which node of the cell.
    pointed: nodes of the cell that are pointed at in one place, and lit in all copies. hovered: the copy under the
    pointer. setting: the number of steps that a hand is about to set; 0 for none. openness: how far it has been
    unrolled. at_switch: the pointer is on the switch. value, grad: of a state, by its place, at a step. scale: the
    number of full colour.
    """

    rolled: Rolled
    cell: CellPicture
    at: int = 0
    lit: int = -1
    phase: str = ""
    inner: str = ""
    pointed: frozenset[str] = frozenset()
    hovered: int = -1
    setting: int = 0
    openness: float = 1.0
    at_switch: bool = False
    value: Callable[[int, int], Tensor | None] = lambda t, place: None
    grad: Callable[[int, int], Tensor | None] = lambda t, place: None
    scale: Callable[[Tensor], float] = lambda tensor: 1.0


def step_words(told: Told) -> str:
    """ "t = 3 of 16" while a copy is computed."""
    return f"t = {told.lit} of {told.rolled.steps}" if told.lit >= 0 else f"T = {told.rolled.steps:,}"


def below(number: int) -> str:
    """A number as an index: x₁₂."""
    return str(number).translate(_BELOW)


def draw_unroll(
    painter: QPainter, look: Look, shape: NodeShape, told: Told, detail: Detail, zoom: float
) -> None:
    """All that a frame lacks: the loops or the copies, and what stands in the header. `painter`: canvas units."""
    is_open = shape.form is Form.UNROLLED
    if look.muted:
        return
    if is_open:
        draw_unrolled(painter, shape, told, detail, zoom)
    else:
        draw_loops(painter, shape, told, detail)
    if detail == Detail.NEAR:
        draw_switch(painter, shape, is_open, told.at_switch)
        if is_open:
            draw_slider(painter, shape, told)


# Folded


def draw_loops(painter: QPainter, shape: NodeShape, told: Told, detail: Detail) -> None:
    """The loops above the card, each with the name of its state. `painter`: canvas units, the card's corner at 0."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pairs = (*told.rolled.states, *told.rolled.backs)
    for place in reversed(range(len(pairs))):
        pair = pairs[place]
        ends = shape.output_at(pair.output)[1], shape.input_at(pair.input)[1]
        corners = places.loop(shape.width, *ends, place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = theme().phase(told.phase) if told.lit >= 0 else inks().wire
        dash = Qt.PenStyle.DashLine if told.phase == "backward" else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 2.0, dash, Qt.PenCapStyle.RoundCap))
        painter.drawPath(_rounded(corners))
        for at, way in _heads(corners):
            _arrowhead(painter, at, way, colour)
    if detail == Detail.NEAR:
        _loop_words(painter, shape, told)


def _loop_words(painter: QPainter, shape: NodeShape, told: Told) -> None:
    rolled = told.rolled
    texts = [f"{pair.output}  t−1" for pair in rolled.states]
    texts += [f"{pair.output} → {pair.input}  t−1" for pair in rolled.backs]
    for place, text in enumerate(texts):
        y = -places.LOOP * (place + 1)
        _pill(painter, QPointF(shape.width * 0.42, y), text, theme().text)
    top = -places.LOOP * max(len(texts), 1)
    if rolled.truncate:
        _pill(painter, QPointF(shape.width * 0.8, top), f"∂ cut every {rolled.truncate}", theme().backward)
    if told.lit >= 0:
        colour = theme().phase(told.phase)
        sign = "▸" if told.phase == "forward" else "◂"
        _pill(painter, QPointF(shape.width / 2, top - 18.0), f"{sign} {step_words(told)}", colour, True)


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


def _arrowhead(painter: QPainter, at: QPointF, way: QPointF, colour: QColor, size: float = 4.5) -> None:
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


def _pill(painter: QPainter, middle: QPointF, text: str, colour: QColor, framed: bool = False) -> None:
    """Words on a ground of the canvas's colour."""
    width = metrics(10, 600).horizontalAdvance(text) + 10
    box = QRectF(middle.x() - width / 2, middle.y() - 7.5, width, 15.0)
    painter.setPen(QPen(colour, 1.2) if framed else Qt.PenStyle.NoPen)
    painter.setBrush(theme().panel if framed else theme().canvas)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(theme().text if framed else colour)
    painter.setFont(text_font(10, 600))
    painter.drawText(box, _CENTRE, text)


# Unrolled


def draw_unrolled(painter: QPainter, shape: NodeShape, told: Told, detail: Detail, zoom: float) -> None:
    """The copies, what leads to and from them, and the line of time. `painter`: canvas units, the corner at 0."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if told.openness < 1.0:
        painter.setClipRect(QRectF(0, places.HEADER, shape.width, shape.height - places.HEADER))
        painter.setOpacity(painter.opacity() * told.openness)
    copies, gaps = places.lie(told.rolled.steps, told.at)
    copies = tuple(copy._replace(left=_on_the_way(copy.left, told.openness)) for copy in copies)
    _buses(painter, told, copies, gaps)
    _arrows(painter, told, copies, gaps)
    for copy in copies:
        _copy(painter, told, copy, detail, zoom)
    if detail == Detail.NEAR:
        _names_of_sockets(painter, shape)
        for gap in gaps if told.openness == 1.0 else ():
            _gap(painter, told, gap)
        _cuts(painter, told, copies)
        _rail(painter, told)
    painter.restore()


def _on_the_way(left: float, openness: float) -> float:
    """While it opens, copies come out from under the first."""
    return places.SIDE + (left - places.SIDE) * openness


def _wire_pen(painter: QPainter, colour: QColor | None = None, dotted: bool = False) -> None:
    line = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour or inks().wire, 1.6, line, Qt.PenCapStyle.RoundCap))


def _buses(painter: QPainter, told: Told, copies: tuple[Copy, ...], gaps: tuple[Gap, ...]) -> None:
    """Sequences: one line each, and from it one to each copy."""
    rolled, levels = told.rolled, places.levels(told.rolled)
    lines: list[tuple[float, float, float, float]] = []
    for place, y in enumerate(levels.feeds):
        ends = [places.stub(copy, place, len(levels.feeds)) for copy in copies]
        bottom = levels.copies + levels.copy
        lines.append((0.0, y, ends[-1], y))
        lines += [(x, y, x, bottom) for x in ends]
    for place, y in enumerate(levels.gives):
        ends = [places.stub(copy, place, len(levels.gives)) for copy in _giving(rolled, place, copies)]
        lines.append((ends[0], y, levels.width, y))
        lines += [(x, y, x, levels.copies) for x in ends]
    _wire_pen(painter)
    draw_lines(painter, np.array(lines, dtype=np.float64).reshape(-1, 4))
    for gap in gaps:  # there the lines go on past copies that are not drawn
        _dots(painter, gap, (*levels.feeds, *levels.gives))
    _indices(painter, rolled, copies)


def _giving(rolled: Rolled, place: int, copies: tuple[Copy, ...]) -> tuple[Copy, ...]:
    """The copies that an output of the node comes from."""
    return copies[-1:] if rolled.gives[place][1] == "last" else copies


def _indices(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    """x₀ beside the line into the first copy, and so on; arrowheads where lines go in."""
    levels = places.levels(rolled)
    painter.setFont(text_font(10))
    bottom = levels.copies + levels.copy
    for copy in copies:
        for place, (name, y) in enumerate(zip(rolled.feeds, levels.feeds, strict=True)):
            x = places.stub(copy, place, len(rolled.feeds))
            _arrowhead(painter, QPointF(x, bottom + 3.5), QPointF(0, -1), inks().wire, 3.6)
            _indexed(painter, QPointF(x, y), bottom + 1, name, copy.t)
    for place, ((name, _), y) in enumerate(zip(rolled.gives, levels.gives, strict=True)):
        for copy in _giving(rolled, place, copies):
            x = places.stub(copy, place, len(rolled.gives))
            _indexed(painter, QPointF(x, y), levels.copies - 14, name, copy.t)


def _indexed(painter: QPainter, at: QPointF, top: float, name: str, t: int) -> None:
    """A joint of a sequence's line, and beside what branches off there its name with the step."""
    _dot(painter, at)
    painter.setPen(theme().secondary)
    painter.drawText(QRectF(at.x() + 5, top, 60, 13), _LEFT, f"{name}{below(t)}")


def _dot(painter: QPainter, at: QPointF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks().wire)
    painter.drawEllipse(at, 2.2, 2.2)


def _dots(painter: QPainter, gap: Gap, levels: tuple[float, ...]) -> None:
    """Three dots in the place of a line."""
    middle = gap.left + gap.width / 2
    for y in levels:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inks().body)
        painter.drawRect(QRectF(middle - 12, y - 2, 24, 4))
        painter.setBrush(inks().wire)
        for off in (-7.0, 0.0, 7.0):
            painter.drawEllipse(QPointF(middle + off, y), 1.5, 1.5)


def _arrows(painter: QPainter, told: Told, copies: tuple[Copy, ...], gaps: tuple[Gap, ...]) -> None:
    """A state from copy to copy; from the edge into the first, and out of the last."""
    rolled, levels = told.rolled, places.levels(told.rolled)
    rights = [0.0, *(copy.left + places.COPY for copy in copies)]
    lefts = [*(copy.left for copy in copies), levels.width]
    for y in levels.states:
        for place, (start, end) in enumerate(zip(rights, lefts, strict=True)):
            if end - start <= 1.0:
                continue
            copy = copies[place] if place < len(copies) else None
            lit = copy is not None and copy.t == told.lit
            colour = theme().phase(told.phase) if lit else inks().wire
            _wire_pen(painter, colour, dotted=place == len(copies))
            painter.drawLine(QPointF(start, y), QPointF(end, y))
            if place == len(copies):
                continue
            if lit and told.phase == "backward":
                _arrowhead(painter, QPointF((start + end) / 2, y), QPointF(-1, 0), colour, 5.0)
            else:
                _arrowhead(painter, QPointF(end - 4, y), QPointF(1, 0), colour)
    for gap in gaps:
        _dots(painter, gap, levels.states)
    _names_of_states(painter, rolled, copies)
    _fed_back(painter, rolled, copies)


def _fed_back(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    """Outputs that are the input of the next copy: dashed, as a sequence may stand in for them."""
    levels = places.levels(rolled)
    for place, pair in enumerate(rolled.backs):
        y = levels.back(place)
        for before, after in itertools.pairwise(copies):
            start, end = before.left + places.COPY, after.left
            if end - start < 1.0:
                continue
            painter.setPen(QPen(inks().wire, 1.6, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(start, y), QPointF(end, y))
            _arrowhead(painter, QPointF(end - 4, y), QPointF(1, 0), inks().wire)
            painter.setFont(text_font(9))
            painter.setPen(theme().secondary)
            painter.drawText(
                QRectF(start - 10, y - 14, end - start + 20, 13), _CENTRE, f"{pair.output}→{pair.input}"
            )


def _names_of_sockets(painter: QPainter, shape: NodeShape) -> None:
    """Above the lines that begin or end at them."""
    painter.setFont(text_font(10))
    painter.setPen(theme().secondary)
    room = places.SIDE - 14.0
    for name, y in zip(shape.inputs, shape.input_rows, strict=True):
        text = metrics(10).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(9, y - 14, room, 13), _LEFT, text)
    for name, y in zip(shape.outputs, shape.output_rows, strict=True):
        text = metrics(10).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(shape.width - 9 - room, y - 14, room, 13), _RIGHT, text)


def _names_of_states(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    levels = places.levels(rolled)
    painter.setFont(text_font(10))
    painter.setPen(theme().secondary)
    for before, after in itertools.pairwise(copies):
        if after.t - before.t > 1 or after.left - before.left < places.COPY:
            continue
        for pair, y in zip(rolled.states, levels.states, strict=True):
            name = metrics(10).elidedText(pair.output, Qt.TextElideMode.ElideRight, places.BETWEEN - 4)
            painter.drawText(QRectF(before.left + places.COPY, y - 15, places.BETWEEN, 13), _CENTRE, name)


def _copy(painter: QPainter, told: Told, copy: Copy, detail: Detail, zoom: float) -> None:
    levels = places.levels(told.rolled)
    rect = levels.copy_rect(copy)
    lit, hovered = copy.t == told.lit, copy.t == told.hovered
    colour = theme().phase(told.phase) if lit else theme().secondary if hovered else inks().border
    ground = mix(inks().body, theme().phase(told.phase), 0.12) if lit else inks().well
    dashed = Qt.PenStyle.DashLine if lit and told.phase == "backward" else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour, 2.4 if lit else 1.2, dashed))
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, 7, 7)
    if detail == Detail.NEAR:
        painter.save()
        painter.translate(rect.topLeft())
        _title(painter, told, copy)
        _cell(painter, told, lit)
        painter.restore()
    for place, pair in enumerate(told.rolled.states):
        _state(painter, told, copy, place, pair, detail, zoom)


def _title(painter: QPainter, told: Told, copy: Copy) -> None:
    """ "t = 3", and while gradients are on show the norm of that of the first state."""
    line = QRectF(8, 1, places.COPY - 16, places.TITLE - 2)
    painter.setFont(number_font(11, 600))
    painter.setPen(theme().text)
    painter.drawText(line, _LEFT, f"t = {copy.t}")
    grad = told.grad(copy.t, 0) if told.rolled.states else None
    if grad is not None:
        painter.setFont(number_font(10))
        painter.setPen(theme().backward)
        painter.drawText(line, _RIGHT, f"∂ ‖{numbers.number(grad.stats.norm, 2)}‖")


def _cell(painter: QPainter, told: Told, lit: bool) -> None:
    """The cell in small; the node that is computed, and what is pointed at, stand out."""
    cell = told.cell
    painter.setPen(QPen(inks().wire_far, 1.0))
    draw_lines(painter, cell.wires)
    for node, family, (x, y, width, height) in zip(
        cell.nodes, cell.families, cell.rects.tolist(), strict=True
    ):
        rect, now = QRectF(x, y, width, height), lit and node == told.inner
        painter.setPen(QPen(theme().phase(told.phase), 1.8) if now else Qt.PenStyle.NoPen)
        painter.setBrush(inks().family(family) if now or node in told.pointed else inks().far(family))
        painter.drawRoundedRect(rect, 1.5, 1.5)
        if node in told.pointed:
            painter.setPen(QPen(theme().accent, 1.6, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-2.5, -2.5, 2.5, 2.5), 2.5, 2.5)


def _state(
    painter: QPainter, told: Told, copy: Copy, place: int, pair: Pair, detail: Detail, zoom: float
) -> None:
    """The value of a state after a step, and under it its gradient when that is here."""
    levels = places.levels(told.rolled)
    room = levels.state_rect(copy, place)
    value, grad = told.value(copy.t, place), told.grad(copy.t, place)
    if detail == Detail.NEAR:
        painter.setFont(text_font(10))
        painter.setPen(theme().secondary)
        name = metrics(10).elidedText(pair.output, Qt.TextElideMode.ElideRight, 14.0)
        painter.drawText(QRectF(copy.left + 6, room.top(), 14, room.height()), _LEFT, name)
    upper = room if grad is None else QRectF(room.left(), room.top(), room.width(), room.height() - 6)
    draw_strip(painter, upper, value, zoom, told.scale(value) if value is not None else 1.0)
    if grad is not None:
        lower = QRectF(room.left(), room.bottom() - 5, room.width(), 5)
        draw_strip(painter, lower, grad, zoom, told.scale(grad))
        painter.setPen(QPen(theme().backward, 1.0))
        painter.drawLine(lower.topLeft() - QPointF(3, 0), lower.bottomLeft() - QPointF(3, 0))


def _gap(painter: QPainter, told: Told, gap: Gap) -> None:
    """How many copies are left out."""
    levels = places.levels(told.rolled)
    count = gap.last - gap.first + 1
    box = places.PICTURE_ROOM.translated(0, levels.copies)
    box.setLeft(gap.left)
    box.setWidth(gap.width)
    painter.setPen(theme().secondary)
    painter.setFont(text_font(18, 600))
    painter.drawText(box.adjusted(0, -18, 0, 0), _CENTRE, "⋯")
    painter.setFont(text_font(10))
    painter.drawText(box.adjusted(0, 14, 0, 0), _CENTRE, f"{count:,}\nmore")


def _cuts(painter: QPainter, told: Told, copies: tuple[Copy, ...]) -> None:
    """A dashed line before each copy from which no gradient comes back, and the sign ∂ crossed out."""
    levels = places.levels(told.rolled)
    for before, copy in itertools.pairwise(copies):
        if not any(told.rolled.is_cut(t) for t in range(before.t + 1, copy.t + 1)) or told.openness < 1.0:
            continue
        x = copy.left - places.BETWEEN / 2
        painter.setPen(QPen(theme().backward, 1.8, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, levels.copies - 4), QPointF(x, levels.copies + levels.copy + 4))
        box = QRectF(x - 9, levels.copies + 4, 18, 18)
        painter.setPen(QPen(theme().backward, 1.4))
        painter.setBrush(theme().panel)
        painter.drawEllipse(box)
        painter.setFont(number_font(11, 600))
        painter.drawText(box, _CENTRE, "∂")
        painter.drawLine(box.topRight() + QPointF(-4, 4), box.bottomLeft() + QPointF(4, -4))


def _rail(painter: QPainter, told: Told) -> None:
    """The line of time, the part of it that is drawn, and the knob at the step one looks at."""
    rolled, levels = told.rolled, places.levels(told.rolled)
    if not levels.rail:
        return
    rail, y = levels.rail_rect, levels.rail
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(inks().body, theme().secondary, 0.35))
    painter.drawRoundedRect(QRectF(rail.left(), y - 1.5, rail.width(), 3), 1.5, 1.5)
    drawn = places.chosen(rolled.steps, told.at)
    painter.setBrush(alpha(theme().accent, 0.75))
    start, end = places.along(rolled, drawn[1]), places.along(rolled, drawn[-2])
    painter.drawRoundedRect(QRectF(start - 1.5, y - 2, end - start + 3, 4), 2, 2)
    if told.lit >= 0:
        painter.setBrush(theme().phase(told.phase))
        painter.drawRect(QRectF(places.along(rolled, told.lit) - 1.5, y - 7, 3, 14))
    _knob(painter, QPointF(places.along(rolled, told.at), y))
    painter.setFont(number_font(10))
    painter.setPen(theme().secondary)
    painter.drawText(QRectF(rail.left() - 62, y - 7, 52, 14), _RIGHT, "t = 0")
    painter.drawText(QRectF(rail.right() + 8, y - 7, 54, 14), _LEFT, f"{rolled.steps - 1:,}")


def _knob(painter: QPainter, at: QPointF) -> None:
    painter.setPen(QPen(theme().accent, 1.6))
    painter.setBrush(inks().body)
    painter.drawEllipse(at, 5.0, 5.0)


# The header of both


def draw_switch(painter: QPainter, shape: NodeShape, unrolled: bool, hovered: bool) -> None:
    """The switch between the two drawings, at the right of the header."""
    rect = places.switch_rect(shape.width)
    if hovered:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(alpha(theme().text, 0.12))
        painter.drawRoundedRect(rect, 5, 5)
    colour = theme().text if hovered else theme().secondary
    icons.paint(painter, "fold" if unrolled else "unroll", rect.adjusted(2, 2, -2, -2), colour)


def draw_slider(painter: QPainter, shape: NodeShape, told: Told) -> None:
    """T as words and as a slider, left of the switch."""
    rail, steps = places.slider_rect(shape.width), told.setting or told.rolled.steps
    y, knob = rail.center().y(), places.knob(shape.width, steps)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(inks().body, theme().secondary, 0.45))
    painter.drawRoundedRect(QRectF(rail.left(), y - 1.5, rail.width(), 3), 1.5, 1.5)
    painter.setBrush(theme().accent)
    painter.drawRoundedRect(QRectF(rail.left(), y - 1.5, knob - rail.left(), 3), 1.5, 1.5)
    _knob(painter, QPointF(knob, y))
    painter.setFont(number_font(11, 600))
    painter.setPen(theme().accent if told.setting else theme().text)
    painter.drawText(QRectF(rail.left() - 152, 0, 140, places.HEADER), _RIGHT, _t_words(told, steps))


def _t_words(told: Told, steps: int) -> str:
    return step_words(told) if not told.setting and told.lit >= 0 else f"T = {steps:,}"
