"""What a right click offers on a frame."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from ...graph.document import FRAME_COLOURS
from .. import frame_edits, marks
from . import framing, surgery
from .entries import add_entry

if TYPE_CHECKING:
    from .view import CanvasView


def fill(view: CanvasView, menu: QMenu, frames: list[str]) -> None:
    """Naming, colour and size of frames, and what lies in them."""
    session = view.session
    if len(frames) == 1:
        add_entry(menu, "Rename", "rename", lambda: framing.rename(view, frames[0]), _key(view, frames, "F2"))
    _colours(view, menu.addMenu("Colour"), frames)
    content = frame_edits.content_of(session, frames)
    several = "frame" if len(frames) == 1 else "frames"
    add_entry(
        menu,
        f"Fit {several} to content",
        "fit",
        partial(session.attempt, frame_edits.fit, session, frames),
        enabled=bool(content),
    )
    add_entry(
        menu,
        "Select content",
        "select-all",
        partial(frame_edits.select_content, session, frames),
        _key(view, frames, "Ctrl+Shift+J"),
        enabled=bool(content),
    )


def fill_removal(view: CanvasView, menu: QMenu, frames: list[str]) -> None:
    """The two ways of deleting frames."""
    session = view.session
    several = "frame" if len(frames) == 1 else "frames"
    delete = partial(session.attempt, surgery.delete, session.graph, frames)
    everything = partial(session.attempt, frame_edits.delete_with_content, session, frames)
    add_entry(menu, f"Delete {several}", "delete", delete, _key(view, frames, "Delete"))
    add_entry(menu, f"Delete {several} with content", "", everything)


def _key(view: CanvasView, frames: list[str], key: str) -> str:
    """The key is told only where it does the same: it means what is selected, which may be more or something else."""
    return key if view.session.selection == frozenset(frames) else ""


def _colours(view: CanvasView, menu: QMenu, frames: list[str]) -> None:
    session = view.session
    worn = {session.document.frames[frame].colour for frame in frames}
    one_of = QActionGroup(menu)
    for colour in FRAME_COLOURS:
        action = menu.addAction(marks.icon(colour, worn == {colour}), colour.capitalize())
        action.setCheckable(True)
        action.setChecked(worn == {colour})
        one_of.addAction(action)
        paint = partial(session.attempt, frame_edits.change, session, frames, colour=colour)
        action.triggered.connect(lambda *_, paint=paint: paint())
