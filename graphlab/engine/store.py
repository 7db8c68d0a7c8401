"""Where a run's numbers live: flat vectors of parameters, gradients and states, and buffers by batch size."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops import Clock, cleared, fill, stream
from .buffers import Buffers
from .finding import fixed_shapes
from .flat import End
from .plan import ParameterSlot, Plan
from .reuse import Reused

Array = npt.NDArray[Any]
KEPT_SIZES = 4


class Store:
    """All learnable values of a plan in one vector, their gradients in another of the same layout.

    So with what operations keep from step to step (running statistics): `states` holds it as it is during a step,
    `next_states` as the step's forward pass wants it, and `advance_states`, a part of the update, puts that in force.

    `buffers(sizes)` gives the arrays for a batch size; those of the last few sizes are kept, so that a short last
    batch costs nothing. MemoryBudgetError, before anything is allocated, when not even a batch of one fits.
    """

    def __init__(self, plan: Plan, clock: Clock, budget: int | None) -> None:
        self.plan = plan
        plan.check_memory(dict.fromkeys(plan.symbols, 1), budget)  # the least that any batch will take
        self.flat = cleared((plan.parameter_size,), plan.dtype)
        self.gradient = cleared(self.flat.shape, plan.dtype)
        learns = plan.trainable_size  # the part that an optimizer changes; frozen parameters lie behind it
        self.trainable = self.flat if learns == len(self.flat) else self.flat[:learns]
        self.trainable_gradient = self.gradient if learns == len(self.flat) else self.gradient[:learns]
        self.states = np.zeros(plan.state_size, plan.dtype)
        self.next_states = np.zeros_like(self.states)
        self._clock = clock
        self._budget = budget
        self._kept: dict[tuple[tuple[str, int], ...], Buffers] = {}
        self.begin()

    def begin(self) -> None:
        """Fresh values for every parameter, a function of (seed, node, socket), and for every state."""
        for (key, socket), slot in self.plan.parameters.items():
            op = self.plan.op(key)
            values = op.start(socket)
            if values is None:
                rng, fans = stream(self._clock.seed, key, socket), op.fans(socket, self._shapes(key))
                fill(self.value(slot), op.initialiser(socket), rng, *fans, op.gain(socket))
            else:
                self.value(slot)[...] = values
        for (key, name), slot in self.plan.states.items():
            self.state(slot)[...] = self.plan.op(key).states[name]
        self.next_states[...] = self.states

    def beside(self, plan: Plan) -> Store:
        """The same parameters, states and values for a plan of the same document with another goal; own gradients."""
        new = copy(self)
        new.plan, new.gradient = plan, cleared(self.flat.shape, self.plan.dtype)
        new.trainable_gradient = new.gradient[: plan.trainable_size]
        new._kept = {sizes: kept.beside(plan, new.gradient) for sizes, kept in self._kept.items()}
        return new

    def apart(self) -> Store:
        """The same on copies of all that was learnt and kept: what is done with it changes nothing here."""
        new = copy(self)
        new.flat, new.gradient = self.flat.copy(), cleared(self.flat.shape, self.plan.dtype)
        learns = self.plan.trainable_size
        new.trainable, new.trainable_gradient = new.flat[:learns], new.gradient[:learns]
        new.states, new.next_states = self.states.copy(), self.next_states.copy()
        new._kept = {}
        return new

    def seed(self) -> None:
        """What backward starts with is another: see `Buffers.seed`."""
        for kept in self._kept.values():
            kept.seed()

    def _shapes(self, key: str) -> dict[str, tuple[int, ...]]:
        """The shapes at the sockets of a node, wired and owned, as far as they have no open size."""
        slots = self.plan.parameters
        ends = [(key, socket.name) for socket in self.plan.sockets(key)]
        owned = {end[1]: slots[end].shape for end in ends if end in slots}
        return fixed_shapes(self.plan.nodes[key], self.plan.inference.specs, owned)

    def value(self, slot: ParameterSlot) -> Array:
        """A parameter as a view of the flat vector."""
        return self.flat[slot.window].reshape(slot.shape)

    def state(self, slot: ParameterSlot) -> Array:
        """A state as a view of its flat vector."""
        return self.states[slot.offset : slot.offset + slot.size].reshape(slot.shape)

    def set_states(self, values: Array) -> None:
        """Puts other states in force, and forgets what a forward pass wanted."""
        self.states[...] = values
        self.next_states[...] = values

    def advance_states(self) -> None:
        """The states' part of the update."""
        if self.states.size and self._clock.training:
            self.states[...] = self.next_states

    def grad(self, slot: ParameterSlot) -> Array:
        """A parameter's gradient as a view of the flat gradient vector."""
        return self.gradient[slot.window].reshape(slot.shape)

    def buffers(self, sizes: Mapping[str, int]) -> Buffers:
        """The buffers of these sizes, allocated when they are new. MemoryBudgetError before anything is allocated."""
        name = tuple(sorted(sizes.items()))
        found = self._kept.pop(name, None)
        if found is None:
            found = self.new_buffers(sizes, self._clock)
            while len(self._kept) >= KEPT_SIZES:
                del self._kept[next(iter(self._kept))]
        self._kept[name] = found
        return found

    def kept(self) -> list[Buffers]:
        """The buffers that there are."""
        return list(self._kept.values())

    def new_buffers(
        self, sizes: Mapping[str, int], clock: Clock, asked: Collection[End] | None = None
    ) -> Buffers:
        """Buffers of their own on the same parameters, e.g. for evaluation. MemoryBudgetError.

        `asked`: for forward alone, after which nobody reads other values than these.
        """
        size = self.plan.check_memory(sizes, self._budget)
        states = (self.states, self.next_states)
        blocks = None if asked is None else Reused(self.plan, sizes, asked)
        return Buffers(self.plan, sizes, self.flat, self.gradient, states, clock, size, blocks)
