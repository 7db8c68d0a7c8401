"""An inferred graph on which an edit is tried for the nodes that it concerns alone: quick to say no, not the last word.

What passes here is still inferred as a whole; most of what is thought of against a fault does not.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterable

from ..errors import GraphlabError, ShapeError
from ..ops import Spec, make
from .finding import Problem
from .flatten import End, FlatNode
from .inference import Inference
from .mending import Change, Fix, Insert, Place
from .trial import drawn, outcome

FARTHEST = 500  # nodes that are followed downstream of an edit


class Sketch:
    """The flat graph as inferred, and one of its faults."""

    def __init__(self, inference: Inference, problem: Problem) -> None:
        self._known, self._fault = inference, problem
        self._rank: dict[str, float] = dict(inference.ranks)
        self._added: dict[str, str] = {}  # what takes the value of a node that an edit would insert
        faults = inference.problems_of(problem.node_id)
        self._other_faults = {fault.socket for fault in faults if fault != problem}

    def may_mend(self, fix: Fix) -> bool:
        """False when the fault certainly stays, or a node that was healthy gets one."""
        changed: dict[str, FlatNode] = {}
        for step in fix.steps:
            laid = self._inserted(step, changed) if isinstance(step, Insert) else None
            laid = self._changed(step, changed) if isinstance(step, Change) else laid
            if laid is None:
                return True
            changed.update(laid)
        return _Trial(self._known, self._fault, self._rank, self._added, changed).holds(self._other_faults)

    def _inserted(self, step: Insert, changed: dict[str, FlatNode]) -> dict[str, FlatNode] | None:
        """The nodes that are another when an operation is put into a wire; None for one that leads into a group."""
        node = self._node(step.wire, changed)
        socket = step.wire.socket
        if node is None or socket not in node.inputs:
            return None
        op = make(step.op, dict(step.params))
        new = FlatNode(f"{node.key}.{socket}", "", step.op, op, {step.entry: node.inputs[socket]})
        self._rank[new.key] = self._rank[node.key] - 0.5
        inputs = {**node.inputs, socket: (new.key, op.results()[0])}
        self._added[new.key] = node.key
        return {new.key: new, node.key: dataclasses.replace(node, inputs=inputs)}

    def _changed(self, step: Change, changed: dict[str, FlatNode]) -> dict[str, FlatNode] | None:
        node = self._node(step.at, changed)
        if node is None or node.op is None:
            return None
        try:
            op = make(node.op_name, {**node.op.params, **dict(step.params)})
        except GraphlabError:
            return None
        return {node.key: dataclasses.replace(node, op=op)}

    def _node(self, place: Place, changed: dict[str, FlatNode]) -> FlatNode | None:
        key = "/".join((*place.path, place.node))
        return changed.get(key) or self._known.nodes.get(key)


class _Trial:
    """One edit, followed from the nodes that it changes to where nothing is different any more."""

    def __init__(
        self,
        known: Inference,
        fault: Problem,
        rank: dict[str, float],
        added: dict[str, str],
        changed: dict[str, FlatNode],
    ) -> None:
        self._known, self._fault, self._rank, self._added = known, fault, rank, added
        self._changed = changed
        self._specs: dict[End, Spec] = {}
        self._queue = [(rank[key], key) for key in changed]
        heapq.heapify(self._queue)

    def holds(self, other_faults: set[str]) -> bool:
        """Whether the faulty node is reached and takes what it gets, and so does every other that was healthy."""
        seen: set[str] = set()
        is_sure, is_reached = True, False
        while self._queue and len(seen) < FARTHEST:
            _, key = heapq.heappop(self._queue)
            if key in seen:
                continue
            seen.add(key)
            is_faulty = key == self._fault.node_id
            is_reached |= is_faulty
            try:
                is_sure &= self._visit(key)
            except ShapeError as error:
                if is_faulty and error.socket in other_faults:
                    return True
                if is_faulty or key not in self._known.unhealthy:
                    return False
        return is_reached or not is_sure

    def _visit(self, key: str) -> bool:
        """Finds what comes out of a node, and queues what takes it if that is another; False if too little is known."""
        node = self._changed.get(key) or self._known.nodes[key]
        specs = {name: self._spec(end) for name, end in drawn(self._known.nodes, node).items()}
        given = {name: spec for name, spec in specs.items() if spec is not None}
        if node.op is None or len(given) < len(specs):
            return False
        results = outcome(node.op, given)
        if results is None:
            return False
        for name, spec in zip(node.op.results(), results, strict=True):
            if self._known.specs.get((key, name)) != spec:
                self._specs[key, name] = spec
                for consumer in self._consumers(key):
                    heapq.heappush(self._queue, (self._rank[consumer], consumer))
        return True

    def _consumers(self, key: str) -> Iterable[str]:
        return [self._added[key]] if key in self._added else self._known.basis.flat.consumers(key)

    def _spec(self, end: End) -> Spec | None:
        return self._specs.get(end) or self._known.specs.get(end)
