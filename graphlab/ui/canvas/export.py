"""The whole graph as a picture: SVG and PDF with text as text and lines as lines, PNG at any density, or an image.

It shows what the canvas shows at natural size, live values included, on the ground of the theme; nothing is selected
in it, and no grid is drawn.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from ...errors import SaveError
from ...io.saving import write_atomically
from ..painting import painting, unswept
from ..theme import theme
from .camera import Camera
from .detail import Detail
from .draw_frames import FramePainter
from .draw_nodes import Lens, NodePainter
from .draw_notes import NotePainter
from .draw_wires import Emphasis, WirePainter

if TYPE_CHECKING:
    from .surface import Surface

MARGIN = 32.0  # canvas units around the graph
DENSITY = 2.0  # pixels of a PNG per canvas unit, where they are not too many
MOST_PIXELS = 64_000_000
DOTS = 96  # canvas units in an inch of paper
SUFFIXES = (".svg", ".pdf", ".png")


def export(canvas: Surface, path: Path) -> None:
    """Writes the graph on the canvas; the suffix says as what. SaveError, and an older file is untouched.

    Raises:
        SaveError: the suffix is none of SUFFIXES, there is nothing to draw, or the file cannot be written.
    """
    makers = {".svg": svg, ".pdf": pdf, ".png": png}
    make = makers.get(path.suffix.lower())
    if make is None:
        raise SaveError(
            f"{path.name} says not what kind of picture it is.", hint=f"Let it end in {', '.join(SUFFIXES)}."
        )
    write_atomically(path, make(canvas))


def svg(canvas: Surface) -> bytes:
    """The graph as SVG, text as text. SaveError for an empty one."""
    area = _area(canvas)
    store, buffer = _store()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(canvas.session.document.name)
    generator.setDescription("Made with graphlab")
    generator.setSize(QSize(math.ceil(area.width()), math.ceil(area.height())))
    generator.setViewBox(QRectF(0, 0, area.width(), area.height()))
    generator.setResolution(DOTS)
    with painting(generator) as painter:
        _draw(canvas, painter, area, 1.0)
    buffer.close()
    return bytes(store.data())


def pdf(canvas: Surface) -> bytes:
    """The graph as a page of its own size. SaveError for an empty one."""
    area = _area(canvas)
    store, buffer = _store()
    writer = QPdfWriter(buffer)
    writer.setTitle(canvas.session.document.name)
    writer.setCreator("graphlab")
    inches = QSizeF(area.width() / DOTS, area.height() / DOTS)
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Inch)
    writer.setResolution(DOTS)
    with painting(writer) as painter:
        _draw(canvas, painter, area, 1.0)
    buffer.close()
    return bytes(store.data())


def image(canvas: Surface, density: float = DENSITY) -> QImage:
    """The graph as an image of so many pixels per canvas unit, fewer for a very large one. SaveError if empty."""
    area = _area(canvas)
    scale = min(density, math.sqrt(MOST_PIXELS / (area.width() * area.height())))
    size = QSize(math.ceil(area.width() * scale), math.ceil(area.height() * scale))
    picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    with painting(picture) as painter:
        painter.scale(scale, scale)
        _draw(canvas, painter, area, scale)
    return picture


def png(canvas: Surface) -> bytes:
    store, buffer = _store()
    QImageWriter(buffer, b"png").write(image(canvas))
    buffer.close()
    return bytes(store.data())


def _area(canvas: Surface) -> QRectF:
    bounds = canvas.scene.bounds()
    if bounds.isEmpty():
        raise SaveError("There is nothing on the canvas to draw.", hint="Add a node first.")
    return bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)


def _store() -> tuple[QByteArray, QBuffer]:
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return store, buffer


def _draw(canvas: Surface, painter: QPainter, area: QRectF, scale: float) -> None:
    """Draws `area` with its corner at the painter's origin, one unit to a canvas unit."""
    with unswept():
        painter.fillRect(QRectF(0, 0, area.width(), area.height()), theme().canvas)
        painter.translate(-area.topLeft())
        scene, camera = canvas.scene, Camera()
        lens = Lens(camera, scale, Detail.NEAR, (theme().name, Detail.NEAR, scale))
        FramePainter(scene.boards).draw(painter, camera, area, frozenset())
        NotePainter(scene.boards).draw_plain(painter, area)
        wires = WirePainter(scene, canvas.looks, canvas.live)
        every = list(range(len(scene.edges)))
        wires.draw_near(painter, camera, every, Detail.NEAR, Emphasis())
        wires.draw_plain_labels(painter, camera, every)
        nodes = NodePainter(scene, canvas.looks, canvas.live)
        nodes.draw_reasons(painter, scene.ids)
        nodes.draw_plain(painter, scene.ids, lens)
