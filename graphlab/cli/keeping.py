"""Keeps a training in the terminal as a run, beside whatever shows how far it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ..engine import Report, Trainer
from ..errors import SaveError
from ..lab.runs import Labels, RunWriter, Start, folder_beside, unsaved_folder
from ..lab.runs.kept import State
from .console import note
from .ending import Ending
from .progress import Interruption, Meter

OFTEN = 0.25  # seconds between two writes
WEIGHTS = 2.0  # and between two writes of the best weights


def kept(meter: Meter, trainer: Trainer, path: Path | None, wish: Interruption, ending: Ending) -> Meter:
    """The meter, and a run of what it is told; where none can be written, that is told, and the meter alone."""
    folder = folder_beside(path) if path is not None else unsaved_folder()
    origin = str(path.absolute()) if path is not None else ""
    run = trainer.run
    start = Start(run.document, origin, run.plan.parameter_size, trainer.steps_done, labels=_labels(trainer))
    try:
        return Kept(meter, trainer, RunWriter(folder, start), wish, ending)
    except SaveError as error:
        note(f"This training is not kept: {error}")
        return meter


def _labels(trainer: Trainer) -> Labels:
    """What the document's settings do not say: that its seed chose the rows, and another the weights."""
    seed = trainer.run.clock.seed
    return (
        Labels(note=f"Weights and batches of seed {seed}.")
        if seed != trainer.run.document.training.seed
        else Labels()
    )


class Kept:
    """A meter that keeps what it is told, and tells another. What cannot be written is told once."""

    def __init__(
        self, meter: Meter, trainer: Trainer, writer: RunWriter, wish: Interruption, ending: Ending
    ) -> None:
        self._meter, self._trainer, self._wish, self._ending = meter, trainer, wish, ending
        self._writer: RunWriter | None = writer
        self._losses: list[float] = []
        self._best: tuple[dict[str, Any], int] | None = None
        self._written = self._best_written = time.monotonic()

    def __enter__(self) -> Kept:
        self._meter.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._meter.__exit__(*exception)
        self._guarded(self._end, exception[1])

    def steps(self, done: int, total: int) -> None:
        self._losses.extend(self._trainer.run.losses)
        if time.monotonic() - self._written > OFTEN:
            self._guarded(self._flush)
        self._meter.steps(done, total)

    def epoch(self, report: Report) -> None:
        self._guarded(self._note, report)
        self._meter.epoch(report)

    def _guarded(self, work: Any, *more: Any) -> None:
        if self._writer is None:
            return
        try:
            work(self._writer, *more)
        except SaveError as error:
            note(f"This training is not kept any more: {error}")
            self._writer = None

    def _flush(self, writer: RunWriter) -> None:
        losses, self._losses = self._losses, []
        if losses:
            writer.losses(self._trainer.steps_done - len(losses), losses, self._trainer.seconds)
        self._written = time.monotonic()
        if self._best is not None and self._written - self._best_written > WEIGHTS:
            self._write_best(writer)

    def _note(self, writer: RunWriter, report: Report) -> None:
        self._flush(writer)
        writer.epoch(report)
        if writer.is_best:
            weights = {name: array.copy() for name, array in self._trainer.run.weights.items()}
            self._best = weights, report.step

    def _write_best(self, writer: RunWriter) -> None:
        best, self._best = self._best, None
        if best is not None:
            writer.best_weights(*best)
        self._best_written = time.monotonic()

    def _end(self, writer: RunWriter, error: object) -> None:
        run = self._trainer.run
        if error is not None:
            self._losses.extend(run.losses)
        self._flush(writer)
        self._write_best(writer)
        writer.weights(run.document, run.weights, run.steps_done)
        failed = isinstance(error, Exception)
        stopped = error is not None or self._wish.asked
        state: State = "failed" if failed else "stopped" if stopped else "finished"
        writer.end(state, str(error) if failed else self._ending.reason)
