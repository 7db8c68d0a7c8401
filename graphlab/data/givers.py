"""Who gives the rows of a source: `rows_of` asks the one that its operation names in `brings`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import DataError
from .dataset import Data
from .division import WHOLE, Division

Giver = Callable[[Any], Data]
Key = tuple[Any, float, float, int, bool, Division]

MOST_KEPT = 8  # sets that are kept for when they are asked for again
MOST_BYTES = 500_000_000  # of these, unless a single one is larger

_givers: dict[str, Giver] = {}
_kept: dict[Key, Data] = {}


def gives(name: str) -> Callable[[Giver], Giver]:
    """Decorator: the function gives the data, not yet split, of every operation whose `brings` is this name."""

    def register(giver: Giver) -> Giver:
        _givers[name] = giver
        return giver

    return register


def rows_of(
    op: Any,
    validation: float = 0.0,
    test: float = 0.0,
    seed: int = 0,
    stratified: bool = True,
    division: Division = WHOLE,
) -> Data:
    """The data of a source, divided: these shares held out, unless the set is too small to share. DataError.

    `stratified`: with the classes in proportion in each part, where there are classes. `division`: what of the rest is
    held out and learnt from instead.
    """
    key = (op, validation, test, seed, stratified, division)
    found = _kept.pop(key, None) or _divided(*key)
    _kept[key] = found
    while len(_kept) > MOST_KEPT or (len(_kept) > 1 and _bytes() > MOST_BYTES):
        del _kept[next(iter(_kept))]
    return found


def forget() -> None:
    """Lets go of all that is kept; the next time it is made anew."""
    _kept.clear()


def _divided(
    op: Any, validation: float, test: float, seed: int, stratified: bool, division: Division
) -> Data:
    if op.brings not in _givers:
        raise DataError(f"Nobody here gives the rows of {type(op).__name__} ({op.brings}).")
    data = _givers[op.brings](op).called(op.params.get("called", ()))
    held_out = (validation, test) if data.held_out else (0.0, 0.0)
    divided = division.of(data.split(*held_out, seed, None if stratified else False), seed, stratified)
    return divided.standardised() if op.params.get("standardise") else divided


def _bytes() -> int:
    return sum(data.x.nbytes + data.target.nbytes for data in _kept.values())
