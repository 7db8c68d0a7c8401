"""What of a node can be looked at: outputs, parameters, running statistics. Reads the session only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...engine.messages import TensorKey
from ...engine.optimizer_state import STEP, names_for
from ...ops import Op
from .. import numbers
from ..editing import Target

if TYPE_CHECKING:
    from ..session import Session


@dataclass(frozen=True)
class Place:
    """One tensor of a node.

    edits: the socket or output that `set_element` takes for it, "" when its elements cannot be set. param: the param
    that holds its elements in the document instead. of: the parameter that it is, or of which an optimizer keeps it.
    keeper: that optimizer, "" for what none keeps.
    """

    node: str
    socket: str
    shape: str
    kind: str
    learnable: bool = False
    edits: str = ""
    param: str = ""
    of: str = ""
    keeper: str = ""

    def key(self, kind: str) -> TensorKey:
        """The key of its "value" or "grad"."""
        return TensorKey(kind, self.node, self.socket)

    @property
    def title(self) -> str:
        if self.keeper:
            return f"{self.socket} · {self.shape or 'shape unknown'} · {self.keeper}"
        return f"{self.socket} · {self.shape or 'shape unknown'}" + (" · learnable" if self.learnable else "")

    @property
    def why_no_gradient(self) -> str:
        """Why it can have none; "" where it can."""
        if self.keeper:
            return f"{self.keeper} keeps it from step to step: it has no gradient."
        return "Class indices have no gradient." if self.kind == "int" else ""

    @property
    def is_editable(self) -> bool:
        return bool(self.edits or self.param)


def places(session: Session, node: str) -> list[Place]:
    """The outputs of a node, the parameters and running statistics it owns, and what the optimizer keeps of those.

    Empty for an unknown op.
    """
    inference = session.inference
    flat = inference.nodes.get(node)
    if flat is None or flat.op is None:
        return []
    owned = {socket: sizes for (owner, socket), sizes in inference.learnables.items() if owner == node}
    # A Parameter's output is what it owns, so one of the two is enough to show.
    same = next(iter(owned), "") if flat.op.category == "Parameter" else ""
    found = [_output(session, node, output, flat.op, same) for output in flat.op.results()]
    found += [
        Place(node, socket, numbers.shape(sizes), "float", True, edits=socket, of=socket)
        for socket, sizes in owned.items()
        if socket != same
    ]
    kept = {name: sizes for (owner, name), sizes in inference.states.items() if owner == node}
    found += [Place(node, name, numbers.shape(sizes), "float", edits=name) for name, sizes in kept.items()]
    return found + (_kept(session, node, owned) if owned and not flat.frozen else [])


def _kept(session: Session, node: str, owned: dict[str, tuple[int, ...]]) -> list[Place]:
    """What the optimizer keeps of a node's parameters, where there is something to train towards."""
    training = session.whole.training
    if not session.seen.whole.goal:
        return []
    return [
        Place(
            node,
            f"{socket}.{name}",
            numbers.shape(() if name == STEP else sizes),
            "float",
            of="" if name == STEP else socket,
            keeper=training.optimizer,
        )
        for socket, sizes in owned.items()
        for name in names_for(training)
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
        of=same,
        param=held,
    )


def target(session: Session, place: Place) -> Target | None:
    """What sets the elements of a tensor; None where they cannot be set.

    A parameter is set in the run, also where the document says with which numbers it begins.
    """
    if not place.is_editable:
        return None
    end = session.seen.end(place.node, place.edits or place.socket)
    name = session.document.nodes[place.node].name
    outputs = session.document.nodes[place.node].make().results()
    title = name if outputs == (place.socket,) else f"{name}.{place.socket}"
    return Target(place.node, end, title, place.param, place.kind == "int")
