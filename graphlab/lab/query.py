"""The little language of filters: `lr<0.01 tag:good acc>0.9 adam -interrupted`.

Every word must hold. A word alone is looked for in every text that tells what a row is; `column<number` compares (also
`<=`, `>`, `>=`, `=`, `!=`); `column:text` looks for a text in one column; `-` before a word turns it round; quotes
keep spaces together. A number may end in % (`acc>90%`); a column is meant by how it begins.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..errors import ConditionError
from .columns import Column

T = TypeVar("T")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
    "=": operator.eq,
    "≤": operator.le,
    "≥": operator.ge,
    "≠": operator.ne,
}
_TERM = re.compile(r"(-?)([^\W\d][\w./ -]*)(<=|>=|!=|==|<|>|=|:|≤|≥|≠)(.*)", re.DOTALL)
LONGEST = 500


@dataclass(frozen=True)
class Words(Generic[T]):
    """What a filter may say of rows of one kind.

    noun: what they are called ("Runs"). column: the one that a word means, None for none. known: the keys of all.
    texts: those that a word alone is looked for in. lists: columns of whole words, such as tags.
    """

    noun: str
    column: Callable[[str], Column[T] | None]
    known: Sequence[str]
    texts: Callable[[T], Iterable[str]]
    lists: Sequence[str] = ()


def matching(rows: Sequence[T], text: str, words: Words[T]) -> list[T]:
    """The rows that a filter lets through, in their order. ConditionError when it cannot be understood."""
    tests = understood(text, words)
    return [row for row in rows if all(test(row) for test in tests)]


def understood(text: str, words: Words[T]) -> list[Callable[[T], bool]]:
    """What every row has to pass. ConditionError."""
    if len(text) > LONGEST:
        raise ConditionError(f"A filter of {len(text):,} letters is too long.", hint=f"{LONGEST} fit.")
    try:
        parts = shlex.split(text, posix=True)
    except ValueError:
        parts = text.replace('"', " ").replace("'", " ").split()  # a quote that is still being typed
    return [_test(part, words) for part in parts]


def _test(word: str, words: Words[T]) -> Callable[[T], bool]:
    found = _TERM.fullmatch(word)
    if found is None:
        turned = word.startswith("-") and len(word) > 1
        return _turned(_anywhere(word.removeprefix("-") if turned else word, words), turned)
    minus, name, sign, value = found.groups()
    column = words.column(name)
    if column is None:
        near = difflib.get_close_matches(name, words.known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(words.known)}."
        raise ConditionError(f"{words.noun} have no '{name}'.", hint=hint)
    if column.key in words.lists and sign in (":", "=", "==", "!=", "≠"):
        return _turned(_listed(column, sign, value.strip().casefold()), bool(minus))
    return _turned(_one(column, sign, value.strip()), bool(minus))


def _turned(test: Callable[[T], bool], turned: bool) -> Callable[[T], bool]:
    return (lambda row: not test(row)) if turned else test


def _anywhere(word: str, words: Words[T]) -> Callable[[T], bool]:
    text = word.casefold()
    return lambda row: any(text in str(each).casefold() for each in words.texts(row))


def _one(column: Column[T], sign: str, value: str) -> Callable[[T], bool]:
    number = _number(value)
    if sign == ":" or (number is None and sign in ("=", "==", "!=", "≠")):
        return _text(column, sign, value.casefold())
    if number is None or column.is_text:
        what = f"'{value}' is no number" if not column.is_text else f"{column.title} is no number"
        raise ConditionError(
            f"{column.title}{sign}{value}: {what}.", hint=f"Write {column.key}:{value or 'text'}."
        )
    compare = COMPARISONS[sign]

    def holds(row: T) -> bool:
        found = column.value(row)
        if isinstance(found, str):
            return False
        return not math.isnan(found) and bool(compare(found, number))

    return holds


def _listed(column: Column[T], sign: str, word: str) -> Callable[[T], bool]:
    """Whole words: good is not goodish. Nothing after the sign: any word at all."""

    def holds(row: T) -> bool:
        found = str(column.value(row)).casefold().split()
        return (word in found if word else bool(found)) != (sign in ("!=", "≠"))

    return holds


def _text(column: Column[T], sign: str, text: str) -> Callable[[T], bool]:
    def holds(row: T) -> bool:
        found = column.value(row)
        told = found.casefold() if isinstance(found, str) else str(found).casefold()
        if sign == ":":
            return text in told
        return (told == text) != (sign in ("!=", "≠"))

    return holds


def _number(text: str) -> float | None:
    clean = text.replace("−", "-")
    try:
        value = float(clean.removesuffix("%")) / (100 if clean.endswith("%") else 1)
    except ValueError:
        return None
    return value if not math.isnan(value) else None
