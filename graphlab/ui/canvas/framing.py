"""Frames and the cards of notes by hand: what keys, menus and double-clicks on the canvas do about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt

from ...errors import GraphlabError
from ...graph import edits
from ...graph.framing import TITLE
from .. import frame_edits
from .inline import NameEditor

if TYPE_CHECKING:
    from .commands import Commands

_WIDEST = 420  # pixels of the field in which a title is written


def put_around(view: Commands, screen: QPointF | None = None) -> None:
    """Draws a frame around the selection, else an empty one at the pointer, and opens its title for writing."""
    place = view.camera.world(screen or view.pointer_or_middle())
    made: list[str] = []
    view.session.attempt(lambda: made.append(frame_edits.put_around(view.session, (place.x(), place.y()))))
    if made:
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        rename(view, made[0])


def rename(view: Commands, frame: str) -> None:
    """Opens the title of a frame for editing, in its bar."""
    view.reveal(frame)
    rect = view.camera.screen_rect(view.scene.boards.rect(frame))
    rect.setHeight(TITLE * view.camera.zoom)
    place = rect.toRect()
    place.setWidth(min(place.width(), _WIDEST))
    place.setSize(place.size().expandedTo(QSize(150, 26)))
    graph = view.session.graph  # the sheet may be another when the title is kept

    def keep(title: str) -> None:
        if frame in graph.document.frames:
            frame_edits.rename(graph, frame, title)

    def refuse(error: GraphlabError) -> None:
        view.explain(QPointF(place.left(), place.bottom()), error.message, error.hint)

    title = view.session.document.frames[frame].title
    view.open_editor(NameEditor(view, place, title, keep, refuse, "Title of the frame"))


def show(view: Commands, frame: str) -> None:
    """Selects a frame and shows it as large as is sensible."""
    view.session.select({frame})
    view.frame_selection()
    view.setFocus(Qt.FocusReason.OtherFocusReason)


def select_around(view: Commands) -> None:
    """Selects the smallest frame around the selection; asked again, the one around that."""
    frame = frame_edits.frame_around(view.session)
    if frame:
        view.session.select({frame})
        view.reveal(frame)
    else:
        view.session.notify("info", "There is no frame around what is selected.")


def fit_note(view: Commands, note: str) -> None:
    """Makes a note as large as its text: no wider than it is, and as high as it takes."""
    graph, size = view.session.graph, view.picture.notes.fitting_size(note)
    view.session.attempt(
        lambda: graph.replace(edits.edit_note(graph.document, note, size=size), "Resize note")
    )
