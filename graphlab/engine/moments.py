"""What it takes to step back over an update: the state before it, kept for as many steps as memory allows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .feeding import Feed

Array = npt.NDArray[Any]
LIMIT = 256 << 20


@dataclass(frozen=True, slots=True)
class Moment:
    """A step just before its update: its number, what it was fed, the parameters, the states and the optimizer's."""

    step: int
    feed: Feed
    parameters: Array
    states: Array
    optimizer: dict[str, Any]

    @property
    def bytes(self) -> int:
        arrays = [*self.optimizer.values(), *self.feed.arrays.values(), self.parameters, self.states]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


class Moments:
    """The last steps, newest last; the oldest go when they take more than `limit` bytes."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._moments: deque[Moment] = deque()
        self._limit = limit
        self._bytes = 0

    def push(self, moment: Moment) -> None:
        self._moments.append(moment)
        self._bytes += moment.bytes
        while len(self._moments) > 1 and self._bytes > self._limit:
            self._bytes -= self._moments.popleft().bytes

    def pop(self) -> Moment:
        moment = self._moments.pop()
        self._bytes -= moment.bytes
        return moment

    def last(self, step: int) -> Moment | None:
        """The newest moment if it is that step's."""
        return self._moments[-1] if self._moments and self._moments[-1].step == step else None

    def clear(self) -> None:
        self._moments.clear()
        self._bytes = 0
