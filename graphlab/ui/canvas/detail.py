"""How much of a node is drawn at which zoom."""

from __future__ import annotations

from enum import IntEnum


class Detail(IntEnum):
    """FAR: a rectangle in the family's colour, see `bears_all`. MID: the name and a small picture. NEAR: everything."""

    FAR = 0
    MID = 1
    NEAR = 2


_MID, _NEAR = 0.34, 0.62


def detail_at(zoom: float) -> Detail:
    if zoom < _MID:
        return Detail.FAR
    return Detail.MID if zoom < _NEAR else Detail.NEAR


FEW = 80  # nodes that can be told apart by their names and pictures even from afar


def bears_all(detail: Detail, nodes: int) -> bool:
    """Whether names and live pictures are shown on a sheet of so many nodes: nearer always, from afar of a few."""
    return detail > Detail.FAR or nodes <= FEW
