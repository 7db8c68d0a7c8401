"""Tools: the gradient check of the selection, and taking its badges away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .edit import has_selection
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def is_checked(window: MainWindow) -> bool:
    return window.session.checks.result is not None or window.session.checks.is_running


@action(
    "tools.gradient_check_selection",
    "Check gradients of the selection",
    "Ctrl+Alt+K",
    when=has_selection,
    icon="gradient-check",
    section="check",
)
def check_selection(window: MainWindow) -> None:
    """Compare the gradients of the selected nodes, of groups all inside, with finite differences"""
    session = window.session
    session.checks.ask(session.selection & session.document.nodes.keys())


@action("tools.clear_check", "Clear the gradient check", when=is_checked, section="check")
def clear(window: MainWindow) -> None:
    """Stop it if it goes on, and take its badges off the nodes"""
    window.session.checks.stop()
    window.session.checks.clear()
