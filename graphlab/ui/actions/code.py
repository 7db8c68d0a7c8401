"""The graph as equations and code: side by side with the canvas, and to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..leaving import ONNX_KINDS, TORCH_KINDS, name_for, save_module, save_onnx
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
    path = _chosen(window, file_name(window.session), KINDS)
    if path is not None:
        save_script(window.session, path)


@action("file.export_pytorch", "Export PyTorch code …", when=has_content, section="export")
def export_pytorch(window: MainWindow) -> None:
    """Save the graph as a module of PyTorch, with its weights in a .safetensors beside it"""
    _save_module(window, loop=False)


@action("file.export_pytorch_training", "Export PyTorch training …", when=has_content, section="export")
def export_pytorch_training(window: MainWindow) -> None:
    """Save the graph as a module of PyTorch that trains itself, with the rows of its data set beside it"""
    _save_module(window, loop=True)


@action("file.export_onnx", "Export ONNX …", when=has_content, section="export")
def export_onnx(window: MainWindow) -> None:
    """Save what the graph predicts as an ONNX model, with the present weights, for other programs"""
    path = _chosen(window, name_for(window.session, ".onnx"), ONNX_KINDS)
    if path is not None:
        save_onnx(window.session, path)


def _save_module(window: MainWindow, loop: bool) -> None:
    path = _chosen(window, name_for(window.session, ".py"), TORCH_KINDS)
    if path is not None:
        save_module(window.session, path, loop)


def _chosen(window: MainWindow, name: str, kinds: str) -> Path | None:
    """Where to, with the suffix of `name`; None when the person thinks better of it."""
    session = window.session
    folder = session.path.parent if session.path is not None else Path.home()
    chosen = window.files.choose_save(str(folder / name), kinds)
    return Path(chosen).with_suffix(Path(name).suffix) if chosen else None
