"""Which unit of a network follows what in a text: how its values go with line ends, quotes, vowels and the like.

After Karpathy, Johnson and Fei-Fei 2015, "Visualizing and understanding recurrent networks".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

VOWELS = "aeiouäöüáéíóúàèìòùâêîôûåæøAEIOUÄÖÜÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÅÆØ"
OPENS, CLOSES = "([{", ")]}"
_SIGNS: dict[str, Callable[[str], Floats]] = {}


def _sign(name: str) -> Callable[[Callable[[str], Floats]], Callable[[str], Floats]]:
    """The function gives a number for each character of a text: 1 where something holds, mostly."""

    def known(of: Callable[[str], Floats]) -> Callable[[str], Floats]:
        _SIGNS[name] = of
        return of

    return known


def _where(text: str, holds: Callable[[str], bool]) -> Floats:
    return np.fromiter((holds(c) for c in text), np.float64, len(text))


def _letters(text: str) -> Floats:
    return _where(text, str.isalpha)


@_sign("line ends")
def _line_ends(text: str) -> Floats:
    return _where(text, "\n".__eq__)


@_sign("last letters of words")
def _word_ends(text: str) -> Floats:
    letters = _letters(text)
    return letters * (1 - np.append(letters[1:], letters[-1:]))


@_sign("first letters of words")
def _word_begins(text: str) -> Floats:
    letters = _letters(text)
    return letters * (1 - np.append(np.zeros(1), letters[:-1]))


@_sign("vowels")
def _vowels(text: str) -> Floats:
    return _where(text, VOWELS.__contains__)


@_sign("spaces")
def _spaces(text: str) -> Floats:
    return _where(text, " \t".__contains__)


@_sign("capitals")
def _capitals(text: str) -> Floats:
    return _where(text, str.isupper)


@_sign("digits")
def _digits(text: str) -> Floats:
    return _where(text, str.isdigit)


@_sign("punctuation")
def _punctuation(text: str) -> Floats:
    return _where(text, lambda c: not c.isalnum() and not c.isspace())


@_sign("inside quotes")
def _quotes(text: str) -> Floats:
    found, inside = np.zeros(len(text)), False
    for k, character in enumerate(text):
        if character in '"“”«»':
            inside = character in "“«" if character != '"' else not inside
        found[k] = inside
    return found


@_sign("inside brackets")
def _brackets(text: str) -> Floats:
    steps = np.fromiter(((c in OPENS) - (c in CLOSES) for c in text), np.float64, len(text))
    depth: Floats = np.cumsum(steps)
    return np.maximum(depth, 0)


@_sign("place in the word")
def _in_word(text: str) -> Floats:
    return _since(_letters(text) == 0)


@_sign("place in the line")
def _in_line(text: str) -> Floats:
    return _since(_line_ends(text) == 1)


def _since(breaks: npt.NDArray[np.bool_]) -> Floats:
    """How many characters ago the last break was; 0 at one, and everywhere without any."""
    if not breaks.any():
        return np.zeros(len(breaks))
    places = np.arange(len(breaks))
    last = np.maximum.accumulate(np.where(breaks, places, -1))
    return np.asarray(places - last, np.float64)


@dataclass(frozen=True, eq=False)
class Tracks:
    """How each unit goes with each sign of a text. `along`: (signs, units), correlations from −1 to 1.

    Signs that are the same all through the text are left out; a unit that is, has 0.
    """

    signs: tuple[str, ...]
    along: Floats

    def ranked(self, sign: str = "") -> list[tuple[int, str, float]]:
        """(unit, sign, correlation), the closest first: of one sign, or of each unit's closest."""
        if not self.signs or not self.along.size:
            return []
        units = np.arange(self.along.shape[1])
        if sign in self.signs:
            best = np.full(len(units), self.signs.index(sign))
        else:
            best = np.abs(self.along).argmax(axis=0)
        found = self.along[best, units]
        order = np.argsort(-np.abs(found), kind="stable")
        return [(int(k), self.signs[best[k]], float(found[k])) for k in order]


def tracks(values: npt.ArrayLike, text: str) -> Tracks:
    """Of values (characters, units) at each character of a text: Pearson's correlation with each sign."""
    states = np.asarray(values, np.float64)
    states = np.where(np.isfinite(states), states, 0.0)
    given = {name: of(text) for name, of in _SIGNS.items()} if text else {}
    there = {name: sign for name, sign in given.items() if np.ptp(sign) > 0}
    if not there:
        return Tracks((), np.zeros((0, states.shape[1] if states.ndim == 2 else 0)))
    return Tracks(tuple(there), _unit(np.stack(list(there.values()))) @ _unit(states.T).T)


def _unit(rows: Floats) -> Floats:
    """Each row with mean 0 and length 1; 0 where it never changes."""
    apart = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt((apart * apart).sum(axis=1, keepdims=True))
    least = 1e-9 * (1 + np.abs(rows).max(axis=1, keepdims=True, initial=0))
    unit: Floats = np.divide(apart, length, out=np.zeros_like(apart), where=length > least)
    return unit
