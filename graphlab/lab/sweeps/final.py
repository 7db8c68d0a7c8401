"""The final evaluation: one trial on the sealed test rows, which is counted (`seal`)."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from ...engine import Trainer
from ...errors import DataError, ExperimentError, GraphlabError
from .fit import score_of, trained, trainer_of
from .kept import KeptSweep
from .outcomes import outcomes
from .records import Key, Opening, Task, finite
from .seal import TEST, Book
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
    scores, rows = [], []
    with Book(sweep.path.parent, alone=True) as book:
        for k, key in enumerate(keys):
            trainer = _trained(sweep, found, key)
            loss = trainer.evaluate(TEST)
            scores.append(score_of(sweep.metric, loss.loss, loss.metrics)[1])
            rows.append(outcomes(trainer, TEST, sweep.metric))
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
    if not trainer.batches.count(TEST):
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
