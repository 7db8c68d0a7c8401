"""Occlusion: how much a score falls when a patch of the picture is covered. (Zeiler and Fergus 2014)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import SettingsError
from .eye import Unit
from .looker import Looker

Array = npt.NDArray[Any]
MOST_PLACES = 65_536


class Occlusion:
    """Covers one patch after the other. `work` goes some patches at a time.

    drops: (rows, columns) of the patches, how much the score falls; NaN where nothing is known yet. map: (H, W), the
    mean drop of all patches that cover a pixel. The last row and column of patches end at the edge.

    SettingsError for a patch or stride that cannot be.
    """

    def __init__(
        self, looker: Looker, picture: Array, unit: Unit, patch: int, stride: int, fill: float
    ) -> None:
        _, height, width = looker.eye.shape
        if not 1 <= patch <= min(height, width):
            raise SettingsError(
                f"A patch of {patch} pixels does not fit into {height}×{width}.",
                hint=f"Choose 1 to {min(height, width)}.",
            )
        if stride < 1:
            raise SettingsError(f"A patch cannot move by {stride} pixels.", hint="Choose 1 or more.")
        self.looker, self.picture, self.unit = looker, picture, unit
        self.patch, self.fill = patch, fill
        self.rows, self.columns = _places(height, patch, stride), _places(width, patch, stride)
        if len(self.rows) * len(self.columns) > MOST_PLACES:
            raise SettingsError("That would be too many patches.", hint="Choose a larger stride.")
        self.score = float(unit.says(looker.values(picture)[0])[0])
        self.drops = np.full((len(self.rows), len(self.columns)), np.nan)

    @property
    def total(self) -> int:
        return int(self.drops.size)

    @property
    def done(self) -> int:
        return int(np.isfinite(self.drops).sum())

    def work(self) -> Iterator[None]:
        places = [(i, j) for i in range(len(self.rows)) for j in range(len(self.columns))]
        size = self.looker.few
        for k in range(0, len(places), size):
            some = places[k : k + size]
            covered = np.repeat(self.picture, len(some), axis=0)
            for one, (i, j) in zip(covered, some, strict=True):
                y, x = self.rows[i], self.columns[j]
                one[:, y : y + self.patch, x : x + self.patch] = self.fill
            scores = self.unit.says(self.looker.values(covered)[0])
            for (i, j), score in zip(some, scores.tolist(), strict=True):
                self.drops[i, j] = self.score - score
            yield

    @property
    def map(self) -> Array:
        _, height, width = self.looker.eye.shape
        total, count = np.zeros((height, width)), np.zeros((height, width))
        for (i, j), drop in np.ndenumerate(self.drops):
            if np.isfinite(drop):
                place = np.s_[
                    self.rows[i] : self.rows[i] + self.patch, self.columns[j] : self.columns[j] + self.patch
                ]
                total[place] += drop
                count[place] += 1
        return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def _places(size: int, patch: int, stride: int) -> list[int]:
    found = list(range(0, size - patch + 1, stride))
    return found if found[-1] == size - patch else [*found, size - patch]
