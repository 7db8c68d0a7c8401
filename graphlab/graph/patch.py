"""What leads from one version of a document to the next, as a small record: what the engine process gets after an edit.

A document of ten thousand nodes takes a tenth of a second to write and another to read; an edit touches a few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import filterfalse
from typing import Any, TypeVar

import msgspec

from ..errors import BrokenFileError
from . import codec
from .diff import touched
from .document import Document, Edge

K = TypeVar("K")
V = TypeVar("V")


def to_bytes(old: Document, new: Document) -> bytes:
    """What makes `new` of `old`, as JSON."""
    return msgspec.json.encode(_change(old, new))


def apply(old: Document, data: bytes) -> Document:
    """The document that `to_bytes` told of; what it leaves alone is shared with `old`. BrokenFileError."""
    try:
        return _changed(old, msgspec.json.decode(data))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise BrokenFileError(f"That is no change of this document: {error!r}") from error


def _change(old: Document, new: Document) -> dict[str, Any]:
    """Nodes and wires that are other objects, what went, and all the rest whole, which is small.

    An order is told only where it is another than that of `Document.with_nodes` and `with_edges`.
    """
    nodes, edges = touched(old.nodes, new.nodes), touched(old.edges, new.edges)
    gone, cut = _lacking(old.nodes, new.nodes), touched(new.edges, old.edges)
    come = [i for i in nodes if i not in old.nodes]
    return {
        "rest": codec.to_plain(new.with_(nodes={}, edges={}, definitions={})),
        "nodes": [codec.node_fields(new.nodes[i]) for i in nodes],
        "gone": gone,
        "order": _order(old.nodes, new.nodes, gone, come),
        "edges": [new.edges[key] for key in edges],
        "cut": cut,
        "edge_order": _order(old.edges, new.edges, cut, edges),
        "definitions": [
            (
                i,
                _change(old.definitions.get(i, Document()), inner)
                if inner is not old.definitions.get(i)
                else None,
            )
            for i, inner in new.definitions.items()
        ],
    }


def _order(old: Mapping[K, Any], new: Mapping[K, Any], gone: list[K], come: list[K]) -> list[K] | None:
    """The keys of `new`, None where they are those of `old` that stay and then those that came."""
    if not gone and not come and len(old) == len(new) and old is new:
        return None
    off = set(gone)
    keys = list(new)
    return None if [*filterfalse(off.__contains__, old), *come] == keys else keys


def _lacking(old: Mapping[K, Any], new: Mapping[K, Any]) -> list[K]:
    return [] if old is new else list(filterfalse(new.__contains__, old))


def _changed(old: Document, change: dict[str, Any]) -> Document:
    rest = codec.from_plain(change["rest"])
    put = [codec.checked_node(raw, f"nodes[{k}]") for k, raw in enumerate(change["nodes"])]
    cut = [old.edges[target, socket] for target, socket in change["cut"]]
    new = old.with_edges(drop=cut).with_nodes(put, change["gone"])
    new = new.with_edges(Edge(*raw) for raw in change["edges"])
    if change["order"] is not None:
        new = new.with_(nodes=_in_order(new.nodes, change["order"]))
    if change["edge_order"] is not None:
        new = new.with_(edges=_in_order(new.edges, map(tuple, change["edge_order"])))
    definitions = {
        i: old.definitions[i] if inner is None else _changed(old.definitions.get(i, Document()), inner)
        for i, inner in change["definitions"]
    }
    kept = {name: getattr(rest, name) for name in codec.REST}
    return new.with_(definitions=definitions, **kept)


def _in_order(values: Mapping[K, V], order: Iterable[K]) -> dict[K, V]:
    return {key: values[key] for key in order}
