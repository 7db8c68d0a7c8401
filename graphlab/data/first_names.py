"""First names: those of resources/data/names.txt, and invented ones of four languages that nobody speaks."""

from __future__ import annotations

import functools
import string
from typing import NamedTuple

import numpy as np

from ..errors import DataError
from ..ops.catalogue import Bounds
from ..ops.context import stream
from ..resources import resource
from .batches import shuffled
from .tasks import NOTHING, Rows, one_late, padded, sequence_task, to_write

LONGEST = 15
CHARACTERS = (NOTHING, "-", *string.ascii_lowercase)
INVENTED = 12


class Tongue(NamedTuple):
    """How an invented language makes names: a beginning, a vowel, so many times what is between, and an end."""

    name: str
    begin: tuple[str, ...]
    vowels: tuple[str, ...]
    middle: tuple[str, ...]
    end: tuple[str, ...]


TONGUES = (
    Tongue(
        "Aluin",
        ("l", "el", "al", "m", "n", "il", "s"),
        ("a", "e", "i", "ie", "ua"),
        ("l", "ll", "n", "r", "v", "m"),
        ("a", "iel", "ua", "in", "ea"),
    ),
    Tongue(
        "Gorsk",
        ("g", "kr", "gr", "dr", "b", "st", "v"),
        ("o", "u", "a", "o", "e"),
        ("rk", "g", "rd", "zg", "k", "sk"),
        ("ok", "ug", "ar", "ets", "olf"),
    ),
    Tongue(
        "Takimo",
        ("t", "k", "m", "sh", "h", "n", "y"),
        ("a", "i", "u", "e", "o"),
        ("k", "m", "sh", "r", "t", "n"),
        ("o", "u", "iko", "ami", "eo"),
    ),
    Tongue(
        "Brenwy",
        ("br", "gw", "c", "rh", "dd", "p", "ll"),
        ("e", "y", "ae", "a", "w"),
        ("n", "nn", "dd", "th", "r", "fr"),
        ("wyn", "eth", "ys", "och", "edd"),
    ),
)


@functools.cache
def first_names() -> tuple[str, ...]:
    """The 8,422 names, in lower case and alphabetical order. DataError when the installation has lost them."""
    try:
        text = resource("data", "names.txt").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The names cannot be read: {error}.", hint="Install graphlab again.") from error
    return tuple(text.lower().split())


@sequence_task("names", "First names", "generator", samples=8422, outputs=("x", "target", "lengths"))
def names(samples: int, seed: int) -> Rows:
    """First names that are in use in English-speaking countries, letter by letter: which letter comes next?

    x (samples, 16) begins with 0 and goes on with the name; target (samples, 16) is the name, and the 0 that ends it.
    A seed chooses the order in which the 8,422 names come.
    """
    every = first_names()
    chosen = [every[k] for k in shuffled(len(every), seed, "names")[:samples]]
    found, lengths = padded(chosen, CHARACTERS, LONGEST + 1)
    target = to_write(found, lengths)
    return Rows(one_late(target), target, lengths + 1, alphabet=CHARACTERS, classes=CHARACTERS)


@sequence_task("languages", "Languages of names", "encoder", samples=4000, symbols=Bounds(4, 2, 4))
def languages(samples: int, symbols: int, seed: int) -> Rows:
    """Invented names of languages that nobody speaks, made by their rules: of which is it, by the look of it?

    x (samples, 12): letters, 0 past the end. target (samples,): one of the first `symbols` languages. The rules
    share letters and syllables, and one letter in twelve is another than they say: not every name gives itself away.
    """
    rng = stream(seed, "languages")
    target = np.arange(samples) % symbols
    made = [_invented(rng, TONGUES[k]) for k in target.tolist()]
    x, lengths = padded(made, CHARACTERS, INVENTED)
    return Rows(
        x, target, lengths, alphabet=CHARACTERS, classes=tuple(tongue.name for tongue in TONGUES[:symbols])
    )


def _invented(rng: np.random.Generator, tongue: Tongue) -> str:
    """One name by the rules of a language, a few of its letters replaced."""
    parts = [_one(rng, tongue.begin), _one(rng, tongue.vowels)]
    for _ in range(int(rng.integers(0, 2, endpoint=True))):
        parts += [_one(rng, tongue.middle), _one(rng, tongue.vowels)]
    word = ("".join(parts) + _one(rng, tongue.end))[:INVENTED]
    strange = rng.random(len(word)) < 1 / 12
    return "".join(
        _one(rng, tuple(string.ascii_lowercase)) if odd else letter
        for letter, odd in zip(word, strange.tolist(), strict=True)
    )


def _one(rng: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(rng.integers(len(of)))]
