"""Parameters that all uses of a group share: a node of its own stands for each, and feeds every use.

So nothing else in the engine knows of sharing: the gradient is summed over the outgoing edges, each use's term kept
apart, like that of any value that is used more than once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops import Op, Shape, Socket, Spec, shape_text
from ..ops.base import Array, Context
from .finding import Problem, fixed_shapes
from .flat import End, FlatNode

if TYPE_CHECKING:
    from .inference import Inference

VALUE = "value"


class SharedParameter(Op):
    """A learnable value that stands for the same socket of every use of a group; it begins as the first use says."""

    category = "Parameter"
    formula = "y = θ"
    latex = r"y = \theta"
    derivative = r"\frac{\partial \ell}{\partial \theta} = \sum_{\mathrm{uses}} \bar{y}"
    inputs = (Socket(VALUE, learnable=True, init=""),)

    def __init__(self, op: Op, socket: str, shape: Shape, beside: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__()
        self._op, self._socket, self.shape, self._beside = op, socket, shape, dict(beside)

    def learnable(self) -> dict[str, Shape]:
        return {VALUE: self.shape}

    def initialiser(self, socket: str) -> str:
        return self._op.initialiser(self._socket)

    def gain(self, socket: str) -> float:
        return self._op.gain(self._socket)

    def fans(self, socket: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        return self._op.fans(self._socket, self._beside)

    def start(self, socket: str) -> Any:
        return self._op.start(self._socket)

    def infer(self, value: Spec) -> Spec:
        return value

    def view(self, value: Array | None) -> Array | None:
        return value

    def forward(self, ctx: Context, value: Array, *, y: Array) -> None:
        np.copyto(y, value)

    def backward(self, ctx: Context, dy: Array, *, value: Array, y: Array, dvalue: Array | None) -> None:
        if dvalue is not None:
            np.copyto(dvalue, dy)


def shared_node(node: FlatNode, socket: str, shape: Shape, beside: Mapping[str, tuple[int, ...]]) -> FlatNode:
    """The node that stands for a socket of `node` in every use. `beside`: the fixed shapes at its other sockets."""
    assert node.op is not None
    op = SharedParameter(node.op, socket, shape, beside)
    key, path = f"{node.owner}:{socket}", f"{node.owner_path} {socket}"
    return FlatNode(key, path, type(op).__name__, op, {}, frozen=node.frozen)


def share(found: Inference) -> None:
    """Lets the nodes that share what they learn take it from the nodes that stand for it, in an inference just made.

    A use whose shape is not that of the first is at fault, and what hangs on it cannot run.
    """
    owned: dict[str, dict[str, tuple[int, ...]]] = {}
    for (key, socket), shape in found.learnables.items():
        owned.setdefault(key, {})[socket] = shape
    nodes: dict[str, FlatNode] = {}
    learnables: dict[End, tuple[int, ...]] = {}
    faults: list[Problem] = []
    spoilt = set(found.unhealthy)
    for key, node in found.nodes.items():
        mine = owned.get(key, {})
        if not node.is_shared or not mine:
            learnables.update({(key, socket): shape for socket, shape in mine.items()})
        else:
            beside = fixed_shapes(node, found.specs, mine)
            sources = {s: shared_node(node, s, shape, beside) for s, shape in mine.items()}
            for socket, source in sources.items():
                first = learnables.setdefault((source.key, VALUE), mine[socket])
                nodes.setdefault(source.key, source)
                found.specs[source.key, "y"] = Spec(first)
                if first != mine[socket]:
                    faults.append(_unlike(node, socket, mine[socket], first))
                    spoilt.add(key)
            wired = {socket: (source.key, "y") for socket, source in sources.items()}
            node = dataclasses.replace(node, inputs={**node.inputs, **wired})
        nodes[key] = node
        if any(source in spoilt for source, _ in node.inputs.values()):
            spoilt.add(key)
    for end in [end for end in found.specs if end[0] in spoilt]:
        del found.specs[end]
    place = {key: k for k, key in enumerate(nodes)}
    found.nodes, found.learnables, found.unhealthy = nodes, learnables, frozenset(spoilt)
    found.problems = tuple(sorted((*found.problems, *faults), key=lambda problem: place[problem.node_id]))


def _unlike(node: FlatNode, socket: str, shape: Shape, first: Shape) -> Problem:
    return Problem(
        node.key,
        node.path,
        socket,
        f"{socket} would be {shape_text(shape)} here, but another use of the group has {shape_text(first)}, "
        "and they share it.",
        "Give the group weights of its own, or feed all uses alike.",
    )
