"""How near a network's numbers are to those it should reach: residuals, R², and the rows that are furthest off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .verdicts import Indices

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Residuals:
    """true, said: (rows, outputs). rows: which rows of the data they are. places: which rows of their split."""

    true: Floats
    said: Floats
    rows: Indices
    places: Indices

    def __len__(self) -> int:
        return len(self.true)

    @property
    def outputs(self) -> int:
        return int(self.true.shape[1])

    def of(self, output: int) -> Fit:
        """That of one number that is told of each row."""
        return Fit(self.true[:, output], self.said[:, output], self.rows)


@dataclass(frozen=True, eq=False)
class Fit:
    """One number of each row: what it should be and what is said. Figures leave out what is no number."""

    true: Floats
    said: Floats
    rows: Indices

    @property
    def residuals(self) -> Floats:
        """true − said: positive where too little is said."""
        return self.true - self.said

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which rows have a number."""
        return np.isfinite(self.residuals)

    @property
    def lost(self) -> int:
        return len(self.true) - int(self.there.sum())

    @property
    def mean(self) -> float:
        """Of the residuals: not 0 where it is off to one side."""
        return self._mean(self.residuals)

    @property
    def mae(self) -> float:
        return self._mean(np.abs(self.residuals))

    @property
    def rmse(self) -> float:
        return float(np.sqrt(self._mean(self.residuals**2)))

    @property
    def r2(self) -> float:
        """1 − Σ residual² over Σ (true − mean)²; NaN where all are to be the same."""
        there = self.there
        true = self.true[there]
        spread = float(((true - true.mean()) ** 2).sum()) if true.size else 0.0
        if not spread:
            return float("nan")
        return 1 - float((self.residuals[there] ** 2).sum()) / spread

    def worst(self, most: int) -> Indices:
        """The positions of those furthest off, the furthest first; what is no number is further than anything."""
        size = np.nan_to_num(np.abs(self.residuals), nan=np.inf, posinf=np.inf)
        return np.argsort(-size, kind="stable")[:most]

    def _mean(self, values: Floats) -> float:
        values = values[self.there]
        return float(values.mean()) if values.size else float("nan")


def residuals(said: Any, target: Any, rows: Any, places: Any) -> Residuals:
    """From what went into a loss. DataError where the target has not as many numbers a row as the network gives."""
    given, wanted = (_flat(array) for array in (said, target))
    if given.shape != wanted.shape:
        raise DataError(
            f"Each row has {wanted.shape[1]} numbers to reach, but the network gives {given.shape[1]}.",
            hint=f"Let its last layer have {wanted.shape[1]} units.",
        )
    return Residuals(wanted, given, np.asarray(rows, np.int64), np.asarray(places, np.int64))


def _flat(array: Any) -> Floats:
    values = np.asarray(array, np.float64)
    return values.reshape(len(values), -1)
