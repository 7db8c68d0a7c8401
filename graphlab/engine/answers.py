"""The questions that the window asks the engine without moving the run: one function each, from question to answer.

A new question is a record in `messages.commands`, its answer one in `messages.events`, and a function here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..errors import ExplainError, GraphlabError
from . import messages as m
from .circuit import told
from .costs import total
from .explaining import explain_element
from .looking import export, look, range_, survey_of
from .pacing import Stopwatch
from .plan import OPTIMIZER_VECTORS
from .reach import reached
from .remembered import compare, look_at
from .unfolding import unfolded
from .what_if import what_if
from .workspace import Workspace

Answer = Callable[
    [Workspace, int, Any], m.Event
]  # the space, the number of the compiled document, the question

ANSWERS: dict[type, Answer] = {}


def _to(question: type) -> Callable[[Answer], Answer]:
    """The function answers questions of that type."""

    def known(answer: Answer) -> Answer:
        ANSWERS[question] = answer
        return answer

    return known


@_to(m.Snapshot)
def _snapshot(space: Workspace, run: int, question: m.Snapshot) -> m.Weights:
    with space.asking.aside():
        return m.Weights(run, question.request, space.weights(), space.state())


_to(m.Look)(look)
_to(m.Survey)(survey_of)
_to(m.Range)(range_)
_to(m.Export)(export)
_to(m.Circuit)(told)
_to(m.Reach)(reached)
_to(m.Unfold)(unfolded)


@_to(m.Explain)
def _explained(space: Workspace, run: int, question: m.Explain) -> m.Explained:
    """Answered also where there is nothing to tell, so that whoever asked knows."""
    try:
        _require_batch(space)
        end = (question.node, question.socket)
        run_asked = space.asking.trained if question.kind == "update" else space.run
        found = explain_element(run_asked, end, question.index, question.kind, question.terms)
    except GraphlabError as error:
        return m.Explained(run, question.request, None, error.message, error.hint)
    return m.Explained(run, question.request, found)


def _require_batch(space: Workspace) -> None:
    """ExplainError while one sample is shown in place of the batch: what is told is of the batch."""
    if space.single is not None:
        raise ExplainError(
            f"What is shown is {space.single.title}, and this is told of the batch.",
            hint="Go back to it first (Esc).",
        )


@_to(m.Evaluate)
def _evaluated(space: Workspace, run: int, question: m.Evaluate) -> m.Evaluated:
    """Answered also where it cannot be done, so that whoever asked knows."""
    request, step = question.request, space.run.steps_done
    watch = Stopwatch()
    try:
        found = space.evaluate(question.ends, question.given, question.split, question.rows)
    except GraphlabError as error:
        return m.Evaluated(run, request, step, (), None, error.message, error.hint)
    values = tuple(found.values[end] for end in question.ends)
    return m.Evaluated(run, request, step, values, found.rows, seconds=watch.seconds)


@_to(m.Suppose)
def _supposed(space: Workspace, run: int, question: m.Suppose) -> m.Supposed:
    try:
        _require_batch(space)
        found = what_if(space.run, (question.node, question.socket), question.index, question.deltas)
    except GraphlabError as error:
        return m.Supposed(run, question.request, message=error.message, hint=error.hint)
    numbers = (found.value, found.goal, found.before, found.deltas, found.after, found.gradient)
    return m.Supposed(run, question.request, *numbers)


@_to(m.Tally)
def _totals(space: Workspace, run: int, question: m.Tally) -> m.Totals:
    plan, trainer = space.run.plan, space.trainer
    batch = trainer.batch_size if trainer is not None else space.document.training.batch_size
    one = total(plan, {"N": 1})
    forward, backward = (one.forward.flops, one.backward.flops) if one else (None, None)
    memory = sum(plan.memory({"N": batch}).values()) if one else None
    learnt = plan.parameter_size * (2 + OPTIMIZER_VECTORS) * plan.dtype.itemsize
    return m.Totals(run, forward, backward, memory, learnt, batch)


@_to(m.Remember)
def _remembered(space: Workspace, run: int, wish: m.Remember) -> m.Remembered:
    moments, entry = space.moments, space.last_entry
    room = moments.room
    held = moments.keep(wish.number, space)
    loss = space.run.loss
    return m.Remembered(
        run,
        wish.number,
        space.run.steps_done,
        space.epoch,
        space.run.cursor,
        None if entry is None else m.ScheduleEntry(entry.phase, entry.id),
        math.nan if loss is None else loss,
        len(held.arrays),
        room - moments.room,
        moments.room,
        len(held.left_out),
        sum(held.left_out),
    )


@_to(m.Forget)
def _forgotten(space: Workspace, run: int, wish: m.Forget) -> m.Forgotten:
    space.moments.forget(wish.numbers)
    return m.Forgotten(run, space.moments.room)


@_to(m.Compare)
def _compared(space: Workspace, run: int, question: m.Compare) -> m.Compared:
    """Answered also when a moment is gone, so that whoever asked knows."""
    try:
        a, b = (space.moments.at(number, space) for number in (question.a, question.b))
    except GraphlabError as error:
        return m.Compared(run, question.request, (), str(error))
    return m.Compared(run, question.request, compare(a, b))


@_to(m.LookAt)
def _pair(space: Workspace, run: int, question: m.LookAt) -> m.Pair:
    try:
        a, b = (space.moments.at(number, space) for number in (question.a, question.b))
    except GraphlabError:
        return m.Pair(run, question.request, question.key, None, None, None)
    return look_at(a, b, question.key, question.limit, run, question.request)
