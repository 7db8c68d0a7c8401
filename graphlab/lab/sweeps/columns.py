"""What a table of trials may show, and what a filter of them may ask for: `lr<0.01 optimizer=Adam -failed acc>95%`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from .. import query
from ..columns import SHARES, Kind
from ..columns import Column as AnyColumn
from .records import Head
from .trials import Trial

Column = AnyColumn[Trial]
FEW = 100  # trials by which it is told whether a hyperparameter is a number
ALIASES = {"number": "trial", "train": "train_score", "time": "seconds", "opt": "optimizer", "is": "state"}


def columns_of(head: Head, trials: Mapping[int, Trial]) -> list[Column]:
    """A column for the number, each hyperparameter that is searched, and each thing that came of a trial."""
    metric = head.metric
    kind: Kind = "percent" if is_share(metric) else "number"
    seen = list(islice(trials.values(), FEW))
    return [
        Column("trial", "#", "count", "Number of the trial", lambda trial: trial.number),
        *(_searched(name, space, seen) for name, space in head.searches.items()),
        Column(
            "score", metric, kind, f"{metric} on held-out rows: mean ± spread over seeds and folds", _score
        ),
        Column(
            "spread", "spread", kind, "Standard deviation over seeds and folds", _of("spread"), shown=False
        ),
        Column(
            "train_score",
            "train",
            kind,
            f"{metric} on training rows, to tell what is learnt by heart",
            _train,
        ),
        Column(
            "epochs",
            "epochs",
            "count",
            "Of the training that came farthest",
            lambda trial: trial.epochs or math.nan,
        ),
        Column("seconds", "time", "duration", "Of training, all seeds and folds together", _seconds),
        Column(
            "flops",
            "FLOP",
            "count",
            "Floating-point operations of one training",
            lambda trial: trial.flops or math.nan,
        ),
        Column(
            "parameters", "parameters", "count", "Numbers learnt", lambda trial: trial.parameters or math.nan
        ),
        Column(
            "fits", "fits", "count", "Trainings that are done", lambda trial: len(trial.fits), shown=False
        ),
        Column("state", "state", "text", "How it ended", lambda trial: trial.state),
        Column("error", "error", "text", "Why it failed", lambda trial: trial.error),
    ]


def is_share(metric: str) -> bool:
    """Whether a metric is told in percent."""
    return metric.rpartition(" ")[2] in SHARES


def _score(trial: Trial) -> float:
    return trial.score


def _train(trial: Trial) -> float:
    return trial.train_score


def _seconds(trial: Trial) -> float:
    return trial.seconds or math.nan  # of a trial that failed at once, nobody has measured anything


def _of(name: str) -> Callable[[Trial], Any]:
    return lambda trial: getattr(trial, name)


def _searched(name: str, space: str, seen: Iterable[Trial]) -> Column:
    is_text = any(not _is_number(trial.values.get(name, 0)) for trial in seen)
    return Column(
        name,
        name,
        "text" if is_text else "number",
        f"Searched: {space}",
        lambda trial: plain(trial.values.get(name)),
    )


def plain(value: Any) -> Any:
    """A value as a column has it: a number, or a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if _is_number(value) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def column_for(word: str, columns: Sequence[Column]) -> Column | None:
    """The column that a word in a filter means: by its key or title, by the end of its name (units: hidden.units), or
    by how it begins. None for none, or for several.
    """
    word = ALIASES.get(word, word)
    for found in (
        [column for column in columns if word in (column.key, column.title)],
        [column for column in columns if column.key.rpartition(".")[2] == word],
        [column for column in columns if column.key.startswith(word) or column.title.startswith(word)],
    ):
        if found:
            return found[0] if len({column.key for column in found}) == 1 else None
    return None


def matching(trials: Sequence[Trial], text: str, columns: Sequence[Column]) -> list[Trial]:
    """The trials that a filter lets through, in their order. ConditionError when it cannot be understood."""
    known = [column.key for column in columns]
    words = query.Words("Trials", partial(column_for, columns=columns), known, _texts)
    return query.matching(trials, text, words)


def _texts(trial: Trial) -> Iterable[str]:
    return (trial.state, trial.error, *(str(plain(value)) for value in trial.values.values()))
