"""Shows how far a sweep is: a moving bar, lines of JSON, or a line now and then; and asks it to end at Ctrl+C."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from ..lab.sweeps.events import Begun, Ended, EpochNoted, Event, FitDone, TrialDone
from ..lab.sweeps.records import Epoch, Key
from ..lab.sweeps.table import record
from ..lab.sweeps.trials import Trial
from .console import note, print_json, screen
from .progress import metric_text

OFTEN = 5.0  # seconds between two lines where nothing can move on the screen; a better trial is told at once
WARMING = "the workers are starting"


class SweepMeter(Protocol):
    """Is told what happens."""

    def __enter__(self) -> SweepMeter: ...

    def __exit__(self, *exception: object) -> None: ...

    def take(self, event: Event) -> None: ...


def sweep_meter(as_json: bool) -> SweepMeter:
    if as_json:
        return SweepLines()
    return SweepBar() if screen(stderr=True).is_terminal else SweepText()


class Signals:
    """While it is entered, the first Ctrl+C, and SIGTERM, ask for an end by `stop`; a second Ctrl+C ends at once.

    `code`: what the process exits with, 0 while nobody has asked.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop, self.code = stop, 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._before[number] = signal.signal(number, self._ask)
            except ValueError:  # not the main thread: nobody can press Ctrl+C here
                break
        return self

    def __exit__(self, *exception: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.code and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.code = 128 + number
        self._stop()


class SweepLines:
    """A line of JSON for each event but the last, which the command prints with its figures."""

    def __enter__(self) -> SweepLines:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def take(self, event: Event) -> None:
        if not isinstance(event, Ended):
            print_json(plain(event))


def plain(event: Event) -> dict[str, Any]:
    """An event as JSON has it."""
    if isinstance(event, Begun):
        return {
            "event": "begin",
            "path": str(event.path),
            "metric": event.metric,
            "expected": event.expected,
            "done": event.done,
            "fits_each": event.fits_each,
        }
    if isinstance(event, EpochNoted):
        return {"event": "epoch", **_key(event.key), **_epoch(event.epoch)}
    if isinstance(event, FitDone):
        fit = event.fit
        return {
            "event": "fit",
            **_key(fit.key),
            "state": fit.state,
            "seed": fit.seed,
            "metric": fit.metric,
            "score": fit.score,
            "train_score": fit.train_score,
            "epochs": fit.epochs[-1].epoch if fit.epochs else 0,
            "seconds": fit.cost.seconds,
            "worker": fit.worker,
            "error": fit.error,
        }
    if isinstance(event, TrialDone):
        return {"event": "trial", **record(event.trial), "best": event.is_best}
    return {"event": "end", "state": event.state, "seconds": event.seconds, "reason": event.reason}


def _key(key: Key) -> dict[str, int]:
    return {"trial": key.trial, "repeat": key.repeat, "fold": key.fold}


def _epoch(epoch: Epoch) -> dict[str, Any]:
    held_out = {f"validation_{name}": value for name, value in epoch.validation_metrics.items()}
    return {
        "epoch": epoch.epoch,
        "step": epoch.step,
        "loss": epoch.loss,
        **epoch.metrics,
        "validation_loss": epoch.validation_loss,
        **held_out,
        "seconds": epoch.seconds,
    }


class SweepText:
    """A line of text now and then, for output that goes to a file."""

    def __init__(self) -> None:
        self._standing = Standing()
        self._told = time.monotonic()

    def __enter__(self) -> SweepText:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def take(self, event: Event) -> None:
        self._standing.take(event)
        if isinstance(event, TrialDone) and (event.is_best or time.monotonic() - self._told > OFTEN):
            self._told = time.monotonic()
            note(f"trial {self._standing.count}  {self._standing.best}".rstrip())


class SweepBar:
    """A moving bar on the standard error output, gone when the sweep has ended."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._standing = Standing()
        self._bar = Progress(
            TextColumn("trial {task.fields[count]}"),
            BarColumn(),
            TextColumn("{task.fields[best]}"),
            TimeRemainingColumn(compact=True),
            console=screen(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, count="", best=WARMING)

    def __enter__(self) -> SweepBar:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def take(self, event: Event) -> None:
        standing = self._standing
        standing.take(event)
        if isinstance(event, Begun):
            # what was done before says nothing of how quick it goes now
            self._bar.reset(
                self._task,
                total=standing.total or None,
                completed=int(standing.completed),
                count=standing.count,
                best=standing.best or WARMING,
            )
        elif isinstance(event, (TrialDone, FitDone)):
            self._bar.update(
                self._task, completed=standing.completed, count=standing.count, best=standing.best
            )


class Standing:
    """Counts what has been done, for people."""

    def __init__(self) -> None:
        self.expected = self.done = self.failed = self.fits_done = 0
        self.fits_each, self.best, self._metric = 1, "", ""
        self._spent = self._limit = 0.0
        self._began = time.monotonic()

    @property
    def total(self) -> float:
        """Of fits, where their number is known, else of seconds; 0 where there is no end."""
        return self.expected * self.fits_each or self._limit

    @property
    def completed(self) -> float:
        """Of the total."""
        if self.expected or not self._limit:
            return max(self.fits_done, self.done * self.fits_each)
        return self._spent + time.monotonic() - self._began

    @property
    def count(self) -> str:
        of = f"/{self.expected:,}" if self.expected else ""
        failed = f" ({self.failed:,} failed)" if self.failed else ""
        return f"{self.done:,}{of}{failed}"

    def take(self, event: Event) -> None:
        if isinstance(event, Begun):
            self.expected, self.done, self.fits_each = event.expected, event.done, event.fits_each
            self.fits_done, self._metric = event.done * event.fits_each, event.metric
            self._spent, self._limit, self._began = event.spent, event.limit, time.monotonic()
            self._better(event.best)
        elif isinstance(event, FitDone):
            self.fits_done += 1
        elif isinstance(event, TrialDone):
            self.done += 1
            self.failed += event.trial.state == "failed"
            self._better(event.trial if event.is_best else None)

    def _better(self, trial: Trial | None) -> None:
        if trial is not None:
            self.best = f"best {self._metric} {score_text(self._metric, trial.score)} (trial {trial.number})"


def score_text(metric: str, score: float) -> str:
    """A score as people read it; "–" where there is none."""
    return "–" if score != score else metric_text(metric, score)


def spread_text(metric: str, spread: float) -> str:
    """ "± 0.4 %" beside a score, "" where nothing is known of it."""
    return "" if spread != spread else f"± {metric_text(metric, spread)}"


__all__ = ["Signals", "SweepMeter", "plain", "score_text", "spread_text", "sweep_meter"]
