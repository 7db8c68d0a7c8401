"""After some numbers were changed by hand: computes again what depends on them, and nothing else.

The run stands where it stood: forward as far as its cursor, backward likewise. To the last bit it holds what computing
the whole pass anew would give. Where a node comes to the very same numbers as before (a ReLU that is shut), nothing
behind it is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import NumericsError
from . import numerics
from .flatten import End
from .plan import Edge

if TYPE_CHECKING:
    from .run import Run

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Anew:
    """The keys of the nodes that were computed again, in order, out of `total` that the pass has computed.

    `fault`: NaN or infinity appeared in one of them. The numbers stay, so that one can look at them.
    """

    forward: tuple[str, ...] = ()
    backward: tuple[str, ...] = ()
    total: int = 0
    fault: NumericsError | None = None

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node once."""
        return tuple(dict.fromkeys((*self.forward, *self.backward)))


def compute_again(run: Run, changed: Iterable[End]) -> Anew:
    """Computes what depends on these parameters, states and outputs, whose arrays hold other numbers than before.

    The cursor is at most at the end of backward: after the update, the numbers on show are those of other weights.
    """
    from .quiet import quiet

    work = _Work(run, set(changed))
    with quiet():
        forward = tuple(work.forward())
        backward = tuple(work.backward())
    return Anew(forward, backward, min(run.cursor, run.forward_end), _fault(run, forward, backward))


def _fault(run: Run, forward: tuple[str, ...], backward: tuple[str, ...]) -> NumericsError | None:
    try:
        numerics.check_forward(run.buffers, forward)
        numerics.check_backward(run.buffers, backward)
    except NumericsError as error:
        return error
    return None


class _Work:
    """Which values and gradients are new, as the work goes on."""

    def __init__(self, run: Run, changed: set[End]) -> None:
        self.run, self.plan, self.buffers = run, run.plan, run.buffers
        self.changed = changed  # parameters, states and outputs that hold other numbers
        self.touched = {key for key, _ in changed}  # nodes of which an input, a state or an output is another
        self.stirred: set[Edge] = set()  # wires that carry another gradient

    # Forward

    def forward(self) -> Iterator[str]:
        """Computes nodes again and gives their keys; views and sources, which compute nothing, are not told."""
        for entry in self.run.schedule[: min(self.run.cursor, self.run.forward_end)]:
            key = entry.id
            if self._reads_something_new(key) and self._carry_out(key):
                yield key

    def _reads_something_new(self, key: str) -> bool:
        if key in self.touched:
            return True
        changed = self.changed
        return any(end in changed for end in self.plan.nodes[key].inputs.values())

    def _carry_out(self, key: str) -> bool:
        """Whether something was computed."""
        self.touched.add(key)
        ends = [(key, name) for name in self.plan.op(key).results()]
        calls = self.buffers.forward[key]
        if self.plan.op(key).source or self.buffers.is_view(key) or self._is_set(key):
            self.buffers.carry_out(calls[self._is_set(key) :])  # copies that are kept turned, at most
            self.changed.update(ends)
            return False
        before = [self.buffers.values[end].copy() for end in ends]
        self.buffers.carry_out(calls)
        for end, old in zip(ends, before, strict=True):
            if not same_bits(old, self.buffers.values[end]):
                self.changed.add(end)
        return True

    def _is_set(self, key: str) -> bool:
        """Whether its own result was set by hand, as a constant's may be."""
        op = self.plan.op(key)
        return not op.source and not op.sockets() and (key, op.results()[0]) in self.changed

    # Backward

    def backward(self) -> Iterator[str]:
        for entry in self.run.schedule[self.run.forward_end : max(self.run.cursor, self.run.forward_end)]:
            key = entry.id
            ends = [(key, name) for name in self.plan.op(key).results()]
            is_new = any(edge in self.stirred for end in ends for edge in self.buffers.incoming(end))
            if self.buffers.is_view(key) or self.plan.op(key).source:
                if is_new:
                    self._hand_back(key)
            elif is_new or key in self.touched:
                self._carry_back(key)
                if self.buffers.backward[key]:
                    yield key

    def _hand_back(self, key: str) -> None:
        """A view's gradient is that of what it looks at; at most, terms are summed."""
        self.buffers.carry_out(self.buffers.backward[key])
        self.stirred.update(self._wires(key))

    def _carry_back(self, key: str) -> None:
        wires = self._wires(key)
        before = {edge: array.copy() for edge, array in wires.items()}
        self.buffers.carry_out(self.buffers.backward[key])
        self.stirred.update(edge for edge, array in wires.items() if not same_bits(before[edge], array))

    def _wires(self, key: str) -> dict[Edge, Array]:
        """What it sends back along each wire into it."""
        return {
            edge: self.buffers.terms[edge]
            for socket, source in self.plan.nodes[key].inputs.items()
            if (edge := Edge(source, (key, socket))) in self.buffers.terms
        }


def same_bits(a: Array, b: Array) -> bool:
    """Whether two arrays of one shape and type are equal to the last bit; so NaN equals itself, and 0 is not −0."""
    kind = np.dtype(f"u{a.dtype.itemsize}")
    return bool(np.array_equal(a.view(kind), b.view(kind))) if a.ndim else a.tobytes() == b.tobytes()
