"""Every learnable parameter as an image: filters side by side, rows of a layer that looks at an image as images."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ...engine.messages import Tensor, TensorKey, Watched
from ...lab.filters import How, arranged, board, by_itself, filters
from .. import numbers
from ..painting import painting
from ..session import Session
from ..tensors import Wish
from ..theme import mono_font, signed_rgba, theme, ui_font
from ..widgets.grid import cell_under
from .live import LivePanel, header_choice, header_switch
from .registry import panel

MOST = 60  # parameters watched at once
LIMIT = 16_384
WHOLE = 1 << 18  # numbers up to which the images that a layer looks for are wanted whole
MOST_INPUTS = 64  # that can be chosen from
BY_NORM = "by norm"
HEAD, FOOT = 18, 22  # above an image its name, below it the read-out
SMALLEST = 52.0  # pixels, before one has to scroll
MARGIN = 12.0
SCROLL_BAR = 12


@panel("weights", "Weights and filters", "bottom", 40)
class WeightsPanel(LivePanel):
    """In rows, each in the colours of the scale that is set; with a node selected, its own only."""

    picture = "weights"
    limit = LIMIT
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.tiles = Tiles(session, self)
        self._each = False
        self.order = header_choice(
            ("by index", BY_NORM), "Order of filters", "In which order filters stand", self.changed
        )
        self.channel = header_choice((), "Input", "Of which input the filters are shown", self.changed)
        self.switch = header_switch(
            "each",
            "Each filter in the full range of colours by itself, not by the scale",
            False,
            self._set_each,
        )
        self.set_content(_Shelves(self.tiles, self))

    def keys(self) -> list[Wish]:
        """Images are wanted whole, larger than other parameters."""
        learnables = self.session.seen.whole.learnables
        return [
            Watched(key, WHOLE) if _is_large_image(learnables[key.node, key.socket]) else key
            for key in self._parameters()
        ]

    def _parameters(self) -> list[TensorKey]:
        learnables = self.session.seen.whole.learnables
        selected = self._of_selected()
        chosen = [pair for pair in learnables if pair in selected] if selected else []
        return [TensorKey("value", *pair) for pair in islice(chosen or learnables, MOST)]

    def present(self) -> list[tuple[str, str, Tensor]]:
        """(the engine's node key, caption, tensor) of each parameter that has arrived."""
        nodes, found = self.session.seen.whole.nodes, []
        for key in self._parameters():
            tensor = self.session.tensor_at(key)
            if tensor is not None and key.node in nodes and np.asarray(tensor.array).size:
                found.append((key.node, f"{nodes[key.node].path}.{key.socket}", tensor))
        return found

    def _of_selected(self) -> set[tuple[str, str]]:
        """The parameters that the one selected node owns or shares; of a group, those inside."""
        node, seen = self.session.selected_node, self.session.seen
        if not node:
            return set()
        key = seen.prefix + node
        inside = {end for end in seen.whole.learnables if end[0] == key or end[0].startswith(f"{key}/")}
        return inside | {
            seen.end(node, socket) for owner, socket in seen.inference.learnables if owner == node
        }

    def missing(self) -> bool:
        if self.present():
            return False
        if not self.session.seen.whole.learnables:
            self.empty.say("Parameters are shown here. Layers such as Linear bring their own.")
        else:
            self.say_nothing_runs("The parameters appear as images once the graph has run.", "forward")
        return True

    def redraw(self) -> None:
        scale = self.session.scales.of_tensor
        present = self.present()
        self._refill(max((_inputs(tensor.shape) for _, _, tensor in present), default=1))
        how = How(self.order.currentText() == BY_NORM, self._each, self.channel.currentIndex() - 1)
        if how.channel is not None and how.channel < 0:
            how = How(how.by_norm, how.each)
        self.tiles.set_tiles([Tile.of(*each, scale(each[2]), how) for each in present])

    def header_tools(self) -> list[QWidget]:
        return [self.channel, self.order, self.switch]

    def _set_each(self, on: bool) -> None:
        self._each = on
        self.changed()

    def _refill(self, inputs: int) -> None:
        """Which input can be chosen; nothing to choose where filters have one."""
        wanted = (
            ["all inputs", *(f"input {k}" for k in range(min(inputs, MOST_INPUTS)))] if inputs > 1 else []
        )
        if [self.channel.itemText(k) for k in range(self.channel.count())] != wanted:
            self.channel.clear()
            self.channel.addItems(wanted)
        self.channel.setVisible(bool(wanted))

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """Every number that is drawn, with its index."""
        rows = (
            (name, " ".join(map(str, at)), value)
            for _, name, tensor in self.present()
            for at, value in np.ndenumerate(np.asarray(tensor.array))
        )
        return ["parameter", "index", "value"], rows


@dataclass(frozen=True)
class Tile:
    """A parameter as an image of signed cells, with NaN where the gaps between filters are.

    cells: (rows, columns), or (rows, columns, 3) in colour. drawn: the same from −1 to 1 where each filter is drawn by
    itself, instead of by the scale.
    """

    node: str
    caption: str
    cells: NDArray[np.float64]
    scale: float
    drawn: NDArray[np.float64] | None = None

    @staticmethod
    def of(node: str, name: str, tensor: Tensor, scale: float, how: How = How()) -> Tile:  # noqa: B008
        values = np.asarray(tensor.array, dtype=np.float64)
        caption = f"{name}  {numbers.shape(tensor.shape)}"
        found = filters(values, tensor.shape)
        if found is None:
            return Tile(node, caption, mosaic(values, tensor.shape), scale)
        found = arranged(found, how)
        words = [", strongest first" if how.by_norm else "", ", each by itself" if how.each else ""]
        drawn = board(by_itself(found)) if how.each else None
        return Tile(node, caption + "".join(words), board(found), scale, drawn)


def mosaic(values: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """An array of any number of axes as one matrix; filters and image rows are set apart by a line of NaN."""
    found = filters(values, shape)
    if found is not None:
        return board(found)
    return values.reshape(1, -1) if values.ndim <= 1 else values


class _Shelves(QScrollArea):
    """Scrolls up and down; its content is as wide as it is."""

    def __init__(self, tiles: Tiles, parent: QWidget) -> None:
        super().__init__(parent)
        self._tiles = tiles
        self.setWidget(tiles)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tiles.lay_out(self.width() - SCROLL_BAR, self.height())


class Tiles(QWidget):
    """Draws the images in rows, as large as the panel has room for; tells the number under the pointer."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._tiles: list[Tile] = []
        self._frames: list[QRectF] = []
        self._room = (300, 150)
        self._hover: tuple[int, int, int] | None = None
        self.setMouseTracking(True)

    def set_tiles(self, tiles: list[Tile]) -> None:
        def form(tile: Tile) -> tuple[object, ...]:
            return tile.cells.shape, tile.caption

        same = [form(t) for t in tiles] == [form(t) for t in self._tiles]
        self._tiles = tiles
        if not same:
            self._hover = None
            self.lay_out(*self._room)
        self.update()

    @property
    def frames(self) -> list[QRectF]:
        """Where each image lies."""
        return self._frames

    def lay_out(self, width: int, height: int) -> None:
        """Gives each image its frame: the largest at which all can be seen, or small ones to scroll through."""
        self._room = width, height
        tallest = float(max(height - HEAD - FOOT - 4, 24))
        self._frames, used = self._shelved(width, tallest)
        while used > height and tallest > SMALLEST:
            tallest *= 0.88
            self._frames, used = self._shelved(width, tallest)
        self.resize(width, max(round(used), height))

    def _shelved(self, width: int, tallest: float) -> tuple[list[QRectF], float]:
        """Frames row by row, none taller than that, and the height of all rows."""
        frames: list[QRectF] = []
        left, top, row = MARGIN, 0.0, 0.0
        metrics = self.fontMetrics()
        for tile in self._tiles:
            wide, tall = _size(tile.cells.shape[:2], width - 2 * MARGIN, tallest)
            taken = max(wide, min(metrics.horizontalAdvance(tile.caption), width - 2 * MARGIN))
            if left > MARGIN and left + taken > width - MARGIN:
                left, top, row = MARGIN, top + row, 0.0
            frames.append(QRectF(left, top + HEAD + 2, wide, tall))
            left += taken + 18
            row = max(row, HEAD + tall + FOOT)
        return frames, top + row

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            for k, (tile, frame) in enumerate(zip(self._tiles, self._frames, strict=True)):
                if not QRectF(event.rect()).intersects(frame.adjusted(0, -HEAD, 200, FOOT)):
                    continue
                painter.setFont(ui_font(11))
                chosen = self._session.seen.here(tile.node) in self._session.selection
                painter.setPen(now.text if chosen else now.secondary)
                cut = Qt.TextElideMode.ElideMiddle
                caption = painter.fontMetrics().elidedText(
                    tile.caption, cut, int(self.width() - frame.left() - 4)
                )
                painter.drawText(QPointF(frame.left(), frame.top() - 7), caption)
                painter.drawImage(frame, _image(tile))
                painter.setFont(mono_font(10))
                painter.setPen(now.secondary)
                below = QRectF(frame.left(), frame.bottom() + 3, 240, 14)
                painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self._read_out(k))

    def _read_out(self, k: int) -> str:
        tile = self._tiles[k]
        if self._hover and self._hover[0] == k:
            values = np.atleast_1d(tile.cells[self._hover[1], self._hover[2]]).tolist()
            if all(map(math.isfinite, values)):
                return "  ".join(numbers.number(value, 4, sign=True) for value in values)
        return f"±{numbers.number(tile.scale)}" if tile.scale else "all zero"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = None
        for k, frame in enumerate(self._frames):
            if frame.contains(event.position()):
                self._hover = (k, *cell_under(frame, self._tiles[k].cells.shape[:2], event.position()))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for tile, frame in zip(self._tiles, self._frames, strict=True):
            if frame.adjusted(0, -HEAD, 0, 16).contains(event.position()):
                self._session.select_key(tile.node)
                return


def _inputs(shape: tuple[int, ...]) -> int:
    return shape[1] if len(shape) == 4 else 1


def _is_large_image(shape: Sequence[object]) -> bool:
    """Whether a parameter holds images, and not so many that they would not come whole."""
    sizes = tuple(size for size in shape if isinstance(size, int))
    if len(sizes) != len(shape) or len(sizes) != 2 or not LIMIT < math.prod(sizes) <= WHOLE:
        return False
    return filters(np.broadcast_to(0.0, sizes), sizes) is not None


def _size(shape: tuple[int, ...], widest: float, tallest: float) -> tuple[float, float]:
    """Width and height of an image of so many cells, whole pixels for each cell where there is room for it."""
    rows, columns = shape
    cell = min(tallest / rows, 14.0 if rows == 1 else 26.0, widest / columns)
    cell = math.floor(cell) if cell >= 3 else cell
    wide = max(cell, min(14.0, 48.0 / columns))  # a tall, narrow matrix is made broad enough to see
    return columns * wide, max(rows * cell, min(tallest, 6.0))


def _image(tile: Tile) -> QImage:
    """The cells in signed colours, or in their own; gaps are left open."""
    cells, scale = (tile.cells, tile.scale or 1.0) if tile.drawn is None else (tile.drawn, 1.0)
    there = np.nan_to_num(cells)
    if cells.ndim == 3:  # black is −scale, grey zero, white +scale, in each of red, green and blue
        shades = np.clip(127.5 * (1 + there / scale), 0, 255).round().astype(np.uint8)
        rgba = np.concatenate([shades, np.full((*cells.shape[:2], 1), 255, np.uint8)], axis=2)
    else:
        rgba = signed_rgba(there, scale)
    rgba = np.ascontiguousarray(rgba)
    rgba[np.isnan(cells.reshape(*cells.shape[:2], -1)[..., 0]), 3] = 0
    height, width = cells.shape[:2]
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
