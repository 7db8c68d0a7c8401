"""JSON from a file that may be hostile: no deep nesting, no duplicate keys, no NaN, no text that cannot be saved."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from ..errors import BrokenFileError, TooLargeError

DEEPEST = 64
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(data: bytes, what: str) -> Any:
    """The value in JSON bytes; `what` names them in messages.

    Raises:
        BrokenFileError: it is not JSON, or JSON that means different things to different readers.
        TooLargeError: it is nested deeper than any document.
    """
    _check_depth(data, what)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_moderate,
        )
        if _SURROGATE.search(data):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:  # UnicodeError and JSONDecodeError are ValueErrors
        raise BrokenFileError(f"{what} is not valid JSON: {_reason(error)}.", hint=_HINT) from error
    return value


_HINT = "It may be damaged, or not a graphlab file."


def _check_depth(data: bytes, what: str) -> None:
    """Before the parser sees it, which would recurse that deep."""
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise TooLargeError(f"{what} is nested more than {DEEPEST} levels deep.", hint=_HINT)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:40]!r} is there twice")
    return found


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is too large")
    return value


def _moderate(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"{text[:40]} is too large")
    return int(text)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it holds bytes that are no text"
    return str(error).rstrip(".")
