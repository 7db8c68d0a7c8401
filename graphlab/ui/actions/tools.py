"""Tools: the command palette and what inspects the graph as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..panels.live import LivePanel
from .registry import action
from .run import can_reset

if TYPE_CHECKING:
    from ..window import MainWindow


def has_problem(window: MainWindow) -> bool:
    return bool(window.session.inference.problems)


@action("tools.palette", "Find or do anything …", "Ctrl+K", "Ctrl+Shift+P", icon="palette", section="find")
def palette(window: MainWindow) -> None:
    """Search commands, nodes, operations and examples"""
    window.finder.open()


@action("tools.gradient_check", "Check gradients", when=can_reset, icon="gradient-check", section="check")
def gradient_check(window: MainWindow) -> None:
    """Compare the gradients with finite differences"""
    window.session.check_gradients()


@action("tools.health", "Examine the network", when=can_reset, icon="health", section="check")
def health(window: MainWindow) -> None:
    """Say which units are dead or saturated and where gradients vanish or explode, with what would help"""
    window.docks.show("health")
    window.session.examine()


@action("tools.problems", "Next problem", "F8", icon="warning", section="check")
def next_problem(window: MainWindow) -> None:
    """Go to the next node with a fault and say what it is"""
    window.show_next_problem()


@action("tools.fix", "Fix problem …", "Ctrl+.", when=has_problem, icon="fix", section="check")
def fix(window: MainWindow) -> None:
    """Choose among the edits that mend the selected node or wire, or else the first problem"""
    window.leave_start_page()
    window.canvas.mend()


@action("tools.picture", "Save a picture of the window …", icon="screenshot", section="picture")
def picture(window: MainWindow) -> None:
    """Save what the window shows as a PNG"""
    window.files.save_picture()


def panel_of(window: MainWindow) -> LivePanel | None:
    """The panel that has the keyboard, or had it last."""
    found = window.last_panel.content
    return found if isinstance(found, LivePanel) else None


def has_panel(window: MainWindow) -> bool:
    return panel_of(window) is not None


def has_panel_with_numbers(window: MainWindow) -> bool:
    found = panel_of(window)
    return found is not None and found.has_numbers


@action(
    "tools.panel_picture", "Save a picture of this panel …", when=has_panel, icon="image", section="picture"
)
def panel_picture(window: MainWindow) -> None:
    """Save what the panel with the keyboard shows as PNG, SVG or PDF"""
    if (found := panel_of(window)) is not None:
        found.save_picture()


@action(
    "tools.panel_numbers",
    "Save the numbers of this panel as CSV …",
    when=has_panel_with_numbers,
    icon="save",
    section="picture",
)
def panel_numbers(window: MainWindow) -> None:
    """Save the numbers that the panel with the keyboard shows as a table"""
    if (found := panel_of(window)) is not None:
        found.save_numbers()
