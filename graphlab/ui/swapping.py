"""Another cell or group in the place of the one that nodes use, as search and inspector ask for it: one undo entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..graph import Document, Edge
from ..ops import Op
from . import numbers, offers
from .favourites import favourites

if TYPE_CHECKING:
    from .session import Session


def swap(session: Session, nodes: Sequence[str], op: type[Op]) -> None:
    """Puts the group that `op` stands for in the place of those that the nodes use. GraphlabError.

    The wires that have no place any more are told.
    """
    before = session.document
    after, lost = offers.swap(before, [node for node in nodes if node in before.nodes], op)
    session.graph.replace(after, f"Replace by {op.__name__}")
    favourites.use(session.root, offers.key(op))
    tell_lost(session, before, lost)


def tell_lost(session: Session, before: Document, lost: Sequence[Edge]) -> None:
    """Says which wires of an earlier document could not be kept, if there are any."""
    if lost:
        session.notify("warning", _told(before, lost), "Undo brings them back.")


def _told(document: Document, lost: Sequence[Edge]) -> str:
    ends = [
        f"{document.nodes[e.source].name}.{e.output} → {document.nodes[e.target].name}.{e.input}"
        for e in lost
    ]
    more = f" and {len(ends) - 3} more" if len(ends) > 3 else ""
    return f"{numbers.count(len(ends), 'wire')} could not be kept: {', '.join(ends[:3])}{more}."
