"""Where the boards stand on which a window is shown: input, filter, products, words, result, and a matrix beside."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF

HEAD, GAP, ROW = 18.0, 26.0, 6.0  # pixels of a title, between boards, and between the boards of channels
WORDS = 132.0  # of what it comes to
LABEL = 22.0  # of the numbers of channels
NEAR = 14.0  # between boards of one row
FLAT_ROW, FLATTEST = 34.0, 20.0  # of a board of one row, and where there are many
MATRIX_ROOM = 480.0  # from which a matrix stands beside


@dataclass
class Places:
    """One area for each channel in `left`, `filters` and `products`; the others are one each."""

    left: list[QRectF] = field(default_factory=list)
    filters: list[QRectF] = field(default_factory=list)
    products: list[QRectF] = field(default_factory=list)
    words: QRectF = field(default_factory=QRectF)
    right: QRectF = field(default_factory=QRectF)
    matrix: QRectF = field(default_factory=QRectF)


@dataclass(frozen=True)
class Shape:
    """What is to be placed: (rows, columns) of each kind of board; a filter of no columns is left out."""

    channels: int
    left: tuple[int, int]
    kernel: tuple[int, int]
    right: tuple[int, int]
    has_filter: bool
    has_matrix: bool

    @property
    def is_flat(self) -> bool:
        return self.left[0] == self.right[0] == self.kernel[0] == 1


def arranged(area: QRectF, shape: Shape) -> Places:
    """Sequences below one another, images beside, or in two rows where that gives them more room."""
    if shape.is_flat:
        return _flat(area, shape)
    if shape.channels > 1:
        return _wide(area, shape) if _is_wide(area) else _tall(area, shape)
    return max(_wide(area, shape), _tall(area, shape), key=lambda places: _smallest_cell(places, shape))


def _is_wide(area: QRectF) -> bool:
    return area.width() >= 1.5 * area.height()


def _smallest_cell(places: Places, shape: Shape) -> float:
    """Pixels of the side of a cell on the board where they are smallest."""
    boards = (places.left[0], shape.left), (places.products[0], shape.kernel), (places.right, shape.right)
    return min(
        min(at.height() / max(rows, 1), at.width() / max(columns, 1)) for at, (rows, columns) in boards
    )


def fitting_channels(area: QRectF, is_flat: bool) -> int:
    """How many channels have room below one another."""
    if is_flat:
        return max(1, int((area.height() - 3 * HEAD - FLATTEST) / (2 * (FLATTEST + ROW))))
    tall = area.height() if _is_wide(area) else area.height() * 0.55
    return max(1, int((tall - HEAD) / (56.0 + ROW)))


def _wide(area: QRectF, shape: Shape) -> Places:
    label = LABEL if shape.channels > 1 else 0.0
    height = area.height() - HEAD
    row = height / shape.channels - ROW
    left, right = (
        _width(shape.left, row, 0.42 * area.width()),
        _width(shape.right, height, 0.34 * area.width()),
    )
    kernel = _width(shape.kernel, row, 0.18 * area.width())
    count = 2 if shape.has_filter else 1
    wanted = left + right + count * kernel + WORDS + (3 + count - 1) * GAP + label
    shrink = min(
        1.0,
        (area.width() - WORDS - (2 + count) * GAP - label)
        / max(wanted - WORDS - (2 + count) * GAP - label, 1),
    )
    left, right, kernel = left * shrink, right * shrink, kernel * shrink
    x = area.left() + label + max(0.0, (area.width() - min(wanted, area.width())) / 2)
    top = area.top() + HEAD
    found = Places(left=_rows(QRectF(x, top, left, height), shape.channels))
    x += left + GAP
    if shape.has_filter:
        found.filters = _rows(QRectF(x, top, kernel, height), shape.channels)
        x += kernel + GAP
    found.products = _rows(QRectF(x, top, kernel, height), shape.channels)
    x += kernel + GAP / 2
    found.words = QRectF(x, top, WORDS, height)
    found.right = QRectF(x + WORDS + GAP / 2, top, right, height)
    return found


def _tall(area: QRectF, shape: Shape) -> Places:
    label = LABEL if shape.channels > 1 else 0.0
    upper = QRectF(area.left(), area.top() + HEAD, area.width(), 0.55 * area.height() - HEAD)
    lower = QRectF(area.left(), upper.bottom() + HEAD + ROW, area.width(), 0.45 * area.height() - HEAD - ROW)
    half = (area.width() - label - GAP) / 2
    found = Places(left=_rows(QRectF(area.left() + label, upper.top(), half, upper.height()), shape.channels))
    found.right = QRectF(area.right() - half, upper.top(), half, upper.height())
    words = min(WORDS, area.width() / 3)
    room = area.width() - words - GAP
    count = 2 if shape.has_filter else 1
    each = (room - (count - 1) * GAP) / count
    rows = [
        _rows(QRectF(area.left() + k * (each + GAP), lower.top(), each, lower.height()), shape.channels)
        for k in range(count)
    ]
    found.products = rows[-1]
    found.filters = rows[0] if shape.has_filter else []
    found.words = QRectF(area.right() - words, lower.top(), words, lower.height())
    return found


def _flat(area: QRectF, shape: Shape) -> Places:
    main = QRectF(area)
    found = Places()
    if shape.has_matrix and area.width() >= MATRIX_ROOM:
        main.setWidth(0.58 * area.width())
        found.matrix = QRectF(
            main.right() + GAP, area.top() + HEAD, area.right() - main.right() - GAP, area.height() - HEAD
        )
    label = LABEL if shape.channels > 1 else 0.0
    main.setLeft(main.left() + label)
    lines = 2 * shape.channels + 1
    tall = min(FLAT_ROW, max(FLATTEST, (area.height() - 3 * HEAD) / lines - ROW))
    block = shape.channels * (tall + ROW)
    spare = max(0.0, area.height() - 3 * HEAD - 2 * block - tall) / 3
    top = main.top() + HEAD + spare / 2
    found.left = _rows(QRectF(main.left(), top, main.width(), block), shape.channels)
    top += block + HEAD + spare
    words = min(WORDS, 0.28 * main.width())
    count = 2 if shape.has_filter else 1
    each = (main.width() - words - count * NEAR) / count
    rows = [
        _rows(QRectF(main.left() + k * (each + NEAR), top, each, block), shape.channels) for k in range(count)
    ]
    found.products = rows[-1]
    found.filters = rows[0] if shape.has_filter else []
    found.words = QRectF(main.right() - words, top - HEAD, words, block + HEAD)
    top += block + HEAD + spare
    found.right = QRectF(main.left(), top, main.width(), tall)
    return found


def _rows(area: QRectF, count: int) -> list[QRectF]:
    """The same area in rows."""
    tall = area.height() / count
    return [
        QRectF(area.left(), area.top() + k * tall, area.width(), tall - (ROW if count > 1 else 0))
        for k in range(count)
    ]


def _width(shape: tuple[int, int], height: float, most: float) -> float:
    """How wide a board of that many cells gets in that height, with square cells."""
    rows, columns = max(shape[0], 1), max(shape[1], 1)
    return max(28.0, min(most, columns * min(44.0, height / rows)))
