"""What training needs of the backward phase, in as few calls as possible. To the last bit it comes to the same.

Gradients of inputs are left out. What several consumers send back is summed as it arrives instead of being kept apart,
and where an operation passes its gradient on unchanged, no copy is made.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..ops import cleared
from .blocks import stacked
from .flatten import End
from .plan import Edge
from .unrolling import step_of

if TYPE_CHECKING:
    from .buffers import Bound, Buffers

Array = npt.NDArray[Any]
FEW, MANY = (
    3,
    1 << 19,
)  # so many terms, and bytes of them, from copies of a cell are summed at once; more leave the cache


def lean_backward(buffers: Buffers) -> dict[str, tuple[Bound, ...]]:
    """The bound calls of each node, in the order of the schedule."""
    lean = _Lean(buffers)
    return {key: tuple(lean.calls(key)) for key in buffers.backward if key in buffers.plan.learns}


class _Lean:
    def __init__(self, buffers: Buffers) -> None:
        self.buffers, self.plan = buffers, buffers.plan
        self.passed_on: dict[End, Array] = {}  # gradients that lie where those of a consumer do
        self.scratch: dict[int, Array] = {}
        self.known: dict[End, bool] = {}

    def calls(self, key: str) -> list[Bound]:
        targets: dict[str, Array | None] = {}
        before = [call for name in self.plan.op(key).results() if (call := self._at_once((key, name)))]
        sums: list[Bound] = []
        for place, socket in enumerate(
            reversed(self.plan.sockets(key))
        ):  # what comes last is first to go back
            end = self.plan.nodes[key].inputs.get(socket.name)
            target = self.buffers.gradient_target(key, socket.name)
            if end is not None and target is not None:
                target = self._lead(place, Edge(end, (key, socket.name)), target, sums)
            targets[f"d{socket.name}"] = target
        if self.buffers.is_view(key) or not any(target is not None for target in targets.values()):
            return [*before, *sums]
        upstream = [self._upstream((key, name)) for name in self.plan.op(key).results()]
        return [*before, self.buffers.bind_own_backward(key, upstream, targets), *sums]

    def _lead(self, place: int, edge: Edge, term: Array, sums: list[Bound]) -> Array | None:
        """Where the operation is to write what it sends back; adds to `sums` what has to be done with it then.

        What arrives first at a gradient is written into it. What arrives later passes through scratch space that all
        share, so that it stays in the processor's cache.
        """
        key, source = edge.target[0], edge.source
        if source[0] not in self.plan.learns:
            return None
        gradient, siblings = self.buffers.gradients[source], self.buffers.incoming(source)
        is_first, is_alone = edge == siblings[-1], len(siblings) == 1
        if self._is_summed_at_once(source):
            if not self.buffers.is_view(key) and (found := self._unchanged(edge)) is not None:
                sums.append(partial(begin, found, term))
                return None
            return term
        if self.buffers.is_view(key):  # its consumers have filled the term
            if not is_alone:
                sums.append(partial(begin if is_first else add, term, gradient))
            return term
        found = self._unchanged(edge)
        if found is None:
            if is_first:
                return gradient
            term = self._passing(place, gradient.shape)
            sums.append(partial(add, term, gradient))
            return term
        if is_alone and not self.buffers.is_view(source[0]):
            self.passed_on[source] = found
        else:
            sums.append(partial(begin if is_first else add, found, gradient))
        return None

    def _is_summed_at_once(self, source: End) -> bool:
        """Whether what the copies of a cell send back there is kept apart until all of it has come."""
        if source not in self.known:
            edges, size = self.buffers.incoming(source), self.buffers.gradients[source].nbytes
            self.known[source] = (
                len(edges) >= FEW
                and len(edges) * size <= MANY
                and all(step_of(edge.target[0]) is not None for edge in edges)
            )
        return self.known[source]

    def _at_once(self, source: End) -> Bound | None:
        """The sum of all terms in one call."""
        if source not in self.buffers.gradients or not self._is_summed_at_once(source):
            return None
        terms = [self.buffers.terms[edge] for edge in reversed(self.buffers.incoming(source))]
        block, out = stacked(terms), self.buffers.gradients[source]
        return partial(add_all, terms, out) if block is None or out.size < 2 else partial(add_up, block, out)

    def _unchanged(self, edge: Edge) -> Array | None:
        """The upstream gradient, where it is what the operation sends back; else None."""
        key, socket = edge.target
        op = self.plan.op(key)
        if socket not in op.passes_on:
            return None
        found = self._upstream((key, op.results()[0]))
        return found if found is not None and found.shape == self.buffers.values[edge.source].shape else None

    def _upstream(self, end: End) -> Array | None:
        found = self.passed_on.get(end)
        return self.buffers.upstream(end) if found is None else found

    def _passing(self, place: int, shape: tuple[int, ...]) -> Array:
        size = math.prod(shape)
        found = self.scratch.get(place)
        if found is None or found.size < size:
            found = self.scratch[place] = cleared((size,), self.plan.dtype)
        return found[:size].reshape(shape)


def begin(term: Array, out: Array) -> None:
    np.copyto(out, term)


def add(term: Array, out: Array) -> None:
    np.add(out, term, out)


def add_all(terms: list[Array], out: Array) -> None:
    """The first two, then one after the other."""
    np.add(terms[0], terms[1], out=out)
    for term in terms[2:]:
        add(term, out)


def add_up(block: Array, out: Array) -> None:
    """The same of terms that lie in one block; not for single numbers, which NumPy would sum in pairs."""
    np.add.reduce(block, axis=0, out=out)
