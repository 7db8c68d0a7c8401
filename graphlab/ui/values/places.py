"""What a view is told of a tensor of a node on the sheet: names of its axes, what it is called, how it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.messages import TensorKey
from ..inspector.sockets import Place
from .axes import axis_names
from .subject import Subject

if TYPE_CHECKING:
    from ..session import Session


def axes_of(session: Session, place: Place | None) -> tuple[str, ...]:
    """Names of the axes of the value at a place."""
    flat = session.inference.nodes.get(place.node) if place is not None else None
    op = flat.op if flat is not None else None
    return axis_names(op, place, _ndim(place))


def _ndim(place: Place | None) -> int:
    """By its shape as it is written, which also tells of sizes that are still open."""
    if place is None or not place.shape or place.shape == "scalar":
        return 0
    return place.shape.count("×") + 1


def subject_of(session: Session, place: Place | None, kind: str) -> Subject:
    """The subject of the "value" or "grad" at a place."""
    if place is None:
        return Subject()
    node, socket = session.seen.end(place.node, place.socket)
    flat = session.inference.nodes.get(place.node)
    op = flat.op if flat is not None else None
    name = session.name_of(session.seen.prefix + place.node) or place.node
    results = op.results() if op is not None else ()
    title = name if place.socket in results and len(results) == 1 else f"{name}.{place.socket}"
    return Subject(
        TensorKey(kind, node, socket),
        session,
        title if kind == "value" else f"∂{title}",
        f"{type(op).__name__ if op is not None else 'node'}.{place.socket}.{kind}",
        is_picture=op is not None and (op.category == "Input" or op.pictures),
    )
