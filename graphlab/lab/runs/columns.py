"""What a table of runs may show, and what a filter may ask for: one column for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...graph import Training
from .. import columns
from ..columns import SHARES, Kind, in_order, says
from .kept import KeptRun

Column = columns.Column[KeptRun]
ALIASES = {
    "acc": "accuracy",
    "batch": "batch_size",
    "val": "validation_loss",
    "validation": "validation_loss",
    "best": "best_loss",
    "tag": "tags",
    "when": "began",
    "time": "seconds",
    "opt": "optimizer",
    "is": "state",
}


def _setting(name: str) -> Callable[[KeptRun], Any]:
    return lambda run: run.training.get(name, float("nan"))


def _figure(name: str) -> Callable[[KeptRun], Any]:
    return lambda run: getattr(run.figures, name)


COLUMNS: tuple[Column, ...] = (
    Column("name", "name", "text", "What it is called; F2 renames it", lambda run: run.name),
    Column("began", "when", "time", "When it began", lambda run: run.head.began),
    Column("state", "state", "text", "How it ended", lambda run: run.state),
    Column("graph", "graph", "text", "The graph that it trained", lambda run: run.head.graph, shown=False),
    Column("optimizer", "optimizer", "text", "At the beginning", _setting("optimizer")),
    Column("lr", "lr", "number", "Learning rate at the beginning", _setting("lr")),
    Column("batch_size", "batch", "count", "Rows in a batch at the beginning", _setting("batch_size")),
    Column("steps", "steps", "count", "Updates made", _figure("steps")),
    Column("epochs", "epochs", "count", "Whole epochs", _figure("epochs"), shown=False),
    Column("loss", "loss", "number", "Mean over the last whole epoch", _figure("loss")),
    Column("best_loss", "best", "number", "The least mean over an epoch", _figure("best_loss")),
    Column(
        "validation_loss", "validation", "number", "Validation loss at the end", _figure("validation_loss")
    ),
    Column(
        "best_validation_loss",
        "best validation",
        "number",
        "The least validation loss",
        _figure("best_validation_loss"),
        shown=False,
    ),
    Column("seconds", "time", "duration", "How long it trained", _figure("seconds")),
    Column("seed", "seed", "count", "Chooses all random numbers", lambda run: run.head.seed, shown=False),
    Column("parameters", "parameters", "count", "Numbers learnt", lambda r: r.head.parameters, shown=False),
    Column("size", "size", "bytes", "What its files take", lambda run: run.size, shown=False),
    Column("tags", "tags", "text", "Words of your own", lambda run: " ".join(run.labels.tags)),
    Column("note", "note", "text", "What you wrote of it", lambda run: run.labels.note),
)
_AFTER = "validation_loss"  # metrics stand behind it


def columns_of(runs: Iterable[KeptRun]) -> list[Column]:
    """Every column for these runs: those of all, and one for each metric that any of them measured."""
    names = sorted({name for run in runs for name in run.figures.metrics})
    found: list[Column] = []
    for column in COLUMNS:
        found.append(column)
        if column.key == _AFTER:
            found.extend(metric(name) for name in names)
    return found


def usual_columns(runs: Sequence[KeptRun]) -> list[Column]:
    """Those that are shown unless somebody chooses others: no empty ones, and the graph where there are several."""
    several = len({run.head.graph for run in runs}) > 1
    return [
        column
        for column in columns_of(runs)
        if column.key == "name"
        or ((column.shown or (several and column.key == "graph")) and any(says(column, run) for run in runs))
    ]


def metric(name: str) -> Column:
    kind: Kind = "percent" if name in SHARES else "number"
    tip = "At the end, on validation rows where there are any"
    return Column(name, name, kind, tip, lambda run: run.figures.metrics.get(name, float("nan")))


def column_for(word: str, runs: Iterable[KeptRun]) -> Column | None:
    """The column, or training setting, that a word in a filter means: by its key, title, or how it begins."""
    word = ALIASES.get(word, word)
    known = {column.key: column for column in columns_of(runs)}
    if word in known:
        return known[word]
    if word in Training.__dataclass_fields__ and word != "extra":
        return Column(word, word, "number", "", _setting(word))
    titled = [c for c in known.values() if word in (c.title, c.title.replace(" ", "_"))]
    begins = titled or [c for c in known.values() if c.key.startswith(word)]
    return begins[0] if len(begins) == 1 or titled else None


sorted_runs = in_order

__all__ = [
    "ALIASES",
    "COLUMNS",
    "SHARES",
    "Column",
    "Kind",
    "column_for",
    "columns_of",
    "metric",
    "says",
    "sorted_runs",
    "usual_columns",
]
