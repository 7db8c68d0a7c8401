"""Asks for the name of a file to write, and writes it; what goes wrong becomes a notice in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from ..errors import SaveError
from ..io.saving import write_atomically

if TYPE_CHECKING:
    from .session import Session


def save_as(parent: QWidget, session: Session, name: str, kinds: str, make: Callable[[], bytes]) -> bool:
    """Writes what `make` gives where the person says, beside the document at first; False when nothing was written."""
    folder = session.path.parent if session.path is not None else Path.home()
    chosen = QFileDialog.getSaveFileName(parent, "Save", str(folder / name), kinds)[0]
    return bool(chosen) and session.attempt(_write, Path(chosen), name, make)


def _write(path: Path, name: str, make: Callable[[], bytes]) -> None:
    whole = path if path.suffix else path.with_suffix(Path(name).suffix)
    content = make()
    if not content:
        raise SaveError("There is nothing to save yet.")
    write_atomically(whole, content)
