"""Values of a forward pass in the memory of values that nobody reads any more.

A pass beside the run is asked for a few ends. Whatever lies before them is read by the nodes that follow, and then by
nobody, so its memory is free for what is computed later. What lies where is settled before the pass begins, from the
order of the nodes and the sizes: the largest value first, each into the first room that is free while it lives. (Greedy
by size, of Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020.)
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..ops import Op, cleared
from .blocks import Array, Blocks, kind_of
from .flat import End
from .plan import Plan

LEAST = 1 << 16  # bytes; smaller values are not worth it


class Life(NamedTuple):
    """From the place of the node that computes a value, in topological order, to that of its last reader."""

    first: int
    last: int


class Room:
    """Memory for values that do not live at the same time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._lives: list[Life] = []
        self._memory: npt.NDArray[np.uint8] | None = None

    def takes(self, life: Life) -> bool:
        """Whether it is free so long; if so, it is taken from now on."""
        place = bisect_left(self._lives, life)
        before, after = self._lives[:place][-1:], self._lives[place : place + 1]
        if any(other.last >= life.first for other in before) or any(
            other.first <= life.last for other in after
        ):
            return False
        insort(self._lives, life)
        return True

    def array(self, shape: tuple[int, ...], kind: np.dtype[np.generic]) -> Array:
        """Its memory as an array, which holds whatever was left there."""
        if self._memory is None:
            self._memory = cleared((self.size,), np.uint8)
        return self._memory[: math.prod(shape) * kind.itemsize].view(kind).reshape(shape)

    @property
    def is_shared(self) -> bool:
        return len(self._lives) > 1


class Reused(Blocks):
    """Gives the outputs of nodes arrays for a forward pass that is asked for some ends alone.

    Sources keep what they were fed, and arrays that lie in a block with others stay there. `lost` are the ends that
    hold something else after the pass.
    """

    def __init__(self, plan: Plan, sizes: Mapping[str, int], asked: Collection[End]) -> None:
        super().__init__(plan)
        lives, end_of_pass = lives_of(plan, asked), len(plan.nodes)
        bytes_of = {end: self._bytes(end, sizes) for end in self._movable() if lives[end].last < end_of_pass}
        rooms: list[Room] = []
        self._rooms: dict[End, Room] = {}
        for end in sorted(bytes_of, key=lambda each: -bytes_of[each]):
            if bytes_of[end] >= LEAST:
                self._rooms[end] = _room(rooms, lives[end], bytes_of[end])
        self.lost = frozenset(end for end, room in self._rooms.items() if room.is_shared)

    def give(self, end: End, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Array:
        room = self._rooms.get(end)
        return super().give(end, shape, dtype) if room is None else room.array(shape, dtype)

    def _movable(self) -> Iterator[End]:
        for key in self._plan.nodes:
            op = self._plan.op(key)
            if not op.source and not _may_look(op):
                yield from ((key, name) for name in op.results() if len(self._company((key, name))) < 2)

    def _bytes(self, end: End, sizes: Mapping[str, int]) -> int:
        shape = self._plan.inference.specs[end].at(sizes)
        return math.prod(shape) * kind_of(self._plan, end).itemsize


def lives_of(plan: Plan, asked: Collection[End]) -> dict[End, Life]:
    """How long each value is needed; what is asked for, to the end of the pass.

    What an op may look at as its own output lives as long as that.
    """
    last = dict.fromkeys(asked, len(plan.nodes))
    lives: dict[End, Life] = {}
    for place, (key, node) in reversed(list(enumerate(plan.nodes.items()))):
        op = plan.op(key)
        for name in op.results():
            lives[key, name] = Life(place, last.get((key, name), place))
        until = max(lives[key, name].last for name in op.results()) if _may_look(op) else place
        for source in node.inputs.values():
            last[source] = max(last.get(source, until), until)
    return lives


def _room(rooms: list[Room], life: Life, size: int) -> Room:
    found = next((room for room in rooms if room.takes(life)), None)
    if found is None:
        found = Room(size)
        found.takes(life)
        rooms.append(found)
    return found


def _may_look(op: Op) -> bool:
    """Whether its output may be a view of what it is given."""
    return type(op).view is not Op.view
