"""How a wire in the hand looks: the shape that it carries, sockets lit or dim, what would come of it, and why not.

Everything is drawn in screen units, over the rest of the canvas.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ...colour import alpha
from ...theme import theme
from ..detail import Detail
from ..fitting import Fit, Verdict
from ..ink import inks, metrics, number_font, text_font
from ..rects import loose_path
from ..scene import SocketAt

if TYPE_CHECKING:
    from ..view import CanvasView
    from .connect import Connect

_BUDGET = 0.005  # seconds a frame may spend on judging sockets; the others are lit in the next
_WIDEST = 360.0
_PX = 11


def draw_hand(painter: QPainter, hand: Connect) -> None:
    """Draws everything that belongs to the drag."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _light_sockets(painter, hand)
    colour, dashed = _look(hand)
    far = _loose_end(hand)
    for origin in hand.origins:
        _wire(painter, hand, origin, far, QPen(colour, 2.4, _style(dashed)))
    if hand.target is not None:
        _light_target(painter, far, colour)
        for verdict in hand.fitting.verdicts(hand.target):
            _preview(painter, hand, verdict)
    _label(painter, hand, far, colour)
    _say(painter, hand, hand.reason())


def _style(dashed: bool) -> Qt.PenStyle:
    return Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine


def _look(hand: Connect) -> tuple[QColor, bool]:
    if hand.target is None:
        return theme().accent, False
    good = hand.fitting.of(hand.target) is Fit.GOOD
    return (theme().good, False) if good else (theme().error, True)


def _loose_end(hand: Connect) -> QPointF:
    if hand.target is None:
        return hand.at.screen
    return hand.view.camera.screen(hand.view.scene.socket_place(hand.target))


def _wire(painter: QPainter, hand: Connect, origin: SocketAt, far: QPointF, pen: QPen) -> None:
    near = hand.view.camera.screen(hand.view.scene.socket_place(origin))
    start, end = (far, near) if origin.is_input else (near, far)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(loose_path(start.x(), start.y(), end.x(), end.y()))


def _light_target(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(alpha(colour, 0.25))
    painter.drawEllipse(at, 14, 14)
    painter.setPen(QPen(colour, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, 9, 9)


# Sockets


def _light_sockets(painter: QPainter, hand: Connect) -> None:
    """Lit discs where the wire fits, dim crosses where it does not; sockets of the other kind fade."""
    view, zoom = hand.view, hand.view.camera.zoom
    nodes = view.scene.nodes_in(view.camera.world_rect(QRectF(view.rect())), 10 / zoom)
    names, places = view.scene.sockets(nodes.tolist())
    screen = places * zoom + np.array([view.camera.x, view.camera.y])
    seen = (screen > -10).all(axis=1) & (screen < [view.width() + 10, view.height() + 10]).all(axis=1)
    size = min(max(6.0 * zoom, 3.5), 8.0)
    until = time.perf_counter() + _BUDGET
    for k in np.flatnonzero(seen).tolist():
        socket, at = names[k], QPointF(*screen[k].tolist())
        if socket.is_input != hand.seeks_input:
            if socket not in hand.origins:
                _fade(painter, at, size)
            continue
        if not hand.fitting.is_known(socket) and time.perf_counter() > until:
            view.update()  # goes on in the next frame
            return
        if hand.fitting.of(socket) is Fit.GOOD:
            painter.setPen(QPen(theme().canvas, 1.5))
            painter.setBrush(theme().good)
            painter.drawEllipse(at, size, size)
        else:
            _cross(painter, at, size)


def _fade(painter: QPainter, at: QPointF, size: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(alpha(inks().body, 0.7))
    painter.drawEllipse(at, size, size)


def _cross(painter: QPainter, at: QPointF, size: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks().body)
    painter.drawEllipse(at, size, size)
    painter.setPen(QPen(theme().faint, 1.5))
    arm = size * 0.55
    painter.drawLine(at + QPointF(-arm, -arm), at + QPointF(arm, arm))
    painter.drawLine(at + QPointF(-arm, arm), at + QPointF(arm, -arm))


# Words


def _label(painter: QPainter, hand: Connect, far: QPointF, colour: QColor) -> None:
    """The shape that the wire carries, in its middle."""
    source = hand.target if hand.origins[0].is_input else hand.origins[0]
    if source is None:
        return
    text = hand.view.looks.shape_text(source.node, source.name)
    if not text:
        return
    ends = [hand.view.camera.screen(hand.view.scene.socket_place(o)) for o in hand.origins]
    middle = QPointF(sum(e.x() for e in ends) / len(ends), sum(e.y() for e in ends) / len(ends))
    _pill(painter, (middle + far) / 2, text, colour)


def _preview(painter: QPainter, hand: Connect, verdict: Verdict) -> None:
    """On the foot of the node that the wire enters: the shape that it would then give."""
    scene = hand.view.scene
    if verdict.node not in scene.index or hand.view.detail == Detail.FAR:
        return
    fits = verdict.fit is Fit.GOOD
    text = f"→ {verdict.result}" if verdict.result else "" if fits else "does not fit"
    if text:
        rect = hand.view.camera.screen_rect(scene.rect(verdict.node))
        at = QPointF(rect.center().x(), rect.bottom() - 9 * hand.view.camera.zoom)
        _pill(painter, at, text, theme().good if fits else theme().error)


def _pill(painter: QPainter, middle: QPointF, text: str, colour: QColor) -> None:
    width, height = metrics(_PX, 400, True).horizontalAdvance(text) + 14, _PX + 8.0
    box = QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)
    painter.setPen(QPen(colour, 1))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, height / 2, height / 2)
    painter.setPen(theme().text)
    painter.setFont(number_font(_PX))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _say(painter: QPainter, hand: Connect, reason: str) -> None:
    """Beside the pointer: why what is under it does not take the wire."""
    if not reason:
        return
    width = min(metrics(_PX).horizontalAdvance(reason) + 18, _WIDEST)
    text = QRectF(0, 0, width - 16, 1000)
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
    height = metrics(_PX).boundingRect(text, flags, reason).height() + 12
    ends = [hand.view.camera.screen(hand.view.scene.socket_place(o)) for o in hand.origins]
    box = box_beside(
        hand.at.screen, QSizeF(width, height), QRectF(hand.view.rect()), [*ends, _loose_end(hand)]
    )
    painter.setPen(QPen(theme().error, 1))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(theme().text)
    painter.setFont(text_font(_PX))
    painter.drawText(box.adjusted(8, 6, -8, -6), flags, reason)


def box_beside(at: QPointF, size: QSizeF, view: QRectF, sockets: Sequence[QPointF]) -> QRectF:
    """Where a box of that size goes beside a pixel: within the view, over none of the sockets and not the pixel.

    Below to the right if that is free, else above, else to the left; if nothing is free, where it hides least.
    """
    room, (w, h) = view.adjusted(6, 6, -6, -6), (size.width(), size.height())
    right, left = at.x() + 18, at.x() - 18 - w
    below, above = at.y() + 16, at.y() - 16 - h
    corners = [(right, below), (right, above), (left, below), (left, above)]
    corners += [(at.x() - w / 2, at.y() + far) for far in (28, -28 - h, 72, -72 - h)]
    corners += [(at.x() + far, at.y() - h / 2) for far in (80, -80 - w)]
    boxes = [_kept_in(QRectF(x, y, w, h), room) for x, y in corners]
    around = [QRectF(s.x() - 12, s.y() - 12, 24, 24) for s in (*sockets, at)]
    return min(boxes, key=lambda box: sum(box.intersects(near) for near in around))


def _kept_in(box: QRectF, room: QRectF) -> QRectF:
    box.moveRight(min(box.right(), room.right()))
    box.moveBottom(min(box.bottom(), room.bottom()))
    box.moveLeft(max(box.left(), room.left()))
    box.moveTop(max(box.top(), room.top()))
    return box


# Keys

_KEYS = (
    ("←↑↓→", "choose"),
    ("Enter", "plug in"),
    ("letters", "find"),
    ("Tab", "new node"),
    ("Del", "unplug"),
)


def draw_keys(painter: QPainter, view: CanvasView, name: str, typed: str) -> None:
    """Along the lower edge: where the wire comes from, and which keys lead it."""
    words = [(f"Wire at {name}", theme().text, False)]
    words += [
        part
        for key, what in _KEYS
        for part in ((key, theme().accent, True), (what, theme().secondary, False))
    ]
    words += [("Esc", theme().accent, True), ("drop", theme().secondary, False)]
    if typed:
        words = [("Looking for", theme().secondary, False), (typed, theme().text, True)]
    widths = [metrics(_PX, 400, mono).horizontalAdvance(text) for text, _, mono in words]
    gaps = [8.0 if mono else 16.0 for _, _, mono in words]
    total = sum(widths) + sum(gaps[:-1]) + 24
    box = QRectF((view.width() - total) / 2, view.height() - 40, total, 26)
    painter.setPen(QPen(theme().accent, 1))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, 13, 13)
    x = box.left() + 12
    for (text, colour, mono), width, gap in zip(words, widths, gaps, strict=True):
        painter.setPen(colour)
        painter.setFont(number_font(_PX) if mono else text_font(_PX))
        painter.drawText(QRectF(x, box.top(), width + 2, box.height()), Qt.AlignmentFlag.AlignVCenter, text)
        x += width + gap
