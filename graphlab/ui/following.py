"""What a person pinned to a node stays with it: through grouping and ungrouping, and through undo of its deletion.

Breakpoints and watches name nodes by the engine's keys, which say in which groups a node is ("n2", "n9/n2").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..engine.flat import FlatNode

Nodes = Mapping[str, FlatNode]


def moved(before: Nodes, now: Nodes, keys: Iterable[str]) -> dict[str, str]:
    """Where the nodes of these keys are now; those that are nowhere are left out.

    A node that went into a group kept its id there, and keeps it when it comes out. Which group it was is told by what
    is new: of several places that it could have gone to, none is taken.
    """
    found: dict[str, str] = {}
    came: dict[str, list[str]] | None = None
    for key in keys:
        if key in now:
            found[key] = key
            continue
        if key not in before:
            continue
        if came is None:
            came = {}
            for new in now:
                if new not in before:
                    came.setdefault(new.rpartition("/")[2], []).append(new)
        there = [k for k in came.get(key.rpartition("/")[2], ()) if now[k].op_name == before[key].op_name]
        if len(there) == 1:
            found[key] = there[0]
    return found


class Sleepers:
    """Keys of nodes that are gone, each with what was known of the node, so that nobody else is taken for it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def add(self, key: str, node: FlatNode | None) -> None:
        if node is not None:
            self._known[key] = _identity(node)

    def awake(self, key: str, now: Nodes) -> bool:
        """Whether that very node is back."""
        return key in now and self._known.get(key) == _identity(now[key])


def _identity(node: FlatNode) -> tuple[str, str]:
    return node.op_name, node.path.rpartition("/")[2]
