"""The program's own icon drawings, painted in the colours of the current theme, crisp at every size.

The drawings themselves are `resources/icons/*.svg` on a 20-pixel grid, one stroke style, `currentColor`.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ..io.icons import drawing, exists, op_drawing
from ..ops import Op
from .painting import painting
from .theme import theme

__all__ = ["app_icon", "drawing", "exists", "icon", "op_drawing", "op_icon", "paint", "pixmap", "recoloured"]


def recoloured(name: str, colour: QColor) -> str:
    """SVG text of the icon `name` with `colour` for its strokes."""
    return drawing(name).replace("currentColor", colour.name())


@lru_cache(maxsize=1024)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(recoloured(name, QColor(colour)).encode()))


def paint(painter: QPainter, name: str, rect: QRectF, colour: QColor | None = None) -> None:
    """Draw the icon `name` into `rect`, in `colour` (secondary text if not given)."""
    _renderer(name, (colour or theme().secondary).name()).render(painter, rect)


@lru_cache(maxsize=2048)
def _pixmap(name: str, colour: str, width: int, height: int) -> QPixmap:
    picture = QPixmap(width, height)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        side = min(width, height)
        frame = QRectF((width - side) / 2, (height - side) / 2, side, side)
        _renderer(name, colour).render(painter, frame)
    return picture


def pixmap(name: str, size: int = 16, colour: QColor | None = None, ratio: float = 1.0) -> QPixmap:
    """The icon `name` as a picture of `size` logical pixels for a screen of this device pixel ratio."""
    pixels = round(size * ratio)
    picture = QPixmap(_pixmap(name, (colour or theme().secondary).name(), pixels, pixels))
    picture.setDevicePixelRatio(ratio)
    return picture


class _Engine(QIconEngine):
    """Paints an icon anew at each size and in the theme of the moment, so a switch of theme needs no new icons."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def _colour(self, mode: QIcon.Mode) -> QColor:
        now = theme()
        if mode == QIcon.Mode.Disabled:
            return now.faint
        if self._token:
            return now.colours()[self._token]
        return now.text if mode in (QIcon.Mode.Active, QIcon.Mode.Selected) else now.secondary

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint(painter, self._name, QRectF(rect), self._colour(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # a button that has no room yet
            return QPixmap()
        return QPixmap(_pixmap(self._name, self._colour(mode).name(), size.width(), size.height()))

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        return size

    def isNull(self) -> bool:
        return False

    def clone(self) -> QIconEngine:
        copy = _Engine(self._name, self._token)
        _clones.append(copy)
        return copy


# Qt takes a clone over without telling Python, which would free it under Qt's hands (PySide6 6.11). Clones are rare.
_clones: list[_Engine] = []


@lru_cache(maxsize=512)
def icon(name: str, token: str = "") -> QIcon:
    """The icon `name`. It follows the theme by itself; `token` names a colour of `Theme.colours()` to keep to."""
    drawing(name)
    return QIcon(_Engine(name, token))


def op_icon(op_class: type[Op]) -> QIcon:
    """The operation's drawing in the colour of its family."""
    token = op_class.category.lower()
    return icon(op_drawing(op_class), token if token in theme().colours() else "math")


def app_icon() -> QIcon:
    """The program's own icon, the same in both themes."""
    renderer = QSvgRenderer(QByteArray(drawing("app").encode()))
    result = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        with painting(picture) as painter:
            renderer.render(painter, QRectF(QPoint(0, 0), QSize(side, side)))
        result.addPixmap(picture)
    return result
