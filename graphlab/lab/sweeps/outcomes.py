"""How each row of a split did by itself, so that the spread over rows can be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...engine import Trainer

Floats = npt.NDArray[np.float32]
MOST_ONE_BY_ONE = 2000  # rows that are evaluated each by itself where a batch does not tell them apart


def outcomes(trainer: Trainer, split: str, metric: str) -> Floats | None:
    """The metric of each row of a split by itself, in the order of the rows' numbers.

    Their mean is the metric of the split where each row counts the same. None where that is not told of single rows (a
    metric that is no mean, as R² is none), or there are too many.
    """
    found = _from_batches(trainer, split, metric)
    if found is None and trainer.batches.count(split) <= MOST_ONE_BY_ONE:
        found = _one_by_one(trainer, split, metric)
    if found is None or not np.isfinite(found).all():
        return None
    return found if _adds_up(trainer, split, metric, found) else None


def _from_batches(trainer: Trainer, split: str, metric: str) -> Floats | None:
    """From what went into the loss, where that has a place for each row."""
    plan = trainer.run.plan
    op, ends = plan.op(plan.goal), list(plan.nodes[plan.goal].inputs.items())
    if metric == "loss" or not op.scalar_loss:
        return None
    found = trainer.values(split, [end for _, end in ends])
    arrays = {name: found[end] for name, end in ends}
    count = trainer.batches.count(split)
    if not all(a.ndim and len(a) == count for a in arrays.values()):
        return None
    each = (
        op.metrics(*(arrays[s.name][k : k + 1] if s.name in arrays else None for s in op.sockets()))
        for k in range(count)
    )
    return _array(values.get(metric, np.nan) for values in each)


def _one_by_one(trainer: Trainer, split: str, metric: str) -> Floats | None:
    rows = trainer.batches.rows(split)
    found = (trainer.evaluate_rows(rows[k : k + 1]) for k in range(len(rows)))
    return _array(e.loss if metric == "loss" else e.metrics.get(metric, np.nan) for e in found)


def _array(values: Any) -> Floats:
    return np.fromiter(values, np.float32)


def _adds_up(trainer: Trainer, split: str, metric: str, rows: Floats) -> bool:
    """Whether their mean is what the whole split has."""
    whole = trainer.evaluate(split)
    value = whole.loss if metric == "loss" else whole.metrics.get(metric, np.nan)
    return bool(np.isclose(rows.mean(dtype=np.float64), value, rtol=1e-3, atol=1e-5))
