"""Values of a layer as points of the plane or of space: principal components, kept steady from frame to frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EXACT = 128  # rows or numbers up to which components are found by solving; of more by iterating
ROUNDS, SPARE = 24, 8


@dataclass(frozen=True)
class Projection:
    """`axes` (numbers, dimensions) are orthonormal; `shares`: of the variance of the fitted values, by axis."""

    mean: Floats
    axes: Floats
    shares: Floats

    def of(self, values: Floats) -> Floats:
        """(rows, dimensions) of values (rows, numbers)."""
        flat = np.asarray(values, np.float64).reshape(len(values), math.prod(np.shape(values)[1:]))
        points: Floats = (flat - self.mean) @ self.axes
        return points


def as_they_are(size: int) -> Projection:
    """Nothing is projected: the numbers are the coordinates."""
    return Projection(np.zeros(size), np.eye(size), np.full(size, np.nan))


def principal(values: Floats, dimensions: int = 2, before: Projection | None = None) -> Projection:
    """The principal components (Pearson 1901) of values (rows, numbers): the axes along which they vary most.

    With `before`, of as many numbers, the axes are turned within the space that they span to be as near as can be to
    those (orthogonal Procrustes, Schönemann 1966), so that a picture does not flip from one frame to the next. Without
    it, the largest entry of each axis is positive. Numbers that are not finite count as 0.
    """
    flat = np.nan_to_num(
        np.asarray(values, np.float64).reshape(len(values), math.prod(np.shape(values)[1:])),
        posinf=0,
        neginf=0,
    )
    mean = flat.mean(axis=0) if len(flat) else np.zeros(flat.shape[1])
    centred = flat - mean
    count = min(dimensions, flat.shape[1])
    axes = _axes(centred, count)
    if before is not None and before.axes.shape == axes.shape:
        u, _, v = np.linalg.svd(axes.T @ before.axes)
        axes = axes @ (u @ v)
    else:
        largest = np.abs(axes).argmax(axis=0)
        axes = axes * np.where(axes[largest, np.arange(count)] < 0, -1.0, 1.0)
    total = float((centred**2).sum())
    shares = ((centred @ axes) ** 2).sum(axis=0) / total if total > 0 else np.zeros(count)
    return Projection(mean, axes, shares)


def alike(one: Projection, points: Floats, other: Floats) -> Projection:
    """The projection with its axes turned or mirrored within their space, so that `points`, which it made of rows, come
    to lie as near as can be to `other`, where the same rows lay before, up to size and place."""
    if points.shape != other.shape or one.axes.shape[1] != points.shape[1] or not len(points):
        return one
    u, _, v = np.linalg.svd((points - points.mean(axis=0)).T @ (other - other.mean(axis=0)))
    turn = u @ v
    shares = (turn**2).T @ one.shares  # as components are uncorrelated
    return Projection(one.mean, one.axes @ turn, shares)


def _axes(centred: Floats, count: int) -> Floats:
    """(numbers, count): orthonormal, those of greatest variance first."""
    rows, numbers = centred.shape
    if min(rows, numbers) <= EXACT:
        if numbers <= rows:
            return np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :count]
        found = centred.T @ np.linalg.eigh(centred @ centred.T)[1][:, ::-1][:, :count]
    else:
        found = np.random.default_rng(0).standard_normal((numbers, count + SPARE))
        for _ in range(ROUNDS):
            found = np.linalg.qr(centred.T @ (centred @ found))[0]
        inside = np.linalg.eigh((narrow := centred @ found).T @ narrow)[1][:, ::-1]
        found = found @ inside[:, :count]
    return _filled(found)


def _filled(axes: Floats) -> Floats:
    """The axes with length 1; where there is no variance left, any that are orthogonal to the others."""
    lengths = np.linalg.norm(axes, axis=0)
    weak = lengths <= 1e-12 * max(float(lengths.max(initial=0.0)), 1e-300)
    kept = axes / np.where(weak, 1.0, lengths)
    kept[:, weak] = 0.0
    for k in np.flatnonzero(weak):
        for unit in np.eye(len(kept)):
            rest = unit - kept @ (kept.T @ unit)
            if (length := np.linalg.norm(rest)) > 1e-6:
                kept[:, k] = rest / length
                break
    return kept


def turned(points: Floats, yaw: float, pitch: float) -> Floats:
    """Points (n, 3) as one sees them who has walked round by `yaw` and looks down by `pitch` (radians).

    The columns are to the right, upwards, and towards the eye.
    """
    a, b, c, d = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    right = np.array([a, b, 0.0])
    up = np.array([-b * d, a * d, c])
    near = np.array([b * c, -a * c, d])
    seen: Floats = points @ np.stack([right, up, near], axis=1)
    return seen
