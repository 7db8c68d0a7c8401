"""What a graph does with ready-made parts, which `parts` holds: a part of `Graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .document import Point

if TYPE_CHECKING:
    from .graph import Graph, Handle, NodeRef, Source


class Furnishing:
    """The part of a graph that takes parts in."""

    def add_part(
        self,
        part: str,
        *sources: Source,
        name: str | None = None,
        position: Point | None = None,
        **more: Any,
    ) -> Handle:
        """Adds a ready-made part as a group: `add_part("lstm-cell", x, h, c, hidden=64)`.

        Args:
            part: its key, as `graphlab parts` lists them, or its title.
            sources: what to plug into its sockets, in their order.
            name, position: of the node; otherwise they are chosen.
            more: what the part lets a use set, by name, and sources by socket name.

        Raises:
            UnknownNodeError, ParamError, NameTakenError, ConnectError: nothing was added.
        """
        from . import parts

        graph, found = cast("Graph", self), parts.named(part)
        settings = parts.settings_among(found, more)
        with graph.edit(f"Add {found.title}"):
            ends = [graph._output(source) for source in sources]
            named = {key: graph._output(end) for key, end in more.items() if key not in settings}
            wired = [node for node, _ in (*ends, *named.values())]
            place = position or graph._room.place(graph.document.nodes, wired)
            document, node = parts.add(graph.document, found.key, place, name, **settings)
            graph._hold(document)
            graph._plug(node, ends, named)
        return graph[node.name]

    def add_layer(
        self,
        cell: str,
        *sources: Source,
        name: str | None = None,
        position: Point | None = None,
        **more: Any,
    ) -> Handle:
        """Adds a ready-made cell repeated along a sequence: `add_layer("lstm-cell", x, steps=16, hidden=64)`.

        Args:
            cell: the cell's key or title.
            sources: what to plug into its sockets: sequences first, then where states begin.
            name, position: of the node; otherwise they are chosen.
            more: by name, what the cell lets a use set, params of Unroll (`steps`, `outputs_as` …), and sources.

        Raises:
            UnknownNodeError, ParamError, NameTakenError, ConnectError: nothing was added.
        """
        from . import edits, parts, unrolling
        from .connect import input_names
        from .groups import checked, set_setting
        from .naming import free_name
        from .swapping import layer_name

        graph, found = cast("Graph", self), parts.named(cell)
        settings = {key: value for key, value in more.items() if key in found.document.promoted}
        rest = {key: value for key, value in more.items() if key not in settings}
        with graph.edit(f"Add layer of {found.title}"):
            document, definition = parts.definition(graph.document, found.key)
            ends = [graph._output(source) for source in sources]
            place = position or graph._room.place(document.nodes, [i for i, _ in ends])
            name = name or free_name(document.ids_by_name, layer_name(found.title))
            document, node = unrolling.add_unroll(document, definition, {}, place, name)
            named = {
                socket: graph._output(rest.pop(socket)) for socket in input_names(node) if socket in rest
            }
            for key, value in settings.items():
                document = set_setting(document, node.id, key, value)
            graph._hold(checked(edits.set_params(document, node.id, rest)))
            graph._plug(graph.document.nodes[node.id], ends, named)
        return graph[node.name]

    def swap_cell(self, node: NodeRef, cell: str) -> None:
        """Puts a ready-made cell in the place of the one that a node uses, by key or title.

        What is wired to sockets of like name stays wired, and what was set of settings of like name stays set.
        UnknownNodeError, GraphError.
        """
        from . import parts
        from .swapping import swap

        graph, found = cast("Graph", self), parts.named(cell)
        taken, definition = parts.definition(graph.document, found.key)
        after, _ = swap(taken, graph._node(node).id, definition)
        graph._apply(after, f"Replace by {found.title}")
