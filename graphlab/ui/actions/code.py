"""The graph as code, to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..script_files import KINDS, file_name, save_script
from .edit import has_content
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


@action("file.export_code", "Export NumPy code …", when=has_content, icon="code", section="export")
def export_code(window: MainWindow) -> None:
    """Save the graph as a Python script that needs NumPy alone, with the present weights"""
    session = window.session
    folder = session.path.parent if session.path is not None else Path.home()
    chosen = window.files.choose_save(str(folder / file_name(session)), KINDS)
    if chosen:
        save_script(session, Path(chosen).with_suffix(".py"))
