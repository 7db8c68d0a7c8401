"""At which entries of the schedule a run pauses, always or under a condition; and numbers that are watched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from ..errors import ConditionError
from ..ops import Op
from .conditions import OWN, Condition, Expression, parse, parse_number
from .messages import Breakpoint, Probe, TensorKey
from .optimizer_state import split

if TYPE_CHECKING:
    from .flatten import FlatNode
    from .plan import Entry, Plan
    from .workspace import Workspace

Array = npt.NDArray[Any]


def understood(condition: str, phase: str, op: Op | None) -> Condition:
    """The condition of a breakpoint at a node of that op (None: unknown). ConditionError when it can never be met."""
    found = parse(condition)
    require_names(found, op)
    if phase == "forward" and found.needs_gradient:
        raise ConditionError(
            "There is no gradient yet in the forward pass.", hint="Pause after backward instead."
        )
    return found


def require_names(expression: Expression, op: Op | None) -> None:
    """ConditionError when it reads what a node of that op has not."""
    if op is not None:
        expression.require_names([*(s.name for s in op.sockets()), *op.results(), *op.states])


class Breakpoints:
    """The breakpoints of one workspace."""

    def __init__(self, entries: Iterable[Breakpoint] = ()) -> None:
        self._conditions: dict[tuple[str, str], Condition | None] = {
            (entry.node, entry.phase): parse(entry.condition) if entry.condition else None
            for entry in entries
        }

    def __bool__(self) -> bool:
        return bool(self._conditions)

    def places(self, plan: Plan) -> list[int]:
        """Where in the schedule they are, in its order."""
        found = (plan.places.get((phase, node)) for node, phase in self._conditions)
        return sorted(place for place in found if place is not None)

    def hit(self, space: Workspace, entry: Entry) -> str:
        """Why the run pauses after that entry, which was just carried out; "" when it goes on.

        Raises:
            ConditionError: the condition there cannot be answered; the error names the node.
        """
        place = (entry.id, entry.phase)
        if place not in self._conditions:
            return ""
        where = f"{space.run.plan.nodes[entry.id].path}, {entry.phase}"
        condition = self._conditions[place]
        if condition is None:
            return where
        read, numbers = Reader(space, entry.id), numbers_of(space)
        try:
            if not condition.holds(read, numbers):
                return ""
            told = ", ".join(
                f"{word} = {value:.6g}" for word, value in condition.readings(read, numbers).items()
            )
        except ConditionError as error:
            raise ConditionError(
                f"The breakpoint at {where}: {error.message}", hint=error.hint, node=entry.id
            ) from error
        return f"{where}: {condition.text} ({told})"


def numbers_of(space: Workspace) -> Mapping[str, float]:
    """The numbers of the run that an expression may use."""
    loss = space.asking.trained.loss
    known = {"step": space.run.steps_done, "epoch": space.epoch, "lr": space.run.optimizer.rate}
    return known | ({} if loss is None else {"loss": loss})


class Reader:
    """Reads what an expression at a node names. ConditionError for what this pass has not computed."""

    def __init__(self, space: Workspace, key: str) -> None:
        self._space, self._key = space, key

    def __call__(self, name: str, gradient: bool) -> Array:
        found = self._space.array(self._key_of(name, gradient))
        if found is None or not found[1]:
            word = f"{name}.grad" if gradient and name not in OWN else name
            raise ConditionError(f"{word} is not computed here.")
        return found[0]

    def _key_of(self, name: str, gradient: bool) -> TensorKey:
        return key_named(self._space.run.plan.nodes[self._key], name, gradient)


def key_named(node: FlatNode, name: str, gradient: bool) -> TensorKey:
    """The array that an expression at a node means by a name; of a wired input its gradient is what goes back there."""
    kind = "grad" if gradient else "value"
    results = node.op.results() if node.op is not None else ()
    if name in OWN and results:
        return TensorKey(kind, node.key, results[0])
    parameter, state = split(name)
    if state and (shared := node.inputs.get(parameter)) is not None:
        return TensorKey(kind, shared[0], f"{shared[1]}.{state}")
    source = node.inputs.get(name)
    if source is None:
        return TensorKey(kind, node.key, name)
    return TensorKey("term", source[0], f"{node.key}.{name}") if gradient else TensorKey(kind, *source)


class Probes:
    """Numbers that somebody watches, each an expression at a node."""

    def __init__(self, entries: Iterable[Probe] = ()) -> None:
        self._expressions = [(entry, parse_number(entry.expression)) for entry in entries]

    def __bool__(self) -> bool:
        return bool(self._expressions)

    def read(self, space: Workspace) -> tuple[float, ...]:
        """What they come to now, in their order; NaN for what is not there, or not yet."""
        numbers = numbers_of(space)
        return tuple(self._number(space, entry, found, numbers) for entry, found in self._expressions)

    def _number(
        self, space: Workspace, entry: Probe, found: Expression, numbers: Mapping[str, float]
    ) -> float:
        if entry.node not in space.run.plan.nodes:
            return math.nan
        try:
            return found.number(Reader(space, entry.node), numbers)
        except ConditionError:
            return math.nan
