"""What goes on with the sweeps of a window: one process at a time begins, goes on with, stops and evaluates them.

The process is the command line's (`graphlab sweep FOLDER --resume`), so the window stays fluid, and a sweep outlives
it: what is done is read from the folder's files. The document that is searched is written there when a sweep begins.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from ..errors import FileError, GraphlabError
from ..graph import Document
from ..lab.sweeps.columns import is_share
from ..lab.sweeps.kept import STOP, TRIALS, KeptSweep
from ..lab.sweeps.names import sweeps_folder
from ..lab.sweeps.records import Key, Opening
from ..lab.sweeps.tail import Tail
from ..lab.sweeps.trials import ranked
from ..writing import save_error
from . import numbers, settings
from .notice import Notice, of_error
from .sitting import Sitting

if TYPE_CHECKING:
    from .sweeping import Sweeping

EVENTS, WORDS = "sitting.jsonl", "sitting.txt"  # what the process says, and what goes wrong with it
FINAL, FINAL_WORDS = "final.json", "final.txt"
WORKERS, MEMORY, DASK = "sweep.workers", "sweep.memory", "sweep.dask"  # settings
ENDS = {"finished": "finished", "stopped": "stopped", "out of time": "over, its time is up"}
ENDED = (0, 130, 143)  # exit codes of a sitting that ended in order, also because it was asked to


class Said(msgspec.Struct):
    """A line of what the process says, as far as the window needs it."""

    event: str = ""
    trial: int = -1
    repeat: int = 0
    fold: int = 0
    epoch: int = 0


@dataclass(frozen=True)
class Crew:
    """Who does the trainings. workers: 0 as many as there are cores; memory: MB of each, 0 for no limit. dask: the
    address of a cluster, "" for none.
    """

    workers: int = 0
    memory: int = 0
    dask: str = ""

    @property
    def options(self) -> list[str]:
        """Those of the command line."""
        found = ["--memory", str(self.memory)] if self.memory else []
        if self.dask:
            return [*found, "--dask", self.dask]
        return [*found, *(["--workers", str(self.workers)] if self.workers else [])]

    @staticmethod
    def remembered() -> Crew:
        return Crew(_number(WORKERS), _number(MEMORY), settings.text(DASK))

    def remember(self) -> None:
        store = settings.settings()
        for name, value in ((WORKERS, self.workers), (MEMORY, self.memory), (DASK, self.dask)):
            store.setValue(name, str(value))


def _clear_away(path: Path) -> bool:
    """In the thread: a sweep that never came to a trial leaves nothing behind; whether it was such."""
    begun = path / TRIALS
    is_empty = not begun.exists() or not begun.stat().st_size
    if is_empty:
        shutil.rmtree(path, ignore_errors=True)
    return is_empty


def _summary(path: Path) -> str:
    """In the thread: how a sweep has ended, and what its best is."""
    kept = KeptSweep(path)
    best = ranked(kept.trials.values(), kept.metric)
    write = numbers.percent if is_share(kept.metric) else numbers.number
    told = f": {kept.metric} {write(best[0].score)}, by trial {best[0].number}" if best else ""
    if not best and kept.trials:
        why = next((trial.error for trial in kept.trials.values() if trial.error), "no trial came to its end")
        told = f", without a score: {why}"
    return f"Sweep {kept.head.number} is {ENDS.get(kept.state, 'over')}{told.rstrip('.')}."


def _number(name: str) -> int:
    text = settings.text(name)
    return int(text) if text.isdecimal() else 0


class Sittings(QObject):
    """The process under way, if there is one. `changed`: one began, is asked to end, or ended."""

    changed = Signal()
    evaluated = Signal(object)  # Opening

    def __init__(self, sweeping: Sweeping) -> None:
        super().__init__(sweeping)
        self._sweeping = sweeping
        self._session = sweeping.session
        self.path: Path | None = None  # the sweep that goes on
        self.under_way: dict[Key, int] = {}  # trainings, and the epochs that they have done
        self.is_beginning = self.is_stopping = False
        self.is_evaluating = False
        self.since, self._has_begun = (
            0.0,
            False,
        )  # time.monotonic() when it began; whether its workers are there
        self._sitting: Sitting | None = None
        self._final: Sitting | None = None
        self._tail: Tail | None = None

    @property
    def is_on(self) -> bool:
        """Whether a process of this window goes on with a sweep."""
        return self._sitting is not None

    @property
    def is_starting(self) -> bool:
        """Whether that process is there, but trains nothing yet."""
        return self._sitting is not None and not self._has_begun

    @property
    def pid(self) -> int:
        """Of that process; 0 for none."""
        return self._sitting.pid if self._sitting is not None else 0

    # Beginning

    def start(self, document: Document | None = None, kind: str = "sweep") -> None:
        """Begins a sweep of the document at hand, or of another; what keeps it from beginning is told."""
        if not self._is_free():
            return
        from ..lab.sweeps.writer import SweepWriter  # slow to load: it tries the training

        session, document = self._session, document or self._session.whole
        folder = sweeps_folder(session.path, document.name)
        origin = str(session.path.absolute()) if session.path is not None else ""
        self.is_beginning = True
        self.changed.emit()
        job = partial(SweepWriter.create, folder, document, origin, kind)
        self._sweeping.do(job, self._created, self._not_created)

    def _created(self, path: Path) -> None:
        self.is_beginning = False
        self._sweeping.add(path)
        self._sit(path)

    def _not_created(self, error: GraphlabError) -> None:
        self.is_beginning = False
        self._session.tell(of_error(error))
        self.changed.emit()

    def resume(self, path: Path | None = None) -> None:
        """Goes on with a sweep, by default the one looked at."""
        path = path or self._sweeping.path
        if path is not None and self._is_free():
            self._sit(path)

    def _is_free(self) -> bool:
        if self._sitting is None and not self.is_beginning:
            return True
        self._session.notify(
            "warning", "A sweep of this document is under way.", "Stop it first, or wait for its end."
        )
        return False

    def _sit(self, path: Path) -> None:
        words = ["sweep", str(path), "--resume", "--json", *Crew.remembered().options]
        sitting = Sitting(self, words, path / EVENTS, path / WORDS)
        sitting.ended.connect(partial(self._ended, path))
        self.path, self._sitting, self.since = path, sitting, time.monotonic()
        self.is_stopping = self._has_begun = False
        self.under_way.clear()
        self._tail = Tail(path / EVENTS, Said)
        sitting.start()
        self.changed.emit()
        self._sweeping.look_again()

    # While it goes on

    def listen(self) -> bool:
        """Takes in what the process has said since; whether other trainings are under way, or have come farther."""
        if self._tail is None:
            return False
        before = dict(self.under_way)
        try:
            for said in self._tail.news():
                if isinstance(said, Said):
                    self._hear(said)
        except FileError:  # it is told of where the sweep's own files cannot be read
            return False
        return before != self.under_way

    def _hear(self, said: Said) -> None:
        key = Key(said.trial, said.repeat, said.fold)
        if said.event == "begin":
            self.since, self._has_begun = time.monotonic(), True
        elif said.event == "epoch":
            self.under_way[key] = said.epoch
        elif said.event == "fit":
            self.under_way.pop(key, None)

    def stop(self) -> None:
        """Asks it to end: what is done stays, and it can go on later. Also where another program goes on with it."""
        path = self.path or self._sweeping.path
        if path is None:
            return
        try:
            (path / STOP).touch()
        except OSError as error:
            self._session.tell(of_error(save_error(path / STOP, error)))
        if self._sitting is not None:
            self.is_stopping = True
            self._sitting.expect_end()
        self.changed.emit()

    def _ended(self, path: Path, code: int | None) -> None:
        sitting, self._sitting = self._sitting, None
        was_asked, self.is_stopping = self.is_stopping, False
        self.path, self._tail = None, None
        self.under_way.clear()
        if sitting is not None:
            if code not in ENDED and not was_asked:
                self._mourn(path, sitting, code)
            elif not was_asked:
                self._sweeping.do(partial(_summary, path), self._announce, lambda error: None)
            sitting.clear_away()
            sitting.deleteLater()
        self._sweeping.rested(path)
        self.changed.emit()
        self._sweeping.look_again()

    def _announce(self, words: str) -> None:
        """It is over, perhaps while nobody looked."""
        show = partial(self._session.command_wanted.emit, "run.sweep")
        self._session.tell(Notice("info", words, choice=("Show it", show)))

    def _mourn(self, path: Path, sitting: Sitting, code: int | None) -> None:
        """It died: its last words, and that it can go on."""
        words = sitting.last_words().removeprefix("graphlab: ")
        why = "was killed, perhaps for want of memory" if code is None else f"ended with code {code}"
        text = words or f"The process of the sweep {why}."
        hint = "" if words else "What was done is kept; Resume goes on."
        resume = ("Resume", partial(self.resume, path))

        def tell(is_empty: bool) -> None:
            self._session.tell(Notice("error", text, hint, choice=None if is_empty else resume))
            self._sweeping.look_again()

        self._sweeping.do(partial(_clear_away, path), tell, lambda error: tell(False))

    # The sealed rows

    def evaluate(self, trial: int) -> None:
        """Measures a trial of the sweep looked at on the test rows, once; counted, and told by `evaluated`."""
        path = self._sweeping.path
        if path is None or self._final is not None:
            return
        words = ["final-test", str(path), "--trial", str(trial), "--json"]
        sitting = Sitting(self, words, path / FINAL, path / FINAL_WORDS)
        sitting.ended.connect(self._evaluated)
        self._final, self.is_evaluating = sitting, True
        sitting.start()
        self.changed.emit()

    def _evaluated(self, code: int | None) -> None:
        sitting, self._final, self.is_evaluating = self._final, None, False
        if sitting is None:
            return
        if code == 0:
            self._tell_opening(sitting)
        else:
            words = sitting.last_words().removeprefix("graphlab: ")
            self._session.notify(
                "error", words or "The final evaluation was broken off.", "" if words else "Try again."
            )
        sitting.clear_away()
        sitting.deleteLater()
        self.changed.emit()

    def _tell_opening(self, sitting: Sitting) -> None:
        try:
            found = msgspec.json.decode(sitting.said(), type=Opening)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            self._session.notify("error", f"The final evaluation cannot be read: {error}.")
            return
        self.evaluated.emit(found)

    def close(self) -> None:
        """The session ends: what is under way is stopped in order, and can go on later."""
        for sitting in (self._sitting, self._final):
            if sitting is not None:
                sitting.close()
                sitting.clear_away()
        self._sitting = self._final = None
