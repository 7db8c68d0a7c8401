"""Parallel coordinates (Inselberg 1985): each trial a line over the axes of what was searched, and its score."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...io.graph_svg.words import cut
from ...io.markup import Markup, tag
from ..sweeps.axes import Axis, value_text, values_of
from ..sweeps.trials import Trial, ranked
from .charts import svg
from .tables import figure
from .ticks import axis as ticked
from .words import score

WIDTH, HEIGHT = 1000.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 70.0, 34.0, 14.0


def parallel(trials: Sequence[Trial], axes: Sequence[Axis], metric: str) -> Markup:
    """trials: those that are drawn, each with a score; the last axis is the score's."""
    shown = ranked(trials, metric)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(axes) - 1, 1)
    at = [_LEFT + k * step for k in range(len(axes))]
    columns = [axis.shares(values_of(shown, axis.name, metric)).tolist() for axis in axes]
    drawn = []
    for place in reversed(range(len(shown))):
        share = 1 - place / max(len(shown) - 1, 1)
        points = [(x, column[place]) for x, column in zip(at, columns, strict=True)]
        way = "L".join(f"{x:.1f} {_y(up):.1f}" for x, up in points if math.isfinite(up))
        told = f"#{shown[place].number}: {metric} {score(metric, shown[place].score)}"
        hue = f"way q{round(share * 4)}{'' if place else ' top'}"
        drawn.append(tag("path", tag("title", told), d=f"M{way}", class_=hue))
    for x, axis in zip(at, axes, strict=True):
        drawn += _axis(x, axis, step, x == at[-1])
    told = f"Each line is one of {len(shown)} trials, from what was set to what came of it; the thick line is the best."
    return figure(svg(drawn, told, WIDTH, HEIGHT), told)


def _y(share: float) -> float:
    return _TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM)


def _axis(x: float, axis: Axis, step: float, last: bool) -> list[Markup]:
    anchor = "middle" if x > _LEFT and not last else "end" if last else "start"
    name = cut(axis.name, step - 12, 12)
    shift = 30.0 if last else -30.0 if anchor == "start" else 0.0
    parts = [
        tag("path", d=f"M{x:.1f} {_y(0):.1f}V{_y(1):.1f}", class_="tick"),
        tag("text", name, x=x + shift, y=18, text_anchor=anchor, class_="a"),
    ]
    for up, text in _marks(axis):
        parts += [
            tag("path", d=f"M{x:.1f} {_y(up):.1f}h4", class_="tick"),
            tag("text", text, x=x + 7, y=_y(up) + 4, class_="t halo"),
        ]
    return parts


def _marks(axis: Axis) -> list[tuple[float, str]]:
    """(share, text) of the marks along an axis."""
    wide = axis.high - axis.low
    if not wide:
        return [(0.5, value_text(axis.value(axis.low)))]
    if axis.is_listed:
        return [(k / (len(axis.values) - 1), cut(value_text(v), 90, 11)) for k, v in enumerate(axis.values)]
    ends = (10**axis.low, 10**axis.high) if axis.kind == "log" else (axis.low, axis.high)
    found = ticked(ends, log=axis.kind == "log")
    return [(found.share(value), text) for value, text in found.ticks if 0 <= found.share(value) <= 1]
