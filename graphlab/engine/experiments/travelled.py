"""The way that a run's parameters have come: some of the places they were at, in bounded memory."""

from __future__ import annotations

import time
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt

from ..run import Run

Array = npt.NDArray[Any]
ROOM = 16 << 20  # bytes that the places may take
MOST, FEWEST = 256, 4
FAR = 1 << 30  # steps until the next place is kept where none are
AT_FIRST = 64  # places that are kept whatever it costs; of few numbers as many as there is room for
FEW = 64  # numbers
PAUSE = (
    0.005  # seconds from one stop of a training to the next, later on: what that costs is a small part of it
)


class Travelled:
    """Places (copies of what is trained) by step, from the first on and evenly apart.

    When there are too many, every second goes and the others are to be twice as far apart, so a long way costs no more
    than a short one. A step that was taken back takes its place along, and other parameters begin another way. Of a
    network so large that few places would have room none are kept.

    pause: seconds for which a training need not stop for a place again, after the first ones. What passes by a due
    place in that time is kept at the next stop.
    """

    def __init__(self, room: int = ROOM, pause: float = 0.0) -> None:
        self._room, self._pause = room, pause
        self._rests_until = 0.0
        self._at_first = 0
        self._of: weakref.ref[Run] | None = None
        self._layout: tuple[Any, ...] = ()
        self._most = MOST
        self.stride = 1
        self._kept = 0  # also those that went since
        self.steps: list[int] = []
        self.places: list[Array] = []

    def clear(self) -> None:
        """Another way begins."""
        self.stride, self.steps, self.places = 1, [], []
        self._kept = 0

    def until_next(self, run: Run) -> int:
        """How many steps may be made before the next place is due, at least 1."""
        self._look_at(run)
        rests = self._kept >= self._at_first and time.perf_counter() < self._rests_until
        if not self._most or rests:
            return FAR
        return max(1, self.steps[-1] + self.stride - run.steps_done) if self.steps else 1

    def note(self, run: Run) -> None:
        """Keeps the place that it is at, if it is due."""
        self._look_at(run)
        now = run.steps_done
        while self.steps and self.steps[-1] > now:
            self.steps.pop()
            self.places.pop()
        if not self._most or (self.steps and now < self.steps[-1] + self.stride):
            return
        self._kept += 1
        self._rests_until = time.perf_counter() + self._pause
        self.steps.append(now)
        self.places.append(run.store.trainable.copy())
        if len(self.steps) > self._most:
            self.steps, self.places = self.steps[::2], self.places[::2]
            self.stride *= 2

    def array(self) -> Array:
        """(places, parameters)."""
        return np.stack(self.places) if self.places else np.zeros((0, 0))

    def _look_at(self, run: Run) -> None:
        if self._of is not None and self._of() is run:
            return
        self._of = weakref.ref(run)
        plan = run.plan
        slots = plan.parameters.items()
        layout = tuple((end, s.shape) for end, s in slots if s.offset < plan.trainable_size)
        if layout != self._layout:
            self._layout = layout
            self.clear()
        size = plan.trainable_size * plan.dtype.itemsize
        most = min(MOST, self._room // size) if size else 0
        self._most = most if most >= FEWEST else 0
        self._at_first = MOST if plan.trainable_size <= FEW else AT_FIRST
