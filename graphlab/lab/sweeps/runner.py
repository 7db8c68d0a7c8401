"""A sweep while it goes on: keeps workers busy with what the planner wants done, and writes what comes of it.

Everything that is decided is decided by the planner, from what is written; so a sitting that is stopped, killed or runs
out of time loses nothing but the trainings under way, and the next goes on as if there had been one.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ...errors import ExperimentError, FileError
from ...graph import sweep_record
from .events import Begun, Ended, EpochNoted, Event, FitDone, TrialDone
from .kept import JOURNAL, STOP, KeptSweep
from .planner import Planner
from .records import Done, Epoch, Fit, Key, Task
from .shelf import Shelf
from .trials import Trial, best_so_far, ranked, rises
from .versions import own_version
from .writer import SweepWriter

if TYPE_CHECKING:
    from .workers import Workers

LOOK = 0.1  # seconds between two looks at the clock and for the stop file; and between two notes of epochs
OFTEN = 10.0  # seconds between two writes of the table
LEAST = 1.0  # seconds that a fit is given, however little time is left

News = Future[Done] | tuple[Key, Epoch]


class Runner:
    """One sitting of a sweep that `SweepWriter.create` has made.

    workers: who does the trainings; they stay open. memory: bytes that a plan may take, 0 for no limit.

    Raises:
        ExperimentError: another process goes on with it, or no time is left. BrokenFileError, VersionError, FileError,
        SaveError, SettingsError: from its files, and what they ask for.
    """

    def __init__(self, path: Path, workers: Workers, memory: int = 0) -> None:
        self.path, self._workers, self._memory = path, workers, memory
        self._writer = SweepWriter(path)
        try:
            self.kept = KeptSweep(path)
            self.sweep = sweep_record.read(self.kept.head.sweep)
            head = self.kept.head
            self._planner = Planner(
                self.kept.document,
                self.sweep,
                head.metric,
                head.epochs,
                self.kept,
                path / JOURNAL,
                digest=head.document,
            )
            self._before = self.kept.end.seconds if self.kept.end is not None else 0.0
            if self.sweep.seconds and self._before >= self.sweep.seconds and not self._planner.is_over:
                raise ExperimentError(
                    f"The {self.sweep.seconds / 60:g} minutes of the sweep {path.name} are used up.",
                    hint="Give it more: --minutes sets how many there are in all.",
                )
            self._shelf = Shelf(path, self._writer.put, rises(head.metric))
            self._shelf.take_stock(self.kept.trials.values())
        except BaseException:
            self._writer.release()
            raise
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._under_way: set[Future[Done]] = set()
        self._files: dict[Key, Done] = {}  # of fits whose lines are not final yet
        self._over = {k for k, trial in self.kept.trials.items() if _is_over(trial)}
        order = ranked(self.kept.trials.values(), head.metric)
        self._best = order[0] if order else None
        self._asked_to_stop = self._out_of_time = False
        self._began = self._looked = self._written = time.monotonic()

    @property
    def expected(self) -> int:
        """Trials that are going to be, 0 unknown."""
        return self._planner.expected

    @property
    def seconds(self) -> float:
        """Of all sittings together, until now."""
        return self._before + time.monotonic() - self._began

    def stop(self) -> None:
        """Asks for an end, from anywhere: what is done stays, what is under way is given up."""
        self._asked_to_stop = True

    def close(self) -> None:
        """Nobody goes on with it here any more."""
        self._writer.release()

    def events(self) -> Generator[Event, None, None]:
        """Does the work, and tells what happens. GraphlabError: it cannot go on; what was done until then is kept."""
        try:
            self._began = self._written = time.monotonic()
            self._writer.change(expected=self.expected)
            self._writer.end("interrupted", self._before)
            self._document = self._workers.share(self._writer.document)
            yield self._begun()
            while not (state := self._state()):
                yield from self._begin()
                yield from self._wait()
            yield self._end(state)
        except BaseException:
            self._give_up()
            with suppress(FileError):
                self._writer.end("interrupted", self.seconds)
            raise
        finally:
            self._writer.release()

    # Beginning and ending

    def _begun(self) -> Begun:
        return Begun(
            self.path,
            self.kept.metric,
            self.expected,
            len(self._over),
            self.kept.fits_each,
            self._before,
            self.sweep.seconds,
            self._best,
        )

    def _state(self) -> str:
        """How it has ended, "" while it goes on."""
        if not self._under_way and self._planner.is_over:
            return "finished"
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            self._asked_to_stop = self._asked_to_stop or (self.path / STOP).exists()
        if self._asked_to_stop:
            return "stopped"
        if self._out_of_time or (self.sweep.seconds and self.seconds >= self.sweep.seconds):
            return "out of time"
        return ""

    def _end(self, state: str) -> Ended:
        self._give_up()
        seconds = self.seconds
        self._writer.table(self.kept)
        self._writer.end(state, seconds)
        with suppress(OSError):
            (self.path / STOP).unlink()
        return Ended(state, seconds)

    def _give_up(self) -> None:
        """What is under way counts as nothing."""
        self._workers.cancel_all()
        self._under_way.clear()

    def _begin(self) -> Iterator[Event]:
        """As many tasks as keep the workers busy, and a few in reserve. What they try is written before."""
        count = self._workers.count
        free = count + max(1, count // 2) - len(self._under_way)
        if free <= 0:
            return
        proposals, tasks = self._planner.tasks(free)
        self._writer.propose(proposals)
        for task in tasks:
            future = self._workers.submit(self._whole(task), self._note)
            self._under_way.add(future)
            future.add_done_callback(self._news.put)
        if proposals:
            self.kept.refresh()
        yield from self._write(self._planner.lines())
        if not self._under_way and not self._planner.is_over:
            raise ExperimentError("The search proposes nothing more, though it is not over.")

    def _whole(self, task: Task) -> Task:
        """The task with what only a sitting knows."""
        left = max(LEAST, self.sweep.seconds - self.seconds) if self.sweep.seconds else 0.0
        return msgspec.structs.replace(
            task, document=self._document, version=own_version(), memory=self._memory, seconds=left
        )

    def _note(self, key: Key, epoch: Epoch) -> None:
        """From a worker's thread: a fit has come so far."""
        self._news.put((key, epoch))

    # What comes back

    def _wait(self) -> Iterator[Event]:
        """What comes within a moment."""
        until = time.monotonic() + LOOK
        notes: dict[Key, Epoch] = {}
        news: News | None = None
        while True:
            try:
                news = self._news.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(news, tuple):
                notes[news[0]] = news[1]
            elif news in self._under_way:
                break
        yield from (EpochNoted(key, epoch) for key, epoch in notes.items())
        if isinstance(news, Future) and news in self._under_way:
            self._under_way.remove(news)
            yield from self._take(_done(news))
        if time.monotonic() - self._written > OFTEN:
            self._written = time.monotonic()
            self._writer.table(self.kept)
            self._writer.end("interrupted", self.seconds)

    def _take(self, done: Done) -> Iterator[Event]:
        """What a worker gave back is written, as far as it is final now."""
        if done.refused:
            raise ExperimentError(
                f"A worker has graphlab {done.refused}; this is {own_version()}.",
                hint="Install the same on all machines.",
            )
        if done.fit.state == "cut":
            self._out_of_time = True
            return
        self._files[done.fit.key] = msgspec.structs.replace(done, state=b"")
        yield from self._write(self._planner.take(done))

    def _write(self, lines: list[Fit]) -> Iterator[Event]:
        """Lines that are final, all in one; and the trials that are over by them."""
        if not lines:
            return
        fits = [self._kept_files(fit) for fit in lines]
        self._writer.fits(fits)
        changed = self.kept.refresh()
        yield from map(FitDone, fits)
        for k in sorted(changed - self._over):
            trial = self.kept.trials[k]
            if _is_over(trial):
                self._over.add(k)
                yield self._judged(trial)

    def _kept_files(self, fit: Fit) -> Fit:
        """Writes what belongs to a fit, but not into its line."""
        done = self._files.pop(fit.key, None)
        if done is None:
            return fit
        done = msgspec.structs.replace(done, fit=fit)
        rows, _ = self._writer.beside(done)
        weights = bool(done.weights) and fit.state == "done"
        if weights:
            self._shelf.put(fit.key, done.weights)
        return msgspec.structs.replace(fit, weights=weights, rows=rows)

    def _judged(self, trial: Trial) -> TrialDone:
        self._shelf.judge(trial)
        for key in [key for key in self._files if key.trial == trial.number]:
            del self._files[key]  # of fits that nobody asks for any more
        known = [trial] if self._best is None else [self._best, trial]
        best = best_so_far(known, self.kept.metric)
        is_best = bool(best) and best[-1][0] == trial.number
        if is_best:
            self._best = trial
        return TrialDone(trial, is_best)


def _is_over(trial: Trial) -> bool:
    return trial.state not in ("waiting", "running")


def _done(future: Future[Done]) -> Done:
    """What came of a future. GraphlabError where the workers are lost."""
    try:
        return future.result(timeout=0)
    except CancelledError as error:
        raise ExperimentError(
            "The workers gave up a training that was under way.", hint="Go on with --resume."
        ) from error
