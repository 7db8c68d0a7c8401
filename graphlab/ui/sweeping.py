"""The sweeps that a window knows: which there are, the one looked at, and which of its trials are chosen.

`session.sweeping` is where the panels that show a sweep meet:

    kept                the sweep looked at, a `KeptSweep`; None for none. Its trials: `kept.trials`, by number
    all                 the sweeps of the document, the newest first (`Listed`)
    tally               what it has come to so far: the best trial, how many are over, how long an epoch takes
    selection           the numbers of the chosen trials, in the order in which they were chosen
    choose(numbers)     chooses these; `chosen` tells everybody
    look_at(path)       looks at another sweep
    use                 `use.open(number)`: as a document with its weights, in a tab of its own; `use.apply(number)`:
                        its values become the document's, one entry of undo. See `sweep_trials`
    sittings            begins sweeps and goes on with them: `start(document, kind)`, `stop()`, `resume()`. See
                        `sweep_sittings`

    opened              signal: `kept` is another sweep, or none; everything of it is new
    changed(set)        signal: the trials of these numbers are others, or new
    chosen(list)        signal: `selection` is another
    listed              signal: other sweeps are there, or one of them stands differently

A panel `join`s while it is seen and `leave`s when it is not: nobody looks into the folder unless somebody has joined.
Every file is read by a thread of its own; trials come to be others in the window's thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from ..errors import GraphlabError
from ..graph import Document
from ..lab.sweeps.kept import KeptSweep, News, read_head, state_of
from ..lab.sweeps.names import sweep_folders, sweeps_folder
from ..lab.sweeps.records import Head
from ..lab.sweeps.tally import Tally
from ..lab.sweeps.trials import Trial
from .clerk import Clerk
from .notice import of_error
from .sweep_sittings import Sittings
from .sweep_trials import TrialUse

if TYPE_CHECKING:
    from .session import Session

OFTEN = 400  # milliseconds between two looks into the folder
SELDOM = 5  # of so many looks, one is for other sweeps as well


@dataclass(frozen=True)
class Listed:
    """A sweep as the chooser tells of it. state: "running", "finished", "stopped", "out of time", "interrupted"."""

    path: Path
    head: Head
    state: str

    @property
    def is_running(self) -> bool:
        return self.state == "running"


@dataclass(frozen=True)
class _Seen:
    """What the thread has found: all sweeps, where that was asked, and what is new of the one looked at."""

    folder: Path
    all: list[Listed] | None
    of: KeptSweep | None
    news: News | None


class Sweeping(QObject):
    """The sweeps of the document at hand. See the module."""

    opened = Signal()
    changed = Signal(object)  # set of numbers of trials
    chosen = Signal(object)  # list of numbers of trials
    listed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.kept: KeptSweep | None = None
        self.all: list[Listed] = []
        self.tally = Tally("loss")
        self.selection: list[int] = []
        self.is_known = False  # whether anybody has looked yet
        self._folder = sweeps_folder(session.path, session.whole.name)
        self._wanted: Path | None = None  # the sweep that is to be looked at
        self._mine: list[Path] = []  # begun here, wherever the document lies by now
        self._broken: set[Path] = set()  # could not be read, and were told of
        self._watchers: set[int] = set()
        self._clerk = Clerk(self)
        self._is_looking = False
        self._looks = 0
        self.sittings, self.use = Sittings(self), TrialUse(self)
        self._timer = QTimer(self)
        self._timer.setInterval(OFTEN)
        self._timer.timeout.connect(self.look)
        session.opened.connect(self._forget)
        session.saved.connect(self._moved)
        session.whole_changed.connect(self._renamed)

    @property
    def folder(self) -> Path:
        """Where the sweeps of the document lie."""
        return self._folder

    @property
    def trials(self) -> Sequence[Trial]:
        """Those of the sweep looked at, by number."""
        return list(self.kept.trials.values()) if self.kept is not None else ()

    @property
    def path(self) -> Path | None:
        """The folder of the sweep looked at."""
        return self.kept.path if self.kept is not None else None

    @property
    def is_running(self) -> bool:
        """Whether somebody goes on with the sweep looked at: this window, or another program."""
        return self.path is not None and (self.sittings.path == self.path or self.state == "running")

    @property
    def state(self) -> str:
        """How the sweep looked at stands; "" for none."""
        return next((each.state for each in self.all if each.path == self.path), "")

    def trial(self, number: int) -> Trial | None:
        return self.kept.trials.get(number) if self.kept is not None else None

    # What is chosen

    def choose(self, numbers: Iterable[int]) -> None:
        """These trials and no others are chosen from now on; numbers that there are not are left out."""
        known = self.kept.trials if self.kept is not None else {}
        found = [number for number in dict.fromkeys(numbers) if number in known]
        if found != self.selection:
            self.selection = found
            self.chosen.emit(found)

    def look_at(self, path: Path | None) -> None:
        """Has that sweep read; `opened` tells when it is there."""
        if path == self.path or path is None:
            return
        self._wanted = path
        self._clerk.do(partial(_opened, path), self._take_sweep, partial(self._failed, path))

    def _take_sweep(self, found: tuple[KeptSweep, Tally]) -> None:
        if found[0].path == self._wanted:
            self._wanted = None
            self._show(*found)

    def _show(self, kept: KeptSweep | None, tally: Tally | None = None) -> None:
        self.kept, self.tally, self.selection = kept, tally or Tally("loss"), []
        self.opened.emit()
        self.chosen.emit([])

    # Looking

    def join(self, who: object) -> None:
        """From now on somebody wants to know of every change."""
        self._watchers.add(id(who))
        self._looks = 0
        self.look()
        self._timer.start()

    def leave(self, who: object) -> None:
        self._watchers.discard(id(who))
        if not self._watchers:
            self._timer.stop()

    def look(self) -> None:
        """Has the files looked into; the signals tell what was found."""
        if self._is_looking:
            return
        self._is_looking = True
        wants_all = self._looks % SELDOM == 0
        self._looks += 1
        kept = self.kept
        job = partial(self._read, self._folder, self.sittings.path, wants_all, kept)
        self._clerk.do(job, self._take, partial(self._failed, self.path))

    def look_again(self) -> None:
        """The same, and for other sweeps as well."""
        self._looks = 0
        self.look()

    def _read(self, folder: Path, mine: Path | None, wants_all: bool, kept: KeptSweep | None) -> _Seen:
        """In the thread. mine: the sweep that this window goes on with; its lock is left alone."""
        found = self._list(folder, mine) if wants_all else None
        return _Seen(folder, found, kept, kept.look() if kept is not None else None)

    def _list(self, folder: Path, mine: Path | None) -> list[Listed]:
        """In the thread: the sweeps in a folder and those begun here, the newest first; what is none is left out."""
        found = []
        for path in dict.fromkeys([*sweep_folders(folder), *self._mine]):
            try:
                found.append(Listed(path, read_head(path), "running" if path == mine else state_of(path)))
            except GraphlabError:  # half written, or a newer graphlab's
                continue
        return sorted(found, key=lambda each: (each.head.began, each.path.name), reverse=True)

    def _take(self, seen: _Seen) -> None:
        self._is_looking = False
        if seen.folder != self._folder:
            self.look_again()
            return
        if seen.all is not None:
            self._take_list(seen.all)
        farther = {key.trial for key in self.sittings.under_way} if self.sittings.listen() else set()
        if seen.of is self.kept and self.kept is not None and (seen.news or farther):
            news = self.kept.take(seen.news) if seen.news else set()
            for number in news:
                self.tally.take(self.kept.trials[number])
            self.changed.emit(news | farther & self.kept.trials.keys())

    def _take_list(self, found: list[Listed]) -> None:
        was_known, self.is_known = self.is_known, True
        same = found == self.all
        self.all = found
        if self.kept is not None:
            self._stand_by(next((each for each in found if each.path == self.path), None))
        if not same or not was_known:
            self.listed.emit()
        if self.kept is None and self._wanted is None:
            self.look_at(next((each.path for each in found if each.path not in self._broken), None))

    def _stand_by(self, listed: Listed | None) -> None:
        """The sweep looked at, as it is listed: its head may be another, or its folder is gone."""
        if listed is not None and self.kept is not None:
            self.kept.head = listed.head
        elif listed is None:
            self._mine = [path for path in self._mine if path != self.path]
            self._show(None)

    def _failed(self, path: Path | None, error: GraphlabError) -> None:
        """A sweep cannot be read: said once, and not looked at any more."""
        self._is_looking, self._wanted, self._looks = False, None, 0
        if path is not None:
            self._broken.add(path)
        if self.kept is not None and self.kept.path == path:
            self._show(None)
        self.session.tell(of_error(error))

    # Another document

    def _forget(self) -> None:
        """Another document is open; what goes on of the one before ends in order."""
        if self.sittings.is_on:
            self.sittings.stop()
        self._mine.clear()
        self._folder = sweeps_folder(self.session.path, self.session.whole.name)
        self._start_anew()

    def _moved(self) -> None:
        """The document may lie elsewhere; what was begun here stays in sight."""
        path = sweeps_folder(self.session.path, self.session.whole.name)
        if path != self._folder:
            self._folder = path
            self._start_anew()

    def _renamed(self, old: Document, new: Document) -> None:
        if old.name != new.name:
            self._moved()

    def _start_anew(self) -> None:
        self._wanted, self.all, self.is_known = None, [], False
        self._broken.clear()
        if self.kept is not None and self.kept.path not in self._mine:
            self._show(None)
        self.listed.emit()
        if self._watchers:
            self.look_again()

    def do(
        self, job: Callable[[], Any], done: Callable[[Any], object], failed: Callable[[Any], object]
    ) -> None:
        """Has the thread of the files do something, in its turn."""
        self._clerk.do(job, done, failed)

    def add(self, path: Path) -> None:
        """A sweep was begun here: it is looked at, wherever the document lies by now."""
        self._mine.append(path)
        self.look_at(path)

    def rested(self, path: Path) -> None:
        """Nobody here goes on with it any more: how it stands is known at the next look, and is no other program."""
        self.all = [replace(each, state="") if each.path == path else each for each in self.all]

    def show_folder(self) -> None:
        """Opens the folder of the sweep looked at in the system's file manager."""
        path = self.path or self._folder
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.session.notify("warning", f"No file manager opens {path}.")

    def close(self) -> None:
        """The session ends."""
        self._timer.stop()
        self._watchers.clear()
        self.sittings.close()
        self.use.close()
        self._clerk.close()


def _opened(path: Path) -> tuple[KeptSweep, Tally]:
    """In the thread: what a table asks of thousands of trials is worked out before the window has them."""
    kept = KeptSweep(path)
    for trial in kept.trials.values():
        _ = trial.state, trial.score, trial.spread, trial.train_score, trial.seconds, trial.flops
    return kept, Tally(kept.metric, kept.trials.values())
