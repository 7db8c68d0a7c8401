"""Where in an array something is wrong, as people write it. No op here."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def first(wrong: Array) -> tuple[int, ...]:
    """The place of the first element that is true, in reading order."""
    return tuple(int(i) for i in np.argwhere(wrong)[0])


def bracketed(place: tuple[int, ...]) -> str:
    """(0, 2) as "[0, 2]"; "" for the one place of a scalar."""
    return f"[{', '.join(map(str, place))}]" if place else ""
