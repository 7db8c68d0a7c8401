"""Sequence tasks with words: each step gets an answer, or another word is written."""

from __future__ import annotations

import string
from datetime import date, timedelta

import numpy as np

from ..ops.catalogue import Bounds
from ..ops.context import stream
from .targets import NONE
from .tasks import (
    NOTHING,
    SHORTEST,
    WRITTEN,
    Rows,
    lengths_of,
    one_late,
    padded,
    sequence_task,
    to_write,
)

LETTERS = tuple(string.ascii_lowercase)
VOWELS = frozenset("aeiou")
KINDS = ("vowel", "consonant", "digit", "sign")
SIGNS = ".,;:!?-"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)


@sequence_task(
    "reverse",
    "Reverse a word",
    "encoder-decoder",
    samples=20_000,
    outputs=WRITTEN,
    length=Bounds(10, 1, 100),
    shortest=SHORTEST,
    symbols=Bounds(26, 2, 26),
)
def reverse(samples: int, length: int, shortest: int, symbols: int, seed: int) -> Rows:
    """A word of random letters is to be written from its end to its beginning.

    x (samples, length): letters are 1 to `symbols`, 0 past the end. target (samples, length + 1): the letters the
    other way round, and 0, which ends them.
    """
    rng = stream(seed, "reverse")
    lengths = lengths_of(rng, samples, length, shortest)
    steps = np.arange(length + 1)
    said = rng.integers(1, symbols, (samples, length + 1), endpoint=True)
    x = said * (steps < lengths[:, None])
    back = np.take_along_axis(x, np.maximum(lengths[:, None] - 1 - steps, 0), axis=1)
    target = to_write(np.where(steps < lengths[:, None], back, 0), lengths)
    alphabet = (NOTHING, *LETTERS[:symbols])
    return Rows(x[:, :length], target, lengths, one_late(target), alphabet, alphabet)


@sequence_task(
    "addition", "Addition", "encoder-decoder", samples=8000, outputs=WRITTEN, length=Bounds(2, 1, 6)
)
def addition(samples: int, length: int, seed: int) -> Rows:
    """A sum such as 12+7= is to be worked out, digit by digit: 19.

    Two numbers of up to `length` digits: x (samples, 2·length + 2), target (samples, length + 2) with the 0 that ends
    it. After Zaremba and Sutskever 2014.
    """
    numbers = stream(seed, "addition").integers(0, 10**length, (samples, 2)).tolist()
    alphabet = (NOTHING, *string.digits, "+", "=")
    x, lengths = padded([f"{a}+{b}=" for a, b in numbers], alphabet, 2 * length + 2)
    target = to_write(*padded([str(a + b) for a, b in numbers], alphabet, length + 2))
    return Rows(x, target, lengths, one_late(target), alphabet, alphabet)


@sequence_task("dates", "Dates", "encoder-decoder", samples=8000, outputs=WRITTEN)
def dates(samples: int, seed: int) -> Rows:
    """A date as people write it, such as 3 May 2021, is to be written as 2021-05-03.

    Of the years 1900 to 2099, in one of five ways: x (samples, 18), target (samples, 10).
    """
    rng = stream(seed, "dates")
    days = rng.integers(0, (LAST_DAY - FIRST_DAY).days, samples, endpoint=True).tolist()
    found = [FIRST_DAY + timedelta(days=day) for day in days]
    ways = rng.integers(0, 5, samples).tolist()
    texts = [_written(day, way) for day, way in zip(found, ways, strict=True)]
    alphabet = (NOTHING, *sorted({*"".join(MONTHS), *string.digits, *" ,./"}))
    x, lengths = padded(texts, alphabet, 18)
    classes = (NOTHING, "-", *string.digits)
    target, _ = padded([day.isoformat() for day in found], classes, 10)
    return Rows(x, target, lengths, one_late(target), alphabet, classes)


def _written(day: date, way: int) -> str:
    month = MONTHS[day.month - 1]
    return (
        f"{day.day} {month} {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.year}/{day.month}/{day.day}",
    )[way]


@sequence_task("kinds", "Kinds of characters", "transducer", length=Bounds(12, 1, 1000), shortest=SHORTEST)
def kinds(samples: int, length: int, shortest: int, seed: int) -> Rows:
    """Letters, digits and signs: of each is to be said whether it is a vowel, a consonant, a digit or a sign.

    x (samples, length), 0 past the end. target (samples, length), in which nothing is asked past the end.
    """
    rng = stream(seed, "kinds")
    characters = (*LETTERS, *string.digits, *SIGNS)
    lengths = lengths_of(rng, samples, length, shortest)
    there = np.arange(length) < lengths[:, None]
    x = rng.integers(1, len(characters), (samples, length), endpoint=True) * there
    of = np.array([NONE, *(_kind(character) for character in characters)])
    return Rows(x, of[x], lengths, alphabet=(NOTHING, *characters), classes=KINDS)


def _kind(character: str) -> int:
    if character in VOWELS:
        return 0
    return 1 if character.isalpha() else 2 if character.isdigit() else 3


@sequence_task(
    "brackets", "Depth of brackets", "transducer", length=Bounds(20, 1, 1000), symbols=Bounds(5, 2, 26)
)
def brackets(samples: int, length: int, symbols: int, seed: int) -> Rows:
    """Brackets open and close, with letters between them: of each step is to be said how many are open.

    x (samples, length): ( ) and two letters. target (samples, length): the depth after the step, 0 to symbols − 1. None
    is closed that is not open, and none is opened at the greatest depth.
    """
    rng = stream(seed, "brackets")
    wish, letter = rng.random((samples, length)), rng.integers(3, 5, (samples, length))
    x, target = np.zeros((samples, length), np.int64), np.zeros((samples, length), np.int64)
    depth = np.zeros(samples, np.int64)
    for step in range(length):
        opens = (wish[:, step] < 0.4) & (depth < symbols - 1)
        closes = (wish[:, step] > 0.6) & (depth > 0)
        x[:, step] = np.where(opens, 1, np.where(closes, 2, letter[:, step]))
        depth = depth + opens - closes
        target[:, step] = depth
    classes = tuple(str(k) for k in range(symbols))
    return Rows(x, target, np.full(samples, length), alphabet=(NOTHING, "(", ")", "x", "y"), classes=classes)
