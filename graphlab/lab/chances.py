"""Scores as probabilities of classes: what the loss takes them for decides how."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .outlook import Outlook, cuts_at_zero

Floats = NDArray[np.float64]


def chances(found: Outlook, scores: Any) -> Floats:
    """(rows, classes) for scores (rows, width); a single score stands for two classes. Each row adds up to 1."""
    values = np.asarray(scores, np.float64).reshape(len(scores), -1)
    wants = found.loss.op.wants if found.loss is not None and found.loss.op is not None else ""
    if values.shape[1] == 1:
        second = _second(values[:, 0], wants, cuts_at_zero(found.loss))
        return np.stack([1 - second, second], axis=1)
    if wants == "scores":
        powers = np.exp(values - values.max(axis=1, keepdims=True))
    elif wants == "log-probabilities":
        powers = np.exp(np.minimum(values, 0))
    else:
        powers = np.clip(values, 1e-9, None)
    found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found


def _second(score: Floats, wants: str, at_zero: bool) -> Floats:
    """The probability of the second of two classes."""
    if wants == "log-probabilities":
        return np.exp(np.minimum(score, 0))
    if at_zero:
        return 1 / (1 + np.exp(-np.clip(score, -500, 500)))
    return np.clip(score, 0, 1)


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
