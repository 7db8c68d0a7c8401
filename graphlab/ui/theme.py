"""Every colour and font of the window, dark and light. What is drawn with them stands elsewhere.

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

from .colour import SignedMap, ink, mix, readable

NAMES = ("dark", "light")
_FAMILIES = {
    "Input": "input",
    "Parameter": "parameter",
    "Math": "math",
    "Layer": "layer",
    "Activation": "activation",
    "Normalisation": "normalisation",
    "Recurrent": "recurrent",
    "Attention": "attention",
    "Features": "features",
    "Shape": "shape",
    "Reduction": "reduction",
    "Loss": "loss",
    "Structure": "structure",
}

_FRAMES = {
    "blue": "math",
    "green": "activation",
    "violet": "attention",
    "amber": "parameter",
    "red": "loss",
    "grey": "structure",
}


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
        colour: QColor = getattr(self.families, _FAMILIES.get(category, "math"))
        return colour

    def frame(self, name: str) -> QColor:
        """Colour of a frame's edge ("blue", "green" …); that of grey for one of a newer graphlab."""
        colour: QColor = getattr(self.families, _FRAMES.get(name, "structure"))
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


def _theme(name: str, families: str, tokens: dict[str, str]) -> Theme:
    surfaces = [QColor(tokens[key]) for key in ("canvas", "panel", "raised")]
    words = ("secondary", "accent", "forward", "backward", "update", "good", "warning", "error")
    colours = {key: QColor(value) for key, value in tokens.items()}
    colours |= {key: readable(colours[key], *surfaces) for key in words}
    hues = [readable(QColor(value), *surfaces) for value in families.split()]
    return Theme(name=name, families=Families(*hues), **colours)


# In the order of Families
_HUES = (
    "#8fa3b8 #d9b84a #7aa2f7 #5aa9ff #4fc38a #9ccc65 #e58fc0 #d98cf0 #e0a070 #4cc3c9 #b39df3 #ef6f6c #b4b9c2"
)


@lru_cache(maxsize=2)
def named(name: str) -> Theme:
    """The theme called `name`, "dark" or "light"."""
    if name == "light":
        return _theme("light", _HUES, _LIGHT)
    return _theme("dark", _HUES, _DARK)


_DARK = {
    "canvas": "#14161a",
    "panel": "#1b1e24",
    "raised": "#20242b",
    "line": "#2c323b",
    "text": "#e7e9ec",
    "secondary": "#97a1ae",
    "faint": "#5d6672",
    "accent": "#5aa9ff",
    "positive": "#4c9bf5",
    "zero": "#2a2f37",
    "negative": "#f0913a",
    "invalid": "#d6249f",
    "forward": "#4fc38a",
    "backward": "#d98cf0",
    "update": "#d9b84a",
    "good": "#4fc38a",
    "warning": "#e3b341",
    "error": "#ff7b78",
}
_LIGHT = {
    "canvas": "#f7f8fa",
    "panel": "#ffffff",
    "raised": "#eef1f5",
    "line": "#d5dae1",
    "text": "#1c2128",
    "secondary": "#56606d",
    "faint": "#8b95a3",
    "accent": "#1769d2",
    "positive": "#2a78d6",
    "zero": "#eceff3",
    "negative": "#d9731a",
    "invalid": "#c4148a",
    "forward": "#1f8a56",
    "backward": "#9a3fc4",
    "update": "#9a7400",
    "good": "#1f8a56",
    "warning": "#9a6700",
    "error": "#c9302c",
}


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
