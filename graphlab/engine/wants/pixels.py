"""What is done to pictures (n, C, H, W) as such: blurred, shifted, resized, and how rough they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
CORNER = 1e-4  # below this a step between two pixels counts as none, so that roughness has a slope everywhere


def blurred(pictures: Array, sigma: float) -> Array:
    """Gaussian blur of so many pixels; what lies beyond the edge is like the edge."""
    if sigma <= 0:
        return pictures
    reach = max(1, round(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (-2, -1):
        pictures = _along(pictures, weights.astype(pictures.dtype), reach, axis)
    return pictures


def _along(pictures: Array, weights: Array, reach: int, axis: int) -> Array:
    size = pictures.shape[axis]
    places = np.clip(np.arange(-reach, size + reach), 0, size - 1)
    wide = np.take(pictures, places, axis=axis)
    found = np.zeros_like(pictures)
    for k, weight in enumerate(weights):
        found += weight * np.take(wide, np.arange(k, k + size), axis=axis)
    return found


def roughness(pictures: Array) -> float:
    """Total variation: the steps between neighbours, all added up (Rudin, Osher and Fatemi 1992)."""
    return float(sum(np.sqrt(step**2 + CORNER**2).sum() for step in _steps(pictures)))


def roughness_slope(pictures: Array) -> Array:
    """The gradient of `roughness`."""
    found = np.zeros_like(pictures)
    down, right = _steps(pictures)
    down, right = down / np.sqrt(down**2 + CORNER**2), right / np.sqrt(right**2 + CORNER**2)
    found[..., 1:, :] += down
    found[..., :-1, :] -= down
    found[..., 1:] += right
    found[..., :-1] -= right
    return found


def _steps(pictures: Array) -> tuple[Array, Array]:
    return np.diff(pictures, axis=-2), np.diff(pictures, axis=-1)


def shifted(pictures: Array, by: tuple[int, int]) -> Array:
    """Rolled down and to the right; what leaves on one side comes in on the other."""
    return np.roll(pictures, by, axis=(-2, -1)) if by != (0, 0) else pictures


def resized(pictures: Array, height: int, width: int) -> Array:
    """Interpolated between the four nearest pixels, whose centres lie where they lie in the picture.

    Where it becomes smaller, it is blurred before, so that nothing fine turns into something coarse.
    """
    tall, wide = pictures.shape[-2:]
    if (tall, wide) == (height, width):
        return pictures
    shrunk = max(tall / height, wide / width)
    if shrunk > 1:
        pictures = blurred(pictures, 0.5 * np.sqrt(shrunk**2 - 1))
    return _resized(_resized(pictures, height, -2), width, -1)


def _resized(pictures: Array, size: int, axis: int) -> Array:
    was = pictures.shape[axis]
    places = np.clip((np.arange(size) + 0.5) * was / size - 0.5, 0, was - 1)
    low = np.floor(places).astype(np.int64)
    share = (places - low).astype(pictures.dtype)
    share = share.reshape(-1, 1) if axis == -2 else share
    before = np.take(pictures, low, axis=axis)
    after = np.take(pictures, np.minimum(low + 1, was - 1), axis=axis)
    found: Array = before + share * (after - before)
    return found
