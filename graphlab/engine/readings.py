"""What a run has computed, read by name: values, gradients, and what each edge adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from .buffers import Buffers
from .names import Names
from .plan import Entry, Plan
from .store import Store
from .summary import summarise
from .what_if import WhatIf, what_if

if TYPE_CHECKING:
    from .run import Run

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one entry of the schedule did. `node` is the name; `value_summary` tells its result in one line."""

    index: int
    phase: str
    node: str
    id: str
    value_summary: str


class Readings:
    """The reading half of a `Run`: everything here leaves the run as it is."""

    plan: Plan
    names: Names
    store: Store
    cursor: int
    _buffers: Buffers | None
    _loss_array: Array

    @property
    def parameters(self) -> dict[str, Array]:
        """Every learnable parameter by name, as a view of the flat vector."""
        return {slot.name: self.store.value(slot) for slot in self.plan.parameters.values()}

    @property
    def states(self) -> dict[str, Array]:
        """What nodes keep from step to step (running statistics) by name, as a view of its flat vector.

        It changes with the update only: during a step it is what the steps before have made of it.
        """
        return {slot.name: self.store.state(slot) for slot in self.plan.states.values()}

    @property
    def weights(self) -> dict[str, Array]:
        """Parameters and states by name: what a file keeps of a trained model."""
        return self.parameters | self.states

    @property
    def gradients(self) -> dict[str, Array]:
        """The gradient of every learnable parameter by name, as a view of the flat gradient vector."""
        return {slot.name: self.store.grad(slot) for slot in self.plan.parameters.values()}

    @property
    def loss(self) -> float | None:
        """The goal's present value; None without a goal or before a first pass at this batch size."""
        goal = self.plan.goal
        is_there = goal and self._buffers is not None and self.was_done(goal, "forward")
        return float(self._loss_array.sum()) if is_there else None

    @property
    def buffers(self) -> Buffers:
        """The arrays of the present batch size. FeedError when an input has nothing to give."""
        raise TypeError("a run provides them")

    def value(self, name: str) -> Array:
        """A copy of a node's output ("h", "data.target"), parameter ("h.weight") or state. UnknownNodeError."""
        end = self.names.end(name)
        if end in self.plan.states:
            return self.store.state(self.plan.states[end]).copy()
        slot = self.plan.parameters.get(end)
        return (self.buffers.values[end] if slot is None else self.store.value(slot)).copy()

    def grad(self, name: str) -> Array:
        """A copy of the goal's gradient with respect to an output or a parameter; zeros where the goal ignores it.

        UnknownNodeError.
        """
        end = self.names.end(name)
        if end in self.plan.parameters:
            return self.store.grad(self.plan.parameters[end]).copy()
        if end in self.plan.states:
            return np.zeros_like(self.store.state(self.plan.states[end]))
        found = self.buffers.gradients.get(end)
        return np.zeros_like(self.buffers.values[end]) if found is None else found.copy()

    def contributions(self, name: str) -> dict[str, Array]:
        """What each outgoing edge adds to the gradient of an output, by "consumer.socket"; they sum to `grad(name)`."""
        buffers = self.buffers
        terms = {edge: buffers.terms[edge] for edge in buffers.incoming(self.names.end(name))}
        return {
            f"{self.plan.nodes[e.target[0]].path}.{e.target[1]}": term.copy() for e, term in terms.items()
        }

    def what_if(self, name: str, index: Sequence[int] = (), deltas: Sequence[float] = (0.01,)) -> WhatIf:
        """What the goal would be if one element of an output or parameter were larger by each of `deltas`.

        Beside it stands what the derivative says. The run stays as it is, batch and dropout masks too.

        Raises:
            UnknownNodeError: nothing has that name. ExplainError: no such element, or the goal is not computed yet.
        """
        return what_if(cast("Run", self), self.names.end(name), index, deltas)

    @property
    def has_buffers(self) -> bool:
        """Whether anything was allocated yet."""
        return self._buffers is not None

    def is_done(self, key: str, phase: str) -> bool:
        """Whether the present pass has carried out that node's entry."""
        return self.plan.places.get((phase, key), self.cursor) < self.cursor

    def was_done(self, key: str, phase: str) -> bool:
        """Whether any pass at the present batch size has: else the arrays hold nothing yet."""
        return self.plan.places.get((phase, key), self.buffers.reached) < self.buffers.reached

    def report(self, entry: Entry) -> StepReport:
        """What the entry's node holds now, in words."""
        if entry.phase == "update":
            return StepReport(entry.index, entry.phase, "", "", summarise(self.store.flat, "parameters"))
        end = (entry.id, self.plan.op(entry.id).results()[0])
        store = self.buffers.values if entry.phase == "forward" else self.buffers.gradients
        return StepReport(
            entry.index, entry.phase, entry.node, entry.id, summarise(store[end]) if end in store else ""
        )
