"""Keeps every training as a run: from the first Train after opening or resetting until the next one, a branch, the end.

What arrives from the engine is gathered for a quarter of a second and written by the clerk's thread. A run that began
with steps taken by hand has these as well.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.training import Report
from ..errors import GraphlabError
from ..graph import Document
from ..lab.runs import Figures, RunFolder, RunWriter, Start, Tally, folder_beside, unsaved_folder
from ..lab.runs.kept import State
from . import settings
from .clerk import Clerk

if TYPE_CHECKING:
    from .session import Session

OFTEN = 250  # milliseconds between two writes
HAND = 20  # steps taken back that are no branch: somebody looks for a fault
ALONE = 2  # losses of one training from which on it is worth a run; a single step by hand is none
PATIENCE = 1.0  # seconds that the last weights are waited for
KEEP, PLACE = "runs.keep", "runs.place"  # settings: "no"; "user" rather than beside the document


def keeps() -> bool:
    """Whether trainings are kept at all."""
    return settings.text(KEEP, "yes") != "no"


def lie_beside() -> bool:
    """Whether runs of a document lie beside its file, rather than with the settings."""
    return settings.text(PLACE, "beside") == "beside"


def folder_for(path: Path | None) -> Path:
    """Where the runs of a document lie that this file holds, None: none does."""
    return folder_beside(path) if path is not None and lie_beside() else unsaved_folder()


class _Live:
    """A run being kept. `writer` belongs to the clerk's thread, which makes it; the rest to the window's."""

    def __init__(self, session: Session, start: Start) -> None:
        self.start, self.tally, self.began = start, Tally(), time.monotonic()
        self.writer: RunWriter | None = None
        self.id = ""
        self.next = session.losses.first - 1  # updates before the next loss to be written
        self.losses: list[tuple[int, Any]] = []
        self.epochs: list[Report] = []
        self.marks: list[tuple[int, str]] = []
        self.marked = 0
        self.weights: tuple[Document, dict[str, Any], int] | None = None
        self.kept_step = self.back_to = -1
        self.seconds = 0.0
        self.reason = ""
        self.failed = False
        self.is_ending = self.is_over = False


class Recording(QObject):
    """The recorder of a session. `changed`: a run began, went on to be told of, or ended."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.clerk = Clerk(self)
        self.is_on = True  # not where a picture of a window is all that is wanted
        self._path: Path | None = session.path
        self._live: _Live | None = None
        self._mine: list[RunWriter] = []  # of this document, since it was opened; the clerk's
        self._in_training = 0
        self._training_since = 0.0
        self._was_lost = self._warned = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(OFTEN)
        self._timer.timeout.connect(self.flush)
        session.scalars_arrived.connect(self._take)
        session.status_changed.connect(self._follow)
        session.engine.weighed.connect(self._weigh)
        session.engine.answered.connect(self._hear)
        session.engine.link.lost.connect(self._lost)
        session.marks.changed.connect(self._mark)
        session.player.changed.connect(lambda: self._follow(session.status))
        session.opened.connect(self._opened)
        session.saved.connect(self._saved)

    @property
    def folder(self) -> Path:
        """Where the runs of the document lie."""
        return folder_for(self._session.path)

    @property
    def current(self) -> str:
        """The id of the run that is being kept; "" for none."""
        return self._live.id if self._live is not None else ""

    @property
    def live(self) -> dict[str, Figures]:
        """What the run under way has come to, by its id."""
        return {self._live.id: self._live.tally.figures()} if self._live is not None and self._live.id else {}

    # What arrives

    def _take(self, scalars: m.Scalars) -> None:
        count = int(np.size(scalars.losses))
        status = self._session.status
        if status.state == "training":
            self._in_training += count
        if self._live is None:
            enough = self._in_training >= ALONE or (self._session.player.is_playing and count > 0)
            if enough and self.is_on and keeps():
                self._begin()
            return
        live = self._live
        back = live.next - int(scalars.first)
        is_branch = (
            count and (back > HAND or back < 0) and not self._was_lost
        )  # < 0: another way is taken up again
        self._was_lost = self._was_lost and not count
        if is_branch:
            self._branch(int(scalars.first))
        else:
            self._note(live, scalars)

    def _lost(self, *_: object) -> None:
        """Another engine begins anew at the last checkpoint, which makes no other run of it."""
        self._was_lost = True

    def _note(self, live: _Live, scalars: m.Scalars) -> None:
        losses = np.array(scalars.losses, dtype=np.float64).reshape(-1)
        live.seconds = self._seconds(live)
        if losses.size:
            live.losses.append((int(scalars.first), losses))
            live.next = int(scalars.first) + losses.size
            live.tally.take_losses(int(scalars.first), losses, live.seconds)
        self._note_epochs(live, scalars.reports)
        self._soon()

    def _note_epochs(self, live: _Live, reports: Any) -> None:
        for report in reports:
            epoch = Report.of(report)
            live.epochs.append(epoch)
            live.tally.take_epoch(epoch)

    def _seconds(self, live: _Live) -> float:
        """How long it has trained until now."""
        now = time.monotonic()
        if self._training_since:
            live.seconds += now - self._training_since
            self._training_since = now
        return live.seconds

    def _follow(self, status: m.Status) -> None:
        busy = self._session.is_running
        live = self._live
        if busy and not self._training_since:
            self._training_since = time.monotonic()
            if live is not None:
                live.reason, live.failed, live.back_to = "", False, -1
                self._go_on(live)
        elif not busy and self._training_since:
            if live is not None:
                live.seconds = self._seconds(live)
                self._rest(live, status)
            self._training_since = 0.0
        if not busy:
            self._in_training = 0

    def _rest(self, live: _Live, status: m.Status) -> None:
        """It does not train any more, for now: its weights are wanted, and why it stands."""
        live.reason, live.failed = status.hit or self._session.endings.reason, "NaN" in status.hit
        is_whole = status.epoch >= self._session.whole.training.epochs  # not a single step by hand
        if status.state == "finished" and not live.is_over:
            live.is_ending = live.is_ending or is_whole
        if status.state != "finished":  # then they come by themselves
            self._session.engine.ask_for_weights()
        self._soon()

    def _weigh(self, event: m.Weights) -> None:
        live, step = self._live, int(event.state.get("step", self._session.status.step))
        # a step of the past that is looked at does not count, but for the best one that training has gone back to
        if live is not None and event.arrays and (step >= live.next or step == live.back_to):
            live.weights = (self._session.whole, dict(event.arrays), step)
            if live.is_ending:
                self._end(live, "finished")
            self._soon()

    def _hear(self, event: m.Event) -> None:
        """Training has ended by itself; or it says exactly which weights are the best until now."""
        live = self._live
        if live is None:
            return
        if isinstance(event, m.Stopped):
            live.is_ending = True
            live.back_to = event.best.step if event.returns and event.best is not None else -1
        elif isinstance(event, m.Travelled) and event.step == live.back_to:
            self._session.engine.ask_for_weights()
        elif isinstance(event, m.Improved):
            arrays, step = dict(event.arrays), event.best.step
            self._write(live, lambda writer: writer.best_weights(arrays, step))

    def _mark(self) -> None:
        live = self._live
        if live is None:
            return
        marks = [(mark.step, mark.text) for mark in self._session.marks.all]
        fresh = [mark for mark in marks if mark not in live.marks]
        live.marks.extend(fresh)

        def write(writer: RunWriter) -> None:
            for step, text in fresh:
                writer.mark(step, text)

        self._write(live, write)

    # Beginning and ending

    def _begin(self, before: _Live | None = None, step: int = 0) -> None:
        session = self._session
        start = Start(
            session.whole,
            str(session.path.absolute()) if session.path is not None else "",
            session.loaded.parameters if session.loaded is not None else 0,
            session.losses.first - 1,
            parent_step=step,
        )
        self._live = live = _Live(session, start)
        folder, mine = self.folder, self._mine
        self.clerk.do(lambda: _make(live, folder, before, mine), self._made, self._refused)
        self._note(live, m.Scalars(0, live.next, session.losses.values.copy(), tuple(session.losses.reports)))
        self._mark()

    def _made(self, live: _Live) -> None:
        if live.writer is not None:
            live.id = live.writer.path.name
        self.changed.emit()

    def _refused(self, error: GraphlabError) -> None:
        """Told once; training goes on all the same."""
        if not self._warned:
            self._warned = True
            text = f"This training is not kept: {error.message}"
            self._session.notify("warning", text, error.hint)

    def _branch(self, step: int) -> None:
        """Training goes on from a step of the past: what came after it stays in a run of its own."""
        before = self._live
        self._leave("stopped")
        self._begin(before, step)

    def leave(self) -> None:
        """The training that was kept is over: another document comes, or fresh weights. Waits for its last weights."""
        live, session = self._live, self._session
        if live is None:
            self._in_training = 0
            return
        is_newest = not session.travel.is_past
        if not live.is_over and live.next and is_newest and self._weights_step(live) != session.status.step:
            if session.status.state == "training":
                session.engine.pause()
            session.engine.fetch_weights(PATIENCE)
        self._leave("failed" if live.failed else "stopped")

    def _weights_step(self, live: _Live) -> int:
        return live.weights[2] if live.weights is not None else live.kept_step

    def _leave(self, state: State) -> None:
        live, self._live = self._live, None
        self._in_training, self._training_since = 0, 0.0
        if live is not None:
            self._write_pending(live)
            if not live.is_over:
                self._end(live, "finished" if live.is_ending else state)

    def _end(self, live: _Live, state: State) -> None:
        live.is_ending, live.is_over = False, True
        self._write_pending(live)
        reason = live.reason
        self._write(live, lambda writer: writer.end(state, reason), self._told)

    def _go_on(self, live: _Live) -> None:
        """It trains again after it had ended."""
        live.is_ending = False
        if live.is_over:
            live.is_over = False
            self._write(live, lambda writer: writer.reopen())

    def _told(self, _: object) -> None:
        if self._live is not None and self._live.writer is not None:
            self._live.id = self._live.writer.path.name  # it may have moved
        self.changed.emit()

    def close(self) -> None:
        """The session ends: what is to be written is written."""
        self.leave()
        self._timer.stop()
        self.clerk.close()

    # Writing

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Hands what was gathered to the clerk."""
        if self._live is not None:
            self._write_pending(self._live)
            self.changed.emit()

    def _write_pending(self, live: _Live) -> None:
        losses, live.losses = _joined(live.losses), []
        epochs, live.epochs = live.epochs, []
        seconds, weights, live.weights = live.seconds, live.weights, None
        back_to = live.back_to
        if not losses and not epochs and weights is None:
            return
        if weights is not None:
            live.kept_step = weights[2]

        def write(writer: RunWriter) -> None:
            for first, values in losses:
                writer.losses(first, values, seconds)
            for epoch in epochs:
                writer.epoch(epoch)
            if weights is not None and weights[2] == back_to:
                writer.best_weights(*weights[1:])
            elif weights is not None:
                writer.weights(*weights)

        self._write(live, write)

    def _write(
        self, live: _Live, work: Callable[[RunWriter], object], done: Callable[[Any], object] | None = None
    ) -> None:
        def job() -> None:
            if live.writer is not None:  # else it could not be made, which was told
                work(live.writer)

        self.clerk.do(job, done, self._refused)

    # The document's file

    def _opened(self) -> None:
        self._path, self._warned = self._session.path, False
        self._mine = []
        self.changed.emit()

    def _saved(self) -> None:
        """Runs of a document that no file held go along when it is saved for the first time."""
        path = self._session.path
        if path == self._path:
            return
        first, self._path = self._path is None, path
        target, mine = self.folder, self._mine
        if first and target != unsaved_folder():
            self.clerk.do(lambda: _move(mine, target), self._told, self._refused)
        self.changed.emit()


def _make(live: _Live, folder: Path, before: _Live | None, mine: list[RunWriter]) -> _Live:
    """In the clerk's thread, which has made the run before, too."""
    parent = before.writer.path.name if before is not None and before.writer is not None else ""
    live.writer = RunWriter(folder, dataclasses.replace(live.start, parent=parent))
    mine.append(live.writer)
    return live


def _move(writers: list[RunWriter], folder: Path) -> None:
    there = {run.id for run in RunFolder(folder).runs()}
    for writer in writers:
        if writer.path.is_dir() and writer.path.name not in there:
            writer.move_to(folder)


def _joined(parts: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Runs of consecutive steps put together."""
    found: list[tuple[int, list[Any]]] = []
    end = -1
    for first, values in parts:
        if found and first == end:
            found[-1][1].append(values)
        else:
            found.append((first, [values]))
        end = first + len(values)
    return [(first, np.concatenate(values)) for first, values in found]
