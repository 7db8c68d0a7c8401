"""What a picture of trials is made of: dots, threads (one curve a trial), strokes, a surface. `trial_plot` shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from ...lab.sweeps.axes import Axis
from ..theme import theme

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
BINS = 12  # of colour
EMPTY = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Dots:
    """One dot a trial, at places of the axes. merit: 0 to 1 its colour, NaN grey. hollow: pruned. crossed: failed.

    is_drawn: whether they are to be seen, where no line has marks at the same places.
    """

    numbers: Ints
    x: Floats
    y: Floats
    merit: Floats
    hollow: Bools
    crossed: Bools
    is_drawn: bool = True


@dataclass(frozen=True, eq=False)
class Threads:
    """One curve a trial over the same places x (columns,); y (trials, columns), NaN where there is none."""

    numbers: Ints
    x: Floats
    y: Floats
    merit: Floats
    dashed: Bools


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line of its own, with a band where low and high are given. role: a colour of the theme; mark: of its dots,
    "" for none, "disc" or "square". has_steps: it goes across first, then up.
    """

    name: str
    x: Floats
    y: Floats
    role: str = "accent"
    low: Floats = field(default_factory=lambda: EMPTY)
    high: Floats = field(default_factory=lambda: EMPTY)
    is_dashed: bool = False
    mark: str = ""
    has_steps: bool = False

    @property
    def colour(self) -> QColor:
        found: QColor = getattr(theme(), self.role)
        return found


@dataclass(frozen=True, eq=False)
class Surface:
    """Scores (rows, columns) over both axes from end to end, NaN where nothing is known. low, high: of its colours."""

    scores: Floats
    low: float
    high: float


@dataclass(frozen=True)
class Scale:
    """What colours stand for: the scores of merit 0 and 1."""

    title: str
    worst: str
    best: str


@dataclass(frozen=True, eq=False)
class Chart:
    """A picture. Titles of the axes are their names unless others are given."""

    x: Axis
    y: Axis
    x_title: str = ""
    y_title: str = ""
    dots: Dots | None = None
    threads: Threads | None = None
    strokes: tuple[Stroke, ...] = ()
    surface: Surface | None = None
    scale: Scale | None = None

    @property
    def titles(self) -> tuple[str, str]:
        return self.x_title or self.x.name, self.y_title or self.y.name

    @property
    def numbers(self) -> Ints:
        """The trials in it."""
        shown = self.dots or self.threads
        return shown.numbers if shown is not None else np.zeros(0, np.int64)


def bins_of(merit: Floats) -> Ints:
    """−1 for no score, else 0 to BINS − 1, the best last."""
    found = np.clip(np.nan_to_num(merit, nan=-1.0) * BINS, -1, BINS - 1)
    return np.where(np.isfinite(merit), np.maximum(found, 0), -1).astype(np.int64)


def bin_colour(k: int) -> QColor:
    """The colour of such a bin."""
    share = np.nan if k < 0 else k / (BINS - 1)
    red, green, blue = theme().merit(np.array([share]))[0].tolist()
    return QColor(red, green, blue)


def merit_colour(share: float) -> QColor:
    """The colour of one merit."""
    return bin_colour(int(bins_of(np.array([share]))[0]))
