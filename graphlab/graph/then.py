"""A document as it was trained with at an earlier step, with what does not matter to training left as it is now."""

from __future__ import annotations

import dataclasses

from .diff import diff
from .document import STOPPING, Document, Node, Training


def as_then(now: Document, then: Document) -> Document:
    """What computes and the settings are those of `then`; places, notes and frames are those of `now`."""
    if not diff(now, then).computes_differently:
        return dataclasses.replace(now, training=_training(now, then))
    return dataclasses.replace(
        then,
        name=now.name,
        training=_training(now, then),
        nodes={id: _placed(node, now.nodes.get(id)) for id, node in then.nodes.items()},
        notes={id: note for id, note in now.notes.items() if id not in then.nodes},
        frames={id: frame for id, frame in now.frames.items() if id not in then.nodes},
        bookmarks=now.bookmarks,
        sweep=now.sweep,
        next_id=max(now.next_id, then.next_id),
        extra=now.extra,
    )


def _training(now: Document, then: Document) -> Training:
    """The settings of then; when to stop is a matter of now."""
    return dataclasses.replace(then.training, **{name: getattr(now.training, name) for name in STOPPING})


def _placed(node: Node, like: Node | None) -> Node:
    if like is None or like.position == node.position:
        return node
    return dataclasses.replace(node, position=like.position)
