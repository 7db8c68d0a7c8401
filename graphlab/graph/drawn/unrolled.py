"""Where the parts of an Unroll node lie: copies of its cell from left to right in time; the loop of the folded node.

Nothing is painted here. Of many copies some are drawn: the first, the last, and those around where one looks; so the
size of a node depends on its op alone, and nothing jumps.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from ...ops import Op
from ..document import Point
from ..rect import Rect

HEADER = 28.0
COPY = 124.0  # width of a copy
BETWEEN = 34.0  # between two copies: the arrow of the state
GAP = 40.0  # more than that where copies are left out; twice it where they are left out at one place only
SIDE = 62.0  # between the edge of the node and the first or last copy: names of sockets
MOST = 7  # copies drawn
PICTURE = 52.0  # height of the small picture of the cell in a copy
TITLE = 20.0  # height of the line "t = 3" in a copy
PICTURE_ROOM = Rect(
    7.0, TITLE, COPY - 14.0, PICTURE
)  # where the cell is pictured, seen from the corner of a copy
STATE = 22.0  # height of the line of a state in a copy
BUS = 17.0  # height of the line that leads a sequence to all copies, or away from them
STUB = 15.0  # from that line to the copy
RAIL = 22.0  # height of the line along which one looks for a time
FOOTER = 20.0
_AIR = 9.0


class Pair(NamedTuple):
    """A state that is carried: the output of the cell, and the input that it becomes at the next step."""

    output: str
    input: str


@dataclass(frozen=True)
class Rolled:
    """What the drawing of an Unroll node depends on.

    feeds: the inputs taken step by step. gives: the outputs, each with how it is given ("all", "last" or "mean" of the
    steps). lasts: the outputs that give the states as the last step leaves them, "" for none. more: what other inputs
    there are. truncate: after so many steps the gradient is cut; 0 for never. backs: outputs
    that are fed back, as the input of the next step.
    """

    steps: int
    states: tuple[Pair, ...] = ()
    feeds: tuple[str, ...] = ()
    gives: tuple[tuple[str, str], ...] = ()
    lasts: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    truncate: int = 0
    backs: tuple[Pair, ...] = ()

    def is_cut(self, t: int) -> bool:
        """Whether no gradient comes back from copy t to the one before it."""
        return self.truncate > 0 and 0 < t < self.steps and t % self.truncate == 0


@lru_cache(maxsize=256)
def rolled(op: Op) -> Rolled:
    """What of an Unroll op decides how it is drawn."""
    said: Any = op
    lasts = {of: last for last, of in said.lasts.items()}
    taken = {*said.per_step, *said.state_inputs}
    return Rolled(
        int(said.steps),
        tuple(Pair(*pair) for pair in said.pairs),
        tuple(said.per_step),
        tuple((name, said.given_as(name)) for name in op.results() if name in said.gives),
        tuple(lasts.get(output, "") for output, _ in said.pairs),
        tuple(socket.name for socket in op.sockets() if socket.name not in taken),
        int(said.truncate),
        tuple(Pair(output, name) for name, output in said.fed_back.items()),
    )


class Copy(NamedTuple):
    """A copy that is drawn: its step, from 0, and where it begins."""

    t: int
    left: float


class Gap(NamedTuple):
    """Where the copies `first` to `last` are left out."""

    first: int
    last: int
    left: float
    width: float


def chosen(steps: int, at: int = 0) -> tuple[int, ...]:
    """The copies that are drawn when one looks at `at`: always as many, the first and the last among them."""
    if steps <= MOST:
        return tuple(range(steps))
    around = MOST - 2
    first = min(max(at - around // 2, 1), steps - 1 - around)
    return (0, *range(first, first + around), steps - 1)


@lru_cache(maxsize=256)
def lie(steps: int, at: int = 0) -> tuple[tuple[Copy, ...], tuple[Gap, ...]]:
    """Where the copies and the gaps between them lie, seen from the left edge of the node."""
    drawn = chosen(steps, at)
    jumps = sum(after - before > 1 for before, after in itertools.pairwise(drawn))
    wide = 2 * GAP / jumps if jumps else 0.0
    copies, gaps, left = [], [], SIDE
    for place, t in enumerate(drawn):
        if place and t - drawn[place - 1] > 1:
            gaps.append(Gap(drawn[place - 1] + 1, t - 1, left - BETWEEN, wide + BETWEEN))
            left += wide
        copies.append(Copy(t, left))
        left += COPY + BETWEEN
    return tuple(copies), tuple(gaps)


@dataclass(frozen=True)
class Levels:
    """The size of an unrolled node, and the heights of its parts below its top."""

    width: float
    height: float
    gives: tuple[float, ...]
    copies: float
    copy: float  # height of one
    states: tuple[float, ...]
    feeds: tuple[float, ...]
    more: tuple[float, ...]
    rail: float  # 0 where all copies are drawn

    def back(self, place: int) -> float:
        """The level at which an output is fed back from copy to copy."""
        return self.copies + TITLE + 16.0 + 20.0 * place

    def copy_box(self, copy: Copy) -> Rect:
        return Rect(copy.left, self.copies, COPY, self.copy)

    def state_box(self, copy: Copy, place: int) -> Rect:
        """Where a state is seen within a copy."""
        return Rect(copy.left + 20.0, self.states[place] - 8.0, COPY - 27.0, 16.0)

    @property
    def rail_box(self) -> Rect:
        """The line along which one looks for a time, as wide as the copies."""
        return Rect(SIDE, self.rail - 4.0, self.width - 2 * SIDE, 8.0)


@lru_cache(maxsize=256)
def levels(rolled: Rolled) -> Levels:
    """The heights of an unrolled node: sequences that come out on top, copies, sequences that go in below them."""
    y = HEADER + _AIR
    gives = tuple(y + BUS * (k + 0.5) for k in range(len(rolled.gives)))
    copies = y + BUS * len(gives) + (STUB if gives else 0.0)
    states = tuple(copies + TITLE + PICTURE + 4.0 + STATE * (k + 0.5) for k in range(len(rolled.states)))
    copy = TITLE + PICTURE + 4.0 + STATE * len(states) + 5.0
    y = copies + copy + STUB
    feeds = tuple(y + BUS * (k + 0.5) for k in range(len(rolled.feeds)))
    y += BUS * len(feeds)
    more = tuple(y + BUS * (k + 0.5) for k in range(len(rolled.more)))
    y += BUS * len(more)
    rail = y + RAIL / 2 if rolled.steps > MOST else 0.0
    height = y + (RAIL if rail else 0.0) + FOOTER
    return Levels(_width(rolled.steps), height, gives, copies, copy, states, feeds, more, rail)


def _width(steps: int) -> float:
    count = min(max(steps, 1), MOST)
    return 2 * SIDE + count * COPY + (count - 1) * BETWEEN + (2 * GAP if steps > MOST else 0.0)


def rows(rolled: Rolled, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[tuple[float, ...], ...]:
    """The heights of the sockets of an unrolled node: (of its inputs, of its outputs)."""
    found = levels(rolled)
    ins = dict(zip(rolled.feeds, found.feeds, strict=True)) | dict(zip(rolled.more, found.more, strict=True))
    ins |= {pair.input: y for pair, y in zip(rolled.states, found.states, strict=True)}
    outs = dict(zip(rolled.lasts, found.states, strict=True))
    outs |= {name: y for (name, _), y in zip(rolled.gives, found.gives, strict=True)}
    middle = found.copies + found.copy / 2
    return tuple(ins.get(name, middle) for name in inputs), tuple(outs.get(name, middle) for name in outputs)


def stub(copy: Copy, place: int, count: int) -> float:
    """Where, of so many, a line enters or leaves a copy."""
    return copy.left + COPY * (place + 1) / (count + 1)


def copy_at(rolled: Rolled, at: int, place: Point) -> int | None:
    """The step of the copy under a place, seen from the corner of the node; None for none."""
    found, (copies, _) = levels(rolled), lie(rolled.steps, at)
    return next((copy.t for copy in copies if found.copy_box(copy).holds(place)), None)


# The line along which one looks for a time


def along(rolled: Rolled, t: int) -> float:
    """Where a step stands on it, seen from the left edge of the node."""
    rail = levels(rolled).rail_box
    return rail.x + rail.width * t / max(rolled.steps - 1, 1)


def step_at(rolled: Rolled, x: float) -> int:
    """The step nearest to a place on it."""
    rail = levels(rolled).rail_box
    share = (x - rail.x) / max(rail.width, 1.0)
    return round(min(max(share, 0.0), 1.0) * (rolled.steps - 1))


# The slider of T, in the header: even steps of the hand are even factors

SLIDER = 96.0
NUMBER = 54.0  # room for the number of the node in the order, at the right of the header
LONGEST = 1000


def slider_box(width: float) -> Rect:
    """In the header of a node that wide, left of the switch."""
    return Rect(width - NUMBER - 34.0 - SLIDER, HEADER / 2 - 4.0, SLIDER, 8.0)


def knob(width: float, steps: int) -> float:
    """Where its knob stands for so many steps."""
    rail = slider_box(width)
    return rail.x + rail.width * min(math.log(max(steps, 1)) / math.log(LONGEST), 1.0)


def steps_for(width: float, x: float) -> int:
    """The number of steps that a place of the knob stands for, 1 to 1,000."""
    rail = slider_box(width)
    share = min(max((x - rail.x) / rail.width, 0.0), 1.0)
    return max(round(float(LONGEST**share)), 1)


def switch_box(width: float) -> Rect:
    """The switch between folded and unrolled, in the header; right of it is room for the node's number."""
    return Rect(width - NUMBER - 20.0, 4.0, 20.0, 20.0)


# The loop of the folded node

LOOP = 15.0  # above the card; each further state as much more
_OUT = 11.0  # beside the card


def loop(width: float, start: float, end: float, place: int) -> tuple[Point, ...]:
    """The corners of the loop of a state: out of its output at the right, over the card, into its input at the left.

    start, end: the heights of the sockets. The corners are to be rounded.
    """
    aside, top = _OUT + 5.0 * place, -LOOP * (place + 1)
    return (
        (width, start),
        (width + aside, start),
        (width + aside, top),
        (-aside, top),
        (-aside, end),
        (0.0, end),
    )
