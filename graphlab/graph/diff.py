"""What differs between two documents, so that a canvas need redraw only that."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import compress, filterfalse
from operator import is_not
from typing import Any, TypeVar

from ..ops import get
from .document import Document, Edge, Node

K = TypeVar("K", bound=Hashable)

_LARGE = 1000  # keys
_answers: deque[tuple[Mapping[Any, Any], Mapping[Any, Any], list[Any]]] = deque(maxlen=6)


@dataclass(frozen=True, slots=True)
class Diff:
    """Ids of nodes, notes and frames that came, went or changed, and the edges that came or went.

    `changed` holds nodes of any change; `moved`, `renamed` and `reworked` those among them whose position, name, or
    op, params and flags (muted, frozen) differ. `definitions`: some group computes differently, or came or went.
    `sweep`: what is searched, or how, which is no matter of the engine's.
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
    added_frames: tuple[str, ...] = ()
    removed_frames: tuple[str, ...] = ()
    changed_frames: tuple[str, ...] = ()
    definitions: bool = False
    training: bool = False
    sweep: bool = False

    @property
    def computes_differently(self) -> bool:
        """Whether the engine must compile anew: anything but places, names, notes and frames changed."""
        return bool(
            self.added
            or self.removed
            or self.added_edges
            or self.removed_edges
            or self.reworked
            or self.definitions
        )


def diff(old: Document, new: Document) -> Diff:
    """The difference that leads from `old` to `new`. Unchanged values are shared, so this compares identities first."""
    added, removed, changed = _compare(old.nodes, new.nodes)
    notes_added, notes_removed, notes_changed = _compare(old.notes, new.notes)
    frames_added, frames_removed, frames_changed = _compare(old.frames, new.frames)
    return Diff(
        added=added,
        removed=removed,
        changed=changed,
        moved=tuple(i for i in changed if _differs(old.nodes[i], new.nodes[i], "position")),
        renamed=tuple(i for i in changed if _differs(old.nodes[i], new.nodes[i], "name")),
        reworked=tuple(
            i
            for i in changed
            if any(_differs(old.nodes[i], new.nodes[i], f) for f in ("op", "muted", "frozen"))
            or _params_differ(old.nodes[i], new.nodes[i])
        ),
        added_edges=_lacking(old.edges, new.edges),
        removed_edges=_lacking(new.edges, old.edges),
        added_notes=notes_added,
        removed_notes=notes_removed,
        changed_notes=notes_changed,
        added_frames=frames_added,
        removed_frames=frames_removed,
        changed_frames=frames_changed,
        definitions=_definitions_differ(old, new),
        training=old.training != new.training,
        sweep=old.sweep != new.sweep,
    )


def _params_differ(old: Node, new: Node) -> bool:
    """Whether params differ, other than those that only say how a node is drawn."""
    if old.params == new.params:
        return False
    drawing = get(new.op).drawing if new.is_known else ()
    names = old.params.keys() | new.params.keys()
    return any(old.params.get(name) != new.params.get(name) for name in names if name not in drawing)


def _definitions_differ(old: Document, new: Document) -> bool:
    """Whether any group computes differently or has other names inside."""
    before, after = old.definitions, new.definitions
    if before is after:
        return False
    if before.keys() != after.keys():
        return True
    return any(_matters(before[i], after[i]) for i in after if before[i] is not after[i])


def _matters(old: Document, new: Document) -> bool:
    """Whether a group computes differently, or is named differently, inside or as a whole."""
    change = diff(old, new)
    sets = old.promoted != new.promoted or old.along != new.along
    named = change.renamed or old.name != new.name or sets
    return change.computes_differently or bool(named)


def touched(old: Mapping[K, Any], new: Mapping[K, Any]) -> list[K]:
    """The keys of `new` that `old` lacks, or under which it holds another object, in the order of `new`.

    Asked of ten thousand nodes at every edit, so no Python runs per key; and by window, canvas and inference of the
    same two versions, so the last answers about large ones are kept. Neither may be written to afterwards.
    """
    if old is new:
        return []
    if len(new) < _LARGE:
        return _touched(old, new)
    for before, after, answer in _answers:
        if before is old and after is new:
            return list(answer)
    answer = _touched(old, new)
    _answers.append((old, new, answer))
    return list(answer)


def _touched(old: Mapping[K, Any], new: Mapping[K, Any]) -> list[K]:
    return list(compress(new, map(is_not, new.values(), map(old.get, new))))


def _compare(
    old: Mapping[K, Any], new: Mapping[K, Any]
) -> tuple[tuple[K, ...], tuple[K, ...], tuple[K, ...]]:
    others = touched(old, new)
    added = tuple(i for i in others if i not in old)
    changed = tuple(i for i in others if i in old and new[i] != old[i])
    is_any_gone = len(old) + len(added) > len(new)
    removed = tuple(filterfalse(new.__contains__, old)) if is_any_gone else ()
    return added, removed, changed


def _lacking(old: Mapping[K, Edge], new: Mapping[K, Edge]) -> tuple[Edge, ...]:
    """The edges of `new` that are not in `old`."""
    return tuple(new[k] for k in touched(old, new) if new[k] != old.get(k))


def _differs(a: Node, b: Node, field: str) -> bool:
    return bool(getattr(a, field) != getattr(b, field))
