"""Wire by keyboard: a wire in the hand whose loose end goes from socket to socket by the arrow keys.

Enter plugs it in, letters go to the node of that name, Tab puts a new node at its end, Delete unplugs, Esc drops it.
It looks like a wire that is drawn by mouse (see `hand`), with a line below the canvas that says which keys there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from ....graph import Edge
from ..fitting import Fit, edge_between
from ..free_place import beside
from ..keys import WAYS
from ..scene import SocketAt
from ..surgery import unplug
from .connect import Connect
from .gesture import Pointer
from .hand import draw_keys

if TYPE_CHECKING:
    from ..view import CanvasView

_MOST = 200  # sockets that one key press judges at most
_NEAR = 40  # sockets among which the first target is chosen
_STUB = 70.0  # how far a wire without a target reaches, in canvas units
_CONTROL = Qt.KeyboardModifier.ControlModifier
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OTHERS = (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class Reach(Connect):
    """A wire from a socket of one node, led by keys. `typed` are the letters of the name that one is looking for."""

    cursor = None
    scrolls = False
    by_keys = True

    def __init__(self, view: CanvasView, socket: SocketAt) -> None:
        place = view.scene.socket_place(socket)
        super().__init__(
            view, Pointer(view.camera.screen(place), place, Qt.KeyboardModifier.NoModifier), socket
        )
        self.typed = ""
        self._go(self._present() or self._likeliest())

    def _taken(self, socket: SocketAt, all_of_them: bool) -> tuple[Edge, ...]:
        """The wire that is there stays until another is plugged in."""
        return ()

    @property
    def started(self) -> bool:
        return True

    def move(self, at: Pointer) -> None:
        """The mouse has no part in this."""

    def release(self, at: Pointer) -> None:
        """Nor has its button."""

    def document_changed(self) -> None:
        target = self.target
        super().document_changed()
        if self.view.gesture is self:
            there = target is not None and self.view.scene.has_socket(target)
            self._go(target if there else self._likeliest())

    def reason(self) -> str:
        return self.fitting.reason(self.target) if self.target is not None else ""

    # Keys

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key means something while the wire is in the hand; all others go to the window's actions."""
        key = Qt.Key(event.key())
        if key in WAYS:
            return not event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.modifiers() & _COMMANDS:
            return False
        return key in _ENTER or key in _OTHERS or _is_letter(event.text())

    def key(self, event: QKeyEvent) -> bool:
        if not self.takes(event):
            return False
        key = Qt.Key(event.key())
        if key in WAYS:
            self._by_arrow(WAYS[key], bool(event.modifiers() & _CONTROL))
        elif key in _ENTER:
            self._enter()
        elif key == Qt.Key.Key_Escape:
            self.view.cancel_gesture()
        elif key == Qt.Key.Key_Tab:
            self._add()
        elif key == Qt.Key.Key_Delete:
            self._remove()
        else:
            back = key == Qt.Key.Key_Backspace
            self._look_for(self.typed[:-1] if back else self.typed + event.text().lower())
        self.view.update()
        return True

    def _by_arrow(self, way: tuple[int, int], own: bool) -> None:
        self.typed = ""
        if own:
            self._take_another(way[0] + way[1])
        elif found := self._next(way):
            self._go(found)

    def _take_another(self, step: int) -> None:
        """Another socket of the same node takes the place of this one."""
        shape = self.view.scene.shape(self.pressed.node)
        own = [SocketAt(self.pressed.node, name, False) for name in shape.outputs]
        own += [SocketAt(self.pressed.node, name, True) for name in shape.inputs]
        at = own.index(self.pressed) if self.pressed in own else 0
        self.view.begin_by_keys(own[(at + step) % len(own)])

    def _look_for(self, typed: str) -> None:
        """Goes to the best socket of the first node whose name begins with, or else contains, what was typed."""
        self.typed = typed
        document = self.view.session.document
        names = {n.name.lower(): n.id for n in document.nodes.values() if n.id != self.pressed.node}
        fits = sorted((not name.startswith(typed), name) for name in names if typed and typed in name)
        for _, name in fits:
            shape, node = self.view.scene.shape(names[name]), names[name]
            sockets = shape.inputs if self.seeks_input else shape.outputs
            if sockets:
                best = self.fitting.best(node, shape.inputs, shape.outputs)
                self._go(best or SocketAt(node, sockets[0], self.seeks_input))
                return

    # Where the loose end goes

    def _go(self, target: SocketAt | None) -> None:
        self.target = target
        if target is not None:
            self.view.reveal(target.node)
        self.view.update()

    def _present(self) -> SocketAt | None:
        """Where the wire that is plugged into this input comes from."""
        edge = self._edge_at(self.pressed)
        return SocketAt(edge.source, edge.output, False) if edge is not None else None

    def _edge_at(self, socket: SocketAt) -> Edge | None:
        return self.view.session.document.edges.get((socket.node, socket.name)) if socket.is_input else None

    def _by_cost(self, start: QPointF, way: tuple[int, int], behind: float) -> list[SocketAt]:
        """Sockets of the other kind, nearest in that direction first; `behind`: what those in the others cost."""
        names, places = self.view.scene.sockets()
        suit = [s.is_input == self.seeks_input and s.node != self.pressed.node for s in names]
        which = np.flatnonzero(suit)
        offset = places[which] - [start.x(), start.y()]
        ahead, aside = offset @ np.array(way), np.abs(offset @ np.array((way[1], way[0])))
        cost = np.where(ahead > 1, ahead + 2 * aside, behind - ahead + 2 * aside)
        near = np.argsort(cost, kind="stable")[: int(np.isfinite(cost).sum())]
        return [names[k] for k in which[near].tolist()]

    def _next(self, way: tuple[int, int]) -> SocketAt | None:
        """The next socket in a direction that the wire could be drawn to."""
        start = self.view.scene.socket_place(self.target or self.origins[0])
        for socket in self._by_cost(start, way, np.inf)[:_MOST]:
            if socket != self.target and self.fitting.of(socket) is not Fit.REFUSED:
                return socket
        return None

    def _likeliest(self) -> SocketAt | None:
        """Of the nearest sockets the best: free, fitting, in need of a wire; those downstream before others."""
        way = (1, 0) if self.seeks_input else (-1, 0)
        start = self.view.scene.socket_place(self.origins[0])
        near = self._by_cost(start, way, 4000.0)[:_NEAR]
        open_to = [s for s in near if self.fitting.of(s) is not Fit.REFUSED]
        return max(open_to, key=self.fitting.worth, default=None)

    # Ending

    def _enter(self) -> None:
        target = self.target
        if target is None:
            self.view.explain(
                self._end(), "There is no socket to plug this wire into.", "Tab adds a node at its end."
            )
        elif self.fitting.of(target) is Fit.REFUSED:
            self._refuse(target)
        else:
            self.view.end_gesture()
            edge = edge_between(self.origins[0], target)
            if edge is not None and not self._is_there(edge):
                self._plug(target)

    def _is_there(self, edge: Edge) -> bool:
        return self.view.session.document.edges.get((edge.target, edge.input)) == edge

    def _add(self) -> None:
        """A new node at the end of the wire, chosen in the search."""
        origin, view = self.origins[0], self.view
        view.end_gesture()
        place = beside(view.scene, origin.node, before=origin.is_input)
        view.show_place(place)
        view.search_for_wire(
            origin, Pointer(view.camera.screen(place), place, Qt.KeyboardModifier.NoModifier)
        )

    def _remove(self) -> None:
        """Unplugs the wire that lies where this one would; else that of the input it begins at."""
        edge = edge_between(self.origins[0], self.target) if self.target is not None else None
        if edge is None or not self._is_there(edge):
            edge = self._edge_at(self.pressed)
        self.view.end_gesture()
        if edge is not None:
            self.view.session.attempt(unplug, self.view.session.graph, [(edge.target, edge.input)])

    # Showing

    def _end(self) -> QPointF:
        """The pixel of the loose end."""
        if self.target is not None:
            return self.view.camera.screen(self.view.scene.socket_place(self.target))
        place = self.view.scene.socket_place(self.origins[0])
        return self.view.camera.screen(place + QPointF(_STUB if self.seeks_input else -_STUB, 30))

    def paint(self, painter: QPainter) -> None:
        if not self.view.scene.has_socket(self.origins[0]):
            return
        end = self._end()
        self.at = Pointer(end, self.view.camera.world(end), Qt.KeyboardModifier.NoModifier)
        super().paint(painter)
        draw_keys(painter, self.view, self._name(), self.typed)

    def _name(self) -> str:
        node = self.view.session.document.nodes[self.pressed.node]
        return f"{node.name}.{self.pressed.name}"


def _is_letter(text: str) -> bool:
    return len(text) == 1 and (text.isalnum() or text == "_")
