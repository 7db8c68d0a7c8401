"""Formulas as vector pictures: LaTeX or plain text typeset by ziamath, drawn by Qt, kept by (text, colour, size)."""

from __future__ import annotations

import logging
import re
import warnings
from functools import lru_cache
from types import ModuleType

from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

log = logging.getLogger("graphlab.ui")

_SIGNS = {
    "·": r"\cdot ",
    "×": r"\times ",
    "−": "-",
    "ᵀ": r"^{\top}",
    "²": "^{2}",
    "³": "^{3}",
    "ᵢ": "_{i}",
    "ⱼ": "_{j}",
    "ₖ": "_{k}",
    "Σ": r"\sum ",
    "∑": r"\sum ",
    "∂": r"\partial ",
    "≥": r"\ge ",
    "≤": r"\le ",
    "≠": r"\ne ",
    "∞": r"\infty ",
    "σ": r"\sigma ",
    "√": r"\surd ",
    "…": r"\ldots ",
    "%": r"\%",
    "#": r"\#",
    "&": r"\&",
}
_KNOWN = {"exp", "log", "ln", "max", "min", "tanh", "sin", "cos", "det", "sup", "inf", "lim", "arg"}
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")


def latex(text: str) -> str:
    """LaTeX of a formula; one with a backslash is LaTeX already.

    In plain text single letters are variables (italic) and longer words functions or names (upright).
    """
    if "\\" in text:
        return text
    spelt = _WORD.sub(lambda match: _word(match.group()), text)
    return "".join(_SIGNS.get(sign, sign) for sign in spelt)


def _word(word: str) -> str:
    base, _, below = word.partition("_")
    if base in _KNOWN:
        written = rf"\{base} "
    elif len(base) == 1:
        written = base
    else:
        written = rf"\mathrm{{{base}}}"
    return f"{written}_{{{below.replace('_', ' ')}}}" if below else written


@lru_cache(maxsize=1)
def _ziamath() -> tuple[ModuleType, tuple[type[Exception], ...]]:
    """The library and what it raises, which has no common base. Loaded with the first formula: it takes 0.2 s."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 finds its font the old way
        import ziamath
        from latex2mathml import exceptions
    ziamath.config.svg2 = False  # QtSvg draws SVG 1.1 only
    own = (
        kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)
    )
    return ziamath, (ValueError, LookupError, TypeError, AttributeError, RecursionError, *own)


_INK = "#010203"  # what formulas are typeset in, to be put to the colour wanted


@lru_cache(maxsize=4096)
def drawing(text: str, size: int) -> str:
    """The formula as SVG at `size` pixels, in a colour of no meaning; "" when it cannot be typeset.

    It takes some twenty milliseconds.
    """
    ziamath, errors = _ziamath()
    try:
        return str(ziamath.Latex(latex(text), size=size, color=_INK).svg())
    except errors as error:
        log.warning("Formula %r cannot be typeset: %s", text, error)
        return ""


@lru_cache(maxsize=512)
def typeset(text: str, colour: str, size: int) -> QSvgRenderer | None:
    """The formula at `size` pixels in `colour` ("#rrggbb"); None when it cannot be typeset (show it as text then)."""
    picture = drawing(text, size).replace(_INK, colour)
    renderer = QSvgRenderer(QByteArray(picture.encode()))
    return renderer if picture and renderer.isValid() else None
