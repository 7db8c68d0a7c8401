"""What a script begins with: what is fed, constants, parameters and states, written out or read from a file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..engine.flatten import End
from ..engine.plan import Plan
from ..engine.symbols import stands_for_parameter
from ..ops import Clock, Context, Spec
from .numpy_script import Array, Line, Numbers
from .python_literals import INLINE, array_lines, quoted
from .python_names import Variables

FED, CONSTANT, LEARNT, KEPT = (
    "what is fed",
    "what is constant",
    "what is learnt",
    "what is kept from step to step",
)


class Beginning(NamedTuple):
    """A value that a script begins with.

    kind: the heading under which it stands. name: what people call it, and the file. phase: of its line, "" for what no
    entry of the schedule gives.
    """

    kind: str
    name: str
    phase: str
    shape: tuple[int, ...]


def called(plan: Plan, end: End) -> str:
    """The name of a parameter or state for people: "hidden.weight", and "W" for a parameter drawn by itself."""
    slot = plan.parameters.get(end)
    if slot is None:
        return plan.states[end].name
    return plan.nodes[end[0]].path if stands_for_parameter(plan, end[0]) else slot.name


def constants(plan: Plan, sizes: Mapping[str, int], seed: int) -> dict[End, Array]:
    """What those nodes give that take nothing: it is computed here, and stands among the data."""
    found: dict[End, Array] = {}
    for key in plan.nodes:
        op = plan.op(key)
        if not op.source and not op.sockets():
            specs = {name: plan.inference.specs[key, name] for name in op.results()}
            arrays = {name: np.zeros(spec.at(sizes), _dtype(spec, plan)) for name, spec in specs.items()}
            op.forward(Context(key, Clock(seed), plan.dtype), **arrays)
            found |= {(key, name): array for name, array in arrays.items()}
    return found


def _dtype(spec: Spec, plan: Plan) -> Any:
    return np.int64 if spec.kind == "int" else plan.dtype


class Data:
    """The beginnings of a plan, with the numbers of a moment.

    outside: the names of those that are read from the file beside the script; `arrays` has what is known of them.
    """

    def __init__(self, plan: Plan, numbers: Numbers, given: Mapping[End, Array]) -> None:
        self._plan, self._numbers, self._constants = plan, numbers, given
        self.arrays: dict[str, Array] = {}
        self.outside: list[str] = []
        self.beginnings: dict[End, Beginning] = dict(self._beginnings())

    def _beginnings(self) -> Iterator[tuple[End, Beginning]]:
        plan, sizes = self._plan, self._numbers.sizes
        for key, node in plan.nodes.items():
            op = plan.op(key)
            for output in op.results() if op.source else ():
                name = node.path if len(op.results()) == 1 else f"{node.path}.{output}"
                shape = plan.inference.specs[key, output].at(sizes)
                yield (key, output), Beginning(FED, name, "forward", shape)
        for end, array in self._constants.items():
            yield end, Beginning(CONSTANT, plan.nodes[end[0]].path, "forward", array.shape)
        for end, slot in plan.parameters.items():
            name = called(plan, end)
            yield end, Beginning(LEARNT, name, "" if name == slot.name else "forward", slot.shape)
        for end, slot in plan.states.items():
            yield end, Beginning(KEPT, slot.name, "", slot.shape)

    @property
    def needs_file(self) -> bool:
        return any(map(self._is_outside, self.beginnings))

    def _is_outside(self, end: End) -> bool:
        return self._known(end) is None or math.prod(self.beginnings[end].shape) > INLINE

    def _known(self, end: End) -> Array | None:
        return self._numbers.arrays.get(end, self._constants.get(end))

    def lines(self, variables: Variables) -> Iterator[Line]:
        """The assignments, under a heading for each kind."""
        for kind in (FED, CONSTANT, LEARNT, KEPT):
            members = [end for end, beginning in self.beginnings.items() if beginning.kind == kind]
            if members:
                yield Line(f"# {kind}")
                for end in members:
                    yield from self._assignment(end, variables.value(end))
                yield Line("")

    def _assignment(self, end: End, variable: str) -> Iterator[Line]:
        _, name, phase, shape = self.beginnings[end]
        array = self._known(end)
        if array is None or self._is_outside(end):
            sizes = "×".join(map(str, shape)) or "a number"
            yield Line(f"{variable} = {self.put_outside(name, array)}  # {sizes}", phase, end[0])
        else:
            yield from (Line(text, phase, end[0]) for text in array_lines(variable, array))

    def put_outside(self, name: str, array: Array | None) -> str:
        """Keeps an array for the file; the text that reads it."""
        self.outside.append(name)
        if array is not None:
            self.arrays[name] = array
        return f'arrays["{quoted(name)}"]'
