"""Groups made cells that are repeated along a sequence, and back, as hands and menus ask: one undo entry each."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..errors import GraphError
from ..graph import edits, unrolling
from ..graph.groups import role
from . import group_edits, offers

if TYPE_CHECKING:
    from ..ops.unroll import Unroll
    from .session import Session

ON, OFF = "Repeat along a sequence", "Use once"


def is_repeated(session: Session) -> bool:
    """Whether all selected groups are cells that are repeated."""
    groups = group_edits.selected_groups(session)
    return bool(groups) and all(role(session.document.nodes[i]) == "unroll" for i in groups)


def toggle(session: Session) -> None:
    """Repeats the selected groups along a sequence, or uses them once again where all are repeated. GraphError.

    There are as many steps as the sequence has that is wired to one of them, if there is one.
    """
    groups = group_edits.selected_groups(session)
    if not groups:
        raise GraphError("No group is selected.", hint="Group the nodes of a cell first (Ctrl+G).")
    off = is_repeated(session)
    document = session.document
    for node in groups:
        if off:
            document = unrolling.fold(document, node)
        elif role(document.nodes[node]) == "group":
            document = unrolling.unroll(document, node)
            steps = _steps(session, cast("Unroll", document.nodes[node].make()), node)
            if steps:
                document = edits.set_params(document, node, {"steps": steps})
    session.graph.replace(document, OFF if off else ON)


def _steps(session: Session, op: Unroll, node: str) -> int:
    """How many steps the sequence has that is wired to a node, 0 where that cannot be told."""
    wires = session.document.inputs_of(node)
    ends = ((wires[name].source, wires[name].output) for name in op.per_step if name in wires)
    return next((n for end in ends if (n := offers.steps_of(session.inference.specs.get(end)))), 0)
