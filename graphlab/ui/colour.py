"""Colour arithmetic: contrast, mixing, and the blue/orange map of signed values.

Which colours the program uses is decided in `theme.py`; this file only computes with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtGui import QColor

READABLE = 4.5  # WCAG 2.1, level AA, for text of normal size
_STEPS = 255  # colours on either side of zero
_ROOT = 0.7  # the power of a value that its colour goes by: small ones are seen, 5 % of the scale as 12 % of the colour
DECADES = 4  # below full colour, that the logarithm tells apart
LAWS = {"soft": "Soft", "linear": "Linear", "log": "Logarithmic"}
_law = "soft"


def set_law(law: str) -> None:
    """How the strength of a colour follows from a value, from now on: one of `LAWS`."""
    global _law
    _law = law if law in LAWS else "soft"


def strength(share: NDArray[Any]) -> NDArray[Any]:
    """Of magnitudes from 0 to 1 (full colour), how much of the colour they take."""
    if _law == "soft":
        found: NDArray[Any] = share**_ROOT
        return found
    if _law == "linear":
        return share
    steep = 10.0**DECADES
    return np.log1p(share * steep) / np.log1p(steep)


def luminance(colour: QColor) -> float:
    """Relative luminance, 0 (black) to 1 (white), as WCAG 2.1 defines it."""
    channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio of two opaque colours, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def mix(base: QColor, over: QColor, amount: float) -> QColor:
    """`base` with `over` laid upon it at `amount` (0 to 1), opaque."""
    keep = 1.0 - amount
    return QColor.fromRgbF(
        base.redF() * keep + over.redF() * amount,
        base.greenF() * keep + over.greenF() * amount,
        base.blueF() * keep + over.blueF() * amount,
    )


def alpha(colour: QColor, opacity: float) -> QColor:
    """A copy of `colour` with this opacity; the token itself stays as it is."""
    copy = QColor(colour)
    copy.setAlphaF(opacity)
    return copy


def ink(background: QColor, light: QColor | None = None, dark: QColor | None = None) -> QColor:
    """Text colour for this background: the given light or dark one if it reads well, else white or black."""
    wanted = [c for c in (light, dark) if c is not None]
    best = max(wanted, key=lambda c: contrast(c, background), default=None)
    if best is not None and contrast(best, background) >= READABLE:
        return best
    return max((QColor("white"), QColor("black")), key=lambda c: contrast(c, background))


def readable(colour: QColor, *backgrounds: QColor, ratio: float = READABLE) -> QColor:
    """`colour`, its hue kept, darkened or lightened just enough to be read on all `backgrounds`."""
    hue, saturation, lightness = colour.hslHueF(), colour.hslSaturationF(), colour.lightnessF()
    towards = ink(backgrounds[0]).lightnessF()
    for amount in np.linspace(0.0, 1.0, 101):
        level = lightness + (towards - lightness) * float(amount)
        candidate = QColor(QColor.fromHslF(max(hue, 0.0), saturation, level).name())
        if min(contrast(candidate, background) for background in backgrounds) >= ratio:
            return candidate
    return ink(backgrounds[0])


@dataclass(frozen=True)
class SignedMap:
    """Colours of signed numbers: `negative` at −1, `zero` at 0, `positive` at +1, `invalid` for NaN and ±∞."""

    negative: QColor
    zero: QColor
    positive: QColor
    invalid: QColor
    colours: tuple[QColor, ...] = field(init=False, repr=False, compare=False)  # by `indices`
    inks: tuple[QColor, ...] = field(init=False, repr=False, compare=False)  # text upon them, at least 4.5:1
    _table: NDArray[np.uint8] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ramp = np.linspace(-1.0, 1.0, 2 * _STEPS + 1)
        colours = [
            mix(self.zero, self.negative if v < 0 else self.positive, abs(float(v)) ** _ROOT) for v in ramp
        ] + [self.invalid]
        table = np.array([(c.red(), c.green(), c.blue(), 255) for c in colours], dtype=np.uint8)
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "colours", tuple(colours))
        object.__setattr__(self, "inks", tuple(ink(c) for c in colours))

    def rgba(self, array: ArrayLike, scale: float | None = None) -> NDArray[np.uint8]:
        """Colours of `array`, shape (*array.shape, 4), uint8 RGBA. `scale` is the value of full colour."""
        return self._table[self.indices(array, scale)]

    def ink(self, value: float, scale: float) -> QColor:
        """Text colour to write upon the cell of `value`; contrast at least 4.5:1."""
        return self.inks[int(self.indices(value, scale))]

    def colour(self, value: float, scale: float) -> QColor:
        """The one colour of `value`."""
        return self.colours[int(self.indices(value, scale))]

    def indices(self, array: ArrayLike, scale: float | None = None) -> NDArray[np.intp]:
        """Which of `colours` and `inks` each element takes; the shape is that of `array`."""
        given = np.asarray(array)
        values: NDArray[Any] = given.astype(np.float64 if given.dtype == np.float64 else np.float32)
        bad = ~np.isfinite(values)
        values = np.where(bad, 0, values)
        full = magnitude(values) if scale is None else scale
        if full < 1e-30:  # float32 ends there, and the quotient would overflow
            values = values.astype(np.float64)
        values = np.clip(values / full if full > 0 else values * 0, -1, 1)
        if _law != "soft":  # the table's steps are those of the root
            values = np.sign(values) * strength(np.abs(values)) ** (1 / _ROOT)
        values = values * _STEPS
        return np.where(bad, 2 * _STEPS + 1, np.rint(values).astype(np.intp) + _STEPS)


def magnitude(array: ArrayLike) -> float:
    """Largest finite absolute value, 0.0 if there is none: the scale at which a tensor uses its full colours."""
    values = np.asarray(array)
    if values.size == 0:
        return 0.0
    if values.dtype.kind == "f":
        values = np.where(np.isfinite(values), values, 0)
    return float(max(abs(float(values.max())), abs(float(values.min()))))
