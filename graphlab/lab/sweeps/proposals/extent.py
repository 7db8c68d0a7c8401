"""How many trials a sweep is going to have, and whether its method can search such spaces at all."""

from __future__ import annotations

import math

from ....errors import SettingsError
from ....graph.sweep import MOST_LISTED, Sweep
from ..pruning import round_of
from . import cube
from .proposer import Spaces


def extent(spaces: Spaces, sweep: Sweep, epochs: int) -> int:
    """How many trials there are going to be, 0 where time alone ends them. spaces: by the text of each search.

    SettingsError: the method cannot search these spaces, or the sweep would never end.
    """
    count = cube.points(spaces)
    if sweep.method == "grid":
        return _grid(spaces, sweep, count)
    if sweep.method == "cmaes":
        _check_numbers(spaces)
    found = min(sweep.trials or round_of(sweep, epochs) or math.inf, count)
    if math.isfinite(found):
        return int(found)
    if sweep.method == "lhs":
        raise SettingsError(
            "A Latin hypercube has to know how many trials there will be: it cuts each range into so many slices.",
            hint="Set trials, or choose random.",
        )
    if not sweep.seconds:
        raise SettingsError(
            f"A sweep by '{sweep.method}' over a range never ends by itself.", hint="Set trials, or a time."
        )
    return 0


def _grid(spaces: Spaces, sweep: Sweep, count: float) -> int:
    """All of it or nothing: the first so many settings would be those of a corner."""
    for name, space in spaces.items():
        if not math.isfinite(space.size):
            raise SettingsError(
                f"A grid cannot go through every number that {name} may be, from {space.low:g} to {space.high:g}.",
                hint="Name some, such as 0.001,0.01,0.1, or search at random.",
            )
    if sweep.trials and sweep.trials < count:
        raise SettingsError(
            f"A grid of these spaces has {count:,} settings, and the sweep is of {sweep.trials:,} trials.",
            hint=f"Choose random, which tries {sweep.trials:,} of them, or set trials to 0 for all.",
        )
    if count > MOST_LISTED:
        raise SettingsError(
            f"A grid of these spaces has {count:,} settings.",
            hint=f"A grid takes up to {MOST_LISTED:,}; choose random, or name fewer values.",
        )
    return int(count)


def _check_numbers(spaces: Spaces) -> None:
    """CMA-ES goes about in a space of numbers, of two dimensions or more."""
    for name, space in spaces.items():
        if space.kind == "choice" and space.size > 1:
            raise SettingsError(
                f"CMA-ES searches numbers, and {name} is a choice.",
                hint=f"Choose tpe, or leave {name} out of the search.",
            )
    if sum(space.size > 1 for space in spaces.values()) < 2:
        raise SettingsError(
            "CMA-ES searches two hyperparameters or more.", hint="Choose tpe, or search another one as well."
        )
