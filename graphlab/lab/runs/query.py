"""The little language of the filter: `lr<0.01 tag:good acc>0.9 adam -interrupted`.

Every word must hold. A word alone is looked for in name, graph, state, optimizer, tags and note; `column<number`
compares (also `<=`, `>`, `>=`, `=`, `!=`); `column:text` looks for a text in one column; `-` before a word turns it
round; quotes keep spaces together. A number may end in % (`acc>90%`); a column is meant by how it begins.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from ...errors import ConditionError
from .columns import Column, column_for, columns_of
from .kept import KeptRun

Test = Callable[[KeptRun], bool]
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
_TERM = re.compile(r"(-?)([^\W\d]\w*)(<=|>=|!=|==|<|>|=|:|≤|≥|≠)(.*)", re.DOTALL)
EVERYWHERE = ("name", "graph", "state", "optimizer", "tags", "note")
LONGEST = 500


def matching(runs: Sequence[KeptRun], text: str) -> list[KeptRun]:
    """The runs that a filter lets through, in their order. ConditionError when it cannot be understood."""
    tests = understood(text, runs)
    return [run for run in runs if all(test(run) for test in tests)]


def understood(text: str, runs: Sequence[KeptRun]) -> list[Test]:
    """What every run has to pass. ConditionError."""
    if len(text) > LONGEST:
        raise ConditionError(f"A filter of {len(text):,} letters is too long.", hint=f"{LONGEST} fit.")
    try:
        words = shlex.split(text, posix=True)
    except ValueError:
        words = text.replace('"', " ").replace("'", " ").split()  # a quote that is still being typed
    return [_test(word, runs) for word in words]


def _test(word: str, runs: Sequence[KeptRun]) -> Test:
    found = _TERM.fullmatch(word)
    if found is None:
        turned = word.startswith("-") and len(word) > 1
        return _turned(_anywhere(word.removeprefix("-") if turned else word), turned)
    minus, name, sign, value = found.groups()
    column = column_for(name, runs)
    if column is None:
        known = [c.key for c in columns_of(runs)]
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        raise ConditionError(f"Runs have no '{name}'.", hint=hint)
    return _turned(_one(column, sign, value.strip()), bool(minus))


def _turned(test: Test, turned: bool) -> Test:
    return (lambda run: not test(run)) if turned else test


def _anywhere(word: str) -> Test:
    text = word.casefold()

    def holds(run: KeptRun) -> bool:
        values = (run.name, run.head.graph, run.state, run.training.get("optimizer", ""), run.labels.note)
        return any(text in str(value).casefold() for value in (*values, " ".join(run.labels.tags)))

    return holds


def _one(column: Column, sign: str, value: str) -> Test:
    if column.key == "tags" and sign in (":", "=", "==", "!=", "≠"):
        return _tagged(sign, value.casefold())
    number = _number(value)
    if sign == ":" or (number is None and sign in ("=", "==", "!=", "≠")):
        return _text(column, sign, value.casefold())
    if number is None or column.is_text:
        what = f"'{value}' is no number" if not column.is_text else f"{column.title} is no number"
        raise ConditionError(
            f"{column.title}{sign}{value}: {what}.", hint=f"Write {column.key}:{value or 'text'}."
        )
    compare = COMPARISONS[sign]

    def holds(run: KeptRun) -> bool:
        found = column.value(run)
        if isinstance(found, str):
            return False
        return not math.isnan(found) and bool(compare(found, number))

    return holds


def _tagged(sign: str, tag: str) -> Test:
    """Whole tags: good is not goodish. Nothing after the sign: any tag at all."""

    def holds(run: KeptRun) -> bool:
        tags = [each.casefold() for each in run.labels.tags]
        return (tag in tags if tag else bool(tags)) != (sign in ("!=", "≠"))

    return holds


def _text(column: Column, sign: str, text: str) -> Test:
    def holds(run: KeptRun) -> bool:
        found = column.value(run)
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
