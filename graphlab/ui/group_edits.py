"""Edits of groups and of flags, as hands, menus and the inspector ask for them: one undo entry each.

They change the graph of a session and know nothing of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import GraphError
from ..graph import Document, Graph, Inside, Node, edits
from ..graph.copies import node_of
from ..graph.grouping import group as grouped
from ..graph.grouping import ungroup as ungrouped
from ..graph.groups import USES, is_use, make_unique, put, rename_definition, role, sheet, title_of, uses

if TYPE_CHECKING:
    from .session import Session

NAME = "group"
PORTS = ("port in", "port out")


def is_group(session: Session, node: str) -> bool:
    """Whether a node of the sheet is a group whose content is there."""
    found = session.document.nodes.get(node)
    return found is not None and definition_id(session, found) != ""


def definition_id(session: Session, node: Node) -> str:
    """The id of the group that a node uses, "" for another node."""
    name = str(node.params.get("definition", ""))  # asked first: most nodes have none
    return name if name in session.whole.definitions and is_use(node) else ""


def selected(session: Session) -> list[str]:
    """The selected nodes, in the order of the sheet."""
    return [i for i in session.document.nodes if i in session.selection]


def chosen(session: Session) -> Iterator[Node]:
    """The same in no order, one after the other, for what asks whether there is one of a kind."""
    nodes = session.document.nodes
    return (nodes[i] for i in session.selection if i in nodes)


def selected_groups(session: Session) -> list[str]:
    return [i for i in selected(session) if is_group(session, i)]


def has_group(session: Session) -> bool:
    """Whether one of the selected nodes is a group."""
    return any(definition_id(session, node) for node in chosen(session))


def has_shared_group(session: Session) -> bool:
    """Whether one of the selected nodes is a group that other nodes use, too."""
    return any(
        times_used_by(session, node.id) > 1 for node in chosen(session) if definition_id(session, node)
    )


def can_group(session: Session) -> bool:
    """Whether the selection holds anything that a group can hold."""
    return any(can_be_inside(session, i) for i in session.selection)


def can_be_inside(session: Session, item: str) -> bool:
    """Whether it is a node that a group can hold: any but the ports of the group that one is in."""
    node = session.document.nodes.get(item)
    return node is not None and role(node) not in PORTS


def groupable(session: Session) -> list[str]:
    """What of the selection a group can hold: all but the ports of the group that one is in."""
    document = session.document
    nodes = [i for i in selected(session) if can_be_inside(session, i)]
    return nodes + [i for i in (*document.notes, *document.frames) if i in session.selection]


def group(session: Session) -> str:
    """Makes the selection a group, which is then selected; its id. GraphError when it cannot be one."""
    document, node = grouped(session.document, groupable(session), _free_title(session.whole))
    session.graph.replace(document, "Group")
    session.select({node.id})
    return node.id


def _free_title(document: Document) -> str:
    """A name that no group has yet."""
    taken, number = {inner.name for inner in document.definitions.values()}, 1
    while (name := NAME if number == 1 else f"{NAME}{number}") in taken:
        number += 1
    return name


def ungroup(session: Session) -> None:
    """Puts the content of the selected groups in their place, and selects it. GraphError when none is one."""
    groups = selected_groups(session)
    if not groups:
        raise GraphError("No group is selected.", hint="Select one first.")
    inside: list[str] = []
    with session.graph.edit("Ungroup"):
        for node in groups:
            document, ids = ungrouped(session.graph.document, node)
            session.graph.replace(document, "Ungroup")
            inside += ids
    session.select(inside)


def unique(session: Session, nodes: Iterable[str]) -> None:
    """Gives each of these uses a group of its own. GraphError when one is no group."""
    with session.graph.edit("Make unique"):
        for node in nodes:
            session.graph.replace(make_unique(session.graph.document, node), "Make unique")


def unique_here(session: Session) -> None:
    """Gives the use that was entered last a group of its own; one stays inside it."""
    *around, node = session.inside
    document, place = session.whole, ""
    for step in around:
        place = str(sheet(document, place).nodes[node_of(step)].params["definition"])
    alone = make_unique(sheet(document, place), node_of(node))
    session.root.replace(put(document, place, alone), "Make unique")


def here(session: Session) -> str:
    """The id of the group that one is in, "" on the whole graph."""
    return session.graph.definition if isinstance(session.graph, Inside) else ""


def go_up(session: Session, depth: int) -> None:
    """Goes up to the sheet so many groups deep, with the group selected that one was in."""
    if depth < len(session.inside):
        group = session.inside[depth]
        session.go_inside(session.inside[:depth])
        session.select({node_of(group)})


def times_used(session: Session, definition: str) -> int:
    """How many nodes, wherever they stand, use a group."""
    return len(uses(session.whole, definition))


def rename(session: Session, graph: Graph, node: str, name: str) -> None:
    """Renames a node of `graph`, a sheet of the session's.

    A group that is used once, and was called like its node, is renamed with it. ParamError, NameTakenError.
    """
    old = graph.document.nodes[node]
    definition = definition_id(session, old)
    with graph.edit("Rename"):
        graph.replace(edits.rename(graph.document, node, name), "Rename")
        if definition and _is_named_after(session, old, definition) and _is_free(session.whole, name):
            graph.replace(rename_definition(graph.document, definition, name), "Rename")


def _is_named_after(session: Session, node: Node, definition: str) -> bool:
    same = session.whole.definitions[definition].name == node.name
    return same and times_used(session, definition) == 1


def _is_free(document: Document, name: str) -> bool:
    return title_of(name) == name and all(inner.name != name for inner in document.definitions.values())


def times_used_by(session: Session, node: str) -> int:
    """How many nodes use the group that a node of the sheet uses; 0 when it is none."""
    definition = definition_id(session, session.document.nodes[node])
    return times_used(session, definition) if definition else 0


# Muted and frozen


def can_be_muted(node: Node) -> bool:
    """Whether something could pass through in its place: it has both inputs and outputs."""
    if node.muted:
        return True
    made = node.make() if node.is_known else None
    return made is not None and made.role in ("", *USES) and bool(made.sockets() and made.results())


def can_be_frozen(node: Node) -> bool:
    """Whether it may own parameters, or groups that do."""
    if node.frozen:
        return True
    made = node.make() if node.is_known else None
    return made is not None and (made.role in USES or any(s.learnable for s in made.sockets()))


ABLE = {"muted": can_be_muted, "frozen": can_be_frozen}


def with_flag(session: Session, flag: str) -> list[Node]:
    """The selected nodes that can be "muted", or "frozen"."""
    return [node for i in selected(session) if ABLE[flag](node := session.document.nodes[i])]


def can_have(session: Session, flag: str) -> bool:
    """Whether there is one."""
    return any(map(ABLE[flag], chosen(session)))


def is_flagged(session: Session, flag: str) -> bool:
    """Whether all of them are."""
    found = False
    for node in chosen(session):
        if ABLE[flag](node):
            if not getattr(node, flag):
                return False
            found = True
    return found


def toggle(session: Session, flag: str) -> None:
    """Mutes ("muted") or freezes ("frozen") the selected nodes; takes it back when all of them are already."""
    set_flag(session, [node.id for node in with_flag(session, flag)], flag, not is_flagged(session, flag))


def set_flag(session: Session, nodes: Iterable[str], flag: str, on: bool) -> None:
    session.graph.set_flags(*nodes, **{flag: on})
