"""What differs in what two documents search, and how, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from .document import Document
from .spaces import space_text
from .sweep import Search, Sweep
from .targets import text_of


class Change(NamedTuple):
    """`name`: what is searched ("hidden.units"), or which setting of the sweep; `before`, `after`: texts or values."""

    kind: Literal["added", "removed", "changed"]
    text: str
    name: str
    before: Any = None
    after: Any = None


def changes(before: Document, after: Document, node_now: Callable[[str], str]) -> Iterator[Change]:
    """What leads from the earlier sweep to the later one. `node_now`: which node of the later document one is."""
    if before is after:
        return
    old = {(node_now(each.node), each.name): each for each in before.sweep.searches}
    new = {(each.node, each.name): each for each in after.sweep.searches}
    for end, search in new.items():
        name, now = text_of(after, *end), space_text(search.space)
        if end not in old:
            yield Change("added", f"search {name} {now}", name, after=now)
        elif old[end].space != search.space:
            was = space_text(old[end].space)
            yield Change("changed", f"search {name}: {was} → {now}", name, was, now)
    for end, search in old.items():
        if end not in new:
            yield _gone(before, search)
    yield from _settings(before.sweep, after.sweep)


def _gone(before: Document, search: Search) -> Change:
    name, was = text_of(before, search.node, search.name), space_text(search.space)
    return Change("removed", f"search {name} {was}", name, before=was)


def _settings(old: Sweep, new: Sweep) -> Iterator[Change]:
    for field in dataclasses.fields(Sweep):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if field.name not in ("searches", "extra") and was != now:
            shown = [value if value != "" else "automatic" for value in (was, now)]
            yield Change("changed", f"sweep: {field.name} {shown[0]} → {shown[1]}", field.name, was, now)
