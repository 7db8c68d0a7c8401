"""Whether a network is as often right as it is sure: the reliability diagram, its errors, and the Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .verdicts import Indices, Verdicts

Floats = npt.NDArray[np.float64]
BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """Rows in bins of equal width by the probability of the class said; NaN in a bin that has none.

    edges: (bins + 1). counts, sureness (mean), accuracy: (bins). bin: that of each row, −1 where nothing is said.
    brier: the mean over the rows of Σ (probability − 1 for the true class, 0 for the others)² (Brier 1950).
    """

    edges: Floats
    counts: Indices
    sureness: Floats
    accuracy: Floats
    bin: Indices
    brier: float
    lost: int = 0

    @staticmethod
    def of(found: Verdicts, bins: int = BINS) -> Calibration:
        there = ~found.lost
        sure, right = found.sureness, found.right.astype(np.float64)
        place = np.full(len(found), -1, np.int64)
        # a bin has its upper edge, not its lower (Guo et al. 2017)
        place[there] = np.clip(np.ceil(sure[there] * bins).astype(np.int64) - 1, 0, bins - 1)
        kept = place[there]
        counts = np.bincount(kept, minlength=bins)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(kept, sure[there], bins) / counts
            share = np.bincount(kept, right[there], bins) / counts
        edges = np.linspace(0.0, 1.0, bins + 1)
        return Calibration(
            edges, counts, mean, share, place, _brier(found, there), len(found) - int(there.sum())
        )

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    @property
    def gaps(self) -> Floats:
        """How much surer than right the rows of each bin are; negative where they are less sure."""
        return self.sureness - self.accuracy

    @property
    def ece(self) -> float:
        """Expected calibration error: the mean over the rows of their bin's |gap| (Guo et al. 2017, equation 3)."""
        there = self.counts > 0
        if not there.any():
            return float("nan")
        return float(np.abs(self.gaps[there]) @ self.counts[there] / self.total)

    @property
    def worst(self) -> float:
        """Maximum calibration error: the largest |gap|."""
        there = self.counts > 0
        return float(np.abs(self.gaps[there]).max()) if there.any() else float("nan")


def _brier(found: Verdicts, there: npt.NDArray[np.bool_]) -> float:
    chances = found.chances[there].copy()
    if not len(chances):
        return float("nan")
    chances[np.arange(len(chances)), found.true[there]] -= 1.0
    return float((chances**2).sum(axis=1).mean())
