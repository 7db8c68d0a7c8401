"""One fit: a training with some values, told by a `Task` and done by itself, the same to the bit wherever it is done.

What workers call. Knows no Qt, no files and no other fit; whatever goes wrong is told in what it gives back.
"""

from __future__ import annotations

import io
import math
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from ...data.division import Division
from ...engine import Report, Trainer
from ...engine.costs import total
from ...engine.stopping import Improvement, Stopping, asks_each_epoch
from ...engine.training import SAMPLE
from ...errors import GraphlabError, MemoryBudgetError
from ...graph import Document
from ...graph.searching import apply
from ...graph.sweep import ROWS
from ...io import load_bytes
from ...io import weights as tensors
from . import state_bytes
from .outcomes import outcomes
from .records import Cost, Done, Epoch, Fit, Task, finite
from .versions import own_version

Note = Callable[[Epoch], bool | None]

MOST_MEASURED = 25  # epochs of a fit that are measured, unless the document's settings ask for each
MOST_ROWS = 10_000  # held-out rows of which it is told how each did
PIECE = 256  # steps between two looks at the clock
LOSS = "loss"


def run_fit(task: Task, document: bytes, note: Note | None = None) -> Done:
    """Does a fit, or its next part. Never raises.

    document: the .graphlab bytes that `task.document` is the hash of. note: is told each epoch that was measured;
    when it returns False, the fit is cut short.
    """
    if task.version and task.version != own_version():
        return Done(Fit(task.key, "failed", task.seed), refused=own_version() or "unknown")
    fitting = None
    try:
        fitting = _Fitting(task, _document(task.document, document), note)
        return fitting.work()
    except (MemoryError, MemoryBudgetError) as error:
        return _failed(task, fitting, f"It ran out of memory. {error}".strip())
    except GraphlabError as error:
        return _failed(task, fitting, str(error))
    except Exception as error:
        return _failed(task, fitting, f"An error of graphlab: {error!r}", traceback.format_exc())


def _failed(task: Task, fitting: _Fitting | None, error: str, log: str = "") -> Done:
    """With the epochs that were measured before."""
    epochs = fitting.epochs if fitting is not None else []
    return Done(Fit(task.key, "failed", task.seed, task.metric or LOSS, epochs=epochs, error=error), log=log)


def trainer_of(task: Task, document: Document) -> Trainer:
    """The trainer of a task's network, before its first step. GraphlabError says why there is none."""
    division = Division(task.folds, task.key.fold, float(task.values.get(ROWS, 1.0)))
    trainer = Trainer(
        apply(document, task.values), seed=task.seed, memory_budget=task.memory or None, division=division
    )
    trainer.run.require_trainable()
    return trainer


def trained(task: Task, document: Document) -> Trainer:
    """A task's network after the whole fit, whether rows are held out to judge it by or not. GraphlabError."""
    fitting = _Fitting(task, document, None)
    fitting.train()
    fitting.end()
    return fitting.trainer


def score_of(metric: str, loss: float | None, metrics: Mapping[str, float | None]) -> tuple[str, float]:
    """The name and the value of what is compared: the metric asked for, else the goal's first, else the loss."""
    name = metric or next(iter(metrics), LOSS)
    value = loss if name == LOSS else metrics.get(name)
    return name, math.nan if value is None else value


@lru_cache(maxsize=4)
def _document(_hash: str, data: bytes) -> Document:
    return load_bytes(data)[0].document


@dataclass
class _Fitting:
    """A fit under way."""

    task: Task
    document: Document
    note: Note | None
    epochs: list[Epoch] = field(default_factory=list)
    reason: str = ""
    cut: bool = False

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.trainer = trainer_of(self.task, self.document)
        self.settings = self.trainer.run.document.training
        self.stopping = Stopping()
        self.last = self.task.until or self.settings.epochs
        self.is_part = self.last < self.settings.epochs
        self._measured = self._to_be_measured()
        if self.task.state:
            self._take_up(state_bytes.from_bytes(self.task.state))

    def work(self) -> Done:
        return self._done("done" if self.train() else "cut")

    def train(self) -> bool:
        """Does its epochs; False where it was cut short."""
        while self.trainer.epoch < min(self.last, self.settings.epochs) and not self.reason:
            if not self._epoch():
                return False
        return True

    def _epoch(self) -> bool:
        """One epoch; whether it came to its end."""
        trainer = self.trainer
        goal = (trainer.epoch + 1) * trainer.steps_per_epoch
        while trainer.steps_done < goal:
            if self.task.seconds and time.monotonic() - self.began > self.task.seconds:
                return False
            trainer.advance(min(PIECE, goal - trainer.steps_done))
        if trainer.epoch in self._measured:
            report = trainer.report()
            self.epochs.append(_epoch_of(report))
            self._judge(report)
            return self.note is None or self.note(self.epochs[-1]) is not False
        self.reason = self.stopping.overtime(trainer.seconds, self.settings)
        return True

    def _judge(self, report: Report) -> None:
        if asks_each_epoch(self.settings):
            self.stopping.note(report, self.settings, self.trainer.run.state)
            self.reason = self.stopping.verdict(report, self.settings)
        self.reason = self.reason or self.stopping.overtime(self.trainer.seconds, self.settings)

    def _to_be_measured(self) -> set[int]:
        """Some epochs from all along, always the same ones; the last of a part is among them."""
        count = self.settings.epochs
        if asks_each_epoch(self.settings) or count <= MOST_MEASURED:
            return set(range(1, count + 1))
        chosen = np.unique(np.linspace(1, count, MOST_MEASURED).astype(int)).tolist()
        return {*chosen, self.last}

    # What comes of it

    def _done(self, state: str) -> Done:
        going_on = state == "done" and self.is_part and not self.reason
        if state == "done" and not going_on:
            self.end()
        best = self._judged()
        fit = self._fit(state, best)
        if state == "cut" or fit.state == "failed":
            return Done(fit)
        return Done(
            fit,
            weights=tensors.to_bytes(self.trainer.run.weights) if self.task.weights and not going_on else b"",
            rows=b"" if going_on else self._rows(fit.metric),
            state=state_bytes.to_bytes(self._state()) if going_on else b"",
        )

    def end(self) -> None:
        """All epochs are done: the last one is measured, and the best one is taken again where it is to be kept."""
        if not self.epochs or self.epochs[-1].epoch != self.trainer.epoch:
            self.epochs.append(_epoch_of(self.trainer.report()))
        best = self.stopping.best
        if self.settings.keep_best and best is not None and best.state is not None:
            self.trainer.run.load_state(best.state)

    def _judged(self) -> Epoch | None:
        """The epoch whose figures count."""
        best = self.stopping.best
        if self.settings.keep_best and best is not None:
            return next((e for e in self.epochs if e.epoch == best.epoch), None)
        return self.epochs[-1] if self.epochs else None

    def _fit(self, state: str, epoch: Epoch | None) -> Fit:
        batches = self.trainer.batches
        found = {} if epoch is None else dict(epoch.validation_metrics)
        name, score = score_of(self.task.metric, epoch.validation_loss if epoch else None, found)
        train = self._train_score(name, epoch) if state == "done" else math.nan
        lost = state == "done" and not math.isfinite(score)
        return Fit(
            self.task.key,
            "failed" if lost else state,  # type: ignore[arg-type]
            self.task.seed,
            name,
            finite(score),
            finite(train),
            epoch.epoch if epoch else 0,
            self.epochs,
            self._cost(),
            batches.count("validation"),
            batches.count("train"),
            error=_why_lost(name, batches.count("validation")) if lost else "",
        )

    def _train_score(self, metric: str, epoch: Epoch | None) -> float:
        """The same on training rows; the loss after the epoch, not the mean of its steps that its report has."""
        if metric == LOSS:
            return self.trainer.evaluate("train", SAMPLE).loss
        found = None if epoch is None else epoch.metrics.get(metric)
        return math.nan if found is None else found

    def _cost(self) -> Cost:
        trainer = self.trainer
        rows, size = trainer.batches.count("train"), trainer.batch_size
        whole, rest = divmod(rows, size)
        plan, sizes = trainer.run.plan, trainer.batches.sizes
        of_epoch = sum(
            times * cost.flops
            for times, count in ((whole, size), (1, rest))
            if times and count and (cost := total(plan, sizes(count))) is not None
        )
        flops = of_epoch * trainer.steps_done // trainer.steps_per_epoch
        return Cost(trainer.seconds, int(flops), plan.parameter_size)

    def _rows(self, metric: str) -> bytes:
        """How each held-out row did, as .npy; nothing where that is not told of rows, or of too many."""
        if not self.task.rows or self.trainer.batches.count("validation") > MOST_ROWS:
            return b""
        return rows_bytes(outcomes(self.trainer, "validation", metric))

    # Going on elsewhere

    def _state(self) -> dict[str, Any]:
        best = self.stopping.best
        kept = None if best is None else [best.name, best.epoch, best.step, best.value, best.state]
        return {
            "run": self.trainer.run.state(),
            "epochs": msgspec.to_builtins(self.epochs),
            "best": kept,
            "seconds": self.trainer.seconds,
        }

    def _take_up(self, state: dict[str, Any]) -> None:
        self.trainer.run.load_state(state["run"])
        self.trainer.stand(state["seconds"])
        self.epochs = msgspec.convert(state["epochs"], list[Epoch])
        if state["best"] is not None:
            self.stopping.improvements = [Improvement(*state["best"])]


def rows_bytes(rows: Any) -> bytes:
    """Numbers as .npy; b"" for None."""
    if rows is None:
        return b""
    file = io.BytesIO()
    np.save(file, rows, allow_pickle=False)
    return file.getvalue()


def _epoch_of(report: Report) -> Epoch:
    return Epoch(
        report.epoch,
        report.step,
        finite(report.loss),
        {name: finite(value) for name, value in report.metrics.items()},
        finite(report.validation_loss),
        {name: finite(value) for name, value in report.validation_metrics.items()},
        report.seconds,
    )


def _why_lost(metric: str, rows: int) -> str:
    if not rows:
        return "There are no held-out rows to compare by. Set the validation share, or take folds."
    return f"The {metric} on held-out rows is not a number."
