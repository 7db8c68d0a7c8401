"""Wires by keyboard: where one begins, how one walks onto those that are there, and where a menu of keys opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from ...graph import Document
from ...graph.connect import input_names, output_names
from ...graph.drawn.shapes import HEADER, MIDDLE
from .free_place import beside, clear
from .scene import Key, Scene, SocketAt
from .walk import Way

if TYPE_CHECKING:
    from .commands import Commands
    from .view import CanvasView

_INTO_HEADER = QPointF(60, HEADER / 2)


def start(view: CanvasView, *, into: bool = False) -> None:
    """Takes a wire from the selected node into the hand: from its first output, or `into` the input that needs one."""
    node = view.session.selected_node
    if not node:
        return
    document = view.session.document
    found, outputs = document.nodes[node], output_names(document.nodes[node])
    name = _input_in_need(document, node)
    if (into or not outputs) and name:
        view.reveal(node)
        view.begin_by_keys(SocketAt(node, name, True))
    elif outputs and not into:
        view.reveal(node)
        view.begin_by_keys(SocketAt(node, outputs[0], False))
    else:
        what = "inputs" if into else "sockets"
        view.explain(place_of_selection(view), f"{found.name} ({found.op}) has no {what}.")


def _input_in_need(document: Document, node: str) -> str:
    """The input that a wire is most likely wanted at: that must have one and has none; else a wired one; else any."""
    found, wired = document.nodes[node], document.inputs_of(node)
    if not found.is_known:
        return next(iter(wired), "")
    sockets = found.make().sockets()
    free = [s.name for s in sockets if s.name not in wired and s.must_be_wired]
    return next(iter((*free, *wired, *input_names(found))), "")


# Walking onto wires


def walk(view: CanvasView, way: Way) -> None:
    """From a node onto a wire of it; from a wire to the others at its ends, or on to the node at an end."""
    document, scene = view.session.document, view.scene
    wire = next(iter(sorted(view.selected_wires)), None)
    if wire is not None and way[0]:
        edge = document.edges[wire]
        node = edge.target if way[0] > 0 else edge.source
        view.session.select({node})
        view.reveal(node)
        return
    found = _beside(document, scene, wire, way) if wire is not None else _first(view, way)
    if found is not None:
        view.select_wire(found)
        view.reveal(document.edges[found].source)
        view.reveal(found[0])


def _first(view: CanvasView, way: Way) -> Key | None:
    """The topmost wire that leaves the selected node that way (up and down: any of its wires)."""
    document, node = view.session.document, view.session.selected_node
    edges = [*document.consumers(node)] if node and way[0] >= 0 else []
    edges += document.inputs_of(node).values() if node and way[0] <= 0 else []
    return min(((e.target, e.input) for e in edges), key=lambda key: _height(view.scene, key), default=None)


def _beside(document: Document, scene: Scene, wire: Key, way: Way) -> Key | None:
    """The next wire above or below among those that share an end with this one."""
    edge = document.edges[wire]
    edges = {*document.consumers(edge.source), *document.inputs_of(edge.target).values()}
    order = sorted(((e.target, e.input) for e in edges), key=lambda key: (_height(scene, key), key))
    at = order.index(wire) + way[1]
    return order[at] if 0 <= at < len(order) else None


def _height(scene: Scene, wire: Key) -> float:
    return scene.middle(scene.wire_index[wire]).y()


# Places


def place_to_add(view: Commands) -> QPointF:
    """The pixel for the search of a new node when the pointer is elsewhere: right of the selected node, else free."""
    node = view.session.selected_node
    if node:
        place = beside(view.scene, node) - QPointF(0, MIDDLE - HEADER / 2)
    else:
        left, top = view.centre()
        place = clear(view.scene, QPointF(left, top)) + QPointF(0, HEADER / 2)
    view.show_place(place)
    return view.camera.screen(place + QPointF(24, 0))


def _handle(view: Commands, item: str) -> QPointF:
    """Where one would touch a node, note or frame: its header, title or upper left part."""
    if item in view.scene.index:
        return view.scene.rect(item).topLeft() + _INTO_HEADER
    plate = view.picture.frames.plates.at(view.camera.zoom).get(item)
    return view.scene.boards.rect(item).topLeft() + QPointF(20, 14) if plate is None else plate.rect.center()


def place_of_selection(view: Commands) -> QPointF:
    """The pixel of what is selected, where its menu opens; of the pointer when nothing is, or several things are."""
    scene, camera = view.scene, view.camera
    wires = [key for key in view.selected_wires if key in scene.wire_index]
    if len(wires) == 1:
        return camera.screen(scene.middle(scene.wire_index[wires[0]]))
    nodes = [i for i in view.session.selection if i in scene.index]
    item = next(iter(nodes or (view.session.selection if len(view.session.selection) == 1 else ())), "")
    if item in scene.index or item in scene.boards:
        view.reveal(item)
        handle = _handle(view, item)
        place = camera.screen(handle)
        if view.rect().contains(place.toPoint()) and view.item_under(handle) == item:
            return place
    return view.pointer_or_middle()
