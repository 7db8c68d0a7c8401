"""When something periodic is due, and how fast training goes: the clockwork of the engine process."""

from __future__ import annotations

import time
from collections import deque

LONGEST = 0.5  # second for which a purse may be empty, whatever was spent


class Stopwatch:
    """How long something takes: by the clock, or by the processor where that was elsewhere meanwhile."""

    def __init__(self) -> None:
        self._clock, self._processor = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        return min(time.perf_counter() - self._clock, time.process_time() - self._processor)


class Purse:
    """The time that all that is done beside training may take together: what one thing takes, the next waits for.

    share: of the time as a whole.
    """

    def __init__(self, share: float) -> None:
        self._rest = 1 / share - 1
        self._open_at = 0.0

    @property
    def is_open(self) -> bool:
        return time.perf_counter() >= self._open_at

    def fill(self) -> None:
        """Whatever was taken is forgotten: training begins."""
        self._open_at = 0.0

    def spend(self, seconds: float) -> None:
        """So much was taken just now."""
        now = time.perf_counter()
        self._open_at = min(max(self._open_at, now) + seconds * self._rest, now + LONGEST)


class Pace:
    """Says when something periodic is due, so that it keeps its interval and its share of the time.

    With `growth`, it comes more often at first: after each such fraction of the time since `soon`; and what the first
    one costs, which has arrays to make, says nothing of the others.
    """

    def __init__(self, interval: float, share: float, growth: float = 0.0) -> None:
        self._interval, self._share, self._growth = interval, share, growth
        self._next = self._start = 0.0
        self._is_first = True

    def is_due(self) -> bool:
        return time.perf_counter() >= self._next

    def done(self, watch: Stopwatch) -> None:
        """It was done, and took what the watch says."""
        now = time.perf_counter()
        interval, cost = self._interval, watch.seconds / self._share
        if self._growth:
            interval = min(interval, (now - self._start) * self._growth)
            cost = 0.0 if self._is_first else cost
        self._is_first = False
        self._next = now + max(interval, cost)

    def soon(self) -> None:
        self._next, self._start, self._is_first = 0.0, time.perf_counter(), True


class Speed:
    """Steps per second over about the last half second."""

    def __init__(self) -> None:
        self.restart(0)

    def restart(self, steps: int) -> None:
        self._marks = deque([(time.perf_counter(), steps)], maxlen=16)

    def now(self, steps: int) -> float:
        then, before = self._marks[0]
        self._marks.append((time.perf_counter(), steps))
        passed = self._marks[-1][0] - then
        return (steps - before) / passed if passed > 0.02 else 0.0
