"""Timing the steps of a run node by node, at full speed: between two nodes there is one look at the clock.

The steps are those of `Run.train`, or of `backward` or `forward` where there is nothing to learn or no goal. What a
look at the clock takes is measured and taken off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError
from .buffers import Buffers
from .feeding import Feed
from .optimizers import Optimizer
from .quiet import quiet
from .record import Call, count_calls
from .run import Run
from .threads import blas_threads

Array = npt.NDArray[Any]
Label = tuple[str, str]  # what is done between two looks: phase and node key, or one of the rests and ""

SECONDS = 1.0  # that all of it takes, about, where no number of steps is asked for
FEWEST, MOST = 3, 2000  # steps that are timed; among three in a row one at least has a full batch
ROUNDS = 10  # in which timed steps and undisturbed ones take turns
WARM_UPS = 12

BATCH, UPDATE, REST = "batch", "update", "rest"


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians in seconds.

    nodes: of each node by (phase, key); phase is "forward" or "backward". overheads: "batch" (fetching it), "update",
    "rest" (looking for NaN, the loop itself). undisturbed: a whole step without looks in between. look: what one takes.
    calls: of NumPy by (phase, key). steps: how many were timed. sizes: of the batch.
    """

    nodes: Mapping[Label, float]
    overheads: Mapping[str, float]
    undisturbed: float
    look: float
    calls: Mapping[Label, int]
    steps: int
    sizes: Mapping[str, int]


def time_steps(run: Run, steps: int | None = None) -> Timing:
    """Times so many steps of a run, or as many as take about a second; weights and place in training stay as they are.

    A short last batch of an epoch is carried out, but not timed.

    Raises:
        FeedError: an input has nothing to give. NumericsError: NaN or infinity appeared.
    """
    state = run.state()
    try:
        return _Timer(run, state).timing(steps)
    finally:
        run.load_state(state)


_NAMES = {"needed": "forward", "lean": "backward"}  # what people call the phases of full speed


class _Timer:
    def __init__(self, run: Run, state: Mapping[str, Any]) -> None:
        self._run, self._state = run, state
        self._trains = run.plan.trains
        back = ["backward"] if run.plan.active else []
        self._phases = ["needed", "lean"] if self._trains else ["forward", *back]
        self._stopwatch = _Stopwatch()
        self._look = _look()

    def timing(self, steps: int | None) -> Timing:
        buffers = self._warm_up()
        labels = self._labels(buffers)
        undisturbed, looks = self._rounds(self._fitting() if steps is None else steps, buffers, len(labels))
        with quiet():
            calls = self._calls(buffers)
        took = self._sums(labels, looks)
        return Timing(
            nodes={label: took[label] if calls[label] else 0.0 for label in calls},
            overheads={name: took.get((name, ""), 0.0) for name in (BATCH, UPDATE, REST)},
            undisturbed=float(np.median(undisturbed)),
            look=self._look,
            calls=calls,
            steps=len(looks),
            sizes=buffers.sizes,
        )

    def _rounds(self, steps: int, buffers: Buffers, each: int) -> tuple[list[float], list[list[int]]]:
        """The seconds of undisturbed steps, and the looks of timed ones; both take turns."""
        rounds = min(max(steps // FEWEST, 1), ROUNDS)
        count = max(-(-steps // rounds), FEWEST)
        undisturbed, looks = [], []
        for _ in range(rounds):
            undisturbed += self._undisturbed(count)
            looks += self._timed(count, buffers, each)
        if not looks:
            raise FeedError(
                "The batches differ too much in size to be timed.", hint="Feed batches of one size."
            )
        return undisturbed, looks

    def _sums(self, labels: list[Label], looks: list[list[int]]) -> dict[Label, float]:
        """The median seconds between two looks, less what a look takes, put down to what was done."""
        gaps = np.maximum(np.median(np.diff(looks, axis=1), axis=0) / 1e9 - self._look, 0)
        sums: dict[Label, float] = {}
        for label, gap in zip(labels, gaps.tolist(), strict=True):
            sums[label] = sums.get(label, 0.0) + gap
        return sums

    def _warm_up(self) -> Buffers:
        """Steps until all is recorded; returns the buffers of a full batch."""
        self._stopwatch.reset()
        with self._watched():
            for _ in range(WARM_UPS):
                self._pace(2)
                fed = self._stopwatch.sizes or [self._run.buffers.sizes]
                full = self._run.store.buffers(max(fed, key=lambda sizes: math.prod(sizes.values())))
                if all(full.recorded(phase) for phase in self._phases):
                    break
        return full

    def _pace(self, count: int) -> None:
        """So many steps from begin to begin, and another: the last of `Run.train` computes more than the others."""
        run = self._run
        if self._trains:
            run.train(count + 2)
            return
        with blas_threads(run.buffers.bytes):
            for _ in range(count + 2):
                self._stopwatch.begin()
                run.forward()
                if len(self._phases) > 1:
                    run.backward()

    def _fitting(self) -> int:
        """How many steps there is time for, as half of them are undisturbed."""
        seconds = min(self._undisturbed(2))
        return int(min(max(SECONDS / 2 / seconds, FEWEST), MOST))

    def _undisturbed(self, count: int) -> list[float]:
        """The seconds of each step, without looks between the nodes."""
        self._restart()
        with self._watched():
            self._pace(count)
        steps = self._stopwatch.steps()
        return [(times[-1] - times[0]) / 1e9 - (len(times) - 1) * self._look for times in steps]

    def _labels(self, buffers: Buffers) -> list[Label]:
        """What lies between two looks, from one begin to the next; in training that is just before the update."""
        labels: list[Label] = [(UPDATE, ""), (REST, "")] if self._trains else [(REST, "")]
        if self._trains and self._run.feeder is not None:
            labels += [(BATCH, ""), (BATCH, "")]
        for phase in self._phases:
            name = _NAMES.get(phase, phase)
            labels += [(name, key) for key in buffers.recorded(phase)] + [(REST, "")]
        return labels

    def _timed(self, count: int, buffers: Buffers, each: int) -> list[list[int]]:
        """The times of the looks of each full step, and of the first look of the step after it."""
        self._restart()
        with buffers.ticking(self._stopwatch.look), self._watched():
            self._pace(count)
        return [times for times in self._stopwatch.steps() if len(times) == each + 1]

    def _restart(self) -> None:
        self._run.load_state(dict(self._state))
        self._stopwatch.reset()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Looks at the clock before and after fetching a batch, and before and after the update."""
        run, feeder, optimizer = self._run, self._run.feeder, self._run.optimizer
        if self._trains and feeder is not None:
            run.feeder = partial(self._stopwatch.feed, feeder)
        run.optimizer = _Watched(optimizer, self._stopwatch)
        try:
            yield
        finally:
            run.feeder, run.optimizer = feeder, optimizer

    def _calls(self, buffers: Buffers) -> dict[Label, int]:
        return {
            (_NAMES.get(phase, phase), key): sum(map(count_calls, calls))
            for phase in self._phases
            for key, calls in buffers.recorded(phase).items()
        }


class _Stopwatch:
    """The times of all looks in nanoseconds, which of them began a step, and the sizes of the batches fetched."""

    def __init__(self) -> None:
        self.times: list[int] = []
        self.starts: list[int] = []
        self.sizes: list[dict[str, int]] = []

    def reset(self) -> None:
        self.times.clear()
        self.starts.clear()
        self.sizes.clear()

    def look(self) -> None:
        self.times.append(perf_counter_ns())

    def begin(self) -> None:
        """A look that begins a step."""
        self.starts.append(len(self.times))
        self.look()

    def steps(self) -> list[list[int]]:
        """The looks of each step but the last, up to and including the first of the step after it."""
        return [self.times[start : after + 1] for start, after in pairwise(self.starts[:-1])]

    def feed(self, feeder: Callable[[int], Feed], step: int) -> Feed:
        self.look()
        found = feeder(step)
        self.look()
        self.sizes.append(found.sizes)
        return found


class _Watched(Optimizer):
    """An optimizer with a look at the clock before its step, which begins what counts as one, and after it."""

    def __init__(self, optimizer: Optimizer, stopwatch: _Stopwatch) -> None:
        super().__init__()
        self.schedule, self._optimizer, self._stopwatch = optimizer.schedule, optimizer, stopwatch

    def step(self, parameters: Array, gradients: Array) -> None:
        self._stopwatch.begin()
        self._optimizer.step(parameters, gradients)
        self._stopwatch.look()


def _look(count: int = 1000) -> float:
    """The seconds that a look at the clock adds between two nodes, which are NumPy calls."""
    stopwatch, one = _Stopwatch(), np.zeros((3, 1), np.float32)
    call: Call = partial(np.add, *one)
    rounds = []
    for _ in range(9):
        stopwatch.reset()
        rounds.append([_carried_out([call] * count), _carried_out([call, stopwatch.look] * count)])
    plain, looked = np.median(rounds, axis=0) / count / 1e9
    return max(0.0, float(looked - plain))


def _carried_out(calls: list[Call]) -> int:
    """Nanoseconds."""
    began = perf_counter_ns()
    for call in calls:
        call()
    return perf_counter_ns() - began
