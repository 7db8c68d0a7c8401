"""How somebody last chose to see tensors of a kind, by the operation and socket that they belong to. Remembered."""

from __future__ import annotations

from dataclasses import dataclass

from .. import settings


@dataclass(frozen=True)
class Choice:
    """mode: the name of a sight, "" for as the values suggest. rows, columns: axes, −1 for as at first."""

    mode: str = ""
    rows: int = -1
    columns: int = -1


def remembered(name: str, ndim: int) -> Choice:
    """What was chosen for tensors of that name and so many axes; `Choice()` where nothing was."""
    if not name:
        return Choice()
    mode, _, axes = settings.text(f"views/{name}-{ndim}").partition(" ")
    rows, _, columns = axes.partition(" ")
    if not (rows.isdecimal() and columns.isdecimal()):
        return Choice(mode)
    if rows == columns or max(int(rows), int(columns)) >= ndim:
        return Choice(mode)
    return Choice(mode, int(rows), int(columns))


def remember(name: str, ndim: int, choice: Choice) -> None:
    """From now on, and after the next start."""
    if name:
        axes = f" {choice.rows} {choice.columns}" if choice.rows >= 0 and choice.columns >= 0 else ""
        settings.settings().setValue(f"views/{name}-{ndim}", f"{choice.mode}{axes}")
