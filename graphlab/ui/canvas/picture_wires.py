"""Wires drawn from a Picture into a network that was fed others: they lead through what makes the picture fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...engine.picture_fit import PictureFit, fit_picture
from ...graph import Edge
from ..notice import Notice
from .surgery import connect

if TYPE_CHECKING:
    from ..session import Session


def plug(session: Session, edges: Sequence[Edge], instead_of: Sequence[Edge]) -> None:
    """Draws wires as `surgery.connect` does; a picture's leads through what it needs, which is told. ConnectError.

    So what a network has learnt stays, where with a picture of another size its weights would begin anew.
    """
    alone = edges[0] if len(edges) == 1 and not instead_of else None
    found = None if alone is None else fit_picture(session.document, session.inference, alone)
    if found is None or alone is None:
        connect(session.graph, edges, instead_of)
        return
    graph, before = session.graph, session.document
    graph.replace(found.document, "Connect")
    source, target = before.nodes[alone.source].name, before.nodes[alone.target].name

    def as_it_is() -> None:
        if graph.document is found.document:
            graph.undo()
            session.attempt(connect, graph, edges, instead_of)

    session.tell(
        Notice(
            "info",
            f"{source} is {_told(found.given)}; {target} was fed {_told(found.wanted)}.",
            f"{_names(found)} {'was' if len(found.steps) == 1 else 'were'} put in between, so that it fits.",
            choice=("Connect it as it is", as_it_is),
        )
    )


def _told(size: tuple[int, int, int]) -> str:
    """ "640×480 in colour"."""
    channels, height, width = size
    kind = {1: "grey", 3: "in colour"}.get(channels, f"of {channels} channels")
    return f"{width}×{height} {kind}"


def _names(found: PictureFit) -> str:
    *first, last = (step.op for step in found.steps)
    return f"{', '.join(first)} and {last}" if first else last
