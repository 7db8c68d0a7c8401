"""Numbers, times and settings in words for a report."""

from __future__ import annotations

import math
import time
from typing import Any

from ...engine.summary import figure
from ...io.graph_svg.told import value_text
from ..runs.columns import SHARES

NONE = "–"
DOCUMENT_KEYS = ("goal", "extra")


def score(metric: str, value: float | None) -> str:
    """A loss or metric: "97.3 %", "0.1234"; a dash for none."""
    if value is None or math.isnan(value):
        return NONE
    if metric.rpartition(" ")[2] in SHARES and math.isfinite(value):
        return f"{100 * value:.2f} %"
    return figure(value)


def spread(metric: str, mean: float, deviation: float) -> str:
    """ "97.3 % ± 0.4 %" """
    if math.isnan(deviation):
        return score(metric, mean)
    return f"{score(metric, mean)} ± {score(metric, deviation)}"


def whole(number: float) -> str:
    return NONE if math.isnan(number) else f"{number:,.0f}"


def short(number: float) -> str:
    """1,234 as it is, from a million on "1.23 M"."""
    for size, word in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if number >= size:
            return f"{number / size:.3g} {word}"
    return whole(number)


def duration(seconds: float) -> str:
    """ "0.8 s", "42 s", "3 min 5 s", "2 h 4 min" """
    if math.isnan(seconds):
        return NONE
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def day(when: float) -> str:
    """ "28 November 2026" """
    found = time.localtime(when)
    return f"{found.tm_mday} {time.strftime('%B %Y', found)}"


def moment(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))


def setting(value: Any) -> str:
    """The value of a setting: yes, 0.001, Adam; a dash for none."""
    if value is None or value == "":
        return NONE
    if isinstance(value, list | tuple):
        return ", ".join(map(setting, value))
    return value_text(value)


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
