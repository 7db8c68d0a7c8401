"""What is counted from many verdicts: the confusion matrix, and precision, recall and F1 of every class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .verdicts import Verdicts

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """counts: (true classes, said classes). A figure that would be 0/0, as of a class without rows, is NaN."""

    classes: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    lost: int = 0  # rows of which nothing is said; they are not in the counts

    @staticmethod
    def of(found: Verdicts) -> Confusion:
        size, there = len(found.classes), ~found.lost
        counts = np.bincount((found.true * size + found.said)[there], minlength=size * size)
        return Confusion(found.classes, counts.reshape(size, size), len(found) - int(there.sum()))

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def wrong(self) -> int:
        return self.total - int(np.trace(self.counts))

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.counts) / self.total) if self.total else float("nan")

    @property
    def shares(self) -> Floats:
        """Of the rows of each true class, what part is said to be of which."""
        return _over(self.counts, self.counts.sum(axis=1, keepdims=True))

    @property
    def recall(self) -> Floats:
        """Of the rows of a class, what part is found."""
        return _over(np.diag(self.counts), self.counts.sum(axis=1))

    @property
    def precision(self) -> Floats:
        """Of the rows said to be of a class, what part is."""
        return _over(np.diag(self.counts), self.counts.sum(axis=0))

    @property
    def f1(self) -> Floats:
        """The harmonic mean of precision and recall: 2·hits over what is of the class and what is said to be."""
        return _over(2 * np.diag(self.counts), self.counts.sum(axis=0) + self.counts.sum(axis=1))

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that there are rows of, or that are said."""
        there = self.f1[np.isfinite(self.f1)]
        return float(there.mean()) if there.size else float("nan")


def _over(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part / whole, np.float64)
