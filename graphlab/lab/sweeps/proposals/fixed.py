"""Ways to choose trials that do not look at results: a grid, at random, and evenly over the space."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from ....errors import SettingsError
from ....ops.context import stream_key
from .cube import Floats
from .proposer import Fresh, Proposer, Spaces, Values, product, random_places


class Grid(Proposer):
    """Every setting, the first search slowest; of finite spaces."""

    def __init__(self, spaces: Spaces, seed: int, expected: int) -> None:
        super().__init__(spaces, seed, expected)
        self._settings = product(spaces)

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        values = next(self._settings, None)
        return known if known is not None else values


class Random(Fresh):
    """Each trial by itself (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization")."""

    def places(self, k: int) -> Iterator[Floats]:
        return random_places(self.seed, k, len(self.spaces))


class LatinHypercube(Fresh):
    """Each space is cut into as many slices of like chance as there are trials, and each slice gets one (McKay,
    Beckman and Conover 1979, "A Comparison of Three Methods for Selecting Values of Input Variables …").

    Where that gives a setting twice, as it can where spaces are finite, the second is drawn at random.
    """

    def __init__(self, spaces: Spaces, seed: int, expected: int) -> None:
        super().__init__(spaces, seed, expected)
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

    def __init__(self, spaces: Spaces, seed: int, expected: int) -> None:
        super().__init__(spaces, seed, expected)
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
