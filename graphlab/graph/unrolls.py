"""What a graph does with cells that are repeated along a sequence; the edits themselves are in `unrolling`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..ops import Op, freeze, make
from . import unrolling
from .document import Document, Node, Point
from .groups import definition_of, set_setting

if TYPE_CHECKING:
    from .graph import Graph, Handle, NodeRef, Source


class Unrolls:
    """The part of a graph that unrolls cells."""

    def unroll(
        self,
        cell: NodeRef | Graph | Document,
        *sources: Source,
        name: str | None = None,
        position: Point | None = None,
        **more: Any,
    ) -> Handle:
        """Repeats a cell along a sequence, one copy for each of `steps`, all with the same parameters.

        Args:
            cell: a use of a group, which then becomes an Unroll; a definition's id ("g1"); a ready-made part
                ("lstm-cell"); or a graph with ports, which is taken in.
            sources: what to plug into its sockets: sequences first, then where states begin.
            name, position: of a new node; otherwise they are chosen.
            more: params (`steps`, `outputs_as`, `begin` …) and what the cell lets a use set, by name, and sources by
                socket name.

        Raises:
            UnknownNodeError, GraphError, ParamError, NameTakenError, ConnectError: nothing was changed.
        """
        graph = _graph(self)
        with graph.edit("Unroll"):
            node_id, given = _placed(graph, cell, sources, name, position, more)
            made = graph.document.nodes[node_id]
            inner = definition_of(graph.document, made)
            for setting in [word for word in given if inner is not None and word in inner.promoted]:
                graph._hold(set_setting(graph.document, node_id, setting, given.pop(setting)))
            sockets = [s.name for s in _with(graph.document.nodes[node_id], given).sockets()]
            named = {s: graph._output(given.pop(s)) for s in sockets if _is_source(given.get(s))}
            graph.set(node_id, **given)
            ends = [graph._output(source) for source in sources]
            graph._plug(graph.document.nodes[node_id], ends, named)
        return graph[graph.document.nodes[node_id].name]

    def fold(self, node: NodeRef) -> None:
        """Makes of a node that unrolls a cell a group again, which is its content once. GraphError."""
        graph = _graph(self)
        found = graph._node(node)
        graph._apply(unrolling.fold(graph.document, found.id), f"Fold {found.name}")

    def set_cell(self, node: NodeRef, definition: str) -> None:
        """Puts another group in the place of the one that a node uses; sockets of like name stay wired.

        Raises:
            UnknownNodeError, GraphError: nothing was changed.
        """
        graph = _graph(self)
        found = graph._node(node)
        changed = unrolling.with_cell(graph.document, found.id, definition)
        graph._apply(changed, f"Change the cell of {found.name}")


def _placed(
    graph: Graph,
    cell: NodeRef | Graph | Document,
    sources: tuple[Source, ...],
    name: str | None,
    position: Point | None,
    more: dict[str, Any],
) -> tuple[str, dict[str, Any]]:
    """The id of the node, which is there without wires and with its default params; what is still to be set."""
    from . import parts

    is_word = isinstance(cell, str) and cell not in graph and cell not in graph.document.nodes
    is_definition = is_word and cell in graph.document.definitions
    is_part = is_word and cell in parts.parts()
    if not is_definition and not is_part and not _is_document(cell):
        node = graph._node(cast("NodeRef", cell))
        graph._hold(unrolling.unroll(graph.document, node.id))
        if name is not None:
            graph.rename(node.id, name)
        if position is not None:
            graph.move({node.id: position})
        return node.id, dict(more)
    if is_definition:
        definition = str(cell)
    elif is_part:
        document, definition = parts.definition(graph.document, str(cell))
        graph._hold(document)
    else:
        definition = _taken_in(graph, cast("Graph | Document", cell))
    wired = [graph._output(source)[0] for source in sources]
    place = position or graph._room.place(graph.document.nodes, wired)
    document, node = unrolling.add_unroll(graph.document, definition, {}, place, name)
    graph._hold(document)
    return node.id, dict(more)


def _taken_in(graph: Graph, cell: Graph | Document) -> str:
    from .grouping import adopt

    guest = cell if isinstance(cell, Document) else cell.document
    document, definition = adopt(graph.document, guest)
    graph._hold(document)
    return definition


def _with(node: Node, given: dict[str, Any]) -> Op:
    """The node's operation with the params among those words, which may add sockets."""
    known = {word: value for word, value in given.items() if word in node.make().params_of}
    return make(node.op, {**node.params, **{word: freeze(value) for word, value in known.items()}})


def _is_source(value: object) -> bool:
    """Whether it can be plugged in: an output of a node, or its name."""
    from .graph import Handle, Output

    return isinstance(value, (Handle, Output, str))


def _is_document(cell: object) -> bool:
    return isinstance(cell, (Document, Unrolls))


def _graph(self: Unrolls) -> Graph:
    return cast("Graph", self)
