"""Spaces as Optuna has them: numbers, those of a list or a choice by their place, as Optuna takes 1 and True for the
same.
"""

from __future__ import annotations

from typing import Any

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from ....graph.sweep import Space
from . import cube


def distribution(space: Space) -> Any:
    """Optuna's distribution. The order of a list is kept; whole numbers that go by factors and by steps at once, which
    Optuna has not, are taken by place.
    """
    if space.kind == "choice":
        return CategoricalDistribution(tuple(range(len(space.values))))
    if _is_by_place(space):
        return IntDistribution(0, int(space.size) - 1)
    if space.kind == "integer":
        last = cube.integer(space, int(space.size) - 1)
        return IntDistribution(int(space.low), last, log=space.log, step=space.step)
    return FloatDistribution(float(space.low), float(space.high), log=space.kind == "log")


def value(space: Space, param: Any) -> Any:
    """The value that Optuna's number means."""
    if not _is_by_place(space):
        return param
    return cube.integer(space, param) if space.kind == "integer" else space.values[param]


def param(space: Space, value: Any) -> Any:
    """The other way round. ValueError, TypeError: it is no value of such a space."""
    if space.kind == "integer":
        return (int(value) - int(space.low)) // space.step if _is_by_place(space) else int(value)
    if not _is_by_place(space):
        return float(value)
    return [cube.mark({"": v}) for v in space.values].index(cube.mark({"": value}))


def _is_by_place(space: Space) -> bool:
    return space.kind in ("list", "choice") or (space.kind == "integer" and space.log and space.step > 1)
