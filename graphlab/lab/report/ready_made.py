"""Ready-made sweeps in a report: a learning curve, or error against capacity, with the spread over seeds as a band."""

from __future__ import annotations

from collections.abc import Sequence

from ...io.markup import Markup, joined, tag
from ..sweeps.axes import search_axes
from ..sweeps.by_value import Mean, by_value, error_of, words_of
from ..sweeps.kept import KeptSweep
from ..sweeps.records import CAPACITY, LEARNING_CURVE
from ..sweeps.trials import rises
from .charts import Frame, Line, line_chart
from .tables import figure

TITLES = {LEARNING_CURVE: "Learning curve", CAPACITY: "Capacity: bias and variance"}


def ready_made(sweep: KeptSweep) -> Markup:
    """What it says in words, and the curve; nothing for any other sweep."""
    axes = search_axes(sweep)
    if sweep.head.kind not in TITLES or len(axes) != 1:
        return Markup("")
    found = by_value(sweep.trials.values(), axes[0], sweep.metric)
    if len(found) < 2:
        return tag("p", words_of(sweep))
    is_learning = sweep.head.kind == LEARNING_CURVE
    name = "training rows" if is_learning else axes[0].name
    xs = [at.rows if is_learning else float(at.value) for at in found]
    error = f"error (1 − {sweep.metric})" if rises(sweep.metric) else sweep.metric
    lines = [
        _line("training rows", xs, [error_of(at.train, sweep.metric) for at in found], 0),
        _line("held-out rows", xs, [error_of(at.held_out, sweep.metric) for at in found], 1),
    ]
    told = f"{error.capitalize()} on training and on held-out rows against {name}; the bands are the spread"
    told += f" over {max(at.held_out.count for at in found)} trainings."
    frame = Frame(name, error, told, log_x=min(xs) > 0, width=760.0)
    return joined(tag("p", words_of(sweep)), figure(line_chart(lines, frame), told))


def _line(name: str, xs: Sequence[float], means: Sequence[Mean], hue: int) -> Line:
    points = [(x, mean.value) for x, mean in zip(xs, means, strict=True)]
    return Line(name, points, hue, hue, [(x, *mean.ends) for x, mean in zip(xs, means, strict=True)])
