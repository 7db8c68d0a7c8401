"""What differs from another graph, drawn over this one: + what came, ~ what changed, − where something stood.

Every mark has its sign, and what is not there any more is dashed, so that nothing hangs on a colour.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from ...graph import Difference, Edge, Node
from ...graph.comparison import SIGNS, Kind, Sheet
from ...graph.drawn.curves import Floats
from ...graph.drawn.shapes import HEADER, RADIUS, NodeShape, shape_of
from ..colour import alpha, ink
from ..painting import painting
from ..theme import theme
from .batches import draw_rects
from .detail import Detail, detail_at
from .ink import metrics, text_font
from .rects import loose_path, wire_path
from .scene import SocketAt

if TYPE_CHECKING:
    from .surface import Surface

_ROOM = 3.0  # canvas units between a node and its outline
_BADGE = 8.0  # pixels
_FEW = 500  # rectangles


def colour_of(kind: Kind) -> QColor:
    """Green for what came, red for what went, amber for what changed; each reads on every surface."""
    now = theme()
    return {"added": now.good, "removed": now.error, "changed": now.warning}[kind]


class Gone(NamedTuple):
    """A node that only the other graph has, where it stood."""

    node: Node
    shape: NodeShape
    rect: QRectF


class Differences:
    """Follows the session's comparison and paints what of it belongs on the sheet that is shown."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._comparing = surface.session.comparing
        self._sheet: Sheet | None = None
        self.kinds: dict[str, Kind] = {}
        self.gone: dict[str, Gone] = {}
        self._gone_ids: list[str] = []
        self._gone_rects: Floats = np.empty((0, 4))
        self._added: frozenset[Edge] = frozenset()
        self._went: dict[str, list[Edge]] = {}  # by the nodes at either end: here, or gone
        self._comparing.changed.connect(self.refresh)
        self._comparing.chosen.connect(self._show)
        surface.session.entered.connect(self.refresh)

    def refresh(self, *_: object) -> None:
        """Another comparison, or another sheet."""
        self._sheet = sheet = self._comparing.sheet()
        self.kinds, self.gone, self._added, self._went = {}, {}, frozenset(), {}
        if sheet is not None:
            self.kinds |= dict.fromkeys(sheet.ids("changed"), "changed")
            self.kinds |= dict.fromkeys(sheet.ids("added"), "added")
            self.gone = {i: _gone(sheet, i) for i in sheet.ids("removed")}
            self._added = frozenset(sheet.edges("added"))
            for edge in sheet.edges("removed"):
                for end in (edge.source, edge.target):
                    self._went.setdefault(sheet.pairs.get(end, end), []).append(edge)
        self._gone_ids = list(self.gone)
        rows = [(*_xy(g.rect.topLeft()), g.rect.width(), g.rect.height()) for g in self.gone.values()]
        self._gone_rects = np.array(rows, dtype=np.float64).reshape(-1, 4)
        self._surface.update()

    # Looking at one of them

    def _show(self, index: int) -> None:
        """Selects what a difference is about and brings it into view."""
        difference = self._comparing.differences[index]
        session = self._surface.session
        session.select([difference.id] if difference.kind != "removed" else ())
        rect = self.place_of(difference)
        if not rect.isNull():
            self._surface.bring_into_view(rect)
        self._surface.update()

    def place_of(self, difference: Difference) -> QRectF:
        """Where it is on the canvas; an empty rectangle for what has no place, such as a training setting."""
        scene = self._surface.scene
        if difference.what == "wire" and difference.edge is not None:
            ends = self._ends(difference.edge, was=difference.kind == "removed")
            return QRectF(*ends).normalized().adjusted(-20, -20, 20, 20) if ends is not None else QRectF()
        if difference.id in self.gone and difference.kind == "removed":
            return self.gone[difference.id].rect
        if difference.what == "node" and difference.id in scene.index:
            return scene.rect(difference.id)
        return self._card(difference)

    def _card(self, difference: Difference) -> QRectF:
        """Where a note or a frame is, or was."""
        if self._sheet is None:
            return QRectF()
        document = self._sheet.before if difference.kind == "removed" else self._surface.scene.document
        found = document.notes.get(difference.id) or document.frames.get(difference.id)
        return QRectF(*found.position, *found.size) if found is not None else QRectF()

    def _chosen(self) -> Difference | None:
        index = self._comparing.index
        return self._comparing.differences[index] if 0 <= index < len(self._comparing.differences) else None

    # Painting

    def paint(self, painter: QPainter, area: QRect) -> None:
        """`painter` is in screen units; `area` is what is to be painted."""
        if self._sheet is None:
            return
        camera = self._surface.camera
        view = camera.world_rect(QRectF(area))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if detail_at(camera.zoom) == Detail.FAR:
            self._paint_far(painter, view)
        else:
            self._paint_wires(painter, view)
            self._paint_nodes(painter, view)
        painter.restore()

    def _paint_far(self, painter: QPainter, view: QRectF) -> None:
        """All of a kind at once, however many there are."""
        scene = self._surface.scene
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setTransform(self._surface.camera.transform())
        there = [k for k in scene.nodes_in(view).tolist() if scene.ids[k] in self.kinds]
        present: tuple[Kind, ...] = ("changed", "added")
        for kind in present:
            chosen = np.array([k for k in there if self.kinds[scene.ids[k]] == kind], dtype=np.intp)
            self._paint_rows(painter, scene.rects[chosen], kind)
        self._paint_rows(painter, self._gone_rects, "removed")

    def _paint_rows(self, painter: QPainter, rows: Floats, kind: Kind) -> None:
        """What went is dashed, unless there is so much of it that it would take long."""
        few = len(rows) < _FEW
        dashed = kind == "removed" and few
        pen = QPen(
            colour_of(kind), 2 if few else 1, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        )
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(alpha(colour_of(kind), 0.25))
        draw_rects(painter, rows)

    def _paint_nodes(self, painter: QPainter, view: QRectF) -> None:
        surface, chosen = self._surface, self._chosen()
        for node in self._gone_in(view):
            self._paint_gone(painter, self.gone[node], bool(chosen and chosen.id == node))
        for k in surface.scene.nodes_in(view, 20.0).tolist():
            node = surface.scene.ids[k]
            kind = self.kinds.get(node)
            if kind is not None:
                rect = surface.camera.screen_rect(
                    surface.scene.rect(node).adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
                )
                painter.setPen(QPen(colour_of(kind), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                radius = (RADIUS + _ROOM) * surface.camera.zoom
                painter.drawRoundedRect(rect, radius, radius)
                badge(painter, rect.topLeft() - QPointF(1, 1), kind)

    def _gone_in(self, view: QRectF) -> list[str]:
        x, y, w, h = self._gone_rects.T
        seen = (x < view.right()) & (x + w > view.left()) & (y < view.bottom()) & (y + h > view.top())
        return [self._gone_ids[k] for k in np.flatnonzero(seen).tolist()]

    def _paint_gone(self, painter: QPainter, gone: Gone, is_chosen: bool) -> None:
        """A ghost: dashed, its name and operation, and a −."""
        camera, red = self._surface.camera, colour_of("removed")
        rect, zoom = camera.screen_rect(gone.rect), camera.zoom
        painter.setPen(QPen(red, 2.5 if is_chosen else 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(alpha(red, 0.16 if is_chosen else 0.09))
        painter.drawRoundedRect(rect, RADIUS * zoom, RADIUS * zoom)
        px = max(round(13 * zoom), 8)
        head = QRectF(rect.left() + 12, rect.top(), rect.width() - 20, HEADER * zoom)
        painter.setFont(text_font(px, 600))
        painter.setPen(red)
        name = metrics(px, 600).elidedText(gone.node.name, Qt.TextElideMode.ElideRight, head.width())
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, name)
        if gone.shape.height * zoom > 60:
            painter.setFont(text_font(max(round(11 * zoom), 7)))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, gone.node.op)
        badge(painter, rect.topLeft() - QPointF(1, 1), "removed")

    def _paint_wires(self, painter: QPainter, view: QRectF) -> None:
        scene = self._surface.scene
        for k in scene.wires_in(view).tolist():
            if scene.edges[k] in self._added:
                self._paint_wire(painter, scene.edges[k], "added", wire_path(scene.wires, k))
        near = [scene.ids[k] for k in scene.nodes_in(view).tolist()] + self._gone_in(view)
        for edge in dict.fromkeys(edge for node in near for edge in self._went.get(node, ())):
            ends = self._ends(edge, was=True)
            if ends is not None:
                self._paint_wire(painter, edge, "removed", loose_path(*_xy(ends[0]), *_xy(ends[1])))

    def _paint_wire(self, painter: QPainter, edge: Edge, kind: Kind, path: QPainterPath) -> None:
        chosen = self._chosen()
        is_chosen = chosen is not None and chosen.edge == edge and chosen.kind == kind
        style = Qt.PenStyle.SolidLine if kind == "added" else Qt.PenStyle.DashLine
        drawn = self._surface.camera.transform().map(path)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour_of(kind), 3.5 if is_chosen else 2, style))
        painter.drawPath(drawn)
        badge(painter, drawn.pointAtPercent(0.5), kind, 6.0)

    def _ends(self, edge: Edge, *, was: bool) -> tuple[QPointF, QPointF] | None:
        """Where a wire begins and ends. `was`: it is of the other graph, and may have lost either node."""
        start = self._socket(edge.source, edge.output, False, was)
        end = self._socket(edge.target, edge.input, True, was)
        return None if start is None or end is None else (start, end)

    def _socket(self, node: str, name: str, is_input: bool, was: bool) -> QPointF | None:
        assert self._sheet is not None
        scene = self._surface.scene
        if was and node in self.gone:
            gone = self.gone[node]
            place = gone.shape.input_at(name) if is_input else gone.shape.output_at(name)
            return gone.rect.topLeft() + QPointF(*place)
        here = self._sheet.pairs.get(node, "") if was else node
        if here not in scene.index:
            return None
        shape, rect = scene.shape(here), scene.rect(here)
        if name in (shape.inputs if is_input else shape.outputs):
            return scene.socket_place(SocketAt(here, name, is_input))
        side = rect.left() if is_input else rect.right()  # another operation has no such socket
        return QPointF(side, rect.center().y())


def _xy(point: QPointF) -> tuple[float, float]:
    return point.x(), point.y()


def _gone(sheet: Sheet, node: str) -> Gone:
    found = sheet.before.nodes[node]
    shape = shape_of(found, sheet.before)
    return Gone(found, shape, QRectF(*found.position, shape.width, shape.height))


def badge(painter: QPainter, at: QPointF, kind: Kind, radius: float = _BADGE) -> None:
    """A disc with the sign of a kind of difference, painted once and copied from then on."""
    ratio = painter.device().devicePixelRatioF()
    picture = _badge(kind, radius, ratio, theme().name)
    half = picture.width() / ratio / 2
    painter.drawPixmap(at - QPointF(half, half), picture)


@lru_cache(maxsize=32)
def _badge(kind: Kind, radius: float, ratio: float, theme_name: str) -> QPixmap:
    colour, side = colour_of(kind), 2 * radius + 4
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    box = QRectF(2, 2, 2 * radius, 2 * radius)
    with painting(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().canvas, 1.5))
        painter.setBrush(colour)
        painter.drawEllipse(box)
        painter.setFont(text_font(round(radius * 1.7), 700))
        painter.setPen(ink(colour, QColor("#ffffff"), QColor("#0b1017")))
        painter.drawText(box.translated(0, -0.5), Qt.AlignmentFlag.AlignCenter, SIGNS[kind])
    return picture
