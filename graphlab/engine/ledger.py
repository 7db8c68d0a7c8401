"""The books of back-propagation: what comes in at a fan-out, and what a node's backward entry reads again.

The gradient of a value is summed once and then read for the gradient of every input and parameter of the node that
made it: it is saved, not computed again. So are the values of the forward phase on which these gradients depend.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from .flat import End, FlatNode


class Reuse(NamedTuple):
    """What the backward entry of a node finds ready.

    used_for: the names of whose gradients are made with the gradient of the node: what feeds it, and parameters that
    it owns. values: the names of the values of the forward phase that it reads again.
    """

    used_for: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def gradient_told(self) -> str:
        """ "saved, not recomputed: used for weight, bias and x"; "" where nothing is made with it."""
        return f"saved, not recomputed: used for {listed(self.used_for)}" if self.used_for else ""

    @property
    def values_told(self) -> str:
        """ "read again from forward: act and weight"."""
        return f"read again from forward: {listed(self.values)}" if self.values else ""


def reuse(node: FlatNode, wanted: Collection[str], name: Callable[[End], str]) -> Reuse:
    """Of a healthy node that makes the gradients of those sockets; `name` tells what people call an output."""
    op = node.op
    if op is None or (op.category == "Parameter" and not node.inputs):  # it hands on what it owns
        return Reuse()
    sockets = [socket.name for socket in op.sockets()]
    saved = {each for socket in sockets if socket in wanted for each in op.saves(socket)}

    def called(socket: str) -> str:
        if socket in op.results():
            return "its own value" if len(op.results()) == 1 else f"its own {socket}"
        return name(node.inputs[socket]) if socket in node.inputs else socket

    used_for = [called(socket) for socket in sockets if socket in wanted]
    values = [called(each) for each in (*sockets, *op.results()) if each in saved]
    return Reuse(tuple(dict.fromkeys(used_for)), tuple(dict.fromkeys(values)))


def wanted(
    edges: Iterable[tuple[End, End]], parameters: Iterable[End], active: Collection[str]
) -> dict[str, set[str]]:
    """By key, the sockets whose gradients a plan computes: those of its edges (source, target), and owned ones."""
    found: dict[str, set[str]] = {}
    for key, socket in (*(target for _, target in edges), *parameters):
        if key in active:
            found.setdefault(key, set()).add(socket)
    return found


def listed(words: Iterable[str]) -> str:
    """ "w, b and x"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
