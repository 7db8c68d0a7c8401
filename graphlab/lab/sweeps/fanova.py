"""Functional ANOVA of a forest of regression trees: how much of its variance each hyperparameter makes by itself.

Hutter, Hoos and Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance". A leaf of a tree is
a box of the space, so what a tree says of one hyperparameter, all others being averaged over, is exact: a sum over the
leaves, by the share of the space that each box has in every other. Optuna goes from place to place for the same
numbers; here all leaves of a tree are taken at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .axes import Axis

TREES, DEEPEST = 64, 64

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Columns:
    """What the forest sees of an axis: one column of places, or for words one of 0 and 1 for each word."""

    axis: Axis
    first: int

    @property
    def count(self) -> int:
        return len(self.axis.values) if self.axis.kind == "words" else 1

    def encoded(self, places: Floats) -> Floats:
        """(n, count)"""
        if self.axis.kind != "words":
            return places[:, None]
        found: Floats = (places[:, None] == np.arange(self.count)).astype(np.float64)
        return found


def main_effects(
    places: Floats, scores: Floats, axes: Sequence[Axis], seed: int, trees: int = TREES
) -> Floats:
    """(axes,): of the forest's variance over the space, the share that each makes by itself; the mean over trees.

    places: (trials, axes), as `axes.rows_of_values` has them. Needs scikit-learn.
    """
    from sklearn.ensemble import RandomForestRegressor

    columns = _columns(axes)
    seen = np.concatenate([c.encoded(places[:, k]) for k, c in enumerate(columns)], axis=1)
    forest = RandomForestRegressor(n_estimators=trees, max_depth=DEEPEST, random_state=seed % 2**32)
    forest.fit(seen, scores)
    shares = [_shares(tree.tree_, columns) for tree in forest.estimators_]
    found: Floats = np.mean([share for share in shares if share is not None] or [np.zeros(len(axes))], axis=0)
    return found


def _columns(axes: Sequence[Axis]) -> list[Columns]:
    found: list[Columns] = []
    for axis in axes:
        found.append(Columns(axis, found[-1].first + found[-1].count if found else 0))
    return found


def _shares(tree: Any, columns: Sequence[Columns]) -> Floats | None:
    """Of one tree; None for one that says the same everywhere."""
    low, high = _boxes(tree)
    values = np.asarray(tree.value, np.float64).reshape(tree.node_count)[np.asarray(tree.children_left) < 0]
    parts = np.stack([_part(low, high, c) for c in columns], axis=1)
    weights = parts.prod(axis=1)
    mean = float(weights @ values)
    variance = float(weights @ (values - mean) ** 2)
    if variance <= 1e-300:
        return None
    alone = [_alone(low, high, values - mean, parts, k, c) for k, c in enumerate(columns)]
    found: Floats = np.array(alone) / variance
    return found


def _boxes(tree: Any) -> tuple[Floats, Floats]:
    """(leaves, columns) each: above what and up to what the columns are in each leaf."""
    left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
    low = np.full((tree.node_count, tree.n_features), -math.inf)
    high = np.full_like(low, math.inf)
    level = np.array([0])
    while len(level := level[left[level] >= 0]):
        for child in (left[level], right[level]):
            low[child], high[child] = low[level], high[level]
        split, at = tree.feature[level], tree.threshold[level]
        high[left[level], split] = at
        low[right[level], split] = at
        level = np.concatenate([left[level], right[level]])
    leaves = left < 0
    return low[leaves], high[leaves]


def _inside(low: Floats, high: Floats, columns: Columns) -> Bools:
    """(leaves, values): which values of a list, or words, lie in which box."""
    first, count = columns.first, len(columns.axis.values)
    if columns.axis.kind != "words":
        at = np.arange(count)
        return (low[:, first, None] < at) & (at <= high[:, first, None])
    lows, highs = low[:, first : first + count], high[:, first : first + count]
    takes_1, takes_0 = (lows < 1) & (highs >= 1), (lows < 0) & (highs >= 0)
    others = (~takes_0).sum(axis=1, keepdims=True) - ~takes_0
    found: Bools = takes_1 & (others == 0)
    return found


def _ends(low: Floats, high: Floats, columns: Columns) -> tuple[Floats, Floats]:
    axis = columns.axis
    return low[:, columns.first].clip(axis.low, axis.high), high[:, columns.first].clip(axis.low, axis.high)


def _part(low: Floats, high: Floats, columns: Columns) -> Floats:
    """(leaves,): the share of an axis that each box has."""
    if columns.axis.is_listed:
        found: Floats = _inside(low, high, columns).mean(axis=1)
        return found
    start, end = _ends(low, high, columns)
    return (end - start) / (columns.axis.high - columns.axis.low)


def _alone(low: Floats, high: Floats, values: Floats, parts: Floats, which: int, columns: Columns) -> float:
    """The variance, along one axis, of the tree's mean over all others. values: with mean 0 over the space."""
    worth = values * np.delete(parts, which, axis=1).prod(axis=1)
    if columns.axis.is_listed:
        return float(((worth @ _inside(low, high, columns)) ** 2).mean())
    start, end = _ends(low, high, columns)
    at = np.concatenate([start, end])
    order = np.argsort(at, kind="stable")
    heights = np.cumsum(np.concatenate([worth, -worth])[order])[:-1]
    return float(np.diff(at[order]) @ heights**2) / (columns.axis.high - columns.axis.low)
