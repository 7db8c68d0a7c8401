"""What a graph does with ready-made parts, which `parts` holds: a part of `Graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .document import Point

if TYPE_CHECKING:
    from .graph import Graph, Handle, Source


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
