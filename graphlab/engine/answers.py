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
from .looking import export, look, range_, survey_of
from .plan import OPTIMIZER_VECTORS
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
    return m.Weights(run, question.request, space.weights(), space.state())


_to(m.Look)(look)
_to(m.Survey)(survey_of)
_to(m.Range)(range_)
_to(m.Export)(export)


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


@_to(m.Tally)
def _totals(space: Workspace, run: int, question: m.Tally) -> m.Totals:
    plan, trainer = space.run.plan, space.trainer
    batch = trainer.batch_size if trainer is not None else space.document.training.batch_size
    one = total(plan, {"N": 1})
    forward, backward = (one.forward.flops, one.backward.flops) if one else (None, None)
    memory = sum(plan.memory({"N": batch}).values()) if one else None
    learnt = plan.parameter_size * (2 + OPTIMIZER_VECTORS) * plan.dtype.itemsize
    return m.Totals(run, forward, backward, memory, learnt, batch)
