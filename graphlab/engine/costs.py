"""What a graph takes, node by node: floating-point operations, bytes to move, parameters, memory. Nothing is run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..ops import Op

if TYPE_CHECKING:
    from .plan import Plan

Shapes = dict[str, tuple[int, ...]]
INDEX = np.dtype(np.int64)


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


NO_COST = Cost()


def costs(plan: Plan, sizes: Mapping[str, int]) -> dict[str, Cost]:
    """What each node takes in one step, by key; `sum(costs(plan, {"N": 64}).values(), Cost())` is the whole graph's.

    A step is one of training, in which no input gets a gradient, if there is anything to learn; else forward, and
    backward from the goal if there is one. The update is not counted.
    """
    counter, memory, parameters = _Counter(plan, sizes), plan.memory(sizes), plan.inference.parameter_count
    return {key: Cost(*counter.work(key), parameters(key), memory[key]) for key in plan.nodes}


def total(plan: Plan, sizes: Mapping[str, int]) -> Cost | None:
    """What the whole graph takes in one step; None where it has a size that is not among `sizes`."""
    if plan.symbols - sizes.keys():
        return None
    return sum(costs(plan, sizes).values(), NO_COST)


class _Counter:
    """The shapes of a plan at given sizes, and what follows from them."""

    def __init__(self, plan: Plan, sizes: Mapping[str, int]) -> None:
        self._plan = plan
        self._fan_out = Counter(edge.source for edge in plan.edges)
        self._carried = {edge.target: edge.source for edge in plan.edges}
        specs = {
            (key, name): plan.inference.specs[key, name]
            for key in plan.nodes
            for name in plan.op(key).results()
        }
        self._shape = {end: spec.at(sizes) for end, spec in specs.items()}
        self._is_int = {end for end, spec in specs.items() if spec.kind == "int"}

    def work(self, key: str) -> tuple[Work, Work]:
        """Of a node, forward and backward."""
        op, summed = self._plan.op(key), self._sums(key)
        if op.source or type(op).view is not Op.view:  # what is fed, and what only looks at the same numbers
            return NOTHING, summed
        shapes = self._shapes(key)
        partly = op.reads(**shapes)
        moved = sum(self._bytes(key, name, partly.get(name, math.prod(shapes[name]))) for name in shapes)
        return Work(op.flops(**shapes), moved), self._backward(key, shapes) + summed

    def _backward(self, key: str, shapes: Shapes) -> Work:
        plan, op = self._plan, self._plan.op(key)
        wanted = [socket.name for socket in op.sockets() if self._is_wanted(key, socket.name)]
        if not wanted or not self._is_visited(key):
            return NOTHING
        upstream = [n for n in op.results() if (key, n) in self._fan_out or key == plan.goal]
        saved = {name for socket in wanted for name in op.saves(socket) if name in shapes}
        moved = sum(self._bytes(key, name, math.prod(shapes[name])) for name in (*upstream, *saved, *wanted))
        return Work(op.backward_flops(wanted, **shapes), moved)

    def _is_visited(self, key: str) -> bool:
        """Whether a step goes back through that node."""
        return key in self._plan.active and (key in self._plan.learns or not self._plan.trains)

    def _is_wanted(self, key: str, socket: str) -> bool:
        """Whether a step computes the gradient of that input."""
        source = self._carried.get((key, socket))
        if source is None:
            return (key, socket) in self._plan.parameters
        return source[0] in self._plan.learns or not self._plan.trains

    def _sums(self, key: str) -> Work:
        """Adding up what comes back from several consumers."""
        found = NOTHING
        for name in self._plan.op(key).results() if self._is_visited(key) else ():
            terms, size = self._fan_out[key, name], math.prod(self._shape[key, name])
            if terms > 1:
                found += Work((terms - 1) * size, self._bytes(key, name, (terms + 1) * size))
        return found

    def _shapes(self, key: str) -> Shapes:
        """The shapes of the inputs that are there and of the outputs, by name."""
        plan, found = self._plan, {}
        for socket in plan.sockets(key):
            end = plan.nodes[key].inputs.get(socket.name)
            if end is not None:
                found[socket.name] = self._shape[end]
            elif not socket.learnable:
                found[socket.name] = ()
            elif (key, socket.name) in plan.parameters:
                found[socket.name] = plan.parameters[key, socket.name].shape
        return found | {name: self._shape[key, name] for name in plan.op(key).results()}

    def _bytes(self, key: str, name: str, count: int) -> int:
        """Of so many numbers of that input or output; indices take eight each."""
        end = self._plan.nodes[key].inputs.get(name, (key, name))
        return count * (INDEX if end in self._is_int else self._plan.dtype).itemsize
