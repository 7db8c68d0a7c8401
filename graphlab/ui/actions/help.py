"""Help: the shortcuts, the operation's page, and what program this is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .edit import one_selected
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


@action("help.op", "Help for this operation", "F1", when=one_selected, icon="help", section="help")
def op_help(window: MainWindow) -> None:
    """Explain the operation of the selected node"""
    window.show_op_help()


@action("help.shortcuts", "Keyboard shortcuts", "?", icon="keyboard", section="help")
def shortcuts(window: MainWindow) -> None:
    """Show every shortcut"""
    window.show_shortcuts()


@action("help.log", "Show the log file", icon="log", section="about")
def log_file(window: MainWindow) -> None:
    """Open the folder with the program's log"""
    window.show_log_file()


@action("help.about", "About graphlab", icon="info", section="about")
def about(window: MainWindow) -> None:
    """Version, licence and where things are kept"""
    window.show_about()
