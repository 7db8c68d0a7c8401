"""Stepping as one sees it from a sheet: over a group that stands there, or out of the group that the sheet is.

A sheet is named by the prefix of the keys inside it: "" for the document, "n9/" for the inside of the group n9.

A step over computes the next entry and, where that lies in a group on the sheet, the entries of the group that follow
it without a break in the same phase. In an order that takes groups by turns, a group takes as many steps as it has
turns: nothing outside it is computed unseen. A step out goes to the last entry that the group has in the phase,
whatever else is computed on the way, as a debugger does until a function returns. Where the next entry lies outside the
sheet, a step is one of the sheet around that has it.

The copies of a cell that an Unroll node repeats are sheets of their own, "n9/t=3/", side by side: from inside of one a
step leads on into the next. From the sheet around, the node is one step, or where its copies are seen `apart`, each of
them is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from ..graph.copies import BETWEEN, MARK

if TYPE_CHECKING:
    from .workspace import Workspace

SHARED = ":"  # in the keys of what all uses of a group share, which stands on no sheet


class Entry(Protocol):
    """A line of a schedule, of the engine's or of the window's."""

    @property
    def phase(self) -> str: ...

    @property
    def id(self) -> str: ...


def holds(sheet: str, key: str) -> bool:
    """Whether a node is in there, however deep."""
    return bool(key) and key.startswith(sheet)


def around(sheet: str, key: str) -> str:
    """The sheet nearest around this one that has the node in it; the sheet itself when it has."""
    while sheet and not holds(sheet, key):
        sheet = beside(sheet, key) or outer(sheet)
    return sheet


def outer(sheet: str) -> str:
    """The sheet on which the group, or the node whose copy it is, stands whose inside this one is."""
    return _up(repeated(sheet) or sheet)


def repeated(sheet: str) -> str:
    """Of a copy of a cell, the inside of the Unroll node, which holds all its copies; "" for any other sheet."""
    around_it = _up(sheet)
    return around_it if sheet[len(around_it) :].startswith(MARK) else ""


def beside(sheet: str, key: str) -> str:
    """The copy that has the node in it, of those among which this sheet is one; "" for none."""
    whole = repeated(sheet)
    return _copy(whole, key) if whole and holds(whole, key) else ""


def _copy(whole: str, key: str) -> str:
    step, slash, _ = key[len(whole) :].partition("/")
    return f"{whole}{step}/" if slash and step.startswith(MARK) else ""


def _up(sheet: str) -> str:
    return sheet[: sheet.rstrip("/").rfind("/") + 1]


def sheet_of(key: str) -> str:
    """The sheet that a node stands on; "" also for what is shared. What takes a sequence apart stands with its node."""
    if SHARED in key:
        return ""
    sheet = key[: key.rfind("/") + 1]
    return _up(sheet) if BETWEEN in key[len(sheet) :] and not repeated(sheet) else sheet


def group_of(sheet: str, key: str, apart: Collection[str] = ()) -> str:
    """The inside of the group on the sheet which a node is in, "n9/"; "" for a node that stands on the sheet itself.

    Of an Unroll node whose inside is among `apart`, it is the copy; "" for what stands around the copies.
    """
    if SHARED in key or not holds(sheet, key):
        return ""
    inner, slash, _ = key[len(sheet) :].partition("/")
    group = f"{sheet}{inner}/" if slash else ""
    return _copy(group, key) if group in apart else group


def owner(schedule: Sequence[Entry], index: int) -> str:
    """The node that an entry belongs to; what uses of a group share goes with the one that reads it first.

    Backward, with the one whose term completes its gradient. So it is part of the step of that use.
    """
    phase = schedule[index].phase
    way = 1 if phase == "forward" else -1
    at = index
    while 0 <= at < len(schedule) and schedule[at].phase == phase:
        if SHARED not in (key := schedule[at].id):
            return key if "/" in key else schedule[index].id
        at += way
    return schedule[index].id


def over(schedule: Sequence[Entry], cursor: int, sheet: str, apart: Collection[str] = ()) -> int:
    """Where a step over from `cursor` leads. At the end of the schedule, the next step begins."""
    cursor %= len(schedule)
    return _end(schedule, cursor, sheet, 1, apart)


def back_over(schedule: Sequence[Entry], cursor: int, sheet: str, apart: Collection[str] = ()) -> int:
    """Where a step back over leads: the place before the entries that a step over takes at once. `cursor` is not 0."""
    return _end(schedule, cursor - 1, sheet, -1, apart) + 1


def _end(schedule: Sequence[Entry], first: int, sheet: str, way: int, apart: Collection[str]) -> int:
    """The first entry, going on or back from `first`, that is not of the same step seen from the sheet."""
    key, phase = owner(schedule, first), schedule[first].phase
    group = group_of(around(sheet, key), key, {*apart, *_repeating(sheet)})
    end = first + way
    while key and 0 <= end < len(schedule) and schedule[end].phase == phase:
        other = owner(schedule, end)
        if other != key and not (group and holds(group, other)):
            break
        end += way
    return end


def _repeating(sheet: str) -> Iterator[str]:
    """The insides of the Unroll nodes in one of whose copies one is: these copies are passed one by one."""
    while sheet:
        if whole := repeated(sheet):
            yield whole
        sheet = outer(sheet)


def out(schedule: Sequence[Entry], cursor: int, sheet: str) -> int:
    """Where a step out of the group that `sheet` is the inside of leads; `cursor` itself when nothing is left of it.

    The phase is that of the entry just computed, if it was inside; else that of the next one.
    """
    cursor %= len(schedule)
    inside = cursor and holds(sheet, owner(schedule, cursor - 1))
    phase = schedule[cursor - 1 if inside else cursor].phase
    left = (k for k in range(len(schedule) - 1, cursor - 1, -1) if schedule[k].phase == phase)
    return next((k + 1 for k in left if holds(sheet, owner(schedule, k))), cursor)


def stride(space: Workspace, sheet: str, way: str, apart: Collection[str] = ()) -> str:
    """Steps "over", "out", or "back" over, from a sheet; the breakpoint that stopped it on the way, "" for none.

    Out of no sheet, "", it steps out of the group in which the last entry was.

    Raises:
        FeedError, NumericsError, ConditionError: as stepping entry by entry.
    """
    run = space.run
    if way == "back":
        _stride_back(space, sheet, apart)
        return ""
    if not run.schedule:
        space.step(1)  # says what is missing
        return ""
    start = run.cursor % len(run.schedule)
    if way == "over":
        end = over(run.schedule, start, sheet, apart)
    else:
        sheet = sheet or (group_of("", owner(run.schedule, start - 1)) if start else "")
        end = out(run.schedule, start, sheet) if sheet else start
    hit = space.step_to_breakpoint(end - start - 1) if end - start > 1 else ""
    if not hit and end > start:
        space.step(1)
    return hit


def _stride_back(space: Workspace, sheet: str, apart: Collection[str]) -> None:
    run = space.run
    if run.cursor:
        space.back(run.cursor - back_over(run.schedule, run.cursor, sheet, apart))
    else:
        space.back(1)  # over an update, which is in no group
