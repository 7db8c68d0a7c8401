"""The runs of a document side by side: what they were set to, what they came to, and how far seeds lie apart."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.stopping import RISING
from ...errors import GraphlabError
from ...io.files import MOST_JSON
from ...io.markup import Markup, joined, tag
from ..runs import KeptRun
from ..runs.differences import Row, settings_apart
from ..runs.kept import GRAPH, read_bytes
from .charts import Frame, Line, line_chart
from .tables import figure, section, table
from .words import duration, plural, score, setting, spread, whole

MOST_RUNS = 60  # in the table: the newest
MOST_LINES = 6  # in the chart
MOST_COLUMNS = 5  # of settings
_QUIET = ("graph", "parameters", "graphlab")


def comparison_section(runs: Sequence[KeptRun], shown: KeptRun | None, broken: Sequence[str] = ()) -> Markup:
    """A table of the runs, the newest first; nothing where there is but one."""
    trained = [run for run in runs if run.figures.steps]
    left = _broken(broken)
    if len(trained) < 2:
        return section("runs", "Runs", left) if broken else Markup("")
    newest = trained[:MOST_RUNS]
    apart = [
        row for row in settings_apart(newest) if not row.name.startswith("machine") and row.name not in _QUIET
    ]
    more = len(trained) - len(newest)
    return section(
        "runs",
        "Runs compared",
        _table(newest, apart, shown),
        tag("p", f"{plural(more, 'older run')} are left out.", class_="quiet") if more > 0 else "",
        _seeds(newest),
        _overlaid(newest),
        left,
    )


def _broken(broken: Sequence[str]) -> Markup:
    if not broken:
        return Markup("")
    return tag("p", f"Could not be read: {', '.join(broken)}.", class_="quiet")


def _metrics(runs: Sequence[KeptRun]) -> list[str]:
    return list(dict.fromkeys(name for run in runs for name in run.figures.metrics))[:3]


def _table(runs: Sequence[KeptRun], apart: Sequence[Row], shown: KeptRun | None) -> Markup:
    metrics, columns = _metrics(runs), list(apart[:MOST_COLUMNS])
    held = any(not math.isnan(run.figures.validation_loss) for run in runs)
    headings = ["Run", *(row.name for row in columns), "epochs done", "loss"]
    headings += ["validation loss"] * held + metrics + ["time"]
    rows = []
    for k, run in enumerate(runs):
        figures = run.figures
        rows.append(
            (
                run.name,
                *(setting(row.values[k]) for row in columns),
                whole(figures.epochs),
                score("", figures.loss),
                *([score("", figures.validation_loss)] if held else []),
                *(score(name, figures.metrics.get(name)) for name in metrics),
                duration(figures.seconds),
            )
        )
    best = next((k for k, run in enumerate(runs) if shown is not None and run.id == shown.id), -1)
    where = "on held-out rows where there are any" if metrics else "at the end"
    caption = (
        f"The settings in which they differ, and what they came to; metrics {where}. ★ is the run told above."
    )
    if len(apart) > len(columns):
        caption += f" They differ in {plural(len(apart) - len(columns), 'more setting')}: " + ", ".join(
            row.name for row in apart[len(columns) :]
        )
    return table(headings, rows, right=set(range(1, len(headings))), caption=caption, best=best)


# Seeds


def seed_groups(runs: Sequence[KeptRun]) -> list[list[KeptRun]]:
    """Runs of the same graph and settings but for the seed, and as far trained; where there are two or more."""
    together: dict[str, dict[int, KeptRun]] = {}
    for run in runs:
        key = _apart_from_seed(run)
        if key:
            together.setdefault(key, {}).setdefault(run.head.seed, run)
    return [list(group.values()) for group in together.values() if len(group) > 1]


def _apart_from_seed(run: KeptRun) -> str:
    """Equal for runs that differ in nothing but the seed; "" where that cannot be told."""
    try:
        plain: Any = json.loads(read_bytes(run.path / GRAPH, MOST_JSON))["document"]
    except (GraphlabError, ValueError, RecursionError, KeyError, TypeError):
        return ""
    if not isinstance(plain, dict):
        return ""
    settings = {name: value for name, value in run.training.items() if name != "seed"}
    network = {
        name: value for name, value in plain.items() if name not in ("training", "notes", "frames", "sweep")
    }
    return json.dumps([run.figures.epochs, run.head.first, settings, network], sort_keys=True)


def _seeds(runs: Sequence[KeptRun]) -> Markup:
    groups = seed_groups(runs)
    if not groups:
        return Markup("")
    metrics = _metrics([run for group in groups for run in group]) or [""]
    rows = []
    for group in groups:
        seeds = ", ".join(str(run.head.seed) for run in sorted(group, key=lambda run: run.head.seed))
        cells = [_mean(group, name) for name in metrics]
        rows.append((", ".join(run.name for run in group), seeds, str(len(group)), *cells))
    headings = ("Runs", "Seeds", "Count", *(name or "loss" for name in metrics))
    caption = "Runs that differ in the seed alone: mean ± standard deviation (n − 1) over seeds."
    return joined(
        tag("h3", "Over seeds"), table(headings, rows, right=set(range(2, len(headings))), caption=caption)
    )


def _mean(group: Sequence[KeptRun], name: str) -> str:
    values = np.array(
        [run.figures.metrics.get(name, math.nan) if name else run.figures.loss for run in group]
    )
    return spread(name, float(values.mean()), float(values.std(ddof=1)))


def _overlaid(runs: Sequence[KeptRun]) -> Markup:
    """The curves of the best few over one another, by the first metric or the loss."""
    metrics = _metrics(runs)
    name = metrics[0] if metrics else ""
    up = name.rpartition(" ")[2] in RISING

    def value(run: KeptRun) -> float:
        found = run.figures.metrics.get(name, math.nan) if name else run.figures.loss
        return (-found if up else found) if math.isfinite(found) else math.inf

    chosen = sorted(runs, key=value)[:MOST_LINES]
    lines = []
    for k, run in enumerate(chosen):
        points = [(float(e.epoch), _at(e, name)) for e in run.curve().epochs]
        if len(points) > 1:
            lines.append(Line(run.name, points, k, k))
    if not lines:
        return Markup("")
    which = "held-out rows where there are any" if name else "training rows"
    told = f"The {plural(len(lines), 'run')} with the best {name or 'loss'} at the end, on {which}."
    return figure(line_chart(lines, Frame("epoch", name or "loss", told, whole_x=True, width=900.0)), told)


def _at(report: Any, name: str) -> float:
    if name:
        return float((report.validation_metrics or report.metrics).get(name, math.nan))
    return float(report.loss)
