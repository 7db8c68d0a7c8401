"""The final evaluation: one trial on the sealed test rows, which is counted.

Test rows tell how good a choice is only as long as nothing was chosen by them. So nothing in a sweep looks at them;
whoever does is written down in tests.jsonl beside the document's sweeps, for all to see.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from ...engine import Trainer
from ...errors import DataError, ExperimentError, GraphlabError
from ...io.lock import Lock
from ...writing import save_error
from . import kept
from .fit import score_of, trained, trainer_of
from .kept import KeptSweep
from .outcomes import outcomes
from .records import Key, Opening, Task, finite
from .statistics import interval, score_interval
from .trials import Trial, ranked


def final_evaluation(
    sweep: KeptSweep, trial: int | None = None, done: Callable[[int, int], object] = lambda k, n: None
) -> Opening:
    """Measures a trial, by default the best, on the test rows; each of its seeds, trained as the document splits its
    rows.

    With k-fold cross-validation that is one more training a seed. Weights that were kept are taken, others made
    again.
    done: is told how many of how many seeds are.

    Raises:
        ExperimentError: there is no such trial, or it was not trained to its end. DataError: no rows were sealed.
        SaveError: the opening cannot be written down; then nothing was measured.
    """
    found = _trial(sweep, trial)
    keys = sorted({Key(fit.key.trial, fit.key.repeat) for fit in found.done})
    folder = sweep.path.parent
    scores, rows = [], []
    with _Book(folder) as book:
        for k, key in enumerate(keys):
            trainer = _trained(sweep, found, key)
            loss = trainer.evaluate("test")
            scores.append(score_of(sweep.metric, loss.loss, loss.metrics)[1])
            rows.append(outcomes(trainer, "test", sweep.metric))
            done(k + 1, len(keys))
        each = [one for one in rows if one is not None]
        known = interval(np.stack(each)) if len(each) == len(scores) else score_interval(scores)
        opening = Opening(
            time.time(),
            sweep.path.name,
            found.number,
            sweep.metric,
            loss.count,
            [finite(score) for score in scores],
            finite(known.mean),
            finite(known.low),
            finite(known.high),
        )
        book.write(opening)
    return opening


class _Book:
    """tests.jsonl, held by one evaluation at a time and open before anything is looked at."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / kept.TESTS

    def __enter__(self) -> _Book:
        self._lock = Lock.take(self._path.with_suffix(".lock"))
        try:
            self._file = open(self._path, "ab", buffering=0)
        except OSError as error:
            self._release()
            raise save_error(self._path, error) from error
        if self._lock is None:
            self._file.close()
            raise ExperimentError(
                "Another final evaluation of this document is under way.", hint="Wait until it is done."
            )
        return self

    def write(self, opening: Opening) -> None:
        """Whole, or not at all. SaveError."""
        data, before = msgspec.json.encode(opening) + b"\n", self._file.seek(0, os.SEEK_END)
        try:
            if self._file.write(data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self._file.truncate(before)
            raise save_error(self._path, error) from error

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _trial(sweep: KeptSweep, number: int | None) -> Trial:
    if number is None:
        best = ranked(sweep.trials.values(), sweep.metric)
        if not best:
            raise ExperimentError("No trial of this sweep is done yet.", hint="Let it go on first.")
        return best[0]
    found = sweep.trials.get(number)
    if found is None:
        last = max(sweep.trials, default=-1)
        raise ExperimentError(
            f"There is no trial {number}.", hint=f"They are 0 to {last}." if last >= 0 else ""
        )
    if not found.done:
        raise ExperimentError(
            f"Trial {number} was not trained to its end ({found.state}).", hint="Choose one that is done."
        )
    return found


def _trained(sweep: KeptSweep, trial: Trial, key: Key) -> Trainer:
    """The network of one seed of a trial, as it was judged."""
    seed = next(fit.seed for fit in trial.fits if fit.key.repeat == key.repeat)
    task = Task(key, sweep.head.document, dict(trial.values), seed)
    trainer = trainer_of(task, sweep.document)
    if not trainer.batches.count("test"):
        raise DataError(
            "The document holds back no test rows.",
            hint="Set the test share, such as 0.15, before you search.",
        )
    weights = sweep.weights(key) if not sweep.head.sweep.get("folds") else None
    if weights is None:
        return _trained_again(sweep, task)
    for name, array in weights.items():
        trainer.run.set(name, array)
    return trainer


def _trained_again(sweep: KeptSweep, task: Task) -> Trainer:
    """Where no weights were kept; that comes to the same bits."""
    try:
        return trained(task, sweep.document)
    except (GraphlabError, MemoryError) as error:
        raise ExperimentError(f"Trial {task.key.trial} cannot be trained again: {error}") from error
