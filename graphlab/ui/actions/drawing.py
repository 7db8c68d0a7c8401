"""The graph as a drawing, for slides, papers and other programs: to a file or to the clipboard; and as a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..report_files import KINDS, file_name, save_report
from .edit import has_content
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


@action("file.export", "Export drawing …", "Ctrl+Shift+E", when=has_content, icon="export", section="export")
def export(window: MainWindow) -> None:
    """Save the whole graph as SVG, PDF, PNG, Mermaid, DOT or TikZ"""
    window.files.export()


@action("file.export_report", "Export report …", when=has_content, icon="report", section="export")
def export_report(window: MainWindow) -> None:
    """Save one page to hand in: the network, its newest run and sweep, curves, tables and settings"""
    session = window.session
    folder = session.path.parent if session.path is not None else Path.home()
    chosen = window.files.choose_save(str(folder / file_name(session)), KINDS)
    if chosen:
        save_report(session, Path(chosen).with_suffix(".html"))


@action("edit.copy_picture", "Copy as image", when=has_content, section="drawing")
def copy_picture(window: MainWindow) -> None:
    """Put a picture of the whole graph on the clipboard"""
    window.files.copy_picture()


@action("edit.copy_mermaid", "Copy as Mermaid", when=has_content, section="drawing")
def copy_mermaid(window: MainWindow) -> None:
    """Put the graph on the clipboard as a Mermaid flowchart, for Markdown"""
    window.files.copy_text(".mmd")


@action("edit.copy_dot", "Copy as Graphviz DOT", when=has_content, section="drawing")
def copy_dot(window: MainWindow) -> None:
    """Put the graph on the clipboard as a digraph for Graphviz"""
    window.files.copy_text(".dot")


@action("edit.copy_tikz", "Copy as TikZ", when=has_content, section="drawing")
def copy_tikz(window: MainWindow) -> None:
    """Put the graph on the clipboard as a picture for LaTeX"""
    window.files.copy_text(".tex")
