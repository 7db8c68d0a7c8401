"""A training that ended by itself: why, and what was best. Best weights saved beside the document while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.stopping import is_better, watched
from ..engine.summary import figure
from ..errors import GraphlabError
from ..io import save
from .notice import Notice, of_error

if TYPE_CHECKING:
    from .session import Session


class Endings(QObject):
    """Tells how trainings end. `reason`: of the last one, "" while it goes on or was paused by hand."""

    stopped = Signal(object)  # messages.Stopped
    saved = Signal(object)  # Path: the best weights until now are in that file

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.reason = ""
        self._to_save: m.Improved | None = None
        self._is_saving = self._warned = False
        self._known: tuple[str, int, m.ReportRecord | None] = (
            "",
            0,
            None,
        )  # of which epochs the best is known
        self._best = 0
        session.engine.answered.connect(self._take)
        session.status_changed.connect(self._follow)
        session.opened.connect(self._forget)

    def best_step(self) -> int:
        """The step after which the best epoch of the curve ended, by what the settings watch; 0 where none is known."""
        by, reports = self._session.whole.training.stop_on, self._session.losses.reports
        known = (by, len(reports), reports[-1] if reports else None)
        if known == self._known:
            return self._best
        found = (0, "", 0.0)
        for report in reports:
            name, value = watched(report, by)
            if value == value and (not found[0] or name != found[1] or is_better(name, value, found[2])):
                found = (report.step, name, value)
        self._known, self._best = known, found[0]
        return self._best

    def _follow(self, status: m.Status) -> None:
        if status.state == "training":
            self.reason = ""

    def _take(self, event: m.Event) -> None:
        if isinstance(event, m.Stopped):
            self.reason = event.reason
            self._session.tell(notice_of(event, self._session.travel.go))
            self.stopped.emit(event)
        elif isinstance(event, m.Improved):
            self._to_save = event
            self._save()

    # The best on the disk

    def file(self) -> Path | None:
        """Where the best weights of the document go; None while no file holds it."""
        path = self._session.path
        return None if path is None else path.with_name(f"{path.stem}.best.graphlab")

    def _save(self) -> None:
        """The newest of what waits, when the one before is written."""
        event, path = self._to_save, self.file()
        if event is None or self._is_saving:
            return
        self._to_save = None
        if path is None:
            self._warn(
                Notice(
                    "warning", "The best weights are not saved: no file holds the document.", "Save it first."
                )
            )
            return
        self._is_saving = True
        document, arrays = self._session.whole, event.arrays
        self._session.recording.clerk.do(lambda: _written(document, path, arrays), self._saved, self._failed)

    def _saved(self, path: Path) -> None:
        self._is_saving = False
        self.saved.emit(path)
        self._save()

    def _failed(self, error: GraphlabError) -> None:
        self._is_saving = False
        self._warn(of_error(error))
        self._save()

    def _warn(self, notice: Notice) -> None:
        """Once; training goes on all the same."""
        if not self._warned:
            self._warned = True
            self._session.tell(notice)

    def _forget(self) -> None:
        self.reason, self._to_save, self._warned = "", None, False


def notice_of(event: m.Stopped, go: Callable[[int], object]) -> Notice:
    """What is said of a training that has ended by itself; `go` to a step is offered where another was better."""
    best = event.best
    told = f"{best.name} {figure(best.value)}, epoch {best.epoch:,}" if best is not None else ""
    why = (
        f"Training ended after epoch {event.epoch:,}: {event.reason}."
        if event.reason
        else "Training has ended."
    )
    if event.returns:
        return Notice("info", f"{why} The weights are those of the best epoch ({told}).")
    if best is None or best.step == event.step:
        return Notice("info", why)
    return Notice("info", f"{why} Best: {told}.", choice=("Go to the best epoch", partial(go, best.step)))


def _written(document: Any, path: Path, arrays: dict[str, Any]) -> Path:
    save(document, path, weights=arrays)
    return path
