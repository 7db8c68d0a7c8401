"""The loop of training drawn: five stages with arrows between them, and the way back to the first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ...engine.circuit import STAGES
from .. import icons
from ..painting import painting
from ..theme import mono_font, theme, theme_changed, ui_font

GAP, BACK, EDGE = 26, 22, 4  # between stages, of the way back, around all
LEAST, LOW = 108, 50  # pixels of a stage's width and height, below which they are arranged in another way
TALLEST = 88
TICK = 40  # milliseconds between two pictures of what goes round
ROUND = 1.6  # seconds that a round takes there
ICONS = {"batch": "data", "forward": "forward", "loss": "loss", "backward": "backward", "update": "update"}


Laid = tuple[list[QRect], list[list[QPointF]]]  # the stages, and the way from each to the next


@dataclass(frozen=True)
class Holding:
    """What a stage shows. state: "now", "done", "later" or "none". share: how much of it is done, for its bar."""

    state: str = "later"
    head: str = ""
    more: str = ""
    share: float = 0.0
    tip: str = ""


def colour_of(stage: str) -> QColor:
    """Its phase's colour; data and loss have those of their families."""
    now = theme()
    return {"batch": now.family("Input"), "loss": now.family("Loss")}.get(stage, now.phase(stage))


class Stage(QAbstractButton):
    """One stage: lit by its colour, a thick edge and a mark while it is the present one."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.name, self.holding = name, Holding()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name.capitalize())

    def show_holding(self, holding: Holding) -> None:
        if holding == self.holding:
            return
        self.holding = holding
        words = {"now": "the present stage", "done": "done", "later": "not yet", "none": "not in this graph"}
        told = ", ".join(part for part in (words[holding.state], holding.head, holding.more) if part)
        self.setAccessibleDescription(told)
        self.setToolTip(holding.tip)
        self.setEnabled(holding.state != "none")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(132, 84)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, held, colour = theme(), self.holding, colour_of(self.name)
        is_now = held.state == "now"
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
            ground = now.tint(colour, 0.20 if is_now else 0.05, now.raised)
            if self.isDown() or self.underMouse():
                ground = now.tint(now.text, 0.07, ground)
            edge = now.accent if self.hasFocus() else colour if is_now else now.line
            painter.setPen(QPen(edge, 2.5 if is_now or self.hasFocus() else 1.0))
            painter.setBrush(ground if self.isEnabled() else now.panel)
            painter.drawRoundedRect(frame, 9, 9)
            self._paint_words(painter, frame, colour)
            self._paint_bar(painter, frame, colour)

    def _paint_words(self, painter: QPainter, frame: QRectF, colour: QColor) -> None:
        now, held = theme(), self.holding
        words = now.text if self.isEnabled() else now.faint
        is_tinted = held.state == "now" or self.underMouse()  # on which grey would not be read
        grey = now.text if is_tinted else now.secondary if self.isEnabled() else now.faint
        inside = frame.adjusted(9, 6, -8, -6)
        is_low = frame.height() < LOW
        side = 15 if inside.width() > 84 else 0  # where room is short the name says it all
        if side:
            place = QRectF(inside.left() - 1, inside.top() + 1, side, side)
            icons.paint(painter, ICONS[self.name], place, colour)
        painter.setPen(words)
        painter.setFont(ui_font(12, ui_font().Weight.DemiBold))
        title = inside.adjusted(side + 4 if side else 0, 0, -12, 0)
        name = self.name.capitalize()
        painter.drawText(QRectF(title.left(), title.top(), title.width(), 17), 0, name)
        self._paint_mark(painter, QRectF(inside.right() - 9, inside.top() + 3, 10, 10), colour)
        if is_low:  # what it holds stands beside its name, where that fits
            taken = painter.fontMetrics().horizontalAdvance(name) + 10
            self._write(painter, held.head, mono_font(11), title.adjusted(taken, 1, -4, 0), grey)
            return
        below = inside.adjusted(0, 21, 0, 0)
        self._write(painter, held.head, mono_font(12), below, words)
        if below.height() >= 30:
            self._write(painter, held.more, ui_font(11), below.adjusted(0, 17, 0, 0), grey)

    def _write(self, painter: QPainter, text: str, font: QFont, room: QRectF, ink: QColor) -> None:
        """One line, cut short where it is longer than the room; nothing where there is next to none."""
        if room.width() < 28:
            return
        painter.setFont(font)
        painter.setPen(ink)
        fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(QRectF(room.left(), room.top(), room.width(), 16), 0, fitted)

    def _paint_mark(self, painter: QPainter, frame: QRectF, colour: QColor) -> None:
        """A filled triangle for the present stage, a tick for one that is done: the same is told without colour."""
        if self.holding.state == "now":
            path = QPainterPath(frame.topLeft())
            path.lineTo(frame.right(), frame.center().y())
            path.lineTo(frame.bottomLeft())
            painter.fillPath(path, colour)
        elif self.holding.state == "done":
            icons.paint(painter, "check", frame.adjusted(-2, -2, 2, 2), theme().secondary)

    def _paint_bar(self, painter: QPainter, frame: QRectF, colour: QColor) -> None:
        share = 1.0 if self.holding.state == "done" else self.holding.share
        if share <= 0 or not self.isEnabled():
            return
        bar = QRectF(frame.left() + 9, frame.bottom() - 5, frame.width() - 18, 2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().line)
        painter.drawRoundedRect(bar, 1, 1)
        painter.setBrush(colour)
        painter.drawRoundedRect(
            QRectF(bar.left(), bar.top(), bar.width() * min(share, 1.0), bar.height()), 1, 1
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        track = self.parent()
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in moves and isinstance(track, LoopTrack):
            track.move_focus(self.name, moves[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class LoopTrack(QWidget):
    """`chosen` tells of a stage that was clicked. It lies in a row, a column or a ring, as there is room."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stages = {name: Stage(name, self) for name in STAGES}
        self._ways: list[list[QPointF]] = []  # from each stage to the next
        self._round: list[QPointF] = []  # all the way; what goes along it passes behind the stages
        self._phase = 0.0
        self._turning = QTimer(self)
        self._turning.setInterval(TICK)
        self._turning.timeout.connect(self._turn)
        for name, stage in self.stages.items():
            stage.clicked.connect(lambda _=False, n=name: self.chosen.emit(n))
        self.setAccessibleName("The loop of training")
        theme_changed.connect(self.update)

    def show_holdings(self, holdings: dict[str, Holding], turning: bool) -> None:
        """turning: it goes round too fast to light one stage; a dot then goes round the track."""
        for name, holding in holdings.items():
            self.stages[name].show_holding(holding)
        if turning and not self._turning.isActive():
            self._turning.start()
        elif not turning and self._turning.isActive():
            self._turning.stop()
            self.update()

    @property
    def is_turning(self) -> bool:
        return self._turning.isActive()

    def hideEvent(self, event: object) -> None:
        self._turning.stop()

    def move_focus(self, name: str, by: int) -> None:
        """To the stage so many places on, round and round."""
        able = [stage for stage in STAGES if self.stages[stage].isEnabled()]
        self.stages[able[(able.index(name) + by) % len(able)]].setFocus(Qt.FocusReason.TabFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(300, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 84)

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide, tall = self.width() - 2 * EDGE, self.height() - 2 * EDGE
        if wide >= 5 * LEAST + 4 * GAP:
            frames, self._ways = self._in_a_row(wide, tall)
        elif tall >= 5 * LOW + 4 * GAP // 2:
            frames, self._ways = self._in_a_column(wide, tall)
        else:
            frames, self._ways = self._in_a_ring(wide, tall)
        for stage, frame in zip(self.stages.values(), frames, strict=True):
            stage.setGeometry(frame)
        middles = [QPointF(frame.center()) for frame in frames]
        self._round = [point for k, way in enumerate(self._ways) for point in (middles[k], *way)] + middles[
            :1
        ]

    def _in_a_row(self, wide: int, tall: int) -> Laid:
        across, high = min((wide - 4 * GAP) // 5, 220), max(34, min(tall - BACK, TALLEST))
        left = EDGE + (wide - 5 * across - 4 * GAP) // 2
        frames = [QRect(left + k * (across + GAP), EDGE, across, high) for k in range(5)]
        ways = [_straight(a, b) for a, b in pairwise(frames)]
        first, last = frames[0].center().x(), frames[-1].center().x()
        top, low = EDGE + high + 1, EDGE + high + BACK / 2 + 2
        return frames, [*ways, _corners((last, top), (last, low), (first, low), (first, top + 1))]

    def _in_a_column(self, wide: int, tall: int) -> Laid:
        gap = GAP // 2 + 2
        high = min((tall - 4 * gap) // 5, TALLEST)
        frames = [QRect(EDGE + BACK, EDGE + k * (high + gap), wide - BACK, high) for k in range(5)]
        ways = [_straight(a, b) for a, b in pairwise(frames)]
        left, out = EDGE + BACK - 1, EDGE + BACK / 2 - 2
        first, last = frames[0].center().y(), frames[-1].center().y()
        return frames, [*ways, _corners((left, last), (out, last), (out, first), (left, first))]

    def _in_a_ring(self, wide: int, tall: int) -> Laid:
        """Three go there, two come back below them."""
        gap = 16
        high = max(26, min((tall - gap) // 2, TALLEST))
        three, two = (wide - 2 * gap) // 3, (wide - gap) // 2
        frames = [QRect(EDGE + k * (three + gap), EDGE, three, high) for k in range(3)]
        low = EDGE + high + gap
        frames += [QRect(EDGE + wide - two, low, two, high), QRect(EDGE, low, two, high)]
        ways = [_straight(a, b) for a, b in pairwise(frames)]
        right, left = frames[2].center().x(), frames[0].center().x()
        ways[2] = _corners((right, EDGE + high + 1), (right, low - 2))
        return frames, [*ways, _corners((left, low), (left, EDGE + high + 2))]

    def _turn(self) -> None:
        self._phase = (self._phase + TICK / 1000 / ROUND) % 1.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for way in self._ways:
                _arrow(painter, way, now.faint)
            if self.is_turning:
                painter.setPen(Qt.PenStyle.NoPen)
                for lag in range(3):
                    colour = QColor(now.accent)
                    colour.setAlphaF(1.0 - 0.3 * lag)
                    painter.setBrush(colour)
                    painter.drawEllipse(
                        _along(self._round, (self._phase - 0.03 * lag) % 1.0), 4 - lag, 4 - lag
                    )


def _corners(*corners: tuple[float, float]) -> list[QPointF]:
    return [QPointF(x, y) for x, y in corners]


def _straight(here: QRect, there: QRect) -> list[QPointF]:
    """From one stage to the next beside or below it, with a little room at both ends."""
    a, b = here.center(), there.center()
    if abs(b.x() - a.x()) > abs(b.y() - a.y()):
        if b.x() > a.x():
            return _corners((here.right() + 3, a.y()), (there.left() - 3, a.y()))
        return _corners((here.left() - 3, a.y()), (there.right() + 3, a.y()))
    return _corners((a.x(), here.bottom() + 2), (a.x(), there.top() - 1))


def _arrow(painter: QPainter, way: list[QPointF], colour: QColor) -> None:
    """A line along the corners, with a head at its end."""
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(way[0])
    for corner in way[1:]:
        path.lineTo(corner)
    painter.drawPath(path)
    tip, before = way[-1], way[-2]
    angle = math.atan2(tip.y() - before.y(), tip.x() - before.x())
    head = QPainterPath(tip)
    for turn in (2.6, -2.6):
        head.lineTo(tip + QPointF(7 * math.cos(angle + turn), 7 * math.sin(angle + turn)))
    head.closeSubpath()
    painter.fillPath(head, colour)


def _along(way: list[QPointF], share: float) -> QPointF:
    """The point that far along the corners."""
    lengths = [math.dist(a.toTuple(), b.toTuple()) for a, b in pairwise(way)]
    left = share * sum(lengths)
    for length, a, b in zip(lengths, way, way[1:], strict=False):
        if left <= length and length:
            return a + (b - a) * (left / length)
        left -= length
    return way[-1]
