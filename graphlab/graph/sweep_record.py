"""The sweep of a document as plain records, written and read as untrusted: what was set, and nothing else."""

from __future__ import annotations

from dataclasses import fields as fields_of
from typing import Any

import msgspec

from ..errors import BrokenFileError
from .document import Document
from .searched import node_at
from .sweep import Search, Space, Sweep

_KNOWN = tuple(f.name for f in fields_of(Sweep) if f.name not in ("searches", "extra"))
Plain = str | int | float | bool | None


class SpaceRecord(msgspec.Struct, omit_defaults=True):
    """What a space must look like in a file."""

    kind: str
    values: list[Plain] = []
    low: float = 0.0
    high: float = 0.0
    step: int = 1
    log: bool = False


class SearchRecord(msgspec.Struct):
    """What a search must look like in a file."""

    node: str
    name: str
    space: SpaceRecord


def fields(sweep: Sweep) -> dict[str, Any]:
    """What differs from a sweep that nobody has touched; {} for such."""
    usual = Sweep()
    found = {name: getattr(sweep, name) for name in _KNOWN if getattr(sweep, name) != getattr(usual, name)}
    if sweep.searches:
        found["searches"] = [msgspec.to_builtins(_record(search)) for search in sweep.searches]
    return {**sweep.extra, **found}


def read(raw: dict[str, Any]) -> Sweep:
    """The other way round. BrokenFileError, SettingsError."""
    try:
        records = msgspec.convert(raw.get("searches", []), list[SearchRecord])
    except msgspec.ValidationError as error:
        raise BrokenFileError(f"The document is damaged at sweep.searches: {error}") from error
    known = {name: value for name, value in raw.items() if name in _KNOWN}
    for name in ("method", "pruning", "metric"):
        if not isinstance(known.get(name, ""), str):
            raise BrokenFileError(f"The document is damaged at sweep.{name}: it should be text.")
    extra = {name: value for name, value in raw.items() if name not in (*_KNOWN, "searches")}
    return Sweep(tuple(map(_search, records)), **known, extra=extra)


def check(document: Document) -> None:
    """BrokenFileError: a search is of a node that is not there, or there are two of one hyperparameter."""
    seen: set[tuple[str, str]] = set()
    for k, search in enumerate(document.sweep.searches):
        where = f"The document is damaged at sweep.searches[{k}]"
        if search.node and node_at(document, search.node) is None:
            raise BrokenFileError(f"{where}: there is no node {search.node}.")
        if (search.node, search.name) in seen:
            raise BrokenFileError(f"{where}: {search.name} is searched twice.")
        seen.add((search.node, search.name))


def space_record(space: Space) -> dict[str, Any]:
    """A space as JSON has it."""
    found: dict[str, Any] = msgspec.to_builtins(_space(space))
    return found


def read_space(raw: Any) -> Space:
    """The other way round. BrokenFileError, SettingsError."""
    try:
        return _space_of(msgspec.convert(raw, SpaceRecord))
    except msgspec.ValidationError as error:
        raise BrokenFileError(f"A space is damaged: {error}") from error


def _record(search: Search) -> SearchRecord:
    return SearchRecord(search.node, search.name, _space(search.space))


def _space(space: Space) -> SpaceRecord:
    return SpaceRecord(space.kind, list(space.values), space.low, space.high, space.step, space.log)


def _search(record: SearchRecord) -> Search:
    return Search(record.node, record.name, _space_of(record.space))


def _space_of(record: SpaceRecord) -> Space:
    return Space(record.kind, tuple(record.values), record.low, record.high, record.step, record.log)
