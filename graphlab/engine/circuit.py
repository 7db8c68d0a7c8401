"""The loop of training, stage by stage: batch, forward, loss, backward, update, and round again.

A stage is a stretch of the schedule. The batch comes before its first entry; the loss is what follows the entry that
gives the goal its value.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from . import messages as m
from .optimizers.clipping import norm
from .quiet import quiet

if TYPE_CHECKING:
    from .workspace import Workspace

STAGES = ("batch", "forward", "loss", "backward", "update")
ROWS = 24  # rows of a batch that are named


class Line(Protocol):
    """An entry of a schedule, the engine's own or as the window is told."""

    @property
    def phase(self) -> str: ...
    @property
    def id(self) -> str: ...


def ends_of(schedule: Sequence[Line], goal: str) -> dict[str, int]:
    """Where in the schedule each stage is over, by its name; without a goal there are batch and forward only."""
    forward = sum(line.phase == "forward" for line in schedule)
    backward = forward + sum(line.phase == "backward" for line in schedule)
    at = next((k for k, line in enumerate(schedule[:forward]) if line.id == goal), forward)
    found = {"batch": 0, "forward": at}
    if at < forward:
        found["loss"] = forward
    if backward > forward:
        found["backward"] = backward
    if len(schedule) > backward:
        found["update"] = len(schedule)
    return found


def stage_at(ends: dict[str, int], cursor: int) -> str:
    """The stage in which the entry before `cursor` is, which was computed last; "batch" before the first."""
    return next((stage for stage, end in ends.items() if cursor <= end), "batch")


def next_stage(ends: dict[str, int], cursor: int, is_fed: bool = True) -> str:
    """The stage that comes to its end next, going on from `cursor`."""
    if not cursor and not is_fed:
        return "batch"
    later = (stage for stage, end in ends.items() if end > cursor)
    return next(later, "batch")


def to_stage(space: Workspace, stage: str = "") -> str:
    """Goes on to the end of that stage, in the next step if this one is past it; "" for the stage that is next.

    The breakpoint that stopped it on the way; "" for none.

    Raises:
        FeedError, NumericsError, ConditionError, ProblemsError: as stepping entry by entry.
    """
    run = space.run
    if not run.schedule:
        space.step(1)  # says what is missing
    if run.cursor == len(run.schedule) and stage in ("", "batch"):
        run.begin()
        return ""
    ends = ends_of(run.schedule, run.plan.goal)
    stage = stage or next_stage(ends, run.cursor, run.is_fed)
    if stage not in ends:
        run.plan.require_goal()
        run.require_trainable()
    end = ends.get(stage, 0)
    if stage == "batch" and not run.cursor and not run.is_fed:
        run.begin()
        return ""
    if run.cursor >= end:  # the rest of this step comes first
        left = len(run.schedule) - run.cursor
        if hit := space.step_to_breakpoint(left if end else left - 1):
            return hit
        if not end:
            space.step(1)
            run.begin()
            return ""
    left = end - run.cursor % len(run.schedule)
    if hit := space.step_to_breakpoint(left - 1):
        return hit
    if left:
        space.step(1)
    return ""


def told(space: Workspace, run_id: int, question: m.Circuit) -> m.Circling:
    """What each stage of the loop holds at present."""
    began = time.perf_counter()
    run, trainer = space.asking.trained, space.trainer
    is_done = run.cursor == len(run.schedule) > 0
    step = run.steps_done - is_done
    batch, batches, rows = 0, 0, None
    if trainer is not None and run.is_fed:
        batches = trainer.steps_per_epoch
        batch, rows = step % batches, trainer.rows_of(step)
    gradient, update = _norms(space)
    optimizer, loss = run.optimizer, run.loss
    return m.Circling(
        run_id,
        question.request,
        step=run.steps_done,
        epoch=step // batches if batches else 0,
        batch=batch,
        batches=batches,
        rows=() if rows is None else tuple(int(row) for row in rows[:ROWS]),
        size=0 if rows is None else len(rows),
        is_fed=run.is_fed,
        loss=math.nan if loss is None else loss,
        gradient=gradient,
        update=update,
        optimizer=type(optimizer).__name__,
        rate=optimizer.rate_used if is_done and optimizer.rate_used is not None else optimizer.rate,
        seconds=time.perf_counter() - began,
    )


def _norms(space: Workspace) -> tuple[float, float]:
    """‖∇‖ of all parameters, and ‖Δw‖ of the last update; NaN for what is not known."""
    run, store = space.asking.trained, space.asking.trained.store
    is_whole = run.has_buffers and run.cursor >= run.backward_end > run.forward_end
    moment = run.moment
    with quiet():
        gradient = norm(store.trainable_gradient) if is_whole else math.nan
        learnt = store.trainable
        update = math.nan if moment is None else norm(learnt - moment.parameters[: len(learnt)])
    return gradient, update
