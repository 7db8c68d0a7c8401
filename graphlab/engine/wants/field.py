"""Receptive fields in effect: how much a unit depends on each pixel, on average over pictures.

Of all the pixels that a unit can see, those in the middle count most. (Luo, Li, Urtasun and Zemel 2016,
"Understanding the effective receptive field in deep convolutional neural networks")
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import DataError
from .eye import Unit
from .looker import Looker

if TYPE_CHECKING:
    from ..training import Trainer

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

AT_ONCE = 8  # pictures of one piece of work
COUNTS = 1 - 0.9545  # of the largest slope: a pixel below it does not count, as Luo and others have it


class EffectiveField:
    """The slopes of a unit with respect to the pixels, for one row after the other. `work` goes some at a time.

    Where the layer is one that dies (ReLU) and the unit is silent at all rows of a piece, what goes into it is asked.

    DataError where there are no rows. GoalError for a unit that is not there, or to which no gradient leads.
    """

    def __init__(
        self,
        looker: Looker,
        trainer: Trainer | None,
        unit: Unit,
        split: str = "train",
        most: int = 32,
        pictures: Any = None,
    ) -> None:
        unit.check(looker.run.plan.inference.specs.get(unit.end), looker.name)
        self._looker, self._unit = looker, unit
        self._pictures = pictures if pictures is not None else _rows_of(looker, trainer, split, most)
        self.split, self.done, self.total = split, 0, len(self._pictures)
        self._sum: Floats = np.zeros(looker.eye.shape[1:])

    def work(self) -> Iterator[None]:
        size = min(self._looker.at_once, AT_ONCE)
        for k in range(0, self.total, size):
            pictures = self._pictures[k : k + size]
            slopes = self._looker.slopes(pictures, self._unit.seed, awake=True).slopes
            self._sum += np.abs(slopes.astype(np.float64)).sum(axis=(0, 1))
            self.done += len(pictures)
            yield

    @property
    def map(self) -> Floats | None:
        """(height, width), the mean so far; None before there is any."""
        return self._sum / self.done if self.done else None


def _rows_of(looker: Looker, trainer: Trainer | None, split: str, most: int) -> Array:
    """(n, C, H, W) from all along a split."""
    rows = np.zeros(0, np.int64) if trainer is None else trainer.batches.rows(split)
    if trainer is None or not len(rows):
        raise DataError(f"There are no {split} rows.", hint="Give the graph images of a data set.")
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, max(1, most)).astype(np.int64))]
    size = looker.at_once
    parts = [looker.pictures_of(trainer, chosen[k : k + size]) for k in range(0, len(chosen), size)]
    return np.concatenate(parts)


def side(found: Floats) -> float:
    """How large the field is in effect: the side of the square that has as many pixels as count. 0 where none does."""
    largest = float(found.max(initial=0.0))
    return float(np.sqrt((found >= COUNTS * largest).sum())) if largest > 0 else 0.0
