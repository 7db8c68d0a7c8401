"""Pictures that a network gave, as bytes to be saved: grey or coloured ones, signed maps, and several in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
POSITIVE, ZERO, NEGATIVE = (
    (42, 120, 214),
    (236, 239, 243),
    (217, 115, 26),
)  # as on a light ground in the window
GAP, GROUND = 1, 255


def as_bytes(picture: Array, low: float | None = None, high: float | None = None) -> Bytes:
    """(C, H, W) or (H, W) as (H, W, 3), from black at `low` to white at `high`, by default its least and greatest.

    Three channels are colours; of other numbers the mean is shown.
    """
    values = np.asarray(picture, np.float64)
    if values.ndim == 3 and len(values) != 3:
        values = values.mean(axis=0)
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    grey = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    shown = np.moveaxis(grey, 0, 2) if grey.ndim == 3 else np.repeat(grey[..., None], 3, axis=2)
    return np.asarray(np.rint(255 * shown), np.uint8)


def signed(values: Array, scale: float | None = None) -> Bytes:
    """A map (H, W), or (C, H, W) whose channels are added up: blue where it is positive, orange where negative."""
    flat = flattened(values)
    scale = (float(np.abs(flat).max()) if scale is None else scale) or 1.0
    share = np.clip(flat / scale, -1, 1)[..., None]
    end = np.where(share >= 0, np.array(POSITIVE, float), np.array(NEGATIVE, float))
    return np.asarray(np.rint(np.array(ZERO, float) * (1 - abs(share)) + end * abs(share)), np.uint8)


def flattened(values: Array) -> Array:
    """A map as one layer: its channels added up."""
    found = np.asarray(values, np.float64)
    return np.asarray(found.sum(axis=0) if found.ndim == 3 else found)


def in_a_row(pictures: Sequence[Bytes], columns: int = 8) -> Bytes:
    """Pictures of one size side by side, in as many rows as they need."""
    height, width = pictures[0].shape[:2]
    across = min(columns, len(pictures))
    down = -(-len(pictures) // across)
    whole = np.full((down * (height + GAP) - GAP, across * (width + GAP) - GAP, 3), GROUND, np.uint8)
    for k, picture in enumerate(pictures):
        y, x = (k // across) * (height + GAP), (k % across) * (width + GAP)
        whole[y : y + height, x : x + width] = picture
    return whole


def enlarged(picture: Bytes, times: int) -> Bytes:
    """Each pixel as a square of so many."""
    return np.repeat(np.repeat(picture, times, axis=0), times, axis=1)
