"""One operation at a time against finite differences: what it hands back, given the gradient that it got.

So a wrong backward is found where it is, and not only where it does harm. The run is left as it is: the operation is
called with copies, in a context of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops import Clock, Context
from .run import Run

Array = npt.NDArray[Any]


class OneNode:
    """A node of a run after its backward pass, by itself."""

    def __init__(self, run: Run, key: str) -> None:
        self._op, buffers = run.plan.op(key), run.buffers
        names = [socket.name for socket in self._op.sockets()]
        self._inputs = {
            name: None if array is None else np.array(array)
            for name, array in zip(names, buffers.inputs(key), strict=True)
        }
        self._outputs = {name: np.array(buffers.values[key, name]) for name in self._op.results()}
        self._upstream = {name: buffers.upstream((key, name)) for name in self._op.results()}
        self._context = _context(run, key)

    def forward(self) -> float:
        """The sum of the outputs, each element times the gradient it got: its derivative is what is handed back."""
        self._op.forward(self._context, *self._inputs.values(), **self._outputs)
        return sum(
            float(np.vdot(dy, self._outputs[name])) for name, dy in self._upstream.items() if dy is not None
        )

    @property
    def size(self) -> float:
        """That of the numbers whose sum `forward` gives; they may cancel out."""
        return sum(
            float(np.vdot(np.abs(dy), np.abs(self._outputs[name])))
            for name, dy in self._upstream.items()
            if dy is not None
        )

    def input(self, socket: str) -> Array:
        """The array at a socket, to be changed."""
        array = self._inputs[socket]
        assert array is not None
        return array


def sockets_to_check(run: Run, key: str) -> Iterator[tuple[str, Array]]:
    """The sockets of a node to which its backward hands something, and what; none of one that only looks differently
    at what it gets, or that hands back nothing on purpose."""
    op, buffers = run.plan.op(key), run.buffers
    if key not in run.plan.active or op.source or op.stops_gradient or buffers.is_view(key):
        return
    inputs = zip(op.sockets(), buffers.inputs(key), strict=True)
    for socket, array in inputs:
        gradient = buffers.gradient_target(key, socket.name)
        if gradient is not None and array is not None and array.dtype.kind == "f" and array.size:
            yield socket.name, gradient


def _context(run: Run, key: str) -> Context:
    clock = Clock(run.clock.seed, run.clock.in_pieces)
    clock.step, clock.training = run.clock.step, run.clock.training
    context = Context(key, clock, run.plan.dtype)
    for (owner, name), slot in run.plan.states.items():
        if owner == key:
            now = np.array(run.store.state(slot))
            context.bind_state(name, now, np.array(now))
    return context
