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


def save_one_of(
    parent: QWidget, session: Session, name: str, kinds: str, make: Callable[[str], bytes]
) -> bool:
    """The same where there is a choice: `make` is told the suffix, and `kinds` are filters like "PNG (*.png)".

    A name without one of these suffixes gets that of the filter that was chosen.
    """
    folder = session.path.parent if session.path is not None else Path.home()
    chosen, kind = QFileDialog.getSaveFileName(parent, "Save", str(folder / name), kinds)
    if not chosen:
        return False
    path = Path(chosen)
    suffix = path.suffix.lower()
    if f"*{suffix})" not in kinds or not suffix:
        suffix = (kind or kinds).partition("*")[2].partition(")")[0] or Path(name).suffix
        path = path.with_name(path.name + suffix)
    if not session.attempt(_write, path, name, lambda: make(suffix)):
        return False
    session.notify("info", f"Saved as {path.name}.")
    return True


def _write(path: Path, name: str, make: Callable[[], bytes]) -> None:
    whole = path if path.suffix else path.with_suffix(Path(name).suffix)
    content = make()
    if not content:
        raise SaveError("There is nothing to save yet.")
    write_atomically(whole, content)
