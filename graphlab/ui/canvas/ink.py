"""Pens, brushes and measures of text for painting nodes and wires, made once per theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ..colour import mix, readable
from ..theme import Theme, mono_font, theme, ui_font


class Inks:
    """The colours of the canvas that follow from a theme's tokens."""

    def __init__(self, now: Theme) -> None:
        self.theme = now
        self.body = now.raised if now.is_dark else now.panel
        self.border = mix(now.line, now.text, 0.10 if now.is_dark else 0.06)
        self.wire = mix(now.line, now.secondary, 0.62 if now.is_dark else 0.55)
        self.wire_far = mix(now.canvas, self.wire, 0.7)
        self.grid = mix(now.canvas, now.line, 0.55 if now.is_dark else 0.9)
        self.well = mix(self.body, now.canvas, 0.55)
        self.hatch = mix(self.body, now.faint, 0.38)
        self.note = mix(now.panel, now.update, 0.10 if now.is_dark else 0.12)
        self.note_edge = mix(now.line, now.update, 0.35)
        self.note_code = mix(self.note, now.text, 0.06)
        self.note_link = readable(now.accent, self.note, self.note_code)
        self.note_quiet = readable(now.secondary, self.note, self.note_code)

    def family(self, category: str) -> QColor:
        return self.theme.family(category) if category else self.theme.faint

    def header(self, category: str) -> QColor:
        return mix(self.body, self.family(category), 0.16)

    def far(self, category: str) -> QColor:
        return mix(self.body, self.family(category), 0.34)


_current: list[Inks] = []


def inks() -> Inks:
    """Those of the theme of the moment."""
    now = theme()
    if not _current or _current[0].theme is not now:
        _current[:] = [Inks(now)]
    return _current[0]


def take_pen(
    painter: QPainter, colour: QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine
) -> None:
    """Gives the painter a pen of so many screen pixels, whatever the zoom and however dense the screen."""
    made = QPen(colour, width * painter.device().devicePixelRatio(), style)
    made.setCosmetic(True)
    made.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(made)


@lru_cache(maxsize=64)
def text_font(px: int, weight: int = 400) -> QFont:
    return ui_font(px, QFont.Weight(weight))


@lru_cache(maxsize=64)
def number_font(px: int, weight: int = 400) -> QFont:
    return mono_font(px, QFont.Weight(weight))


@lru_cache(maxsize=64)
def metrics(px: int, weight: int = 400, mono: bool = False) -> QFontMetricsF:
    return QFontMetricsF(number_font(px, weight) if mono else text_font(px, weight))
