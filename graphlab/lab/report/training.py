"""The training in a report: its settings, what it came to on each part of the rows, and its curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from ...engine.optimizers import OPTIMIZERS, settings_of
from ...engine.training import Report
from ...graph import Training
from ...graph.document import STOPPING
from ...io.markup import Markup, joined, tag
from ..runs import KeptRun
from ..runs.kept import Curve
from .charts import Frame, Line, line_chart
from .rows_told import SPLITS
from .tables import facts, figure, section, table
from .words import NONE, duration, moment, score, setting, whole

MOST_POINTS = 300  # of a curve of steps; of more, the range of as many neighbours
LOG_FROM = 30.0  # times the least that a loss must span to be drawn on a logarithmic scale
_OF_SCHEDULES = {
    "StepLR": ("step_size", "gamma"),
    "step": ("step_size", "gamma"),
    "exponential": ("gamma",),
    "onecycle": ("pct_start",),
    "plateau": ("factor", "patience", "min_lr"),
}


# Settings


def settings_section(training: Mapping[str, Any]) -> Markup:
    """Every setting that means something: those that were changed first."""
    usual = {
        each.name: getattr(Training(), each.name)
        for each in fields(Training)
        if each.name not in ("goal", "extra")
    }
    mine = {**usual, **{name: value for name, value in training.items() if name in usual}}
    heeded = [name for name in usual if _is_heeded(name, mine)]
    changed = [
        (name, setting(mine[name]), setting(usual[name])) for name in heeded if mine[name] != usual[name]
    ]
    same = [(name, setting(mine[name])) for name in heeded if mine[name] == usual[name]]
    parts: list[Markup] = []
    if changed:
        parts.append(
            table(("Setting", "Here", "Usually"), changed, right={1, 2}, caption="Set otherwise than usual.")
        )
    parts += [tag("h3", "As usual" if changed else "All as usual"), facts(same)]
    return section("settings", "Settings of the training", parts)


def _is_heeded(name: str, mine: Mapping[str, Any]) -> bool:
    """Whether the setting has a part in this training: momentum has none where Adam makes the steps."""
    own = {setting_name for kind in OPTIMIZERS for setting_name in settings_of(kind)} - {"lr", "weight_decay"}
    if name in own:
        return name in settings_of(str(mine["optimizer"]))
    schedules = {each for names in _OF_SCHEDULES.values() for each in names}
    if name in schedules:
        schedule = str(mine["schedule"]).lower()
        return any(name in names for kind, names in _OF_SCHEDULES.items() if kind.lower() in schedule)
    if name in ("min_delta", "stop_on"):
        return bool(mine["stop_patience"])
    return name not in STOPPING or bool(mine[name]) or name == "stop_patience"


# What it came to


def result_section(run: KeptRun, sizes: Mapping[str, int], tests: str) -> Markup:
    """The figures of each part of the rows, as they were kept with the run. tests: what is said of the test rows."""
    curve = run.curve()
    if not curve.epochs:
        return section("result", "What it came to", _steps_only(run), _marks(curve))
    last, best = curve.epochs[-1], _best(curve.epochs)
    names = list(last.metrics)
    headings = ["Part", "Rows", "Loss", *(name.capitalize() for name in names)]
    rows: list[tuple[str, ...]] = [_train_row(last, names, sizes, "after the last epoch")]
    if last.validation_loss is not None:
        rows.append(_validation_row(last, names, sizes, f"after the last epoch ({last.epoch})"))
        if best is not last:
            rows.append(_validation_row(best, names, sizes, f"at the best epoch ({best.epoch})"))
    caption = "As they were measured during the training and kept with it."
    return section(
        "result",
        "What it came to",
        table(headings, rows, right=set(range(1, len(headings))), caption=caption),
        tag("p", tests, class_="quiet"),
        facts(_run_facts(run)),
        _marks(curve),
    )


def _train_row(report: Report, names: Sequence[str], sizes: Mapping[str, int], when: str) -> tuple[str, ...]:
    return (
        f"training, {when}",
        _size(sizes, "train"),
        score("", report.loss),
        *(score(n, report.metrics.get(n)) for n in names),
    )


def _validation_row(
    report: Report, names: Sequence[str], sizes: Mapping[str, int], when: str
) -> tuple[str, ...]:
    scores = (score(n, report.validation_metrics.get(n)) for n in names)
    return (f"validation, {when}", _size(sizes, "validation"), score("", report.validation_loss), *scores)


def _size(sizes: Mapping[str, int], split: str) -> str:
    return whole(sizes[split]) if sizes.get(split) else NONE


def _best(epochs: Sequence[Report]) -> Report:
    """The epoch of the least validation loss, or loss where there is none."""

    def loss(report: Report) -> float:
        found = report.loss if report.validation_loss is None else report.validation_loss
        return found if math.isfinite(found) else math.inf

    return min(epochs, key=loss)


def _steps_only(run: KeptRun) -> Markup:
    figures = run.figures
    return joined(
        tag("p", "No whole epoch was finished, so only the losses of its steps are known."),
        facts(
            [
                ("last loss", score("", figures.loss)),
                ("best loss", score("", figures.best_loss)),
                *_run_facts(run),
            ]
        ),
    )


def _run_facts(run: KeptRun) -> list[tuple[str, object]]:
    figures, head = run.figures, run.head
    found: list[tuple[str, object]] = [
        ("run", run.name),
        ("began", moment(head.began)),
        ("ended", run.state),
        ("steps", whole(figures.steps)),
        ("epochs", whole(figures.epochs)),
        ("time of training", duration(figures.seconds)),
        ("parameters", whole(head.parameters)),
        ("seed", str(head.seed)),
    ]
    if head.parent:
        found.append(("branch of", f"{head.parent}, step {head.parent_step:,}"))
    if run.labels.tags:
        found.append(("tags", " ".join(run.labels.tags)))
    if run.labels.note:
        found.append(("note", run.labels.note))
    if run.end is not None and run.end.reason:
        found.append(("why it ended", run.end.reason))
    return found


def _marks(curve: Curve) -> Markup:
    """What was changed by hand meanwhile."""
    if not curve.marks:
        return Markup("")
    rows = [(f"{step:,}", text) for step, text in curve.marks[:60]]
    return joined(tag("h3", "Changed by hand meanwhile"), table(("After step", "What"), rows))


# Curves


def curves_section(run: KeptRun) -> Markup:
    """Loss and metrics, over epochs where there are any, and the loss of the steps."""
    curve = run.curve()
    charts = []
    if len(curve.epochs) > 1:
        charts.append(_loss_chart(curve.epochs))
        charts += [_metric_chart(curve.epochs, name) for name in curve.epochs[-1].metrics]
    if len(curve.losses) > 1:
        charts.append(_step_chart(curve))
    if not charts:
        return Markup("")
    return section("curves", "Curves", tag("div", charts, class_="charts"))


def _loss_chart(epochs: Sequence[Report]) -> Markup:
    train = Line("training", [(e.epoch, e.loss) for e in epochs], 0)
    lines = [train]
    if any(e.validation_loss is not None for e in epochs):
        held = [
            (float(e.epoch), math.nan if e.validation_loss is None else e.validation_loss) for e in epochs
        ]
        lines.append(Line("validation", held, 1, 1))
    values = [y for line in lines for _, y in line.points]
    frame = Frame(
        "epoch", "loss", f"The loss after each of {len(epochs)} epochs.", log_y=_is_wide(values), whole_x=True
    )
    told = "Mean of the loss over the steps of each epoch" + (
        ", and over the held-out rows after it." if len(lines) > 1 else "."
    )
    return figure(line_chart(lines, frame), told)


def _metric_chart(epochs: Sequence[Report], name: str) -> Markup:
    lines = [Line("training", [(e.epoch, e.metrics.get(name, math.nan)) for e in epochs], 0)]
    if any(e.validation_metrics for e in epochs):
        held = [(float(e.epoch), e.validation_metrics.get(name, math.nan)) for e in epochs]
        lines.append(Line("validation", held, 1, 1))
    frame = Frame("epoch", name, f"The {name} after each of {len(epochs)} epochs.", whole_x=True)
    last = epochs[-1]
    told = f"{name.capitalize()} at the end: {score(name, last.metrics.get(name))} on training rows"
    if last.validation_metrics:
        told += f", {score(name, last.validation_metrics.get(name))} on held-out rows"
    return figure(line_chart(lines, frame), f"{told}.")


def _step_chart(curve: Curve) -> Markup:
    points, band = thinned(curve.first, curve.losses)
    line = Line("loss", points, 0, band=band)
    values = [y for _, y in points] + [y for _, low, high in band for y in (low, high)]
    frame = Frame(
        "step",
        "loss of a batch",
        f"The loss of {len(curve.losses):,} steps.",
        log_y=_is_wide(values),
        whole_x=True,
    )
    each = (
        ""
        if not band
        else " The band reaches from the least to the greatest of neighbouring steps, the line is their mean."
    )
    return figure(line_chart([line], frame), f"Loss of each step, on its batch.{each}")


def thinned(
    first: int, losses: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[list[tuple[float, float]], list[tuple[float, float, float]]]:
    """(points, band) of a long curve: means of neighbours, and from their least to their greatest."""
    if len(losses) <= MOST_POINTS:
        return [(float(first + k), float(loss)) for k, loss in enumerate(losses)], []
    points, band = [], []
    edges = np.linspace(0, len(losses), MOST_POINTS + 1).astype(int)
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = losses[start:end]
        part = part[np.isfinite(part)]
        if not len(part):
            points.append((float(first + start), math.nan))
            continue
        x = first + (start + end - 1) / 2
        points.append((x, float(part.mean())))
        band.append((x, float(part.min()), float(part.max())))
    return points, band


def _is_wide(values: Sequence[float]) -> bool:
    found = [v for v in values if math.isfinite(v)]
    return bool(found) and min(found) > 0 and max(found) > LOG_FROM * min(found)


def headline(run: KeptRun) -> list[tuple[str, str]]:
    """The figures that stand at the top."""
    curve, figures = run.curve(), run.figures
    found: list[tuple[str, str]] = []
    if curve.epochs:
        last = curve.epochs[-1]
        held = last.validation_loss is not None
        for name, value in list((last.validation_metrics or last.metrics).items())[:2]:
            found.append((f"{name} on {'held-out' if held else 'training'} rows", score(name, value)))
        loss = last.validation_loss if held else last.loss
        found.append((f"loss on {'held-out' if held else 'training'} rows", score("", loss)))
    elif figures.steps:
        found.append(("loss of the last step", score("", figures.loss)))
    found.append(("epochs" if figures.epochs else "steps", whole(figures.epochs or figures.steps)))
    found.append(("time of training", duration(figures.seconds)))
    return found


__all__ = [
    "SPLITS",
    "curves_section",
    "headline",
    "result_section",
    "settings_section",
    "thinned",
]
