"""A whole pass beside a run: forward and backward in arrays of its own, at the weights as they are, with dropout off.

What the run holds, its gradients among them, is not touched. `Beside` does the same for values alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops import Clock, cleared
from .buffers import Buffers
from .flatten import End
from .quiet import quiet
from .run import Run
from .threads import blas_threads

if TYPE_CHECKING:
    from .training import Trainer

Array = npt.NDArray[Any]
MOST_ROWS = 64
SPLITS = ("validation", "train", "test")  # those held out are looked at first


class Aside:
    """Rows of a run's data, or what it is fed, taken through its graph.

    split, rows: which were taken last; "" and none where it is what the run is fed.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._inference = run.plan.inference
        self._clock = Clock(run.clock.seed, run.clock.in_pieces)
        self._clock.training = False
        self._buffers: Buffers | None = None
        self.split, self.rows = "", np.zeros(0, np.int64)

    def serves(self, run: Run) -> bool:
        """Whether it is still that run's: its operations may have been edited in place."""
        return self.run is run and self._inference is run.plan.inference

    @property
    def buffers(self) -> Buffers:
        assert self._buffers is not None  # something was fed
        return self._buffers

    # What goes in

    def counts(self, trainer: Trainer | None) -> dict[str, int]:
        """How many rows each part of the data has."""
        if trainer is None or trainer.batches.data is None:
            return {}
        return {name: n for name in SPLITS if (n := trainer.batches.count(name))}

    def feed(self, trainer: Trainer | None, split: str = "", row: int | None = None) -> None:
        """Takes one row of a split, or its first rows; of "" those held out, or what there is.

        Raises:
            DataError: there is no such row. FeedError: an input has nothing to give. MemoryBudgetError.
        """
        counts = self.counts(trainer)
        if not counts or trainer is None:
            self._feed_as_the_run_is(split)
            return
        split = split or next(iter(counts))
        if split not in counts:
            raise DataError(f"There are no {split} rows.", hint="Hold some back in the document's settings.")
        if row is not None and not 0 <= row < counts[split]:
            raise DataError(f"There are {counts[split]:,} {split} rows; there is no row {row:,}.")
        found = trainer.batches.rows(split)
        self.rows = found[:MOST_ROWS] if row is None else found[row : row + 1]
        self.split = split
        trainer.batches.feed(self.rows, self._open)

    def _feed_as_the_run_is(self, split: str) -> None:
        if split:
            raise DataError(f"There are no {split} rows.", hint="This graph has no data with parts.")
        feed = self.run.present_feed()
        self.split, self.rows = "", np.zeros(0, np.int64)
        values, given = self._open(feed.sizes), self.run.buffers.values
        for end in feed.arrays:
            np.copyto(values[end], given[end])

    def _open(self, sizes: Mapping[str, int]) -> Mapping[End, Array]:
        if self._buffers is None or self._buffers.sizes != dict(sizes):
            store = self.run.store
            made = store.new_buffers(sizes, self._clock)
            self._buffers = made.beside(self.run.plan, cleared(store.flat.shape, store.flat.dtype))
        return self._buffers.values

    # What comes of it

    def forward(self, needed: Iterable[str] | None = None) -> None:
        """Computes every node, or those alone. NumericsError is not raised: whatever comes is looked at."""
        buffers = self.buffers
        wanted = buffers.forward.keys() if needed is None else set(needed)
        with quiet(), blas_threads(buffers.bytes):
            for key, calls in buffers.forward.items():
                if key in wanted:
                    buffers.carry_out(calls)

    def backward(self) -> None:
        """The gradients of the goal, after `forward`."""
        buffers = self.buffers
        with quiet(), blas_threads(buffers.bytes):
            buffers.carry_out(buffers.calls("backward"))

    def upstream_of(self, ends: Iterable[End]) -> set[str]:
        """The nodes on which these ends depend, their own among them."""
        nodes = self.run.plan.nodes
        found = {key for key, _ in ends}
        todo = list(found)
        while todo:
            for source, _ in nodes[todo.pop()].inputs.values():
                if source not in found:
                    found.add(source)
                    todo.append(source)
        return found
