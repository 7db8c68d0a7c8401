"""A space as text, and text as a space: what command line, files and tables write.

| text | space |
|---|---|
| `8,16,32` | a list: values in an order |
| `ReLU,Tanh` | a choice: words, or true and false, without an order |
| `0:0.1`, `range:0:0.1` | any number in between |
| `log:1e-4:1e-1` | the same, each factor as likely as another |
| `int:8:64`, `int:8:64:8` | whole numbers; the last is the step between them |
| `intlog:4:256` | whole numbers, small ones more often |

Words that read as something else stand in quotes as in JSON: `"8"`, `"a,b"`, `"true"`; `null` is no value. `list:` and
`choice:` in front say which of the two it is.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import SettingsError
from ..ops import freeze
from .sweep import Space

_RANGES = {"range": "range", "log": "log", "int": "integer", "integer": "integer", "intlog": "integer"}
_LISTS = ("list", "choice")
_INT = re.compile(r"[+-]?\d{1,4000}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_PLAIN = re.compile(r'[^\W\d][^,":()\\\x00-\x1f]*(?<!\s)')  # words that need no quotes
_TUPLE = re.compile(r"\(\s*[\w.+-]+(\s*,\s*[\w.+-]+)*\s*,?\s*\)")  # sizes along several axes, as one value
_VALUE = re.compile(rf'\s*("(?:[^"\\]|\\.)*"|{_TUPLE.pattern}|[^,"]*)\s*(,|$)')
_SAID = {"true": True, "false": False, "null": None}
_LIKE = "Write such as 8,16,32 or log:1e-4:1e-1 or int:8:64."


def parse_space(text: str) -> Space:
    """The space that a text says. SettingsError: it says none, or one that is empty."""
    text = text.strip()
    word, colon, rest = text.partition(":")
    if colon and word.strip().lower() in _RANGES:
        return _range(word.strip().lower(), rest, text)
    if colon and word.strip().lower() in _LISTS:
        return Space(word.strip().lower(), _values(rest))
    if colon and _NUMBER.fullmatch(word.strip()):
        return _range("range", text, text)
    if colon and _PLAIN.fullmatch(word.strip()):
        near = difflib.get_close_matches(word.strip().lower(), [*_RANGES, *_LISTS], n=1)
        raise SettingsError(
            f"There is no space '{word.strip()}'.", hint=f"Did you mean {near[0]}:{rest}?" if near else _LIKE
        )
    return _listed(_values(text))


def space_text(space: Space) -> str:
    """The text that says a space; `parse_space` reads the same space from it."""
    if space.kind in _LISTS:
        values = ",".join(map(value_text, space.values))
        return values if _listed(space.values).kind == space.kind else f"{space.kind}:{values}"
    ends = f"{_number(space.low)}:{_number(space.high)}"
    if space.kind == "integer":
        step = f":{space.step}" if space.step != 1 else ""
        return f"{'intlog' if space.log else 'int'}:{ends}{step}"
    return f"log:{ends}" if space.kind == "log" else ends


def as_space(values: Space | str | Sequence[Any]) -> Space:
    """A space as it is; of a text what it says; of values a list of numbers, else a choice. SettingsError."""
    if isinstance(values, Space):
        return values
    if isinstance(values, str):
        return parse_space(values)
    if not isinstance(values, Iterable):
        raise SettingsError(f"{values!r} is no space.", hint='Give several, such as [8, 16, 32] or "0:0.1".')
    return _listed(tuple(_told(value) for value in freeze(list(values))))


def value_text(value: Any) -> str:
    """A value as the text of a space has it: 0.001, ReLU, true, "8"."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return repr(value)
    return value if _is_plain(str(value)) else json.dumps(str(value), ensure_ascii=False)


def parse_value(text: str) -> Any:
    """The other way round: a number, true, false, null, or the text itself, out of quotes where it stands in them.

    SettingsError: the quotes do not end.
    """
    text = text.strip()
    if text in _SAID:
        return _SAID[text]
    if _INT.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        raise SettingsError(f"{text} does not end.", hint='Close the quotes, as in "a,b".') from None


def _told(value: Any) -> Any:
    """Sizes along several axes are a text, which a file can hold: "(3, 5)"."""
    return str(value) if isinstance(value, tuple) else value


def _listed(values: tuple[Any, ...]) -> Space:
    return Space("list" if all(map(_is_number, values)) else "choice", values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_plain(word: str) -> bool:
    return word not in _SAID and (bool(_PLAIN.fullmatch(word)) or bool(_TUPLE.fullmatch(word)))


def _values(text: str) -> tuple[Any, ...]:
    """The values of a list: between commas, of which those in quotes and brackets do not count."""
    if not text.strip():
        raise SettingsError("The space is empty: it has no values.", hint=_LIKE)
    found: list[Any] = []
    at, comma = 0, ","
    while comma:
        match = _VALUE.match(text, at)
        if match is None:
            raise SettingsError(f"'{text}' is no list of values.", hint='Close the quotes, as in "a,b".')
        if not match[1].strip():
            raise SettingsError(f"'{text}' has no value between two commas.", hint=_LIKE)
        found.append(parse_value(match[1]))
        at, comma = match.end(), match[match.re.groups]
    return tuple(found)


def _range(word: str, ends: str, text: str) -> Space:
    kind, parts = _RANGES[word], [part.strip() for part in ends.split(":")]
    most = 3 if kind == "integer" else 2
    if not 2 <= len(parts) <= most:
        raise SettingsError(f"'{text}' is no range.", hint=f"Write {_like(word)}.")
    for part in parts:
        if not _NUMBER.fullmatch(part):
            raise SettingsError(f"'{text}' is no range: '{part}' is no number.", hint=f"Write {_like(word)}.")
    low, high = (float(part) for part in parts[:2])
    if len(parts) == 2:
        return Space(kind, (), low, high, log=word == "intlog")
    step = float(parts[2])
    if not step.is_integer():
        raise SettingsError(f"A step of {parts[2]} gives no whole numbers.", hint="Write int:8:64:8.")
    return Space(kind, (), low, high, int(step), log=word == "intlog")


def _like(word: str) -> str:
    return {"range": "0:0.1", "log": "log:1e-4:1e-1", "intlog": "intlog:4:256"}.get(word, "int:8:64:8")


def _number(value: float) -> str:
    """A number with all its digits: 8, 0.0001."""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(float(value))
