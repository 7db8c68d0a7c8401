"""Orders in which the nodes of a flat DAG can be computed. Every one gives the same numbers; that is worth seeing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ..graph.document import ORDERS
from .flat import FlatNode

CREATED, LAYERS, DEPTH = ORDERS


def arranged(nodes: Mapping[str, FlatNode], kind: str) -> list[str]:
    """The keys of the nodes, which come in the order of their creation as far as wires allow, in another order.

    "layers": as far from the inputs as the longest path to them, level by level. "depth": on along what was just
    computed, before anything else is begun. Any other word: as they come.
    """
    if kind == LAYERS:
        level: dict[str, int] = {}
        for key, node in nodes.items():
            level[key] = 1 + max((level[source] for source in _sources(node, nodes)), default=-1)
        return sorted(nodes, key=level.__getitem__)
    return _deep(nodes) if kind == DEPTH else list(nodes)


def _sources(node: FlatNode, nodes: Mapping[str, FlatNode]) -> list[str]:
    """The nodes that feed it, each once."""
    return list(dict.fromkeys(source for source, _ in node.inputs.values() if source in nodes))


def _deep(nodes: Mapping[str, FlatNode]) -> list[str]:
    """For one end of the graph after the other, first all that it depends on, input socket by input socket.

    So an input or parameter comes right before what first needs it, and a branch is followed to its end.
    """
    order: dict[str, None] = {}
    taken = {source for node in nodes.values() for source in _sources(node, nodes)}
    for end in (key for key in nodes if key not in taken):
        todo = [end]
        while todo:
            key = todo[-1]
            missing = [source for source in _sources(nodes[key], nodes) if source not in order]
            if missing:
                todo.extend(reversed(missing))
            else:
                order.setdefault(todo.pop())
    return list(order)


class Place(NamedTuple):
    """Where a node stands in the order, from 1, and from where to where it could.

    waits_for: the nodes that feed it, in the order in which they are computed; last of them is what it waited for.
    """

    number: int
    earliest: int
    latest: int
    waits_for: tuple[str, ...]


def place_of(nodes: Mapping[str, FlatNode], order: list[str], key: str) -> Place:
    """Why a node stands where it stands in `order`."""
    number = {k: at for at, k in enumerate(order, 1)}
    feeds: dict[str, list[str]] = {}
    for k, node in nodes.items():
        for source in _sources(node, nodes):
            feeds.setdefault(source, []).append(k)
    before = _reached([key], lambda k: _sources(nodes[k], nodes))
    after = _reached([key], lambda k: feeds.get(k, ()))
    waits_for = tuple(sorted(_sources(nodes[key], nodes), key=number.__getitem__))
    return Place(number[key], len(before), len(order) - len(after) + 1, waits_for)


def _reached(start: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    found, todo = set(start), list(start)
    while todo:
        fresh = [k for k in step(todo.pop()) if k not in found]
        found.update(fresh)
        todo.extend(fresh)
    return found
