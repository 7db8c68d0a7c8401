"""What differs between two documents, so that a canvas need redraw only that."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .document import Document, Edge, Node

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Diff:
    """Ids of nodes and notes that came, went or changed, and the edges that came or went.

    `changed` holds nodes of any change; `moved`, `renamed` and `reworked` those among them whose
    position, name, or op and params differ.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    reworked: tuple[str, ...] = ()
    added_edges: tuple[Edge, ...] = ()
    removed_edges: tuple[Edge, ...] = ()
    added_notes: tuple[str, ...] = ()
    removed_notes: tuple[str, ...] = ()
    changed_notes: tuple[str, ...] = ()
    training: bool = False

    @property
    def computes_differently(self) -> bool:
        """Whether the engine must compile anew: anything but places, names and notes changed."""
        return bool(self.added or self.removed or self.added_edges or self.removed_edges or self.reworked)


def diff(old: Document, new: Document) -> Diff:
    """The difference that leads from `old` to `new`. Unchanged values are shared, so this compares identities first."""
    added, removed, changed = _compare(old.nodes, new.nodes)
    notes_added, notes_removed, notes_changed = _compare(old.notes, new.notes)
    old_edges, new_edges = set(old.edges.values()), set(new.edges.values())
    return Diff(
        added=added,
        removed=removed,
        changed=changed,
        moved=tuple(i for i in changed if _differs(old.nodes[i], new.nodes[i], "position")),
        renamed=tuple(i for i in changed if _differs(old.nodes[i], new.nodes[i], "name")),
        reworked=tuple(
            i
            for i in changed
            if _differs(old.nodes[i], new.nodes[i], "op") or _differs(old.nodes[i], new.nodes[i], "params")
        ),
        added_edges=tuple(e for e in new.edges.values() if e not in old_edges),
        removed_edges=tuple(e for e in old.edges.values() if e not in new_edges),
        added_notes=notes_added,
        removed_notes=notes_removed,
        changed_notes=notes_changed,
        training=old.training != new.training,
    )


def _compare(
    old: Mapping[K, Any], new: Mapping[K, Any]
) -> tuple[tuple[K, ...], tuple[K, ...], tuple[K, ...]]:
    if old is new:
        return (), (), ()
    added = tuple(i for i in new if i not in old)
    removed = tuple(i for i in old if i not in new)
    changed = tuple(i for i, value in new.items() if i in old and value is not old[i] and value != old[i])
    return added, removed, changed


def _differs(a: Node, b: Node, field: str) -> bool:
    return bool(getattr(a, field) != getattr(b, field))
