"""What the whole graph takes, in words: parameters, floating-point operations, memory. For the status bar."""

from __future__ import annotations

from ..engine.messages import Totals
from . import numbers


def summary(parameters: int, totals: Totals | None) -> str:
    """ "6,090 parameters · 1.2 MFLOP/example · 3.1 MB"; what is not known, or nothing, is left out."""
    parts = [f"{numbers.figures(parameters)} {'parameter' if parameters == 1 else 'parameters'}"]
    if totals is not None and totals.forward:
        parts.append(f"{numbers.flop(totals.forward)}/example")
    if totals is not None and totals.memory:
        parts.append(numbers.size_of(totals.memory))
    return " · ".join(parts)


def explanation(parameters: int, totals: Totals | None, *, is_partial: bool = False) -> str:
    """The same in sentences: what is counted, and how."""
    lines = [f"{parameters:,} learnable numbers; what uses of a group share counts once."]
    if totals is not None and totals.forward is not None:
        lines.append(
            f"Forward: {numbers.flop(totals.forward)} for one example (a multiply-add is two operations)."
        )
        lines.append(
            f"Backward: {numbers.flop(totals.backward or 0)} more, when training."
            if totals.backward
            else "Backward: nothing, for there is no loss to go back from."
        )
    if totals is not None and totals.memory is not None:
        rest = numbers.size_of(totals.memory - totals.learnt)
        lines.append(
            f"Memory: {numbers.size_of(totals.memory)} with {numbers.count(totals.batch, 'example')} at once: "
            f"{numbers.size_of(totals.learnt)} for parameters, their gradients and the optimizer, "
            f"{rest} for values and theirs."
        )
    elif totals is not None:
        lines.append("Operations and memory depend on a size that is open until something is fed.")
    if is_partial:
        lines.append("Counted is the part of the graph that has no fault.")
    return "\n".join(lines)
