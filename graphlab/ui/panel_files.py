"""What a panel shows, put into a file: as a picture (PNG, SVG, PDF), or its numbers as a table (CSV)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QScrollArea, QWidget

from .painting import painting, unswept
from .theme import theme

DENSITY = 2.0  # pixels of a PNG for each on the screen, where they are not too many
MOST_PIXELS = 64_000_000
DOTS = 96  # pixels of the screen in an inch of paper
MARGIN = 8
PICTURES = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"
TABLES = "Table (*.csv)"


def whole_of(content: QWidget) -> QWidget:
    """What is scrolled in it, so that a picture shows all and not only what is in view."""
    inside = content.widget() if isinstance(content, QScrollArea) else None
    return inside if inside is not None else content


def picture(content: QWidget, suffix: str, title: str) -> bytes:
    """What a widget shows, on the ground of the theme; `suffix` ".svg" or ".pdf" gives lines and text, else PNG."""
    shown = whole_of(content)
    make = {".svg": _svg, ".pdf": _pdf}.get(suffix, _png)
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    make(shown, buffer, title)
    buffer.close()
    return bytes(store.data())


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV. Numbers are written so that reading them gives the very same; what is not there is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(_cells, rows))
    return out.getvalue().encode()


def _cells(row: Sequence[Any]) -> list[Any]:
    """NumPy's numbers say their type where they are asked for their exact form; Python's do not."""
    return [cell.item() if hasattr(cell, "item") else cell for cell in row]


def _size(shown: QWidget) -> QSize:
    return shown.size() + QSize(2 * MARGIN, 2 * MARGIN)


def _png(shown: QWidget, buffer: QBuffer, title: str) -> None:
    size = _size(shown)
    scale = min(DENSITY, math.sqrt(MOST_PIXELS / (size.width() * size.height())))
    image = QImage(size * scale, QImage.Format.Format_ARGB32_Premultiplied)
    with painting(image) as painter:
        painter.scale(scale, scale)
        _draw(shown, painter)
    writer = QImageWriter(buffer, b"png")
    writer.setText("Title", title)
    writer.write(image)


def _svg(shown: QWidget, buffer: QBuffer, title: str) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setDescription("Made with graphlab")
    generator.setSize(_size(shown))
    generator.setViewBox(QRect(QPoint(), _size(shown)))
    generator.setResolution(DOTS)
    with painting(generator) as painter:
        _draw(shown, painter)


def _pdf(shown: QWidget, buffer: QBuffer, title: str) -> None:
    size = _size(shown)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("graphlab")
    inches = QSizeF(size.width() / DOTS, size.height() / DOTS)
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Inch)
    writer.setResolution(DOTS)
    with painting(writer) as painter:
        _draw(shown, painter)


def _draw(shown: QWidget, painter: QPainter) -> None:
    with unswept():
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRect(QPoint(), _size(shown)), theme().panel)
        shown.render(painter, QPoint(MARGIN, MARGIN), QRegion(), QWidget.RenderFlag.DrawChildren)
