"""Which texts a widget or a canvas paints, and where: read from the SVG that the same painters make."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QPointF, QRectF
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from graphlab.ui.painting import painting

_SVG = "{http://www.w3.org/2000/svg}"


class Text(NamedTuple):
    """Words, and where they begin."""

    words: str
    at: QPointF


def read(svg: bytes) -> list[Text]:
    """The texts of an SVG drawing as Qt writes it: each in a group that says where its units lie."""
    found = []
    for group in ET.fromstring(svg).iter(f"{_SVG}g"):
        shift = re.match(r"matrix\(([^)]*)\)", group.get("transform", ""))
        a, b, c, d, e, f = map(float, shift[1].split(",")) if shift else (1, 0, 0, 1, 0, 0)
        for text in group.findall(f"{_SVG}text"):
            x, y = float(text.get("x", 0)), float(text.get("y", 0))
            words = "".join(text.itertext()).strip()
            if words:
                found.append(Text(words, QPointF(a * x + c * y + e, b * x + d * y + f)))
    return found


def within(texts: list[Text], area: QRectF) -> list[str]:
    """The words that begin in an area, row by row."""
    inside = [text for text in texts if area.contains(text.at)]
    return [text.words for text in sorted(inside, key=lambda text: (round(text.at.y()), text.at.x()))]


def of_widget(widget: QWidget) -> list[Text]:
    """What a widget paints now."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(widget.rect())
    with painting(generator) as painter:
        widget.render(painter, QPoint())
    buffer.close()
    return read(bytes(store.data()))
