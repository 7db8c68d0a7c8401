"""Lights up the elements that an explanation names while somebody points at them: on their nodes, and on wires."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ...engine.messages import Tensor
from ...graph.drawn.shapes import RADIUS, Form
from ...ops.explanation import Origin
from ..theme import theme
from .detail import Detail
from .draw_nodes import live_area
from .live import in_map, pictured
from .rects import grad_rect, value_rect
from .thumbnails import cell_area, grey_area, tiles

if TYPE_CHECKING:
    from .surface import Surface

Place = tuple[int, ...]
_PILL = QRectF(-34, -11, 68, 22)  # about the middle of a wire, in pixels
_LEAST = 7.0  # pixels of a cell's outline, so that it is seen however small the cell


class Pointing(QObject):
    """What is pointed at on a canvas: `marked` are the nodes and wires, `elements` where their elements are drawn."""

    def __init__(self, view: Surface) -> None:
        super().__init__(view)
        self._view = view
        self._origins: tuple[Origin, ...] = ()
        view.session.explainer.pointed.connect(self._point)

    def _point(self, origins: Iterable[Origin]) -> None:
        self._origins = tuple(origins)
        self._view.update()

    @property
    def marked(self) -> set[str]:
        """The nodes of the sheet that an element pointed at is of."""
        here = self._view.session.seen.here
        found = {here(origin.node) for origin in self._origins if origin.kind != "term"}
        return {node for node in found if node in self._view.scene.index}

    def elements(self) -> list[QRectF]:
        """Where the elements are drawn, in pixels of the canvas; those that are not in sight are left out."""
        places = [self._on_wire(o) if o.kind == "term" else self._on_node(o) for o in self._origins]
        return [place for place in places if place is not None]

    def paint(self, painter: QPainter) -> None:
        """A ring around each node, and a frame around each element. `painter` is in pixels."""
        if not self._origins:
            return
        view, now = self._view, theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for node in self.marked:
            rect, radius = view.camera.screen_rect(view.scene.rect(node)), RADIUS * view.camera.zoom + 3
            painter.setPen(QPen(now.accent, 2.0, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), radius, radius)
        for place in self.elements():
            for colour, width in ((now.canvas, 5.0), (now.accent, 2.2)):
                painter.setPen(QPen(colour, width))
                painter.drawRoundedRect(place, 3, 3)
        painter.restore()

    def _on_wire(self, origin: Origin) -> QRectF | None:
        """What comes back along a wire stands in its middle."""
        scene = self._view.scene
        k = scene.wire_index.get((self._view.session.seen.here(origin.node), origin.name))
        return None if k is None else _PILL.translated(self._view.camera.screen(scene.middle(k)))

    def _on_node(self, origin: Origin) -> QRectF | None:
        view = self._view
        node = view.session.seen.here(origin.node)
        if node not in view.scene.index or view.detail == Detail.FAR:
            return None
        shape = view.scene.shape(node)
        if shape.form is Form.POINT or view.session.seen.key(node) != origin.node:
            return None  # of a group only the whole is seen
        place = self._in_pictures(origin, node)
        if place is None:
            return None
        found = view.camera.screen_rect(place.translated(view.scene.rect(node).topLeft()))
        grow_x, grow_y = (max(0.0, _LEAST - size) / 2 for size in (found.width(), found.height()))
        return found.adjusted(-grow_x, -grow_y, grow_x, grow_y)

    def _in_pictures(self, origin: Origin, node: str) -> QRectF | None:
        """In the picture of the value, the filters or the gradient of a node, in its own units."""
        view, live = self._view, self._view.live
        shape, near = view.scene.shape(node), view.detail == Detail.NEAR
        room = value_rect(shape) if near else live_area(shape, view.detail, view.camera.zoom)
        filters = live.filters(node)
        if filters is not None and filters.array.ndim == 4:
            half = room.width() / 2
            if origin.name == "weight":
                return place_in_filters(room.adjusted(half + 4, 0, 0, 0), filters, origin.index)
            room = room.adjusted(0, 0, -half - 4, 0)
        shown = (
            shape.outputs[:1]
            if origin.kind == "grad"
            else (pictured(shape.outputs),)
            if shape.outputs
            else ()
        )
        if origin.name not in shown:
            return None
        if origin.kind == "grad":
            gradient = live.grad(view.scene, node)
            strip = grad_rect(shape).adjusted(12, 1, 0, -1)
            return place_in_strip(strip, gradient, origin.index) if near and gradient is not None else None
        value = live.value(view.scene, node)
        return (
            None
            if value is None
            else place_in_value(room, value, view.looks.of(node).is_picture, in_map(value, origin.index))
        )


def place_in_value(rect: QRectF, tensor: Tensor, picture: bool, index: Place) -> QRectF | None:
    """Where an element of a value is drawn; None where it is not."""
    array = tensor.array
    if tensor.stats.count == 1:
        return rect
    if len(index) != array.ndim or not array.size:
        return None
    if array.ndim != 4:
        shape = array.shape if array.ndim == 2 else (array.size // array.shape[-1], array.shape[-1])
        rows, columns, area = cell_area(rect, shape)
        row = int(np.ravel_multi_index(index[:-1], array.shape[:-1], mode="clip")) if array.ndim > 1 else 0
        return _cell(area, rows, columns, row, index[-1]) if _fits(index, array.shape) else None
    channels, height, width = array.shape[1:]
    if index[0] != 0 or not _fits(index, array.shape):
        return None  # the first image alone is drawn
    if picture and channels in (1, 3):
        return _cell(grey_area(rect, height, width), height, width, index[2], index[3])
    return _in_tile(tiles(rect, channels, width / height), index[1], height, width, index[2:])


def place_in_filters(rect: QRectF, tensor: Tensor, index: Place) -> QRectF | None:
    """Where an element of a weight (out, in, h, w) is drawn: of the first input alone."""
    count, _, height, width = tensor.array.shape
    if len(index) != 4 or index[1] != 0 or not _fits(index, tensor.array.shape):
        return None
    return _in_tile(tiles(rect, count, width / height), index[0], height, width, index[2:])


def place_in_strip(rect: QRectF, tensor: Tensor, index: Place) -> QRectF | None:
    """Where an element of a gradient is drawn: a cell shows the strongest of all examples."""
    array = np.asarray(tensor.array)
    if array.size == 1:
        return rect
    if len(index) != array.ndim or not _fits(index, array.shape):
        return None
    columns = array.size // len(array) if array.ndim > 1 else array.size
    shown = min(columns, max(1, int(rect.width() / 3)))
    _, columns, area = cell_area(rect, (1, shown), fill=True)
    column = index[0] if array.ndim == 1 else int(np.ravel_multi_index(index[1:], array.shape[1:]))
    return _cell(area, 1, columns, 0, column)


def _in_tile(places: list[QRectF], k: int, height: int, width: int, at: Place) -> QRectF | None:
    return _cell(places[k], height, width, at[0], at[1]) if k < len(places) else None


def _cell(area: QRectF, rows: int, columns: int, row: int, column: int) -> QRectF | None:
    if row >= rows or column >= columns:
        return None
    width, height = area.width() / columns, area.height() / rows
    return QRectF(area.left() + column * width, area.top() + row * height, width, height)


def _fits(index: Place, shape: Place) -> bool:
    return all(i < size for i, size in zip(index, shape, strict=True))
