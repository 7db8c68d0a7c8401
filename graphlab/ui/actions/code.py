"""The graph as equations and code: side by side with the canvas, and to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..script_files import KINDS, file_name, save_script
from .edit import has_content
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


VIEWS = ("equations", "code", "trace")


@action("view.four_views", "Equations, code and trace", icon="equations", section="panels")
def four_views(window: MainWindow) -> None:
    """Show the graph four ways at once: canvas, equations, NumPy code and trace, all in step"""
    window.docks.side_by_side(VIEWS)


@action("file.export_code", "Export NumPy code …", when=has_content, icon="code", section="export")
def export_code(window: MainWindow) -> None:
    """Save the graph as a Python script that needs NumPy alone, with the present weights"""
    session = window.session
    folder = session.path.parent if session.path is not None else Path.home()
    chosen = window.files.choose_save(str(folder / file_name(session)), KINDS)
    if chosen:
        save_script(session, Path(chosen).with_suffix(".py"))
