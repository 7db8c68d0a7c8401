"""Nodes that nothing comes of: what the goal does not depend on, told once for each end, with what only it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from ..ops import known
from .flatten import FlatNode
from .mending import Fix, Place, Remove, place_of

Count = Callable[[str], int]


class Unused(NamedTuple):
    """Something that the goal does not depend on. node: its key; fixes: finds how to be rid of it, if that can be."""

    node: str
    text: str
    hint: str
    fixes: Callable[[], tuple[Fix, ...]]


def unused(nodes: Mapping[str, FlatNode], goal: str, parameters: Count) -> Iterator[Unused]:
    """Nodes that learn nothing, and ends of branches that nobody reads and that are no results to look at."""
    feeds, needed = _feeds(nodes), _upstream(nodes, goal)
    told = set[str]()  # of these it is said already, or of what they depend on
    for key, node in nodes.items():
        if key in needed:
            continue
        fixes = partial(_fixes, nodes, feeds, key)
        if parameters(key):
            told.add(key)
            text = f"{node.path} learns nothing: the loss does not depend on it."
            yield Unused(key, text, "Wire it to the loss, or delete it.", fixes)
        elif any(source in told for source, _ in node.inputs.values()):
            told.add(key)
        elif not feeds.get(key) and not _is_for_looking(node):
            text = (
                f"Nothing comes of {node.path}: the loss does not depend on it, and no other node reads it."
            )
            hint = "To look at its value is all it serves for. Wire it on, or delete it."
            yield Unused(key, text, hint, fixes)


def _feeds(nodes: Mapping[str, FlatNode]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, node in nodes.items():
        for source, _ in node.inputs.values():
            found.setdefault(source, []).append(key)
    return found


def _upstream(nodes: Mapping[str, FlatNode], end: str) -> set[str]:
    """An end and all that it depends on."""
    found, todo = {end}, [end]
    while todo:
        sources = {source for source, _ in nodes[todo.pop()].inputs.values()} - found
        found |= sources
        todo += sources
    return found


def _is_for_looking(node: FlatNode) -> bool:
    """Whether it is a result that people look at: probabilities, or whole numbers such as the winning class.

    So is what nobody has drawn: an output of a repeated cell is there whether it is wired on or not.
    """
    op = node.op
    return (
        op is None
        or not known(node.op_name)
        or bool(op.reads_as)
        or op.scalar_loss
        or not op.sockets()
        or _gives_choices(node)
    )


def _gives_choices(node: FlatNode) -> bool:
    """Whether its result is where something stands, and no gradient passes it."""
    return node.op is not None and node.op.backward_cost == {"x": 0}


def _fixes(nodes: Mapping[str, FlatNode], feeds: Mapping[str, list[str]], key: str) -> tuple[Fix, ...]:
    """To delete it, all that reads it, and what then serves for nothing else; not where a group is used twice."""
    gone, todo = {key}, [key]
    while todo:
        after = set(feeds.get(todo.pop(), ())) - gone
        gone |= after
        todo += after
    for k in reversed(list(nodes)):
        if k not in gone and feeds.get(k) and set(feeds[k]) <= gone:
            gone.add(k)
    if any(nodes[k].is_shared for k in gone):
        return ()
    others = len(gone) - 1
    also = (
        f" and {others} other{'s' * (others > 1)} that serve{'s' * (others == 1)} nothing else"
        if others
        else ""
    )
    places: list[Place] = [place_of(nodes[k]) for k in nodes if k in gone]
    return (Fix(f"Delete {nodes[key].path}{also}", "", (Remove(tuple(places)),)),)
