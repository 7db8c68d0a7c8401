"""The colours of graphlab, dark and light, as text: for the window (`ui/theme`) and for what is written without one.

Which colours there are is decided here; `Palette` computes those that follow from them.
"""

from __future__ import annotations

import colorsys
from functools import lru_cache

READABLE = 4.5  # contrast, WCAG 2.1, level AA, for text of normal size

FAMILIES = {
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

FRAMES = {
    "blue": "math",
    "green": "activation",
    "violet": "attention",
    "amber": "parameter",
    "red": "loss",
    "grey": "structure",
}

# In the order of FAMILIES
HUES = (
    "#8fa3b8",
    "#d9b84a",
    "#7aa2f7",
    "#5aa9ff",
    "#4fc38a",
    "#9ccc65",
    "#e58fc0",
    "#d98cf0",
    "#e0a070",
    "#4cc3c9",
    "#b39df3",
    "#ef6f6c",
    "#b4b9c2",
)
DARK = {
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
LIGHT = {
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


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 (black) to 1 (white), as WCAG 2.1 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def mix(base: str, over: str, amount: float) -> str:
    """`base` with `over` laid upon it at `amount` (0 to 1)."""
    pairs = zip(_channels(base), _channels(over), strict=True)
    return _written(*(a * (1 - amount) + b * amount for a, b in pairs))


def readable(colour: str, *backgrounds: str) -> str:
    """`colour`, its hue kept, darkened or lightened just enough to be read on all `backgrounds`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    goal = 1.0 if luminance(backgrounds[0]) < 0.18 else 0.0
    for step in range(101):
        level = lightness + (goal - lightness) * step / 100
        found = _written(*colorsys.hls_to_rgb(hue, level, saturation))
        if min(contrast(found, background) for background in backgrounds) >= READABLE:
            return found
    return "#ffffff" if goal else "#000000"


class Palette:
    """The tokens of a theme by name, and what follows from them; everything is "#rrggbb"."""

    def __init__(self, name: str) -> None:
        tokens = LIGHT if name == "light" else DARK
        self.name, self.tokens = name, tokens
        self.is_dark = name != "light"
        self._surfaces = (tokens["canvas"], tokens["panel"], tokens["raised"])
        hues = (readable(hue, *self._surfaces) for hue in HUES)
        self._families = dict(zip(FAMILIES, hues, strict=True))
        self.body = tokens["raised"] if self.is_dark else tokens["panel"]
        self.border = mix(tokens["line"], tokens["text"], 0.10 if self.is_dark else 0.06)
        self.wire = mix(tokens["line"], tokens["secondary"], 0.62 if self.is_dark else 0.55)
        self.note = mix(tokens["panel"], tokens["update"], 0.10 if self.is_dark else 0.12)
        self.note_edge = mix(tokens["line"], tokens["update"], 0.35)

    def __getitem__(self, token: str) -> str:
        return self.tokens[token]

    def words(self, token: str) -> str:
        """The colour of a token for text, readable on every surface."""
        return readable(self.tokens[token], *self._surfaces)

    def family(self, category: str) -> str:
        """The colour of a family of operations; that of Math for a family of someone else's making."""
        return self._families.get(category, self._families["Math"])

    def frame(self, name: str) -> str:
        """The colour of a frame's edge ("blue", "green" …); that of grey for one of a newer graphlab."""
        family = FRAMES.get(name, "structure")
        return next(self._families[category] for category, token in FAMILIES.items() if token == family)


@lru_cache(maxsize=2)
def palette(name: str) -> Palette:
    """The one called `name`, "dark" or "light"."""
    return Palette(name)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


def _written(*channels: float) -> str:
    return "#" + "".join(f"{round(max(0.0, min(c, 1.0)) * 255):02x}" for c in channels)
