"""What is asked before a sweep begins: whether its document can be trained, and whether there is anything to compare
by. No training is done here.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...engine import Trainer
from ...errors import SettingsError
from ...graph import Document
from .planner import Planner

FEW = 8  # rows on which the names of the metrics are found out


@dataclass(frozen=True)
class Beginning:
    """metric: what trials are compared by. rows: how many are held out, or are divided into folds. expected: trials
    that are going to be, 0 unknown.
    """

    metric: str
    rows: int
    expected: int


def beginning(document: Document) -> Beginning:
    """What a sweep of the document begins with.

    Raises:
        SettingsError: nothing is searched, no rows are held out, the metric is none of the document's, or the method
            cannot search these spaces.
        ProblemsError, DataError, FeedError, MemoryBudgetError: it cannot be trained; the message says why.
    """
    sweep = document.sweep
    if not sweep.searches:
        raise SettingsError(
            "Nothing is searched: no hyperparameter has a space.",
            hint="Say which, such as --search hidden.units=8,16,32, or mark some in the inspector.",
        )
    trainer = Trainer(document)
    trainer.run.require_trainable()
    metrics = tuple(trainer.evaluate("train", FEW).metrics)
    metric = metric_of(sweep.metric, metrics)
    expected = Planner(document, sweep, metric, document.training.epochs).expected
    return Beginning(metric, _held_out(trainer, sweep.folds), expected)


def metric_of(asked: str, metrics: tuple[str, ...]) -> str:
    """What trials are compared by: what was asked for, else the goal's first metric, else the loss. SettingsError."""
    known = (*metrics, "loss")
    if asked and asked not in known:
        raise SettingsError(
            f"The network has no metric '{asked}'.", hint=f"There {_are(len(known))} {', '.join(known)}."
        )
    return asked or known[0]


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _held_out(trainer: Trainer, folds: int) -> int:
    """How many rows tell how good a trial is. SettingsError where there are too few."""
    held_out = trainer.batches.count("validation")
    if not folds:
        if not held_out:
            raise SettingsError(
                "No rows are held out for validation, so trials cannot be compared honestly.",
                hint="Set validation to 0.15, or train in folds (--folds 5).",
            )
        return held_out
    rows = held_out + trainer.batches.count("train")
    if rows < folds:
        raise SettingsError(
            f"{rows:,} rows cannot be divided into {folds:,} folds.", hint=f"Take {max(2, rows)} at most."
        )
    return rows
