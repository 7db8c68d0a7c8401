"""Reports from the window: made and written off the main thread, then told, with the way to look at them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GraphlabError
from ..lab.report import Subject, of_document, subject_of, write
from .notice import of_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session

KINDS = "Report (*.html)"


def file_name(session: Session, more: str = "") -> str:
    """What a report is called where nobody says otherwise. more: the name of a run."""
    name = session.path.stem if session.path is not None else session.whole.name
    parts = [name or "graph", *(["".join(c if c.isalnum() else "-" for c in more)] if more else [])]
    return f"{'-'.join(parts).replace('/', '-')}-report.html"


def save_report(session: Session, path: Path) -> None:
    """Writes the report of the document as it is now, with its newest run and sweep."""
    document, file = session.whole, session.path
    _save(session, path, lambda: of_document(document, file))


def save_run_report(session: Session, run: Path, path: Path) -> None:
    """Writes the report of one run. run: its folder."""
    _save(session, path, lambda: subject_of(run))


def _save(session: Session, path: Path, subject: Callable[[], Subject]) -> None:
    def work(progress: object) -> Path:
        return write(subject(), path)

    def saved(written: Path) -> None:
        session.notify(
            "info", f"Saved the report as {written.name}.", "Any browser shows it, and prints it on A4."
        )

    def failed(error: GraphlabError) -> None:
        session.tell(of_error(error))

    session.worker.start(path.name, work, saved, failed, doing="Writing")
