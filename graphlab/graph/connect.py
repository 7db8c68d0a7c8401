"""May this wire be drawn? Every reason against it has an error of its own; shapes are judged later, by inference."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from ..errors import ConnectError, CycleError, SocketError
from .document import Document, Edge, Node


def check_connect(document: Document, edge: Edge) -> None:
    """Returns quietly when the edge may be drawn.

    Raises:
        UnknownNodeError, SocketError: an end does not exist.
        CycleError: it would close a cycle; the message names the path.
    """
    source, target = document.node(edge.source), document.node(edge.target)
    _check_output(source, edge.output)
    _check_input(target, edge.input)
    if _leads(document, edge.target, edge.source):
        names = [document.nodes[n].name for n in find_path(document, edge.target, edge.source)]
        raise CycleError(
            f"Connecting {source.name} to {target.name} would close a cycle: {' → '.join([*names, names[0]])}.",
            hint="A graph is evaluated once through, so no value may depend on itself.",
            node=target.name,
            path=names,
        )


def find_path(document: Document, start: str, end: str) -> list[str]:
    """The ids along a shortest directed path, both ends included; empty when there is none."""
    came_from: dict[str, str | None] = {start: None}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here == end:
            path = [here]
            while (before := came_from[path[-1]]) is not None:
                path.append(before)
            return path[::-1]
        for edge in document.consumers(here):
            if edge.target not in came_from:
                came_from[edge.target] = here
                queue.append(edge.target)
    return []


def _leads(document: Document, start: str, end: str) -> bool:
    """Whether there is a directed path. Looks from both ends in turn, so one that leads to little settles it soon."""
    onward = _walk(start, lambda node: (edge.target for edge in document.consumers(node)))
    back = _walk(end, lambda node: (edge.source for edge in document.inputs_of(node).values()))
    return any(after == end or before == start for after, before in zip(onward, back, strict=False))


def _walk(start: str, neighbours: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Every node that can be reached, each once, the start included."""
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        yield here
        new = set(neighbours(here)) - found
        found |= new
        waiting += new


def input_names(node: Node) -> tuple[str, ...]:
    return tuple(socket.name for socket in node.make().sockets()) if node.is_known else ()


def output_names(node: Node) -> tuple[str, ...]:
    return node.make().results() if node.is_known else ()


def default_output(node: Node) -> str:
    """The output meant when none is named. ConnectError when the node has none."""
    names = output_names(node)
    if not names:
        raise ConnectError(f"{node.name} has no output.", node=node.name)
    return names[0]


def default_input(document: Document, node: Node) -> str:
    """The input meant when none is named: the first free one that must be wired, else a free one, else the first.

    ConnectError when the node has no inputs.
    """
    sockets = node.make().sockets() if node.is_known else ()
    if not sockets:
        raise ConnectError(f"{node.name} ({node.op}) has no inputs.", node=node.name)
    wired = document.inputs_of(node.id)
    free = [socket for socket in sockets if socket.name not in wired]
    needed = [socket for socket in free if socket.must_be_wired]
    return (needed or free or list(sockets))[0].name


def _check_output(node: Node, name: str) -> None:
    _check_socket(node, name, output_names(node), "output")


def _check_input(node: Node, name: str) -> None:
    _check_socket(node, name, input_names(node), "input")


def _check_socket(node: Node, name: str, names: tuple[str, ...], kind: str) -> None:
    if name in names:
        return
    if not node.is_known:
        hint = f"This program does not know the operation {node.op}."
    else:
        hint = f"It has: {', '.join(names)}." if names else f"It has no {kind}s."
    raise SocketError(f"{node.name} ({node.op}) has no {kind} '{name}'.", hint=hint, node=node.name)
