"""Charts as SVG: lines with bands, dots, bars. Readable without colour: lines differ in dashes, dots in form.

Every mark that a reader may ask about has a <title>, so that pointing at it tells its numbers without a script.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ...io.graph_svg.words import width as words_width
from ...io.markup import Markup, joined, tag
from .ticks import Axis, axis, widened

WIDTH, HEIGHT = 480.0, 250.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 14.0, 12.0, 44.0
_DASHES = (None, "7 4", "2 3", "9 3 2 3", "14 4", "1 5")
_KEY = 18.0  # height of a row of the legend
HUES = 6


class Dot(NamedTuple):
    """One mark, and what it says of itself. share: 0 to 1 in the colour of quality; NaN for none."""

    x: float
    y: float
    told: str = ""
    share: float = math.nan
    ring: bool = False


@dataclass(frozen=True)
class Line:
    """A line through `points`; `band`: (x, low, high) of what it is the middle of. dots: marks upon it."""

    name: str
    points: Sequence[tuple[float, float]]
    hue: int = 0
    dashed: int = 0
    band: Sequence[tuple[float, float, float]] = ()
    dots: Sequence[Dot] = ()
    step: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Frame:
    """What the axes of a chart say. alt: what it shows, in a sentence, for who cannot see it."""

    x: str
    y: str
    alt: str
    log_x: bool = False
    log_y: bool = False
    whole_x: bool = False
    x_names: Sequence[str] = ()  # of values 0, 1, 2 … that are words
    y_names: Sequence[str] = ()
    width: float = WIDTH
    height: float = HEIGHT
    ends: Sequence[float] = field(default=())  # values that the y axis must show


def line_chart(lines: Sequence[Line], frame: Frame) -> Markup:
    """Lines over a common x, with a legend below where there are several."""
    xs = [x for line in lines for x in _xs(line)]
    ys = [y for line in lines for y in _ys(line)] + list(frame.ends)
    plot = _Plot(frame, xs, ys, tuple(line for line in lines if line.name))
    drawn = [_bands(plot, line) for line in lines]
    drawn += [_line(plot, line) for line in lines]
    drawn += [_dots(plot, line.dots, f"c{line.hue % HUES}") for line in lines]
    return plot.svg(drawn)


def scatter(dots: Sequence[Dot], frame: Frame) -> Markup:
    """Dots, coloured from poor to good by their share; the ring is the best."""
    plot = _Plot(frame, [dot.x for dot in dots], [dot.y for dot in dots] + list(frame.ends), ())
    return plot.svg([_dots(plot, dots, "c0")])


def bars(rows: Sequence[tuple[str, float, str]], alt: str, width: float = WIDTH) -> Markup:
    """Horizontal bars: (name, share of the longest from 0 to 1, what is written behind)."""
    step, left = 24.0, max((words_width(name, 12) for name, _, _ in rows), default=0.0) + 14
    left = min(left, width * 0.45)
    room = width - left - 74
    drawn = []
    for k, (name, share, told) in enumerate(rows):
        y = k * step + 4
        long = max(room * share, 1.5)
        drawn += [
            tag("text", name, x=left - 8, y=y + 12, text_anchor="end", class_="t"),
            tag("rect", x=left, y=y, width=long, height=step - 8, rx=2, class_="c0 fill"),
            tag("text", told, x=left + long + 6, y=y + 12, class_="t"),
        ]
    return svg(drawn, alt, width, step * len(rows) + 4)


def _xs(line: Line) -> Iterable[float]:
    yield from (x for x, _ in line.points)
    yield from (x for x, _, _ in line.band)
    yield from (dot.x for dot in line.dots)


def _ys(line: Line) -> Iterable[float]:
    yield from (y for _, y in line.points)
    for _, low, high in line.band:
        yield from (low, high)
    yield from (dot.y for dot in line.dots)


class _Plot:
    """The ground of a chart: axes, grid and legend; places of values."""

    def __init__(self, frame: Frame, xs: Sequence[float], ys: Sequence[float], named: Sequence[Line]) -> None:
        self.frame = frame
        self.x_axis = _named(frame.x_names) or axis(xs, log=frame.log_x, count=6, whole=frame.whole_x)
        self.y_axis = _named(frame.y_names) or widened(axis(ys, log=frame.log_y))
        if frame.x_names or any(line.dots for line in named) or not named:
            self.x_axis = widened(self.x_axis)
        labels = [text for _, text in self.y_axis.ticks]
        self.left = min(max((words_width(text, 11) for text in labels), default=20.0) + 36, 160.0)
        self.keys = list(_key_rows(named, frame.width - self.left - _RIGHT)) if len(named) > 1 else []
        self.height = frame.height + _KEY * len(self.keys)

    def place(self, x: float, y: float) -> tuple[float, float] | None:
        """In pixels; None for what is not finite, or has no place on a log scale."""
        across, up = self.x_axis.share(x), self.y_axis.share(y)
        if not (math.isfinite(across) and math.isfinite(up)):
            return None
        wide = self.frame.width - self.left - _RIGHT
        high = self.frame.height - _TOP - _BOTTOM
        return self.left + across * wide, self.frame.height - _BOTTOM - up * high

    def svg(self, drawn: Iterable[Markup]) -> Markup:
        return svg([self._ground(), *drawn, *self._legend()], self.frame.alt, self.frame.width, self.height)

    def _ground(self) -> Markup:
        frame, bottom = self.frame, self.frame.height - _BOTTOM
        right = frame.width - _RIGHT
        parts = []
        for value, text in self.y_axis.ticks:
            place = self.place(self._some_x(), value)
            if place is not None:
                y = place[1]
                parts += [
                    tag("path", d=f"M{self.left:.1f} {y:.1f}H{right:.1f}", class_="grid"),
                    tag("text", text, x=self.left - 6, y=y + 4, text_anchor="end", class_="t"),
                ]
        for value, text in self.x_axis.ticks:
            place = self.place(value, self._some_y())
            if place is not None:
                x = place[0]
                parts += [
                    tag("path", d=f"M{x:.1f} {bottom:.1f}v4", class_="tick"),
                    tag("text", text, x=x, y=bottom + 17, text_anchor="middle", class_="t"),
                ]
        parts += [
            tag("path", d=f"M{self.left:.1f} {bottom:.1f}H{right:.1f}", class_="tick"),
            tag("text", frame.x, x=(self.left + right) / 2, y=bottom + 35, text_anchor="middle", class_="a"),
            tag(
                "text",
                frame.y,
                text_anchor="middle",
                class_="a",
                transform=f"translate(12 {(_TOP + bottom) / 2:.1f}) rotate(-90)",
            ),
        ]
        return joined(parts)

    def _some_x(self) -> float:
        return self.x_axis.low

    def _some_y(self) -> float:
        return self.y_axis.low

    def _legend(self) -> Iterable[Markup]:
        for row, keys in enumerate(self.keys):
            y = self.frame.height + row * _KEY + 6
            for line, x in keys:
                at = self.left + x
                yield tag(
                    "path",
                    d=f"M{at:.1f} {y - 4:.1f}h22",
                    class_=_line_class(line),
                    stroke_dasharray=_dash(line),
                )
                yield tag("text", line.name, x=at + 28, y=y, class_="t")


def _named(names: Sequence[str]) -> Axis | None:
    """An axis of words."""
    if not names:
        return None
    return Axis(-0.5, len(names) - 0.5, tuple((float(k), name) for k, name in enumerate(names)))


def _key_rows(lines: Sequence[Line], room: float) -> Iterable[list[tuple[Line, float]]]:
    row: list[tuple[Line, float]] = []
    x = 0.0
    for line in lines:
        wide = words_width(line.name, 11.5) + 48
        if row and x + wide > room:
            yield row
            row, x = [], 0.0
        row.append((line, x))
        x += wide
    if row:
        yield row


def _line(plot: _Plot, line: Line) -> Markup:
    """A path with a gap where a value is not finite."""
    parts: list[str] = []
    last: tuple[float, float] | None = None
    for x, y in line.points:
        place = plot.place(x, y)
        if place is not None:
            across = f"H{place[0]:.1f}" if line.step and last is not None else ""
            parts.append(f"{across}{'M' if last is None else 'L'}{place[0]:.1f} {place[1]:.1f}")
        last = place
    if not parts:
        return Markup("")
    title = tag("title", line.name) if line.name else ""
    return tag("path", title, d="".join(parts), class_=_line_class(line), stroke_dasharray=_dash(line))


def _bands(plot: _Plot, line: Line) -> Markup:
    upper = [place for x, _, high in line.band if (place := plot.place(x, high)) is not None]
    lower = [place for x, low, _ in reversed(line.band) if (place := plot.place(x, low)) is not None]
    if len(upper) < 2 or len(lower) < 2:
        return Markup("")
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in (*upper, *lower))
    return tag("path", d=f"M{way}Z", class_=f"band c{line.hue % HUES}")


def _dots(plot: _Plot, dots: Sequence[Dot], hue: str) -> Markup:
    drawn, small = [], 2.6 if len(dots) > 100 else 3.6
    for dot in sorted(dots, key=lambda dot: dot.ring):
        place = plot.place(dot.x, dot.y)
        if place is None:
            continue
        shade = hue if math.isnan(dot.share) else f"q{min(max(round(dot.share * 4), 0), 4)}"
        title = tag("title", dot.told) if dot.told else ""
        drawn.append(
            tag(
                "circle",
                title,
                cx=place[0],
                cy=place[1],
                r=5.5 if dot.ring else small,
                class_=f"dot {shade}{' ring' * dot.ring}",
            )
        )
    return joined(drawn)


def _line_class(line: Line) -> str:
    return f"line c{line.hue % HUES}{' faint' * line.faint}"


def _dash(line: Line) -> str | None:
    return _DASHES[line.dashed % len(_DASHES)]


def svg(drawn: Iterable[Markup], alt: str, width: float, height: float) -> Markup:
    """A picture of that size, with its words for who cannot see it."""
    return tag(
        "svg",
        tag("title", alt),
        *drawn,
        xmlns="http://www.w3.org/2000/svg",
        class_="chart",
        role="img",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
    )
