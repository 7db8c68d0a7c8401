"""Drag from a socket: draw a wire, or take the plugged end of one and plug it elsewhere.

Sockets that fit are lit, the others dim; the wire snaps to the nearest that fits. A node takes the wire with the socket
that suits best. Dropped on nothing, a new wire opens the search for what fits; a re-plugged one is unplugged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....errors import GraphlabError
from ....graph import Edge
from ...theme import theme
from ..curves import loose
from ..draw_wires import Emphasis
from ..fitting import Fit, Fitting, edge_between, refusal
from ..grouping import add_port
from ..ink import inks, metrics, text_font
from ..scene import SocketAt
from ..surgery import connect, unplug
from .gesture import Gesture, Pointer

if TYPE_CHECKING:
    from ..view import CanvasView

_SNAP = 24.0  # pixels
_ON = 11.0  # pixels: so near, even a socket that does not fit is meant
_THRESHOLD = 4.0


class Connect(Gesture):
    """A wire in the hand."""

    cursor = Qt.CursorShape.CrossCursor
    scrolls = True

    def __init__(self, view: CanvasView, at: Pointer, socket: SocketAt) -> None:
        super().__init__(view, at)
        document = view.session.document
        self.lifted: Edge | None = document.edges.get((socket.node, socket.name)) if socket.is_input else None
        self.origin = SocketAt(self.lifted.source, self.lifted.output, False) if self.lifted else socket
        self.target: SocketAt | None = None
        self.port = ""  # the kind of port that a wire dropped here would make
        self.fitting = self._judge()

    def _judge(self) -> Fitting:
        """What fits is judged as if the lifted wire were not there."""
        document, lifted = self.view.session.document, self.lifted
        if lifted is not None and document.edges.get((lifted.target, lifted.input)) == lifted:
            document = document.with_edges(drop=[lifted])
        return Fitting(document, self.view.session.inference, self.origin)

    @property
    def started(self) -> bool:
        return (self.at.screen - self.start.screen).manhattanLength() >= _THRESHOLD

    def move(self, at: Pointer) -> None:
        self.at = at
        self.port = self.view.port_tabs.follow(self.origin if self.started else None, at.screen)
        self.scrolls = not self.port
        self.target = self._find_target() if self.started and not self.port else None
        self.view.update()

    def release(self, at: Pointer) -> None:
        self.move(at)
        if not self.started:
            self.view.session.select({self.start_node})
            return
        if self.port:
            add_port(self.view, self.port, self.origin, self.lifted)
            return
        if self.target is not None:
            self._plug(self.target)
            return
        node = self.view.node_under(at.world)
        if node and node != self.origin.node:
            self._refuse(node)
        elif self.lifted is not None:
            if not node:
                key = self.lifted.target, self.lifted.input
                self.view.session.attempt(unplug, self.view.session.graph, [key])
        elif not node:
            self.view.search_for_wire(self.origin, at)

    @property
    def start_node(self) -> str:
        return self.lifted.target if self.lifted else self.origin.node

    def document_changed(self) -> None:
        scene, document = self.view.scene, self.view.session.document
        if not scene.has_socket(self.origin) or (
            self.lifted is not None and self.lifted not in document.edges.values()
        ):
            self.view.end_gesture()
            return
        self.fitting = self._judge()
        self.target = None

    # Finding

    def _find_target(self) -> SocketAt | None:
        """The socket under the pointer, else the nearest fitting one within reach, else the best of the node here."""
        near = self._near(_SNAP)
        if near and near[0][1] <= _ON:
            return None if self.fitting.of(near[0][0]) is Fit.REFUSED else near[0][0]
        good = [s for s, _ in near if self.fitting.of(s) is Fit.GOOD]
        if good:
            return good[0]
        node = self.view.node_under(self.at.world)
        if not node or node == self.origin.node:
            return None
        shape = self.view.scene.shape(node)
        return self.fitting.best(node, shape.inputs, shape.outputs)

    def _near(self, pixels: float) -> list[tuple[SocketAt, float]]:
        """Sockets of the other kind within so many pixels, nearest first, with their distance."""
        names, places = self.view.scene.sockets()
        if not names:
            return []
        zoom = self.view.camera.zoom
        away = np.hypot(places[:, 0] - self.at.world.x(), places[:, 1] - self.at.world.y()) * zoom
        order = np.argsort(away)[: int(np.count_nonzero(away <= pixels))]
        return [
            (names[k], float(away[k])) for k in order.tolist() if names[k].is_input != self.origin.is_input
        ]

    # Ending

    def _plug(self, target: SocketAt) -> None:
        edge = edge_between(self.origin, target)
        if edge is None:
            return
        try:
            connect(self.view.session.graph, edge, self.lifted)
        except GraphlabError as error:
            self.view.explain(self.at.screen, error.message, error.hint)

    def _refuse(self, node: str) -> None:
        """The node takes the wire nowhere: say why."""
        shape, document = self.view.scene.shape(node), self.view.session.document
        names = shape.outputs if self.origin.is_input else shape.inputs
        near = [s for s, _ in self._near(_SNAP) if s.node == node]
        if not names:
            name, op = document.nodes[node].name, document.nodes[node].op
            what = "outputs" if self.origin.is_input else "inputs"
            self.view.explain(self.at.screen, f"{name} ({op}) has no {what}.")
            return
        socket = near[0] if near else SocketAt(node, names[0], not self.origin.is_input)
        edge = edge_between(self.origin, socket)
        error = refusal(document, edge) if edge else None
        if error is not None:
            self.view.explain(self.at.screen, error.message, error.hint)

    # Showing

    def emphasis(self, plain: Emphasis) -> Emphasis:
        if not self.started or self.lifted is None:
            return plain
        return plain._replace(lifted=(self.lifted.target, self.lifted.input))

    def paint(self, painter: QPainter) -> None:
        if not self.started or not self.view.scene.has_socket(self.origin):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._light_sockets(painter)
        camera, scene = self.view.camera, self.view.scene
        near = camera.screen(scene.socket_place(self.origin))
        far = self.at.screen if self.target is None else camera.screen(scene.socket_place(self.target))
        start, end = (far, near) if self.origin.is_input else (near, far)
        colour, dashed = self._wire_look()
        painter.setPen(QPen(colour, 2.4, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(loose(start.x(), start.y(), end.x(), end.y()))
        if self.target is not None:
            painter.setPen(QPen(colour, 2))
            painter.drawEllipse(far, 9, 9)
        self._say_reason(painter)

    def _wire_look(self) -> tuple[QColor, bool]:
        if self.target is None:
            return theme().accent, False
        good = self.fitting.of(self.target) is Fit.GOOD
        return (theme().good, False) if good else (theme().error, True)

    def _light_sockets(self, painter: QPainter) -> None:
        """Lit discs where the wire fits, dim crosses where it does not."""
        view, zoom = self.view, self.view.camera.zoom
        visible = set(view.visible_nodes())
        size = min(max(6.0 * zoom, 3.5), 8.0)
        names, places = view.scene.sockets()
        screen = places * zoom + np.array([view.camera.x, view.camera.y])
        for socket, (x, y) in zip(names, screen.tolist(), strict=True):
            if socket.node not in visible or socket == self.origin:
                continue
            at = QPointF(x, y)
            if self.fitting.of(socket) is Fit.GOOD:
                painter.setPen(QPen(theme().canvas, 1.5))
                painter.setBrush(theme().good)
                painter.drawEllipse(at, size, size)
            elif socket.is_input != self.origin.is_input:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(inks().body)
                painter.drawEllipse(at, size, size)
                painter.setPen(QPen(theme().faint, 1.5))
                arm = size * 0.55
                painter.drawLine(at + QPointF(-arm, -arm), at + QPointF(arm, arm))
                painter.drawLine(at + QPointF(-arm, arm), at + QPointF(arm, -arm))

    def _say_reason(self, painter: QPainter) -> None:
        """Beside the pointer: why the socket under it does not take the wire."""
        reason = ""
        if self.target is not None and self.fitting.of(self.target) is not Fit.GOOD:
            reason = self.fitting.reason(self.target)
        elif self.target is None:
            near = self._near(_ON)
            reason = self.fitting.reason(near[0][0]) if near else ""
        if not reason:
            return
        width = min(metrics(11).horizontalAdvance(reason) + 18, 360.0)
        text = QRectF(0, 0, width - 16, 1000)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        height = metrics(11).boundingRect(text, flags, reason).height()
        box = QRectF(self.at.screen + QPointF(18, 16), self.at.screen + QPointF(18 + width, 28 + height))
        box.moveRight(min(box.right(), self.view.width() - 6.0))
        box.moveBottom(min(box.bottom(), self.view.height() - 6.0))
        painter.setPen(QPen(theme().error, 1))
        painter.setBrush(theme().panel)
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(theme().text)
        painter.setFont(text_font(11))
        painter.drawText(box.adjusted(8, 6, -8, -6), flags, reason)
