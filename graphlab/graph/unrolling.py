"""Cells repeated along a sequence: the edits of a node that unrolls a group. What it computes is told by the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..errors import GraphError
from ..ops import by_role
from ..ops.unroll import Unroll
from . import edits
from .connect import input_names, output_names
from .document import Document, Node, Point
from .groups import (
    checked,
    definition_of,
    is_use,
    role,
    sheet,
    sockets_of,
    title_of,
    with_params,
)
from .naming import check_name, free_name


def add_unroll(
    document: Document,
    definition: str,
    params: Mapping[str, Any],
    place: Point = (0.0, 0.0),
    name: str | None = None,
) -> tuple[Document, Node]:
    """A node that repeats a group along a sequence. `params`: steps, begin … ParamError, UnknownNodeError, GraphError.

    GraphError when the group would contain itself, or the copies come to too many nodes.
    """
    if not definition:
        raise GraphError("A cell is named by its id, such as g1.")
    inner = sheet(document, definition)
    wish = title_of(inner.name) if name is None else check_name(document, name)
    name = free_name(document.ids_by_name, wish)
    kind = by_role("unroll").__name__
    whole = {**params, "definition": definition, **sockets_of(inner)}
    document, node = edits.add_node(document, kind, whole, name, place)
    return checked(document), node


def unroll(document: Document, node_id: str, **params: Any) -> Document:
    """Makes of a use of a group one that repeats it along a sequence; wires stay where their sockets do.

    GraphError when it is no group. ParamError for params that cannot be.
    """
    node = document.node(node_id)
    if role(node) != "group" or definition_of(document, node) is None:
        raise GraphError(f"{node.name} is no group.", hint="Group the nodes of a cell first.", node=node.name)
    return checked(_become(document, node, "unroll", params))


def fold(document: Document, node_id: str) -> Document:
    """The reverse: the cell once, as a group. GraphError when it unrolls nothing."""
    node = document.node(node_id)
    if role(node) != "unroll" or definition_of(document, node) is None:
        raise GraphError(f"{node.name} repeats no cell.", hint="Select an Unroll node.", node=node.name)
    return _become(document, node, "group", {})


def _become(document: Document, node: Node, kind: str, params: Mapping[str, Any]) -> Document:
    cls = by_role(kind)
    kept = {name: value for name, value in node.params.items() if name in cls.params_of}
    bare = dataclasses.replace(node, op=cls.__name__, params=kept)
    return _wired(edits.set_params(document.with_nodes([bare]), node.id, params), node)


def _wired(document: Document, before: Node) -> Document:
    """Without the wires at sockets that a node has no longer."""
    now = document.nodes[before.id]
    gone = [edge for s, edge in document.inputs_of(now.id).items() if s not in input_names(now)]
    gone += [edge for edge in document.consumers(now.id) if edge.output not in output_names(now)]
    return document.with_edges(drop=gone)


def with_cell(document: Document, node_id: str, definition: str) -> Document:
    """Another group in the place of the one that a node uses, once or step by step; sockets of like name stay wired.

    What was set for what the new one does not have is forgotten. UnknownNodeError, GraphError.
    """
    node = document.node(node_id)
    if not is_use(node):
        raise GraphError(f"{node.name} uses no group.", node=node.name)
    if not definition:
        raise GraphError("A cell is named by its id, such as g1.")
    inner = sheet(document, definition)
    changed = with_params(node, {"definition": definition, **sockets_of(inner)})
    changed = with_params(changed, _known(changed, inner))
    changed.make()
    return checked(_wired(document.with_nodes([changed]), node))


def _known(node: Node, inner: Document) -> dict[str, Any]:
    """Those params of a node that name ports and settings of its group, without those that are not there."""
    takes, gives = (tuple(node.params.get(which, ())) for which in ("takes", "gives"))
    found: dict[str, Any] = {}
    for which in ("carried", "feedback"):
        pairs = node.params.get(which, ())
        if pairs:
            found[which] = tuple((o, i) for o, i in pairs if o in gives and i in takes)
    if "each_as" in node.params:
        found["each_as"] = tuple((name, how) for name, how in node.params["each_as"] if name in gives)
    if "values" in node.params:
        found["values"] = tuple(
            (name, value) for name, value in node.params["values"] if name in inner.promoted
        )
    return found


def input_given(op: Unroll, name: str, kind: str = "sequence", output: str = "") -> dict[str, Any]:
    """Params with which an input of the cell is given that: "sequence", "state" or "feedback" of that output.

    Where no state is left, the names of the ports tell which there are.
    """
    carried = {i: o for o, i in op.pairs if i != name and (kind != "state" or o != output)}
    feedback = {i: o for i, o in op.fed_back.items() if i != name and (kind != "feedback" or o != output)}
    if kind == "state":
        carried[name] = output
    elif kind == "feedback":
        feedback[name] = output
    return {
        "carried": tuple(sorted((o, i) for i, o in carried.items())),
        "feedback": tuple(sorted((o, i) for i, o in feedback.items())),
    }


def output_given(op: Unroll, name: str, how: str) -> dict[str, Any]:
    """Params with which an output of the cell is given "all", "last" or "mean"; "" for as the node says of all."""
    each = {port: way for port, way in op.each_as if port != name}
    if how:
        each[name] = how
    return {"each_as": tuple(sorted(each.items()))}
