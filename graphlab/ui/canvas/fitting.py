"""Which sockets a wire may be plugged into: structure first (no cycle), then kinds and shapes, without editing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple

from ...engine import Inference
from ...engine.finding import kind_fits
from ...engine.trial import outcome
from ...errors import GraphlabError, ShapeError
from ...graph import Document, Edge, edits
from ...graph.connect import check_connect
from ...graph.groups import is_use, role
from ...ops import Op, Spec
from ..offers import op_at
from .scene import SocketAt

Trial = Callable[[Document], Inference]  # what a sheet would be inferred to be


class Fit(Enum):
    """GOOD: fits. MISFIT: may be drawn, but shapes or kinds do not fit. REFUSED: cannot be drawn."""

    GOOD = 2
    MISFIT = 1
    REFUSED = 0


class Verdict(NamedTuple):
    """What a wire would do at a node: whether it fits, why not, and the shapes that would come out ("" if unknown)."""

    fit: Fit
    node: str = ""
    reason: str = ""
    result: str = ""


def edge_between(a: SocketAt, b: SocketAt) -> Edge | None:
    """The wire between two sockets, whichever way it was dragged; None between two inputs or two outputs."""
    if a.is_input == b.is_input:
        return None
    start, end = (b, a) if a.is_input else (a, b)
    return Edge(start.node, start.name, end.node, end.name)


def refusal(document: Document, edge: Edge) -> GraphlabError | None:
    """Why the wire cannot be drawn at all, None when it can."""
    try:
        check_connect(document, edge)
    except GraphlabError as error:
        return error
    return None


class Fitting:
    """Judges the wires that could lead from sockets of one kind to another one. Remembers what it found.

    One origin is a wire being drawn or re-plugged, several are wires that move together. `trial` tells what a group
    makes of a wire; without it a group is asked by itself, as if it stood alone.
    """

    def __init__(
        self,
        document: Document,
        inference: Inference,
        origin: SocketAt,
        *others: SocketAt,
        trial: Trial | None = None,
    ) -> None:
        self._document, self._inference, self._trial = document, inference, trial
        self._origins = (origin, *others)
        self._closed = _reachable(document, (o.node for o in self._origins), upstream=not origin.is_input)
        self._known: dict[SocketAt, tuple[Verdict, ...]] = {}

    def of(self, socket: SocketAt) -> Fit:
        """How a socket fits; the worst of all wires."""
        return min((verdict.fit for verdict in self.verdicts(socket)), key=lambda fit: fit.value)

    def is_known(self, socket: SocketAt) -> bool:
        """Whether the answer is at hand."""
        return socket in self._known

    def reason(self, socket: SocketAt) -> str:
        """Why a socket does not take the wire or wires, "" when it does."""
        bad = [verdict for verdict in self.verdicts(socket) if verdict.fit is not Fit.GOOD]
        if len(self._origins) < 2 or not bad:
            return bad[0].reason if bad else ""
        return f"{len(bad)} of {len(self._origins)} wires do not fit: {bad[0].reason}"

    def verdicts(self, socket: SocketAt) -> tuple[Verdict, ...]:
        """What each wire would do at the node that it enters."""
        if socket not in self._known:
            self._known[socket] = tuple(self._judge(origin, socket) for origin in self._origins)
        return self._known[socket]

    def best(self, node: str, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> SocketAt | None:
        """The socket of a node that suits the wire best.

        In this order: free and fitting; free and in need of a wire; taken and fitting; any that is not refused.
        """
        if self._origins[0].is_input:
            choices = [SocketAt(node, name, False) for name in outputs]
        else:
            choices = [SocketAt(node, name, True) for name in inputs]
        choices = [c for c in choices if self.of(c) is not Fit.REFUSED]
        return max(choices, key=self.worth, default=None)

    def worth(self, choice: SocketAt) -> tuple[bool, bool, bool, bool]:
        """How well a socket suits the wire, to be compared with others."""
        fits = self.of(choice) is Fit.GOOD
        free = not choice.is_input or (choice.node, choice.name) not in self._document.edges
        needed = choice.name not in _owned(self._document, choice.node)
        return fits and free, free and needed, fits, needed

    def _judge(self, origin: SocketAt, socket: SocketAt) -> Verdict:
        edge = edge_between(origin, socket)
        if edge is None:
            what = "inputs" if socket.is_input else "outputs"
            return Verdict(Fit.REFUSED, "", f"A wire joins an output to an input, not two {what}.")
        if socket.node in self._closed:
            error = refusal(self._document, edge)
            if error is not None:
                return Verdict(Fit.REFUSED, edge.target, str(error))
        return judge(self._document, self._inference, edge, self._trial)


def judge(document: Document, inference: Inference, edge: Edge, trial: Trial | None = None) -> Verdict:
    """What a wire that can be drawn would do."""
    target = document.nodes[edge.target]
    spec = inference.specs.get((edge.source, edge.output))
    if spec is None or not target.is_known:
        return Verdict(Fit.GOOD, edge.target)
    if target.muted or role(target) in ("wire", "port out"):
        return Verdict(Fit.GOOD, edge.target, "", str(spec))
    if is_use(target) and trial is not None:
        return _tried(document, inference, edge, trial)
    specs = {**specs_at(document, inference, edge.target), edge.input: spec}
    try:
        results = outcome_at(op_at(document, target), specs, edge.input)
    except ShapeError as error:
        return Verdict(Fit.MISFIT, edge.target, str(error))
    return Verdict(Fit.GOOD, edge.target, "", _text(spec for spec in results or () if spec is not None))


def _tried(document: Document, inference: Inference, edge: Edge, trial: Trial) -> Verdict:
    """What a group makes of a wire, which only the inference of the whole can tell."""
    edited = edits.connect(document, edge)
    after = trial(edited)
    before = {problem.message for problem in inference.problems_of(edge.target)}
    faults = [p for p in after.problems_of(edge.target) if p.message not in before]
    if faults:
        return Verdict(Fit.MISFIT, edge.target, f"{faults[0].message} {faults[0].hint}".strip())
    outputs = document.nodes[edge.target].make().results()
    results = [after.specs[edge.target, name] for name in outputs if (edge.target, name) in after.specs]
    return Verdict(Fit.GOOD, edge.target, "", _text(results))


def _text(results: Iterable[Spec]) -> str:
    return ", ".join(map(str, results))


def specs_at(document: Document, inference: Inference, node: str) -> dict[str, Spec]:
    """What is known of the inputs that are wired."""
    wires = document.inputs_of(node).items()
    ends = {name: (wire.source, wire.output) for name, wire in wires}
    return {name: inference.specs[end] for name, end in ends.items() if end in inference.specs}


def misfit(document: Document, inference: Inference, edge: Edge) -> str:
    """Why kind or shape would not fit, "" when they do or when too little is known to tell."""
    return judge(document, inference, edge).reason


def op_misfit(op: Op, specs: dict[str, Spec], socket: str) -> str:
    """Why an op would refuse these inputs, "" when it takes them or when an input that it needs is not known yet."""
    try:
        outcome_at(op, specs, socket)
    except ShapeError as error:
        return str(error)
    return ""


def outcome_at(op: Op, specs: dict[str, Spec], socket: str = "") -> tuple[Spec, ...] | None:
    """What comes out, None if unknown. ShapeError where the inputs misfit.

    With `socket`, another input of a wrong kind is a fault of its own, and counts as not known.
    """
    fitting = {s.name for s in op.sockets() if s.name in specs and kind_fits(s, specs[s.name])}
    return outcome(op, {n: spec for n, spec in specs.items() if not socket or n in fitting or n == socket})


def op_takes(op: type[Op], spec: Spec | None, usual: str = "") -> str:
    """The socket of a new node of this op that takes such a value, the `usual` one if it does; "" for none."""
    try:
        made = op()
    except GraphlabError:
        return ""
    for socket in sorted(made.sockets(), key=lambda s: s.name != usual):
        if socket.learnable and socket.name != usual:
            continue
        if spec is None or not op_misfit(made, {socket.name: spec}, socket.name):
            return socket.name
    return ""


def _owned(document: Document, node: str) -> frozenset[str]:
    """Sockets that can do without a wire."""
    found = document.nodes[node]
    return (
        frozenset(s.name for s in found.make().sockets() if not s.must_be_wired)
        if found.is_known
        else frozenset()
    )


def _reachable(document: Document, starts: Iterable[str], upstream: bool) -> set[str]:
    """The nodes and all before (or after) them: what a wire from them must not come back to."""
    found = set(starts)
    todo = list(found)
    while todo:
        here = todo.pop()
        edges = document.inputs_of(here).values() if upstream else document.consumers(here)
        for edge in edges:
            other = edge.source if upstream else edge.target
            if other not in found:
                found.add(other)
                todo.append(other)
    return found
