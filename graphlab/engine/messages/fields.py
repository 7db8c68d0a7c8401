"""What is asked and said of receptive fields: on which pixels a unit depends, and how much."""

from __future__ import annotations

from typing import Any

import msgspec

from .wants import Sought


class MapField(msgspec.Struct, frozen=True, tag=True):
    """Say how much a unit depends on every pixel, on average over rows of a split; answered by FieldMapped events.

    rows: how many at most. pictures: (n, C, H, W) that are taken instead. source: key of the source where the pictures
    go in, where there are several.
    """

    request: int
    unit: Sought
    split: str = "train"
    rows: int = 32
    source: str = ""
    pictures: Any = None


class FieldMapped(msgspec.Struct, frozen=True, tag=True):
    """What was found so far, or why nothing was: `message` and `hint`. done: of `total` rows.

    map: (height, width), the mean over rows of |∂ unit / ∂ pixel|, summed over channels; None while there is none.
    step: of training, whose weights these are.
    """

    run: int
    request: int
    step: int = 0
    map: Any = None
    split: str = ""
    done: int = 0
    total: int = 0
    is_done: bool = False
    message: str = ""
    hint: str = ""
