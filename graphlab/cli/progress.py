"""Driving a Trainer from the terminal: how far it is, and ending it at Ctrl+C between two steps."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any, Protocol

from ..engine import Report, Trainer
from ..engine.summary import figure
from ..lab.runs.columns import SHARES
from .console import print_json, say, screen
from .ending import Ending

LOOK = 0.05  # seconds between two looks at whether to stop
LINES = 10  # epochs told of where nothing can move on the screen


class Meter(Protocol):
    """Shows how far training is."""

    def __enter__(self) -> Meter: ...

    def __exit__(self, *exception: object) -> None: ...

    def steps(self, done: int, total: int) -> None:
        """So many steps of the whole are done."""

    def epoch(self, report: Report) -> None:
        """An epoch is done."""


class Interruption:
    """While it is entered, the first Ctrl+C is a wish to stop (`asked`); the second stops at once."""

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        try:
            self._before = signal.signal(signal.SIGINT, self._ask)
        except ValueError:  # not the main thread: nobody can press Ctrl+C here
            self._before = None
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def drive(
    trainer: Trainer, epochs: int, meter: Meter, wish: Interruption, ending: Ending | None = None
) -> None:
    """Trains for so many epochs, or until somebody wishes to stop, in pieces of about a twentieth of a second.

    ending: says after each epoch whether it is enough.
    """
    ending = ending or Ending(trainer)
    total = epochs * trainer.steps_per_epoch
    first = trainer.steps_done
    piece = 1
    with meter:
        while trainer.steps_done - first < total and not wish.asked and not ending.is_reached:
            began = time.perf_counter()
            done = len(trainer.advance(piece))
            took = max(time.perf_counter() - began, 1e-6)
            piece = max(1, min(2 * piece, int(done * LOOK / took)))
            meter.steps(trainer.steps_done - first, total)
            if trainer.at_epoch_end:
                report = trainer.report()
                meter.epoch(report)
                ending.epoch(report)


class Lines:
    """A line of JSON for each epoch."""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def steps(self, done: int, total: int) -> None: ...

    def epoch(self, report: Report) -> None:
        held_out = {f"validation_{name}": value for name, value in report.validation_metrics.items()}
        line = {
            "event": "epoch",
            "epoch": report.epoch,
            "step": report.step,
            "loss": report.loss,
            **report.metrics,
        }
        if report.validation_loss is not None:
            line["validation_loss"] = report.validation_loss
        print_json(line | held_out | {"seconds": report.seconds})


class Silent:
    """A line of text now and then, for output that goes to a file."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def steps(self, done: int, total: int) -> None: ...

    def epoch(self, report: Report) -> None:
        every = max(1, self._epochs // LINES)
        if report.epoch % every == 0 or report.epoch == 1:
            say(f"epoch {report.epoch:>{len(str(self._epochs))}}/{self._epochs}  {_figures(report)}")


class Progress:
    """A moving bar on the standard error output, gone when training has ended."""

    def __init__(self, epochs: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._epochs = epochs
        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=screen(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, epoch=f"0/{epochs}", figures="")

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def steps(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)

    def epoch(self, report: Report) -> None:
        self._bar.update(self._task, epoch=f"{report.epoch}/{self._epochs}", figures=_figures(report))


def metric_text(name: str, value: float) -> str:
    """An accuracy in per cent, anything else as a figure."""
    return f"{value:.1%}".replace("%", " %") if name in SHARES else figure(value)


def _figures(report: Report) -> str:
    text = f"training {_measures(report.loss, report.metrics)}"
    if report.validation_loss is not None:
        text += f"   validation {_measures(report.validation_loss, report.validation_metrics)}"
    return text


def _measures(loss: float, metrics: dict[str, float]) -> str:
    return ", ".join(
        [f"loss {figure(loss)}", *(f"{name} {metric_text(name, m)}" for name, m in metrics.items())]
    )
