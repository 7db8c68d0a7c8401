"""Probabilities from scores, for reading what a network says: in float64, and outside any run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def softmax_of(scores: Array) -> Array:
    """Along axis 1 of (rows, classes, …). What is not finite stays so in its own row."""
    with np.errstate(all="ignore"):
        raised = np.exp(scores - scores.max(axis=1, keepdims=True), dtype=np.float64)
        shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares


def logistic_of(scores: Array) -> Array:
    """σ of each score. Through tanh, which neither end overflows."""
    shares: Array = 0.5 + 0.5 * np.tanh(0.5 * np.asarray(scores, np.float64))
    return shares
