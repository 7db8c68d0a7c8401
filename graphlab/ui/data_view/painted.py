"""What painting does to the document: points become the rows of a table, each stroke one edit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...data.looking import Look
from ...data.points import are_in, params_of
from ..session import Session
from .hand import MOST_IN_VIEW
from .preparing import with_points

BELOW = 170.0  # canvas units between what there is and a new source


def can_paint(op: Any, found: Look) -> bool:
    """Whether the points of a source can be painted; those of a set on board become a table by it."""
    if len(found) > MOST_IN_VIEW:
        return False
    if op.brings == "content":
        return are_in(op)
    return found.shape == (2,) and bool(found.classes)


def new_table(session: Session) -> str:
    """Puts a table without rows on the sheet; returns its id, "" when it could not be."""
    root = session.root
    made: list[str] = []

    def add() -> None:
        below = max((node.position[1] + BELOW for node in root.document.nodes.values()), default=0.0)
        name = "points" if "points" not in root.document.ids_by_name else None
        params = params_of(np.zeros((0, 2)), np.zeros(0))
        made.append(root.add("Table", name=name, position=(0.0, below), **params).id)

    session.attempt(add)
    return made[0] if made else ""


def put(
    session: Session, source: str, points: Any, labels: Any, classes: tuple[str, ...], words: str
) -> bool:
    """Makes these points the rows of a source, as one edit of that name; whether it went well."""
    root = session.root
    op: Any = root.document.nodes[source].make()
    is_set = op.brings != "content"
    form = op.target_form() if is_set else op.form
    done = session.attempt(
        lambda: root.replace(with_points(root.document, source, points, labels, classes, form), words)
    )
    if done and is_set:
        name = root.document.nodes[source].name
        session.notify("info", f"{name} is now a table of your points; undo brings the set back.")
    return done
