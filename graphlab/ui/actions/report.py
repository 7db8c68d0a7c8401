"""The report of a document, to be handed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..report_files import KINDS, file_name, save_report
from .edit import has_content
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


@action("file.export_report", "Export report …", when=has_content, icon="report", section="export")
def export_report(window: MainWindow) -> None:
    """Save one page to hand in: the network, its newest run and sweep, curves, tables and settings"""
    session = window.session
    folder = session.path.parent if session.path is not None else Path.home()
    chosen = window.files.choose_save(str(folder / file_name(session)), KINDS)
    if chosen:
        save_report(session, Path(chosen).with_suffix(".html"))
