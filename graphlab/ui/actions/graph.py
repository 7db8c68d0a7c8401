"""Graph: adding, finding and laying out nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..canvas import wiring
from .edit import has_content, one_selected
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


def has_anything(window: MainWindow) -> bool:
    return not window.session.whole.is_empty


@action("graph.wire", "Wire from here …", "W", when=one_selected, icon="connect", section="wire")
def wire(window: MainWindow) -> None:
    """Draw a wire from the selected node by keyboard: arrows choose where to, Enter plugs it in"""
    wiring.start(window.canvas)


@action("graph.wire_into", "Wire into here …", "Shift+W", when=one_selected, section="wire")
def wire_into(window: MainWindow) -> None:
    """Draw a wire to an input of the selected node by keyboard; Delete unplugs the one that is there"""
    wiring.start(window.canvas, into=True)


@action("graph.find", "Find …", "Ctrl+F", when=has_anything, icon="search", section="find")
def find(window: MainWindow) -> None:
    """Find nodes, notes and frames by name, operation, shape or state, in groups, too"""
    window.leave_start_page()
    window.canvas.find_bar.open()


@action("graph.find_next", "Find next", "F3", when=has_anything, icon="chevron-down", section="find")
def find_next(window: MainWindow) -> None:
    """Go to the next of what was found"""
    window.canvas.find_bar.go(1)


@action(
    "graph.find_previous", "Find previous", "Shift+F3", when=has_anything, icon="chevron-up", section="find"
)
def find_previous(window: MainWindow) -> None:
    """Go to the one before among what was found"""
    window.canvas.find_bar.go(-1)


@action("graph.tidy", "Tidy up", "L", when=has_content, icon="tidy", section=LAYOUT)
def tidy(window: MainWindow) -> None:
    """Lay the selected nodes, or else the whole graph, out anew: inputs left, loss right"""
    window.canvas.tidy()
