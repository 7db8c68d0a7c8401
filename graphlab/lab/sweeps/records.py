"""What is told of a sweep: the task of one training, what came of it, and how that stands in files.

A *trial* is one setting of the searched hyperparameters. It is trained `seeds` times, times the folds: each of these
is a *fit*, which one worker does by itself, and which is the same to the bit wherever it is done. Numbers that are
not finite are None in all records. Those that come in thousands hold nothing that leads back to them, so the garbage
collector leaves them alone (`gc=False`): else it would hold up a window that has many.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec

FORMAT, VERSION = "graphlab-sweep", 1
LEARNING_CURVE, CAPACITY = "learning curve", "capacity"  # kinds of sweeps that are ready made

# how a fit ended: all its epochs; judged not worth going on at a rung; numbers became NaN or infinite, memory ran
# out, the worker died (each time it was tried), or the settings make no network; the time of the sweep was up, which
# counts as nothing
FitState = Literal["done", "pruned", "failed", "cut"]

LookedBy = Literal["final evaluation", "training", "window"]
NO_TRIAL = -1


class Key(msgspec.Struct, frozen=True, gc=False, order=True, array_like=True):
    """Which fit: number of the trial from 0, which of its seeds, which fold."""

    trial: int
    repeat: int = 0
    fold: int = 0

    def __str__(self) -> str:
        return f"{self.trial}.{self.repeat}.{self.fold}"


class Task(msgspec.Struct, frozen=True):
    """Everything that a worker needs for a fit, or for a part of it.

    document: the SHA-256 (hex) of the document's .graphlab bytes, which the worker has been given apart, once.
    values: by the text of each search ("hidden.units", "lr"), as `searching.apply` takes them.
    seed: of weights, batches and chance; the rows held out are those that the document's own seed says.
    folds: of how many folds `key.fold` is one; 0 for the document's validation split.
    until: epochs in all after which this part ends, 0 for all that the document's settings say. state: what an
        earlier part gave back, to go on from exactly there.
    metric: as in `Sweep`. seconds: after which it is cut short, 0 never. memory: bytes that a plan may take, 0 for
        no limit.
    weights, rows: whether the weights, and how each held-out row did, are to come back.
    version: of the graphlab that asks; a worker with another refuses.
    """

    key: Key
    document: str
    values: dict[str, Any]
    seed: int
    folds: int = 0
    until: int = 0
    state: bytes = b""
    metric: str = ""
    seconds: float = 0.0
    memory: int = 0
    weights: bool = False
    rows: bool = True
    version: str = ""


class Epoch(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Where a fit stood after an epoch: mean loss over its steps, metrics on training rows, both on held-out rows."""

    epoch: int
    step: int
    loss: float | None
    metrics: dict[str, float | None] = {}
    validation_loss: float | None = None
    validation_metrics: dict[str, float | None] = {}
    seconds: float = 0.0


class Cost(msgspec.Struct, frozen=True, gc=False):
    """seconds: of training, measuring not counted. flops: of all steps done, forward and backward. parameters:
    learnt.
    """

    seconds: float = 0.0
    flops: int = 0
    parameters: int = 0


class Fit(msgspec.Struct, frozen=True, gc=False):
    """What came of a fit: a line of fits.jsonl.

    score: the metric on held-out rows, at the last epoch (at the best, where the document keeps the best).
    train_score: the same metric on training rows then. best_epoch: the epoch that these are of. metric: its name,
        "accuracy" or "loss".
    validation_rows, train_rows: how many. error: why it failed, in words; worker: who did it; tries: how often begun.
    weights, rows: whether files of that kind were kept, see `folder`.
    rungs: how many rungs of a pruning the trial had come to when it was pruned or failed.
    """

    key: Key
    state: FitState
    seed: int
    metric: str = "loss"
    score: float | None = None
    train_score: float | None = None
    best_epoch: int = 0
    epochs: list[Epoch] = []
    cost: Cost = Cost()
    validation_rows: int = 0
    train_rows: int = 0
    error: str = ""
    worker: str = ""
    tries: int = 1
    weights: bool = False
    rows: bool = False
    rungs: int = 0


class Done(msgspec.Struct, frozen=True):
    """What a worker gives back: the fit, and the bytes that do not belong into its line.

    weights: as .safetensors. rows: .npy of float32, one number per held-out row, in the order of the rows' numbers:
    1 or 0 where the metric counts hits, else the row's loss. state: to go on from, where the part was not the last.
    refused: the worker's version where it is another than the task's; nothing was done then. log: what it printed,
        where it failed.
    """

    fit: Fit
    weights: bytes = b""
    rows: bytes = b""
    state: bytes = b""
    refused: str = ""
    log: str = ""


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """A line of trials.jsonl: what a trial tries."""

    trial: int
    values: dict[str, Any]


class Head(msgspec.Struct, frozen=True):
    """sweep.json: what was known at the beginning. `began`: seconds since 1970. origin: the document's file, "" for
    none.

    sweep: as `sweep_record.fields`. searches: the text of each search → the text of its space, in order. training:
    the document's settings. document: SHA-256 (hex) of document.graphlab. expected: trials that are going to be, 0
    unknown.
    epochs: of a fit. kind: "sweep", or which ready-made experiment it is ("learning curve", "capacity").
    """

    id: str
    began: float
    graph: str
    document: str
    sweep: dict[str, Any]
    searches: dict[str, str]
    training: dict[str, Any]
    metric: str = "loss"
    expected: int = 0
    epochs: int = 0
    kind: str = "sweep"
    format: str = FORMAT
    version: int = VERSION
    number: int = 0
    origin: str = ""
    machine: dict[str, Any] = {}
    graphlab: str = ""


class End(msgspec.Struct, frozen=True):
    """end.json: how the last sitting ended ("finished", "stopped", "out of time"; "interrupted" while it goes on, and
    when it was killed); seconds of all sittings together.
    """

    state: str
    ended: float
    seconds: float = 0.0
    reason: str = ""


class Opening(msgspec.Struct, frozen=True):
    """A line of tests.jsonl: the sealed test rows were looked at. `when`: seconds since 1970.

    by: what looked: the final evaluation of a sweep's trial; a training that was told to (`graphlab train --test`); or
    a panel of the window, which shows more than one figure. The latter two are of no sweep (""), their trial is −1.
    metric: "" where no figure was told. scores: of each fit of the trial; score, low, high: their mean, and the ends of
    its 95 % interval, None where it is not known.
    """

    when: float
    sweep: str
    trial: int
    metric: str
    rows: int
    scores: list[float | None]
    score: float | None = None
    low: float | None = None
    high: float | None = None
    by: LookedBy = "final evaluation"


def finite(value: float | None) -> float | None:
    """The number as records have it: None for what is not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def number(value: float | None) -> float:
    """The other way round: NaN for None."""
    return math.nan if value is None else value


def fit_seed(sweep_seed: int, searched: Any, repeat: int) -> int:
    """The seed of a trial's repeat: the searched one or the document's, plus the number of the repeat.

    So all trials are trained with the same seeds, and differences between them are of pairs.
    """
    return int(searched if isinstance(searched, int) else sweep_seed) + repeat
