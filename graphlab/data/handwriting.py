"""What a hand has drawn, as an image like those that a network has learnt from: cut out, scaled, centred.

Large images are prepared as MNIST's were, small ones as UCI's digits were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .givers import rows_of

Floats = npt.NDArray[np.float64]

INK = 0.05  # less than that is taken for paper
SMALL = 16  # pixels of height up to which an image is filled from top to bottom
FILLED = 20 / 28  # of the height of larger ones


def as_image(ink: npt.ArrayLike, height: int, width: int) -> Floats:
    """Ink (rows, columns), from 0 (paper) to 1, as an image (height, width) of the same range.

    MNIST (LeCun, Cortes and Burges 1998): the digit fits a box of 20 of the 28 pixels, with its centre of mass in the
    middle. UCI (Alpaydin and Kaynak 1998): its box fills the 8 pixels. Proportions are kept, and each pixel is the mean
    of the ink that falls on it. Without ink the image is 0.
    """
    drawn = np.asarray(ink, np.float64)
    rows, columns = np.flatnonzero((drawn > INK).any(axis=1)), np.flatnonzero((drawn > INK).any(axis=0))
    if not rows.size:
        return np.zeros((height, width))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    part = 1.0 if height <= SMALL else FILLED
    pixel = max((bottom - top) / (part * height), (right - left) / (part * width))
    if height <= SMALL:
        down_middle, across_middle = (top + bottom) / 2, (left + right) / 2
    else:
        total = drawn.sum()
        down_middle, across_middle = (
            float((drawn.sum(axis=1 - axis) * (np.arange(drawn.shape[axis]) + 0.5)).sum() / total)
            for axis in (0, 1)
        )
    down = _shares(down_middle - pixel * height / 2, pixel, height, drawn.shape[0])
    across = _shares(across_middle - pixel * width / 2, pixel, width, drawn.shape[1])
    return down @ drawn @ across.T


def _shares(start: float, step: float, count: int, length: int) -> Floats:
    """(count, length): what part of stretch i, from start + i·step on, lies on place j."""
    begin = start + step * np.arange(count)[:, None]
    place = np.arange(length)[None, :]
    shares: Floats = np.clip(np.minimum(begin + step, place + 1) - np.maximum(begin, place), 0, None) / step
    return shares


def like_rows(image: Floats, x: npt.NDArray[Any]) -> Floats:
    """The image in the range of these rows: paper is what most of their pixels are, ink the farthest from it."""
    finite = x[np.isfinite(x)]
    if not finite.size:
        return image
    paper, low, high = float(np.median(finite)), float(finite.min()), float(finite.max())
    ink = high if high - paper >= paper - low else low
    return paper + image * (ink - paper)


def as_row(
    image: Floats, op: Any, shape: tuple[int, ...], splits: tuple[float, float, int, bool]
) -> npt.NDArray[np.float32]:
    """The image as one row of a source, of this shape, standardised if the source's rows are.

    splits: validation and test shares, seed, and whether they are stratified, as `rows_of` takes them.
    """
    is_standardised = bool(op.params.get("standardise"))
    raw = rows_of(type(op)(**{**op.params, "standardise": False}) if is_standardised else op, *splits)
    made = like_rows(image, raw.x[:200])
    channels = shape[0] if len(shape) == 3 else 1
    full = np.repeat(made[None], channels, axis=0).reshape(shape)
    if is_standardised:
        seen = raw.x[raw.splits["train"]].reshape(-1, *shape)
        axes = (0, *range(2, seen.ndim)) if seen.ndim > 2 else 0
        mean = seen.mean(axis=axes, keepdims=True, dtype=np.float64)[0]
        spread = seen.std(axis=axes, keepdims=True, dtype=np.float64)[0]
        full = (full - mean) / np.where(spread > 0, spread, 1)
    return full.astype(np.float32)[None]
