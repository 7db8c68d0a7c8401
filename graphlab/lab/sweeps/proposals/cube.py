"""Spaces as sides of the unit cube: a number from 0 to 1 means a value, each value as likely as its space says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ....graph.sweep import Space

Floats = npt.NDArray[np.float64]


def points(spaces: Mapping[str, Space]) -> float:
    """How many settings there are in all; infinity where a range is among the spaces."""
    return math.prod(space.size for space in spaces.values())


def value_at(space: Space, u: float) -> Any:
    """The value at u, 0 <= u < 1. All of a list are equally likely, and all factors of a log range."""
    if space.kind in ("list", "choice"):
        return space.values[_floor(u, len(space.values))]
    if space.kind == "integer":
        return _integer(space, u)
    if space.kind == "log":
        found = math.exp((1 - u) * math.log(space.low) + u * math.log(space.high))
    else:
        found = (1 - u) * space.low + u * space.high
    return min(max(found, float(space.low)), float(space.high))


def values_at(spaces: Mapping[str, Space], place: Floats) -> dict[str, Any]:
    """The setting at a place in the cube, `place` with one number for each space."""
    return {name: value_at(space, float(u)) for (name, space), u in zip(spaces.items(), place, strict=True)}


def mark(values: Mapping[str, Any]) -> bytes:
    """The same for settings that are the same, and for no others: 1, 1.0 and true are three."""
    return msgspec.json.encode(list(values.items()))


def _floor(u: float, count: int) -> int:
    return min(int(u * count), count - 1)


def integer(space: Space, place: int) -> int:
    """The value at a place among the whole numbers of a space, from 0."""
    return int(space.low) + space.step * place


def _integer(space: Space, u: float) -> int:
    count = int(space.size)
    if not space.log:
        return integer(space, _floor(u, count))
    ends = math.log(space.low), math.log(space.low + space.step * count)
    place = int((math.exp((1 - u) * ends[0] + u * ends[1]) - space.low) // space.step)
    return integer(space, min(max(place, 0), count - 1))
