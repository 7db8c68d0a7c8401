"""Predict first: a filter, and four pictures of which one is what it makes. No two of them look alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops.context import stream
from .filter_bench import NAMED, Named, applied, flipped, is_balanced, shade

Floats = npt.NDArray[np.float64]

ANSWERS = 4
APART = 0.08  # root mean square of the difference of two answers, of the way from black to white
NEARBY = (
    3  # pixels by which pictures are moved against each other: a picture that is only shifted looks alike
)
TURNED = {  # what they do, and why, when they are turned by half
    "Sobel x": (
        "answers to vertical edges: plus where it gets darker to the right, minus where it gets brighter",
        "columns of opposite sign that sum to 0, the plus at the left",
    ),
    "Sobel y": (
        "answers to horizontal edges: plus where it gets darker downwards, minus where it gets brighter",
        "rows of opposite sign that sum to 0, the plus at the top",
    ),
    "Diagonal": (
        "answers to edges that run from top left to bottom right, with the other sign",
        "the corners top right and bottom left have opposite signs, the minus at the top right",
    ),
    "Emboss": (
        "makes a relief, lit from the other corner",
        "plus in the corner top left, minus in the other, and 1 in the middle keeps the picture",
    ),
    "Shift": (
        "moves the picture to the left",
        "a single 1 at the right: each pixel becomes its neighbour at the right",
    ),
}
WIDER = ("Box blur", "Streak", "Laplacian")


@dataclass(frozen=True)
class Choice:
    """A filter that may be asked about, its numbers, and what it makes of the picture; seen: as grey from 0 to 1."""

    name: str
    says: str
    why: str
    kernel: Floats
    result: Floats
    seen: Floats


@dataclass(frozen=True)
class Question:
    """Which of the choices is what the filter of `choices[right]` makes?"""

    choices: tuple[Choice, ...]
    right: int

    @property
    def kernel(self) -> Floats:
        return self.choices[self.right].kernel

    def verdict(self, answer: int) -> str:
        """Right or wrong, and why."""
        wanted, given = self.choices[self.right], self.choices[answer]
        if answer == self.right:
            return f"Right, {wanted.name}: {wanted.why}."
        return (
            f"No, {answer + 1} is made by {given.name}, which {given.says.partition(':')[0]}. "
            f"This is {wanted.name}: {wanted.why}. It makes {self.right + 1}."
        )


def apart(a: Floats, b: Floats) -> float:
    """How different two pictures look: the root mean square of their difference where they are moved to fit best."""
    height, width = a.shape[-2:]
    reach = min(NEARBY, (min(height, width) - 1) // 2)
    middle = a[:, reach : height - reach, reach : width - reach]
    found = []
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            moved = b[:, down : down + middle.shape[1], right : right + middle.shape[2]]
            found.append(float(np.sqrt(((middle - moved) ** 2).mean())))
    return min(found)


class Quiz:
    """Questions about one picture. Each filter is asked about once before any is asked again."""

    def __init__(self, picture: Floats, seed: int = 0, size: int = 3) -> None:
        """DataError where the picture has too little in it for four different answers."""
        self._rng = stream(seed, "filter quiz")
        self._pool = tuple(_pool(picture, size))
        self._apart = _table(self._pool)
        self._askable = [k for k in range(len(self._pool)) if self._others(k) is not None]
        if not self._askable:
            raise DataError(
                "Too little happens in this picture: several filters make the same of it.",
                hint="Choose another picture, or a larger filter.",
            )
        self._left: list[int] = []

    def ask(self) -> Question:
        """The next question."""
        if not self._left:
            self._left = [int(k) for k in self._rng.permutation(self._askable)]
        asked = self._left.pop()
        others = self._others(asked)
        assert others is not None  # only such are asked about
        places = [int(k) for k in self._rng.permutation([asked, *others])]
        return Question(tuple(self._pool[k] for k in places), places.index(asked))

    def _others(self, asked: int) -> list[int] | None:
        """Three that look different from it and from each other; None where there are not so many."""
        found = [asked]
        for k in self._rng.permutation(len(self._pool)).tolist():
            if all(self._apart[k, other] >= APART for other in found):
                found.append(int(k))
            if len(found) == ANSWERS:
                return found[1:]
        return None


def _pool(picture: Floats, size: int) -> Iterator[Choice]:
    """Every filter, some of them turned or larger as well."""
    for each in NAMED:
        yield _choice(picture, each, each.name, each.of(size))
        if each.name in TURNED:
            yield _choice(picture, each, f"{each.name}, turned", flipped(each.of(size)))
        if each.name in WIDER and size < 7:
            yield _choice(picture, each, f"{each.name} of 7×7", each.of(7))


def _choice(picture: Floats, each: Named, name: str, kernel: Floats) -> Choice:
    result = applied(picture, kernel, "repeat")
    says, why = TURNED[each.name] if name.endswith("turned") else (each.says, each.why)
    return Choice(name, says, why, kernel, result, shade(result, kernel))


def _table(pool: tuple[Choice, ...]) -> Floats:
    """(filters, filters) how different the results look, on thinned pictures where they are large."""
    made = np.zeros((len(pool), len(pool)))
    step = max(1, max(pool[0].seen.shape[-2:]) // 96)
    seen = [choice.seen[:, ::step, ::step] for choice in pool]
    for i in range(len(pool)):
        for j in range(i):
            same = is_balanced(pool[i].kernel) == is_balanced(pool[j].kernel)
            made[i, j] = made[j, i] = apart(seen[i], seen[j]) if same else _plainly_apart(seen[i], seen[j])
    return made


def _plainly_apart(a: Floats, b: Floats) -> float:
    """Without moving: one is a picture, the other is grey with lines."""
    return float(np.sqrt(((a - b) ** 2).mean()))
