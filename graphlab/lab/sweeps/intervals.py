"""How sure a mean of scores is, and a difference of two: intervals by the bootstrap.

Held-out rows and seeds are both drawn samples, so both are resampled (crossed: Owen 2007, "The pigeonhole bootstrap"):
rows with replacement, of S seeds S − 1, which makes their variance unbiased (Rao and Wu 1988, "Resampling inference
with complex survey data"). The ends are those of BCa (Efron 1987, "Better bootstrap confidence intervals"), whose
acceleration comes from the influence of each row and seed on the mean. Where no rows were kept, Student's t over the
seeds stands in: a bootstrap of three numbers cannot look beyond them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import SettingsError

RESAMPLES = 10_000
LEVEL = 0.95
PATTERNS = 64  # of different rows up to which resamples are counted out instead of drawn
DRAWN = (
    1_000  # rows up to which each is drawn; the mean of more is drawn as the normal number that it comes to
)

Floats = NDArray[np.float64]
Over = Literal["rows and seeds", "rows", "seeds", "nothing"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the ends of its interval, which are NaN where one number says nothing of its spread.

    over: what was resampled. rows, seeds: how many.
    """

    mean: float
    low: float
    high: float
    over: Over = "nothing"
    rows: int = 0
    seeds: int = 0
    level: float = LEVEL

    @property
    def is_known(self) -> bool:
        return self.low == self.low and self.high == self.high

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is more than chance, at this level."""
        return self.is_known and (self.low > 0 or self.high < 0)


def interval(
    values: ArrayLike, *, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 0
) -> Interval:
    """The mean over rows, and its interval: the same every time.

    values: (rows,) or (seeds, rows) of hits (0 and 1) or losses. Where all hits are alike, a resample is, too; then the
    ends are the exact ones of the binomial distribution (Clopper and Pearson 1934).

    SettingsError: no values, or some are not finite.
    """
    return _interval(_table(values), resamples, level, seed, is_hits=True)


def _interval(table: Floats, resamples: int, level: float, seed: int, *, is_hits: bool) -> Interval:
    seeds, rows = table.shape
    mean, over = float(table.mean()), _over(seeds, rows)
    if over == "nothing":
        return Interval(mean, math.nan, math.nan, over, rows, seeds, level)
    if over == "seeds":
        low, high = _student(table[:, 0], level)
    elif np.ptp(table) == 0:
        low, high = _all_alike(mean, rows, level) if is_hits else (mean, mean)
    else:
        low, high = _bca(table, _resampled(table, resamples, seed), level)
    return Interval(mean, low, high, over, rows, seeds, level)


def score_interval(scores: Sequence[float], *, level: float = LEVEL) -> Interval:
    """The mean of one score a seed, over seeds alone."""
    return interval(np.asarray(scores, np.float64)[:, None], level=level)


def difference(
    rows_a: ArrayLike, rows_b: ArrayLike, *, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = 0
) -> Interval:
    """By how much the mean of a is above that of b, and its interval: paired, row by row and seed by seed.

    rows_a, rows_b: (seeds, rows), the same held-out rows in the same order; seeds that only one has are left out.

    SettingsError: they are not of the same rows.
    """
    a, b = _table(rows_a), _table(rows_b)
    if a.shape[1] != b.shape[1]:
        raise SettingsError(
            f"The two settings were measured on {a.shape[1]:,} and {b.shape[1]:,} rows.",
            hint="Only the same held-out rows can be compared one by one.",
        )
    seeds = min(len(a), len(b))
    apart = a[:seeds] - b[:seeds]
    return _interval(apart, resamples, level, seed, is_hits=False)


def _table(values: ArrayLike) -> Floats:
    table = np.atleast_2d(np.asarray(values, np.float64))
    if table.ndim != 2 or not table.size:
        raise SettingsError(
            "There are no scores to take an interval of.", hint="Train a trial to its end first."
        )
    if not np.isfinite(table).all():
        raise SettingsError("Some scores are not finite.", hint="Leave out fits that failed.")
    return table


def _over(seeds: int, rows: int) -> Over:
    if rows > 1:
        return "rows and seeds" if seeds > 1 else "rows"
    return "seeds" if seeds > 1 else "nothing"


def _resampled(table: Floats, resamples: int, seed: int) -> Floats:
    """(resamples,): the mean of each resample of a table (seeds, rows)."""
    rng = np.random.Generator(np.random.Philox(seed))
    means = _means_of_rows(table, resamples, rng)
    if len(table) == 1:
        return means[:, 0]
    often = rng.multinomial(len(table) - 1, np.full(len(table), 1 / len(table)), size=resamples)
    found: Floats = (means * often).sum(axis=1) / (len(table) - 1)
    return found


def _means_of_rows(table: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """(resamples, seeds): the mean of each seed over the rows of each resample."""
    rows = table.shape[1]
    patterns, counts = np.unique(table, axis=1, return_counts=True)
    if len(counts) <= PATTERNS:
        found: Floats = rng.multinomial(rows, counts / rows, size=resamples) @ patterns.T / rows
        return found
    if rows <= DRAWN:
        drawn = rng.integers(0, rows, (resamples, rows), np.uint16)
        found = np.stack([line[drawn].mean(axis=1) for line in table], axis=1)
        return found
    return _normal(table, rng.standard_normal((resamples, len(table))))


def _normal(table: Floats, noise: Floats) -> Floats:
    """Means of many rows, by the central limit theorem, as they vary together over the seeds."""
    covariance = np.atleast_2d(np.cov(table, bias=True)) / table.shape[1]
    sizes, ways = np.linalg.eigh(covariance)
    found: Floats = table.mean(axis=1) + (noise * np.sqrt(np.maximum(sizes, 0))) @ ways.T
    return found


def _bca(table: Floats, resampled: Floats, level: float) -> tuple[float, float]:
    """The ends of Efron's bias-corrected and accelerated interval."""
    usual, mean = NormalDist(), float(table.mean())
    near = 1e-12 * (1 + abs(mean))  # a resample that comes to the very mean is not below it for its rounding
    below, above = float((resampled < mean - near).mean()), float((resampled > mean + near).mean())
    share = (1 + below - above) / 2
    if not 0 < share < 1:
        return float(resampled.min()), float(resampled.max())
    bias, speed = usual.inv_cdf(share), acceleration(table)
    ends = []
    for side in ((1 - level) / 2, (1 + level) / 2):
        z = bias + usual.inv_cdf(side)
        ends.append(usual.cdf(bias + z / (1 - speed * z)))
    low, high = np.quantile(resampled, ends)
    return float(low), float(high)


def acceleration(table: Floats) -> float:
    """How fast the spread of the mean changes with it: a sixth of the skewness of what rows and seeds do to it.

    table: (seeds, rows). DiCiccio and Efron 1996, "Bootstrap confidence intervals", eq. 6.6 with two samples.
    """
    mean = table.mean()
    parts = [(table.mean(axis=axis) - mean) / table.shape[1 - axis] for axis in (0, 1)]
    influence = np.concatenate(parts)
    size = float((influence**2).sum()) ** 1.5
    return float((influence**3).sum()) / (6 * size) if size else 0.0


def _all_alike(value: float, rows: int, level: float) -> tuple[float, float]:
    if value not in (0.0, 1.0):
        return value, value
    least = ((1 - level) / 2) ** (1 / rows)
    return (least, 1.0) if value else (0.0, 1 - least)


def _student(scores: Floats, level: float) -> tuple[float, float]:
    mean, error = float(scores.mean()), float(scores.std(ddof=1)) / math.sqrt(len(scores))
    wide = student_quantile((1 + level) / 2, len(scores) - 1) * error
    return mean - wide, mean + wide


def student_quantile(share: float, freedom: int) -> float:
    """Below which a share ≥ ½ of Student's t distribution lies. Bisection on its closed form for whole degrees of
    freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
    """
    low, high = 0.0, 1.0
    while _student_share(high, freedom) < share:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_share(middle, freedom) < share else (low, middle)
    return (low + high) / 2


def _student_share(t: float, freedom: int) -> float:
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    term, total = (cosine if freedom % 2 else 1.0), 0.0
    for k in range(3 if freedom % 2 else 2, freedom + 1, 2):
        total += term
        term *= cosine * cosine * (k - 1) / k
    inside = 2 / math.pi * (angle + sine * total) if freedom % 2 else sine * total
    return 0.5 + inside / 2
