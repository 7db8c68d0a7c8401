"""An Unroll node on screen: folded, a card with the loop of each state; unrolled, copies of the cell in time.

States go from copy to copy, sequences come in from below and go out above. What is computed is ringed, solid forward
and dashed backward; a cut of the gradient is a dashed line between two copies, with its sign.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...graph.drawn import unrolled as places
from ...graph.drawn.shapes import Form, NodeShape
from ...graph.drawn.unrolled import Copy, Gap, Pair, Rolled
from .. import icons, numbers
from ..colour import alpha, mix
from ..theme import theme
from .batches import draw_lines, draw_rects
from .detail import Detail
from .draw_loop import arrowhead, draw_loops
from .ink import inks, metrics, number_font, text_font
from .looks import Look
from .rects import rail_rect, slider_rect, switch_rect
from .thumbnails import draw_strip
from .unroll_told import Told, below, step_words

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter


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
    _fed_back(painter, told.rolled, copies)
    for copy in copies:
        _copy(painter, told, copy, detail, zoom)
    _cuts(painter, told, copies)
    if detail == Detail.NEAR:
        _indices(painter, told.rolled, copies)
        _names_between(painter, told.rolled, copies)
        _names_of_sockets(painter, shape)
        for gap in gaps if told.openness == 1.0 else ():
            _gap(painter, told, gap)
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
    _joints(painter, rolled, copies)


def _giving(rolled: Rolled, place: int, copies: tuple[Copy, ...]) -> tuple[Copy, ...]:
    """The copies that an output of the node comes from."""
    return copies[-1:] if rolled.gives[place][1] == "last" else copies


def _joints(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    """Where lines branch off to copies, and the arrowheads where they go in."""
    levels = places.levels(rolled)
    for copy in copies:
        for place, y in enumerate(levels.feeds):
            x = places.stub(copy, place, len(rolled.feeds))
            arrowhead(
                painter, QPointF(x, levels.copies + levels.copy + 3.5), QPointF(0, -1), inks().wire, 3.6
            )
            _dot(painter, QPointF(x, y))
    for place, y in enumerate(levels.gives):
        for copy in _giving(rolled, place, copies):
            _dot(painter, QPointF(places.stub(copy, place, len(rolled.gives)), y))


def _indices(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    """x₀ beside the line into the first copy, and so on."""
    levels = places.levels(rolled)
    painter.setFont(text_font(10))
    painter.setPen(theme().secondary)
    for copy in copies:
        for place, name in enumerate(rolled.feeds):
            x = places.stub(copy, place, len(rolled.feeds)) + 5
            top = levels.copies + levels.copy + 1
            painter.drawText(QRectF(x, top, 60, 13), _LEFT, f"{name}{below(copy.t)}")
    for place, (name, _) in enumerate(rolled.gives):
        for copy in _giving(rolled, place, copies):
            x = places.stub(copy, place, len(rolled.gives)) + 5
            painter.drawText(QRectF(x, levels.copies - 14, 60, 13), _LEFT, f"{name}{below(copy.t)}")


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
    levels = places.levels(told.rolled)
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
                arrowhead(painter, QPointF((start + end) / 2, y), QPointF(-1, 0), colour, 5.0)
            else:
                arrowhead(painter, QPointF(end - 4, y), QPointF(1, 0), colour)
    for gap in gaps:
        _dots(painter, gap, levels.states)


def _fed_back(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    """Outputs that are the input of the next copy: dashed, as a sequence may stand in for them."""
    levels = places.levels(rolled)
    for place in range(len(rolled.backs)):
        y = levels.back(place)
        for before, after in itertools.pairwise(copies):
            start, end = before.left + places.COPY, after.left
            if end - start < 1.0:
                continue
            painter.setPen(QPen(inks().wire, 1.6, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(start, y), QPointF(end, y))
            arrowhead(painter, QPointF(end - 4, y), QPointF(1, 0), inks().wire)


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


def _names_between(painter: QPainter, rolled: Rolled, copies: tuple[Copy, ...]) -> None:
    """What goes from copy to copy, above its arrow, on a ground that hides the line of a cut."""
    levels = places.levels(rolled)
    named = [(pair.output, y) for pair, y in zip(rolled.states, levels.states, strict=True)]
    named += [(f"{pair.output}→{pair.input}", levels.back(k)) for k, pair in enumerate(rolled.backs)]
    painter.setFont(text_font(10))
    for before, after in itertools.pairwise(copies):
        if after.t - before.t > 1 or after.left - before.left < places.COPY:
            continue
        for text, y in named:
            name = metrics(10).elidedText(text, Qt.TextElideMode.ElideRight, places.BETWEEN - 4)
            box = QRectF(before.left + places.COPY, y - 15, places.BETWEEN, 12)
            width = metrics(10).horizontalAdvance(name)
            painter.fillRect(
                box.adjusted((box.width() - width) / 2, 1, -(box.width() - width) / 2, -1), inks().body
            )
            painter.setPen(theme().secondary)
            painter.drawText(box, _CENTRE, name)


def _copy(painter: QPainter, told: Told, copy: Copy, detail: Detail, zoom: float) -> None:
    levels = places.levels(told.rolled)
    rect = QRectF(*levels.copy_box(copy))
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
    else:
        painter.setFont(number_font(min(round(10 / zoom), 26), 600))
        painter.setPen(theme().text)
        painter.drawText(rect.adjusted(0, 4, 0, -rect.height() / 2), _CENTRE, f"t = {copy.t}")
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
    painter.setPen(Qt.PenStyle.NoPen)
    for family in dict.fromkeys(cell.families):
        painter.setBrush(inks().far(family))
        draw_rects(painter, cell.rects[[name == family for name in cell.families]])
    special = {*told.pointed, *((told.inner,) if lit else ())}
    for node, family, (x, y, width, height) in zip(
        cell.nodes, cell.families, cell.rects.tolist(), strict=True
    ):
        if node not in special:
            continue
        rect, now = QRectF(x, y, width, height), lit and node == told.inner
        painter.setPen(QPen(theme().phase(told.phase), 1.8) if now else Qt.PenStyle.NoPen)
        painter.setBrush(inks().family(family))
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
    room = QRectF(*levels.state_box(copy, place))
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
    box = QRectF(*places.PICTURE_ROOM).translated(0, levels.copies)
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
        painter.drawLine(QPointF(x, levels.copies - 4), QPointF(x, levels.copies + levels.copy + 6))
        box = QRectF(x - 8, levels.copies - 8, 16, 16)
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
    rail, y = rail_rect(levels), levels.rail
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


# Far out


def draw_far_copies(painter: QPainter, rect: NDArray[np.float64], rolled: Rolled) -> None:
    """The copies as blocks in the node at that rectangle. `painter`: canvas units."""
    levels = places.levels(rolled)
    copies, _ = places.lie(rolled.steps)
    rows = [(rect[0] + copy.left, rect[1] + levels.copies, places.COPY, levels.copy) for copy in copies]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme().canvas, inks().family("Structure"), 0.2))
    draw_rects(painter, np.array(rows, dtype=np.float64))


# The header of both


def draw_switch(painter: QPainter, shape: NodeShape, unrolled: bool, hovered: bool) -> None:
    """The switch between the two drawings, at the right of the header."""
    rect = switch_rect(shape.width)
    if hovered:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(alpha(theme().text, 0.12))
        painter.drawRoundedRect(rect, 5, 5)
    colour = theme().text if hovered else theme().secondary
    icons.paint(painter, "fold" if unrolled else "unroll", rect.adjusted(2, 2, -2, -2), colour)


def draw_slider(painter: QPainter, shape: NodeShape, told: Told) -> None:
    """T as words and as a slider, left of the switch."""
    rail, steps = slider_rect(shape.width), told.setting or told.rolled.steps
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
