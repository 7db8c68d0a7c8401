"""Nodes on screen: frames from a cache of pixmaps, live pictures upon them, rings of selection and phase."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from ...engine.messages import Tensor
from ...graph.drawn.shapes import MARGIN, Form, NodeShape
from ...ops import CATEGORIES
from ..colour import mix
from ..painting import painting
from ..theme import theme
from . import draw_forms as forms
from .batches import draw_rects
from .camera import Camera
from .detail import Detail, detail_at
from .draw_frame import draw_frame, ring, veil
from .draw_order import OrderPainter
from .draw_spot import draw_spot_node
from .draw_unrolled import draw_far_copies, draw_unroll
from .ink import inks, metrics, take_pen, text_font
from .live import Live
from .looks import Look, LookBook
from .rects import grad_rect, value_rect
from .scene import Scene
from .thumbnails import draw_filters, draw_gradient, draw_value

BUDGET = 0.008  # seconds a frame of a movement may spend on pictures that another frame can bring up to date
_MOVEMENT = 0.1  # frames that follow each other within so many seconds are a movement
_MOST_KEPT = 1500
_FAR_HEADER = 0.26  # of the height of a node


class Lens(NamedTuple):
    """Through what nodes are seen; pictures made under another `key` are old."""

    camera: Camera
    ratio: float
    detail: Detail
    key: tuple[str, Detail, float]


class _Picture(NamedTuple):
    key: tuple[str, Detail, float]
    said: Any  # what it shows: a Look, or tensors
    pixmap: QPixmap


class NodePainter:
    """Draws the nodes of a scene. `behind` tells after a pass whether some pictures are still old."""

    def __init__(self, scene: Scene, looks: LookBook, live: Live) -> None:
        self._scene, self._looks, self._live = scene, looks, live
        self._frames: dict[str, _Picture] = {}
        self._thumbs: dict[str, _Picture] = {}
        self._deadline = self._last_frame = 0.0
        self.behind = False
        self.order = OrderPainter()

    def forget(self) -> None:
        """Nothing cached is right any more."""
        self._frames.clear()
        self._thumbs.clear()
        self.order.forget()

    # Far out

    def draw_far(self, painter: QPainter, visible: NDArray[np.intp], selected: NDArray[np.intp]) -> None:
        """All nodes as rectangles: one call per family for bodies, one for headers."""
        scene = self._scene
        rects, families, form = scene.rects[visible], scene.families[visible], scene.forms[visible]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        forms.draw_far_stacks(painter, rects[form == Form.GROUP])
        painter.setPen(Qt.PenStyle.NoPen)
        for k, category in enumerate((*CATEGORIES, "")):
            mine = rects[(families == k) & (form != Form.POINT)]
            if not len(mine):
                continue
            painter.setBrush(inks().far(category))
            draw_rects(painter, mine)
            mine = mine.copy()
            mine[:, 3] *= _FAR_HEADER
            painter.setBrush(mix(inks().body, inks().family(category), 0.75))
            draw_rects(painter, mine)
        unrolls = self._live.unrolls
        for k in visible[form == Form.UNROLLED].tolist():
            if scene.ids[k] not in unrolls.openness:  # on its way it is too small for them
                draw_far_copies(painter, scene.rects[k], unrolls.rolled(scene.ids[k]))
        ports = (form == Form.PORT_IN) | (form == Form.PORT_OUT)
        forms.draw_far_ports(painter, rects[ports], form[ports] == Form.PORT_OUT)
        forms.draw_far_points(painter, rects[form == Form.POINT])
        forms.draw_far_muted(painter, rects[scene.muted[visible]])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        faulty = np.intersect1d(visible, [self._scene.index[p] for p in self._faulty()]).astype(np.intp)
        for rows, colour in ((faulty, theme().error), (selected, theme().accent)):
            take_pen(painter, colour, 2)
            draw_rects(painter, self._scene.rects[rows])

    def _faulty(self) -> list[str]:
        ids = {problem.node_id for problem in self._looks.inference.problems}
        return [i for i in ids if i in self._scene.index]

    # Nearer

    def draw_near(
        self, painter: QPainter, camera: Camera, visible: list[str], ratio: float, detail: Detail
    ) -> None:
        """Frames and live pictures. `painter` is in screen units; `ratio` is the screen's pixels per unit."""
        now = time.perf_counter()
        in_movement = now - self._last_frame < _MOVEMENT
        self.behind = False
        self._deadline = now + BUDGET if in_movement else math.inf
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        lens = Lens(camera, ratio, detail, (theme().name, detail, camera.zoom * ratio))
        for node in visible:
            self._draw(painter, node, lens)
        if len(self._frames) > _MOST_KEPT:
            self._trim(set(visible))
        self._last_frame = time.perf_counter()

    def draw_plain(self, painter: QPainter, nodes: list[str], lens: Lens) -> None:
        """The same straight onto `painter`, in canvas units and without pictures kept: for print."""
        for node in nodes:
            look = self._looks.of(node)
            x, y = self._scene.rects[self._scene.index[node], :2].tolist()
            painter.save()
            painter.translate(x, y)
            draw_frame(painter, look, lens.detail, lens.camera.zoom)
            if _shows_value(look):
                self._paint_thumb(
                    painter,
                    look,
                    live_area(look.shape, lens.detail, lens.camera.zoom),
                    self._tensors(node),
                    lens,
                )
            if look.shape.is_unroll:
                told = self._live.unrolls.told(node)
                draw_unroll(painter, look, look.shape, told, lens.detail, lens.camera.zoom)
            if look.waits:
                veil(painter, QRectF(0, 0, look.shape.width, look.shape.height))
            if lens.detail == Detail.NEAR:
                self.order.draw_plain(painter, look, self._live.order_mark(node, look.order))
            painter.restore()

    def _tensors(self, node: str) -> tuple[Tensor | None, ...]:
        live = self._live
        return live.value(self._scene, node), live.grad(self._scene, node), live.filters(node)

    def _trim(self, keep: set[str]) -> None:
        self._frames = {k: v for k, v in self._frames.items() if k in keep}
        self._thumbs = {k: v for k, v in self._thumbs.items() if k in keep}

    def _draw(self, painter: QPainter, node: str, lens: Lens) -> None:
        look = self._looks.of(node)
        x, y = self._scene.rects[self._scene.index[node], :2].tolist()
        shape, zoom = look.shape, lens.camera.zoom
        if lens.detail == Detail.FAR:  # the rectangle is there
            self._draw_value(painter, node, look, lens)
            return
        if shape.form is Form.UNROLLED or node in self._live.unrolls.openness:
            self._draw_unrolled(painter, node, look, lens)
            return
        frame = self._frame(node, look, lens)
        if frame is None:
            _stand_in(painter, lens.camera.screen_rect(QRectF(x, y, shape.width, shape.height)), look)
            return
        around = shape.width + 2 * MARGIN, shape.height + 2 * MARGIN
        _put(painter, lens, x - MARGIN, y - MARGIN, around, frame)
        self._draw_value(painter, node, look, lens)
        if shape.form is Form.UNROLL:
            with _at(painter, lens, x, y):
                draw_unroll(painter, look, shape, self._live.unrolls.told(node), lens.detail, zoom)
        self._over(painter, node, look, QRectF(x, y, shape.width, shape.height), lens)

    def _draw_value(self, painter: QPainter, node: str, look: Look, lens: Lens) -> None:
        """The live picture, where there is room for one."""
        x, y = self._scene.rects[self._scene.index[node], :2].tolist()
        area = live_area(look.shape, lens.detail, lens.camera.zoom)
        if _shows_value(look) and area.height() * lens.camera.zoom >= 12:
            thumb = self._thumb(node, look, area, lens)
            if thumb is not None:
                size = area.width(), area.height()
                _put(painter, lens, x + area.x(), y + area.y(), size, thumb)

    def _over(self, painter: QPainter, node: str, look: Look, rect: QRectF, lens: Lens) -> None:
        """What lies over a node: the veil of one that waits, and its number."""
        if look.waits:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            veil(painter, lens.camera.screen_rect(rect))
        corner, mark = lens.camera.screen(rect.topLeft()), self._live.order_mark(node, look.order)
        self.order.draw(painter, corner, lens.camera.zoom, lens.ratio, look, mark)

    def _draw_unrolled(self, painter: QPainter, node: str, look: Look, lens: Lens) -> None:
        """Copies side by side are larger than a picture that one would keep."""
        rect, shape = self._scene.rect(node), self._scene.shape(node)
        with _at(painter, lens, rect.x(), rect.y()):
            draw_frame(painter, look._replace(shape=shape), lens.detail, lens.camera.zoom)
            draw_unroll(painter, look, shape, self._live.unrolls.told(node), lens.detail, lens.camera.zoom)
        self._over(painter, node, look, rect, lens)

    def _frame(self, node: str, look: Look, lens: Lens) -> _Picture | None:
        kept = self._frames.get(node)
        if kept is not None and kept.said == look and kept.key == lens.key:
            return kept
        if self._is_late():
            return kept
        width, height = look.shape.width + 2 * MARGIN, look.shape.height + 2 * MARGIN
        pixmap = _blank(width, height, lens)
        with _painter(pixmap, lens) as painter:
            painter.translate(MARGIN, MARGIN)
            draw_frame(painter, look, lens.detail, lens.camera.zoom)
        kept = self._frames[node] = _Picture(lens.key, look, pixmap)
        return kept

    def _thumb(self, node: str, look: Look, area: QRectF, lens: Lens) -> _Picture | None:
        tensors = self._tensors(node)
        kept = self._thumbs.get(node)
        place = area, look.shape  # which another param or wire may change
        if (
            kept is not None
            and kept.key == lens.key
            and kept.said[0] == place
            and _same(kept.said[1], tensors)
        ):
            return kept
        if self._is_late():
            return kept if kept is not None and kept.said[0] == place else None
        pixmap = _blank(area.width(), area.height(), lens)
        with _painter(pixmap, lens) as painter:
            painter.translate(-area.topLeft())
            self._paint_thumb(painter, look, area, tensors, lens)
        kept = self._thumbs[node] = _Picture(lens.key, (place, tensors), pixmap)
        return kept

    def _paint_thumb(
        self, painter: QPainter, look: Look, area: QRectF, tensors: tuple[Tensor | None, ...], lens: Lens
    ) -> None:
        value, grad, filters = tensors
        room = value_rect(look.shape) if lens.detail == Detail.NEAR else area
        if filters is not None and filters.array.ndim == 4:
            half = room.width() / 2
            draw_filters(painter, room.adjusted(half + 4, 0, 0, 0), filters, self._scale(filters))
            room = room.adjusted(0, 0, -half - 4, 0)
        zoom, scale = lens.camera.zoom, self._scale(value)
        draw_value(painter, room, value, look.is_picture, zoom, scale)
        if grad is not None and lens.detail == Detail.NEAR:
            draw_gradient(painter, grad_rect(look.shape), grad, zoom, self._scale(grad))

    def _scale(self, tensor: Tensor | None) -> float:
        """The value of full colour."""
        return 0.0 if tensor is None else self._live.scale(tensor)

    def _is_late(self) -> bool:
        """Whether this frame's time is up; then an old picture does for now."""
        if time.perf_counter() < self._deadline:
            return False
        self.behind = True
        return True

    # Around nodes

    def draw_marks(self, painter: QPainter, selected: frozenset[str], pointed: str, zoom: float) -> None:
        """Pointer, selection, breakpoints, and the entry computed last: ring and arrow, dashed when backward."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if pointed in self._scene.index and pointed not in selected:
            ring(painter, self._scene.rect(pointed), theme().faint, 1.5, zoom)
        if pointed in self._scene.index and self._scene.shape(pointed).form is Form.POINT:
            look = self._looks.of(pointed)
            if detail_at(zoom) > Detail.FAR:
                forms.draw_handles(painter, self._scene.rect(pointed), zoom)
            text = " · ".join(part for part in (look.name, look.result) if part)
            forms.draw_label(painter, self._scene.rect(pointed), text, zoom)
        for node in selected:
            if node in self._scene.index:
                ring(painter, self._scene.rect(node), theme().accent, 2.0, zoom)
        for (node, phase), conditional in self._live.breakpoints.items():
            if node in self._scene.index:
                _stop(painter, self._scene.rect(node), phase, zoom, conditional)
        draw_spot_node(painter, self._scene, self._live.spot, zoom)

    def draw_reasons(self, painter: QPainter, visible: list[str]) -> None:
        """Under a faulty node: why, and what to do."""
        painter.setFont(text_font(11))
        for node in visible:
            look = self._looks.of(node)
            if not look.fault:
                continue
            rect = self._scene.rect(node)
            below = forms.STACK if look.shape.form is Form.GROUP else 0.0
            line = QRectF(rect.left() + 14, rect.bottom() + 4 + below, rect.width() + 50, 16)
            text = metrics(11).elidedText(look.fault, Qt.TextElideMode.ElideRight, line.width() - 8)
            box = QRectF(line.left() - 2, line.top(), metrics(11).horizontalAdvance(text) + 8, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().canvas)
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme().error)
            painter.drawText(box.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)


def _shows_value(look: Look) -> bool:
    shape = look.shape
    return not (look.muted or shape.form in (Form.POINT, Form.UNROLLED) or (shape.is_port and look.needs))


def live_area(shape: NodeShape, detail: Detail, zoom: float) -> QRectF:
    """Where the live picture of a node of that shape goes, seen from that far."""
    if detail == Detail.NEAR:
        area = QRectF(shape.left, value_rect(shape).top() - 2, shape.right - shape.left, 0)
        area.setBottom(grad_rect(shape).bottom() + 2)
        return area
    if detail == Detail.FAR:
        return QRectF(
            6, shape.height * _FAR_HEADER + 6, shape.width - 12, shape.height * (1 - _FAR_HEADER) - 12
        )
    top = min(21 / zoom, shape.height * 0.6)
    return QRectF(8, top, shape.width - 16, shape.height - 6 - top)


def _stand_in(painter: QPainter, place: QRectF, look: Look) -> None:
    """For the few frames until there is time for the real thing."""
    painter.fillRect(place, inks().body)
    if look.shape.is_port or look.shape.form is Form.POINT:
        return
    head = QRectF(place.left(), place.top(), place.width(), place.height() * 0.24)
    painter.fillRect(head, inks().header(look.category))


def _same(a: tuple[Tensor | None, ...], b: tuple[Tensor | None, ...]) -> bool:
    return all(p is q for p, q in zip(a, b, strict=True))


def _blank(width: float, height: float, lens: Lens) -> QPixmap:
    """A transparent pixmap of width × height canvas units."""
    scale = lens.camera.zoom * lens.ratio
    pixmap = QPixmap(max(math.ceil(width * scale), 1), max(math.ceil(height * scale), 1))
    pixmap.setDevicePixelRatio(lens.ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


@contextmanager
def _painter(pixmap: QPixmap, lens: Lens) -> Iterator[QPainter]:
    """A painter in canvas units."""
    with painting(pixmap) as painter:
        painter.scale(lens.camera.zoom, lens.camera.zoom)
        yield painter


@contextmanager
def _at(painter: QPainter, lens: Lens, x: float, y: float) -> Iterator[None]:
    """Lets a painter of the screen paint in canvas units for a while, with that place as its origin."""
    painter.save()
    painter.translate(lens.camera.screen(QPointF(x, y)))
    painter.scale(lens.camera.zoom, lens.camera.zoom)
    yield
    painter.restore()


def _put(
    painter: QPainter, lens: Lens, x: float, y: float, size: tuple[float, float], picture: _Picture
) -> None:
    """Pixel upon pixel where the picture was made for this zoom; stretched where it is an old one."""
    camera, ratio = lens.camera, lens.ratio
    left, top = (
        round((x * camera.zoom + camera.x) * ratio) / ratio,
        round((y * camera.zoom + camera.y) * ratio) / ratio,
    )
    if picture.key == lens.key:
        painter.drawPixmap(QPointF(left, top), picture.pixmap)
        return
    place = QRectF(left, top, size[0] * camera.zoom, size[1] * camera.zoom)
    painter.drawPixmap(place, picture.pixmap, QRectF(picture.pixmap.rect()))


def _stop(painter: QPainter, rect: QRectF, phase: str, zoom: float, conditional: bool) -> None:
    """A breakpoint: a square tab at the header, left for forward, right for backward; hollow under a condition."""
    size = 5 / min(zoom, 1.0)
    x = rect.left() - size if phase == "forward" else rect.right() + size
    take_pen(painter, theme().error if conditional else theme().canvas, 1.5 if conditional else 1)
    painter.setBrush(theme().canvas if conditional else theme().error)
    painter.drawRect(QRectF(x - size, rect.top() + 14 - size, 2 * size, 2 * size))
