"""The questions that the window asks the engine without moving the run: one function each, from question to answer.

A new question is a record in `messages.commands`, its answer one in `messages.events`, and a function here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import GraphlabError
from . import messages as m
from .costs import total
from .explaining import explain_element
from .plan import OPTIMIZER_VECTORS
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


@_to(m.GradientCheck)
def _checked(space: Workspace, run: int, question: m.GradientCheck) -> m.Checked:
    report = space.check_gradients()
    keys = {slot.name: f"{slot.key[0]}.{slot.key[1]}" for slot in space.run.plan.parameters.values()}
    errors = {keys[name]: error for name, error in report.errors.items()}
    return m.Checked(run, errors, report.passed)


@_to(m.Explain)
def _explained(space: Workspace, run: int, question: m.Explain) -> m.Explained:
    """Answered also where there is nothing to tell, so that whoever asked knows."""
    try:
        end = (question.node, question.socket)
        found = explain_element(space.run, end, question.index, question.kind, question.terms)
    except GraphlabError as error:
        return m.Explained(run, question.request, None, error.message, error.hint)
    return m.Explained(run, question.request, found)


@_to(m.Evaluate)
def _evaluated(space: Workspace, run: int, question: m.Evaluate) -> m.Evaluated:
    """Answered also where it cannot be done, so that whoever asked knows."""
    request, step = question.request, space.run.steps_done
    try:
        found = space.evaluate(question.ends, question.given, question.split, question.rows)
    except GraphlabError as error:
        return m.Evaluated(run, request, step, (), None, error.message, error.hint)
    return m.Evaluated(run, request, step, tuple(found.values[end] for end in question.ends), found.rows)


@_to(m.Suppose)
def _supposed(space: Workspace, run: int, question: m.Suppose) -> m.Supposed:
    try:
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
