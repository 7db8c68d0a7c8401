"""What a hand has drawn, as an image like those that a network has learnt from: cut out, scaled, centred.

Large images are prepared as MNIST's were, small ones as UCI's digits were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .givers import rows_of

Floats = npt.NDArray[np.float64]

GRAIN = 0.3  # of the darkest ink in a photograph; what is lighter is taken for the paper's grain, or a shadow
INK = 0.05  # less than that is taken for paper
SMALL = 16  # pixels of height up to which an image is filled from top to bottom
NARROW = 5 / 8  # of its width, that a digit takes there
LEAST_WIDE = 0.7  # of a pixel's height, that its width is at least: a 1 is not spread out to a block
FILLED = 20 / 28  # of the height of larger ones

Box = tuple[Any, Any, Any, Any]  # top, bottom, left, right of the ink
Span = tuple[float, float]  # where the first pixel begins, and the size of each


def as_image(ink: npt.ArrayLike, height: int, width: int) -> Floats:
    """Ink (rows, columns), from 0 (paper) to 1, as an image (height, width) of the same range.

    MNIST (LeCun, Cortes and Burges 1998): the digit fits a box of 20 of the 28 pixels, with its centre of mass in the
    middle. UCI (Alpaydin and Kaynak 1998): it fills the 8 pixels from top to bottom and is about 5 wide, whatever its
    proportions were. Each pixel is the mean of the ink that falls on it. Without ink the image is 0.
    """
    drawn = np.asarray(ink, np.float64)
    rows, columns = np.flatnonzero((drawn > INK).any(axis=1)), np.flatnonzero((drawn > INK).any(axis=0))
    if not rows.size:
        return np.zeros((height, width))
    box = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    place = _filling if height <= SMALL else _in_the_middle
    (top, tall), (left, wide) = place(drawn, box, height, width)
    down = _shares(top, tall, height, drawn.shape[0])
    across = _shares(left, wide, width, drawn.shape[1])
    return np.asarray(down @ drawn @ across.T)


def as_ink(grey: npt.ArrayLike, side: int) -> Floats:
    """A picture of something written, (rows, columns), as ink (side, side) from 0 (paper) to 1.

    Paper is what most of it is; ink what is darker than that, or lighter, whichever is further away. The picture lies
    in the middle, its proportions as they were.
    """
    values = np.asarray(grey, np.float64)
    away = values - float(np.median(values))
    dark, light = (float(np.percentile(way, 99)) for way in (-away, away))
    ink = np.clip(-away if dark >= light else away, 0, None)
    strongest = float(np.percentile(ink, 99.5)) or float(ink.max())
    if strongest > INK:
        ink = np.clip(ink / strongest, 0, 1)
        ink[ink < GRAIN] = 0
    else:  # nothing is written there
        ink = np.zeros_like(values)
    pixel = max(values.shape) / side
    down, across = (_shares((size - side * pixel) / 2, pixel, side, size) for size in values.shape)
    return np.asarray(down @ ink @ across.T)


def averaged(ink: npt.ArrayLike, height: int, width: int) -> Floats:
    """The whole paper as an image (height, width), as it is: each pixel is the mean of the ink that falls on it."""
    drawn = np.asarray(ink, np.float64)
    down, across = (
        _shares(0.0, there / wanted, wanted, there)
        for wanted, there in zip((height, width), drawn.shape, strict=True)
    )
    return np.asarray(down @ drawn @ across.T)


def _in_the_middle(drawn: Floats, box: Box, height: int, width: int) -> tuple[Span, Span]:
    """Proportions stay; moved by whole pixels, so that the centre of mass is in the pixel right below the middle."""
    top, bottom, left, right = box
    pixel = max((bottom - top) / (FILLED * height), (right - left) / (FILLED * width))
    spans = []
    for axis, (begin, size) in enumerate(((top, height), (left, width))):
        mass = drawn.sum(axis=1 - axis)
        centre = float((mass * (np.arange(len(mass)) + 0.5)).sum() / mass.sum())
        before = round(size / 2 + 0.5 - (centre - begin) / pixel)
        spans.append((float(begin - before * pixel), float(pixel)))
    return spans[0], spans[1]


def _filling(drawn: Floats, box: Box, height: int, width: int) -> tuple[Span, Span]:
    """From top to bottom, as wide as digits of that kind are, the box in the middle."""
    top, bottom, left, right = box
    tall = (bottom - top) / height
    wide = max((right - left) / (NARROW * width), LEAST_WIDE * tall)
    return (float(top), tall), ((left + right) / 2 - wide * width / 2, wide)


def _shares(start: float, step: float, count: int, length: int) -> Floats:
    """(count, length): what part of stretch i, from start + i·step on, lies on place j."""
    begin = start + step * np.arange(count)[:, None]
    place = np.arange(length)[None, :]
    shares: Floats = np.clip(np.minimum(begin + step, place + 1) - np.maximum(begin, place), 0, None) / step
    return shares


def like_rows(image: Floats, x: npt.NDArray[Any]) -> Floats:
    """The image in the range of these rows: paper is the end that most of their pixels are near, ink the other."""
    finite = x[np.isfinite(x)]
    if not finite.size:
        return image
    low, high = float(finite.min()), float(finite.max())
    is_light = float(np.median(finite)) > (low + high) / 2
    paper, ink = (high, low) if is_light else (low, high)
    return paper + image * (ink - paper)


def as_row(
    image: Floats, op: Any, shape: tuple[int, ...], splits: tuple[float, float, int, bool]
) -> npt.NDArray[np.float32]:
    """The image as one row of a source, of this shape, standardised if the source's rows are.

    splits: validation and test shares, seed, and whether they are stratified, as `rows_of` takes them.
    """
    raw = _raw(op, splits)
    made = like_rows(image, raw.x[:200])
    channels = shape[0] if len(shape) == 3 else 1
    return _as_learnt(np.repeat(made[None], channels, axis=0).reshape(shape), raw, op, shape)


def picture_row(
    pixels: npt.ArrayLike, op: Any, shape: tuple[int, ...], splits: tuple[float, float, int, bool]
) -> npt.NDArray[np.float32]:
    """A picture (channels, height, width) from 0 to 1 as one row of a source of that shape, in the rows' range."""
    raw = _raw(op, splits)
    seen = raw.x[:200]
    low, high = float(seen.min()), float(seen.max())
    full = low + np.asarray(pixels, np.float64).reshape(shape) * (high - low)
    return _as_learnt(full, raw, op, shape)


def _raw(op: Any, splits: tuple[float, float, int, bool]) -> Any:
    """The rows of a source before they are standardised."""
    is_standardised = bool(op.params.get("standardise"))
    return rows_of(type(op)(**{**op.params, "standardise": False}) if is_standardised else op, *splits)


def _as_learnt(full: Floats, raw: Any, op: Any, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """(1, …), standardised if the source's rows are."""
    if op.params.get("standardise"):
        seen = raw.x[raw.splits["train"]].reshape(-1, *shape)
        axes = (0, *range(2, seen.ndim)) if seen.ndim > 2 else 0
        mean = seen.mean(axis=axes, keepdims=True, dtype=np.float64)[0]
        spread = seen.std(axis=axes, keepdims=True, dtype=np.float64)[0]
        full = (full - mean) / np.where(spread > 0, spread, 1)
    return full.astype(np.float32)[None]
