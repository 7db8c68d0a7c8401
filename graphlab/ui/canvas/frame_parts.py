"""What a hand takes hold of: the title and edges of frames, the edges and the corner of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF

from .draw_notes import GRIP

if TYPE_CHECKING:
    from .surface import Surface

_REACH = 5.0  # pixels at either side of an edge
_CORNER = 12.0  # pixels from a corner in which both edges are meant

Side = tuple[int, int]  # (1, 0) the right edge, (-1, -1) the top left corner, (0, 0) none


class Part(NamedTuple):
    """Part of a frame: the title, or where `side` is not (0, 0) an edge or corner that resizes it.

    over: it lies over the nodes, as titles do from afar.
    """

    frame: str
    side: Side = (0, 0)
    over: bool = False


def part_at(view: Surface, place: QPointF) -> Part | None:
    """The part of a frame at a place of the canvas, those of smaller frames first; None between and outside.

    The edges of a selected frame resize it; those of others are taken hold of to move it, as its title is.
    """
    boards, zoom = view.scene.boards, view.camera.zoom
    plates = view.picture.frames.plates.at(zoom)
    here = boards.within(True, QRectF(place, place))
    found = (plates[i] for i in here if i in plates)
    over = next((plate for plate in found if plate.over and plate.rect.contains(place)), None)
    if over is not None:
        side = _resized(view, over.frame, place)
        return Part(over.frame, side, over=True)
    reach = _REACH / zoom
    around = QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach)
    for frame in reversed(boards.within(True, around)):
        side = side_at(boards.rect(frame), place, zoom)
        plate = plates.get(frame)
        if side != (0, 0):
            return Part(frame, _resized(view, frame, place))
        if plate is not None and plate.rect.contains(place):
            return Part(frame)
    return None


def _resized(view: Surface, frame: str, place: QPointF) -> Side:
    if frame not in view.session.selection:
        return 0, 0
    return side_at(view.scene.boards.rect(frame), place, view.camera.zoom)


def note_side(view: Surface, note: str, place: QPointF) -> Side:
    """The edge or corner of a selected note that is there; its lower right corner is a larger grip."""
    if note not in view.session.selection:
        return 0, 0
    rect = view.scene.boards.rect(note)
    grip = QRectF(rect.right() - GRIP, rect.bottom() - GRIP, GRIP, GRIP)
    return (1, 1) if grip.contains(place) else side_at(rect, place, view.camera.zoom)


def side_at(rect: QRectF, place: QPointF, zoom: float) -> Side:
    """The edge or corner of a rectangle within reach; (0, 0) for none. A small rectangle is not all edge."""
    reach = min(_REACH / zoom, rect.width() / 5, rect.height() / 5)
    if not rect.adjusted(-reach, -reach, reach, reach).contains(place):
        return 0, 0
    corner = min(_CORNER / zoom, rect.width() / 4, rect.height() / 4)
    x = _end(place.x(), rect.left(), rect.right(), reach)
    y = _end(place.y(), rect.top(), rect.bottom(), reach)
    if x and not y:
        y = _end(place.y(), rect.top(), rect.bottom(), corner)
    elif y and not x:
        x = _end(place.x(), rect.left(), rect.right(), corner)
    return x, y


def _end(value: float, low: float, high: float, reach: float) -> int:
    if abs(value - low) <= reach:
        return -1
    return 1 if abs(value - high) <= reach else 0
