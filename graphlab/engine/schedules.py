"""Schedules: the learning rate of each step, by PyTorch's names and definitions.

All but one are pure functions of the step's number, so that any step can be taken again. `ReduceLROnPlateau` depends on
what was measured; what it remembers is part of the optimizer's state.
"""

from __future__ import annotations

import math
import numbers
from typing import Any, ClassVar

from ..errors import SettingsError
from ..graph import Training


class Schedule:
    """The same rate at every step, after a warm-up.

    Args:
        warmup: over so many steps the rate rises in a straight line to lr: lr/warmup, 2·lr/warmup, …, lr. (PyTorch:
            LinearLR(start_factor=1/warmup, total_iters=warmup − 1), then the rest by SequentialLR.) The schedule proper
            begins after it.

    heeds: the training settings of a document that it depends on.
    watches: whether it wants to `observe` the loss after each epoch; `epoch` counts those observed.
    """

    epoch: int = 0

    heeds: ClassVar[tuple[str, ...]] = ()
    watches: ClassVar[bool] = False

    def __init__(self, warmup: int = 0) -> None:
        self.warmup = _at_least(0, warmup, "warmup")

    def rate(self, lr: float, step: int) -> float:
        """The learning rate of the step of that number, counted from 0, where `lr` is set."""
        if step < self.warmup:
            return lr * (step + 1) / self.warmup
        return self._rate(lr, step - self.warmup)

    def _rate(self, lr: float, step: int) -> float:
        return lr

    def observe(self, metric: float) -> None:
        """Is told after each epoch how large the loss on held-out rows is, if it `watches`."""

    def reset(self) -> None:
        """Forgets what it observed."""

    def save_state(self) -> dict[str, Any]:
        """What it observed, as an entry for the optimizer's state."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Takes what `save_state` gave; without such an entry it begins anew."""


class StepLR(Schedule):
    """lr times `gamma` after every `step_size` steps, as torch.optim.lr_scheduler.StepLR."""

    heeds = ("step_size", "gamma")

    def __init__(self, step_size: int, gamma: float = 0.1, warmup: int = 0) -> None:
        super().__init__(warmup)
        self.step_size, self.gamma = _at_least(1, step_size, "step_size"), _share(gamma, "gamma")

    def _rate(self, lr: float, step: int) -> float:
        return lr * self.gamma ** (step // self.step_size)


class CosineAnnealingLR(Schedule):
    """Down half a cosine from lr to `eta_min` in `T_max` steps, as torch.optim.lr_scheduler.CosineAnnealingLR.

    From there it would rise again; with `hold` it stays. Loshchilov and Hutter 2017.
    """

    heeds = ("min_lr",)

    def __init__(self, T_max: int, eta_min: float = 0.0, warmup: int = 0, hold: bool = False) -> None:
        super().__init__(warmup)
        self.T_max, self.eta_min = _at_least(1, T_max, "T_max"), _share(eta_min, "eta_min", math.inf)
        self.hold = hold

    def _rate(self, lr: float, step: int) -> float:
        step = min(step, self.T_max) if self.hold else step
        return self.eta_min + (lr - self.eta_min) * (1 + math.cos(math.pi * step / self.T_max)) / 2


class OneCycleLR(Schedule):
    """Up from lr/`div_factor` to lr in the first `pct_start` of the steps, then down to almost nothing.

    As torch.optim.lr_scheduler.OneCycleLR with max_lr=lr and cycle_momentum=False; after `total_steps` it stays at its
    least, (lr/div_factor)/final_div_factor. Smith and Topin 2018.
    """

    heeds = ("pct_start",)

    def __init__(
        self,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        warmup: int = 0,
    ) -> None:
        super().__init__(warmup)
        self.total_steps = _at_least(1, total_steps, "total_steps")
        self.pct_start = _share(pct_start, "pct_start")
        if anneal_strategy not in ("cos", "linear"):
            raise SettingsError(
                f"anneal_strategy cannot be {anneal_strategy!r}.", hint="Choose cos or linear."
            )
        self.anneal = _along_cosine if anneal_strategy == "cos" else _along_line
        self.div_factor, self.final_div_factor = div_factor, final_div_factor

    def _rate(self, lr: float, step: int) -> float:
        first = lr / self.div_factor
        top, end = self.pct_start * self.total_steps - 1, self.total_steps - 1
        if step <= top:
            return self.anneal(first, lr, step / top if top else 1.0)
        done = min(1.0, (step - top) / (end - top)) if end > top else 1.0
        return self.anneal(lr, first / self.final_div_factor, done)


class ReduceLROnPlateau(Schedule):
    """lr times `factor` whenever the loss has not fallen for more than `patience` epochs.

    As torch.optim.lr_scheduler.ReduceLROnPlateau with mode "min": an epoch counts as better when its loss is below
    best·(1 − threshold); after a reduction, `cooldown` epochs are not counted; `min_lr` is the least.
    """

    heeds = ("factor", "patience", "min_lr")
    watches = True

    def __init__(
        self,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
        warmup: int = 0,
    ) -> None:
        super().__init__(warmup)
        self.factor = _share(factor, "factor")
        self.patience, self.cooldown = _at_least(0, patience, "patience"), _at_least(0, cooldown, "cooldown")
        self.threshold, self.min_lr, self.eps = threshold, min_lr, eps
        self.best = math.inf
        self.bad = self.cooling = self.reductions = 0

    def _rate(self, lr: float, step: int) -> float:
        for _ in range(self.reductions):
            lower = max(lr * self.factor, self.min_lr)
            if lr - lower <= self.eps:  # too little to matter, says PyTorch
                break
            lr = lower
        return lr

    def observe(self, metric: float) -> None:
        self.epoch += 1
        if metric < self.best * (1 - self.threshold):
            self.best, self.bad = metric, 0
        else:
            self.bad += 1
        if self.cooling:
            self.cooling, self.bad = self.cooling - 1, 0
        if self.bad > self.patience:
            self.reductions += 1
            self.cooling, self.bad = self.cooldown, 0

    def reset(self) -> None:
        """Nothing observed: `best` loss, `bad` epochs since, epochs of `cooling` left, `reductions` made."""
        self.best = math.inf
        self.bad = self.cooling = self.reductions = self.epoch = 0

    def save_state(self) -> dict[str, Any]:
        return {"schedule": [self.best, self.bad, self.cooling, self.reductions, self.epoch]}

    def load_state(self, state: dict[str, Any]) -> None:
        self.reset()
        if "schedule" in state:
            self.best, self.bad, self.cooling, self.reductions, self.epoch = state["schedule"]


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Schedule,
    **{kind.__name__: kind for kind in (StepLR, CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau)},
}


def make_schedule(training: Training, steps_per_epoch: int) -> Schedule | None:
    """The schedule of a document's training settings; None where the rate never changes. SettingsError.

    In a document `step_size` and `patience` count epochs, `warmup` counts steps, and the others take all the epochs.
    """
    t, total = training, max(1, training.epochs * steps_per_epoch - training.warmup)
    if t.schedule == "constant":
        return Schedule(t.warmup) if t.warmup else None
    if t.schedule == "StepLR":
        return StepLR(t.step_size * steps_per_epoch, t.gamma, t.warmup)
    if t.schedule == "CosineAnnealingLR":
        return CosineAnnealingLR(total, t.min_lr, t.warmup, hold=True)
    if t.schedule == "OneCycleLR":
        return OneCycleLR(total, t.pct_start, warmup=t.warmup)
    if t.schedule == "ReduceLROnPlateau":
        return ReduceLROnPlateau(t.factor, t.patience, min_lr=t.min_lr, warmup=t.warmup)
    raise SettingsError(
        f"There is no schedule '{t.schedule}'.", hint=f"Choose one of {', '.join(SCHEDULES)}."
    )


def _along_cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def _along_line(start: float, end: float, done: float) -> float:
    return start + (end - start) * done


def _at_least(least: int, value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise SettingsError(
            f"{name} cannot be {value!r}.", hint=f"It takes a whole number of {least} or more."
        )
    return int(value)


def _share(value: Any, name: str, high: float = 1.0) -> float:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= high:
        word = f"from 0 to {high:g}" if math.isfinite(high) else "of 0 or more"
        raise SettingsError(f"{name} cannot be {value!r}.", hint=f"It takes a number {word}.")
    return float(value)
