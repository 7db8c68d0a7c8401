"""A loss surface as one draws it: how high each loss stands, where contour lines lie, and its facets in space."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lines import View, mesh, zero_lines

Floats = NDArray[np.float64]
STEEP = 30.0  # times the lowest loss that the highest must be, for heights to go by the logarithm
NEAR = 0.01  # of the height of the middle loss, that a logarithm begins below the lowest
LINES = 9  # contour lines, about
LIGHT = np.array([-0.45, 0.35, 0.82])  # where it comes from


@dataclass(frozen=True)
class Scale:
    """Heights from 0 to 1 for losses from `low` to `high`; by their logarithm where they span more than `STEEP`.

    `base`: what is taken off before the logarithm, for losses that reach 0 or lie below it.
    """

    low: float
    high: float
    logarithmic: bool = False
    base: float = 0.0

    def height(self, losses: Floats) -> Floats:
        """NaN for what is not finite; the rest within 0 and 1."""
        with np.errstate(all="ignore"):
            low, high, values = self.low, self.high, np.asarray(losses, np.float64)
            if self.logarithmic:
                low, high = math.log(low - self.base), math.log(high - self.base)
                values = np.log(np.maximum(values - self.base, 1e-300))
            found: Floats = np.clip((values - low) / (high - low or 1.0), 0.0, 1.0)
        return np.where(np.isfinite(losses), found, np.nan)

    def levels(self, most: int = LINES) -> list[float]:
        """Round losses for contour lines: evenly apart, or 1, 2, 5 times powers of ten where it is logarithmic."""
        if not self.high > self.low:
            return []
        if not self.logarithmic:
            return _even(self.low, self.high, most)
        low, high = self.low - self.base, self.high - self.base
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        decades = range(first, last + 1)
        marks = [m * 10.0**k for k in decades for m in ((1, 2, 5) if last - first <= most // 2 else (1,))]
        return [mark + self.base for mark in marks if low < mark < high]


def scale_of(losses: Floats) -> Scale:
    """The scale that suits a surface. The few highest losses of a steep one do not flatten the rest."""
    good = losses[np.isfinite(losses)]
    if not len(good):
        return Scale(0.0, 1.0)
    low, high, middle = float(good.min()), float(good.max()), float(np.median(good))
    if low > 0 and high > STEEP * low and middle > 2 * low:
        return Scale(low, high, True)
    if middle > low and high - low > STEEP * (middle - low):  # heights above the lowest are what differs
        return Scale(low, high, True, low - NEAR * (middle - low))
    return Scale(low, high)


def _even(low: float, high: float, most: int) -> list[float]:
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= raw * 0.999)
    first = math.floor(low / step) + 1
    return [k * step for k in range(first, math.ceil(high / step))]


def contour(losses: Floats, view: View, level: float) -> Floats:
    """(pieces, 2, 2): where the surface over a view has that loss."""
    return zero_lines(np.where(np.isfinite(losses), losses, np.nan) - level, view)


def loss_at(losses: Floats, view: View, points: Floats) -> Floats:
    """The loss at points (n, 2) of the plane, between the four that were measured around each; NaN outside."""
    rows, columns = losses.shape
    x0, y0, x1, y1 = view
    x = (points[:, 0] - x0) / (x1 - x0) * (columns - 1)
    y = (points[:, 1] - y0) / (y1 - y0) * (rows - 1)
    inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    j = np.minimum(x.astype(np.int64), columns - 2)
    i = np.minimum(y.astype(np.int64), rows - 2)
    x, y = x - j, y - i
    with np.errstate(invalid="ignore"):
        below = losses[i, j] * (1 - x) + losses[i, j + 1] * x
        above = losses[i + 1, j] * (1 - x) + losses[i + 1, j + 1] * x
        found: Floats = below * (1 - y) + above * y
    return np.where(inside & np.isfinite(found), found, np.nan)


class Relief:
    """A surface in space: across and up from −1 to 1, heights from 0 to `tall`."""

    def __init__(self, losses: Floats, view: View, scale: Scale, tall: float = 1.0, finest: int = 33) -> None:
        while losses.shape[0] > finest:
            losses = losses[::2, ::2]
        self.view, self.scale, self.tall = view, scale, tall
        rows, columns = losses.shape
        heights = np.nan_to_num(scale.height(losses), nan=1.0) * tall
        flat = mesh((-1.0, -1.0, 1.0, 1.0), columns, rows)
        self.points = np.concatenate([flat, heights.reshape(-1, 1)], axis=1)
        at = np.arange(rows * columns).reshape(rows, columns)
        quads = (at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1])
        self.facets: NDArray[np.int64] = np.stack([q.reshape(-1) for q in quads], axis=1)
        bad = ~np.isfinite(losses).reshape(-1)
        self.broken = np.asarray(bad[self.facets].any(axis=1), bool)

    def heights(self) -> Floats:
        """Of each facet, the mean height of its corners as a share of `tall`."""
        found: Floats = self.points[self.facets, 2].mean(axis=1) / self.tall
        return found

    def shades(self) -> Floats:
        """Of each facet, how much light falls on it, from 0 to 1."""
        corners = self.points[self.facets]
        normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        found: Floats = np.clip(normal @ (LIGHT / np.linalg.norm(LIGHT)), 0.0, 1.0)
        return found

    def place(self, points: Floats, losses: Floats) -> Floats:
        """(n, 3): points (n, 2) of the plane at the height of their losses; those that are not known stand at 0."""
        x0, y0, x1, y1 = self.view
        flat = (points - [x0, y0]) / [x1 - x0, y1 - y0] * 2 - 1
        heights = np.nan_to_num(self.scale.height(losses)) * self.tall
        found: Floats = np.concatenate([flat, heights[:, None]], axis=1)
        return found
