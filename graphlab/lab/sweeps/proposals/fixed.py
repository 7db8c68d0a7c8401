"""Ways to choose trials that do not look at results: a grid, at random, and evenly over the space."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ....errors import SettingsError
from ....graph.sweep import Space
from ....ops.context import stream_key
from . import cube
from .cube import Floats
from .proposer import Fresh, Proposer, Spaces, Values, product, random_places

MOST = 1_000_000  # settings of a grid


class Grid(Proposer):
    """Every setting, the first search slowest. Finite spaces only; and all of them or none, as the first so many
    would be those of a corner.
    """

    def __init__(self, spaces: Spaces, seed: int, trials: int) -> None:
        for name, space in spaces.items():
            _check_axis(name, space)
        count = int(cube.points(spaces))
        if trials and trials < count:
            raise SettingsError(
                f"A grid of these spaces has {count:,} settings, and the sweep is of {trials:,} trials.",
                hint=f"Choose random, which tries {trials:,} of them, or set trials to 0 for all.",
            )
        if count > MOST:
            raise SettingsError(
                f"A grid of these spaces has {count:,} settings.",
                hint=f"A grid takes up to {MOST:,}; choose random, or name fewer values.",
            )
        super().__init__(spaces, seed, 0)
        self._settings = product(spaces)

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        values = next(self._settings, None)
        return known if known is not None else values


def _check_axis(name: str, space: Space) -> None:
    if not math.isfinite(cube.size(space)):
        raise SettingsError(
            f"A grid cannot go through every number that {name} may be, from {space.low:g} to {space.high:g}.",
            hint="Name some, such as 0.001,0.01,0.1, or search at random.",
        )


class Random(Fresh):
    """Each trial by itself (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization")."""

    def places(self, k: int) -> Iterator[Floats]:
        return random_places(self.seed, k, len(self.spaces))


class LatinHypercube(Fresh):
    """Each space is cut into as many slices of like chance as there are trials, and each slice gets one (McKay,
    Beckman and Conover 1979, "A Comparison of Three Methods for Selecting Values of Input Variables …").

    Where that gives a setting twice, as it can where spaces are finite, the second is drawn at random.
    """

    def __init__(self, spaces: Spaces, seed: int, trials: int) -> None:
        super().__init__(spaces, seed, trials)
        if not self.expected:
            raise SettingsError(
                "A Latin hypercube has to know how many trials there will be: it cuts each range into so many slices.",
                hint="Set trials, or choose random.",
            )
        self._slices = np.array([_order(seed, side, self.expected) for side in range(len(spaces))])

    def places(self, k: int) -> Iterator[Floats]:
        places = random_places(self.seed, k, len(self.spaces))
        inside = next(places)
        if k < self.expected and self.spaces:
            yield (self._slices[:, k] + inside) / self.expected
        yield from places


def _order(seed: int, side: int, count: int) -> Any:
    """0 … count−1 in an order by chance, which is a side's own."""
    words = np.random.Philox(key=stream_key(seed, "slices", str(side))).random_raw(count)
    return np.argsort(words, kind="stable")


class Sobol(Fresh):
    """Points that fill the cube evenly, however many (Sobol' 1967; scrambled as in Owen 1998), from scipy.

    A place that gives a setting twice is passed over.
    """

    def __init__(self, spaces: Spaces, seed: int, trials: int) -> None:
        super().__init__(spaces, seed, trials)
        self._places = _sobol(len(spaces), seed) if spaces else iter(())

    def places(self, k: int) -> Iterator[Floats]:
        return itertools.chain(self._places, random_places(self.seed, k, len(self.spaces)))


def _sobol(sides: int, seed: int) -> Iterator[Floats]:
    try:
        from scipy.stats import qmc
    except ImportError as error:
        raise SettingsError(
            "Sobol points need the package scipy.",
            hint='Install it by: pip install "graphlab[sweep]"; or choose lhs or random.',
        ) from error
    if sides > qmc.Sobol.MAXDIM:
        raise SettingsError(
            f"Sobol points have up to {qmc.Sobol.MAXDIM:,} sides, not {sides:,}.",
            hint="Choose lhs or random.",
        )
    return _blocks(qmc.Sobol(sides, scramble=True, bits=53, rng=seed))


def _blocks(engine: Any) -> Iterator[Floats]:
    """One point after the other; drawn by powers of two, as scipy wants them."""
    power = 6
    yield from engine.random_base2(power)
    while True:
        yield from engine.random_base2(power)
        power += 1
