"""What of a sheet takes part in the entry computed last: its node, the wires it reads and the wires it writes.

Forward, a node reads what comes in and writes what goes out. Backward, it reads the gradients that come back along what
goes out, and writes one along each wire that comes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...graph.document import Edge
from ...graph.groups import role

if TYPE_CHECKING:
    from ..session import Session

Key = tuple[str, str]


class Spot(NamedTuple):
    """node: on the sheet. inner: the name of the node computed, where it is in the group `node`; "" otherwise.

    reads, writes: wires by target and input. sources: the nodes from which what is read comes.
    """

    node: str = ""
    phase: str = ""
    inner: str = ""
    reads: frozenset[Key] = frozenset()
    writes: frozenset[Key] = frozenset()
    sources: frozenset[str] = frozenset()


NOWHERE = Spot()


class Spotlight:
    """Follows the run of a session; asked at each frame, it thinks once for each place."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._place = ("", "")
        self._of: tuple[object, object, object] = (None, None, None)
        self._spot = NOWHERE

    @property
    def spot(self) -> Spot:
        session, progress = self._session, self._session.progress
        key, phase = progress.current, progress.phase
        if not key or phase not in ("forward", "backward"):
            return NOWHERE
        of = session.seen, session.document, session.schedule
        if self._place != (key, phase) or any(a is not b for a, b in zip(self._of, of, strict=True)):
            self._place, self._of, self._spot = (key, phase), of, self._find(key, phase)
        return self._spot

    def _find(self, key: str, phase: str) -> Spot:
        session = self._session
        seen, document = session.seen, session.document
        node = seen.here(key)
        if not node:
            return Spot("", phase)
        flat = seen.whole.nodes.get(key)
        wanted = set(flat.inputs.values()) if flat is not None else set()
        inward = [e for e in document.inputs_of(node).values() if seen.end(e.source, e.output) in wanted]
        outward = [e for e in document.consumers(node) if seen.end(e.source, e.output)[0] == key]
        if phase == "backward":
            inward = [e for e in inward if self._goes_back(seen.end(e.source, e.output)[0])]
            outward = [
                e for e in outward if any(self._goes_back(k) for k, _ in seen.consumers(e.target, e.input))
            ]
        before = [edge for first in inward for edge in self._back_from(first)]
        after = [edge for first in outward for edge in self._on_from(first)]
        reads, writes = (before, after) if phase == "forward" else (after, before)
        ends = {edge.source if phase == "forward" else edge.target for edge in reads}
        inner = "" if key == seen.prefix + node else session.name_of(key)
        return Spot(node, phase, inner, _keys(reads), _keys(writes), frozenset(filter(self._computes, ends)))

    def _goes_back(self, key: str) -> bool:
        return self._session.progress.place(key, "backward") >= 0

    def _back_from(self, edge: Edge) -> Iterator[Edge]:
        """A wire, and those before it as far as they only hand on: through reroute points and muted nodes."""
        yield edge
        seen, end = self._session.seen, self._session.seen.end(edge.source, edge.output)
        if not self._computes(edge.source):
            for before in self._session.document.inputs_of(edge.source).values():
                if seen.end(before.source, before.output) == end:
                    yield from self._back_from(before)

    def _on_from(self, edge: Edge) -> Iterator[Edge]:
        yield edge
        seen, end = self._session.seen, self._session.seen.end(edge.source, edge.output)
        if not self._computes(edge.target):
            for after in self._session.document.consumers(edge.target):
                if seen.end(after.source, after.output) == end:
                    yield from self._on_from(after)

    def _computes(self, node: str) -> bool:
        found = self._session.document.nodes[node]
        return not found.muted and role(found) != "wire"


def _keys(edges: list[Edge]) -> frozenset[Key]:
    return frozenset((edge.target, edge.input) for edge in edges)
