"""What of a node can be looked at: outputs, parameters, running statistics. Reads the session only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...engine.messages import TensorKey
from ...ops import Op
from .. import numbers
from ..editing import Target

if TYPE_CHECKING:
    from ..session import Session


@dataclass(frozen=True)
class Place:
    """One tensor of a node.

    edits: the socket or output that `set_element` takes for it, "" when its elements cannot be set. param: the param
    that holds its elements in the document instead.
    """

    node: str
    socket: str
    shape: str
    kind: str
    learnable: bool = False
    edits: str = ""
    param: str = ""

    def key(self, kind: str) -> TensorKey:
        """The key of its "value" or "grad"."""
        return TensorKey(kind, self.node, self.socket)

    @property
    def title(self) -> str:
        return f"{self.socket} · {self.shape or 'shape unknown'}" + (" · learnable" if self.learnable else "")

    @property
    def is_editable(self) -> bool:
        return bool(self.edits or self.param)


def places(session: Session, node: str) -> list[Place]:
    """The outputs of a node, then the parameters and running statistics it owns; empty for an unknown op."""
    inference = session.inference
    flat = inference.nodes.get(node)
    if flat is None or flat.op is None:
        return []
    owned = {socket: sizes for (owner, socket), sizes in inference.learnables.items() if owner == node}
    # A Parameter's output is what it owns, so one of the two is enough to show.
    same = next(iter(owned), "") if flat.op.category == "Parameter" else ""
    found = [_output(session, node, output, flat.op, same) for output in flat.op.results()]
    found += [
        Place(node, socket, numbers.shape(sizes), "float", True, edits=socket)
        for socket, sizes in owned.items()
        if socket != same
    ]
    kept = {name: sizes for (owner, name), sizes in inference.states.items() if owner == node}
    return found + [
        Place(node, name, numbers.shape(sizes), "float", edits=name) for name, sizes in kept.items()
    ]


def _output(session: Session, node: str, output: str, op: Op, same: str) -> Place:
    spec = session.inference.specs.get((node, output))
    held = "value" if not op.inputs and op.params.get("value") is not None else ""
    return Place(
        node,
        output,
        str(spec) if spec else "",
        spec.kind if spec else "float",
        learnable=bool(same),
        edits=same or (output if op.source else ""),
        param=held,
    )


def target(session: Session, place: Place) -> Target | None:
    """What sets the elements of a tensor; None where they cannot be set.

    A parameter that begins with numbers of the document is set there until it is trained, and then in the run.
    """
    held = place.param if not place.learnable or not session.status.step else ""
    if not held and not place.edits:
        return None
    end = session.seen.end(place.node, place.edits or place.socket)
    name = session.document.nodes[place.node].name
    outputs = session.document.nodes[place.node].make().results()
    title = name if place.learnable or outputs == (place.socket,) else f"{name}.{place.socket}"
    return Target(place.node, end, title, held, place.kind == "int")
