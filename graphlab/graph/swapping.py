"""Another cell in the place of the one that a node uses: a group of the document, or a ready-made part.

What is wired to states, inputs and outputs of like name stays wired, and what was set of settings of like name stays
set: so an Elman cell becomes an LSTM cell of the same size, in one undo entry.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from . import edits, parts
from .document import Document
from .groups import checked, definition_of, is_use, sheet, sockets_of, title_of
from .naming import free_name
from .rewire import Replaced, become_use
from .unrolling import with_cell


def swap(document: Document, node_id: str, definition: str) -> Replaced:
    """With another group of the document in a node that uses one, and the wires for which it has no socket.

    A node that had its name from the group gets one from the other. UnknownNodeError, GraphError.
    """
    before = document.node(node_id)
    old = definition_of(document, before)
    after = with_cell(document, before.id, definition)
    new = sheet(after, definition).name
    if old is not None and (wish := _named_alike(before.name, old.name, new)):
        taken = {name for name in after.ids_by_name if name != before.name}
        after = edits.rename(after, before.id, free_name(taken, wish))
    kept = set(after.edges.values())
    return Replaced(after, tuple(edge for edge in document.edges.values() if edge not in kept))


def become(document: Document, node_id: str, definition: str) -> Replaced:
    """With a use of a group in the place of a node that is an operation; data inputs and outputs go by position.

    UnknownNodeError, GraphError.
    """
    params = {"definition": definition, **sockets_of(sheet(document, definition))}
    after, lost = become_use(document, node_id, params)
    return Replaced(checked(after), lost)


def swap_for_part(document: Document, node_id: str, key: str) -> Replaced:
    """The same, whatever the node is, with a ready-made part, which becomes a group of the document."""
    taken, definition = parts.definition(document, key)
    change = swap if is_use(document.node(node_id)) else become
    return change(taken, node_id, definition)


def _named_alike(name: str, old: str, new: str) -> str:
    """What a node is to be called that had its name from the old group, "" when it had one of its own."""
    for form in (str, layer_name):
        if _bare(name) == _bare(title_of(form(old))):
            return title_of(form(new))
    return ""


def _bare(name: str) -> str:
    """Without the number that made it free."""
    return re.sub(r"\d+$", "", name)


def layer_name(cell: str) -> str:
    """What a layer of such cells is called: LSTM, of an LSTM cell."""
    return cell.removesuffix(" cell") or cell


def keeps_some(document: Document, node_id: str, takes: Collection[str], gives: Collection[str]) -> bool:
    """Whether sockets of those names keep one of the wires that enter a node, and one of those that leave, if any."""
    had = document.inputs_of(node_id)
    fed = document.consumers(node_id)
    return (not had or any(name in takes for name in had)) and (
        not fed or any(edge.output in gives for edge in fed)
    )
