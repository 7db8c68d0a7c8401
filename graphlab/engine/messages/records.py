"""Records that commands and events have in common: how arrays, breakpoints and probes are named."""

from __future__ import annotations

import msgspec

THUMB = "thumb"  # a kind of tensor: a large picture made small


class TensorKey(msgspec.Struct, frozen=True, order=True):
    """Names an array of the run.

    kind: "value" or "grad" of an output or of a learnable socket; "term" for what one edge adds to a gradient; THUMB
    for a value of N×C×H×W made small.
    node: node id. socket: the output or learnable socket; for a term "target id.input".
    """

    kind: str
    node: str
    socket: str

    @property
    def taker(self) -> tuple[str, str]:
        """Of a term, the node and input that it comes back from."""
        target, _, socket = self.socket.partition(".")
        return target, socket


class Watched(msgspec.Struct, frozen=True):
    """A tensor somebody looks at; at most `limit` of its elements are sent."""

    key: TensorKey
    limit: int = 256


class Breakpoint(msgspec.Struct, frozen=True, order=True):
    """The run pauses after that node's entry in that phase, if the condition (see `conditions`) is met; "": always."""

    node: str
    phase: str
    condition: str = ""


class Probe(msgspec.Struct, frozen=True, order=True):
    """A number to be watched: an expression (see `conditions`) at a node."""

    node: str
    expression: str


class ScheduleEntry(msgspec.Struct, frozen=True):
    """One line of the schedule: phase "forward" | "backward" | "update", node id ("" for the update)."""

    phase: str
    node: str

    @property
    def id(self) -> str:
        """The same under the name that it has in the engine's own schedule."""
        return self.node


class Asked(msgspec.Struct, frozen=True):
    """What gradients are asked for instead of the loss's: an element of an output, or with `at` None the sum of all."""

    node: str
    socket: str
    at: tuple[int, ...] | None = None
