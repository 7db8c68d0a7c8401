"""How several curves in one plot are told apart: by colour and by dash, in the plot and in its legend alike."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ..painting import painting
from ..theme import theme

STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
COLOURS = ("accent", "backward", "forward", "update", "error", "secondary")
WIDTH, HEIGHT = 22, 10


def colour_of(at: int) -> QColor:
    """The colour of a curve; those that share one differ in their stroke."""
    return theme().colours()[COLOURS[at % len(COLOURS)]]


def style_of(at: int) -> Qt.PenStyle:
    return STYLES[at % len(STYLES)]


def pen_of(at: int, width: float = 1.8) -> QPen:
    pen = QPen(colour_of(at), width)
    pen.setStyle(style_of(at))
    return pen


def stroke(at: int, ratio: float) -> QPixmap:
    """A piece of a curve's line for the legend."""
    picture = QPixmap(round(WIDTH * ratio), round(HEIGHT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen_of(at))
        painter.drawLine(1, HEIGHT // 2, WIDTH - 1, HEIGHT // 2)
    return picture
