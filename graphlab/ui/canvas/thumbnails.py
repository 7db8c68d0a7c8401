"""The live picture in a node: a number, coloured cells, an image, a strip of filters, and the gradient below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPaintEngine, QPainter

from ...engine.messages import Tensor
from .. import numbers
from ..colour import alpha
from ..theme import cell_ink, signed_rgba, theme
from ..widgets.picture import grey_image
from .batches import draw_lines
from .ink import inks, metrics, number_font, take_pen

_CELL_MOST = (44.0, 22.0)
_CELL_LEAST = 4.0
_GAP_FROM = 5.0  # cells of so many pixels or more are set apart
_HATCH_FROM = 3.0  # and of so many are hatched where they are no number
_SIGN_FROM = 8.0  # and of so many carry a minus where they are negative
_NUMBER_FROM = (31.0, 13.0)
_SVG_DENSITY = 3.0  # pixels per canvas unit
_CHARACTER = 5.6  # units that one takes in a cell
_READABLE = 0.8  # zoom from which numbers in cells can be read


def draw_value(
    painter: QPainter, rect: QRectF, tensor: Tensor | None, picture: bool, zoom: float, scale: float
) -> None:
    """Draws a value into `rect`, in full colour at `scale`.

    picture: show a grey or colour image where the array is one (N, C, H, W). zoom: decides what can be read.
    """
    if tensor is None or tensor.array.size == 0:
        _hatch(painter, rect)
        return
    array = np.asarray(tensor.array, dtype=np.float32)
    painter.save()
    if not tensor.fresh:
        painter.setOpacity(0.4)
    if tensor.stats.count == 1:
        _number(painter, rect, float(array.reshape(-1)[0]))
    elif array.ndim == 4:
        _images(painter, rect, array[0], picture and array.shape[1] in (1, 3), scale)
    else:
        _cells(painter, rect, _matrix(array), scale, zoom)
    painter.restore()
    if not tensor.fresh:
        _hatch(painter, rect)


def draw_filters(painter: QPainter, rect: QRectF, tensor: Tensor, scale: float) -> None:
    """The weight (out, in, h, w) as small pictures, the first input's filter of each output."""
    _images(painter, rect, np.asarray(tensor.array, dtype=np.float32)[:, 0], False, scale)


def draw_gradient(painter: QPainter, rect: QRectF, tensor: Tensor, zoom: float, scale: float) -> None:
    """A gradient as a strip of cells, or as a number, marked ∂."""
    array = np.asarray(tensor.array, dtype=np.float32)
    if not array.size:
        return
    painter.setFont(number_font(10, 700))
    painter.setPen(theme().backward)
    painter.drawText(QRectF(rect.left(), rect.top(), 10, rect.height()), Qt.AlignmentFlag.AlignVCenter, "∂")
    room = rect.adjusted(12, 1, 0, -1)
    if array.size == 1 and tensor.stats.count == 1:
        painter.drawText(
            room, Qt.AlignmentFlag.AlignVCenter, numbers.number(float(array.reshape(-1)[0]), sign=True)
        )
        return
    row = array.reshape(len(array), -1) if array.ndim > 1 else array.reshape(1, -1)
    strongest = row[np.abs(row).argmax(axis=0), np.arange(row.shape[1])]
    _cells(painter, room, strongest[None, : int(room.width() / 3)], scale, zoom, fill=True)


def draw_strip(painter: QPainter, rect: QRectF, tensor: Tensor | None, zoom: float, scale: float) -> None:
    """The first row of a value as one line of cells, however low; a single number in its colour."""
    if tensor is None or tensor.array.size == 0 or not tensor.fresh:
        _hatch(painter, rect)
        return
    row = _matrix(np.asarray(tensor.array, dtype=np.float32))[:1]
    _cells(painter, rect, row, scale, zoom, fill=True)


def _hatch(painter: QPainter, rect: QRectF) -> None:
    painter.fillRect(rect, QBrush(inks().hatch, Qt.BrushStyle.BDiagPattern))


def _number(painter: QPainter, rect: QRectF, value: float) -> None:
    text = numbers.number(value, 4)
    painter.setPen(theme().text if np.isfinite(value) else theme().error)
    size = 18
    while size > 10 and metrics(size, 600, True).horizontalAdvance(text) > rect.width():
        size -= 1
    painter.setFont(number_font(size, 600))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter, text)


def _matrix(array: NDArray[np.float32]) -> NDArray[np.float32]:
    if array.ndim == 2:
        return array
    return array.reshape(1, -1) if array.ndim < 2 else array.reshape(-1, array.shape[-1])


def _cells(
    painter: QPainter,
    rect: QRectF,
    matrix: NDArray[np.float32],
    scale: float,
    zoom: float,
    fill: bool = False,
) -> None:
    """As many leading rows and columns as have room, in signed colours."""
    rows, columns, area = cell_area(rect, matrix.shape, fill)
    matrix, width, height = matrix[:rows, :columns], area.width() / columns, area.height() / rows
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    _draw_crisp(painter, area, _image(signed_rgba(matrix, scale or 1.0)))
    if min(width, height) * zoom >= _HATCH_FROM:
        _hatch_bad(painter, area, matrix)
    if min(width, height) * zoom >= _GAP_FROM:
        _gaps(painter, area, rows, columns)
    if width >= _NUMBER_FROM[0] and height >= _NUMBER_FROM[1] and zoom >= _READABLE:
        _write(painter, area, matrix, scale)
    elif min(width, height) * zoom >= _SIGN_FROM:
        _minuses(painter, area, matrix, scale)


def cell_area(rect: QRectF, shape: tuple[int, ...], fill: bool = False) -> tuple[int, int, QRectF]:
    """How many leading rows and columns of a matrix have room in `rect`, and where they are drawn."""
    rows = min(shape[0], max(int(rect.height() / _CELL_LEAST), 1))
    columns = min(shape[1], max(int(rect.width() / _CELL_LEAST), 1))
    width, height = rect.width() / columns, rect.height() / rows
    if not fill:
        width, height = min(width, _CELL_MOST[0]), min(height, _CELL_MOST[1])
    area = QRectF(0, 0, width * columns, height * rows)
    area.moveCenter(rect.center())
    return rows, columns, area


def grey_area(rect: QRectF, height: int, width: int) -> QRectF:
    """Where an image of that size is drawn by itself."""
    area = QRectF(0, 0, rect.height() * width / height, rect.height())
    area.moveCenter(rect.center())
    return area


def _image(rgba: NDArray[np.uint8]) -> QImage:
    rgba = np.ascontiguousarray(rgba)
    height, width = rgba.shape[:2]
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _draw_crisp(painter: QPainter, area: QRectF, image: QImage) -> None:
    """Draws pixels as the little squares they are. What shows an SVG would blend them, so there they are made many."""
    if painter.paintEngine().type() == QPaintEngine.Type.SVG:
        size = (area.size() * _SVG_DENSITY).toSize()
        image = image.scaled(size.expandedTo(image.size()))
    painter.drawImage(area, image)


def _gaps(painter: QPainter, area: QRectF, rows: int, columns: int) -> None:
    x = np.linspace(area.left(), area.right(), columns + 1)[1:-1]
    y = np.linspace(area.top(), area.bottom(), rows + 1)[1:-1]
    upright = np.stack([x, np.full_like(x, area.top()), x, np.full_like(x, area.bottom())], axis=1)
    level = np.stack([np.full_like(y, area.left()), y, np.full_like(y, area.right()), y], axis=1)
    take_pen(painter, inks().body, 1.5)
    draw_lines(painter, np.concatenate([upright, level]))


def _centres(area: QRectF, matrix: NDArray[np.float32]) -> tuple[float, float, list[list[float]]]:
    rows, columns = matrix.shape
    return area.width() / columns, area.height() / rows, matrix.tolist()


def _write(painter: QPainter, area: QRectF, matrix: NDArray[np.float32], scale: float) -> None:
    width, height, values = _centres(area, matrix)
    painter.setFont(number_font(9))
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            cell = QRectF(area.left() + j * width, area.top() + i * height, width, height)
            painter.setPen(cell_ink(value, scale or 1.0))
            text = numbers.fixed(value, 2) if abs(value) < 100 else numbers.number(value, 2)
            if numbers.precision().kind != "auto":
                text = numbers.fitting(value, int(width / _CHARACTER))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)


def _hatch_bad(painter: QPainter, area: QRectF, matrix: NDArray[np.float32]) -> None:
    """Magenta is not the only sign of NaN and infinity."""
    good = np.isfinite(matrix)
    if good.all():
        return
    rows, columns = matrix.shape
    width, height = area.width() / columns, area.height() / rows
    brush = QBrush(alpha(theme().panel, 0.5), Qt.BrushStyle.BDiagPattern)
    for row, column in np.argwhere(~good).tolist():
        cell = QRectF(area.left() + column * width, area.top() + row * height, width, height)
        painter.fillRect(cell, brush)


def _minuses(painter: QPainter, area: QRectF, matrix: NDArray[np.float32], scale: float) -> None:
    """Orange is not the only sign of a negative value."""
    width, height, values = _centres(area, matrix)
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            if value < 0:
                take_pen(painter, cell_ink(value, scale or 1.0), 1.0)
                at = QPointF(area.left() + (j + 0.5) * width, area.top() + (i + 0.5) * height)
                painter.drawLine(at - QPointF(2, 0), at + QPointF(2, 0))


def _images(painter: QPainter, rect: QRectF, stack: NDArray[np.float32], grey: bool, scale: float) -> None:
    """(k, h, w) side by side, as large as fits; one grey or colour picture if `grey`."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    height, width = stack.shape[-2:]
    if grey:
        image = grey_image(stack[0] if len(stack) == 1 else stack)
        _draw_crisp(painter, grey_area(rect, height, width), image)
        return
    scale = scale or 1.0
    for tile, cell in zip(stack, tiles(rect, len(stack), width / height), strict=False):
        _draw_crisp(painter, cell, _image(signed_rgba(tile, scale)))


def tiles(rect: QRectF, count: int, aspect: float) -> list[QRectF]:
    """Up to `count` places of that aspect in `rect`, in the number of rows that makes them largest."""
    best, rows = 0.0, 1
    for candidate in (1, 2, 3, 4):
        columns = -(-count // candidate)
        side = min(rect.height() / candidate - 2, (rect.width() / columns - 2) / aspect)
        if side > best:
            best, rows = side, candidate
    side = max(best, 8.0)
    wide = side * aspect
    columns = min(-(-count // rows), max(int(rect.width() / (wide + 2)), 1))
    left = rect.center().x() - columns * (wide + 2) / 2 + 1
    top = rect.center().y() - rows * (side + 2) / 2 + 1
    return [
        QRectF(left + c * (wide + 2), top + r * (side + 2), wide, side)
        for r in range(rows)
        for c in range(columns)
    ][:count]
