"""The trials of a sweep as a table: for the terminal and for trials.csv. One line a trial, plain values."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from typing import Any

from .kept import KeptSweep
from .trials import Trial, ranked

RESULTS = (
    "state",
    "score",
    "spread",
    "train_score",
    "fits",
    "epochs",
    "seconds",
    "flops",
    "parameters",
    "error",
)


def headings(sweep: KeptSweep) -> list[str]:
    """Names of the columns: the number of the trial, what is searched, and what came of it."""
    return ["trial", *sweep.head.searches, *RESULTS]


def record(trial: Trial) -> dict[str, Any]:
    """A trial as plain values; numbers that are not there are NaN.

    score, spread, train_score: of the metric, mean and standard deviation over seeds and folds. seconds: of training,
    all fits together. flops: of one fit. parameters: learnt.
    """
    values: Mapping[str, Any] = {name: getattr(trial, name) for name in RESULTS if name != "fits"}
    return {"trial": trial.number, **trial.values, **values, "fits": len(trial.fits)}


def in_order(sweep: KeptSweep) -> list[Trial]:
    """All trials by number."""
    return [sweep.trials[k] for k in sorted(sweep.trials)]


def best(sweep: KeptSweep, most: int) -> list[Trial]:
    """Those that are done, the best first."""
    return ranked(in_order(sweep), sweep.metric)[:most]


def csv_bytes(sweep: KeptSweep) -> bytes:
    """trials.csv: UTF-8, a heading, a line for each trial by number. What is not a number stays empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    columns = headings(sweep)
    writer.writerow(columns)
    writer.writerows(_cells(record(trial), columns) for trial in in_order(sweep))
    return text.getvalue().encode()


def _cells(found: Mapping[str, Any], columns: Iterable[str]) -> list[Any]:
    return [_cell(found.get(column)) for column in columns]


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(value) if isinstance(value, float) else value
