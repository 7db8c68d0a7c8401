"""Param values as a person types them: "3, 3", "N, 2", "1/3", "[[1, pi], [3, 4]]". Reading runs nothing as Python."""

from __future__ import annotations

import json
import re
from typing import Any

from ...errors import ConditionError
from .. import numbers, typed

_LONGEST = 100_000
_PART = re.compile(r"[^\[\],\s][^\[\],]*")
_SIZE = re.compile(r"[A-Za-z_]\w*|-?\d+")


def read(kind: str, text: str, x: float | None = None) -> Any:
    """The value that `text` stands for, of a param of `kind` (see `ops.Param`). x: what stands there now, if a number.

    Raises:
        ValueError: the text is not of that form; the message says what it should look like.
    """
    text = text.strip().replace(numbers.MINUS, "-")
    if len(text) > _LONGEST:
        raise ValueError("That is too long to type here.")
    readers = {
        "int": lambda words: _whole(words, x),
        "float": lambda words: _number(words, x),
        "ints": _ints,
        "floats": _floats,
        "shape": _shape,
        "array": _array,
    }
    return readers[kind](text) if kind in readers else text


def write(kind: str, value: Any) -> str:
    """`value` in the form that `read` takes."""
    if value is None:
        return ""
    if kind == "text" or isinstance(value, str):
        return str(value)
    if isinstance(value, tuple) and kind in ("shape", "ints"):
        return ", ".join(str(size) for size in value)
    if isinstance(value, tuple) and kind == "floats":
        return ", ".join(write(kind, number) for number in value)
    if isinstance(value, tuple):
        return "[" + ", ".join(write(kind, part) for part in value) + "]"
    return numbers.exact(value)


def _whole(text: str, x: float | None) -> int:
    try:
        return int(text)
    except ValueError:
        value = _number(text, x, "Write a whole number.")
    if value != int(value):
        raise ValueError("Write a whole number.")
    return int(value)


def _number(
    text: str, x: float | None = None, words: str = "Write a number, such as 0.5, 1/3 or 1e−3."
) -> float:
    """A number or an expression. What is meant as one says what is wrong with it; else `words`."""
    try:
        return typed.number(text, x)
    except ConditionError as error:
        is_meant = any(sign in text for sign in "+*/()^") and any(c.isdigit() or c == "x" for c in text)
        raise ValueError(error.message if is_meant else words) from None


def _bare(text: str) -> str:
    return text[1:-1] if text[:1] in "([" and text[-1:] in ")]" and text else text


def _ints(text: str) -> int | str | tuple[int, ...]:
    if text.isidentifier():
        return text  # such as "same"; the param knows whether it takes it
    parts = [part for part in re.split(r"[,\s×]+", _bare(text).strip()) if part]
    try:
        whole = tuple(int(part) for part in parts)
    except ValueError:
        whole = ()
    if not whole:
        raise ValueError("Write a whole number, or several: 3 or 3, 5.")
    return whole[0] if len(whole) == 1 and "," not in text else whole


def _floats(text: str) -> float | tuple[float, ...]:
    parts = [part for part in re.split(r"[,\s×]+", _bare(text).strip()) if part]
    try:
        several = tuple(_number(part) for part in parts)
    except ValueError:
        several = ()
    if not several:
        raise ValueError("Write a number, or several: 1.5 or 1.5, 2.")
    return several[0] if len(several) == 1 and "," not in text else several


def _shape(text: str) -> tuple[int | str, ...]:
    parts = [part for part in re.split(r"[,\s×]+", _bare(text).strip()) if part]
    if not all(_SIZE.fullmatch(part) for part in parts):
        raise ValueError("Write sizes with commas between: N, 2.")
    return tuple(int(part) if part.lstrip("-").isdigit() else part for part in parts)


def _array(text: str) -> Any:
    if _is_expression(text):
        return _number(text, words="Write a number or nested rows: [[1, 2], [3, 4]].")
    clean = text.replace("(", "[").replace(")", "]")
    if not clean.startswith("[") and ("," in clean or " " in clean.strip()):
        clean = f"[{', '.join(clean.replace(',', ' ').split())}]"
    if clean.startswith("[") and clean.count("]") != clean.count("["):
        raise ValueError("A bracket is missing.")
    if re.match(r"\[[^\[]*\]\s*,", clean):
        clean = f"[{clean}]"
    try:
        return _tuples(json.loads(clean, parse_constant=_refuse))
    except (ValueError, RecursionError):
        pass
    try:
        return _tuples(json.loads(_PART.sub(_evaluated, clean), parse_constant=_refuse))
    except (ValueError, RecursionError):
        raise ValueError("Write a number or nested rows: [[1, 2], [3, 4]].") from None


def _is_expression(text: str) -> bool:
    """Whether it is one number that has to be worked out, such as sqrt(2)/4 or 1 / 3."""
    return (not any(sign in text for sign in ",[]") and any(sign in text for sign in "*/+^")) or text[
        :4
    ] == "sqrt"


def _evaluated(found: re.Match[str]) -> str:
    """An expression within rows, as the number that it comes to."""
    return repr(_number(found.group()))


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(part) for part in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    return value
