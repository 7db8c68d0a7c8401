"""What a sweep is going to take, before it begins: how many trials, trainings and epochs, and about how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...graph import Document
from ...graph.searching import target_text
from .proposals import extent


@dataclass(frozen=True)
class Forecast:
    """trials: 0 where nobody knows, since time alone ends it. fits: trainings. epochs: of each, at most."""

    trials: int
    each: int
    epochs: int

    @property
    def fits(self) -> int:
        return self.trials * self.each

    def seconds(self, per_epoch: float, workers: int) -> float:
        """How long about; NaN where that is unknown. per_epoch: of one training; workers: side by side."""
        return math.ceil(self.fits / max(workers, 1)) * self.epochs * per_epoch if self.fits else math.nan


def forecast(document: Document) -> Forecast:
    """What the sweep of a document is going to take.

    SettingsError: the method cannot search these spaces, or it would never end.
    """
    sweep, epochs = document.sweep, document.training.epochs
    spaces = {target_text(document, search): search.space for search in sweep.searches}
    return Forecast(extent(spaces, sweep, epochs), sweep.seeds * max(1, sweep.folds), epochs)
