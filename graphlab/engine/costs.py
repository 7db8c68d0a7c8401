"""What a graph takes, node by node: floating-point operations, bytes to move, parameters, memory. Nothing is run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..ops import Op
from .flatten import End

if TYPE_CHECKING:
    from .plan import Plan

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Work:
    """Floating-point operations (a multiply-add is two), and the bytes that must be read or written at least."""

    flops: int = 0
    bytes: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(self.flops + other.flops, self.bytes + other.bytes)


NOTHING = Work()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one node takes, or several together: work in both phases, learnable numbers, bytes of memory."""

    forward: Work = NOTHING
    backward: Work = NOTHING
    parameters: int = 0
    memory: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.forward + other.forward,
            self.backward + other.backward,
            self.parameters + other.parameters,
            self.memory + other.memory,
        )

    @property
    def flops(self) -> int:
        """Both phases together."""
        return self.forward.flops + self.backward.flops


def costs(plan: Plan, sizes: Mapping[str, int]) -> dict[str, Cost]:
    """What each node takes in one step, by key; `sum(costs(plan, {"N": 64}).values(), Cost())` is the whole graph's.

    A step is one of training, in which no input gets a gradient, if there is anything to learn; else forward, and
    backward from the goal if there is one. The update is not counted.
    """
    counter = _Counter(plan, sizes)
    memory = plan.memory(sizes)
    return {
        key: Cost(
            counter.forward(key), counter.backward(key), plan.inference.parameter_count(key), memory[key]
        )
        for key in plan.nodes
    }


class _Counter:
    """The shapes of a plan at given sizes, and what follows from them."""

    def __init__(self, plan: Plan, sizes: Mapping[str, int]) -> None:
        self._plan, self._sizes = plan, sizes
        self._fan_out = Counter(edge.source for edge in plan.edges)
        self._carried = {edge.target: edge.source for edge in plan.edges}

    def forward(self, key: str) -> Work:
        op = self._plan.op(key)
        if op.source or _is_view(op):
            return NOTHING
        shapes = self._shapes(key)
        partly = op.reads(**shapes)
        numbers = {name: partly.get(name, math.prod(shape)) for name, shape in shapes.items()}
        return Work(op.flops(**shapes), sum(numbers[name] * self._item(key, name) for name in numbers))

    def backward(self, key: str) -> Work:
        plan, op = self._plan, self._plan.op(key)
        if key not in plan.active or (plan.trains and key not in plan.learns):
            return NOTHING
        summed = sum((self._sum((key, name)) for name in op.results()), NOTHING)
        wanted = [socket.name for socket in op.sockets() if self._is_wanted(key, socket.name)]
        if not wanted or _is_view(op):
            return summed
        shapes = self._shapes(key)
        upstream = [n for n in op.results() if (key, n) in self._fan_out or key == plan.goal]
        saved = {name for socket in wanted for name in op.saves(socket) if name in shapes}
        moved = sum(math.prod(shapes[n]) * self._item(key, n) for n in (*upstream, *saved, *wanted))
        return summed + Work(op.backward_flops(wanted, **shapes), moved)

    def _is_wanted(self, key: str, socket: str) -> bool:
        """Whether a step computes the gradient of that input."""
        source = self._carried.get((key, socket))
        if source is None:
            return (key, socket) in self._plan.parameters
        return source[0] in self._plan.learns or not self._plan.trains

    def _sum(self, end: End) -> Work:
        """Adding up what comes back from several consumers."""
        terms = self._fan_out[end]
        size = math.prod(self._plan.inference.specs[end].at(self._sizes))
        return (
            Work((terms - 1) * size, (terms + 1) * size * self._plan.dtype.itemsize) if terms > 1 else NOTHING
        )

    def _shapes(self, key: str) -> Shapes:
        """The shapes of the inputs that are there and of the outputs, by name."""
        plan, found = self._plan, {}
        for socket in plan.sockets(key):
            end = plan.nodes[key].inputs.get(socket.name)
            if end is not None:
                found[socket.name] = plan.inference.specs[end].at(self._sizes)
            elif not socket.learnable:
                found[socket.name] = ()
            elif (key, socket.name) in plan.parameters:
                found[socket.name] = plan.parameters[key, socket.name].shape
        outputs = {name: plan.inference.specs[key, name].at(self._sizes) for name in plan.op(key).results()}
        return found | outputs

    def _item(self, key: str, name: str) -> int:
        """The bytes of one number of that input or output."""
        spec = self._plan.inference.specs.get(self._plan.nodes[key].inputs.get(name, (key, name)))
        is_index = spec is not None and spec.kind == "int"
        return np.dtype(np.int64).itemsize if is_index else self._plan.dtype.itemsize


def _is_view(op: Op) -> bool:
    return type(op).view is not Op.view
