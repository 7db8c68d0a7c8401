"""The number that a node wears: its place in the order of computing, and whether its turn has come in this pass."""

from __future__ import annotations

from typing import NamedTuple

from ..progress import Progress


class OrderMark(NamedTuple):
    """text: "7", or "7–12" of a group. phase: whose order it is, "" while no pass is under way.

    state: "done", "now" for what was computed last, or for a group that is under way, "waits".
    """

    text: str
    phase: str = ""
    state: str = ""


def order_mark(progress: Progress, node: str, number: int) -> OrderMark | None:
    """The mark of a node of the sheet; in the backward phase, of its place in that. None for what is not computed.

    number: what to say while there is no schedule; 0 for nothing.
    """
    phase = "backward" if progress.phase in ("backward", "update") else "forward"
    span = progress.span(node, phase)
    if span is None and phase == "backward":  # the goal does not depend on it
        phase, span = "forward", progress.span(node, "forward")
    if span is None:
        return OrderMark(str(number)) if number else None
    if not progress.is_under_way:
        return OrderMark(span.text)
    cursor = progress.cursor
    state = "waits" if cursor < span.first else "now" if cursor <= span.last else "done"
    if state == "now" and cursor == span.last and progress.phase != phase:
        state = "done"  # the last of forward, when backward has begun
    return OrderMark(span.text, phase, state)
