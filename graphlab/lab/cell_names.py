"""Weights of recurrent layers by what they are called elsewhere: PyTorch's weight_ih_l0 is a cell's layer `ih`.

The fused layers have PyTorch's names themselves; so theirs go into cells that are drawn, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Sizes = tuple[int, ...]
Layers = dict[str, dict[str, str]]  # by layer: full names by "weight ih", "bias hh" …

_HERE = re.compile(r"(?P<layer>.*?)(?P<side>ih|hh)[ .](?P<kind>weight|bias)(?:\.value)?")
_THERE = re.compile(r"(?P<layer>.*?)(?P<kind>weight|bias)_(?P<side>ih|hh)(?P<end>(?:_l\d+)?(?:_reverse)?)")


def by_cell(own: Mapping[str, Sizes], there: Mapping[str, Sizes]) -> dict[str, str]:
    """{name here: name there} of cells here and recurrent layers there whose parameters all have the same shapes.

    Both are taken in their order: layer 0 forwards, layer 0 backwards, layer 1 …
    """
    theirs = _layers(_THERE, there)
    left = sorted(theirs, key=_place)
    found: dict[str, str] = {}
    for parts in _layers(_HERE, own).values():
        shapes = {part: own[name] for part, name in parts.items()}
        fits = (layer for layer in left if {p: there[n] for p, n in theirs[layer].items()} == shapes)
        layer = next(fits, None)
        if layer is not None:
            found |= {parts[part]: theirs[layer][part] for part in parts}
            left.remove(layer)
    return found


def _layers(form: re.Pattern[str], names: Iterable[str]) -> Layers:
    found: Layers = {}
    for name in names:
        told = form.fullmatch(name)
        if told is not None:
            parts = told.groupdict()
            layer = parts["layer"] + parts.get("end", "")
            found.setdefault(layer, {})[f"{parts['kind']} {parts['side']}"] = name
    return {layer: parts for layer, parts in found.items() if {"weight ih", "weight hh"} <= parts.keys()}


def _place(layer: str) -> list[tuple[int, str]]:
    """Numbers in a name count as numbers: _l2 before _l10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", layer)]
