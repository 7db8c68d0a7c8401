"""Files dragged over the canvas: a hint at the pointer says what will become of them, and letting go does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QDropEvent, QPainter, QPen

from ...data.photo import Photo
from ...data.pictures import SUFFIXES
from ...graph.drawn.shapes import HEADER, RADIUS, WIDTH
from ...io.weight_files import SAFETENSORS
from ..colour import alpha
from ..intake import GRAPHS, can_take
from ..theme import theme
from .ink import metrics, text_font
from .surgery import Key

if TYPE_CHECKING:
    from ..session import Session
    from .view import CanvasView

_HOLD = QPointF(24.0, HEADER / 2)  # where the hand holds the ghost
_TALL = 92.0
_PAD = 10.0


def files_in(mime: QMimeData) -> list[Path]:
    """The files and folders among what is dragged, or was copied, that can stand on the canvas."""
    paths = (Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return [path for path in paths if can_take(path)]


def accept(event: QDropEvent) -> None:
    """Takes files as copies, whatever is proposed: with Shift that is to move them out of their folder."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def is_blank(session: Session) -> bool:
    """Whether nothing was done here yet, so that a graph opens rather than being inserted."""
    return session.whole.is_empty and session.path is None


def opens(session: Session, path: Path, modifiers: Qt.KeyboardModifier) -> bool:
    """Whether a dropped file opens as a document of its own."""
    held = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
    return path.suffix.lower() in GRAPHS and not path.is_dir() and (held or is_blank(session))


class FileGhost:
    """What will stand there, with a line on what letting go does."""

    receiver: Key | None = None

    def __init__(self, view: CanvasView, paths: list[Path]) -> None:
        self._view, self.paths = view, paths
        self.place = QPointF()
        self.words = ""
        self._opens = False
        self._into = ""  # the node that takes the file

    def move(self, event: QDropEvent) -> None:
        self.place = self._view.camera.world(event.position()) - _HOLD
        session = self._view.session
        self._opens = any(opens(session, path, event.modifiers()) for path in self.paths)
        self._into = self._taker(event)
        name = session.document.nodes[self._into].name if self._into else ""
        self.words = f"Show it in {name}" if name else words_for(self.paths, self._opens, is_blank(session))

    def drop(self) -> None:
        session = self._view.session
        if self._opens:
            for path in self.paths:
                if path.suffix.lower() in GRAPHS:
                    session.file_wanted.emit(path)
            return
        if self._into in session.document.nodes:
            session.intake.replace(self._into, self.paths[0])
            session.select({self._into})
            return
        session.intake.take(self.paths, (round(self.place.x()), round(self.place.y())))
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _taker(self, event: QDropEvent) -> str:
        """The Picture under the pointer, where one picture is dragged; Alt suspends it."""
        is_one = len(self.paths) == 1 and self.paths[0].suffix.lower() in SUFFIXES
        held = event.modifiers() & Qt.KeyboardModifier.AltModifier
        node = self._view.node_under(self._view.camera.world(event.position())) if is_one and not held else ""
        nodes = self._view.session.document.nodes
        return node if node in nodes and nodes[node].op == Photo.op else ""

    def paint(self, painter: QPainter) -> None:
        """`painter` is in screen units."""
        colour, zoom = theme().accent, self._view.camera.zoom
        corner = self._view.camera.screen(self.place)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._opens:
            painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(alpha(colour, 0.10))
            box = QRectF(corner.x(), corner.y(), WIDTH * zoom, _TALL * zoom)
            if self._into:
                box = self._view.camera.screen_rect(self._view.scene.rect(self._into))
            painter.drawRoundedRect(box, RADIUS * zoom, RADIUS * zoom)
        self._paint_words(painter, corner)

    def _paint_words(self, painter: QPainter, corner: QPointF) -> None:
        """Above the ghost, or below it where there is no room; never beyond the edge."""
        now, measure = theme(), metrics(12)
        width, height = measure.horizontalAdvance(self.words) + 2 * _PAD, measure.height() + _PAD
        zoom = self._view.camera.zoom
        x = min(max(corner.x(), 8.0), max(self._view.width() - width - 8.0, 8.0))
        y = corner.y() - height - 8
        if y < 8:
            y = corner.y() + (0 if self._opens else _TALL * zoom) + 28
        chip = QRectF(x, y, width, height)
        painter.setPen(now.line)
        painter.setBrush(now.raised)
        painter.drawRoundedRect(chip, 6, 6)
        painter.setFont(text_font(12))
        painter.setPen(now.text)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self.words)


def words_for(paths: list[Path], opens: bool, blank: bool) -> str:
    """What letting go does."""
    if opens:
        return "Open" if blank or len(paths) > 1 else f"Open {paths[0].name}"
    if all(path.suffix.lower() == SAFETENSORS for path in paths):
        return "Load weights"
    graphs = [path for path in paths if path.suffix.lower() in GRAPHS and not path.is_dir()]
    if graphs:
        return "Insert as group · Shift: open"
    if any(path.is_dir() for path in paths):
        return "Insert the images of the folder; subfolders are classes"
    images = [path for path in paths if path.suffix.lower() in SUFFIXES]
    if images:
        return "Insert image" if len(images) == 1 else f"Insert {len(images)} images as one set"
    return f"Insert {paths[0].name}" if len(paths) == 1 else f"Insert {len(paths)} files"
