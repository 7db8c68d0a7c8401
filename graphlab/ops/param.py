"""The params of an operation: typed, bounded, validated values that a person edits in a form."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ParamError


class Param:
    """One setting of an op, used as a class attribute: `negative_slope = Param(0.01, low=0.0, symbol="a")`.

    The kind follows from the default unless given:

    | kind | values |
    |---|---|
    | "bool", "int", "float", "text" | the Python type |
    | "choice" | one of `choices` |
    | "ints" | an int, or a tuple of ints, as PyTorch's kernel sizes; or one of `choices`, if there are any |
    | "floats" | a finite number, or a tuple of them |
    | "shape" | a tuple of ints and size names such as "N" |
    | "names" | a tuple of short texts |
    | "settings" | a tuple of (name, value) pairs, as a dict would hold them; sorted by name |
    | "array" | a number or nested tuples of numbers, all rows alike; None if the default is None |

    `low` and `high` bound numbers and are included; `low_open=True` excludes `low`. `log=True` asks for a
    logarithmic slider. `optional` allows None. `suggest` gives texts that a form offers besides typing. `shown` is
    False for what the program keeps by itself, which no form offers.
    """

    def __init__(
        self,
        default: Any,
        *,
        kind: str = "",
        low: float | None = None,
        high: float | None = None,
        low_open: bool = False,
        choices: tuple[str, ...] = (),
        symbol: str = "",
        help: str = "",
        log: bool = False,
        optional: bool = False,
        suggest: Callable[[], Sequence[str]] | None = None,
        shown: bool = True,
    ) -> None:
        self.default = freeze(default)
        self.choices = choices
        self.kind = kind or ("choice" if choices else _kind_of(default))
        self.low, self.high, self.low_open = low, high, low_open
        self.symbol, self.help, self.log = symbol, help, log
        self.optional = optional or default is None
        self.suggest = suggest
        self.shown = shown
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        """The value on an instance, the Param itself on the class."""
        return self if instance is None else instance.__dict__.get(self.name, self.default)

    @staticmethod
    def named(op: Any, name: str) -> Param:
        """The op class's param of that name. ParamError, with the nearest names, when it has none."""
        params: dict[str, Param] = op.params_of
        if name in params:
            return params[name]
        near = difflib.get_close_matches(name, params, n=1)
        known = ", ".join(params) or "none"
        hint = f"Did you mean {near[0]}?" if near else f"Its params are: {known}."
        raise ParamError(f"{op.__name__} has no param '{name}'.", hint=hint)

    def check(self, value: Any, op: str) -> Any:
        """The value in its canonical, hashable form. ParamError when it is impossible."""
        value = freeze(value)
        if value is None and self.optional:
            return None
        checked = getattr(self, f"_check_{self.kind}")(value)
        if checked is _BAD:
            raise ParamError(
                f"{op}.{self.name} cannot be {_shown(value)}.", hint=f"It takes {self.range_text()}."
            )
        return checked

    def range_text(self) -> str:
        """What values it takes, in words: "a number from 0 to 1"."""
        word = {
            "bool": "true or false",
            "int": "a whole number",
            "float": "a finite number",
            "text": "text",
            "choice": "one of " + ", ".join(self.choices),
            "ints": "a whole number or several",
            "floats": "a finite number or several",
            "shape": "sizes such as (N, 2)",
            "names": "names, each of at least one character",
            "settings": "pairs of a name and a value",
            "array": "a number or nested rows of numbers",
        }[self.kind]
        low, high = (None if bound is None else _bound(bound) for bound in (self.low, self.high))
        if low and high:
            word += f" above {low}, up to {high}" if self.low_open else f" from {low} to {high}"
        elif low:
            word += f" above {low}" if self.low_open else f" of {low} or more"
        elif high:
            word += f" of {high} or less"
        if self.kind == "ints" and self.choices:
            word += ", or " + " or ".join(self.choices)
        return word + (", or nothing" if self.optional else "")

    def _inside(self, value: float) -> bool:
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return self.high is None or value <= self.high

    def _check_bool(self, value: Any) -> Any:
        return value if isinstance(value, bool) else _BAD

    def _check_int(self, value: Any) -> Any:
        value = _whole(value)
        return value if value is not _BAD and self._inside(value) else _BAD

    def _check_float(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return _BAD
        try:
            value = float(value)
        except OverflowError:
            return _BAD
        return value if math.isfinite(value) and self._inside(value) else _BAD

    def _check_text(self, value: Any) -> Any:
        return value if isinstance(value, str) and is_whole_text(value) else _BAD

    def _check_choice(self, value: Any) -> Any:
        return value if value in self.choices else _BAD

    def _check_ints(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if value in self.choices else _BAD
        if isinstance(value, tuple):
            checked = tuple(self._check_int(v) for v in value)
            return checked if checked and _BAD not in checked else _BAD
        return self._check_int(value)

    def _check_floats(self, value: Any) -> Any:
        if isinstance(value, tuple):
            checked = tuple(self._check_float(v) for v in value)
            return checked if checked and _BAD not in checked else _BAD
        return self._check_float(value)

    def _check_shape(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            value = (value,)
        sizes = tuple(v if isinstance(v, str) and v.isidentifier() else _whole(v) for v in value)
        lowest = 1 if self.low is None else self.low
        if (
            _BAD in sizes
            or any(isinstance(s, int) and not lowest <= s <= 2**31 for s in sizes)
            or len(sizes) > 8
        ):
            return _BAD
        return sizes

    def _check_names(self, value: Any) -> Any:
        names = value if isinstance(value, tuple) else (value,)
        good = all(isinstance(v, str) and v and len(v) <= 60 and is_whole_text(v) for v in names)
        return names if good else _BAD

    def _check_settings(self, value: Any) -> Any:
        pairs = tuple(value.items()) if isinstance(value, dict) else value
        if not isinstance(pairs, tuple) or not all(
            isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs
        ):
            return _BAD
        return tuple(sorted(freeze(pairs))) if len({name for name, _ in pairs}) == len(pairs) else _BAD

    def _check_array(self, value: Any) -> Any:
        return value if _array_shape(value) is not None else _BAD


_BAD = object()


def freeze(value: Any) -> Any:
    """Lists become tuples, NumPy values become Python ones: a value that is hashable and survives JSON."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(freeze(v) for v in value)
    return value


def is_whole_text(text: str) -> bool:
    """Whether the text holds whole characters only; half of a pair (a lone surrogate) cannot be written to a file."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _bound(number: float) -> str:
    """A bound as people write it: 1,000,000 and 4096 and 0.5."""
    return f"{number:,.0f}" if float(number).is_integer() and abs(number) >= 10_000 else f"{number:g}"


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _BAD
    if isinstance(value, float):
        return int(value) if value.is_integer() else _BAD
    return value


def _kind_of(default: Any) -> str:
    kinds = ((bool, "bool"), (int, "int"), (float, "float"), (str, "text"), (tuple, "ints"))
    return next((kind for python, kind in kinds if isinstance(default, python)), "float")


def _array_shape(value: Any) -> tuple[int, ...] | None:
    """The shape of nested tuples of finite numbers; None when they are ragged or hold something else."""
    if isinstance(value, tuple):
        shapes = {_array_shape(v) for v in value}
        if len(shapes) != 1 or None in shapes:
            return None
        inner = shapes.pop()
        return (len(value), *inner) if inner is not None else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return () if math.isfinite(float(value)) else None
    except OverflowError:
        return None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "…"
