"""Texts that a network writes character by character: what it thinks comes next, and how one of that is drawn.

Chance is a function here too: which character is drawn at a place depends on the seed, the place and the scores alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.language import of_row, scores_at
from ..errors import DataError, ParamError
from ..ops.context import stream_key

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Read = Callable[["Writing"], Array]  # what the network gives for a text

LONGEST = 100_000
COLDEST, HOTTEST = 0.0, 10.0
BEGINS = ("\n", " ")  # what a text without a prompt goes on from, where there is one


@dataclass(frozen=True)
class Manner:
    """How the next character is drawn from what the network thinks of each.

    temperature: scores are divided by it; below 1 the likely become likelier, 0 takes the likeliest. top_k: only so
    many of the likeliest are drawn from; 0 for all. top_p: only from the fewest likeliest that have this share
    together (nucleus sampling, Holtzman et al. 2020, "The curious case of neural text degeneration"). The temperature
    comes first, then top_k, then top_p.

    ParamError for what cannot be.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not COLDEST <= self.temperature <= HOTTEST:
            raise ParamError(
                f"A temperature of {self.temperature:g} cannot be.",
                hint="Take 0 for the likeliest, 1 as the network says, at most 10.",
            )
        if self.top_k < 0:
            raise ParamError(
                f"top_k cannot be {self.top_k}.", hint="Take 0 for all characters, or 1 or more."
            )
        if not 0 < self.top_p <= 1:
            raise ParamError(f"top_p cannot be {self.top_p:g}.", hint="It is a share above 0, at most 1.")
        if self.seed < 0:
            raise ParamError(f"The seed cannot be {self.seed}.", hint="Take a whole number from 0 on.")

    def chances(self, scores: Any) -> Floats:
        """The probability with which each character is drawn. DataError where a score is not a number."""
        given = np.asarray(scores, np.float64)
        if not np.isfinite(given).all():
            raise DataError(
                "The scores of the next character are not finite.", hint="Train with a smaller lr."
            )
        if self.temperature == 0:
            found = np.zeros(len(given))
            found[given.argmax()] = 1.0
            return found
        found = softmax(given / self.temperature)
        order = np.argsort(-found, kind="stable")
        if 0 < self.top_k < len(order):
            found[order[self.top_k :]] = 0.0
        if self.top_p < 1:
            before = np.cumsum(found[order]) / found.sum()
            found[order[1:][before[:-1] >= self.top_p]] = 0.0
        shares: Floats = found / found.sum()
        return shares

    def draw(self, chances: Floats, place: int) -> int:
        """The character that is drawn at a place of the text."""
        word = np.random.Philox(key=stream_key(self.seed, "sample"), counter=[0, 0, 0, place]).random_raw()
        along = np.cumsum(chances)
        found = int(np.searchsorted(along, (word >> 11) * 2.0**-53 * along[-1], side="right"))
        return min(found, int(np.flatnonzero(chances)[-1]))


def softmax(scores: Floats) -> Floats:
    found = np.exp(scores - scores.max())
    return np.asarray(found / found.sum())


@dataclass(frozen=True)
class Writing:
    """A text under way: the characters of the prompt, and what was written after it. Going on makes another.

    alphabet: the characters by number. length: how many the network reads at once; of a longer text it reads the end.
    chances: of each character at the place of the last one written, as the network says them; None at first.
    """

    alphabet: tuple[str, ...]
    length: int
    prompt: tuple[int, ...] = ()
    written: tuple[int, ...] = ()
    manner: Manner = field(default_factory=Manner)
    chances: Floats | None = None

    @property
    def text(self) -> str:
        """What was written, without the prompt."""
        return "".join(self.alphabet[k] for k in self.written)

    @property
    def place(self) -> int:
        """After which place of the row the next character comes."""
        return min(len(self.seen), self.length) - 1

    def row(self, filled: bool = False) -> Array:
        """1×length, what the network is to read: the end of the text.

        A text that is shorter stands at the beginning of the row, as rows of training began: what stands behind it is
        not looked at. `filled`, for a network that looks at whole rows: at its end, behind as many first characters.
        """
        seen = self.seen[-self.length :]
        rest = (self._begin,) * (self.length - len(seen))
        return np.array([(*rest, *seen) if filled else (*seen, *rest)], np.int64)

    def scores(self, given: Array, filled: bool = False) -> Floats:
        """Of what the network gives for `row`, the scores of the next character. DataError."""
        place = self.length - 1 if filled else self.place
        return scores_at(given, place, self.length, len(self.alphabet))

    def going_on(self, given: Array, filled: bool = False) -> Writing:
        """The text with one character more, of what the network gives for `row`. DataError."""
        scores = self.scores(given, filled)
        drawn = self.manner.draw(self.manner.chances(scores), len(self.written))
        return replace(self, written=(*self.written, drawn), chances=softmax(scores))

    @property
    def _begin(self) -> int:
        return next((self.alphabet.index(c) for c in BEGINS if c in self.alphabet), 0)

    @property
    def seen(self) -> tuple[int, ...]:
        """All that stands before the next character."""
        return (*(self.prompt or (self._begin,)), *self.written)


def write(read: Read, start: Writing, count: int, until: str = "", filled: bool = False) -> Iterator[Writing]:
    """The text with one character more, again and again: `count` in all, or until the text `until` was written.

    Raises:
        DataError: the scores are not those of the next character. ParamError: nobody waits for so many.
    """
    if not 0 <= count <= LONGEST:
        raise ParamError(f"{count:,} characters cannot be written.", hint=f"Take up to {LONGEST:,}.")
    now = start
    for _ in range(count):
        now = now.going_on(read(now), filled)
        yield now
        if until and now.text.endswith(until):
            return


def probes(length: int) -> Array:
    """2×length: two rows that are the same up to their middle, to find out whether a network looks ahead."""
    rows = np.zeros((2, length), np.int64)
    rows[1, length // 2 :] = 1
    return rows


def looks_ahead(scores: Array, length: int, count: int) -> bool:
    """Whether what the network says at a place changes with what comes after it: then it cannot write.

    scores: what it gives for `probes`. DataError where they are not those of `count` characters.
    """
    if length < 2 or count < 2:
        return False
    at = length // 2 - 1
    first, second = (scores_at(of_row(scores, k, 2), at, length, count) for k in range(2))
    return not np.allclose(first, second, rtol=1e-4, atol=1e-5)


AHEAD = "This network has seen the next character before it says it: it cannot write."
NOT_AHEAD = "Let no layer read backwards (bidirectional, reverse), and give attention a causal mask."
