"""Every colour and font of the window, dark and light. The tokens themselves stand in `io/colours`; what is drawn with
them elsewhere.

`theme()` is the current one; read it while painting, so that a switch shows at the next repaint.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication

from ..io.colours import DARK, FAMILIES, FRAMES, HUES, LIGHT
from .colour import SignedMap, ink, mix, readable

NAMES = ("dark", "light")


@dataclass(frozen=True)
class Families:
    """One colour per family of operations; each reads at 4.5:1 on every surface of its theme."""

    input: QColor
    parameter: QColor
    math: QColor
    layer: QColor
    activation: QColor
    normalisation: QColor
    recurrent: QColor
    attention: QColor
    features: QColor
    shape: QColor
    reduction: QColor
    loss: QColor
    structure: QColor


@dataclass(frozen=True)
class Theme:
    """The tokens of one theme. Colours of text read at 4.5:1 on canvas, panel and raised surfaces.

    `faint` is for marks and switched-off controls, never for words that inform. `positive`, `zero` and `negative`
    fill cells; words and digits in those hues take `positive_text` and `negative_text`.
    """

    name: str
    canvas: QColor
    panel: QColor
    raised: QColor
    line: QColor
    text: QColor
    secondary: QColor
    faint: QColor
    accent: QColor
    positive: QColor
    zero: QColor
    negative: QColor
    invalid: QColor
    forward: QColor
    backward: QColor
    update: QColor
    good: QColor
    warning: QColor
    error: QColor
    families: Families
    well: QColor = field(init=False)
    hover: QColor = field(init=False)
    pressed: QColor = field(init=False)
    selection: QColor = field(init=False)
    on_accent: QColor = field(init=False)
    found: QColor = field(init=False)
    positive_text: QColor = field(init=False)
    negative_text: QColor = field(init=False)
    signed_map: SignedMap = field(init=False, repr=False)

    def __post_init__(self) -> None:
        surfaces = (self.canvas, self.panel, self.raised)
        derived = {
            "well": mix(self.canvas, self.panel, 0.35),
            "hover": mix(self.raised, self.text, 0.07),
            "pressed": mix(self.raised, self.text, 0.13),
            "selection": mix(self.panel, self.accent, 0.24 if self.is_dark else 0.14),
            "on_accent": ink(self.accent, QColor("#ffffff"), QColor("#0b1017")),
            "found": self.update,
            "positive_text": readable(self.positive, *surfaces),
            "negative_text": readable(self.negative, *surfaces),
            "signed_map": SignedMap(self.negative, self.zero, self.positive, self.invalid),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"

    def family(self, category: str) -> QColor:
        """Colour of an op's category (`op.category`); that of Math for a category of someone else's making."""
        colour: QColor = getattr(self.families, FAMILIES.get(category, "math"))
        return colour

    def frame(self, name: str) -> QColor:
        """Colour of a frame's edge ("blue", "green" …); that of grey for one of a newer graphlab."""
        colour: QColor = getattr(self.families, FRAMES.get(name, "structure"))
        return colour

    def phase(self, name: str) -> QColor:
        """Colour of "forward", "backward" or "update"; secondary text for anything else."""
        return {"forward": self.forward, "backward": self.backward, "update": self.update}.get(
            name, self.secondary
        )

    def tint(self, colour: QColor, amount: float = 0.16, base: QColor | None = None) -> QColor:
        """A surface tinted with `colour`: node headers take 16 % upon the raised panel."""
        return mix(base or self.raised, colour, amount)

    def signed(self, array: ArrayLike, scale: float | None = None) -> NDArray[np.uint8]:
        """Colours of signed values, uint8 RGBA of shape (*array.shape, 4); see `signed_rgba`."""
        return self.signed_map.rgba(array, scale)

    def terrain(self, heights: ArrayLike) -> NDArray[np.uint8]:
        """Colours of heights from 0 (a valley, blue) over green to 1 (a peak, yellow), uint8 RGB of shape (…, 3).

        NaN, for what is not finite, has the colour of the ground.
        """
        stops = np.array([(c.red(), c.green(), c.blue()) for c in self._terrain_stops()], np.float64)
        where = np.asarray(heights, np.float64)
        along = np.linspace(0, 1, len(stops))
        rgb = np.stack([np.interp(where, along, stops[:, k]) for k in range(3)], axis=-1)
        ground = (self.well.red(), self.well.green(), self.well.blue())
        found: NDArray[np.uint8] = (
            np.where(np.isfinite(where)[..., None], rgb, ground).round().astype(np.uint8)
        )
        return found

    def merit(self, shares: ArrayLike) -> NDArray[np.uint8]:
        """Colours from 0 (worst, faint) to 1 (best, what stands out most), uint8 RGB of shape (…, 3); NaN is grey."""
        pale, middle = mix(self.canvas, self.positive, 0.34), mix(self.canvas, self.forward, 0.74)
        best = mix(self.update, self.text, 0.2) if self.is_dark else mix(self.positive, self.text, 0.55)
        stops = np.array([(c.red(), c.green(), c.blue()) for c in (pale, middle, best)], np.float64)
        where = np.asarray(shares, np.float64)
        rgb = np.stack([np.interp(where, (0, 0.5, 1), stops[:, k]) for k in range(3)], axis=-1)
        grey = (self.faint.red(), self.faint.green(), self.faint.blue())
        found: NDArray[np.uint8] = np.where(np.isfinite(where)[..., None], rgb, grey).round().astype(np.uint8)
        return found

    def _terrain_stops(self) -> tuple[QColor, ...]:
        deep = mix(self.canvas, self.positive, 0.3 if self.is_dark else 0.75)
        slope = mix(self.canvas, self.positive, 0.62 if self.is_dark else 0.4)
        return (
            deep,
            slope,
            mix(self.canvas, self.forward, 0.62 if self.is_dark else 0.34),
            mix(self.canvas, self.update, 0.85 if self.is_dark else 0.4),
        )

    def number_colour(self, value: float) -> QColor:
        """Text colour of a signed number: blue, orange, or secondary for zero."""
        if not np.isfinite(value):
            return self.error
        if value == 0:
            return self.secondary
        return self.positive_text if value > 0 else self.negative_text

    def colours(self) -> dict[str, QColor]:
        """Every colour token by name, families included."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        own |= {f.name: getattr(self.families, f.name) for f in fields(self.families)}
        return {name: value for name, value in own.items() if isinstance(value, QColor)}


def _theme(name: str, families: tuple[str, ...], tokens: dict[str, str]) -> Theme:
    surfaces = [QColor(tokens[key]) for key in ("canvas", "panel", "raised")]
    words = ("secondary", "accent", "forward", "backward", "update", "good", "warning", "error")
    colours = {key: QColor(value) for key, value in tokens.items()}
    colours |= {key: readable(colours[key], *surfaces) for key in words}
    hues = [readable(QColor(value), *surfaces) for value in families]
    return Theme(name=name, families=Families(*hues), **colours)


@lru_cache(maxsize=2)
def named(name: str) -> Theme:
    """The theme called `name`, "dark" or "light"."""
    if name == "light":
        return _theme("light", HUES, LIGHT)
    return _theme("dark", HUES, DARK)


class _Changes(QObject):
    changed = Signal(object)  # the new Theme


_changes = _Changes()
theme_changed = _changes.changed
_current = "dark"


def theme() -> Theme:
    """The theme in use."""
    return named(_current)


def apply(app: QApplication, name: str) -> Theme:
    """Dress the whole program in the theme `name` ("dark" or "light") and tell everyone by `theme_changed`."""
    # The sheet draws its arrows with icons, and icons take their colours from here.
    from . import stylesheet

    global _current
    _current = name if name in NAMES else "dark"
    app.setStyle("Fusion")
    app.setPalette(stylesheet.palette(theme()))
    app.setFont(ui_font())
    app.setStyleSheet(stylesheet.sheet(theme()))
    theme_changed.emit(theme())
    return theme()


def signed_rgba(array: ArrayLike, scale: float | None = None) -> NDArray[np.uint8]:
    """Colours of signed values in the current theme: blue positive, orange negative, magenta NaN and ±∞.

    Gives uint8 RGBA of shape (*array.shape, 4). `scale` is the absolute value of full colour; the largest finite one
    in the array if not given.
    """
    return theme().signed(array, scale)


def cell_ink(value: float, scale: float) -> QColor:
    """Text colour upon the cell that `signed_rgba` paints for `value`; contrast at least 4.5:1."""
    return theme().signed_map.ink(value, scale)


@lru_cache(maxsize=1)
def _ui_family() -> str:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


@lru_cache(maxsize=1)
def _mono_families() -> tuple[str, ...]:
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    own = [system.family()] if QFontInfo(system).fixedPitch() else []
    return (*own, "SF Mono", "Cascadia Mono", "Consolas", "DejaVu Sans Mono", "Noto Sans Mono", "monospace")


def ui_font(px: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The system's face at `px` pixels."""
    font = QFont(_ui_family())
    font.setPixelSize(px)
    font.setWeight(weight)
    return font


def mono_font(px: int = 12, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The system's monospaced face at `px` pixels, for numbers and shapes."""
    font = QFont(list(_mono_families()))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setPixelSize(px)
    font.setWeight(weight)
    return font
