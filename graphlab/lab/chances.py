"""Scores as probabilities of classes: what the loss takes them for decides how."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ops.loss import Loss
from .outlook import Outlook, cuts_at_zero

Floats = NDArray[np.float64]


def chances(found: Outlook, scores: Any) -> Floats:
    """(rows, classes) for scores (rows, width); a single score stands for two classes. Each row adds up to 1.

    The loss says what its input means. Of one that knows no classes, such as MSELoss, the input is a share already.
    """
    values = np.asarray(scores, np.float64).reshape(len(scores), -1)
    op = found.loss.op if found.loss is not None else None
    told = op.chances(values) if isinstance(op, Loss) and op.tells_classes else values
    if told.shape[1] == 1:
        second = np.clip(told, 0, 1)
        return np.hstack([1 - second, second])
    shares = np.clip(told, 1e-9, None)
    made: Floats = shares / shares.sum(axis=1, keepdims=True)
    return made


def margins(found: Outlook, scores: Any) -> Floats:
    """(rows, classes): by how much each class leads the best other, 0 where two are even; one column for two."""
    values = np.asarray(scores, np.float64).reshape(len(scores), -1)
    if values.shape[1] == 1:
        return values - (0.0 if cuts_at_zero(found.loss) else 0.5)
    if values.shape[1] == 2:
        return values[:, 1:] - values[:, :1]
    best = values.argmax(axis=1)
    ordered = np.partition(values, -2, axis=1)
    others = np.repeat(ordered[:, -1:], values.shape[1], axis=1)
    others[np.arange(len(values)), best] = ordered[:, -2]
    return values - others


def confidence(likely: Floats) -> Floats:
    """How far the most likely class of each row stands out: 0 where all are even, 1 where it is certain."""
    even = 1 / likely.shape[1]
    found: Floats = np.clip((likely.max(axis=1) - even) / (1 - even), 0, 1)
    return found
