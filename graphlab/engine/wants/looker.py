"""Passes of pictures through a copy of a network: forward, and back to the picture from whatever is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import FeedError, GoalError
from ..aside import Aside
from ..beside import rows_at_once
from ..feeding import make_feed, source_ends
from ..flatten import End
from ..goals import SUM
from ..plan import Plan
from ..quiet import quiet
from ..run import Run
from ..store import Store
from ..threads import blas_threads
from .eye import Eye, eye_of, upstream

if TYPE_CHECKING:
    from ..training import Trainer

Array = npt.NDArray[Any]
Seed = Callable[[Array], Array]  # from the values of some rows to the gradient that goes back from them


class Copied(Run):
    """A run from which one may go back from any output, on weights that no training moves.

    sharing: whether the weights are those of `of`, which is a copy already.
    """

    def __init__(self, of: Run, end: End, sharing: bool = False) -> None:
        self._of, self._sharing = of, sharing
        plan = Plan(of.document, f"{end[0]}.{end[1]}", at=SUM, dtype=str(of.plan.dtype), previous=of.plan)
        super().__init__(plan, optimizer=of.optimizer, seed=of.clock.seed)

    def _make_store(self, memory_budget: int | None) -> Store:
        store = self._of.store.beside(self.plan)
        return store if self._sharing else store.apart()


class Passed(NamedTuple):
    """What came of pictures. values: of the layer. slopes: of the pictures. more: gradients of other outputs."""

    values: Array
    slopes: Array
    more: dict[End, Array]


class Looker(Aside):
    """Takes pictures through a network as far as the output `end`, and gradients back from there to the pictures.

    The weights are those of the moment when it was made. `like` shares them with another.

    Raises:
        UnknownNodeError, GoalError: there is no such output, or it has no gradient. ProblemsError: no picture leads
            there. MemoryBudgetError: there is no room for one row.
    """

    def __init__(self, run: Run, end: End, prefer: str = "", like: Looker | None = None) -> None:
        super().__init__(Copied(run, end) if like is None else Copied(like.run, end, sharing=True))
        plan = self.run.plan
        self.end = plan.goal_end
        self.eye: Eye = eye_of(plan.inference, self.end[0], prefer)
        self.name = plan.end_name(self.end)
        self._upstream = upstream(plan.inference, [self.end[0]])
        self.at_once = self.eye.rows or rows_at_once(plan)
        self._has_way_back = self.eye.end[0] in plan.active and self.eye.end[0] in _without_stops(
            plan, self.end[0]
        )
        self._bends = {key for key in plan.nodes if plan.op(key).dies and key in plan.active}

    @property
    def few(self) -> int:
        """So many pictures that a pass with them takes a moment only: of large networks one, of small ones 64."""
        return self.eye.rows or max(1, min(64, self.at_once // 16))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.run.plan.dtype

    def values(self, pictures: Array, ends: Sequence[End] = ()) -> list[Array]:
        """What pictures (n, C, H, W) become at `ends`, or else at its own."""
        wanted = list(ends) or [self.end]
        parts = [[self.buffers.values[e][:n].copy() for e in wanted] for n in self._forward(pictures, wanted)]
        return [np.concatenate([part[k] for part in parts]) for k in range(len(wanted))]

    def slopes(
        self,
        pictures: Array,
        seed: Seed,
        *,
        guided: bool = False,
        awake: bool = False,
        also: Sequence[End] = (),
    ) -> Passed:
        """Back from what `seed` makes of the values. guided: let nothing negative through where a unit may die.

        awake: where the layer itself is one that dies, and is silent, go back from what goes into it.
        also: the outputs on the way whose gradients are wanted too.
        """
        self._require_way_back()
        values, slopes, more = [], [], [[] for _ in also]  # type: ignore[var-annotated]
        for n in self._forward(pictures, [self.end]):
            buffers = self.buffers
            gradients = buffers.gradients
            here = buffers.values[self.end]
            gradients[self.end][...] = seed(here)
            if n < len(here):
                gradients[self.end][n:] = 0
            with quiet(), blas_threads(buffers.bytes):
                self._back(guided, awake)
            values.append(here[:n].copy())
            slopes.append(self.eye.pictures_of(gradients[self.eye.end])[:n].copy())
            for into, end in zip(more, also, strict=True):
                into.append(gradients[end][:n].copy())
        told = {end: np.concatenate(parts) for end, parts in zip(also, more, strict=True)}
        return Passed(np.concatenate(values), np.concatenate(slopes), told)

    def pictures_of(self, trainer: Trainer, rows: Array) -> Array:
        """The pictures of rows of the data, (n, C, H, W); as many as there is room for at most."""
        trainer.batches.feed(rows, self._open)
        return self.eye.pictures_of(self.buffers.values[self.eye.end]).copy()

    # Inside

    def _open(self, sizes: Mapping[str, int]) -> Mapping[End, Array]:
        """Nobody asks how the weights should change: then that is not computed."""
        values = super()._open(sizes)
        self.buffers.owned_gradients.clear()
        return values

    def _require_way_back(self) -> None:
        if not self._has_way_back:
            raise GoalError(
                f"No gradient comes from {self.name} back to the picture.",
                hint="Something on the way stops it. An occlusion map needs none.",
                node=self.name,
            )

    def _forward(self, pictures: Array, ends: Sequence[End]) -> Iterator[int]:
        """Takes as many at once as there is room for; each time, how many rows of the buffers are pictures."""
        needed = self._upstream | upstream(self.run.plan.inference, [key for key, _ in ends])
        for k in range(0, max(len(pictures), 1), self.at_once):
            piece = pictures[k : k + self.at_once]
            count = len(piece)
            if self.eye.rows is not None and count < self.eye.rows:
                piece = np.concatenate([piece, np.repeat(piece[-1:], self.eye.rows - count, axis=0)])
            self._feed_pictures(piece, needed)
            self.forward(needed)
            yield count

    def _feed_pictures(self, pictures: Array, needed: set[str]) -> None:
        plan = self.run.plan
        key, output = self.eye.end
        feed = make_feed(plan, {f"{plan.nodes[key].path}.{output}": self.eye.rows_of(pictures)})
        values = self._open({**dict.fromkeys(plan.symbols, 1), **feed.sizes})
        for end in source_ends(plan):
            if end in feed.arrays:
                np.copyto(values[end], feed.arrays[end])
            elif end[0] in needed and end[0] != key:
                path = plan.nodes[end[0]].path
                raise FeedError(f"{path} has nothing to give.", hint="Give it a value too.", node=path)

    def _back(self, guided: bool, awake: bool) -> None:
        buffers = self.buffers
        for key, calls in buffers.backward.items():
            buffers.carry_out(calls)
            if awake and key == self.end[0] and key in self._bends:
                self._let_all_through(key)
            if guided and key in self._bends:
                self._let_positive_through(key)

    def _let_all_through(self, key: str) -> None:
        target = self.buffers.gradient_target(key, self.run.plan.sockets(key)[0].name)
        if target is not None and not target.any():
            np.copyto(target, self.buffers.gradients[self.end])

    def _let_positive_through(self, key: str) -> None:
        for socket in self.run.plan.sockets(key):
            target = self.buffers.gradient_target(key, socket.name)
            if target is not None:
                np.maximum(target, 0, out=target)


def _without_stops(plan: Plan, key: str) -> set[str]:
    """The nodes to which a gradient comes from there."""
    seen, todo = {key}, [key]
    while todo:
        here = todo.pop()
        if not plan.op(here).stops_gradient:
            new = {source for source, _ in plan.nodes[here].inputs.values()} - seen
            seen |= new
            todo += new
    return seen


def lookers(run: Run, ends: Sequence[End], prefer: str = "") -> Mapping[End, Looker]:
    """One for each output, all on one copy of the weights."""
    found: dict[End, Looker] = {}
    for end in ends:
        if end not in found:
            found[end] = Looker(run, end, prefer, next(iter(found.values()), None))
    return found
