"""How numbers, shapes, counts, sizes and times are written in the window: short, with a true minus sign.

`number`, `fixed` and `figure` write numbers of a run, and follow the precision that is set for the whole program;
`plain` is for what is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import precision as precise
from .precision import Precision

MINUS = precise.MINUS
_COUNT_UNITS = ("", " k", " M", " G", " T")
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB")


_precision = precise.AUTO


def precision() -> Precision:
    """How exactly numbers of a run are written at present."""
    return _precision


def set_precision(wanted: Precision) -> None:
    """From now on; who shows numbers is told by `display`."""
    global _precision
    _precision = wanted


def number(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """`value` with `digits` significant digits: "0.731", "−12.5", "2.1e−10"; with `sign` also "+0.42".

    Ints are written whole up to seven figures. Very small and very large values take an exponent. Where another
    precision is set, it counts instead of `digits`.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "1" if value else "0"
    if math.isnan(value):
        return "NaN"
    lead = MINUS if value < 0 else "+" if sign and value > 0 else ""
    if math.isinf(value):
        return f"{lead}∞"
    if _precision.kind != "auto" and not (isinstance(value, int) and abs(value) < 10**7):
        return lead + precise.magnitude(abs(value), _precision)
    return lead + _magnitude(abs(value), digits)


def plain(value: float, digits: int = 3) -> str:
    """`number` for what is no number of a run, such as a time: the precision does not matter."""
    lead = MINUS if value < 0 else ""
    return lead + _magnitude(abs(value), digits) if math.isfinite(value) else number(value)


def figure(value: float) -> str:
    """A number in a calculation: six significant digits, none that are only zeros, or as the precision wants it."""
    if _precision.kind != "auto" or not math.isfinite(value):
        return number(float(value))
    return f"{value + 0.0:.6g}".replace("-", MINUS)


def fitting(value: float, room: int, digits: int = 3, *, sign: bool = False) -> str:
    """`number` in at most `room` characters: with fewer digits where it is longer."""
    text = number(value, digits, sign=sign)
    while len(text) > room and digits > 1:
        digits = min(digits, 8) - 1
        lead = MINUS if value < 0 else "+" if sign and value > 0 else ""
        text = lead + _magnitude(abs(value), digits)
    return text


def _magnitude(size: float, digits: int) -> str:
    if size == 0:
        return "0"
    if isinstance(size, int) and size < 10**7:
        return str(size)
    exponent = math.floor(math.log10(size))
    if exponent < -4 or exponent >= max(digits, 6):
        mantissa, power = f"{size:.{max(digits - 2, 0)}e}".split("e")
        return f"{mantissa}e{_signed_int(int(power))}"
    return f"{size:.{max(digits - 1 - exponent, 0)}f}"


def fixed(value: float, decimals: int = 2, *, sign: bool = False) -> str:
    """`value` with as many decimals as its neighbours in a column: "+0.76", "−0.42". Falls back to `number`."""
    if not math.isfinite(value) or _precision.kind != "auto":
        return number(value, sign=sign)
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text


def exact(value: float) -> str:
    """`value` with every digit it needs, for a field that is edited; parsed again by `parse`."""
    if isinstance(value, int) or not math.isfinite(value):
        return number(value)
    lead, size = MINUS if value < 0 else "", abs(value)
    text = precise.shortest(size)
    if len(text.partition("e")[0]) <= 11:  # what a run in float32 holds
        return lead + text
    mantissa, _, power = f"{size:.9g}".partition("e")
    return lead + (f"{mantissa}e{int(power)}" if power else mantissa).replace("-", MINUS)


def parse(text: str) -> float:
    """The number written in `text`; takes a true minus, a decimal comma and an exponent. Raises ValueError."""
    clean = text.strip().replace(MINUS, "-").replace("\u202f", "").replace(" ", "")
    if clean.count(",") == 1 and "." not in clean:
        clean = clean.replace(",", ".")
    value = float(clean)
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is not a finite number.")
    return value


def shape(sizes: Sequence[object]) -> str:
    """`(N, 3)` as "N×3", `()` as "scalar"."""
    return "×".join(str(size) for size in sizes) or "scalar"


def index(position: Sequence[int]) -> str:
    """`(0, 3)` as "[0, 3]", `()` as ""."""
    return f"[{', '.join(str(i) for i in position)}]" if position else ""


def short(count: float) -> str:
    """`1200000` as "1.2 M", `850` as "850"."""
    size, unit = float(abs(count)), 0
    while size >= 999.5 and unit < len(_COUNT_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    text = f"{size:.0f}" if unit == 0 or size >= 99.95 else f"{size:.1f}".removesuffix(".0")
    return (MINUS if count < 0 else "") + text + _COUNT_UNITS[unit]


def count(amount: int, noun: str, plural: str = "") -> str:
    """`22, "parameter"` as "22 parameters", `1, "node"` as "1 node", large ones as "1.2 M parameters"."""
    written = short(amount) if amount >= 10_000 else f"{amount:,}"
    return f"{written} {noun if amount == 1 else plural or noun + 's'}"


def times(amount: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(amount, f"{amount:,} times")


def figures(amount: int) -> str:
    """`6090` as "6,090"; from a million on "1.2 M"."""
    return short(amount) if amount >= 1_000_000 else f"{amount:,}"


def flop(amount: int) -> str:
    """Floating-point operations: `1200000` as "1.2 MFLOP"."""
    size, _, unit = short(amount).partition(" ")
    return f"{size} {unit}FLOP"


def size_of(amount: float) -> str:
    """Bytes: `2100` as "2.1 kB"."""
    unit = 0
    while amount >= 999.5 and unit < len(_BYTE_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    text = f"{amount:.0f}" if unit == 0 or amount >= 99.95 else f"{amount:.1f}".removesuffix(".0")
    return f"{text} {_BYTE_UNITS[unit]}"


def duration(seconds: float) -> str:
    """`0.0042` as "4.2 ms", `95` as "1 min 35 s"."""
    if seconds < 0.000_999_5:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.9995:
        return f"{plain(seconds * 1e3, 2)} ms" if seconds < 0.0995 else f"{seconds * 1e3:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def percent(fraction: float) -> str:
    """`0.954` as "95.4 %"."""
    return "NaN" if math.isnan(fraction) else f"{fraction * 100:.1f} %"


def _signed_int(value: int) -> str:
    return f"{MINUS if value < 0 else ''}{abs(value)}"
