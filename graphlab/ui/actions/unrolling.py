"""Graph, continued: cells along a sequence, drawn as a loop or in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...graph.copies import time_of
from .. import group_edits, repeating
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def has_group(window: MainWindow) -> bool:
    return group_edits.has_group(window.session)


def is_repeated(window: MainWindow) -> bool:
    return repeating.is_repeated(window.session)


def has_unroll(window: MainWindow) -> bool:
    return bool(window.canvas.folding.chosen())


def is_unrolled(window: MainWindow) -> bool:
    return window.canvas.folding.are_unrolled(window.canvas.folding.chosen())


@action(
    "graph.draw_unrolled",
    "Draw unrolled",
    "U",
    when=has_unroll,
    icon="unroll",
    section="group",
    checked=is_unrolled,
)
def draw_unrolled(window: MainWindow) -> None:
    """Draw the selected Unroll nodes as copies in time, or again as one cell with its loop"""
    window.canvas.folding.toggle()


@action(
    "graph.repeat",
    repeating.ON,
    "Shift+U",
    when=has_group,
    icon="op-Unroll",
    section="group",
    checked=is_repeated,
)
def repeat(window: MainWindow) -> None:
    """Make the selected groups cells, of which each step of a sequence has a copy, or use them once again"""
    window.session.attempt(repeating.toggle, window.session)


def has_time(window: MainWindow) -> bool:
    """Whether one is inside of a copy of a cell, or has selected one that is drawn in time."""
    return max(map(time_of, window.session.inside), default=-1) >= 0 or has_unroll(window)


@action("graph.earlier", "Look a step earlier", "Alt+Left", when=has_time, section="group", here=False)
def earlier(window: MainWindow) -> None:
    """See the values of the copy one step earlier"""
    window.canvas.folding.go_on(-1)


@action("graph.later", "Look a step later", "Alt+Right", when=has_time, section="group", here=False)
def later(window: MainWindow) -> None:
    """See the values of the copy one step later"""
    window.canvas.folding.go_on(1)
