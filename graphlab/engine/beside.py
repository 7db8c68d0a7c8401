"""Forward passes beside a run: on its weights as they are now, with dropout off, in buffers of their own.

Pictures of what a network does with other rows than the batch are made of these: a grid over the plane, held-out rows,
a digit that somebody has just drawn. The run is not disturbed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from ..errors import DataError, FeedError, UnknownNodeError
from ..ops import Clock
from .buffers import Buffers
from .feeding import Feed, make_feed, source_ends
from .flatten import End
from .inference import Inference
from .plan import Plan
from .quiet import quiet
from .run import Run
from .threads import blas_threads

if TYPE_CHECKING:
    from .training import Trainer

Array = npt.NDArray[Any]
ROOM = 1 << 28  # bytes that the buffers of one pass may take
MOST_ROWS = 1024  # of one pass


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What some ends come to. `rows`: which rows of the data went in; empty where none were."""

    values: dict[End, Array]
    rows: Array


class Beside:
    """Evaluates ends of a run's graph on given arrays, or on rows of its data."""

    def __init__(self, run: Run) -> None:
        self.run, self._inference = run, run.plan.inference
        self._clock = Clock(run.clock.seed, run.clock.in_pieces)
        self._clock.training = False
        self._buffers: Buffers | None = None
        self._other: Buffers | None = None  # the ones before
        self._asked: set[End] = set()  # so far; other values may be gone after a pass

    def serves(self, run: Run) -> bool:
        """Whether it is still that run's: its operations may have been edited in place."""
        return self.run is run and self._inference is run.plan.inference

    def of_arrays(self, given: Mapping[End, Array], ends: Sequence[End]) -> Evaluated:
        """The values of `ends` when these sources give these arrays.

        Other sources give their own literal. Sizes of many rows are taken a piece at a time, so every end that depends
        on the number of rows must begin with it.

        Raises:
            UnknownNodeError: there is no such end. FeedError: an array does not fit, or a source has nothing to give.
            MemoryBudgetError: not even one row has room.
        """
        self._ask(ends)
        names = {f"{self.run.plan.nodes[key].path}.{output}": a for (key, output), a in given.items()}
        feed = make_feed(self.run.plan, names)
        needed = self._upstream(ends)
        taken = {end for key in needed for end in self.run.plan.nodes[key].inputs.values()} | set(ends)
        for key, output in source_ends(self.run.plan):
            if (key, output) in taken and (key, output) not in feed.arrays:
                path = self.run.plan.nodes[key].path
                raise FeedError(f"{path} has nothing to give.", hint="Give it an array too.", node=path)
        return Evaluated(self._in_pieces(feed, ends, needed), np.zeros(0, np.int64))

    def of_rows(self, trainer: Trainer, split: str, rows: Array | None, ends: Sequence[End]) -> Evaluated:
        """The values of `ends` for rows of the data: all of a split, or those at these positions of it.

        Raises:
            DataError: the split is empty, or has no such row. UnknownNodeError, MemoryBudgetError: see `of_arrays`.
        """
        self._ask(ends)
        of_split = trainer.batches.rows(split)
        if not len(of_split):
            raise DataError(f"There are no {split} rows.", hint="Hold some back in the document's settings.")
        chosen = np.arange(len(of_split)) if rows is None else np.asarray(rows, np.int64)
        if len(chosen) and not (chosen.min() >= 0 and chosen.max() < len(of_split)):
            raise DataError(
                f"There are {len(of_split):,} {split} rows; there is no row {int(chosen.max()):,}."
            )
        found = of_split[chosen]
        needed, parts = self._upstream(ends), []
        size = rows_at_once(self.run.plan)
        for start in range(0, max(len(found), 1), size):
            trainer.batches.feed(found[start : start + size], self.open)
            parts.append(self._compute(ends, needed))
        return Evaluated(_joined(ends, parts), found)

    # Inside

    def _ask(self, ends: Collection[End]) -> None:
        plan = self.run.plan
        for key, output in ends:
            if (key, output) not in plan.inference.specs or key not in plan.nodes:
                raise UnknownNodeError(
                    f"There is no value {key}.{output} in the part of the graph that runs."
                )
        self._asked.update(ends)

    def _upstream(self, ends: Collection[End]) -> set[str]:
        plan = self.run.plan
        found = {key for key, _ in ends}
        todo = list(found)
        while todo:
            for source, _ in plan.nodes[todo.pop()].inputs.values():
                if source not in found:
                    found.add(source)
                    todo.append(source)
        return found

    def _in_pieces(self, feed: Feed, ends: Sequence[End], needed: set[str]) -> dict[End, Array]:
        plan = self.run.plan
        batched = {
            end: plan.inference.specs[end].shape[0]
            for end in feed.arrays
            if plan.inference.specs[end].shape and plan.inference.specs[end].names
        }
        names = {name for size in batched.values() if not isinstance(size, int) for name in size.names}
        if len(names) != 1:
            return self._pass(feed.arrays, feed.sizes, ends, needed)
        (name,) = names
        total, size = feed.sizes[name], rows_at_once(self.run.plan)
        parts = []
        for start in range(0, total, size):
            stop = min(start + size, total)
            arrays = {e: a[start:stop] if e in batched else a for e, a in feed.arrays.items()}
            parts.append(self._pass(arrays, {**feed.sizes, name: stop - start}, ends, needed))
        return _joined(ends, parts)

    def _pass(
        self, arrays: Mapping[End, Array], sizes: Mapping[str, int], ends: Sequence[End], needed: set[str]
    ) -> dict[End, Array]:
        values = self.open({**dict.fromkeys(_open_names(self.run.plan), 1), **sizes})
        for end, array in arrays.items():
            np.copyto(values[end], array)
        return self._compute(ends, needed)

    def open(self, sizes: Mapping[str, int]) -> Mapping[End, Array]:
        """The arrays of buffers of these sizes, to be filled."""
        if not self._serves(sizes):
            self._buffers, self._other = (
                self._other,
                self._buffers,
            )  # a last piece is often smaller than the others
        if not self._serves(sizes):
            self._buffers = self.run.store.new_buffers(sizes, self._clock, self._asked)
        assert self._buffers is not None
        return self._buffers.values

    def _serves(self, sizes: Mapping[str, int]) -> bool:
        """Whether the buffers at hand are of these sizes and keep all that was ever asked for."""
        found = self._buffers
        return found is not None and found.sizes == dict(sizes) and found.lost.isdisjoint(self._asked)

    def _compute(self, ends: Sequence[End], needed: set[str]) -> dict[End, Array]:
        buffers = self._buffers
        assert buffers is not None
        with quiet(), blas_threads(buffers.bytes):
            for key, calls in buffers.forward.items():
                if key in needed:
                    buffers.carry_out(calls)
        return {end: buffers.values[end].copy() for end in ends}


def rows_at_once(plan: Plan) -> int:
    """How many rows have room in one pass; at least one, for which `Store.new_buffers` may say that it has none."""
    one, two = _first_rows(plan)
    return int(max(1, min(MOST_ROWS, (ROOM - one) // max(two - one, 1))))


_known: WeakKeyDictionary[Plan, tuple[Inference, int, int]] = WeakKeyDictionary()


def _first_rows(plan: Plan) -> tuple[int, int]:
    """Bytes for one row and for two; worked out once, which takes as long as many a small pass."""
    known = _known.get(plan)
    if known is None or known[0] is not plan.inference:  # which a new version of the document replaces
        names = _open_names(plan)
        one, two = (sum(plan.memory(dict.fromkeys(names, count)).values()) for count in (1, 2))
        known = _known[plan] = plan.inference, one, two
    return known[1:]


def _open_names(plan: Plan) -> frozenset[str]:
    """The sizes that are known only when something is fed."""
    return frozenset(name for end in source_ends(plan) for name in plan.inference.specs[end].names)


def _joined(ends: Sequence[End], parts: Sequence[Mapping[End, Array]]) -> dict[End, Array]:
    """The pieces one after another; what has no rows is that of the last piece."""
    if len(parts) == 1:
        return dict(parts[0])
    return {
        end: np.concatenate([part[end] for part in parts]) if parts[0][end].ndim else parts[-1][end]
        for end in ends
    }
