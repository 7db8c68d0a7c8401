"""What people usually do next: how often the examples that travel with graphlab use each operation, and after which."""

from __future__ import annotations

import functools
from collections import Counter
from typing import NamedTuple

from ...errors import GraphlabError
from ...graph import Document
from ...io import load
from ..offers import key_of
from ..shelf import shelf


class End(NamedTuple):
    """The socket from which a wire was drawn, by key (see `offers`) and name."""

    op: str
    socket: str
    is_input: bool


class Habits:
    """Counts over documents: ops, and wires by (op, output, op, input), all by key."""

    def __init__(self) -> None:
        self.ops: Counter[str] = Counter()
        self._wires: Counter[tuple[str, str, str, str]] = Counter()

    def learn(self, document: Document) -> None:
        """Counts what this document does."""
        keys = {i: key_of(node) for i, node in document.nodes.items()}
        self.ops.update(keys.values())
        for edge in document.edges.values():
            self._wires[keys[edge.source], edge.output, keys[edge.target], edge.input] += 1

    def following(self, end: End) -> Counter[str]:
        """How often wires from that end lead to each op."""
        found: Counter[str] = Counter()
        for (source, output, target, input), times in self._wires.items():
            if end.is_input and (target, input) == (end.op, end.socket):
                found[source] += times
            elif not end.is_input and (source, output) == (end.op, end.socket):
                found[target] += times
        return found

    def socket(self, end: End, op: str) -> str:
        """The socket of that op at which wires from that end usually are, "" if there is none."""
        found = self._to(end, op).most_common(1)
        return found[0][0] if found else ""

    def _to(self, end: End, op: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for (source, output, target, input), times in self._wires.items():
            if end.is_input and (target, input, source) == (end.op, end.socket, op):
                found[output] += times
            elif not end.is_input and (source, output, target) == (end.op, end.socket, op):
                found[input] += times
        return found


@functools.cache
def habits() -> Habits:
    """Those of the examples, read when first asked for (a few milliseconds)."""
    found = Habits()
    for example in shelf():
        try:
            graph, _ = load(example.path)
        except GraphlabError:  # a damaged example is told of when it is opened
            continue
        found.learn(graph.document)
    return found
