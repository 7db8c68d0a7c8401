"""What an edit changed of how a network learns, in a few words each: "lr 0.01 → 0.003", "hidden frozen"."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..graph import Document, diff
from ..graph.document import STOPPING
from . import numbers

_QUIET = ("epochs", "order", "extra", *STOPPING)  # of these no curve takes notice
_WORDS = {"batch_size": "batch size", "weight_decay": "weight decay", "clip_norm": "clip norm"}


class Change(NamedTuple):
    """`what` was `old` and is `new`; two words alone where there is nothing between them, such as "hidden frozen"."""

    what: str
    old: str
    new: str

    @property
    def text(self) -> str:
        return f"{self.what} {self.old} → {self.new}" if self.old else f"{self.what} {self.new}"

    def since(self, old: str) -> Change:
        """The same, of a series of changes that began with `old`."""
        return self._replace(old=old)


def changes(old: Document, new: Document) -> Iterator[Change]:
    """What makes one document learn differently from the other; nothing for names, places, notes and frames."""
    if old.training is not new.training:
        yield from _settings(old, new)
    change = diff(old, new)
    for node in change.reworked:
        yield from _of_node(old, new, node)
    if change.added or change.removed or change.added_edges or change.removed_edges or change.definitions:
        yield Change("graph", "", "edited")


def _settings(old: Document, new: Document) -> Iterator[Change]:
    for field in dataclasses.fields(new.training):
        before, after = (getattr(d.training, field.name) for d in (old, new))
        if before == after or field.name in _QUIET:
            continue
        if field.name == "goal":
            yield Change("goal", "", "changed")
        else:
            yield Change(_WORDS.get(field.name, field.name), written(before), written(after))


def _of_node(old: Document, new: Document, node: str) -> Iterator[Change]:
    before, after = old.nodes[node], new.nodes[node]
    for flag, on, off in (("frozen", "frozen", "thawed"), ("muted", "muted", "unmuted")):
        if getattr(before, flag) != getattr(after, flag):
            yield Change(after.name, "", on if getattr(after, flag) else off)
    if before.op != after.op:
        yield Change(after.name, before.op, after.op)
    for name in sorted({*before.params, *after.params}):
        was, now = (_param(each, name) for each in (before, after))
        if was != now:
            short = _is_short(was) and _is_short(now)
            what = f"{after.name} {name}"
            yield Change(what, written(was), written(now)) if short else Change(what, "", "changed")


def _param(node: Any, name: str) -> Any:
    """A param, as it is in force where it was never set."""
    made = node.make() if node.is_known else None
    knob = made.knob(name) if made is not None and name in made.knobs else None
    if knob is not None:
        return knob[0]
    return node.params.get(name, made.params.get(name) if made is not None else None)


def _is_short(value: Any) -> bool:
    return (
        value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) < 24)
    )


def written(value: Any) -> str:
    """A setting in a mark: 0.003, Adam, on."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "automatic"
    return numbers.figure(float(value)) if isinstance(value, (int, float)) else str(value)
