"""The pointer's shape over the canvas: it tells what a press would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from .detail import Detail
from .frame_parts import Side, note_side

if TYPE_CHECKING:
    from .gestures import Pointer
    from .surface import Surface

_Shape = Qt.CursorShape
_ALONG = {(1, 0): _Shape.SizeHorCursor, (0, 1): _Shape.SizeVerCursor}


def cursor_at(view: Surface, at: Pointer | None) -> Qt.CursorShape:
    """The shape for what the hand does, or could do there; `at` is None when the pointer is elsewhere."""
    if view.gesture is not None and view.gesture.cursor is not None:
        return view.gesture.cursor
    if view.space_is_down:
        return _Shape.OpenHandCursor
    if at is None or view.gesture is not None:
        return _Shape.ArrowCursor
    if view.mender.chip_at(at.screen) is not None:
        return _Shape.PointingHandCursor
    if view.detail > Detail.FAR and view.socket_under(at.world) is not None:
        return _Shape.CrossCursor
    over = view.folding.cursor_at(at.world)
    return _over_board(view, at) if over is None else over


def _over_board(view: Surface, at: Pointer) -> Qt.CursorShape:
    if not (view.scene.boards.notes or view.scene.boards.frames):
        return _Shape.ArrowCursor
    note = view.note_under(at.world)
    if note:
        side = note_side(view, note, at.world)
        link = side == (0, 0) and view.picture.notes.link_at(note, at.world, view.camera.zoom)
        return _Shape.PointingHandCursor if link else of_side(side)
    part = view.frame_under(at.world)
    if part is None:
        return _Shape.ArrowCursor
    return _Shape.SizeAllCursor if part.side == (0, 0) else of_side(part.side)


def of_side(side: Side) -> Qt.CursorShape:
    """The shape for resizing by an edge or corner; an arrow for none."""
    x, y = side
    if not x and not y:
        return _Shape.ArrowCursor
    if x and y:
        return _Shape.SizeFDiagCursor if x == y else _Shape.SizeBDiagCursor
    return _ALONG[abs(x), abs(y)]
