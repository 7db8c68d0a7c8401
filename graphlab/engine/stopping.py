"""When training ends by itself: no improvement for a while, a loss that is small enough, time. And which step was best.

As in Prechelt 1998, "Early stopping - but when?", with the names that Keras has for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..graph import Training
from .summary import figure

RISING = frozenset({"accuracy", "exact"})  # metrics that are the better the larger they are


class Measured(Protocol):
    """What an epoch came to; `Report` and `ReportRecord` are such."""

    @property
    def epoch(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def metrics(self) -> Mapping[str, float]: ...
    @property
    def validation_loss(self) -> float | None: ...
    @property
    def validation_metrics(self) -> Mapping[str, float]: ...


@dataclass(frozen=True, slots=True)
class Improvement:
    """An epoch that was better than all before: by what, after which step, how good, and the state then if kept."""

    name: str
    epoch: int
    step: int
    value: float
    state: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def told(self) -> str:
        """ "validation loss 0.123, epoch 7"."""
        return f"{self.name} {figure(self.value)}, epoch {self.epoch:,}"


def watched(report: Measured, by: str) -> tuple[str, float]:
    """The figure that says how good an epoch was, and its name: of held-out rows where there are any.

    by: "loss", or "metric" for the first that the goal has; without one, the loss.
    """
    held_out = report.validation_loss is not None
    prefix = "validation " if held_out else ""
    metrics = report.validation_metrics if held_out else report.metrics
    if by == "metric" and metrics:
        name, value = next(iter(metrics.items()))
        return prefix + name, value
    loss = report.validation_loss if report.validation_loss is not None else report.loss
    return prefix + "loss", loss


def is_better(name: str, value: float, than: float, by: float = 0.0) -> bool:
    """Whether a figure of that name improves on another by more than so much. NaN never does."""
    rises = name.rpartition(" ")[2] in RISING
    return value > than + by if rises else value < than - by


class Stopping:
    """Watches the epochs of one training. Settings are asked for each time, since they may change on the way."""

    def __init__(self) -> None:
        self.improvements: list[Improvement] = []
        self._since = 0  # the epoch at which training was begun, or begun again
        self._seconds = 0.0

    @property
    def best(self) -> Improvement | None:
        return self.improvements[-1] if self.improvements else None

    def begin(self, epoch: int, seconds: float) -> None:
        """Training begins, or goes on: patience and time count from here."""
        self._since, self._seconds = epoch, seconds

    def forget(self) -> None:
        """Fresh weights: nothing was good yet."""
        self.improvements.clear()

    def rewind(self, step: int) -> None:
        """What came after that step is another way."""
        self.improvements = [one for one in self.improvements if one.step <= step]

    def note(self, report: Measured, training: Training, state: Callable[[], Mapping[str, Any]]) -> bool:
        """Whether the epoch is the best until now. Its `state` is kept, if the settings say so."""
        name, value = watched(report, training.stop_on)
        best = self.best
        if best is not None and best.name != name:  # something else is watched now
            self.improvements.clear()
            best = None
        if value != value or (
            best is not None and not is_better(name, value, best.value, training.min_delta)
        ):
            return False
        kept = [Improvement(one.name, one.epoch, one.step, one.value) for one in self.improvements]
        found = Improvement(name, report.epoch, report.step, value, state() if training.keep_best else None)
        self.improvements = [*kept, found]
        return True

    def verdict(self, report: Measured, training: Training) -> str:
        """Why training should end after that epoch; "" while it should not."""
        best = self.best
        if training.stop_patience and best is not None:
            waited = report.epoch - max(best.epoch, self._since)
            if waited >= training.stop_patience:
                epochs = "epoch" if waited == 1 else f"{waited:,} epochs"
                return f"the {best.name} has not improved for {epochs}"
        if training.stop_loss and report.loss < training.stop_loss:
            return f"the loss of the epoch, {figure(report.loss)}, is below {training.stop_loss:g}"
        return ""

    def overtime(self, seconds: float, training: Training) -> str:
        """Why training should end now that it has taken so long; "" while it may go on."""
        if training.stop_seconds and seconds - self._seconds >= training.stop_seconds:
            return f"it has taken {training.stop_seconds:g} seconds"
        return ""


def asks_each_epoch(training: Training) -> bool:
    """Whether every epoch has to be measured."""
    return bool(training.stop_patience or training.stop_loss or training.keep_best or training.save_best)
