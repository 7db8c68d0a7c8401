"""View: the camera, the theme, the panels and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import bookmarks, focus, theme
from .edit import has_content, has_selection
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


@action("view.frame_all", "Frame all", "Home", when=has_content, icon="frame", section="camera")
def frame_all(window: MainWindow) -> None:
    """Show the whole graph"""
    window.canvas.frame_all()


@action("view.frame_selection", "Frame selection", "F", when=has_selection, icon="fit", section="camera")
def frame_selection(window: MainWindow) -> None:
    """Show the selection as large as fits"""
    window.canvas.frame_selection()


@action("view.zoom_in", "Zoom in", "Ctrl++", "Ctrl+=", "+", icon="zoom-in", section="camera")
def zoom_in(window: MainWindow) -> None:
    """Show less of the graph, larger"""
    window.canvas.zoom_in()


@action("view.zoom_out", "Zoom out", "Ctrl+-", "-", icon="zoom-out", section="camera")
def zoom_out(window: MainWindow) -> None:
    """Show more of the graph, smaller"""
    window.canvas.zoom_out()


def has_bookmarks(window: MainWindow) -> bool:
    return bool(window.session.whole.bookmarks)


@action("view.bookmark", "Bookmark this view …", "Ctrl+B", icon="bookmark", section="bookmarks")
def bookmark(window: MainWindow) -> None:
    """Give a name to what you see, to come back to it"""
    bookmarks.keep_view(window)


@action(
    "view.go_to_bookmark",
    "Go to a bookmark …",
    *bookmarks.KEYS,
    when=has_bookmarks,
    icon="locate",
    section="bookmarks",
    here=False,
)
def go_to_bookmark(window: MainWindow) -> None:
    """Fly to a named view, into groups where needed"""
    window.finder.open("go to view ")


@action(
    "view.minimap",
    "Minimap",
    section="grid",
    checked=lambda window: window.canvas.minimap.wanted,
)
def minimap(window: MainWindow) -> None:
    """Show the whole graph in small, in a corner of the canvas, while not all of it is in view"""
    window.canvas.minimap.set_wanted(not window.canvas.minimap.wanted)


@action("view.order", "Order and parts", section="grid", checked=lambda window: window.canvas.shows_order)
def order(window: MainWindow) -> None:
    """Number the nodes in the order of computing; mark inputs, outputs, parameters and the goal"""
    window.set_order(not window.canvas.shows_order)


@action("view.snap", "Snap to the grid", section="grid", checked=lambda window: window.canvas.snap_to_grid)
def snap(window: MainWindow) -> None:
    """Dragged nodes stop at the points of the grid; Shift does the opposite while held"""
    window.set_snap(not window.canvas.snap_to_grid)


@action("view.guides", "Alignment guides", section="grid", checked=lambda window: window.canvas.shows_guides)
def guides(window: MainWindow) -> None:
    """Dragged things stick where they line up with a neighbour; Alt does without while held"""
    window.set_guides(not window.canvas.shows_guides)


def is_dark(window: MainWindow) -> bool:
    return theme.theme().is_dark


@action("view.dark", "Dark theme", "Ctrl+Shift+L", section="theme", checked=is_dark)
def dark(window: MainWindow) -> None:
    """Switch between the dark and the light theme"""
    window.set_theme("light" if theme.theme().is_dark else "dark")


def follows(window: MainWindow) -> bool:
    return window.follows_system


@action("view.follow_system", "Follow the system's theme", section="theme", checked=follows)
def follow_system(window: MainWindow) -> None:
    """Use the theme that the desktop is set to"""
    window.set_theme("dark" if window.follows_system else "system")


@action(
    "view.full_screen",
    "Full screen",
    "Ctrl+Shift+F11",
    section="window",
    checked=lambda window: window.window().isFullScreen(),
)
def full_screen(window: MainWindow) -> None:
    """Fill the screen with this window"""
    frame = window.window()
    frame.setWindowState(frame.windowState() ^ window.FULL_SCREEN)


@action("view.next_part", "Next part of the window", "F6", icon="keyboard", section="window")
def next_part(window: MainWindow) -> None:
    """Give the keyboard to the next panel; after the last to the canvas"""
    focus.go_round(window, 1)


@action("view.previous_part", "Previous part of the window", "Shift+F6", section="window")
def previous_part(window: MainWindow) -> None:
    """Give the keyboard to the panel before, or to the canvas"""
    focus.go_round(window, -1)


@action("view.inspector", "Edit in the inspector", "Ctrl+I", icon="inspector", section="window")
def inspector(window: MainWindow) -> None:
    """Give the keyboard to the inspector, which shows what is selected"""
    focus.go_to(window, "inspector")


@action("view.reset_layout", "Reset layout", icon="reset", section="window")
def reset_layout(window: MainWindow) -> None:
    """Put every panel back to where it was at first"""
    window.docks.reset()


def has_tabs(window: MainWindow) -> bool:
    return window.shell is not None and window.shell.tabs.count() > 1


@action("view.next_tab", "Next tab", "Ctrl+PgDown", when=has_tabs, section="window")
def next_tab(window: MainWindow) -> None:
    """Bring the document in the next tab to the front"""
    window.turn_tab(1)


@action("view.previous_tab", "Previous tab", "Ctrl+PgUp", when=has_tabs, section="window")
def previous_tab(window: MainWindow) -> None:
    """Bring the document in the previous tab to the front"""
    window.turn_tab(-1)
