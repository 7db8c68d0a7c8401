"""What a training came to, in a few numbers, worked out as its losses and reports arrive."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...engine.training import Report

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a run.

    loss: mean over the last whole epoch; before there is one, of the last step. best_loss: the least of these, reached
    with step `best_step`. validation_loss, best_validation_loss: NaN where there is no validation part. metrics: on
    the validation rows, else on training rows, after the last epoch. seconds: of training.
    """

    steps: int = 0
    epochs: int = 0
    loss: float = NAN
    best_loss: float = NAN
    best_step: int = 0
    validation_loss: float = NAN
    best_validation_loss: float = NAN
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


class Tally:
    """Adds up what arrives. Steps that were taken back and done anew count once; their losses may still be the best."""

    def __init__(self) -> None:
        self.steps, self.seconds, self.last = 0, 0.0, NAN
        self._least, self._least_step = math.inf, 0
        self._epoch: Report | None = None
        self._best: Report | None = None
        self._best_validation = math.inf

    def take_losses(self, first: int, losses: Any, seconds: float) -> None:
        """The losses of the steps after `first` updates."""
        values = np.asarray(losses, dtype=np.float64).reshape(-1)
        if not len(values):
            return
        self.steps, self.last = first + len(values), float(values[-1])
        self.seconds = max(self.seconds, seconds)
        finite = np.where(np.isfinite(values), values, np.inf)
        at = int(finite.argmin())
        if finite[at] < self._least:
            self._least, self._least_step = float(finite[at]), first + at + 1

    def take_epoch(self, epoch: Report) -> bool:
        """The report of an epoch; whether it is the best until now, by validation where there is such a part."""
        self._epoch = epoch
        before = self.best_score
        if self._best is None or epoch.loss < self._best.loss or not math.isfinite(self._best.loss):
            self._best = epoch
        if epoch.validation_loss is not None and epoch.validation_loss < self._best_validation:
            self._best_validation = epoch.validation_loss
        return self.best_score < before

    @property
    def best_score(self) -> float:
        """The least validation loss, or loss where there is no validation part; infinite before the first epoch."""
        if self._epoch is not None and self._epoch.validation_loss is not None:
            return self._best_validation
        best = self._best
        return best.loss if best is not None and math.isfinite(best.loss) else math.inf

    def figures(self) -> Figures:
        epoch, best = self._epoch, self._best
        if epoch is None or best is None:
            has = self._least_step > 0
            return Figures(
                self.steps,
                0,
                self.last,
                self._least if has else NAN,
                self._least_step,
                seconds=self.seconds,
            )
        validation = NAN if epoch.validation_loss is None else epoch.validation_loss
        return Figures(
            self.steps,
            epoch.epoch,
            epoch.loss,
            best.loss,
            best.step,
            validation,
            self._best_validation if math.isfinite(self._best_validation) else NAN,
            dict(epoch.validation_metrics or epoch.metrics),
            self.seconds,
        )
