"""Which nodes of a graph read sequences, fused layers and unrolled cells, and what their parts are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..graph import Document
from ..graph.groups import definition_of, role
from ..ops import Op
from ..ops.recurrent import Recurrent
from ..ops.unroll import Unroll
from .flatten import FlatNode
from .inference import Inference


class Reader(NamedTuple):
    """A recurrent layer. title: which cell it is. op: of a fused layer itself, or the Unroll of a cell."""

    key: str
    path: str
    title: str
    op: Recurrent | Unroll


def readers(found: Inference) -> tuple[Reader, ...]:
    """The recurrent layers that can run, fused ones in the order of the nodes, then unrolled cells."""
    return (*_fused(found.nodes, found.unhealthy), *_unrolled(found))


def _fused(nodes: Mapping[str, FlatNode], faulty: frozenset[str]) -> Iterator[Reader]:
    for key, node in nodes.items():
        if isinstance(node.op, Recurrent) and key not in faulty and "/t=" not in key:
            yield Reader(key, node.path, node.op_name, node.op)


def _unrolled(found: Inference) -> Iterator[Reader]:
    """Those whose every copy can run."""
    document = found.basis.flat.document
    if not document.definitions:
        return
    stuck = {place for key in found.unhealthy for place in _places(key)}
    begun = {key for key, _ in found.aliases if key.endswith("/t=0")}
    for reader in _on_sheet(document, "", ""):
        if reader.key not in stuck and f"{reader.key}/t=0" in begun:
            yield reader


def _places(key: str) -> Iterator[str]:
    """The groups and repeated cells in which a node stands."""
    parts = key.split("/")
    return ("/".join(parts[:k]) for k in range(1, len(parts)))


def _on_sheet(sheet: Document, key: str, path: str) -> Iterator[Reader]:
    for node in sheet.nodes.values():
        kind = role(node)
        inner = definition_of(sheet, node) if kind in ("group", "unroll") and not node.muted else None
        if inner is None:
            continue
        if kind == "group":
            yield from _on_sheet(inner, f"{key}{node.id}/", f"{path}{node.name}/")
        else:
            op = node.make()
            assert isinstance(op, Unroll)
            yield Reader(f"{key}{node.id}", f"{path}{node.name}", inner.name, op)


def part_names(op: Op) -> tuple[str, ...]:
    """What the passes of a fused layer are called: its layers and directions, in the order of its parameters."""
    assert isinstance(op, Recurrent)
    layers, both = int(op.num_layers), bool(op.bidirectional)
    named = [f"layer {k + 1}" for k in range(layers)] if layers > 1 else [""]
    ways = ("forwards", "backwards") if both else ("",)
    return tuple(", ".join(filter(None, (layer, way))) or "all" for layer in named for way in ways)
