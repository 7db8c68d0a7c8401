"""What the axes of a tensor are called: sample and channel, row and column, time and feature, output and input."""

from __future__ import annotations

from ...ops import Op
from ..inspector.sockets import Place

_SEQUENCES = ("Recurrent", "Attention")


def axis_names(op: Op | None, place: Place | None, ndim: int) -> tuple[str, ...]:
    """One name for each axis."""
    if place is None or ndim == 0:
        return ()
    is_owned = place.learnable and op is not None and op.category != "Parameter"
    names = (
        _of_weight(ndim) if is_owned else _of_value(op, ndim) if place.shape.startswith("N") else _plain(ndim)
    )
    return names[:ndim] + tuple(f"axis {k}" for k in range(len(names), ndim))


def _of_weight(ndim: int) -> tuple[str, ...]:
    if ndim >= 3:
        return ("filter", "channel", "row", "column") if ndim > 3 else ("filter", "channel", "position")
    return ("output", "input")


def _of_value(op: Op | None, ndim: int) -> tuple[str, ...]:
    if ndim == 3:
        is_sequence = op is not None and op.category in _SEQUENCES
        return ("sample", "time", "feature") if is_sequence else ("sample", "channel", "position")
    return ("sample", "channel", "row", "column") if ndim > 3 else ("sample", "feature")


def _plain(ndim: int) -> tuple[str, ...]:
    return {1: ("element",), 2: ("row", "column")}.get(ndim, ())
