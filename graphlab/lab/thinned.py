"""Readings over the steps of a training, as many as there is room for: of too many, every two become one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Thinned:
    """The steps of the readings. `stride`: how many readings each but the last stands for.

    A subclass keeps what was read: it puts a reading at a place, mixes one into what stands there, and joins every two.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._steps = np.zeros(most)
        self.size, self.stride, self._in_last = 0, 1, 0

    def put(self, at: int, values: Any) -> None:
        raise NotImplementedError

    def mix(self, at: int, values: Any) -> None:
        raise NotImplementedError

    def join(self, half: int) -> None:
        """Of the places 0, 1, 2, 3 … come 0, 1 …, `half` of them."""
        raise NotImplementedError

    @property
    def steps(self) -> npt.NDArray[np.float64]:
        """The first step that each stands for."""
        return self._steps[: self.size]

    def take(self, step: float, values: Any) -> None:
        """Enters a reading. What lies at that step or after it has been taken back, and is forgotten."""
        while self.size and self._steps[self.size - 1] >= step:
            self.size, self._in_last = self.size - 1, self.stride
        if self.size and self._in_last < self.stride:
            self.mix(self.size - 1, values)
            self._in_last += 1
            return
        if self.size == self.most:
            half = self.most // 2
            self._steps[:half] = self._steps[::2]
            self.join(half)
            self.size, self.stride = half, 2 * self.stride
        self._steps[self.size] = step
        self.put(self.size, values)
        self.size, self._in_last = self.size + 1, 1

    def place_of(self, step: float) -> int:
        """The place of the reading at that step or before it; −1 before all."""
        return int(np.searchsorted(self.steps, step, side="right")) - 1
