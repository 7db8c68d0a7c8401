"""What can be added to the sheet that is shown: operations, ports inside a group, groups of the document, ready parts.

A group is offered as an operation: a class made for it, whose sockets are its ports and whose shape rule is inference
of what is inside. Such a class is in no registry; its `key` says which group it stands for, or which ready-made part
(`graph/parts`), which becomes a group of the document when it is added.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..engine.finding import Problem
from ..engine.inference import Inference, infer
from ..errors import ShapeError
from ..graph import Document, Edge, Graph, Node, Point, edits, parts
from ..graph.graph import Handle
from ..graph.groups import (
    USES,
    definition_of,
    is_use,
    overridden,
    ports,
    role,
    settings_of,
    sheet,
    size_of,
    sockets_of,
    title_of,
    use_counts,
)
from ..graph.guests import brought
from ..graph.rewire import Replaced
from ..graph.swapping import become, keeps_some, swap_for_part
from ..graph.swapping import swap as swap_cell
from ..ops import Op, Param, Spec, by_category, by_role, get, known
from ..ops.unroll import carried_by_name
from . import numbers
from .group_edits import here
from .layer_shapes import Rule, layer_rule

if TYPE_CHECKING:
    from .session import Session

GROUPS = "Groups in this graph"
_MARK, _READY, _LAYER = "group:", "part:", "layer:"  # no operation's name has a colon
LAYERS = "Recurrent layers"
_INSIDE = ("port in", "port out")
_NEVER = ("group", "unroll", "placeholder")


def families(session: Session) -> dict[str, list[type[Op]]]:
    """By heading what can be added where one is: the document's groups first, then the operations."""
    groups = group_ops(session)
    found = {GROUPS: groups} if groups else {}
    for category, members in by_category().items():
        fitting = [op for op in members if is_offered(op, session.inside)]
        if fitting:
            found[category] = fitting
        for each in parts.parts().values():
            if each.beside == category:
                found.setdefault(each.family, []).append(op_of_part(each.key))
            if each.beside == category and each.is_cell:
                found.setdefault(LAYERS, []).append(op_of_layer(each.key))
    return found


def everything(session: Session) -> list[type[Op]]:
    """The same without the headings."""
    return [op for family in families(session).values() for op in family]


def is_offered(op: type[Op], inside: tuple[str, ...]) -> bool:
    """Whether an operation can be added by itself, and makes sense where one is: ports only inside a group."""
    return op.role not in _NEVER and (op.role not in _INSIDE or bool(inside))


def group_ops(session: Session) -> list[type[Op]]:
    """The groups of which another use can stand on the sheet: not the one that one is in, nor what contains it."""
    whole, present = session.whole, here(session)
    counts = use_counts(whole)
    return [
        op_of_group(whole, i, counts[i])
        for i in whole.definitions
        if not present or present not in _within(whole, i)
    ]


def _within(document: Document, definition: str) -> set[str]:
    """A group and all groups inside it."""
    inner = sheet(document, definition)
    return {definition, *brought(inner, inner.nodes)}


# Keys: what a drag, a row or a signal carries


def key(op: type[Op]) -> str:
    """The name of an operation, or what stands for a group of the document."""
    ready = getattr(op, "part", "")
    if ready:
        return (_LAYER if op.role == "unroll" else _READY) + str(ready)
    definition = str(op.params_of["definition"].default) if op.role == "group" else ""
    return _MARK + definition if definition else op.__name__


def resolve(document: Document, key: str) -> type[Op] | None:
    """What a key stands for; None when there is no such operation or group (any more)."""
    for mark, made in ((_READY, op_of_part), (_LAYER, op_of_layer)):
        if key.startswith(mark):
            return made(key.removeprefix(mark)) if key.removeprefix(mark) in parts.parts() else None
    if not is_group(key):
        return get(key) if known(key) else None
    definition = key.removeprefix(_MARK)
    return op_of_group(document, definition) if definition in document.definitions else None


def is_group(key: str) -> bool:
    """Whether a key stands for a group of a document."""
    return key.startswith(_MARK)


def is_op(key: str) -> bool:
    """Whether a key is the name of an operation, about which there is a page of help."""
    return not key.startswith((_MARK, _READY, _LAYER))


def has_page(op: type[Op]) -> bool:
    """Whether there is a page of help about it."""
    return is_op(key(op))


def key_of(node: Node) -> str:
    """The key of what a node is a use of."""
    definition = str(node.params.get("definition", "")) if role(node) == "group" else ""
    return _MARK + definition if definition else node.op


def sample(op: type[Op]) -> Node:
    """A node of it that is not in the document, to be drawn."""
    if op.role not in USES:
        return Node("", op.__name__, op.__name__)
    params = {name: op.params_of[name].default for name in ("definition", "takes", "gives")}
    return Node("", by_role(op.role).__name__, op.__name__, params)


def add(graph: Graph, key: str, place: Point, name: str | None = None) -> Handle:
    """Adds a node of what a key stands for. GraphlabError when that cannot be."""
    if is_group(key):
        return graph.add_use(key.removeprefix(_MARK), place)
    if key.startswith(_READY):
        return graph.add_part(key.removeprefix(_READY), position=place, name=name)
    if key.startswith(_LAYER):
        return graph.add_layer(key.removeprefix(_LAYER), position=place, name=name)
    return graph.add(key, position=place, name=name)


def can_swap(document: Document, node: Node, op: type[Op]) -> bool:
    """Whether the group that an operation stands for may take the place of the one that a node uses.

    A cell that is repeated is replaced by another that has a state. Some of the wires must have a place.
    """
    sockets = {name: op.params_of[name].default for name in ("takes", "gives")}
    if not is_use(node) or (role(node) == "unroll" and not carried_by_name(**sockets)):
        return False
    made = by_role(role(node))(**sockets)
    if not keeps_some(document, node.id, [socket.name for socket in made.sockets()], made.results()):
        return False
    ready = getattr(op, "part", "")
    other = parts.definition(document, ready)[1] if ready else op.params_of["definition"].default
    return bool(other != node.params["definition"])


def uses_cell(node: Node) -> bool:
    """Whether a node repeats a cell, or uses a group that could be repeated."""
    return is_use(node) and bool(carried_by_name(node.make().params["takes"], node.make().params["gives"]))


def swap(document: Document, nodes: Iterable[str], op: type[Op]) -> Replaced:
    """With that group in the place of those that the nodes use, and the wires for which there is no place."""
    lost: list[Edge] = []
    for node in nodes:
        ready = getattr(op, "part", "")
        if ready:
            document, gone = swap_for_part(document, node, ready)
        else:
            change = swap_cell if is_use(document.nodes[node]) else become
            document, gone = change(document, node, key(op).removeprefix(_MARK))
        lost += gone
    return Replaced(document, tuple(dict.fromkeys(lost)))


# Groups as operations


def op_of_group(document: Document, definition: str, times: int = 0) -> type[Op]:
    """A class that stands for one more use of a group. `times`: how often it is used, where that is known."""
    inner = sheet(document, definition)
    times = times or use_counts(document)[definition]
    words = f"{numbers.count(size_of(inner), 'node')} inside, used {numbers.times(times)}"
    return _bound(inner.name, sockets_of(inner), _rule(inner), definition, words)


@functools.cache
def op_of_part(key: str) -> type[Op]:
    """A class that stands for a ready-made part. UnknownNodeError."""
    ready = parts.named(key)
    bound = _bound(ready.title, ready.sockets, _rule_of_part(ready), "", ready.formula)
    more = {
        "part": ready.key,
        "category": ready.beside,
        "synonyms": ready.synonyms,
        "__doc__": ready.about,
    }
    return cast(type[Op], type(ready.title, (bound,), more))


def _rule_of_part(ready: parts.Part) -> Rule:
    """`infer` of its class: it is drawn when it is first asked, and what has too few axes is refused at once."""
    whole = functools.cache(lambda: _rule(ready.document, fits=True))

    def rule(self: Op, **specs: Spec) -> tuple[Spec | None, ...]:
        for name, spec in specs.items():
            if ready.axes and spec.ndim != ready.axes:
                raise ShapeError(
                    f"{ready.title} takes pictures, N×C×H×W; {name} is {spec}.",
                    hint="Reshape it, or choose layout image in the data set.",
                    socket=name,
                )
        return whole()(self, **specs)

    return rule


def op_at(document: Document, node: Node) -> Op:
    """The operation of a node; of a group one that knows its shapes, as this use has it. UnknownOpError."""
    made = node.make()
    inner = definition_of(document, node) if is_use(node) else None
    if inner is None:
        return made
    if not _latest or _latest[0][0] is not document.definitions or _latest[0][1] is not node:
        if made.role == "unroll":
            bound = type(
                title_of(inner.name), (type(made),), {"infer": layer_rule(document, node.params, _rule)}
            )
        else:
            used, definition = overridden(inner, node), str(node.params["definition"])
            bound = _bound(used.name, sockets_of(used), _rule(used), definition)
        _latest[:] = [(document.definitions, node, bound(**node.params))]
    return _latest[0][2]


_latest: list[
    tuple[Mapping[str, Document], Node, Op]
] = []  # while it is dragged, a group is asked at every move


@functools.cache
def op_of_layer(key: str) -> type[Op]:
    """A class that stands for a ready-made cell repeated along a sequence. UnknownNodeError."""
    cell, base = parts.named(key), by_role("unroll")
    groups, definition = parts.definition(Document(), key)
    sockets = sockets_of(cell.document)
    more: dict[str, Any] = {name: _default(base.params_of[name], value) for name, value in sockets.items()}
    more |= {
        "part": cell.key,
        "category": cell.beside,
        "synonyms": cell.synonyms,
        "formula": cell.formula,
        "outputs": base(**sockets).results(),
        "infer": layer_rule(groups, {"definition": definition, **sockets}, _rule),
        "__doc__": f"{cell.title} repeated along a sequence, N×T×…: a copy for each step, with the same weights.\n\n"
        + cell.about,
    }
    return cast(type[Op], type(f"Unrolled {cell.title.removesuffix(' cell')}", (base,), more))


def _bound(
    name: str, sockets: Mapping[str, tuple[str, ...]], rule: Rule, definition: str, words: str = ""
) -> type[Op]:
    base = by_role("group")
    params = {"definition": definition, **sockets}
    body: dict[str, Any] = {name: _default(base.params_of[name], value) for name, value in params.items()}
    body |= {
        "__doc__": f"One more use of the group {name}. Edit one of them, and all follow.",
        "formula": words,
        "outputs": sockets["gives"],
        "infer": rule,
    }
    return cast(type[Op], type(title_of(name), (base,), body))


def steps_of(spec: Spec | None) -> int:
    """How many steps a value has if it is a sequence, batch first; 0 for none, or for as many as one likes."""
    length = spec.shape[1] if spec is not None and spec.ndim > 1 else 0
    return length if isinstance(length, int) else 0


def _rule(inner: Document, fits: bool = False) -> Rule:
    """`infer` of a group's class. What was found is kept: the same few shapes are asked for again and again.

    `fits`: as many steps are taken as the sequence has, and it is as wide as asked for, as when it is added to a wire.
    """
    known: dict[tuple[tuple[str, Spec], ...], tuple[Spec | None, ...] | ShapeError] = {}

    def rule(self: Op, **specs: Spec) -> tuple[Spec | None, ...]:
        key = tuple(sorted(specs.items(), key=lambda pair: pair[0]))
        if key not in known:
            try:
                known[key] = _fitted(inner, specs) if fits else results(inner, specs)
            except ShapeError as error:
                known[key] = error
        found = known[key]
        if isinstance(found, ShapeError):
            raise found.with_traceback(None)
        return found

    return rule


def _fitted(inner: Document, specs: Mapping[str, Spec]) -> tuple[Spec | None, ...]:
    """What a part comes to that is set as `surgery.fit` sets it. ShapeError."""
    length = next(filter(None, map(steps_of, specs.values())), 0)
    values: dict[str, Any] = {"steps": length} if length and "steps" in inner.promoted else {}
    try:
        return results(_with(inner, values), specs)
    except ShapeError:
        first = next(iter(specs.values()))
        use = Node("", by_role("group").__name__, "", {"definition": "it"})
        settings = settings_of(inner.with_(definitions={**inner.definitions, "it": inner}), use)
        wider = parts.as_wide(settings, first.shape[-1] if first.ndim else 0)
        if not wider:
            raise
        return results(_with(inner, values | wider), specs)


def _with(inner: Document, values: Mapping[str, Any]) -> Document:
    """What is inside a use for which that is set."""
    return overridden(inner, Node("", "", "", {"values": tuple(sorted(values.items()))}))


def _default(param: Param, value: Any) -> Param:
    bound = copy.copy(param)
    bound.default = value
    return bound


def results(inner: Document, specs: Mapping[str, Spec]) -> tuple[Spec | None, ...]:
    """What a group makes of what its sockets get, None where too little is known to tell.

    ShapeError, with the node, when something inside does not fit.
    """
    outs = ports(inner, "port out")
    edges = [next(iter(inner.inputs_of(port.id).values()), None) for port in outs]
    alone = _alone(inner, specs)
    if alone is None:
        return (None,) * len(outs)
    found = infer(alone)
    for problem in found.problems:
        if _is_about_shapes(found, problem):
            raise ShapeError(f"Inside, {problem.node}: {problem.message}", hint=problem.hint)
    return tuple(found.specs.get((e.source, e.output)) if e is not None else None for e in edges)


def _alone(inner: Document, specs: Mapping[str, Spec]) -> Document | None:
    """The content of a group as a document that is fed such values; None for sizes that no input can be given."""
    document = edits.remove(inner, [port.id for port in ports(inner, "port out")])
    nodes = dict(document.nodes)
    for port in ports(inner, "port in"):
        spec = specs.get(port.name)
        shape = None if spec is None else _plain(spec)
        if spec is None or shape is None:
            return None
        nodes[port.id] = replace(port, op=_fed().__name__, params={"shape": shape, "dtype": spec.kind})
    return document.with_(nodes=nodes)


def _plain(spec: Spec) -> tuple[int | str, ...] | None:
    """The shape as an input is given it: numbers and single names."""
    sizes = tuple(size if isinstance(size, int) else str(size) for size in spec.shape)
    named = (size for size in sizes if isinstance(size, str))
    return sizes if all(name.isidentifier() for name in named) else None


@functools.cache
def _fed() -> type[Op]:
    """The operation that is fed a value of any shape and kind."""
    wanted = {"shape", "dtype"}
    return next(
        op for family in by_category().values() for op in family if op.source and wanted <= set(op.params_of)
    )


def _is_about_shapes(found: Inference, problem: Problem) -> bool:
    """Whether all that enters the node is known, so that it is about what enters, not about what is missing."""
    flat = found.nodes[problem.node_id]
    if flat.op is None or any(s.must_be_wired and s.name not in flat.inputs for s in flat.op.sockets()):
        return False
    return all(end in found.specs for end in flat.inputs.values())
