"""Which nodes of a flat graph read sequences, and what their parts are called."""

from __future__ import annotations

from collections.abc import Mapping

from ..ops import Op
from ..ops.recurrent import Recurrent
from .flatten import FlatNode


def recurrent(nodes: Mapping[str, FlatNode]) -> tuple[str, ...]:
    """The keys of the recurrent layers, in the order of the nodes."""
    return tuple(key for key, node in nodes.items() if isinstance(node.op, Recurrent))


def part_names(op: Op) -> tuple[str, ...]:
    """What the passes of a fused layer are called: its layers and directions, in the order of its parameters."""
    assert isinstance(op, Recurrent)
    layers, both = int(op.num_layers), bool(op.bidirectional)
    named = [f"layer {k + 1}" for k in range(layers)] if layers > 1 else [""]
    ways = ("forwards", "backwards") if both else ("",)
    return tuple(", ".join(filter(None, (layer, way))) or "all" for layer in named for way in ways)
