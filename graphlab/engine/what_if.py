"""What if one number of a run were another? What the goal would then be, beside what its derivative says.

Everything that depends on the number is computed with it in float64, in arrays of its own: the run is left as it is, to
the last bit. The batch, the step and with them every mask of a dropout are those of the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import ExplainError, MemoryBudgetError
from ..ops import Clock, Context
from ..ops.places import bracketed
from .flatten import End
from .plan import default_budget

if TYPE_CHECKING:
    from .run import Run

Array = npt.NDArray[Any]
Place = tuple[int, ...]
EXACT = np.dtype(np.float64)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the goal would be if one number were larger by each of `deltas`.

    title: of the number ("hidden.weight[0, 3]"), `value` what it is. goal: the goal's name; `before` what it is,
    `after` what it would be. gradient: the goal's derivative by the number; None while backward has not come there.
    """

    title: str
    value: float
    goal: str
    before: float
    deltas: tuple[float, ...]
    after: tuple[float, ...]
    gradient: float | None

    @property
    def changes(self) -> tuple[float, ...]:
        """By how much the goal would change."""
        return tuple(after - self.before for after in self.after)

    @property
    def predicted(self) -> tuple[float, ...] | None:
        """What the derivative says of that: gradient × δ."""
        return None if self.gradient is None else tuple(self.gradient * delta for delta in self.deltas)

    @property
    def errors(self) -> tuple[float, ...] | None:
        """By how much the derivative is wrong: what curves. It shrinks faster than δ."""
        found = self.predicted
        return None if found is None else tuple(c - p for c, p in zip(self.changes, found, strict=True))


def what_if(run: Run, end: End, place: Sequence[int], deltas: Sequence[float]) -> WhatIf:
    """Adds each of `deltas` in turn to one element of an output or a parameter, by key.

    Raises:
        ExplainError: there is no such element, no goal, or the goal has not been computed yet. MemoryBudgetError: the
            part that depends on it does not fit into memory a second time.
    """
    _require_known(run, end)
    with _as_computed(run):
        array = _array(run, end)
        at = _checked(run, end, array, place)
        shadow = _Shadow(run, end, array)
        before = shadow.goal(at, 0.0)
        after = tuple(shadow.goal(at, float(delta)) for delta in deltas)
        name = f"{run.plan.nodes[end[0]].path}.{end[1]}{bracketed(at)}"
        goal = run.plan.nodes[run.plan.goal].path
        gradient = _gradient(run, end, at)
        return WhatIf(name, float(array[at]), goal, before, tuple(map(float, deltas)), after, gradient)


def _require_known(run: Run, end: End) -> None:
    plan = run.plan
    if end[0] not in plan.nodes:
        raise ExplainError("It has no numbers.", hint="Something is at fault there, or before it.")
    path = plan.nodes[end[0]].path
    if end in plan.states:
        raise ExplainError(f"{path}.{end[1]} is kept from step to step; no gradient goes to it.", node=path)
    if not plan.goal:
        raise ExplainError("There is no goal that could change.", hint="Add a loss at the end.")
    if not run.has_buffers or not run.is_done(plan.goal, "forward"):
        goal = plan.nodes[plan.goal].path
        raise ExplainError(
            f"{goal} has not been computed yet.", hint="Step forward to it, or press Forward.", node=goal
        )
    if run.cursor > run.backward_end and run.moment is None:
        raise ExplainError(
            "The update has changed the weights since.", hint="Step forward to compute the pass anew."
        )


@contextmanager
def _as_computed(run: Run) -> Iterator[None]:
    """After an update, for a moment the weights and the step with which the numbers on show were computed."""
    moment = run.moment if run.cursor > run.backward_end else None
    if moment is None:
        yield
        return
    store, step = run.store, run.clock.step
    kept = store.flat.copy(), store.states.copy()
    try:
        store.flat[...], store.states[...], run.clock.step = moment.parameters, moment.states, moment.step
        yield
    finally:
        store.flat[...], store.states[...], run.clock.step = *kept, step


def _array(run: Run, end: End) -> Array:
    slot = run.plan.parameters.get(end)
    found = run.buffers.values.get(end) if slot is None else run.store.value(slot)
    if found is None:
        raise ExplainError(f"{run.plan.nodes[end[0]].path} has no {end[1]}.")
    return found


def _checked(run: Run, end: End, array: Array, place: Sequence[int]) -> Place:
    """The place, negative indices counted from the end. ExplainError."""
    path = run.plan.nodes[end[0]].path
    if array.dtype.kind != "f":
        raise ExplainError(
            f"{path}.{end[1]} holds class indices: there is nothing between two of them.", node=path
        )
    at = tuple(i + n if i < 0 else i for i, n in zip(place, array.shape, strict=False))
    if len(place) != array.ndim or not all(0 <= i < n for i, n in zip(at, array.shape, strict=True)):
        shape = "×".join(map(str, array.shape)) or "a single number"
        raise ExplainError(f"{path}.{end[1]} is {shape} and has no element {list(place)}.", node=path)
    return at


def _gradient(run: Run, end: End, at: Place) -> float | None:
    key, plan = end[0], run.plan
    if key not in plan.active:
        return 0.0 if run.cursor >= run.backward_end else None
    if not run.is_done(key, "backward"):
        return None
    slot = plan.parameters.get(end)
    found = run.buffers.gradients.get(end) if slot is None else run.store.grad(slot)
    return 0.0 if found is None else float(found[at])


class _Shadow:
    """The part of the graph between a number and the goal, in arrays of its own."""

    def __init__(self, run: Run, end: End, array: Array) -> None:
        self.run, self.plan, self.end = run, run.plan, end
        self.number = array.astype(EXACT)  # the array with the number that is changed
        self.arrays: dict[End, Array] = {end: self.number}
        self.clock = Clock(run.clock.seed, run.clock.in_pieces)
        self.clock.step, self.clock.training = run.clock.step, run.clock.training
        keys = self._between()
        self._require_room(keys)
        self.calls = [call for key in keys if (call := self._call(key)) is not None]
        goal = (self.plan.goal, self.plan.op(self.plan.goal).results()[0])
        self.goal_array = self.arrays.get(goal)
        self.before = float(run.buffers.values[goal][()])

    def goal(self, at: Place, delta: float) -> float:
        """The goal with so much added to the number."""
        if self.goal_array is None:
            return self.before
        from .quiet import quiet

        was = self.number[at]
        self.number[at] += delta
        with quiet():
            for op, ctx, inputs, outputs in self.calls:
                op.forward(ctx, *inputs, **outputs)
        self.number[at] = was
        return float(self.goal_array[()])

    def _between(self) -> list[str]:
        """The nodes that depend on the number and lead to the goal, in order."""
        nodes, plan = self.plan.nodes, self.plan
        leads = {plan.goal}
        for key in reversed(nodes):
            if key in leads:
                leads |= {source for source, _ in nodes[key].inputs.values()}
        changed, found = {self.end}, []
        for key in nodes:
            reads = {nodes[key].inputs.get(s.name, (key, s.name)) for s in plan.sockets(key)}
            if key in leads and not changed.isdisjoint(reads):
                changed |= {(key, name) for name in plan.op(key).results()}
                found.append(key)
        return found

    def _require_room(self, keys: list[str]) -> None:
        values = self.run.buffers.values
        count = sum(values[key, name].size for key in keys for name in self.plan.op(key).results())
        if count * EXACT.itemsize > default_budget():
            raise MemoryBudgetError(
                "What depends on this number does not fit into memory a second time.",
                hint="Use a smaller batch.",
            )

    def _call(self, key: str) -> tuple[Any, Context, list[Array | None], dict[str, Array]] | None:
        """What computes a node's outputs, in float64; None for a view, which looks at what it is given."""
        op = self.plan.op(key)
        inputs = self._inputs(key)
        looked_at = op.view(*inputs) if inputs else None
        if looked_at is not None:
            self.arrays[key, op.results()[0]] = looked_at
            return None
        values = self.run.buffers.values
        outputs: dict[str, Array] = {}
        for name in op.results():
            array = values[key, name]
            outputs[name] = np.zeros(array.shape, EXACT if array.dtype.kind == "f" else array.dtype)
            self.arrays[key, name] = outputs[name]
        return op, self._context(key), inputs, outputs

    def _inputs(self, key: str) -> list[Array | None]:
        wired, present = self.plan.nodes[key].inputs, self.run.buffers.inputs(key)
        ends = [wired.get(s.name, (key, s.name)) for s in self.plan.sockets(key)]
        return [self._exact(end, array) for end, array in zip(ends, present, strict=True)]

    def _exact(self, end: End, array: Array | None) -> Array | None:
        if end not in self.arrays:
            if array is None or array.dtype.kind != "f":
                return array
            self.arrays[end] = array.astype(EXACT)
        return self.arrays[end]

    def _context(self, key: str) -> Context:
        ctx = _SameChance(key, self.clock, EXACT, self.run.plan.dtype)
        for (owner, name), slot in self.plan.states.items():
            if owner == key:
                now = self.run.store.state(slot).astype(EXACT)
                ctx.bind_state(name, now, now.copy())
        return ctx


class _SameChance(Context):
    """A context in float64 that draws the random numbers of a run in `drawn`, so that masks are the run's."""

    __slots__ = ("_drawn",)

    def __init__(self, node: str, clock: Clock, dtype: Any, drawn: Any) -> None:
        super().__init__(node, clock, dtype)
        self._drawn = drawn

    def rng(self) -> Any:
        return _Chance(super().rng(), self._drawn)


class _Chance:
    """A generator whose numbers are drawn in another type than they are asked for in."""

    def __init__(self, generator: np.random.Generator, drawn: Any) -> None:
        self._generator, self._drawn = generator, drawn

    def random(self, size: Any = None, dtype: Any = None, out: Array | None = None) -> Any:
        return self._draw(self._generator.random, size, dtype, out)

    def standard_normal(self, size: Any = None, dtype: Any = None, out: Array | None = None) -> Any:
        return self._draw(self._generator.standard_normal, size, dtype, out)

    def _draw(self, method: Any, size: Any, dtype: Any, out: Array | None) -> Any:
        found = method(size if out is None else out.shape, dtype=self._drawn)
        if out is None:
            return found if dtype is None else np.asarray(found, dtype)
        out[...] = found
        return out

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)


def scale_of(value: float) -> float:
    """A power of ten near the size of a number, for a first δ: 0.1 for 0.37, 1 for 0."""
    return 10.0 ** math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 1.0
