"""Who says what a trial tries, and what the ways of doing so that do not learn have in common."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from ....graph.sweep import MOST_LISTED, Space
from ....ops.context import stream_key
from ..trials import Trial
from . import cube
from .cube import Floats

Values = Mapping[str, Any]
Spaces = Mapping[str, Space]

MOST_DRAWS = 1000  # at random, until what is left is listed


class Proposer:
    """Says what each trial tries. What it says of a trial is a function of the spaces, the seed and the number, and,
    where it `learns`, of the results that it was told, in order.

    spaces: by the text of each search. expected: how many trials there are going to be, 0 unknown.
    """

    learns: ClassVar[bool] = False

    def __init__(self, spaces: Spaces, seed: int, expected: int) -> None:
        self.spaces, self.seed, self.expected = spaces, seed, expected

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        """What trial `k` tries; asked for 0, 1, 2 … in order. None: all that there is has been tried.

        known: what was written down for it earlier, which holds.
        """
        raise NotImplementedError

    def needs(self, k: int) -> int:
        """How many trials, from 0, have to have ended and been told before trial k is proposed; no more may be."""
        return 0

    def tell(self, trial: Trial) -> None:
        """What came of a trial: for those that learn, in order of the trials' numbers."""


class Fresh(Proposer):
    """Trials that are drawn, none of them twice."""

    def __init__(self, spaces: Spaces, seed: int, expected: int) -> None:
        super().__init__(spaces, seed, expected)
        self._count = cube.points(spaces)
        self._seen: set[bytes] = set()

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        if len(self._seen) >= self._count:
            return known
        found = next((values for values in self._draws(k) if not self.is_seen(values)), None)
        values = known if known is not None else self.anything(k) if found is None else found
        self.saw(values)
        return values

    def places(self, k: int) -> Iterator[Floats]:
        """Where trial k may lie in the unit cube, the first one the method's own choice."""
        raise NotImplementedError

    def _draws(self, k: int) -> Iterator[Values]:
        for place in itertools.islice(self.places(k), MOST_DRAWS):
            yield cube.values_at(self.spaces, place)

    def is_seen(self, values: Values) -> bool:
        return math.isfinite(self._count) and cube.mark(values) in self._seen

    def saw(self, values: Values) -> None:
        if math.isfinite(self._count):
            self._seen.add(cube.mark(values))

    def anything(self, k: int) -> Values:
        """Any setting that was not tried, each as likely."""
        if self._count <= MOST_LISTED:
            left = [values for values in product(self.spaces) if not self.is_seen(values)]
            return left[int(next(random_places(self.seed, k, 1))[0] * len(left))]
        places = random_places(self.seed, k, len(self.spaces))
        return next(
            values for place in places if not self.is_seen(values := cube.values_at(self.spaces, place))
        )


def product(spaces: Spaces) -> Iterator[Values]:
    """All settings of finite spaces, the first search slowest."""
    for values in itertools.product(*(finite_values(space) for space in spaces.values())):
        yield dict(zip(spaces, values, strict=True))


def finite_values(space: Space) -> tuple[Any, ...]:
    """All values of a finite space; of a range as well where its ends are one."""
    return (float(space.low),) if not space.is_finite and space.low == space.high else space.grid()


def random_places(seed: int, k: int, sides: int) -> Iterator[Floats]:
    """Places in the unit cube that are trial k's own, without end.

    Philox's words themselves, which are fixed, make the numbers, as NumPy's `Generator` may change (NEP 19).
    """
    generator = np.random.Philox(key=stream_key(seed, "trial"), counter=[0, 0, 0, k])
    while True:
        yield unit(generator.random_raw(sides))


def unit(words: Any) -> Floats:
    """Words of 64 bits as numbers from 0 up to 1: their upper 53 bits."""
    return (np.asarray(words, np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53
