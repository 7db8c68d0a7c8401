"""How values are shown in the whole program: how exactly written, and what the colours are measured by. Remembered."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from ..ops import explanation_text
from . import colour, numbers, settings
from .precision import AUTO, Precision, from_text

SCALES = {
    "shown": "What is shown",
    "tensor": "The whole tensor",
    "node": "All of the node",
    "graph": "The whole graph",
    "fixed": "A fixed number",
}


@dataclass(frozen=True)
class Display:
    """scale: whose largest value has the full colour, one of `SCALES`. fixed: that value, for "fixed". law: one of
    `colour.LAWS`.
    """

    scale: str = "tensor"
    fixed: float = 1.0
    law: str = "soft"
    precision: Precision = AUTO


class _Changes(QObject):
    changed = Signal(object)  # the new Display


_changes = _Changes()
display_changed = _changes.changed
_current = Display()


def display() -> Display:
    """How values are shown at present."""
    return _current


def set_display(**changes: Any) -> None:
    """Changes some of it, remembers it and tells everyone by `display_changed`."""
    wanted = replace(_current, **changes)
    if wanted == _current:
        return
    store = settings.settings()
    store.setValue("values/scale", wanted.scale)
    store.setValue("values/fixed", repr(wanted.fixed))
    store.setValue("values/law", wanted.law)
    store.setValue("values/precision", wanted.precision.text)
    _put(wanted)


def restore() -> None:
    """As it was remembered; what makes no sense there is as at first."""
    wanted = Display()
    scale, law = settings.text("values/scale", wanted.scale), settings.text("values/law", wanted.law)
    fixed = wanted.fixed
    with contextlib.suppress(ValueError):
        fixed = numbers.parse(settings.text("values/fixed", "1"))
    wanted = Display(
        scale if scale in SCALES else wanted.scale,
        fixed if fixed > 0 else wanted.fixed,
        law if law in colour.LAWS else wanted.law,
        from_text(settings.text("values/precision")),
    )
    _put(wanted)


def reset() -> None:
    """As at first; what is remembered stays."""
    if _current != Display():
        _put(Display())


def _put(wanted: Display) -> None:
    global _current
    _current = wanted
    colour.set_law(wanted.law)
    numbers.set_precision(wanted.precision)
    explanation_text.write_figures_by(None if wanted.precision.kind == "auto" else numbers.figure)
    display_changed.emit(wanted)
