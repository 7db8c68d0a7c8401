"""Edit: undo, the clipboard, deleting and naming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def can_undo(window: MainWindow) -> bool:
    return window.session.graph.can_undo


def can_redo(window: MainWindow) -> bool:
    return window.session.graph.can_redo


def has_selection(window: MainWindow) -> bool:
    """Nodes, notes or frames; selected wires are deleted by the canvas itself."""
    return bool(window.session.selection)


def one_selected(window: MainWindow) -> bool:
    return bool(window.session.selected_node)


def can_rename(window: MainWindow) -> bool:
    """A node, or a frame or note that is selected alone."""
    return one_selected(window) or len(window.session.selection) == 1


def has_content(window: MainWindow) -> bool:
    return not window.session.document.is_empty


@action("edit.undo", "Undo", "Ctrl+Z", when=can_undo, icon="undo", section="undo")
def undo(window: MainWindow) -> None:
    """Take back the last edit"""
    window.session.editing.settle()
    window.session.graph.undo()


@action("edit.redo", "Redo", "Ctrl+Shift+Z", "Ctrl+Y", when=can_redo, icon="redo", section="undo")
def redo(window: MainWindow) -> None:
    """Do again what was taken back"""
    window.session.editing.settle()
    window.session.graph.redo()


@action("edit.cut", "Cut", "Ctrl+X", when=has_selection, icon="cut", section="clipboard")
def cut(window: MainWindow) -> None:
    """Move the selection to the clipboard"""
    window.canvas.cut()


@action("edit.copy", "Copy", "Ctrl+C", when=has_selection, icon="copy", section="clipboard")
def copy(window: MainWindow) -> None:
    """Copy the selection to the clipboard"""
    window.canvas.copy()


@action("edit.paste", "Paste", "Ctrl+V", icon="paste", section="clipboard")
def paste(window: MainWindow) -> None:
    """Paste nodes from the clipboard at the pointer"""
    window.canvas.paste()


@action("edit.paste_wired", "Paste with incoming wires", "Ctrl+Shift+V", section="clipboard")
def paste_wired(window: MainWindow) -> None:
    """Paste nodes and wire them to what fed the originals"""
    window.canvas.paste(incoming=True)


@action("edit.duplicate", "Duplicate", "Ctrl+D", when=has_selection, icon="duplicate", section="clipboard")
def duplicate(window: MainWindow) -> None:
    """Copy the selection beside itself"""
    window.canvas.duplicate()


@action("edit.delete", "Delete", "Delete", "Backspace", when=has_selection, icon="delete", section="delete")
def delete(window: MainWindow) -> None:
    """Delete the selection with its wires"""
    window.canvas.delete_selection()


@action("edit.delete_rejoin", "Delete and rejoin", "Ctrl+Shift+Delete", when=has_selection, section="delete")
def delete_and_rejoin(window: MainWindow) -> None:
    """Delete the selection and join the chain again where shapes allow"""
    window.canvas.delete_and_rejoin()


@action("edit.rename", "Rename", "F2", when=can_rename, icon="rename", section="select")
def rename(window: MainWindow) -> None:
    """Rename the selected node or frame, or write the selected note"""
    window.canvas.rename_selected()


def node_selected(window: MainWindow) -> bool:
    return any(i in window.session.document.nodes for i in window.session.selection)


@action("edit.replace", "Replace by …", "Ctrl+H", when=node_selected, icon="replace", section="select")
def replace(window: MainWindow) -> None:
    """Put another operation in the place of the selected nodes, with their wires"""
    window.canvas.replace_selected()


@action("edit.select_all", "Select all", "Ctrl+A", when=has_content, icon="select-all", section="select")
def select_all(window: MainWindow) -> None:
    """Select every node, note and frame"""
    window.canvas.select_all()
