"""Optimizers on one flat parameter vector, and how a document's training settings choose one."""

from __future__ import annotations

import dataclasses

from ...errors import SettingsError
from ...graph import Training
from .adam import Adam, AdamW, NAdam
from .adaptive import Adadelta, Adagrad, RMSprop
from .clipping import clip_by_norm, clip_by_value
from .descent import SGD, Lion
from .optimizer import Optimizer

OPTIMIZERS: dict[str, type[Optimizer]] = {
    kind.__name__: kind for kind in (SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Adadelta, Lion)
}
_FIELDS = frozenset(field.name for field in dataclasses.fields(Training))


def settings_of(optimizer: str) -> tuple[str, ...]:
    """The training settings of a document that this optimizer heeds. None are known of one that does not exist."""
    kind = OPTIMIZERS.get(optimizer, Optimizer)
    return tuple(name for name in kind.settings() if name in _FIELDS and name not in kind.apart)


def make_optimizer(training: Training) -> Optimizer:
    """The optimizer of a document's training settings, without a schedule. SettingsError for an unknown one."""
    if training.optimizer not in OPTIMIZERS:
        raise SettingsError(
            f"There is no optimizer '{training.optimizer}'.", hint=f"Choose one of {', '.join(OPTIMIZERS)}."
        )
    optimizer = OPTIMIZERS[training.optimizer]()
    for name in settings_of(training.optimizer):
        setattr(optimizer, name, getattr(training, name))
    return optimizer


def adjust(optimizer: Optimizer, training: Training) -> Optimizer:
    """The optimizer with the settings' numbers and its state kept; a new one when the settings name another kind."""
    fresh = make_optimizer(training)
    if type(fresh) is not type(optimizer):
        fresh.schedule = optimizer.schedule
        return fresh
    for name in fresh.settings():
        setattr(optimizer, name, getattr(fresh, name))
    return optimizer


__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Lion",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "adjust",
    "clip_by_norm",
    "clip_by_value",
    "make_optimizer",
    "settings_of",
]
