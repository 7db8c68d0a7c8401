"""What one operation would make of certain inputs, without a graph: for what is tried before it is done."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ShapeError
from ..ops import Op, Spec
from .finding import kind_fits, wrong_kind
from .flatten import End, FlatNode
from .sharing import SharedParameter


def outcome(op: Op, specs: Mapping[str, Spec]) -> tuple[Spec, ...] | None:
    """The specs of the results, given those at the wired sockets; None while an input that is needed is not known.

    Of a group's ports nothing is known from themselves, and of a group only when its class has a rule for its content.

    Raises:
        ShapeError: kinds or shapes do not fit. A kind that does not is told even while other inputs are missing.
    """
    if op.role in ("port in", "port out") or type(op).infer is Op.infer:
        return None
    sockets = op.sockets()
    for socket in sockets:
        if socket.name in specs and not kind_fits(socket, specs[socket.name]):
            raise wrong_kind(socket)
    if any(socket.must_be_wired and socket.name not in specs for socket in sockets):
        return None
    inputs: dict[str, Spec | None] = {
        s.name: specs.get(s.name) or (None if s.learnable else Spec(())) for s in sockets
    }
    for name, spec in _asked(op, inputs).items():
        inputs[name] = inputs[name] or spec
    results = op.infer(**inputs)
    return results if isinstance(results, tuple) else (results,)


def asked(op: Op, specs: Mapping[str, Spec]) -> dict[str, Spec]:
    """The specs that the op asks for at its learnable sockets, given those at its data sockets; none if they misfit."""
    data: dict[str, Spec | None] = {}
    for socket in op.sockets():
        if socket.must_be_wired and socket.name not in specs:
            return {}
        data[socket.name] = None if socket.learnable else specs.get(socket.name, Spec(()))
    try:
        return _asked(op, data)
    except ShapeError:
        return {}


def _asked(op: Op, inputs: Mapping[str, Spec | None]) -> dict[str, Spec]:
    learnable = {socket.name for socket in op.sockets() if socket.learnable}
    if not learnable:
        return {}
    shapes = op.learnable(**{name: spec for name, spec in inputs.items() if name not in learnable})
    return {name: Spec(shape) for name, shape in shapes.items()}


def drawn(nodes: Mapping[str, FlatNode], node: FlatNode) -> dict[str, End]:
    """What wires bring to a node's sockets: its inputs without the parameters that uses of a group share."""
    return {socket: end for socket, end in node.inputs.items() if not _is_shared(nodes.get(end[0]))}


def _is_shared(source: FlatNode | None) -> bool:
    return source is not None and isinstance(source.op, SharedParameter)
