"""Optimizers on one flat parameter vector: a handful of vector instructions whatever the model."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SettingsError
from ..graph import Training

Array = npt.NDArray[Any]


class Setting:
    """A number of an optimizer, checked whenever it is set, so that it can be changed while training.

    Assigning what is no number, or is outside [low, high], raises SettingsError. There is no `__get__`: reading it
    is reading a plain attribute, and as fast.
    """

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, optimizer: Any, value: Any) -> None:
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not is_number or not self.low <= value <= self.high:
            raise SettingsError(
                f"{self.name} of {type(optimizer).__name__} cannot be {value!r}.",
                hint=f"It takes a number from {self.low:g} to {self.high:g}.",
            )
        optimizer.__dict__[self.name] = float(value)


def setting(low: float, high: float) -> Any:
    """A `Setting`, which type checkers may take for the number that it holds."""
    return Setting(low, high)


class Optimizer:
    """What all optimizers share: checked settings, adjustable while training, and named state vectors.

    `step(parameters, gradients)` changes `parameters` in place and leaves `gradients` as they are. `state` holds the
    vectors it keeps (same length as the parameters) under their usual names, `steps` how many steps were taken.
    """

    lr: float = setting(0.0, 1e6)
    weight_decay: float = setting(0.0, 1e6)

    def __init__(self, **settings: float) -> None:
        self.state: dict[str, Array] = {}
        self.steps = 0
        self._scratch: Array = np.empty(0)
        self._decayed: Array = np.empty(0)
        self._rate: Array = np.empty(())
        for name, value in settings.items():
            setattr(self, name, value)

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """The settings of this kind of optimizer by name."""
        return {
            n: s for base in reversed(cls.__mro__) for n, s in vars(base).items() if isinstance(s, Setting)
        }

    def step(self, parameters: Array, gradients: Array) -> None:
        """One update in place."""
        if len(self._scratch) != len(parameters) or self._scratch.dtype != parameters.dtype:
            self._scratch, self._decayed = np.empty_like(parameters), np.empty_like(parameters)
            self._rate = np.empty((), parameters.dtype)
        if self.weight_decay:
            np.multiply(parameters, self.weight_decay, out=self._decayed)
            gradients = np.add(self._decayed, gradients, out=self._decayed)
        self.steps += 1
        self._update(parameters, gradients)

    def _update(self, parameters: Array, gradients: Array) -> None:
        raise TypeError(f"{type(self).__name__} has no update rule")

    def vector(self, name: str, like: Array) -> Array:
        """The state vector of that name, zero at first."""
        found = self.state.get(name)
        if found is None or found.shape != like.shape or found.dtype != like.dtype:
            found = self.state[name] = np.zeros_like(like)
        return found

    def reset(self) -> None:
        """Forgets all state."""
        self.state.clear()
        self.steps = 0

    def save_state(self) -> dict[str, Any]:
        """A copy of the state: the vectors, and "steps"."""
        return {"steps": self.steps} | {name: vector.copy() for name, vector in self.state.items()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes a state that `save_state` gave."""
        self.steps = int(state["steps"])
        self.state = {name: np.array(vector) for name, vector in state.items() if name != "steps"}


class SGD(Optimizer):
    """Stochastic gradient descent, as torch.optim.SGD: v ← momentum·v + g, w ← w − lr·v (v = g without momentum)."""

    def __init__(self, lr: float = 0.01, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(lr=lr, momentum=momentum, weight_decay=weight_decay)

    momentum: float = setting(0.0, 1.0)

    def _update(self, parameters: Array, gradients: Array) -> None:
        if self.momentum:
            velocity = self.vector("momentum", parameters)
            if self.steps == 1:
                np.copyto(velocity, gradients)
            else:
                np.multiply(velocity, self.momentum, out=velocity)
                np.add(velocity, gradients, out=velocity)
            gradients = velocity
        self._rate[...] = self.lr  # NumPy takes twice as long for a Python number
        np.multiply(gradients, self._rate, self._scratch)
        np.subtract(parameters, self._scratch, parameters)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, algorithm 1), as torch.optim.Adam; weight decay is added to the gradient.

    m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − lr·m̂/(√v̂ + ε) with m̂, v̂ corrected for their zero start.
    """

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr=lr, beta1=betas[0], beta2=betas[1], eps=eps, weight_decay=weight_decay)

    beta1: float = setting(0.0, 0.9999999)
    beta2: float = setting(0.0, 0.9999999)
    eps: float = setting(0.0, 1.0)

    def _update(self, parameters: Array, gradients: Array) -> None:
        m, v, scratch = self.vector("m", parameters), self.vector("v", parameters), self._scratch
        np.subtract(gradients, m, out=scratch)
        np.multiply(scratch, 1 - self.beta1, out=scratch)
        np.add(m, scratch, out=m)
        np.multiply(gradients, gradients, out=scratch)
        np.multiply(scratch, 1 - self.beta2, out=scratch)
        np.multiply(v, self.beta2, out=v)
        np.add(v, scratch, out=v)
        np.sqrt(v, out=scratch)
        np.divide(scratch, math.sqrt(1 - self.beta2**self.steps), out=scratch)
        np.add(scratch, self.eps, out=scratch)
        np.divide(m, scratch, out=scratch)
        np.multiply(scratch, self.lr / (1 - self.beta1**self.steps), out=scratch)
        np.subtract(parameters, scratch, out=parameters)


OPTIMIZERS: dict[str, type[Optimizer]] = {"SGD": SGD, "Adam": Adam}


def make_optimizer(training: Training) -> Optimizer:
    """The optimizer of a document's training settings. SettingsError for an unknown one."""
    if training.optimizer == "SGD":
        return SGD(training.lr, training.momentum, training.weight_decay)
    if training.optimizer == "Adam":
        return Adam(training.lr, (training.beta1, training.beta2), weight_decay=training.weight_decay)
    raise SettingsError(
        f"There is no optimizer '{training.optimizer}'.", hint=f"Choose one of {', '.join(OPTIMIZERS)}."
    )


def adjust(optimizer: Optimizer, training: Training) -> Optimizer:
    """The optimizer with the settings' numbers and its state kept; a new one when the settings name another kind."""
    fresh = make_optimizer(training)
    if type(fresh) is not type(optimizer):
        return fresh
    for name in fresh.settings():
        setattr(optimizer, name, getattr(fresh, name))
    return optimizer
