"""What inference finds of one node: its shapes or its faults, from the specs at its sockets alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import ShapeError
from ..ops import Dim, Op, Shape, Socket, Spec, shape_text
from .flat import End, FlatNode

LARGEST = 2**40  # elements of one array: beyond any machine this runs on

SCALAR = Spec(())
Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: at which node (id and name) and socket ("" for the node as a whole), what it is, and what to try."""

    node_id: str
    node: str
    socket: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.node}.{self.socket}" if self.socket else self.node
        return f"{where}: {self.message} {self.hint}".strip()


class Finding(NamedTuple):
    """What was found of one node; it holds as long as the node and the specs at its sockets are the same.

    specs: of its outputs, none when it cannot run. learnables, states: the shapes of what it owns, by (key, socket) and
    (key, name). problems: its own faults. is_healthy: False when it is at fault or hangs on a node that is.
    """

    specs: tuple[tuple[End, Spec], ...]
    learnables: tuple[tuple[End, Sizes], ...]
    states: tuple[tuple[End, Sizes], ...]
    problems: tuple[Problem, ...]
    is_healthy: bool

    @property
    def is_scalar(self) -> bool:
        """Whether its first output is one measured number, so that it may be the goal."""
        return bool(self.specs) and self.specs[0][1] == SCALAR


def find(node: FlatNode, known: Mapping[End, Spec]) -> Finding:
    """Infers one node; `known` holds the specs of all healthy outputs upstream. Never raises for a faulty node."""
    return _Search(node, known).finding()


class _Search:
    """Collects what becomes a finding."""

    def __init__(self, node: FlatNode, known: Mapping[End, Spec]) -> None:
        self._node, self._known = node, known
        self._learnables: list[tuple[End, Sizes]] = []
        self._states: list[tuple[End, Sizes]] = []
        self._problems: list[Problem] = []

    def finding(self) -> Finding:
        specs = self._infer()
        owned = tuple(self._learnables), tuple(self._states)
        return Finding(specs or (), *owned, tuple(self._problems), specs is not None)

    def _blame(self, socket: str, message: str, hint: str = "") -> None:
        self._problems.append(Problem(self._node.key, self._node.path, socket, message, hint))

    def _infer(self) -> tuple[tuple[End, Spec], ...] | None:
        """The specs of the outputs; None when the node is at fault or hangs on one that is."""
        op = self._node.op
        if op is None:
            message = f"This graphlab does not know the operation {self._node.op_name}."
            self._blame("", message, "Install what provides it.")
            return None
        sockets = op.sockets()
        specs = self._inputs(sockets)
        if specs is None:
            return None
        try:
            self._learn(op, sockets, specs)
            results = op.infer(**specs)
        except ShapeError as error:
            if error.message:  # else what is wrong is told elsewhere
                self._blame(error.socket, error.message, error.hint)
            return None
        lack, advice = op.lack()
        if lack:  # its shapes are known all the same, and what follows is looked at
            self._blame("", lack, advice)
        return self._bounded(op.results(), results if isinstance(results, tuple) else (results,))

    def _inputs(self, sockets: tuple[Socket, ...]) -> dict[str, Spec | None] | None:
        """The specs at the sockets (None for learnables as yet); None unless all that are needed are there."""
        specs: dict[str, Spec | None] = {}
        is_complete = True
        for socket in sockets:
            end = self._node.inputs.get(socket.name)
            if end is not None:
                specs[socket.name] = spec = self._known.get(end)
                is_complete &= spec is not None and self._kind_fits(socket, spec)
            elif socket.must_be_wired:
                self._blame(socket.name, f"{socket.name} is not connected.", "Drag a wire to it.")
                is_complete = False
            else:
                specs[socket.name] = None if socket.learnable else SCALAR
        return specs if is_complete else None

    def _kind_fits(self, socket: Socket, spec: Spec) -> bool:
        if kind_fits(socket, spec):
            return True
        error = wrong_kind(socket)
        self._blame(socket.name, error.message, error.hint)
        return False

    def _learn(self, op: Op, sockets: tuple[Socket, ...], specs: dict[str, Spec | None]) -> None:
        """Fills in the specs of unplugged learnable sockets, and the shapes of what the op keeps. ShapeError."""
        learnable = {s.name for s in sockets if s.learnable}
        if not learnable and not op.states:
            return
        key = self._node.key
        data = {name: spec for name, spec in specs.items() if name not in learnable}
        for name, shape in (op.state_shapes(**data) if op.states else {}).items():
            self._states.append(((key, name), _fixed(shape, name)))
        shapes = op.learnable(**data) if learnable else {}
        for name in shapes:
            if specs[name] is None:
                self._learnables.append(((key, name), _fixed(shapes[name], name)))
                specs[name] = Spec(shapes[name])

    def _bounded(
        self, names: tuple[str, ...], specs: tuple[Spec, ...]
    ) -> tuple[tuple[End, Spec], ...] | None:
        for spec in specs:
            sizes = _sizes(spec.shape)
            if sizes is not None and math.prod(sizes) > LARGEST:  # an open one is the batch's affair
                count = f"{math.prod(sizes):.1e}"
                self._blame("", f"Its result ({spec}) would have {count} numbers.", "Make it smaller.")
                return None
        return tuple(((self._node.key, name), spec) for name, spec in zip(names, specs, strict=True))


def kind_fits(socket: Socket, spec: Spec) -> bool:
    return socket.kind in ("any", "constant", spec.kind)


def wrong_kind(socket: Socket) -> ShapeError:
    """What to say of a socket that takes another kind of numbers."""
    if socket.kind == "int":
        what, other = "class indices (whole numbers), not measured numbers", "int"
    else:
        what, other = "measured numbers, not class indices", "float"
    return ShapeError(
        f"{socket.name} takes {what}.", hint=f"Set its source's dtype to {other}.", socket=socket.name
    )


def fixed_shapes(node: FlatNode, specs: Mapping[End, Spec], owned: Mapping[str, Sizes]) -> dict[str, Sizes]:
    """The shapes at the sockets of a node, wired and owned, as far as they have no open size."""
    wired = {socket: _sizes(specs[end].shape) for socket, end in node.inputs.items() if end in specs}
    return {socket: sizes for socket, sizes in wired.items() if sizes is not None} | dict(owned)


def _fixed(shape: Shape, socket: str) -> Sizes:
    sizes = _sizes(shape)
    if sizes is None:
        raise ShapeError(
            f"{socket} would have the open shape {shape_text(shape)}.",
            hint="Give the input fixed sizes.",
            socket=socket,
        )
    if math.prod(sizes) > LARGEST:
        raise ShapeError(
            f"{socket} would have the shape {shape_text(shape)}.", hint="Make it smaller.", socket=socket
        )
    return sizes


def _sizes(shape: Shape) -> Sizes | None:
    """The shape if all its sizes are known."""
    sizes = tuple(size for size in shape if not isinstance(size, Dim))
    return sizes if len(sizes) == len(shape) else None
