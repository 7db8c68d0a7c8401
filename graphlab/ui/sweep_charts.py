"""Pictures of a sweep as charts: which trials stand where. Pure; the panel shows them, `lab/sweeps` has the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..lab.sweeps.axes import (
    COST_WORDS,
    Axis,
    cost_axis,
    measured,
    merits,
    rows_of_values,
    score_axis,
    search_axes,
    value_text,
    values_of,
)
from ..lab.sweeps.by_value import AtValue, Mean, by_value, error_of
from ..lab.sweeps.curves import Curves
from ..lab.sweeps.kept import KeptSweep
from ..lab.sweeps.landscape import landscape
from ..lab.sweeps.statistics import pareto
from ..lab.sweeps.trials import Trial, best_so_far, rises
from . import sweep_words
from .widgets.parallel_lines import Lines
from .widgets.trial_chart import Chart, Dots, Floats, Scale, Stroke, Surface, Threads

GOLDEN = 0.618034  # dots at one place of a list stand apart by multiples of it
APART = 0.17  # of the distance of two listed values, at most
ROWS = "rows"


@dataclass
class Subject:
    """The trials of a sweep, and what all pictures need of them. Made anew when trials are others."""

    sweep: KeptSweep
    curves: Curves
    trials: list[Trial] = field(init=False)
    axes: list[Axis] = field(init=False)
    merit: Floats = field(init=False)
    scale: Scale | None = field(init=False)

    def __post_init__(self) -> None:
        self.trials = [self.sweep.trials[k] for k in sorted(self.sweep.trials)]
        self.axes = search_axes(self.sweep)
        self.merit, worst, best = merits(self.trials, self.metric)
        self.scale = self._scale(worst, best) if math.isfinite(best) else None

    def _scale(self, worst: float, best: float) -> Scale:
        """Beyond the worst there may be others."""
        is_share = rises(self.metric)
        scores = [trial.score for trial in self.trials if math.isfinite(trial.score)]
        sign = ("≤ " if min(scores) < worst else "") if is_share else ("≥ " if max(scores) > worst else "")
        words = [f"{100 * v:.3g} %" if is_share else value_text(float(f"{v:.3g}")) for v in (worst, best)]
        return Scale(self.metric, sign + words[0], words[1])

    @property
    def metric(self) -> str:
        return self.sweep.metric

    @property
    def score(self) -> Axis:
        return score_axis(self.trials, self.metric)

    def axis(self, name: str) -> Axis:
        """That of a hyperparameter, of the score or of a cost."""
        if name == self.metric:
            return self.score
        if name in COST_WORDS:
            return cost_axis(self.trials, name)
        return next((axis for axis in self.axes if axis.name == name), Axis(name, "linear", 0.0, 1.0))

    @property
    def numbers(self) -> np.ndarray:
        return np.array([trial.number for trial in self.trials], np.int64)

    def states(self, *states: str) -> np.ndarray:
        return np.array([trial.state in states for trial in self.trials], bool)


def chart_of(kind: str, found: Subject, across: str, up: str) -> Chart:
    """The picture of a kind that is a chart with one dot or curve a trial. SettingsError."""
    if kind == sweep_words.CONTOUR:
        return contour(found, across, up)
    if kind == sweep_words.BEST:
        return best(found, "seconds" if across == sweep_words.TIME else "trials")
    if kind == sweep_words.CURVES:
        return curves(found)
    return against_cost(found, across) if kind == sweep_words.COST else scatter(found, across, up)


def dots_of(found: Subject, x: Floats, y: Floats, chosen: np.ndarray) -> Dots:
    """Of the trials chosen, at places x and y of all."""
    return Dots(
        found.numbers[chosen],
        x[chosen],
        y[chosen],
        found.merit[chosen],
        found.states("pruned")[chosen],
        found.states("failed")[chosen],
    )


def parallel(found: Subject) -> tuple[list[Axis], Lines]:
    """Each trial that has begun, over the hyperparameters and the score."""
    score = found.score
    places = rows_of_values(found.trials, found.axes)
    scores = score.places([trial.score for trial in found.trials])
    axes = [*found.axes, score]
    columns = [*places.T, scores]
    shares = np.stack([_share(axis, column) for axis, column in zip(axes, columns, strict=True)], axis=1)
    chosen = found.states("done", "pruned", "failed", "running")
    shown = Lines(found.numbers[chosen], shares[chosen], found.merit[chosen], ~found.states("done")[chosen])
    return axes, shown


def _share(axis: Axis, places: Floats) -> Floats:
    wide = axis.high - axis.low
    return (places - axis.low) / wide if wide else np.where(np.isfinite(places), 0.5, np.nan)


def scatter(found: Subject, across: str, up: str) -> Chart:
    """Any two of hyperparameters, score and costs."""
    x, y = found.axis(across), found.axis(up)
    numbers = found.numbers
    xs = _spread(x, x.places(values_of(found.trials, across, found.metric)), numbers)
    ys = _spread(y, y.places(values_of(found.trials, up, found.metric)), numbers + 1)
    chosen = found.states("done", "pruned", "failed", "running")
    dots = dots_of(found, xs, ys, chosen)
    return Chart(x.padded(), y.padded(), _title(across), _title(up), dots=dots, scale=found.scale)


def _spread(axis: Axis, places: Floats, numbers: np.ndarray) -> Floats:
    """Trials at one place of a list a little apart, each always by the same."""
    if not axis.is_listed:
        return places
    return places + APART * (2 * np.mod(numbers * GOLDEN, 1.0) - 1)


def contour(found: Subject, across: str, up: str) -> Chart:
    """The score over two hyperparameters, and the trials that it is told from. SettingsError."""
    x, y = found.axis(across), found.axis(up)
    xs, ys = (axis.places(values_of(found.trials, axis.name, found.metric)) for axis in (x, y))
    done = found.states("done")
    scores = np.array([trial.score for trial in found.trials])
    wide_x, wide_y = x.padded(0.03), y.padded(0.03)
    grid = landscape(np.stack([xs, ys], axis=1)[done], scores[done], wide_x, wide_y)
    good = scores[done & np.isfinite(scores)]
    up_is_good = rises(found.metric)
    worst = float(np.quantile(good, 0.1 if up_is_good else 0.9))
    best = float(good.max() if up_is_good else good.min())
    dots = dots_of(found, xs, ys, done)
    return Chart(
        wide_x,
        wide_y,
        _title(across),
        _title(up),
        dots,
        surface=Surface(grid, worst, best),
        scale=found.scale,
    )


def best(found: Subject, over: str) -> Chart:
    """All trials as dots in their order, and the best up to each. over: "trials" or "seconds" of training."""
    order = np.array([trial.number for trial in found.trials], np.float64)
    spent = np.cumsum([trial.seconds for trial in found.trials])
    xs = order if over == "trials" else spent
    scores = np.array([trial.score for trial in found.trials])
    at = dict(zip(found.numbers.tolist(), xs.tolist(), strict=True))
    steps = best_so_far(found.trials, found.metric)
    line_x = [at[number] for number, _ in steps]
    line_y = [score for _, score in steps]
    if steps and len(xs):
        line_x, line_y = [*line_x, float(xs[-1])], [*line_y, line_y[-1]]
    y = found.score
    x = measured("number of the trial" if over == "trials" else "seconds of training", xs, False)
    line = Stroke("best so far", np.array(line_x), y.places(line_y), "accent", has_steps=True)
    chosen = found.states("done", "pruned")
    dots = dots_of(found, xs, y.places(scores), chosen)
    return Chart(x.padded(), y.padded(), "", found.metric, dots, strokes=(line,))


def curves(found: Subject) -> Chart:
    """The metric on held-out rows after each epoch, one curve a trial; pruned ones end early."""
    chosen = found.states("done", "pruned", "failed", "running")
    trials = [trial for trial, is_in in zip(found.trials, chosen.tolist(), strict=True) if is_in]
    matrix = found.curves.matrix(trials)
    y = measured(found.metric, matrix[np.isfinite(matrix)].tolist(), is_share=rises(found.metric))
    xs = np.arange(1, matrix.shape[1] + 1, dtype=np.float64)
    x = Axis("epoch", "linear", 1.0, max(float(matrix.shape[1]), 1.0), whole=True)
    heights = y.places(matrix.ravel()).reshape(matrix.shape)
    threads = Threads(found.numbers[chosen], xs, heights, found.merit[chosen], ~found.states("done")[chosen])
    title = f"{found.metric} on held-out rows"
    return Chart(x.padded(), y.padded(), "", title, threads=threads, scale=found.scale)


def against_cost(found: Subject, cost: str) -> Chart:
    """Score against cost, and the trials that none beats in both."""
    finished = [trial for trial in found.trials if trial.state == "done"]
    x, y = cost_axis(finished, cost), score_axis(finished, found.metric)
    xs = x.places(values_of(found.trials, cost, found.metric))
    ys = y.places([trial.score for trial in found.trials])
    front = pareto(found.trials, cost, found.metric)
    on_front = {trial.number for trial in front}
    merit = np.array([found.merit[k] if t.number in on_front else np.nan for k, t in enumerate(found.trials)])
    done = found.states("done")
    dots = Dots(
        found.numbers[done],
        xs[done],
        ys[done],
        merit[done],
        np.zeros(done.sum(), bool),
        np.zeros(done.sum(), bool),
    )
    places = x.places([float(getattr(trial, cost)) for trial in front])
    scores = y.places([trial.score for trial in front])
    line = Stroke("none better for less", places, scores, "accent", has_steps=True)
    return Chart(x.padded(), y.padded(), COST_WORDS[cost], found.metric, dots, strokes=(line,))


def values_chart(found: Subject, name: str, *, as_error: bool) -> tuple[Chart, list[AtValue]]:
    """Training and held-out rows against the values of one hyperparameter: mean, and a band one spread wide."""
    source = found.axis(name)
    at = by_value(found.trials, source, found.metric)
    x, places = _axis_of_rows(at) if name == ROWS else (source, np.array([each.place for each in at]))
    means = {
        part: [
            error_of(getattr(each, part), found.metric) if as_error else getattr(each, part) for each in at
        ]
        for part in ("train", "held_out")
    }
    word = ("error" if rises(found.metric) else "loss") if as_error else found.metric
    ends = [end for part in means.values() for mean in part for end in mean.ends if math.isfinite(end)]
    y = measured(word, ends, False, is_share=rises(found.metric))
    strokes = (
        _banded("training rows", places, means["train"], "negative", "square", is_dashed=True),
        _banded("held-out rows", places, means["held_out"], "positive", "disc"),
    )
    heights = np.array([mean.value for mean in means["held_out"]])
    numbers = np.array([each.trials[0] for each in at], np.int64)
    none = np.zeros(len(at), bool)
    dots = Dots(numbers, places, heights, np.ones(len(at)), none, none, is_drawn=False)
    title = "training rows" if name == ROWS else name
    has_bands = any(mean.spread == mean.spread for part in means.values() for mean in part)
    said = f"{word}, mean and spread over trainings" if has_bands else word
    return Chart(x.padded(), y.padded(), title, said, dots, strokes=strokes), at


def _banded(
    name: str, x: Floats, means: Sequence[Mean], role: str, mark: str, is_dashed: bool = False
) -> Stroke:
    low = np.array([mean.ends[0] for mean in means])
    high = np.array([mean.ends[1] for mean in means])
    return Stroke(name, x, np.array([mean.value for mean in means]), role, low, high, is_dashed, mark)


def _axis_of_rows(at: Sequence[AtValue]) -> tuple[Axis, Floats]:
    """How many rows, by the logarithm; their share where that is not known."""
    rows = [each.rows if each.rows > 0 else float(each.value) for each in at]
    axis = measured(ROWS, rows, True)
    return axis, axis.places(rows)


def _title(name: str) -> str:
    return COST_WORDS.get(name, name)
