"""Wires: curves, the shapes they carry, faults red and dashed, and the gradient that flows back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap, QPolygonF

from ..painting import painting
from ..theme import theme
from .batches import draw_lines, segments
from .camera import Camera
from .detail import Detail
from .draw_spot import draw_spot_wires
from .ink import inks, metrics, number_font, take_pen
from .live import Flow, Live
from .looks import LookBook
from .rects import wire_path
from .scene import Key, Scene

_BENT = 3000  # wires in view up to which they are curves when far out; beyond, straight lines
_ROOM = 26.0  # a label is left out where the wire shows less than this beside it


class Emphasis(NamedTuple):
    """Wires that stand out: under the pointer, selected, about to take a node, in the hand (not drawn), to be cut."""

    hovered: Key | None = None
    selected: frozenset[Key] = frozenset()
    receiving: Key | None = None
    lifted: frozenset[Key] = frozenset()
    doomed: frozenset[Key] = frozenset()


class WirePainter:
    """Draws the wires of a scene."""

    def __init__(self, scene: Scene, looks: LookBook, live: Live) -> None:
        self._scene, self._looks, self._live = scene, looks, live
        self._paths: dict[Key, tuple[bytes, QPainterPath]] = {}
        self._pills: dict[tuple[str, str, float, int], QPixmap] = {}
        self._flows: dict[int, Flow | None] = {}  # of the frame that is being painted

    def forget(self) -> None:
        self._pills.clear()

    # Far out

    def draw_far(self, painter: QPainter, visible: NDArray[np.intp], emphasis: Emphasis) -> None:
        """All wires in one call each for the whole and the faulty. `painter` is in canvas units."""
        scene = self._scene
        few = len(visible) <= _BENT
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        take_pen(painter, inks().wire_far, 1 / painter.device().devicePixelRatio())
        if few:
            draw_lines(painter, segments(scene.wires.points[visible][:, ::4]))
        else:
            draw_lines(painter, scene.wires.ends[visible])
        faulty = [scene.wire_index[k] for k in self._faulty() if k in scene.wire_index]
        for rows, colour in ((faulty, theme().error), (self._rows(emphasis.selected), theme().accent)):
            if rows:
                take_pen(painter, colour, 1.6)
                draw_lines(painter, segments(scene.wires.points[rows][:, ::4]))
        spot = self._live.spot
        for keys, width in ((spot.reads, 3.0), (spot.writes, 1.8)):
            if rows := self._rows(keys):
                line = Qt.PenStyle.DashLine if spot.phase == "backward" else Qt.PenStyle.SolidLine
                take_pen(painter, theme().phase(spot.phase), width, line)
                draw_lines(painter, segments(scene.wires.points[rows][:, ::4]))

    def _faulty(self) -> set[Key]:
        return {(p.node_id, p.socket) for p in self._looks.inference.problems if p.socket}

    def _rows(self, keys: frozenset[Key]) -> list[int]:
        return [self._scene.wire_index[k] for k in keys if k in self._scene.wire_index]

    # Nearer

    def draw_near(
        self, painter: QPainter, camera: Camera, visible: list[int], detail: Detail, emphasis: Emphasis
    ) -> None:
        """Every wire with its own pen. `painter` is in canvas units."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        base = 2.0 * min(max(camera.zoom, 0.7), 1.6)
        plain: list[int] = []
        special: list[tuple[int, QColor, float, Qt.PenStyle]] = []
        self._flows.clear()
        largest = self._largest(visible) if self._live.flows_back else 0.0
        for k in visible:
            style = self._style(k, base, emphasis, largest)
            if style is None:
                plain.append(k)
            elif style[1] > 0:
                special.append((k, *style))
        take_pen(painter, inks().wire, base)
        for k in plain:
            painter.drawPath(self.path(k))
        for k, colour, width, line in special:
            take_pen(painter, colour, width, line)
            painter.drawPath(self.path(k))
        lying = (k for k in visible if self._key(k) not in emphasis.lifted)
        draw_spot_wires(painter, self._scene, self.path, lying, self._live.spot, camera.zoom)

    def path(self, k: int) -> QPainterPath:
        edge, wires = self._scene.edges[k], self._scene.wires
        key = edge.target, edge.input
        where = wires.ends[k].tobytes() + wires.lane[k].tobytes()
        kept = self._paths.get(key)
        if kept is None or kept[0] != where:
            kept = self._paths[key] = (where, wire_path(wires, k))
        return kept[1]

    def _style(
        self, k: int, base: float, emphasis: Emphasis, largest: float
    ) -> tuple[QColor, float, Qt.PenStyle] | None:
        """(colour, width, line) of a wire that is not plain; width 0 for one that is not drawn."""
        edge, key, solid = self._scene.edges[k], self._key(k), Qt.PenStyle.SolidLine
        if key in emphasis.lifted:
            return theme().line, 0.0, solid
        faulty = self._looks.misfit(*key) is not None
        if key in emphasis.doomed:
            return theme().error, base + 1, solid
        if key == emphasis.receiving:
            return theme().good, base + 1.6, solid
        if key in emphasis.selected:
            return theme().accent, base + 0.8, Qt.PenStyle.DashLine if faulty else solid
        if faulty:
            return theme().error, base, Qt.PenStyle.DashLine
        if key == emphasis.hovered:
            return theme().secondary, base + 0.8, solid
        flow = self._flow(k) if self._live.flows_back else None
        if flow is not None:
            return theme().backward, _width(flow.norm, largest, base), solid
        if not self._live.is_there(edge.source, edge.output):  # nothing has come along it in this pass yet
            return inks().wire_far, base * 0.8, Qt.PenStyle.DotLine
        return None

    def _key(self, k: int) -> Key:
        edge = self._scene.edges[k]
        return edge.target, edge.input

    def _flow(self, k: int) -> Flow | None:
        """What flows back through the wire; asked once a frame."""
        if k not in self._flows:
            edge = self._scene.edges[k]
            fits = self._looks.misfit(edge.target, edge.input) is None
            self._flows[k] = self._live.flow(self._scene, edge) if fits else None
        return self._flows[k]

    def _largest(self, visible: list[int]) -> float:
        norms = [flow.norm for k in visible if (flow := self._flow(k)) is not None]
        return max((n for n in norms if math.isfinite(n)), default=0.0)

    # What stands on the wires

    def draw_labels(self, painter: QPainter, camera: Camera, visible: list[int], ratio: float) -> None:
        """The shape in the middle of each wire that has room, or the term that flows back. `painter`: screen units."""
        px = round(min(max(10 * camera.zoom, 9), 15))
        for k, text, colour in self._labels(camera, visible, px):
            self._pill(painter, camera.screen(self._scene.middle(k)), text, colour, ratio, px)

    def draw_plain_labels(self, painter: QPainter, camera: Camera, visible: list[int]) -> None:
        """The same straight onto `painter`, in canvas units: for print."""
        px = 10
        self._flows.clear()
        for k, text, colour in self._labels(camera, visible, px):
            ink = theme().colours()[colour]
            size = _pill_size(text, ink, px)
            painter.save()
            painter.translate(self._scene.middle(k) - QPointF(size[0] / 2, size[1] / 2))
            _paint_pill(painter, text, ink, px)
            painter.restore()

    def _labels(self, camera: Camera, visible: list[int], px: int) -> Iterator[tuple[int, str, str]]:
        """(wire, text, colour) of each wire that has room for what stands on it."""
        back = self._live.flows_back
        for k in visible:
            edge = self._scene.edges[k]
            flow = self._flow(k) if back else None
            text, colour = self._label(edge.source, edge.output, (edge.target, edge.input), flow)
            if not text:
                continue
            left, top, right, bottom = self._scene.wires.boxes[k].tolist()
            width = metrics(px, 400, True).horizontalAdvance(text) + 10
            if max(right - left, bottom - top) * camera.zoom < width + _ROOM:
                continue
            yield k, text, colour

    def _label(self, source: str, output: str, key: Key, flow: Flow | None) -> tuple[str, str]:
        if flow is not None:
            return flow.text, "backward"
        if self._looks.misfit(*key) is not None:
            text = self._looks.shape_text(source, output)
            return f"{text} does not fit" if text else "", "error"
        return self._looks.shape_text(source, output), "secondary"

    def _pill(
        self, painter: QPainter, middle: QPointF, text: str, colour: str, ratio: float, px: int
    ) -> None:
        key = text, colour, ratio, px
        pixmap = self._pills.get(key)
        if pixmap is None:
            pixmap = self._pills[key] = _make_pill(text, theme().colours()[colour], ratio, px)
        width, height = pixmap.width() / ratio, pixmap.height() / ratio
        painter.drawPixmap(QPointF(round(middle.x() - width / 2), round(middle.y() - height / 2)), pixmap)


def _width(norm: float, largest: float, base: float) -> float:
    """Width tells magnitude, by its logarithm over three decades below the largest in view."""
    if not math.isfinite(norm) or norm <= 0 or largest <= 0:
        return base * 0.6
    share = min(max(1 + math.log10(norm / largest) / 3, 0.0), 1.0)
    return base * (0.7 + 1.9 * share)


def _make_pill(text: str, colour: QColor, ratio: float, px: int) -> QPixmap:
    width, height = _pill_size(text, colour, px)
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with painting(pixmap) as painter:
        _paint_pill(painter, text, colour, px)
    return pixmap


def _pill_size(text: str, colour: QColor, px: int) -> tuple[int, int]:
    return math.ceil(metrics(px, 400, True).horizontalAdvance(text)) + 10 + _arrow_room(colour), px + 6


def _arrow_room(colour: QColor) -> int:
    return 10 if colour == theme().backward else 0


def _paint_pill(painter: QPainter, text: str, colour: QColor, px: int) -> None:
    """Text on a rounded ground with its corner at the origin; what flows back has an arrow."""
    (width, height), arrow = _pill_size(text, colour, px), _arrow_room(colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().canvas)
    painter.drawRoundedRect(QRectF(0, 0, width, height), 6, 6)
    painter.setPen(colour)
    painter.setFont(number_font(px))
    painter.drawText(QRectF(arrow, 0, width - arrow, height), Qt.AlignmentFlag.AlignCenter, text)
    if arrow:
        _chevron(painter, QPointF(9, height / 2), colour)


def _chevron(painter: QPainter, at: QPointF, colour: QColor) -> None:
    """◂: this number flows back."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([at + QPointF(3, -4), at + QPointF(-4, 0), at + QPointF(3, 4)]))
