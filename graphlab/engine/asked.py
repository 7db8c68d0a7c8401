"""Asked: a run beside another, on the same numbers, that goes back from something else than the loss.

Values, parameters and what goes in are those of the other run; gradients are its own. So a question leaves the run
that it was asked of as it is, to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .feeding import Feed
from .goals import SUM, At, question
from .plan import Plan
from .run import Run
from .store import Store

Array = npt.NDArray[Any]


class Asked(Run):
    """Gradients of one element of an output, or of the sum of all, at the numbers that `of` holds.

    It stands where `of` stands in its forward phase, or at the end of that. What is set or fed here counts for both;
    `is_touched` tells that something was.

    Args:
        goal, at: as for `Run`.

    Raises:
        UnknownNodeError, GoalError: there is no such number, or it has no gradient. FeedError: nothing is fed.
    """

    def __init__(self, of: Run, goal: str, at: At) -> None:
        self.of = of
        sizes = of.buffers.sizes
        plan = Plan(of.document, goal, at=at, dtype=str(of.plan.dtype), previous=of.plan)
        super().__init__(plan, optimizer=of.optimizer, seed=of.clock.seed)
        self.clock, self.feeder = of.clock, of.feeder
        self._feed, self._fed_step, self._is_fed = of._feed, of._fed_step, of._is_fed
        self._use(sizes)
        self.cursor = min(of.cursor, self.forward_end)
        self.is_touched = False

    def _make_store(self, memory_budget: int | None) -> Store:
        return self.of.store.beside(self.plan)

    def turn_to(self, at: At) -> None:
        """Asks about another element of the same output; the backward phase begins anew. GoalError."""
        plan = self.plan
        asked = question(plan, f"{plan.goal_end[0]}.{plan.goal_end[1]}", at)
        asked.part(self.buffers.values[asked.end], plan.end_name(asked.end))  # before anything changes
        plan.question = asked
        self.store.seed()
        self._loss_array = self.buffers.goal_values
        self.cursor = min(self.cursor, self.forward_end)

    def set(self, name: str, values: Any) -> None:
        super().set(name, values)
        self.is_touched = True

    def take(self, feed: Feed) -> None:
        super().take(feed)
        self.is_touched = True

    def leave(self) -> None:
        """What was set or fed here is put into the other run too, which is computed anew as far as it was."""
        of, self.is_touched = self.of, False
        cursor = min(of.cursor, of.backward_end)
        if self._feed is not None and self._feed is not of._feed:
            of.take(self._feed)
            of._fed_step = self._fed_step
        of.cursor = 0
        of.go_to(cursor)


def ask(run: Run, goal: str, at: At = SUM) -> Asked:
    """The gradients of an element of an output (or of the sum of all) at the numbers of a run, which stays as it is.

    `ask(run, "hidden", (0, 2)).grad("x")` is how hidden[0, 2] changes with every element of x.

    Raises:
        UnknownNodeError, GoalError, FeedError: as for `Asked`. NumericsError: NaN or infinity appeared.
    """
    asked = Asked(run, goal, at)
    asked.backward()
    return asked


def jacobian(run: Run, of: str, by: str) -> Array:
    """∂of/∂by, row by row: an array of the shape of the output `of` followed by that of `by`, an output or parameter.

    Raises:
        UnknownNodeError, GoalError, FeedError, NumericsError: as for `ask`.
    """
    asked = ask(run, of)
    shape = asked.buffers.values[asked.plan.goal_end].shape
    rows = np.empty((*shape, *asked.grad(by).shape), asked.plan.dtype)
    for at in np.ndindex(shape):
        asked.turn_to(at)
        asked.backward()
        rows[at] = asked.grad(by)
    return rows
