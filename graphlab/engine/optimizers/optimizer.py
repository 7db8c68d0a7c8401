"""What all optimizers share: one flat parameter vector, changed in place by a handful of vector instructions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import partial
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ...ops.explanation import number, times, total
from ..record import Call, record
from ..schedules import Schedule
from .clipping import clip_by_norm, clip_by_value
from .setting import Setting, setting
from .told import Element, Told, clipped, moved, primed, shortened

Array = npt.NDArray[Any]
Block = tuple[Array, ...]
BLOCK_BYTES = 1 << 18  # Adam's five such blocks fit in a core's second-level cache


class Optimizer:
    """What all optimizers share: checked settings, adjustable while training, and named state vectors.

    `step(parameters, gradients)` changes `parameters` in place and leaves `gradients` as they are. `state` holds the
    vectors it keeps (same length as the parameters) under their usual names, `steps` how many steps were taken.

    clip_value, clip_norm: bounds for the gradient's elements and for its length, in this order; 0 for none.
    schedule: how the learning rate changes from step to step; None keeps it at `lr`.
    decoupled: whether `weight_decay` shrinks the weights themselves (AdamW) instead of adding to the gradient.
    scratch_count: how many scratch arrays an update takes.
    apart: settings that documents leave at their default.
    formula: the rule in one line. called: PyTorch's names for the vectors that it keeps.
    usual: between which learning rates it is mostly used.
    rate_used, settings_used: those of the last step, whatever was set since.

    A subclass names its vectors in `kept`, makes its numbers in `_bind_numbers`, sets those that change from step to
    step in `_prepare`, updates one block in `_update`, and tells in `_tell` what that does to one element. Numbers are
    0-d arrays: NumPy takes twice as long for a Python number. Long vectors are updated in blocks that stay in the
    processor's cache from the first instruction to the last. What an update does to a block is noted at the first step
    and repeated from then on (see `record`): what changes from step to step has to be in those 0-d arrays.
    """

    lr: float = setting(0.0, 1e6)
    weight_decay: float = setting(0.0, 1e6)
    clip_value: float = setting(0.0, 1e30)
    clip_norm: float = setting(0.0, 1e30)

    decoupled: ClassVar[bool] = False
    scratch_count: ClassVar[int] = 1
    apart: ClassVar[frozenset[str]] = frozenset()
    formula: ClassVar[str] = ""
    usual: ClassVar[tuple[float, float]] = (0.0, 1e6)
    called: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **settings: float) -> None:
        self.state: dict[str, Array] = {}
        self.numbers: dict[str, float] = {}
        self.steps = 0
        self.schedule: Schedule | None = None
        self.is_bound = False
        self.rate_used: float | None = None
        self.settings_used: dict[str, float] = {}
        self._parameters: Array = np.empty(0)
        self._gradients: Array = np.empty(0)
        self._clipped: Array = np.empty(0)
        self._clips = self._decays = False
        self._blocks: list[Block] = []
        self._numbers: list[Array] = []
        self._calls: list[Call] = []
        for name, value in ({"clip_value": 0.0, "clip_norm": 0.0} | settings).items():
            setattr(self, name, value)

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """The settings of this kind of optimizer by name."""
        return {
            n: s for base in reversed(cls.__mro__) for n, s in vars(base).items() if isinstance(s, Setting)
        }

    @property
    def rate(self) -> float:
        """The learning rate of the next step: `lr`, or what the schedule makes of it."""
        return self.lr if self.schedule is None else self.schedule.rate(self.lr, self.steps)

    def step(self, parameters: Array, gradients: Array) -> None:
        """One update in place."""
        if not self.is_bound or parameters is not self._parameters or gradients is not self._gradients:
            self._bind(parameters, gradients)
        lr = self.lr if self.schedule is None else self.schedule.rate(self.lr, self.steps)
        self.steps += 1
        self.rate_used = lr
        self._prepare(lr)
        if self._decays:
            self._decay[()] = 1 - lr * self.weight_decay if self.decoupled else self.weight_decay
        if self._clips:
            self._clip(gradients)
        for call in self._calls:
            call()
        if not self._calls:
            self._calls = [call for block in self._blocks for call in self._noted(block)]

    def _noted(self, block: Block) -> list[Call]:
        """Updates a block, and returns what repeats it."""
        noted = record(self._update_decayed, block, {}, block[1:2], self._numbers)
        return [partial(self._update_decayed, *block)] if noted is None else noted

    def _update_decayed(self, decayed: Array, w: Array, g: Array, *rest: Array) -> None:
        if self._decays and self.decoupled:
            np.multiply(w, self._decay, w)
        elif self._decays:
            np.multiply(w, self._decay, decayed)
            np.add(decayed, g, decayed)
            g = decayed
        self._update(w, g, *rest)

    def _clip(self, gradients: Array) -> None:
        if self.clip_value:
            clip_by_value(gradients, self.clip_value, self._clipped)
            gradients = self._clipped
        if self.clip_norm:
            clip_by_norm(gradients, self.clip_norm, self._clipped)

    # What it tells

    def rule(self) -> str:
        """The formula as its settings have it."""
        return self.formula

    def rule_latex(self) -> str:
        """What the rule does to a weight, in the letters in which it is told."""
        return rf"w \leftarrow w - \mathrm{{{type(self).__name__}}}(g)"

    def as_used(self) -> Optimizer:
        """An optimizer of this kind with the settings of the last step, without state or schedule."""
        found = type(self)()
        for name in found.settings():
            setattr(found, name, self.settings_used.get(name, getattr(self, name)))
        return found

    def tell(self, at: Element) -> Told:
        """What an update does to one element, as terms, by the rule as its formula has it."""
        w, g = at.weight, at.gradient
        if self.clip_value:
            g = clipped(g, self.clip_value)
        if self.clip_norm:
            g = shortened(g, self.clip_norm, at.length)
        if self.weight_decay and not self.decoupled:
            g = primed(total([g, times(number(self.weight_decay, "decay"), w)]), g)
        elif self.weight_decay:
            w = primed(moved(w, at.lr, number(self.weight_decay, "decay"), w), w)
        return self._tell(at, w, g)

    def _tell(self, at: Element, w: Any, g: Any) -> Told:
        """The same for a weight and a gradient that decay and clipping have been at."""
        raise TypeError(f"{type(self).__name__} does not tell its rule")

    def of_one(self, at: Element, dtype: Any) -> Array:
        """The element after the update, to the bit: the same instructions on vectors of length 1."""
        one, w, g = type(self)(), np.array([at.w], dtype), np.array([at.g], dtype)
        for name in self.settings():
            setattr(one, name, 0.0 if name in ("clip_value", "clip_norm") else getattr(self, name))
        if self.clip_value:
            clip_by_value(g, self.clip_value, g)
        if self.clip_norm and (factor := self.clip_norm / (at.length + 1e-6)) < 1:
            np.multiply(g, factor, out=g)
        one.lr, one.steps, one.numbers = at.rate, at.step - 1, dict(at.numbers or {})
        one.state = {name: np.array([value], dtype) for name, value in at.kept.items()}
        one.step(w, g)
        return w

    # What it keeps

    def kept(self) -> dict[str, float]:
        """The names of the vectors this optimizer keeps, each with the number that fills it at first."""
        return {}

    def _bind_numbers(self) -> None:
        """Makes the numbers of `_update` from the settings."""

    def _prepare(self, lr: float) -> None:
        """Sets the numbers that depend on the step; `steps` counts it already."""

    def _update(self, *arrays: Any, **none: Any) -> None:
        """One block: parameters, gradients, `scratch_count` scratch arrays, then the vectors of `kept`."""
        raise TypeError(f"{type(self).__name__} has no update rule")

    def _number(self, value: float = 0.0) -> Array:
        self._numbers.append(np.array(value, self._parameters.dtype))
        return self._numbers[-1]

    def _bind(self, parameters: Array, gradients: Array) -> None:
        """Cuts every vector into blocks and makes the numbers: once, and again when something has changed."""
        self._parameters, self._gradients = parameters, gradients
        self._clips, self._decays = bool(self.clip_value or self.clip_norm), bool(self.weight_decay)
        self._clipped = np.empty_like(gradients if self._clips else gradients[:0])
        vectors = [parameters, self._clipped if self._clips else gradients]
        kept = [self._vector(name, parameters, fill) for name, fill in self.kept().items()]
        size, length = len(parameters), max(1, BLOCK_BYTES // parameters.itemsize)
        length = length if size > 2 * length else max(1, size)  # a little more than one is not worth two
        scratch = [np.empty(length, parameters.dtype) for _ in range(self.scratch_count + 1)]
        self._blocks, self._numbers, self._calls = [], [], []
        for start in range(0, size, length):
            part = slice(start, start + length)
            decayed, *free = (array[: min(length, size - start)] for array in scratch)
            self._blocks.append((decayed, *(v[part] for v in vectors), *free, *(v[part] for v in kept)))
        self._decay = self._number()
        self._bind_numbers()
        self.settings_used = {name: getattr(self, name) for name in self.settings()}
        self.is_bound = True

    def _vector(self, name: str, like: Array, fill: float) -> Array:
        """The state vector of that name, new where there is none of that size and type."""
        found = self.state.get(name)
        if found is None or found.shape != like.shape or found.dtype != like.dtype:
            found = np.full_like(like, fill) if fill else np.zeros(like.shape, like.dtype)
            self.state[name] = found
        return found

    def reset(self) -> None:
        """Forgets all state."""
        self.state.clear()
        self.numbers.clear()
        self.steps = 0
        self.is_bound = False
        if self.schedule is not None:
            self.schedule.reset()

    def twin(self) -> Optimizer:
        """Another of the same settings and schedule that goes on where this one stands."""
        twin = type(self)()
        for name in self.settings():
            setattr(twin, name, getattr(self, name))
        twin.schedule = copy(self.schedule)
        twin.load_state(self.save_state())
        return twin

    def save_state(self) -> dict[str, Any]:
        """A copy of the state: the vectors, numbers, what the schedule remembers, and "steps"."""
        memory = {} if self.schedule is None else self.schedule.save_state()
        vectors = {name: vector.copy() for name, vector in self.state.items()}
        return {"steps": self.steps} | self.numbers | memory | vectors

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes a state that `save_state` gave."""
        self.steps = int(state["steps"])
        self.numbers = {name: value for name, value in state.items() if isinstance(value, float)}
        self.state = {name: vector.copy() for name, vector in state.items() if isinstance(vector, np.ndarray)}
        self.is_bound = False
        if self.schedule is not None:
            self.schedule.load_state(state)


def shrunk(optimizer: Optimizer) -> str:
    """w in LaTeX, shrunk first where the decay is decoupled."""
    decays = optimizer.decoupled and optimizer.weight_decay
    return r"(1 - \mathrm{lr} \cdot \mathrm{decay})\, w" if decays else "w"
