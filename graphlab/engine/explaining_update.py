"""How an update changes one number of a parameter: by the optimizer's own rule, with the numbers that go in.

Told is the update that was just made, from the state before it; or, at the end of backward, the one that is to come,
with the very number that it will give.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import ExplainError
from ..ops.explanation import Origin, Term
from ..ops.explanation_text import Explanation, figure, in_numbers, in_symbols
from ..ops.places import bracketed
from .flatten import End
from .optimizer_state import is_learnt, names_of, owner, parameter_of
from .optimizers.clipping import clip_by_value, norm
from .optimizers.told import Element, Told

if TYPE_CHECKING:
    from .plan import ParameterSlot
    from .run import Run

Array = npt.NDArray[Any]
KIND = "update"
NOT_YET = "Step on to the end of backward: then the update can be told."


class UpdateOf:
    """One element of a learnt parameter, and the update that changed it or is about to.

    Raises:
        ExplainError: it is frozen, or it is not known yet what the update does to it.
    """

    def __init__(self, run: Run, end: End, at: Sequence[int]) -> None:
        self.run, self.end = run, parameter_of(run.plan, end) or end
        self.slot = self._slot()
        self.at = _place(self.slot, tuple(at))
        self.is_done = self._is_done()
        self.optimizer = run.optimizer.as_used() if self.is_done else run.optimizer
        self.element = self._element()
        if self.is_done:
            self.optimizer.lr = self.element.rate

    def told(self) -> Told:
        """The rule with its numbers."""
        return self.optimizer.tell(self.element)

    def shown(self) -> float:
        """The number after the update: the one in the array, or to the bit what will stand there."""
        if self.is_done:
            return float(self.run.store.value(self.slot)[self.at])
        return float(self.optimizer.of_one(self.element, self.run.plan.dtype)[0])

    # Inside

    def _slot(self) -> ParameterSlot:
        plan = self.run.plan
        slot = plan.parameters.get(self.end)
        if slot is None:
            raise ExplainError("No update changes it.", hint="Ask about a parameter, such as hidden.weight.")
        node = plan.nodes[self.end[0]]
        if node.frozen:
            raise ExplainError(
                f"{node.path} is frozen: the update leaves it as it is.", hint="Unfreeze it.", node=node.path
            )
        if not is_learnt(plan, slot):
            raise ExplainError("There is no update: no loss depends on a parameter.", hint="Add a loss.")
        return slot

    def _is_done(self) -> bool:
        """Whether the update just made is told, with its gradients still there; else the one to come."""
        run = self.run
        if run.cursor == run.backward_end and run.cursor < len(run.schedule):
            return False
        at = run.cursor % max(len(run.schedule), 1)
        if at > run.forward_end:
            raise ExplainError("The backward pass is under way.", hint=NOT_YET)
        if run.moment is None:
            raise ExplainError("The update before is not known any more.", hint=NOT_YET)
        if run.optimizer.rate_used is None:
            raise ExplainError("The optimizer is another since that update.", hint=NOT_YET)
        return True

    def _element(self) -> Element:
        run, place = self.run, self.slot.offset + int(np.ravel_multi_index(self.at, self.slot.shape))
        state: Mapping[str, Any] = run.optimizer.state | run.optimizer.numbers
        parameters, steps, rate = run.store.flat, run.optimizer.steps + 1, run.optimizer.rate
        if self.is_done:
            moment = run.moment
            assert moment is not None
            assert run.optimizer.rate_used is not None
            state, parameters = moment.optimizer, moment.parameters
            steps, rate = int(state["steps"]) + 1, run.optimizer.rate_used
        return Element(
            socket=self.end[1],
            index=self.at,
            w=float(parameters[place]),
            g=float(run.store.gradient[place]),
            kept={name: _kept(state, name, place, fill) for name, fill in self.optimizer.kept().items()},
            step=steps,
            rate=rate,
            length=self._length(),
            numbers={name: value for name, value in state.items() if isinstance(value, float)},
            is_done=self.is_done,
        )

    def _length(self) -> float:
        """‖g‖ as `clip_norm` sees it."""
        if not self.optimizer.clip_norm:
            return 0.0
        gradient = self.run.store.trainable_gradient
        if self.optimizer.clip_value:
            gradient = gradient.copy()
            clip_by_value(gradient, self.optimizer.clip_value, gradient)
        return norm(gradient)


def _kept(state: Mapping[str, Any], name: str, place: int, fill: float) -> float:
    vector = state.get(name)
    return float(vector[place]) if isinstance(vector, np.ndarray) and place < len(vector) else fill


def _place(slot: ParameterSlot, at: tuple[int, ...]) -> tuple[int, ...]:
    """The place, negative indices counted from the end. ExplainError when there is no such element."""
    found = tuple(i + n if i < 0 else i for i, n in zip(at, slot.shape, strict=False))
    if len(at) != len(slot.shape) or not all(0 <= i < n for i, n in zip(found, slot.shape, strict=True)):
        shape = "×".join(map(str, slot.shape)) or "a single number"
        raise ExplainError(f"{slot.name} is {shape} and has no element {list(at)}.")
    return found


def told_state(run: Run, end: End, at: Sequence[int]) -> tuple[Term, str] | None:
    """How what an optimizer keeps of an element came about, and the note to it; None where only its number is known."""
    found = owner(run.plan, end)
    if found is None or found[1] not in names_of(run.optimizer):
        return None
    try:
        update = UpdateOf(run, found[0], at)
    except ExplainError:
        return None
    if not update.is_done:
        return None
    for own, term in update.told().kept.items():
        if update.optimizer.called[own] == found[1]:
            return (
                term,
                f"The optimizer keeps it from step to step; update {update.element.step:,} made it so.",
            )
    return None


def explain_update(run: Run, end: End, at: Sequence[int]) -> Explanation:
    """The update of one element of a parameter, made just now or to come. ExplainError."""
    update = UpdateOf(run, end, at)
    end = update.end
    term, shown = of_node(update.told().w, end[0]), update.shown()
    step = update.element.step
    return Explanation(
        title=f"{update.slot.name}{bracketed(update.at)} after update {step:,}",
        origin=Origin(end[1], update.at, KIND, end[0]),
        shape=update.slot.shape,
        formula=update.optimizer.rule(),
        latex=update.optimizer.rule_latex(),
        symbols=in_symbols(term),
        numbers=in_numbers(term),
        shown=shown,
        term=term,
        note=_note(update, term, shown),
        names={end[0]: run.plan.nodes[end[0]].path},
    )


def of_node(term: Term, key: str) -> Term:
    """The term with the node that owns its elements."""
    origin = None if term.origin is None else replace(term.origin, node=key)
    return replace(term, origin=origin, parts=tuple(of_node(part, key) for part in term.parts))


def _note(update: UpdateOf, term: Term, shown: float) -> str:
    if not math.isfinite(shown) or not math.isfinite(term.value):
        return "NaN or ∞ has gone in."
    tolerance = 1e-4 if update.run.plan.dtype == np.float32 else 1e-9
    if abs(term.value - shown) > tolerance * max(abs(shown), abs(update.element.w), 1e-3):
        return "The weight was changed by hand since: the terms are those of the update."
    before = figure(update.element.w)
    change = figure(shown - update.element.w)
    if update.is_done:
        return f"It was {before}, and has changed by {change}."
    return f"The update is to come: it is {before}, and will change by {change}."
