"""Which sockets a wire may be plugged into: structure first (no cycle), then kinds and shapes, without editing."""

from __future__ import annotations

from enum import Enum

from ...engine.inference import Inference
from ...errors import GraphlabError, ShapeError
from ...graph import Document, Edge
from ...graph.connect import check_connect
from ...ops import Op, Socket, Spec
from ..offers import op_at
from .scene import SocketAt


class Fit(Enum):
    """GOOD: fits. MISFIT: may be drawn, but shapes or kinds do not fit. REFUSED: cannot be drawn."""

    GOOD = 2
    MISFIT = 1
    REFUSED = 0


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
    """Judges the wires that could start at one socket. Made when a drag starts; remembers what it found."""

    def __init__(self, document: Document, inference: Inference, origin: SocketAt) -> None:
        self._document, self._inference, self._origin = document, inference, origin
        self._closed = _reachable(document, origin.node, upstream=not origin.is_input)
        self._known: dict[SocketAt, tuple[Fit, str]] = {}

    def of(self, socket: SocketAt) -> Fit:
        return self._judged(socket)[0]

    def reason(self, socket: SocketAt) -> str:
        """Why a socket does not take the wire, "" when it does."""
        return self._judged(socket)[1]

    def best(self, node: str, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> SocketAt | None:
        """The socket of a node that suits the wire best.

        In this order: free and fitting; free and in need of a wire; taken and fitting; any that is not refused.
        """
        taken = self._document.inputs_of(node)
        if self._origin.is_input:
            choices = [SocketAt(node, name, False) for name in outputs]
        else:
            choices = [SocketAt(node, name, True) for name in inputs]
        choices = [c for c in choices if self.of(c) is not Fit.REFUSED]
        if not choices:
            return None
        owned = _owned(self._document, node)

        def worth(choice: SocketAt) -> tuple[bool, bool, bool, bool]:
            fits, free, needed = (
                self.of(choice) is Fit.GOOD,
                choice.name not in taken,
                choice.name not in owned,
            )
            return fits and free, free and needed, fits, needed

        return max(choices, key=worth)

    def _judged(self, socket: SocketAt) -> tuple[Fit, str]:
        if socket not in self._known:
            self._known[socket] = self._judge(socket)
        return self._known[socket]

    def _judge(self, socket: SocketAt) -> tuple[Fit, str]:
        edge = edge_between(self._origin, socket)
        if edge is None:
            what = "inputs" if socket.is_input else "outputs"
            return Fit.REFUSED, f"A wire joins an output to an input, not two {what}."
        if socket.node in self._closed:
            error = refusal(self._document, edge)
            return Fit.REFUSED, str(error) if error else ""
        why = misfit(self._document, self._inference, edge)
        return (Fit.MISFIT, why) if why else (Fit.GOOD, "")


def misfit(document: Document, inference: Inference, edge: Edge) -> str:
    """Why kind or shape would not fit, "" when they do or when too little is known to tell."""
    spec = inference.specs.get((edge.source, edge.output))
    target = document.nodes[edge.target]
    if spec is None or not target.is_known:
        return ""
    known: dict[str, Spec] = {}
    for name, wire in document.inputs_of(edge.target).items():
        found = inference.specs.get((wire.source, wire.output))
        if found is not None:
            known[name] = found
    return op_misfit(op_at(document, target), {**known, edge.input: spec}, edge.input)


def op_misfit(op: Op, specs: dict[str, Spec], socket: str) -> str:
    """Why an op would refuse these inputs, "" when it takes them or when an input that it needs is not known yet."""
    by_name = {s.name: s for s in op.sockets()}
    if not _kinds_match(by_name[socket], specs[socket]):
        wanted = "class indices" if by_name[socket].kind == "int" else "measured numbers"
        return f"{socket} takes {wanted}."
    if op.role in ("port in", "port out"):  # they hand on whatever comes
        return ""
    if any(s.must_be_wired and s.name not in specs for s in by_name.values()):
        return ""
    inputs: dict[str, Spec | None] = {
        s.name: specs.get(s.name) or (None if s.learnable else Spec(())) for s in by_name.values()
    }
    try:
        learnable = [s.name for s in by_name.values() if s.learnable]
        if learnable:
            shapes = op.learnable(**{n: spec for n, spec in inputs.items() if n not in learnable})
            inputs |= {n: Spec(shapes[n]) for n in learnable if inputs[n] is None and n in shapes}
        op.infer(**inputs)
    except ShapeError as error:
        return str(error)
    return ""


def op_takes(op: type[Op], spec: Spec | None, usual: str = "") -> str:
    """The socket of a new node of this op that takes such a value, the `usual` one if it does; "" for none."""
    try:
        made = op()
    except GraphlabError:
        return ""
    for socket in sorted(made.sockets(), key=lambda s: s.name != usual):
        if socket.learnable and socket.name != usual:
            continue
        if spec is None or (
            _kinds_match(socket, spec) and not op_misfit(made, {socket.name: spec}, socket.name)
        ):
            return socket.name
    return ""


def _kinds_match(socket: Socket, spec: Spec) -> bool:
    return socket.kind in ("any", spec.kind)


def _owned(document: Document, node: str) -> frozenset[str]:
    """Sockets that can do without a wire."""
    found = document.nodes[node]
    return (
        frozenset(s.name for s in found.make().sockets() if not s.must_be_wired)
        if found.is_known
        else frozenset()
    )


def _reachable(document: Document, start: str, upstream: bool) -> set[str]:
    """The node and all before (or after) it: what a wire from it must not come back to."""
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        edges = document.inputs_of(here).values() if upstream else document.consumers(here)
        for edge in edges:
            other = edge.source if upstream else edge.target
            if other not in found:
                found.add(other)
                todo.append(other)
    return found
