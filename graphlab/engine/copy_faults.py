"""Faults in and around the copies of a repeated cell: where people are told of them, and what would mend them.

A cell that is wrong is wrong in each of its copies, which is told once. What is wrong with what the engine puts around
the copies (see `unrolling`) is told at the Unroll node, at the socket that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..graph.copies import BETWEEN
from ..ops import Op, Spec
from ..ops.through_time import TakenApart
from .flat import FlatNode
from .mending import Change, Fix, place_of

_COPY = re.compile(r"/t=\d+(?=/|$)")
_AT_END = re.compile(r"/t=\d+$")


def without_copies(key: str) -> str:
    """The same for what stands at one place of a cell in all its copies."""
    return _COPY.sub("", key)


def told_at(key: str) -> tuple[str, str] | None:
    """The Unroll node at which a fault of such a flat node is told, and at which of its sockets ("" for the whole).

    None for a node that somebody drew.
    """
    sheet, _, last = key.rpartition("/")
    if BETWEEN not in last:
        return None
    side, _, port = last.partition(BETWEEN)
    return _AT_END.sub("", sheet), port if side == "in" else ""


def step_fixes(node: FlatNode, specs: Mapping[str, Spec]) -> Iterator[Fix]:
    """What at the Unroll node would mend a fault of what stands around its copies. `specs`: of what feeds that."""
    op: Op | None = node.op
    if isinstance(op, TakenApart) and "x" in specs and specs["x"].ndim > 1:
        count = specs["x"].shape[1]
        if isinstance(count, int) and count != op.steps:
            yield Fix(f"Set steps to {count}", "", (Change(place_of(node), (("steps", count),)),))
