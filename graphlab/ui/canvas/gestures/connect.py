"""Drag from a socket: draw a wire, or take the plugged end of one, or of several, and plug it elsewhere.

Sockets that fit are lit, the others dim; the wire snaps to the nearest that fits. A node takes the wire with the socket
that suits best. Dropped on nothing, a new wire opens the search for what fits; one that was plugged in is unplugged.
With Ctrl, a drag from an output takes all its wires along, to another output. What is drawn is in `hand`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from ....errors import GraphlabError
from ....graph import Edge
from ..draw_wires import Emphasis
from ..fitting import Fit, Fitting, edge_between, refusal
from ..grouping import add_port
from ..picture_wires import plug
from ..scene import SocketAt
from ..surgery import unplug
from .gesture import Gesture, Pointer
from .hand import draw_hand

if TYPE_CHECKING:
    from ..view import CanvasView

_SNAP = 24.0  # pixels
_ON = 11.0  # pixels: so near, even a socket that does not fit is meant
_THRESHOLD = 4.0


class Connect(Gesture):
    """A wire in the hand, or several.

    origins: the ends that stay plugged in, or that the wire comes from. lifted: the wires that were there before.
    """

    cursor: Qt.CursorShape | None = Qt.CursorShape.CrossCursor
    scrolls = True

    def __init__(self, view: CanvasView, at: Pointer, socket: SocketAt) -> None:
        super().__init__(view, at)
        self.pressed = socket
        self.lifted = self._taken(socket, at.has(Qt.KeyboardModifier.ControlModifier))
        ends = tuple(_other_end(edge, socket) for edge in self.lifted)
        self.origins = ends or (socket,)
        self.target: SocketAt | None = None
        self.port = ""  # the kind of port that a wire dropped here would make
        self.fitting = self._judge()

    def _taken(self, socket: SocketAt, all_of_them: bool) -> tuple[Edge, ...]:
        """The wires whose end the hand takes: that of an input; those of an output, if it is to be all of them."""
        document = self.view.session.document
        if socket.is_input:
            edge = document.edges.get((socket.node, socket.name))
            return () if edge is None else (edge,)
        edges = document.consumers(socket.node) if all_of_them else ()
        return tuple(edge for edge in edges if edge.output == socket.name)

    def _judge(self) -> Fitting:
        """What fits is judged as if the lifted wires were not there."""
        session, lifted = self.view.session, set(self.lifted)
        document = session.document
        if lifted:
            document = document.with_(edges={k: e for k, e in document.edges.items() if e not in lifted})
        return Fitting(document, session.inference, *self.origins, trial=session.would_be)

    @property
    def seeks_input(self) -> bool:
        """Whether the loose end goes to an input."""
        return not self.origins[0].is_input

    @property
    def started(self) -> bool:
        return (self.at.screen - self.start.screen).manhattanLength() >= _THRESHOLD

    def move(self, at: Pointer) -> None:
        self.at = at
        alone = self.started and len(self.origins) == 1
        self.port = self.view.port_tabs.follow(self.origins[0] if alone else None, at.screen)
        self.scrolls = not self.port
        self.target = self._find_target() if self.started and not self.port else None
        self.view.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        if not self.started:
            self.view.session.select({self.pressed.node})
        elif self.port:
            add_port(self.view, self.port, self.origins[0], next(iter(self.lifted), None))
        elif self.target is not None:
            self._plug(self.target)
        elif (socket := self._under()) is not None:
            self._refuse(socket)
        elif node := self._other_node():
            self._refuse_at(node)
        elif self.view.node_under(at.world):
            return
        elif self.lifted:
            keys = [(edge.target, edge.input) for edge in self.lifted]
            self.view.session.attempt(unplug, self.view.session.graph, keys)
        else:
            self.view.search_for_wire(self.origins[0], at)

    def document_changed(self) -> None:
        edges = self.view.session.document.edges
        are_there = all(map(self.view.scene.has_socket, self.origins))
        if not are_there or any(edges.get((e.target, e.input)) != e for e in self.lifted):
            self.view.end_gesture()
            return
        self.fitting = self._judge()
        self.target = None

    # Finding

    def _find_target(self) -> SocketAt | None:
        """The socket under the pointer, else the nearest fitting one within reach, else the best of the node here."""
        near = self.near(_SNAP)
        if near and near[0][1] <= _ON:
            return None if self.fitting.of(near[0][0]) is Fit.REFUSED else near[0][0]
        good = next((s for s, _ in near if self.fitting.of(s) is Fit.GOOD), None)
        node = self._other_node()
        if good is not None or not node:
            return good
        shape = self.view.scene.shape(node)
        return self.fitting.best(node, shape.inputs, shape.outputs)

    def _other_node(self) -> str:
        """The node under the pointer, "" when a wire comes from it."""
        node = self.view.node_under(self.at.world)
        return "" if any(origin.node == node for origin in self.origins) else node

    def near(self, pixels: float) -> list[tuple[SocketAt, float]]:
        """Sockets where the loose end could go within so many pixels, nearest first, with their distance."""
        return [(s, away) for s, away in self._sockets_near(pixels) if s.is_input == self.seeks_input]

    def _sockets_near(self, pixels: float) -> list[tuple[SocketAt, float]]:
        zoom = self.view.camera.zoom
        near = self.view.scene.sockets_near(self.at.world, pixels / zoom)
        return [(socket, away * zoom) for socket, away in near]

    def reason(self) -> str:
        """Why what is under the pointer does not take the wire, "" when it does."""
        if self.target is not None:
            return self.fitting.reason(self.target)
        socket = self._under()
        return "" if socket is None else self.fitting.reason(socket)

    def _under(self) -> SocketAt | None:
        """The socket under the pointer, rather one where the loose end could go; none that the wires come from."""
        own = (*self.origins, self.pressed)
        near = self.near(_ON) or [(s, away) for s, away in self._sockets_near(_ON) if s not in own]
        return near[0][0] if near else None

    # Ending

    def _plug(self, target: SocketAt) -> None:
        edges = [edge for origin in self.origins if (edge := edge_between(origin, target)) is not None]
        try:
            plug(self.view.session, edges, self.lifted)
        except GraphlabError as error:
            self.view.explain(self.at.screen, error.message, error.hint)
            return
        self.view.mender.offer([(edge.target, edge.input) for edge in edges], self.at.screen)

    def _refuse_at(self, node: str) -> None:
        """The node takes the wire nowhere: say why."""
        shape, found = self.view.scene.shape(node), self.view.session.document.nodes[node]
        names = shape.inputs if self.seeks_input else shape.outputs
        near = [s for s, _ in self.near(_SNAP) if s.node == node]
        if names:
            self._refuse(near[0] if near else SocketAt(node, names[0], self.seeks_input))
        else:
            what = "inputs" if self.seeks_input else "outputs"
            self.view.explain(self.at.screen, f"{found.name} ({found.op}) has no {what}.")

    def _refuse(self, socket: SocketAt) -> None:
        document = self.view.session.document
        edges = [edge_between(origin, socket) for origin in self.origins]
        errors = (refusal(document, edge) for edge in edges if edge is not None)
        error = next((error for error in errors if error is not None), None)
        text, hint = (error.message, error.hint) if error is not None else (self.fitting.reason(socket), "")
        self.view.explain(self.at.screen, text, hint)

    # Showing

    def emphasis(self, plain: Emphasis) -> Emphasis:
        if not self.started or not self.lifted:
            return plain
        return plain._replace(lifted=frozenset((edge.target, edge.input) for edge in self.lifted))

    def paint(self, painter: QPainter) -> None:
        if self.started and all(map(self.view.scene.has_socket, self.origins)):
            draw_hand(painter, self)


def _other_end(edge: Edge, socket: SocketAt) -> SocketAt:
    """The end of a wire that is not at that socket."""
    return (
        SocketAt(edge.source, edge.output, False)
        if socket.is_input
        else SocketAt(edge.target, edge.input, True)
    )
