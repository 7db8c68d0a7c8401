"""Groups: documents used as nodes. What they are, and the edits of a use; making and taking apart is `grouping`.

A group's content is a document among `definitions`; a node of the op with the role "group" is a use of it, and so is
one with the role "unroll", which repeats it along a sequence (`unrolling`). The sockets of a use are kept in step with
the ports inside by `put`, so that nobody else need look inside to know them.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import GraphError, NameTakenError, ParamError, UnknownNodeError
from ..ops import by_role, freeze
from . import promoting
from .copies import node_of
from .document import Document, Edge, Node, Point
from .naming import LONGEST, check_name, free_name
from .sweep import OP

MOST_FLAT = 200_000  # nodes that a document may come to with all groups expanded
USES = ("group", "unroll")  # the roles of nodes that have a group's content in their place


def role(node: Node) -> str:
    """What the engine puts in the node's place: "group", "unroll", "wire", "port in", "port out"; "" for one that
    computes.
    """
    return node.make().role if node.is_known else ""


def is_use(node: Node) -> bool:
    """Whether it has a group's content in its place, once or step by step."""
    return role(node) in USES


def definition_of(document: Document, node: Node) -> Document | None:
    """The content of a group node, with the document's groups at hand; None when it is missing."""
    found = document.definitions.get(str(node.params.get("definition", "")))
    return None if found is None else found.with_(definitions=document.definitions)


def groups_along(document: Document, path: Iterable[str]) -> Iterator[tuple[Node, str]]:
    """The group nodes on a path of their ids, each with the id of its definition, as far as the path leads."""
    here = document
    for step in path:
        node = here.nodes.get(node_of(step))
        definition = str(node.params.get("definition", "")) if node is not None else ""
        if node is None or not is_use(node) or definition not in document.definitions:
            return
        yield node, definition
        here = document.definitions[definition]


def end_of(document: Document, path: Sequence[str]) -> str | None:
    """The id of the definition that a path of group ids leads to, "" for no path; None when it leads nowhere."""
    found = list(groups_along(document, path))
    if len(found) != len(path):
        return None
    return found[-1][1] if found else ""


def ports(sheet: Document, kind: str) -> list[Node]:
    """The nodes with the role `kind` ("port in" or "port out"), from top to bottom."""
    found = [node for node in sheet.nodes.values() if role(node) == kind]
    return sorted(found, key=lambda node: (node.position[1], node.position[0]))


def sockets_of(sheet: Document) -> dict[str, tuple[str, ...]]:
    """The params of a use that follow from the ports inside."""
    return {
        "takes": tuple(node.name for node in ports(sheet, "port in")),
        "gives": tuple(node.name for node in ports(sheet, "port out")),
    }


def uses(document: Document, definition: str) -> list[tuple[str, Node]]:
    """(definition that it stands in, "" for the document itself; node) of every use of a group."""
    return [
        (place, node)
        for place, sheet in _sheets(document)
        for node in sheet.nodes.values()
        if node.params.get("definition") == definition and is_use(node)
    ]


def use_counts(document: Document) -> Counter[str]:
    """How many nodes use each group, all in one go."""
    if not document.definitions:
        return Counter()
    return Counter(
        str(node.params["definition"])
        for _, sheet in _sheets(document)
        for node in sheet.nodes.values()
        if "definition" in node.params and is_use(node)
    )


def _sheets(document: Document) -> Iterator[tuple[str, Document]]:
    yield "", document
    yield from document.definitions.items()


# Sheets: the document or one of its groups, seen as a document


def sheet(document: Document, definition: str) -> Document:
    """A definition as a document of its own, with all groups at hand; "" is the document itself. UnknownNodeError."""
    if not definition:
        return document
    if definition not in document.definitions:
        raise UnknownNodeError(f"There is no group '{definition}'.")
    return document.definitions[definition].with_(definitions=document.definitions)


def put(document: Document, definition: str, changed: Document) -> Document:
    """The document with a changed sheet in the place of a definition; uses get the sockets that its ports now say.

    GraphError when the group would contain itself, or the whole would come to too many nodes.
    """
    if not definition:
        return checked(changed)
    before = document.definitions[definition]
    definitions = {**changed.definitions, definition: changed.with_(definitions={})}
    after = document.with_(definitions=definitions)
    now = sockets_of(changed)
    if now != sockets_of(before) or _ports(before) != _ports(changed):
        after = _follow(after, definition, now, _renamed(before, changed))
    return checked(after)


def _ports(sheet: Document) -> dict[str, str]:
    """The names of the ports by id."""
    return {n.id: n.name for n in sheet.nodes.values() if role(n) in ("port in", "port out")}


def _renamed(before: Document, after: Document) -> dict[str, str]:
    old, new = _ports(before), _ports(after)
    return {old[i]: new[i] for i in old if i in new and old[i] != new[i]}


def _follow(
    document: Document, definition: str, now: Mapping[str, Any], renamed: Mapping[str, str]
) -> Document:
    """Every use gets those sockets; wires follow a port's new name, and go where their socket is gone."""
    for place, node in uses(document, definition):
        there = document if not place else document.definitions[place]
        there = there.with_nodes([with_params(node, {**now, **followed(node, renamed)})])
        there = there.with_(edges=_edges_after(there, node, renamed))
        document = there if not place else document.with_(definitions={**document.definitions, place: there})
    return document


def followed(node: Node, renamed: Mapping[str, str]) -> dict[str, Any]:
    """What else of a use names ports, after some got other names."""
    following = getattr(node.make(), "following", None)
    return {} if following is None else dict(following(renamed))


def _edges_after(sheet: Document, before: Node, renamed: Mapping[str, str]) -> dict[tuple[str, str], Edge]:
    now = sheet.nodes[before.id].make()
    takes, gives = {socket.name for socket in now.sockets()}, set(now.results())
    renaming = getattr(before.make(), "renamed_results", None)
    outputs = renamed if renaming is None else renaming(renamed)
    edges = {}
    for edge in sheet.edges.values():
        if edge.target == before.id:
            edge = edge._replace(input=renamed.get(edge.input, edge.input))
        if edge.source == before.id:
            edge = edge._replace(output=outputs.get(edge.output, edge.output))
        is_there = (edge.target != before.id or edge.input in takes) and (
            edge.source != before.id or edge.output in gives
        )
        if is_there:
            edges[edge.target, edge.input] = edge
    return edges


def with_params(node: Node, changes: Mapping[str, Any]) -> Node:
    params = {**node.params, **{name: freeze(value) for name, value in changes.items()}}
    return dataclasses.replace(node, params={name: params[name] for name in sorted(params)})


def size_of(inner: Document) -> int:
    """How many nodes a person sees in a group besides its ports."""
    return sum(role(node) not in ("port in", "port out") for node in inner.nodes.values())


def flat_count(document: Document) -> int:
    """How many nodes there are with all groups expanded. GraphError when a group contains itself."""
    counts: dict[str, int] = {}
    open_: list[str] = []

    def count(sheet: Document) -> int:
        return sum(one(node) for node in sheet.nodes.values())

    def one(node: Node) -> int:
        definition = str(node.params.get("definition", ""))
        if not is_use(node) or definition not in document.definitions:
            return 1
        if definition in open_:
            names = [document.definitions[d].name for d in [*open_[open_.index(definition) :], definition]]
            raise GraphError(
                f"A group cannot contain itself: {' → '.join(names)}.",
                hint="Take one of them out, or make it unique first.",
                node=node.name,
            )
        if definition not in counts:
            open_.append(definition)
            counts[definition] = count(document.definitions[definition])
            open_.pop()
        return counts[definition] * int(getattr(node.make(), "steps", 1))

    for definition in document.definitions.values():
        count(definition)
    return count(document)


def inner_first(document: Document) -> list[str]:
    """The groups by id, each before those that use it; "", the document itself, as the last."""
    order: dict[str, None] = {}

    def visit(definition: str, there: Document) -> None:
        for node in there.nodes.values():
            inner = str(node.params.get("definition", ""))
            if inner in document.definitions and inner not in order and is_use(node):
                visit(inner, document.definitions[inner])
        order[definition] = None

    for definition, there in (*document.definitions.items(), ("", document)):
        if definition not in order:
            visit(definition, there)
    return list(order)


def pruned(document: Document) -> Document:
    """Without the groups that nobody uses: a group lives as long as a use of it does, or a search that tries it."""
    if not document.definitions:
        return document
    tried = {str(v) for each in document.sweep.searches if each.name == OP for v in each.space.values}
    alive = {i: None for i, inner in document.definitions.items() if tried & {i, inner.name}}
    todo = [document, *(document.definitions[i] for i in alive)]
    while todo:
        for node in todo.pop().nodes.values():
            name = str(node.params.get("definition", ""))
            if name in document.definitions and name not in alive and is_use(node):
                alive[name] = None
                todo.append(document.definitions[name])
    if len(alive) == len(document.definitions):
        return document
    return document.with_(definitions={i: d for i, d in document.definitions.items() if i in alive})


def checked(document: Document) -> Document:
    if document.definitions and (total := flat_count(document)) > MOST_FLAT:
        raise GraphError(
            f"With all groups expanded the graph would have {total:,} nodes; {MOST_FLAT:,} are the most.",
            hint="Use fewer copies.",
        )
    return document


# Uses


def make_unique(document: Document, node_id: str) -> Document:
    """Gives a use a group of its own, so that editing it leaves the others as they are. GraphError for no group."""
    node = document.node(node_id)
    inner = definition_of(document, node) if is_use(node) else None
    if inner is None:
        raise GraphError(f"{node.name} is no group.", node=node.name)
    definition = free_definition(document)
    title = free_name({d.name for d in document.definitions.values()}, inner.name)
    definitions = {**document.definitions, definition: inner.with_(name=title, definitions={})}
    alone = with_params(node, {"definition": definition})
    return document.with_nodes([alone], definitions=definitions)


def rename_definition(document: Document, definition: str, name: str) -> Document:
    """Gives a group another name; its uses keep theirs. UnknownNodeError, ParamError, NameTakenError."""
    inner = sheet(document, definition)
    if title_of(name) != name:
        raise ParamError(
            f"A group cannot be named {name[:LONGEST]!r}.",
            hint=f"A name has 1 to {LONGEST} characters, none of them a dot, slash or colon.",
        )
    if any(other.name == name for i, other in document.definitions.items() if i != definition):
        raise NameTakenError(f"There is a group '{name}' already.", hint="Choose another name.")
    renamed = inner.with_(name=name, definitions={})
    sweep = document.sweep.renamed(inner.name, name)
    return document.with_(definitions={**document.definitions, definition: renamed}, sweep=sweep)


def add_use(
    document: Document, definition: str, place: Point, name: str | None = None
) -> tuple[Document, Node]:
    """One more use of a group. UnknownNodeError; GraphError when a group would contain itself."""
    inner = sheet(document, definition)
    if not definition:
        raise UnknownNodeError("A group is named by its id, such as g1.")
    name = (
        free_name(document.ids_by_name, title_of(inner.name)) if name is None else check_name(document, name)
    )
    params = {"definition": definition, **sockets_of(inner)}
    node = Node(
        f"n{document.next_id}",
        by_role("group").__name__,
        name,
        {key: params[key] for key in sorted(params)},
        place,
    )
    return document.with_nodes([node], next_id=document.next_id + 1), node


def settings_of(document: Document, node: Node) -> dict[str, Any]:
    """What a use may set and what each is now: its own value, else that inside."""
    inner = definition_of(document, node)
    if inner is None:
        return {}
    own = dict(node.params.get("values", ()))
    found = {}
    for name in inner.promoted:
        first = promoting.sets(inner, name)[0]
        if first.node in inner.nodes and inner.nodes[first.node].is_known:
            within = inner.nodes[first.node]
            is_group = promoting.content_of(inner, within, first.param) is not None
            there = settings_of(inner, within) if is_group else within.make().params
            if first.param in there:
                found[name] = own.get(name, promoting.unscaled(there[first.param], first))
    return found


def set_setting(document: Document, node_id: str, name: str, value: Any) -> Document:
    """Sets a promoted param for this use alone. ParamError when the op inside refuses it."""
    return set_settings(document, node_id, {name: value})


def set_settings(document: Document, node_id: str, settings: Mapping[str, Any]) -> Document:
    """Sets several promoted params for this use alone, which may fit together only. ParamError."""
    node = document.node(node_id)
    inner = definition_of(document, node)
    for name in settings:
        if inner is None or name not in inner.promoted:
            raise ParamError(f"{node.name} has no setting '{name}'.", node=node.name)
    if inner is None:
        return document
    plain = {name: freeze(value) for name, value in settings.items()}
    _try(inner, plain)
    values = {**dict(node.params.get("values", ())), **plain}
    changed = with_params(node, {"values": tuple(sorted(values.items()))})
    return document.with_nodes([changed])


def _try(inner: Document, settings: Mapping[str, Any]) -> None:
    """ParamError when what settings set refuses those values of them.

    Params of one node are tried together: as many groups as channels are refused where only either is set.
    """
    changes: dict[str, dict[str, Any]] = {}
    within: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        for end in promoting.sets(inner, name):
            content = promoting.content_of(inner, inner.nodes[end.node], end.param)
            if content is None:
                changes.setdefault(end.node, {}).update(_set(inner, end, value))
            elif end.param in content.promoted:
                within.setdefault(end.node, {})[end.param] = promoting.scaled(value, end, None)
    for i, values in within.items():
        set_settings(inner, i, values)
    for i, params in changes.items():
        node = inner.nodes[i]
        dataclasses.replace(node, params={**node.params, **params}).make()


def clear_setting(document: Document, node_id: str, name: str) -> Document:
    """Lets a use have the value that the param has inside the group. UnknownNodeError for no node."""
    node = document.node(node_id)
    rest = tuple(pair for pair in node.params.get("values", ()) if pair[0] != name)
    params = {key: value for key, value in node.params.items() if key != "values"}
    changed = dataclasses.replace(node, params=params)
    if rest:
        changed = with_params(changed, {"values": rest})
    return document.with_nodes([changed])


def own_settings(inner: Document, node: Node) -> dict[str, dict[str, Any]]:
    """The params that a use sets for itself, by the node inside that has them."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in node.params.get("values", ()):
        if name in inner.promoted:
            for end in promoting.sets(inner, name):
                _enter(inner, end, value, found.setdefault(end.node, {}))
    return found


def _enter(inner: Document, end: promoting.Sets, value: Any, params: dict[str, Any]) -> None:
    """Puts what a setting sets among the params of a node inside; a group inside has settings of its own."""
    node = inner.nodes.get(end.node)
    if node is None or promoting.content_of(inner, node, end.param) is None:
        params.update(_set(inner, end, value))
    else:
        before = dict(params.get("values", node.params.get("values", ())))
        now = {**before, end.param: promoting.scaled(value, end, None)}
        params["values"] = tuple(sorted(now.items()))


def _set(inner: Document, end: promoting.Sets, value: Any) -> dict[str, Any]:
    """The param that a setting sets, at that value of the setting."""
    if end.node not in inner.nodes or not inner.nodes[end.node].is_known:
        return {end.param: value}
    return {end.param: promoting.scaled(value, end, promoting.param_of(inner, end.node, end.param))}


def overridden(inner: Document, node: Node) -> Document:
    """The content of a group as one use has it: with the params that this use sets for itself."""
    settings = own_settings(inner, node)
    if not settings:
        return inner
    nodes = {
        i: dataclasses.replace(n, params={**n.params, **settings[i]}) if i in settings else n
        for i, n in inner.nodes.items()
    }
    return inner.with_(nodes=nodes)


def free_definition(document: Document) -> str:
    """The id of the next group."""
    return f"g{1 + max((int(i[1:]) for i in document.definitions), default=0)}"


def title_of(name: str) -> str:
    """A name that a node may have."""
    word = "".join(c for c in name.strip() if c not in "./\\:" and c.isprintable())[:LONGEST].strip()
    return word or "group"
