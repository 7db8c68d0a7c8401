"""Parameters that all uses of a group share: a node of its own stands for each, and feeds every use.

So nothing else in the engine knows of sharing: the gradient is summed over the outgoing edges, each use's term kept
apart, like that of any value that is used more than once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ops import Op, Shape, Socket, Spec
from ..ops.base import Array, Context
from .flatten import FlatNode

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
    return FlatNode(key, path, type(op).__name__, op, {}, key, path, node.frozen)
