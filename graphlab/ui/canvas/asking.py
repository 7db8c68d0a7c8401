"""Which element of a node's live picture lies under the pointer. How the picture is drawn stands in thumbnails.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from ...engine.messages import Tensor
from ..widgets.grid import cell_under
from .detail import Detail
from .draw_nodes import live_area
from .live import out_of_map, pictured
from .rects import grad_rect, value_rect
from .thumbnails import cell_area, grey_area, tiles

if TYPE_CHECKING:
    from .view import CanvasView

Place = tuple[int, ...]


class Asked(NamedTuple):
    """An element of the value or "grad" of an output or parameter of a node on the sheet."""

    kind: str
    node: str
    socket: str
    place: Place


def element_under(view: CanvasView, world: QPointF) -> Asked | None:
    """The element drawn at that place of the canvas; None where there is none."""
    node = view.node_under(world) if view.detail > Detail.FAR else ""
    if not node or node not in view.scene.index:
        return None
    shape, at = view.scene.shape(node), world - view.scene.rect(node).topLeft()
    if not shape.outputs:
        return None
    output, live = shape.outputs[0], view.live
    gradient = live.grad(view.scene, node)
    is_near = view.detail == Detail.NEAR
    if is_near and gradient is not None and grad_rect(shape).contains(at):
        index = in_strip(grad_rect(shape).adjusted(12, 1, 0, -1), gradient, at)
        return None if index is None else Asked("grad", node, output, index)
    room = value_rect(shape) if is_near else live_area(shape, view.detail, view.camera.zoom)
    filters = live.filters(node)
    if filters is not None and filters.array.ndim == 4:
        half = room.width() / 2
        beside = in_filters(room.adjusted(half + 4, 0, 0, 0), filters, at)
        if beside is not None:
            return Asked("value", node, "weight", beside)
        room = room.adjusted(0, 0, -half - 4, 0)
    value = live.value(view.scene, node)
    is_input = view.looks.of(node).is_picture
    if value is None or not room.contains(at):
        return None
    index = in_value(room, value, is_input, at)
    return None if index is None else Asked("value", node, pictured(shape.outputs), out_of_map(value, index))


def in_value(rect: QRectF, tensor: Tensor, picture: bool, at: QPointF) -> Place | None:
    """The element of a value at a point of its picture."""
    array = tensor.array
    if tensor.stats.count == 1:
        return (0,) * array.ndim
    if not array.size:
        return None
    if array.ndim != 4:
        shape = array.shape if array.ndim == 2 else (array.size // array.shape[-1], array.shape[-1])
        rows, columns, area = cell_area(rect, shape)
        cell = _cell(area, rows, columns, at)
        return None if cell is None else (*_unravelled(cell[0], array.shape[:-1]), cell[1])
    channels, height, width = array.shape[1:]
    if picture and channels in (1, 3):
        cell = _cell(grey_area(rect, height, width), height, width, at)
        return None if cell is None else (0, 0, *cell)
    found = _in_tiles(rect, channels, height, width, at)
    return None if found is None else (0, *found)


def in_filters(rect: QRectF, tensor: Tensor, at: QPointF) -> Place | None:
    """The element of a weight (out, in, h, w), of which the first input's filters are drawn."""
    count, _, height, width = tensor.array.shape
    found = _in_tiles(rect, count, height, width, at)
    return None if found is None else (found[0], 0, *found[1:])


def in_strip(rect: QRectF, tensor: Tensor, at: QPointF) -> Place | None:
    """The element of a gradient at a point of its strip, each cell of which shows the strongest of all examples."""
    array = np.asarray(tensor.array)
    if not array.size:
        return None
    if array.size == 1:
        return (0,) * array.ndim
    lines = array.reshape(len(array), -1) if array.ndim > 1 else array.reshape(1, -1)
    shown = lines[:, : max(1, int(rect.width() / 3))]
    _, columns, area = cell_area(rect, (1, shown.shape[1]), fill=True)
    cell = _cell(area, 1, columns, at)
    if cell is None:
        return None
    row = int(np.abs(shown[:, cell[1]]).argmax())
    return (cell[1],) if array.ndim == 1 else (row, *_unravelled(cell[1], array.shape[1:]))


def _in_tiles(rect: QRectF, count: int, height: int, width: int, at: QPointF) -> tuple[int, int, int] | None:
    for k, area in enumerate(tiles(rect, count, width / height)):
        cell = _cell(area, height, width, at)
        if cell is not None:
            return k, *cell
    return None


def _cell(area: QRectF, rows: int, columns: int, at: QPointF) -> tuple[int, int] | None:
    return cell_under(area, (rows, columns), at) if area.contains(at) else None


def _unravelled(row: int, shape: tuple[int, ...]) -> Place:
    return tuple(int(i) for i in np.unravel_index(row, shape)) if shape else ()
