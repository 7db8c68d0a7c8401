"""File: new, open, save, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .edit import has_content
from .file_trained import declare_trained
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def has_weights(window: MainWindow) -> bool:
    found = window.session.seen.whole
    return bool(found.learnables or found.states)


@action("file.new", "New", "Ctrl+N", "Ctrl+T", icon="new", section="open")
def new(window: MainWindow) -> None:
    """Start an empty graph"""
    window.files.new()


declare_trained()


@action("file.open", "Open …", "Ctrl+O", icon="open", section="open")
def open_file(window: MainWindow) -> None:
    """Open a .graphlab file"""
    window.files.open()


@action("file.insert", "Insert file …", "Ctrl+Alt+I", icon="insert", section="open")
def insert(window: MainWindow) -> None:
    """Put files onto the sheet: a graph as a group, a CSV, .npy or images as a data node"""
    window.files.insert()


@action("file.import_data", "Import data …", icon="data", section="open")
def import_data(window: MainWindow) -> None:
    """Put rows of your own onto the sheet and look at them: CSV, text, NumPy arrays, MNIST's IDX, CIFAR-10, images"""
    window.files.import_data()


@action("file.insert_folder", "Insert image folder …", icon="folder", section="open")
def insert_folder(window: MainWindow) -> None:
    """Put the images of a folder onto the sheet as one set; the names of its subfolders are the classes"""
    window.files.insert_folder()


@action("file.save", "Save", "Ctrl+S", icon="save", section="save")
def save(window: MainWindow) -> None:
    """Save the graph with its weights"""
    window.files.save()


@action("file.save_as", "Save as …", "Ctrl+Shift+S", icon="save-as", section="save")
def save_as(window: MainWindow) -> None:
    """Save the graph under another name"""
    window.files.save_as()


@action("file.load_weights", "Load weights …", when=has_weights, icon="insert", section="weights")
def load_weights(window: MainWindow) -> None:
    """Put the weights of a file into this graph; where not all fit by name, choose which"""
    window.weight_files.load()


@action("file.save_weights", "Save weights …", when=has_weights, icon="export", section="weights")
def save_weights(window: MainWindow) -> None:
    """Save the weights by themselves, as .safetensors or .npz"""
    window.weight_files.save()


@action("file.save_template", "Save as template …", when=has_content, icon="template", section="save")
def save_template(window: MainWindow) -> None:
    """Keep the graph with its training settings, without weights, to begin others with"""
    window.templates.keep()


@action("file.templates", "Manage templates …", section="save")
def manage_templates(window: MainWindow) -> None:
    """Open, rename and delete the templates that you have saved"""
    window.templates.manage()


@action("file.recover", "Recover …", icon="recent", section="recover")
def recover(window: MainWindow) -> None:
    """Look for graphs that were left unsaved when graphlab ended unexpectedly"""
    if not window.recovery.offer(again=True):
        window.session.notify("info", "There is nothing to recover.")


@action("file.close", "Close", "Ctrl+W", icon="close", section="quit")
def close(window: MainWindow) -> None:
    """Close this document"""
    window.close()


@action("file.quit", "Quit", "Ctrl+Q", icon="quit", section="quit")
def quit_program(window: MainWindow) -> None:
    """Close every window"""
    window.close_all()
