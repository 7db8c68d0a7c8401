"""Tools, continued: what units want to see, and what answers rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..wanting import wanting_of
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


SHARE, TALL = 0.62, 320  # of the width of the bottom row; pixels


def looks_at_pictures(window: MainWindow) -> bool:
    """Whether pictures go into the graph."""
    return wanting_of(window.session).is_possible


@action("tools.wants", "What does this unit want?", when=looks_at_pictures, icon="wants", section="filters")
def wants(window: MainWindow) -> None:
    """Find the picture at which a unit of the selected layer says most, and the samples at which it does"""
    window.leave_start_page()
    session = window.session
    node = session.document.nodes.get(session.selected_node)
    results = node.make().results() if node is not None and node.is_known else ()
    window.docks.show_wide("wants", SHARE, TALL)
    if results and node is not None and not node.make().source:
        wanting_of(session).ask(session.seen.end(session.selected_node, results[0]), (0,))


@action("tools.why", "Why this answer?", when=looks_at_pictures, icon="why", section="filters")
def why(window: MainWindow) -> None:
    """Show which pixels of a picture the answer rests on, and which small step would change it"""
    window.leave_start_page()
    window.docks.show_wide("why", SHARE, TALL)
