"""Watched numbers read during training: after every step, or as often as the reading costs next to nothing.

Training is quickest when many steps are made at once, and a number can be read only between two such runs. So now and
then a slice is trained in one go, and the others are cut into runs of `stride` steps; while that takes more than its
share of the time, the runs get longer, and shorter again while it takes less. Reading itself has a share of its own.
The first steps of a training are read one by one, though it costs more: a short one is seen whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from . import messages as m
from .breakpoints import Probes
from .norms import Norms
from .pacing import Purse
from .spreads import Spreads
from .workspace import Workspace

SHARE = 0.02  # of the time that cutting may cost, and reading as much again
PLAIN = 8  # of so many slices, one is trained in one go, to know what that takes
MEMORY = 0.7  # how much of what was measured before still counts
LONGEST = 4096  # steps between two readings
FIRST = 300  # steps that are read one by one
AT_FIRST = 0.25  # seconds that this may take; large networks have no patience for more


class Sampler:
    """The probes of a host, what they came to since that was last told, and how many steps lie between."""

    def __init__(self, purse: Purse | None = None) -> None:
        self._purse = purse or Purse(1.0)  # of its own, and always open
        self.probes = Probes()
        self.norms, self.spreads = Norms(), Spreads()
        self.stride = 1
        self._slices = 0
        self._plain = self._ratio = 0.0  # seconds a step in one go; how much more it took when cut
        self._reading = self._cost = self._due = 0.0  # seconds in all, and of one; when the next may be
        self._first, self._read_before = FIRST, 0.0  # so many are still to be read though it costs more
        self._steps: list[int] = []
        self._values: list[tuple[float, ...]] = []

    def set(self, entries: Iterable[m.Probe]) -> None:
        """From now on these are read."""
        self.probes = Probes(entries)
        self._plain = self._ratio = self._cost = self._due = 0.0
        self._slices = 0
        self._drop()

    def begin(self) -> None:
        """A training begins."""
        self._first, self._read_before = FIRST, self._reading
        self.spreads.begin()

    def train(self, space: Workspace, most: int) -> None:
        """As `Workspace.train`; not past the end of an epoch."""
        closely = (self.norms or self.spreads.reads_closely) and self._first > 0
        if not self.probes and not closely:
            space.train(most)
            return
        one_by_one = self._first > 0
        in_one_go = self._slices % PLAIN == 0 and not one_by_one
        stride = 1 if one_by_one else most if in_one_go else min(self.stride, most)
        self._slices += not one_by_one
        first, began = space.run.steps_done, time.perf_counter()
        read = self._reading
        while (left := most - (space.run.steps_done - first)) > 0:
            before = space.run.steps_done
            space.train(min(stride, left))
            self._note_if_due(space)
            if space.run.steps_done - before < stride or (space.trainer and space.trainer.at_epoch_end):
                break
        made = space.run.steps_done - first
        if made > 1 and not one_by_one:
            seconds = time.perf_counter() - began - (self._reading - read)
            self._learn(in_one_go, seconds / made)

    def _note_if_due(self, space: Workspace) -> None:
        began = time.perf_counter()
        if self._first > 0:
            self._first -= 1
        elif began < self._due or not self._purse.is_open:
            return
        self.note(space)
        end = time.perf_counter()
        self._reading += end - began
        if self._reading - self._read_before > AT_FIRST:
            self._first = 0
        self._cost = _mixed(self._cost, end - began)
        self._due = end + self._cost / SHARE
        self._purse.spend(end - began)

    def note(self, space: Workspace) -> None:
        """Reads them now, at the end of a step."""
        if self.probes:
            self._steps.append(space.run.steps_done)
            self._values.append(self.probes.read(space))
        self.norms.note(space.run)
        self.spreads.note(space, training=True)

    def take(self, run: int) -> m.Sampled | None:
        """What has been read since the last call; None when nothing was."""
        if not self._steps:
            return None
        told = m.Sampled(run, np.array(self._steps, dtype=np.int64), np.array(self._values))
        self._drop()
        return told

    def _drop(self) -> None:
        self._steps, self._values = [], []

    def _learn(self, in_one_go: bool, seconds: float) -> None:
        """What a step took says whether to read more or less often."""
        if in_one_go:
            self._plain = _mixed(self._plain, seconds)
            return
        if not self._plain:
            return
        self._ratio = _mixed(self._ratio, seconds / self._plain)
        if self._ratio > 1 + SHARE:
            self.stride, self._ratio = min(self.stride * 2, LONGEST), 0.0
        elif self._ratio < 1 + SHARE / 3 and self.stride > 1:
            self.stride, self._ratio = self.stride // 2, 0.0


def _mixed(before: float, now: float) -> float:
    return MEMORY * before + (1 - MEMORY) * now if before else now
