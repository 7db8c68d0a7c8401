"""Graph: adding, finding and laying out nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .edit import has_content
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow

LAYOUT = "layout"  # the section of what moves nodes about


@action("graph.add", "Add node …", "Shift+A", icon="add", section="add")
def add(window: MainWindow) -> None:
    """Search for an operation to add at the pointer"""
    window.leave_start_page()
    window.canvas.add_at_pointer()


@action("graph.add_note", "Add note", "Ctrl+Shift+N", icon="note", section="add")
def add_note(window: MainWindow) -> None:
    """Put a text on the canvas"""
    window.leave_start_page()
    window.canvas.add_note()


@action("graph.find", "Find node …", "Ctrl+F", when=has_content, icon="locate", section="find")
def find(window: MainWindow) -> None:
    """Go to a node by its name"""
    window.finder.open("go to ")


@action("graph.tidy", "Tidy up", "L", when=has_content, icon="tidy", section=LAYOUT)
def tidy(window: MainWindow) -> None:
    """Lay the selected nodes, or else the whole graph, out anew: inputs left, loss right"""
    window.canvas.tidy()
