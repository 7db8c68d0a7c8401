"""The size of the gradient at each node, in topological order: where it vanishes or explodes is seen at a glance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from ...engine.messages import TensorKey
from .. import numbers
from ..painting import painting
from ..session import Session
from ..theme import mono_font, theme, ui_font
from .live import LivePanel, header_switch
from .registry import panel

ROW, HIGHEST = 16, 30  # pixels
AXIS = 16  # below the bars: the powers of ten
NUMBER = 62  # right of a bar: its number
MOST = 400  # nodes watched at once


@dataclass(frozen=True)
class Bar:
    """One line: whose gradient it is, its Euclidean norm, and whether this step computed it."""

    node: str
    label: str
    norm: float
    fresh: bool


@panel("gradients", "Gradient norm per node", "bottom", 20)
class GradientsPanel(LivePanel):
    """Bars on a logarithmic scale; a click selects the node."""

    picture = "gradients"
    limit = 1

    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.bars = Bars(session, self)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self.bars)
        self._of_parameters = False
        self.set_content(scroll)

    def header_tools(self) -> list[QWidget]:
        tip = "Gradients of the parameters instead of those of the nodes' outputs"
        return [header_switch("parameters", tip, False, self.show_parameters)]

    def show_parameters(self, on: bool) -> None:
        self._of_parameters = on
        self.graph_changed()

    def keys(self) -> list[TensorKey]:
        inference = self.session.seen.whole
        if self._of_parameters:
            return [TensorKey("grad", *end) for end in islice(inference.learnables, MOST)]
        firsts: dict[str, str] = {}
        for node, output in inference.specs:  # the aliases of groups and points are no nodes
            if node in inference.nodes and node not in inference.unhealthy:
                firsts.setdefault(node, output)
            if len(firsts) == MOST:
                break
        return [TensorKey("grad", node, output) for node, output in firsts.items()]

    def present(self) -> list[Bar]:
        """A bar for everything watched that has a gradient."""
        nodes, found = self.session.seen.whole.nodes, []
        for key in self.keys():
            tensor = self.session.tensor_at(key)
            if tensor is not None and key.node in nodes:
                label = nodes[key.node].path + (f".{key.socket}" if self._of_parameters else "")
                found.append(Bar(key.node, label, float(tensor.stats.norm), tensor.fresh))
        return found

    def missing(self) -> bool:
        if self.present():
            return False
        self.say_nothing_runs(
            "How large the gradient is at each node stands here after a backward pass.", "backward"
        )
        return True

    def redraw(self) -> None:
        self.bars.set_bars(self.present())

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        what = "parameter" if self._of_parameters else "node"
        return [what, "gradient norm", "of this step"], [
            (bar.label, bar.norm, bar.fresh) for bar in self.present()
        ]


class Bars(QWidget):
    """Draws the bars; the longest takes the room there is."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._bars: list[Bar] = []
        self._hover = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)

    def set_bars(self, bars: list[Bar]) -> None:
        if len(bars) != len(self._bars):
            self.setMinimumHeight(len(bars) * ROW + AXIS)
        self._bars = bars
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, len(self._bars) * ROW + AXIS)

    @property
    def _row_height(self) -> float:
        """Few rows are as high as there is room for."""
        return min(max((self.height() - AXIS) / max(len(self._bars), 1), ROW), HIGHEST)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, tall = theme(), self._row_height
        span = _span([bar.norm for bar in self._bars])
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(ui_font(11))
            widest = max((painter.fontMetrics().horizontalAdvance(b.label) for b in self._bars), default=0)
            left = min(widest, self.width() // 3) + 20
            frame = QRectF(left, 0, max(self.width() - left - NUMBER, 20), len(self._bars) * tall)
            self._paint_decades(painter, frame, span)
            for row, bar in enumerate(self._bars):
                top = row * tall
                if top > event.rect().bottom() or top + tall < event.rect().top():
                    continue
                warm = row == self._hover or bar.node in self._session.selection
                painter.setFont(ui_font(11))
                painter.setPen(now.text if warm else now.secondary)
                cut = painter.fontMetrics().elidedText(bar.label, Qt.TextElideMode.ElideMiddle, left - 16)
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(0, top, left - 8, tall), right, cut)
                self._paint_bar(painter, bar, QRectF(left, top + 2, frame.width(), tall - 4), span)

    def _paint_decades(self, painter: QPainter, frame: QRectF, span: tuple[float, float]) -> None:
        """A line for each power of ten: the scale is logarithmic."""
        now, (low, high) = theme(), span
        painter.setFont(mono_font(10))
        free = frame.left() - 1
        for power in range(math.ceil(low), math.floor(high) + 1):
            x = frame.left() + frame.width() * (power - low) / (high - low)
            painter.setPen(QPen(now.line, 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, frame.bottom()))
            text = f"{10.0**power:g}"
            wide = painter.fontMetrics().horizontalAdvance(text)
            if x - wide / 2 >= free and frame.bottom() + AXIS <= self.height() + 1:
                painter.setPen(now.secondary)
                place = QRectF(x - wide / 2 - 2, frame.bottom(), wide + 4, AXIS)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
                free = x + wide / 2 + 10

    def _paint_bar(self, painter: QPainter, bar: Bar, frame: QRectF, span: tuple[float, float]) -> None:
        now = theme()
        bad = not math.isfinite(bar.norm)
        share = 1.0 if bad else _share(bar.norm, *span)
        colour = now.error if bad else now.backward
        fill = now.tint(colour, 0.45 + 0.45 * share if bar.fresh else 0.22, now.panel)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        wide = max(frame.width() * share, 2.0)
        if not bar.fresh:  # hollow: of an earlier pass
            painter.setPen(QPen(now.tint(colour, 0.6, now.panel), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(frame.left(), frame.top(), wide, frame.height()), 3, 3)
        painter.setFont(mono_font(10))
        painter.setPen(now.text if bar.fresh else now.secondary)
        text = QRectF(frame.left() + wide + 6, frame.top() - 2, NUMBER, frame.height() + 4)
        told = numbers.number(bar.norm) + ("" if bar.fresh else " ○")
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, told)

    def _row(self, event: QMouseEvent) -> int:
        row = int(event.position().y() // self._row_height)
        return row if 0 <= row < len(self._bars) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row(event)
        if row != self._hover:
            self._hover = row
            self._session.hovered.emit(self._session.seen.here(self._bars[row].node) if row >= 0 else "")
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self._session.hovered.emit("")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row(event)
        if row >= 0:
            self._session.select_key(self._bars[row].node)


def _span(norms: list[float]) -> tuple[float, float]:
    """log₁₀ of the ends of the scale: from a whole decade to the greatest norm, over two decades to twelve."""
    logs = [math.log10(norm) for norm in norms if norm > 0 and math.isfinite(norm)]
    if not logs:
        return -1.0, 0.0
    high = max(logs)
    low = min(math.floor(min(logs) - 0.01), math.floor(high - 2))
    return float(max(low, math.ceil(high - 12))), high


def _share(norm: float, low: float, high: float) -> float:
    if norm <= 0:
        return 0.0
    return min(max((math.log10(norm) - low) / (high - low), 0.0), 1.0)
