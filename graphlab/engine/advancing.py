"""Training that heeds breakpoints: at full speed from one to the next, so that a condition costs only its reading.

What it comes to is, bit for bit, what stepping comes to; every update can be taken back, as after stepping.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from .quiet import quiet
from .run import Run

if TYPE_CHECKING:
    from .workspace import Workspace


def train_to_breakpoint(space: Workspace) -> str:
    """The rest of a training step, or a whole one where none is under way; the breakpoint it pauses at, "" for none.

    Raises:
        FeedError, NumericsError: as training does. ConditionError: a condition cannot be answered.
    """
    run = space.run
    end = len(run.schedule) - 1  # the update
    start = run.cursor % len(run.schedule)
    for place in space.breakpoints.places(run.plan):
        if start <= place < end:
            advance(run, place + 1)
            if why := space.breakpoints.hit(space, run.schedule[place]):
                return why
    advance(run, end)
    run.update()
    space.note_loss("update")
    return ""


def advance(run: Run, end: int) -> None:
    """Carries out the entries up to `end`, which is no later than the update, without looking at each.

    Raises:
        FeedError: an input has nothing to give. NumericsError: a phase ended in NaN or infinity; the node is named.
    """
    run._open()
    while run.cursor < end:
        forward = run.cursor < run.forward_end
        stop = min(end, run.forward_end) if forward else end
        calls = run.buffers.forward if forward else run.buffers.backward
        with quiet():
            for entry in run.schedule[run.cursor : stop]:
                run.buffers.carry_out(calls[entry.id])
            run.cursor = stop
            run._note_reach(stop)
            if stop == run.forward_end and not isfinite(run.loss or 0.0):
                run._find_fault()
            if stop == run.backward_end and not isfinite(run.store.gradient.dot(run.store.gradient)):
                run._find_fault()
