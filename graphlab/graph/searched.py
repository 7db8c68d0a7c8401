"""The searches of a document as it is edited: put in, taken out, and kept with their nodes.

What a search means is told by `searching`; here they are no more than places and names.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator
from typing import Any

from ..errors import SettingsError
from ..ops import get, known
from .document import Document, Node
from .groups import definition_of, is_use, sheet
from .sweep import COPIES, OP, Search, Sweep

INSIDE = "/"  # between the id of a group and that of a node in it

Place = tuple[str, str]  # the id of a definition, "" for the document itself; the id of a node


def place_of(node: str) -> Place:
    """Where the node of a search stands: of "g1/n2" g1 and n2."""
    definition, _, node_id = node.rpartition(INSIDE)
    return definition, node_id


def written(place: Place) -> str:
    """The other way round."""
    definition, node_id = place
    return f"{definition}{INSIDE}{node_id}" if definition else node_id


def node_at(document: Document, node: str) -> Node | None:
    """The node of a search; None when it is gone."""
    definition, node_id = place_of(node)
    there = document.definitions.get(definition) if definition else document
    return None if there is None else there.nodes.get(node_id)


def found(document: Document, node: str, name: str) -> Search | None:
    """The search of that hyperparameter; None when it is not searched."""
    return next((s for s in document.sweep.searches if (s.node, s.name) == (node, name)), None)


def with_search(document: Document, search: Search) -> Document:
    """With that search, in the place of one of the same hyperparameter, else as the last."""
    searches = document.sweep.searches
    if any(_same(each, search) for each in searches):
        put = tuple(search if _same(each, search) else each for each in searches)
        return without_lost(_with(document, put))  # params of an operation that is tried no longer go with it
    return _with(document, (*searches, search))


def without_search(document: Document, node: str, name: str) -> Document:
    """Without the search of that hyperparameter, if there is one."""
    left = tuple(each for each in document.sweep.searches if (each.node, each.name) != (node, name))
    return document if len(left) == len(document.sweep.searches) else without_lost(_with(document, left))


def with_sweep_settings(document: Document, **settings: Any) -> Document:
    """With those settings of the sweep: method, trials, seeds … SettingsError."""
    names = [field.name for field in dataclasses.fields(Sweep) if field.name not in ("searches", "extra")]
    for name in settings:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
            raise SettingsError(f"A sweep has no setting '{name}'.", hint=hint)
    if not isinstance(settings.get("metric", ""), str):
        raise SettingsError("The metric of the sweep is a word.", hint='Such as "accuracy" or "loss".')
    return document.with_(sweep=dataclasses.replace(document.sweep, **settings))


def followed(before: Document, after: Document) -> Document:
    """What an edit has made of a document, with searches that go where their nodes went.

    A node that was grouped or ungrouped is found again; a search goes with a node that was deleted, and with a param
    that the operation has no longer.
    """
    if not after.sweep.searches or (before.nodes is after.nodes and before.definitions is after.definitions):
        return after
    kept = [moved for each in after.sweep.searches if (moved := _kept(before, after, each)) is not None]
    unique = tuple({(each.node, each.name): each for each in reversed(kept)}.values())[::-1]
    return after if unique == after.sweep.searches else _with(after, unique)


def without_lost(document: Document) -> Document:
    """Without searches of nodes that are not there, or of what they do not have."""
    left = tuple(each for each in document.sweep.searches if _is_there(document, each))
    return document if len(left) == len(document.sweep.searches) else _with(document, left)


def choices(document: Document, node: str) -> tuple[str, ...]:
    """What the document searches at that node: names of operations, parts and groups."""
    search = found(document, node, OP)
    return tuple(str(value) for value in search.space.values) if search is not None else ()


def _same(one: Search, other: Search) -> bool:
    return (one.node, one.name) == (other.node, other.name)


def _with(document: Document, searches: tuple[Search, ...]) -> Document:
    return document.with_(sweep=dataclasses.replace(document.sweep, searches=searches))


def _kept(before: Document, after: Document, search: Search) -> Search | None:
    if search.node and node_at(after, search.node) is None:
        place = _moved(before, after, search.node)
        if place is None:
            return None
        search = dataclasses.replace(search, node=written(place))
    return search if _is_there(after, search) else None


def _is_there(document: Document, search: Search) -> bool:
    if not search.node:
        return True
    node = node_at(document, search.node)
    return node is not None and has(document, search.node, node, search.name)


def has(document: Document, place: str, node: Node, name: str) -> bool:
    """Whether a node has that to be searched: it, or one of those that are tried in its place."""
    if name in (OP, COPIES) or not node.is_known or name in node.make().params_of:
        return True
    inner = definition_of(sheet(document, place_of(place)[0]), node) if is_use(node) else None
    if inner is not None and name in inner.promoted:
        return True
    return any(_offers(document, choice, name) for choice in choices(document, place))


def _offers(document: Document, choice: str, name: str) -> bool:
    if known(choice):
        return name in get(choice).params_of
    return any(name in each.promoted for i, each in document.definitions.items() if choice in (i, each.name))


def _moved(before: Document, after: Document, node: str) -> Place | None:
    """Where a node is now that was grouped, ungrouped, or whose group was made another."""
    old = node_at(before, node)
    if old is None:
        return None
    there = {place for place, _ in _places(before)}
    alike = [
        (each.id == old.id, each.name == old.name, each.params == old.params, place)
        for place, each in _places(after)
        if place not in there and each.op == old.op and (each.name == old.name or each.params == old.params)
    ]
    return max(alike, key=lambda found: found[:3])[3] if alike else None


def _places(document: Document) -> Iterator[tuple[Place, Node]]:
    for definition, there in (("", document), *document.definitions.items()):
        for node in there.nodes.values():
            yield (definition, node.id), node
