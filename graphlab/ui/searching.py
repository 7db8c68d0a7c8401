"""What of a session's document is searched, as inspector, canvas and panels show it, and the edits of it.

An end is what can be searched: the node as a search has it ("n2", "g1/n2" inside a group, "" for a training setting)
and the name. Several ends at once are the same param of several nodes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from ..engine import infer
from ..errors import GraphlabError
from ..graph import Document, Node, searched
from ..graph.comparison import value_text
from ..graph.parts import parts
from ..graph.searching import apply, fitted
from ..graph.spaces import space_text
from ..graph.suggesting import kin, kinds_of, suggestion
from ..graph.sweep import OP, Search, Space
from ..graph.targets import Target, can_search, target_of, what_stands
from ..ops import names as op_names
from . import numbers
from .widgets.space_editor import Question
from .widgets.space_popup import SpacePopup

if TYPE_CHECKING:
    from .session import Session

End = tuple[str, str]
_LARGE = 400  # nodes of a graph in which it would take too long to try what fits


def place(session: Session, node: str) -> str:
    """A node of the sheet that is shown, as a search names it."""
    return searched.written((str(getattr(session.graph, "definition", "")), node))


def told(session: Session, node: str, names: Iterable[str]) -> dict[str, str]:
    """Of those names the ones that can be searched, each with the text of its space, "" where it is not searched.

    node: as a search has it; "" for training settings.
    """
    document = session.whole
    return {name: text_of(document, (node, name)) for name in names if can_search(document, node, name)}


def told_of_all(session: Session, nodes: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """Of those names the ones that can be searched of all those nodes of the sheet; "different" where texts differ."""
    sheet, places = session.document, [place(session, node) for node in nodes]
    there = {(each.node, each.name): space_text(each.space) for each in session.whole.sweep.searches}
    kinds = {sheet.nodes[node].op: at for node, at in zip(nodes, places, strict=True)}  # one of each will do
    found = {}
    for name in names:
        if all(can_search(session.whole, at, name) for at in kinds.values()):
            texts = {there.get((at, name), "") for at in places}
            found[name] = texts.pop() if len(texts) == 1 else "different"
    return found


def text_of(document: Document, end: End) -> str:
    """The text of its space, "" where it is not searched."""
    search = searched.found(document, *end)
    return space_text(search.space) if search is not None else ""


def choice(session: Session, node: str) -> End:
    """The end that is what stands at a node of the sheet."""
    return place(session, node), OP


def can_choose(session: Session, node: str) -> bool:
    """Whether something else could stand there."""
    return can_search(session.whole, *choice(session, node))


def stands(session: Session, node: Node) -> str:
    """What a node of the sheet is: its operation, or the group that it uses."""
    return what_stands(session.document, node)


def lines(session: Session, node: str) -> list[str]:
    """What is searched of a node of the sheet, and inside it if it is a group: "units 8,16,32"."""
    document, own = session.whole, place(session, node)
    found = session.document.nodes.get(node)
    inside = str(found.params.get("definition", "")) if found is not None else ""
    said = []
    for search in document.sweep.searches:
        if search.node == own:
            said.append(f"{search.name} {space_text(search.space)}")
        elif inside and searched.place_of(search.node)[0] == inside:
            name = searched.node_at(document, search.node)
            said.append(f"{name.name if name else ''}.{search.name} {space_text(search.space)}")
    return said


def of_sheet(session: Session) -> list[Search]:
    """The searches of nodes of the sheet, under the ids that these have there."""
    here = str(getattr(session.graph, "definition", ""))
    found = [(searched.place_of(each.node), each) for each in session.whole.sweep.searches if each.node]
    return [replace(each, node=node) for (definition, node), each in found if definition == here]


def nodes(session: Session) -> set[str]:
    """The nodes of the sheet of which something is searched, or inside which something is."""
    document, sheet = session.whole, session.document
    if not document.sweep.searches:
        return set()
    here = str(getattr(session.graph, "definition", ""))
    places = [searched.place_of(search.node) for search in document.sweep.searches if search.node]
    own = {node for definition, node in places if definition == here and node in sheet.nodes}
    groups = {definition for definition, _ in places if definition}
    if not groups:
        return own
    return own | {i for i, node in sheet.nodes.items() if str(node.params.get("definition", "")) in groups}


# Editing


def ask(
    session: Session, anchor: QWidget, ends: Sequence[End], area: QRect | None = None
) -> SpacePopup | None:
    """Opens the editor beside a widget (or a part of it); None where it cannot be searched, which is told."""
    try:
        wanted = question(session, ends)
    except GraphlabError as error:
        session.notify("error", error.message, error.hint)
        return None
    popup = SpacePopup.of(anchor)
    popup.open(
        wanted,
        anchor,
        lambda space: session.attempt(keep, session, ends, space),
        lambda: session.attempt(forget, session, ends),
        area,
    )
    return popup


def question(session: Session, ends: Sequence[End]) -> Question:
    """What the editor is to ask about those ends. GraphlabError: it cannot be searched."""
    document = session.whole
    targets = [target_of(document, *end) for end in ends]
    first = targets[0]
    there = [searched.found(document, *end) for end in ends]
    spaces = [search.space for search in there if search is not None]
    choices = _choices(session, first)
    space = spaces[0] if spaces else _offered(suggestion(document, first), choices)
    return Question(
        text=first.text if len(ends) == 1 else f"{first.name} of {numbers.count(len(ends), 'node')}",
        now=_now(targets),
        kinds=kinds_of(first),
        space=space,
        is_searched=bool(spaces),
        texts=tuple(target.text for target in targets),
        fit=lambda space: _fit(session, ends, space),
        grid=lambda space: points(_with(session.whole, ends, space)),
        choices=choices,
        more=_more(document) if first.is_op else (),
    )


def keep(session: Session, ends: Sequence[End], space: Space) -> None:
    """Searches that, as one undo entry. GraphlabError."""
    taken = _fit(session, ends, space)
    what = target_of(session.whole, *ends[0]).text if len(ends) == 1 else ends[0][1]
    session.root.replace(_with(session.whole, ends, taken), f"Search {what}")


def forget(session: Session, ends: Sequence[End]) -> None:
    """Searches that no longer, as one undo entry."""
    document = session.whole
    for end in ends:
        document = searched.without_search(document, *end)
    session.root.replace(document, f"Do not search {ends[0][1]}")


def points(document: Document) -> int | None:
    """How many points a grid of all that is searched has; None where it has no end."""
    spaces = [search.space for search in document.sweep.searches]
    if not spaces or not all(space.is_finite for space in spaces):
        return None
    return int(math.prod(space.size for space in spaces))


def _with(document: Document, ends: Iterable[End], space: Space) -> Document:
    for node, name in ends:
        document = searched.with_search(document, Search(node, name, space))
    return document


def _fit(session: Session, ends: Iterable[End], space: Space) -> Space:
    """As all of the ends take it."""
    document = session.whole
    for end in ends:
        space = fitted(document, target_of(document, *end), space)
    return space


def _now(targets: Sequence[Target]) -> str:
    values: list[Any] = [target.value for target in targets]
    return value_text(values[0]) if all(value == values[0] for value in values) else "different"


def _choices(session: Session, target: Target) -> tuple[object, ...]:
    """All that can be ticked: of what stands there the kin whose shapes fit."""
    if target.is_op:
        return _fitting(session, target)
    if target.param.kind == "bool":
        return (True, False)
    return () if target.is_number else tuple(target.param.choices)


def _offered(space: Space, choices: tuple[object, ...]) -> Space:
    """A suggestion without what would not fit."""
    left = tuple(value for value in space.values if value in choices)
    return replace(space, values=left) if left and space.kind == "choice" else space


def _fitting(session: Session, target: Target) -> tuple[str, ...]:
    """What else may stand there, without what would leave the graph with faults that it has not now."""
    document, found = session.whole, kin(session.whole, target.node)
    if len(document.nodes) > _LARGE:
        return found
    before = session.seen.whole
    return tuple(
        name
        for name in found
        if name == target.value
        or len(infer(apply(document, {target.text: name}), previous=before).problems) <= len(before.problems)
    )


def _more(document: Document) -> tuple[str, ...]:
    groups = [inner.name for inner in document.definitions.values()]
    return tuple(dict.fromkeys((*op_names(), *groups, *parts())))
