"""One window in words: the calculation as a line to read, and in short lines beside the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..lab.windows import Floats, Look, Scene, Sent
from . import numbers
from .widgets.board import written

MOST_TERMS = 12  # written one by one
MOST_LINES = 6
ROOM = 10  # characters of a number


class Line(NamedTuple):
    """Of the short ones; the result is `strong`."""

    text: str
    strong: bool = False


def index(field: int, channels: Sequence[int], row: int, column: int) -> str:
    """[channel, row, column], or [channel, place] in a sequence."""
    return numbers.index((*channels, row, column) if field == 2 else (*channels, column))


def _factor(value: float) -> str:
    """A number inside a product or a sum: negative ones in brackets."""
    text = _short(value)
    return f"({text})" if text.startswith(numbers.MINUS) else text


def calculation(look: Look, kind: str) -> str:
    """What a window comes to: "2·1 + 3·2 + 1·1 = 9"."""
    there = np.broadcast_to(~look.outside, look.values.shape)
    values = look.values[there]
    result = _short(look.result)
    if kind == "max":
        if len(values) > MOST_TERMS:
            return f"the largest of {len(values):,} numbers: {result}"
        return f"max({', '.join(map(_short, values))}) = {result}"
    bias = "" if look.bias is None else f" + bias {_factor(look.bias)}"
    if len(values) > MOST_TERMS:
        total, what = _short(float(look.sums.sum())), "numbers" if kind == "mean" else "products"
        divided = f" / {look.count}" if kind == "mean" else ""
        return f"{len(values):,} {what} add up to {total}{divided}{bias}" + (
            f" = {result}" if bias or divided else ""
        )
    if kind == "mean":
        return f"({' + '.join(map(_factor, values)) or '0'}) / {look.count} = {result}"
    assert look.weights is not None
    weights = look.weights[there]
    terms = [f"{_factor(v)}·{_factor(w)}" for v, w in zip(values, weights, strict=True)]
    return f"{' + '.join(terms) or '0'}{bias} = {result}"


def padding_told(look: Look) -> str:
    """How much of a window lies on padding; "" for nothing."""
    count = int(look.outside.sum())
    return f"{numbers.count(count, 'place')} of the window on padding" if count else ""


def lines(look: Look, kind: str) -> list[Line]:
    """The same in short lines, a sum for each channel."""
    if kind == "max":
        return [Line("largest"), Line(f"= {_short(look.result)}", True)]
    if kind == "mean":
        return [
            Line(f"Σ {_short(float(look.sums.sum()))}"),
            Line(f"/ {look.count}"),
            Line(f"= {_short(look.result)}", True),
        ]
    found = [Line(f"Σ {_short(float(look.sums[0]))}")] if len(look.sums) == 1 else _by_channel(look)
    if look.bias is not None:
        found.append(Line(f"+ bias {_short(look.bias)}"))
    return [*found, Line(f"= {_short(look.result)}", True)]


def _by_channel(look: Look) -> list[Line]:
    shown = len(look.sums) if len(look.sums) <= MOST_LINES else MOST_LINES - 1
    wide = len(str(look.channels[shown - 1]))
    found = [
        Line(f"{channel:>{wide}}  {_short(float(value), sign=True)}")
        for channel, value in zip(look.channels[:shown], look.sums[:shown], strict=True)
    ]
    left = len(look.sums) - shown
    if left:
        found.append(Line(f"{left} more  {_short(float(look.sums[shown:].sum()), sign=True)}"))
    return found


def sent_lines(upstream: float, kind: str, count: int) -> list[Line]:
    """What a window sends back, in short."""
    how = {"sum": "· each weight", "max": "to the winner", "mean": f"/ {count} to each"}[kind]
    return [Line(f"∂ {_short(upstream)}", True), Line(how)]


def goes_back(value: float, look: Look, kind: str) -> str:
    """What becomes of the gradient of one window's result."""
    if kind == "max":
        return f"{_short(value)}, which goes back to the winner"
    places = numbers.count(int((~look.outside).sum()), "place")
    how = f", 1/{look.count} of it to each" if kind == "mean" else ", times the weight of each"
    return f"{_short(value)}, which goes back to {places}{how}"


def sent_told(sent: Sent, field: int, name: str) -> str:
    """The gradient of an element of the input as the sum of what windows send: "0.5·2 + 1·1 = 2: from 2 windows"."""
    terms: Sequence[tuple[float, float]] = list(zip(sent.upstream, sent.factors, strict=True))
    count = numbers.count(len(terms), "window")
    if not terms:
        return "0: it lies in no window"
    total = _short(sent.total)
    if len(terms) > MOST_TERMS:
        return f"{total}: {len(terms):,} terms, one for each window and channel of {name}"
    written = " + ".join(f"{_factor(u)}·{_factor(f)}" for u, f in terms)
    return f"{written} = {total}, from {count} of {name}"


def windows_told(found: Floats | np.ndarray, scene: Scene, name: str) -> str:
    """Which windows an element of the input lies in."""
    if not len(found):
        return "lies in no window"
    sliding = scene.sliding
    (top, left), (bottom, right) = found.min(0).tolist(), found.max(0).tolist()
    where = f"column {left}" if left == right else f"columns {left} to {right}"
    if sliding.field == 2:
        where = (f"row {top}" if top == bottom else f"rows {top} to {bottom}") + f", {where}"
    elif left == right:
        where = f"place {left}"
    else:
        where = f"places {left} to {right}"
    return f"lies in {numbers.count(len(found), 'window')}: {where} of {name}"


def _short(value: float, *, sign: bool = False) -> str:
    return written(float(value), ROOM, sign=sign)
