"""What the canvas offers of the values of a node, and of what comes back along a wire: seen large, taken along."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from ...engine.messages import TensorKey
from ..inspector.sockets import places
from ..values import copying
from ..values.places import subject_of
from ..values.subject import Subject
from ..values.supply import FromEngine
from .asking import element_under
from .entries import add_entry as _add
from .scene import Key

if TYPE_CHECKING:
    from .view import CanvasView


def fill(view: CanvasView, menu: QMenu, node: str) -> None:
    """A menu for the values and gradients of a node."""
    session = view.session
    found = [place for place in places(session, node) if not place.keeper]  # those are many
    if not found:
        return
    inner = menu.addMenu("Values")
    for place in found:
        for kind in ("value", "grad") if place.kind != "int" else ("value",):
            _tensor(view, inner, subject_of(session, place, kind), len(found) > 1)


def _tensor(view: CanvasView, menu: QMenu, subject: Subject, several: bool) -> None:
    title = subject.title
    target = menu.addMenu(title) if several or title.startswith("∂") else menu
    key = subject.key
    assert key is not None
    _add(target, "Open large", "float", partial(view.session.looking.large_wanted.emit, key))
    _add(target, "Copy as NumPy", "copy", partial(copy_whole, view, key, title, "numpy"))
    _add(target, "Copy as CSV", "copy", partial(copy_whole, view, key, title, "csv"))
    _add(
        target, "Export as .npy …", "export", partial(copying.export, view.session, key, title, view.window())
    )
    if target is menu:
        menu.addSeparator()


def fill_wire(view: CanvasView, menu: QMenu, wire: Key) -> None:
    """The same for what comes back along a wire, where it is one array."""
    session = view.session
    edge = session.document.inputs_of(wire[0]).get(wire[1])
    if edge is None or not session.explainer.can_ask_about_wire(*wire):
        return
    key = session.term_keys(edge.source, edge.output, *wire)[0]
    name = session.document.nodes[edge.source].name
    _tensor(view, menu, Subject(key, session, f"∂{name} via {session.document.nodes[wire[0]].name}"), True)


def copy_whole(view: CanvasView, key: TensorKey, title: str, kind: str) -> None:
    """Puts a whole tensor on the clipboard; says so, or why not."""
    supply = FromEngine(view.session, key, view.session)
    copying.copy_all(supply, title, kind, view.session.notify)


def open_under(view: CanvasView, world: QPointF) -> bool:
    """Opens the tensor whose picture lies at that place of the canvas; whether there is one."""
    asked = element_under(view, world)
    if asked is None:
        return False
    key = TensorKey(asked.kind, *view.session.seen.end(asked.node, asked.socket))
    view.session.looking.large_wanted.emit(key)
    return True
