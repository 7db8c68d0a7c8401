"""Another division of the rows that are not sealed: one fold of a cross-validation, or fewer rows to learn from.

Test rows stay what they are. As in Hastie, Tibshirani and Friedman 2009, "The elements of statistical learning", 7.10.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .batches import shuffled
from .dataset import Data
from .splits import interleaved

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Division:
    """Fold number `fold` of `folds` is held out for validation instead of what the settings say; 0 folds: as they say.

    share: of the training rows, so much is learnt from. Smaller shares are parts of larger ones.
    """

    folds: int = 0
    fold: int = 0
    share: float = 1.0

    def of(self, data: Data, seed: int = 0, stratified: bool = True) -> Data:
        """The same rows, divided so. Classes are kept in proportion; rows of one text stay in order, with their gaps.

        DataError: there are fewer rows than folds, or none left to learn from.
        """
        if not self.folds and self.share >= 1:
            return data
        splits = dict(data.splits)
        if self.folds:
            splits["train"], splits["validation"] = self._folded(data, seed, stratified)
        if self.share < 1:
            splits["train"] = self._some(data, splits["train"], seed, stratified)
        return replace(data, splits=splits)

    def _folded(self, data: Data, seed: int, stratified: bool) -> tuple[Indices, Indices]:
        rows = np.sort(np.concatenate((data.splits["train"], data.splits["validation"])))
        if len(rows) < self.folds:
            raise DataError(
                f"{len(rows):,} rows make no {self.folds:,} folds.", hint=f"Take {len(rows):,} at most."
            )
        if data.gap is None:
            order = _mixed(data, rows, seed, stratified)
            held_out = np.sort(np.array_split(order, self.folds)[self.fold])
            return np.setdiff1d(rows, held_out), held_out
        held_out = np.array_split(rows, self.folds)[self.fold]
        low, high = held_out[0] - data.gap, held_out[-1] + data.gap
        left = rows[(rows < low) | (rows > high)]
        if not len(left):
            raise DataError(
                f"{self.folds} folds of rows in order leave none to learn from.", hint="Take fewer folds."
            )
        return left, held_out

    def _some(self, data: Data, rows: Indices, seed: int, stratified: bool) -> Indices:
        count = max(1, round(self.share * len(rows)))
        if data.gap is not None:
            return rows[-count:]  # those nearest to what is held out
        return np.sort(_mixed(data, rows, seed, stratified)[:count])


WHOLE = Division()


def _mixed(data: Data, rows: Indices, seed: int, stratified: bool) -> Indices:
    """The rows in random order, fixed by the seed; any stretch of them has the classes in proportion."""
    order = rows[shuffled(len(rows), seed, "folds")]
    if not stratified or not data.classes or data.by_step:
        return order
    return interleaved(order, data.with_target("class").target)
