"""Tools, continued: comparing the graph with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import compare_with
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def is_comparing(window: MainWindow) -> bool:
    return window.session.comparing.is_on


def has_difference(window: MainWindow) -> bool:
    return bool(window.session.comparing.differences)


def has_saved(window: MainWindow) -> bool:
    return window.session.path is not None


@action("tools.compare", "Compare with …", icon="comparison", section="compare")
def compare(window: MainWindow) -> None:
    """See what differs from another tab, the saved file, an earlier state, or any other file"""
    window.finder.open(compare_with.PREFIX)


@action("tools.compare_saved", "Compare with the saved file", when=has_saved, section="compare")
def compare_saved(window: MainWindow) -> None:
    """See what was changed since the graph was saved"""
    compare_with.saved(window)


@action("tools.next_difference", "Next difference", "F7", when=has_difference, section="compare")
def next_difference(window: MainWindow) -> None:
    """Go to the next thing that differs"""
    window.leave_start_page()
    window.session.comparing.step(1)


@action(
    "tools.previous_difference", "Previous difference", "Shift+F7", when=has_difference, section="compare"
)
def previous_difference(window: MainWindow) -> None:
    """Go to the thing before that differs"""
    window.leave_start_page()
    window.session.comparing.step(-1)


@action("tools.end_comparison", "End comparison", when=is_comparing, section="compare")
def end_comparison(window: MainWindow) -> None:
    """Show the graph by itself again"""
    window.session.comparing.end()
