"""Who gives the rows of a source: `rows_of` asks the one that its operation names in `brings`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..errors import DataError
from .dataset import Data

Giver = Callable[[Any], Data]
_givers: dict[str, Giver] = {}


def gives(name: str) -> Callable[[Giver], Giver]:
    """Decorator: the function gives the data, not yet split, of every operation whose `brings` is this name."""

    def register(giver: Giver) -> Giver:
        _givers[name] = giver
        return giver

    return register


@functools.lru_cache(maxsize=8)
def rows_of(op: Any, validation: float = 0.0, test: float = 0.0, seed: int = 0) -> Data:
    """The data of a source, divided: these shares held out, unless the set is too small to share. DataError."""
    if op.brings not in _givers:
        raise DataError(f"Nobody here gives the rows of {type(op).__name__} ({op.brings}).")
    data = _givers[op.brings](op)
    held_out = (validation, test) if data.held_out else (0.0, 0.0)
    divided = data.split(*held_out, seed)
    return divided.standardised() if op.params.get("standardise") else divided
