"""How exactly numbers of a run are written: as each place has room for, or as somebody has set it for all places."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

MINUS = "−"
LEAST, MOST = 2, 17
KINDS = ("auto", "digits", "scientific", "exact", "hex")


class Precision(NamedTuple):
    """kind: one of `KINDS`. digits: significant ones, for "digits" and "scientific"."""

    kind: str = "auto"
    digits: int = 6

    @property
    def title(self) -> str:
        """What a menu calls it."""
        named = {"auto": "As room allows", "exact": "Exact", "hex": "Hexadecimal"}
        if self.kind in named:
            return named[self.kind]
        return f"{self.digits} digits" + (", scientific" if self.kind == "scientific" else "")

    @property
    def text(self) -> str:
        """For the settings; read by `from_text`."""
        return f"{self.kind} {self.digits}"


AUTO = Precision()


def from_text(text: str) -> Precision:
    """What was written by `text`; `AUTO` for anything else."""
    kind, _, digits = text.partition(" ")
    if kind not in KINDS or not digits.isdecimal() or not LEAST <= int(digits) <= MOST:
        return AUTO
    return Precision(kind, int(digits))


def magnitude(size: float, precision: Precision) -> str:
    """A finite number that is not negative, as `precision` wants it; not for "auto"."""
    if precision.kind == "exact":
        return shortest(size)
    if precision.kind == "hex":
        return _true_minus(float(size).hex())
    if precision.kind == "scientific":
        return scientific(size, precision.digits)
    return significant(size, precision.digits)


def significant(size: float, digits: int) -> str:
    """So many significant digits; with an exponent where the number is very small, or larger than they tell."""
    if size == 0:
        return "0"
    exponent = math.floor(math.log10(size))
    if exponent < -4 or exponent >= max(digits, 6):
        return scientific(size, digits)
    return f"{size:.{max(digits - 1 - exponent, 0)}f}"


def scientific(size: float, digits: int) -> str:
    """ "1.23e−4"."""
    mantissa, power = f"{size:.{max(digits - 1, 0)}e}".split("e")
    return f"{mantissa}e{_true_minus(str(int(power)))}"


def shortest(size: float) -> str:
    """The shortest text that reads back equal; of a number that a run in float32 holds, equal as float32."""
    with np.errstate(over="ignore"):
        single = np.float32(size)
    text = str(single) if float(single) == size else repr(float(size))
    mantissa, _, power = text.partition("e")
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}e{_true_minus(str(int(power)))}" if power else mantissa


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS).replace("+", "")
