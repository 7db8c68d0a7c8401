"""Weights in files of their own, in one window: load and save, with the question where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from ..io import weight_files
from . import numbers

if TYPE_CHECKING:
    from .window import MainWindow

READABLE = "Weights (*.safetensors *.npz *.graphlab *.onnx);;All files (*)"
WRITABLE = "safetensors (*.safetensors);;NumPy (*.npz)"


class WeightFiles(QObject):
    """`choose_open` and `choose_save` talk to the person; tests put others in."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self.choose_open: Callable[[], str] = self._choose_open
        self.choose_save: Callable[[str], str] = self._choose_save
        window.session.transferring.wanted.connect(self._show_panel)

    def load(self, path: Path | str | None = None) -> None:
        """Puts the weights of a file into the graph; where not all fit by name, one chooses in the panel."""
        name = path or self.choose_open()
        if name:
            self._session.transferring.load(Path(name))

    def save(self) -> bool:
        """Writes all weights as .safetensors or .npz."""
        name = self.choose_save(str(self._folder() / f"{self._window.files.name}.safetensors"))
        return bool(name) and self._session.attempt(self._write, Path(name))

    def _write(self, path: Path) -> None:
        target = path if path.suffix else path.with_suffix(weight_files.SAFETENSORS)
        weights = self._session.weights()
        weight_files.write(target, weights)
        self._session.notify("info", f"Saved {numbers.count(len(weights), 'array')} as {target.name}.")

    def _show_panel(self) -> None:
        self._window.docks.show("transfer")

    def _folder(self) -> Path:
        path = self._session.path
        return path.parent if path is not None else Path.home()

    def _choose_open(self) -> str:
        return QFileDialog.getOpenFileName(self._window, "Load weights", str(self._folder()), READABLE)[0]

    def _choose_save(self, start: str) -> str:
        name, kind = QFileDialog.getSaveFileName(self._window, "Save weights", start, WRITABLE)
        return name + weight_files.NUMPY if name and not Path(name).suffix and "npz" in kind else name
