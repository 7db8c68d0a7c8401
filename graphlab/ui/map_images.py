"""Pictures of maps: signed numbers as colours over the picture that they are about, and small pictures as images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtGui import QImage

from .theme import signed_rgba, theme
from .widgets.picture import grey_image

Floats = NDArray[np.float64]
FADED = 0.55  # of the picture, that is left beneath a map
ROOT = 0.7  # of a magnitude, so that small ones are seen


def picture_image(picture: ArrayLike, low: float, high: float) -> QImage:
    """(C, H, W) from black at `low` to white at `high`: three channels in colour, the mean of others in grey."""
    return grey_image(one_layer(picture), low, high)


def one_layer(picture: ArrayLike) -> Floats:
    """Three channels as they are; of others the mean, (H, W)."""
    found = np.asarray(picture, np.float64)
    return found if found.ndim == 2 or len(found) == 3 else np.asarray(found.mean(axis=0))


def flat(values: ArrayLike) -> Floats:
    """A map as one layer (H, W): its channels added up."""
    found = np.asarray(values, np.float64)
    return found if found.ndim == 2 else np.asarray(found.sum(axis=0))


def map_over(values: Floats, picture: ArrayLike, low: float, high: float) -> QImage:
    """A map (H, W) over its picture, the stronger the more of its colour; full at the largest magnitude."""
    under = _grey(picture, low, high)
    zero = theme().zero
    ground = np.array([zero.red(), zero.green(), zero.blue()], np.float64)
    under = FADED * under + (1 - FADED) * ground
    finite = np.nan_to_num(values)
    largest = float(np.abs(finite).max(initial=0.0)) or 1.0
    share = (np.abs(finite) / largest) ** ROOT
    over = np.asarray(signed_rgba(np.where(finite >= 0, 1.0, -1.0)), np.float64)[..., :3]
    mixed = under + share[..., None] * (over - under)
    return _image(mixed)


def _grey(picture: ArrayLike, low: float, high: float) -> Floats:
    """(H, W, 3) from 0 to 255, in grey: a map over it has the colours."""
    layer = one_layer(picture)
    layer = layer if layer.ndim == 2 else np.asarray(np.tensordot([0.299, 0.587, 0.114], layer, 1))
    grey = np.clip((layer - low) / ((high - low) or 1.0), 0, 1) * 255
    return np.asarray(np.repeat(grey[..., None], 3, axis=2))


def _image(rgb: NDArray[Any]) -> QImage:
    made = np.ascontiguousarray(np.rint(np.clip(rgb, 0, 255)).astype(np.uint8))
    height, width = made.shape[:2]
    return QImage(made.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
