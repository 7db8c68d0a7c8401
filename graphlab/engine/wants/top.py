"""The samples of the data at which units say most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import DataError
from ...ops import stream
from .eye import Unit
from .looker import Looker

if TYPE_CHECKING:
    from ..training import Trainer

Array = npt.NDArray[Any]
MOST_ROWS = 10_000
COUNT = 9


@dataclass
class Best:
    """The samples at which a unit says most, the most first.

    values: what it says of each. rows: which rows of the data they are. pictures: (count, C, H, W). peaks: of a
    channel, where in its map (y, x) it is largest; (−1, −1) for what has no map.
    """

    unit: Unit
    values: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    rows: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    pictures: Array = field(default_factory=lambda: np.zeros((0, 1, 1, 1)))
    peaks: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))

    def take(self, layer: Array, rows: Array, pictures: Array, count: int) -> None:
        """These rows have been looked at too. Of those that say the same, the first in the data goes first."""
        said = self.unit.says(layer)
        values = np.concatenate([self.values, said])
        numbers = np.concatenate([self.rows, rows])
        kept = np.lexsort((numbers, -np.nan_to_num(values, nan=-np.inf)))[:count]
        both = np.concatenate([self.pictures, pictures]) if len(self.pictures) else pictures
        peaks = np.concatenate([self.peaks, _peaks(layer, self.unit)])
        self.values, self.rows, self.pictures, self.peaks = (
            values[kept],
            numbers[kept],
            both[kept],
            peaks[kept],
        )


class Top:
    """Goes through the rows of a split and keeps the best for each unit. `work` goes a batch at a time.

    done, total: of how many rows. Of very many rows a random part is looked at, the same each time.

    DataError where there are no such rows. GoalError for a unit that is not there.
    """

    def __init__(
        self,
        lookers: Sequence[Looker],
        trainer: Trainer | None,
        units: Sequence[Unit],
        split: str = "train",
        count: int = COUNT,
        most: int = MOST_ROWS,
    ) -> None:
        found = np.zeros(0, np.int64) if trainer is None else trainer.batches.rows(split)
        if trainer is None or trainer.batches.data is None or not len(found):
            raise DataError(f"There are no {split} rows.", hint="Give the graph images of a data set.")
        for looker, unit in zip(lookers, units, strict=True):
            unit.check(looker.run.plan.inference.specs.get(unit.end), looker.name)
        self.best = [Best(unit) for unit in units]
        self.split, self.of = split, len(found)
        self.done, self.total = 0, min(len(found), most)
        self._lookers, self._trainer, self._count = lookers, trainer, count
        chosen = np.arange(len(found))
        if len(found) > most:
            chosen = np.sort(stream(0, "rows looked at").choice(len(found), most, replace=False))
        self._rows = found[chosen]

    def work(self) -> Iterator[None]:
        size = min(looker.few for looker in self._lookers)
        for k in range(0, len(self._rows), size):
            rows = self._rows[k : k + size]
            for looker, best in zip(self._lookers, self.best, strict=True):
                pictures = looker.pictures_of(self._trainer, rows)
                (layer,) = looker.values(pictures)
                best.take(layer, rows, pictures, self._count)
            self.done += len(rows)
            yield


def _peaks(layer: Array, unit: Unit) -> npt.NDArray[np.int64]:
    nowhere = np.full((len(layer), 2), -1, np.int64)
    if layer.ndim != 4 or len(unit.at) != 1:
        return nowhere
    maps = layer[:, unit.at[0]].reshape(len(layer), -1)
    return np.stack(np.unravel_index(maps.argmax(axis=1), layer.shape[2:]), axis=1).astype(np.int64)
