"""What a window's graph can be compared with: other tabs, the saved file, earlier states, any other file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..graph import Document
from ..io import load

if TYPE_CHECKING:
    from .session import Session
    from .window import MainWindow

PREFIX = "compare with "
_EARLIER = 40  # entries of the history that are offered


class Choice(NamedTuple):
    """Something to compare with: its name, of what kind it is, and what begins the comparison."""

    title: str
    kind: str
    icon: str
    run: Callable[[], object]


def choices(window: MainWindow) -> list[Choice]:
    """All there is at present besides the saved file, which has a command of its own; the likeliest first."""
    found = []
    for other in window.shell.windows if window.shell is not None else ():
        if other is not window:
            name = other.files.name
            run = partial(_start, window, other.session.whole, f"the tab {name}")
            found.append(Choice(f"the tab {name}", "Compare", "new", run))
    found.append(Choice("a file …", "Compare", "open", partial(a_file, window)))
    return [*found, *_earlier(window)]


def _earlier(window: MainWindow) -> list[Choice]:
    """The states before the present one, the latest first, and those that were taken back."""
    root = window.session.root
    labels, now = root.history, root.position
    places = sorted((k for k in range(len(labels)) if k != now), key=lambda k: abs(now - k))
    return [
        Choice(
            f"state {k + 1} of the history: {labels[k]}",
            "Compare",
            "undo" if k < now else "redo",
            partial(earlier, window.session, k),
        )
        for k in places[:_EARLIER]
    ]


def earlier(session: Session, position: int) -> None:
    """Compares with an entry of the history, by its number."""
    label = session.root.history[position]
    title = f"state {position + 1} of the history ({label})"
    session.comparing.start(session.root.version(position), title)


def saved(window: MainWindow) -> None:
    """Compares with what is in the document's file. FileError, BrokenFileError."""
    path = window.session.path
    if path is not None:
        _start(window, _read(path), "the saved file")


def a_file(window: MainWindow) -> None:
    """Asks for a file, and compares with it. FileError, BrokenFileError."""
    chosen = window.files.choose_open()
    if chosen:
        _start(window, _read(Path(chosen)), Path(chosen).name)


def _read(path: Path) -> Document:
    return load(path)[0].document


def _start(window: MainWindow, other: Document, title: str) -> None:
    window.leave_start_page()
    window.session.comparing.start(other, title)
