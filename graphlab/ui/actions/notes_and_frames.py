"""Graph, continued: frames around nodes, and the cards of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import frame_edits
from ..canvas import framing
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def has_frame(window: MainWindow) -> bool:
    frames = window.session.document.frames
    return bool(frames) and any(i in frames for i in window.session.selection)


def can_be_framed(window: MainWindow) -> bool:
    return bool(window.session.selection and window.session.document.frames)


def selected_note(window: MainWindow) -> str:
    """The note that is selected alone, "" for none."""
    chosen = window.session.selection
    return next((i for i in chosen if i in window.session.document.notes), "") if len(chosen) == 1 else ""


def has_note(window: MainWindow) -> bool:
    return bool(selected_note(window))


@action("graph.frame", "Put a frame around", "Ctrl+J", icon="frame-around", section="frame")
def frame(window: MainWindow) -> None:
    """Draw a titled frame around the selection; nodes in it move along with it"""
    window.leave_start_page()
    framing.put_around(window.canvas)


@action("graph.select_frame", "Select the frame around", "Shift+J", when=can_be_framed, section="frame")
def select_frame(window: MainWindow) -> None:
    """Select the frame that the selection lies in; once more, the frame around that one"""
    framing.select_around(window.canvas)


@action(
    "graph.select_content",
    "Select content of frame",
    "Ctrl+Shift+J",
    when=has_frame,
    icon="select-all",
    section="frame",
)
def select_content(window: MainWindow) -> None:
    """Select what lies in the selected frame"""
    frame_edits.select_content(window.session, frame_edits.selected(window.session))


@action("graph.fit_frame", "Fit frame to its content", when=has_frame, icon="fit", section="frame")
def fit_frame(window: MainWindow) -> None:
    """Draw the selected frame just around what lies in it"""
    frame_edits.fit(window.session, frame_edits.selected(window.session))


@action("graph.delete_frame_content", "Delete frame with content", when=has_frame, section="frame")
def delete_with_content(window: MainWindow) -> None:
    """Delete the selected frame and what lies in it; the Delete key leaves that alone"""
    frame_edits.delete_with_content(window.session, frame_edits.selected(window.session))


@action("graph.fit_note", "Fit note to its text", when=has_note, section="frame")
def fit_note(window: MainWindow) -> None:
    """Make the selected note as large as its text"""
    framing.fit_note(window.canvas, selected_note(window))


@action("graph.frame_colour", "Next colour of frame", when=has_frame, section="frame")
def next_colour(window: MainWindow) -> None:
    """Paint the selected frame in the next of the six colours"""
    frame_edits.turn_colour(window.session, frame_edits.selected(window.session))
