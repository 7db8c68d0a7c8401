"""In which order the rows of a data set come to training, where they come as they lie: sorted by class, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .messages import RowOrder

if TYPE_CHECKING:
    from .training import Trainer

Array = npt.NDArray[Any]


def row_orders(trainer: Trainer | None) -> dict[str, RowOrder]:
    """Of every node that brings rows with targets, by its key; of none while they are shuffled, or are one batch."""
    if trainer is None or trainer.shuffle:
        return {}
    batches, size = trainer.batches, trainer.batch_size
    rows, plan = batches.rows("train"), trainer.run.plan
    if not batches.columns or size >= len(rows):
        return {}
    found: dict[str, RowOrder] = {}
    for (key, output), column in batches.columns.items():
        if output == "target" and plan.op(key).brings and len(column) > int(rows.max()):
            found[key] = _order(column[rows], size)
    return found


def _order(targets: Array, size: int) -> RowOrder:
    labels = _classes(targets)
    if labels is None:
        return RowOrder(len(targets), size, kinship=_kinship(targets))
    runs = 1 + int(np.count_nonzero(labels[1:] != labels[:-1]))
    starts = range(0, len(labels), size)
    seen = [len(np.unique(labels[start : start + size])) for start in starts]
    return RowOrder(len(targets), size, len(np.unique(labels)), runs, float(np.mean(seen)))


def _classes(targets: Array) -> Array | None:
    """One class for each row, where targets are classes: indices, one-hot rows, or a column of 0 and 1."""
    if targets.dtype.kind in "iu":
        return targets if targets.ndim == 1 else None
    flat = targets.reshape(len(targets), -1)
    if not np.isin(flat, (0, 1)).all():
        return None
    if flat.shape[1] == 1:
        return flat[:, 0]
    found: Array = flat.argmax(axis=1)
    return found if (flat.sum(axis=1) == 1).all() else None


def _kinship(targets: Array) -> float:
    """How alike the number of one row is to that of the row before: their correlation; 0 where none can be told."""
    flat = targets.reshape(len(targets), -1)[:, :1].astype(np.float64)[:, 0]
    apart = flat - flat.mean()
    spread = float(apart @ apart)
    if not np.isfinite(spread) or spread == 0:
        return 0.0
    return float(apart[1:] @ apart[:-1]) / spread
