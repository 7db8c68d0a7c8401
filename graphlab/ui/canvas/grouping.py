"""Groups, ports and reroute points by hand: what keys, menus and double-clicks on the canvas do about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from ...errors import GraphlabError
from ...graph import Edge, Inside
from ...graph.drawn.shapes import POINT
from .. import frame_edits, group_edits
from .ports import new_port
from .scene import Key, SocketAt
from .surgery import lead_through

if TYPE_CHECKING:
    from .commands import Commands
    from .view import CanvasView


def can_group(view: Commands) -> bool:
    """Whether the selection, or what lies in its frames, holds anything that a group can hold."""
    session = view.session
    return group_edits.can_group(session) or any(
        group_edits.can_be_inside(session, i) for i in frame_edits.content_of(session, session.selection)
    )


def group(view: CanvasView) -> None:
    """Groups the selection, with what lies in its frames, and opens the group's name.

    Says at the selection why it cannot be one.
    """
    view.session.select(frame_edits.with_content(view.session))
    try:
        made = group_edits.group(view.session)
    except GraphlabError as error:
        refuse(view, error)
        return
    view.rename(made)


def ungroup(view: CanvasView) -> None:
    try:
        group_edits.ungroup(view.session)
    except GraphlabError as error:
        refuse(view, error)


def refuse(view: CanvasView, error: GraphlabError) -> None:
    """Says it at the node that the error names, else at the selection."""
    document = view.session.document
    named = document.ids_by_name.get(error.node, "")
    items = [named] if named else group_edits.selected(view.session)
    if named:
        view.reveal(named)
    corner = view.camera.screen_rect(view.scene.bounds(items)).bottomLeft() if items else view.middle
    view.explain(corner, error.message, error.hint)


def enter(view: CanvasView, node: str = "", place: QPointF | None = None) -> bool:
    """Goes into a group, by default the selected one; False when it is none.

    Of a cell that is repeated, into the copy drawn at that place of the canvas, or at the step that one looks at.
    """
    node = node or view.session.selected_node
    if not group_edits.is_group(view.session, node):
        return False
    part = view.folding.part_at(place) if place is not None else None
    if part is not None and part.kind != "copy":
        return True  # two clicks on a switch are no double-click
    return view.session.enter(view.live.unrolls.way_into(node, part.t if part is not None else -1))


def leave(view: CanvasView) -> bool:
    """Goes up; False on the whole graph."""
    if not view.session.inside:
        return False
    view.session.leave()
    return True


def add_port(
    view: CanvasView, kind: str, origin: SocketAt | None = None, instead_of: Edge | None = None
) -> None:
    """A new port of the group that one is in: wired to `origin`, or else with its name open for editing.

    `instead_of`: the wire whose end was dragged, which goes.
    """
    if isinstance(view.session.graph, Inside):
        view.session.attempt(_add_port, view, kind, origin, instead_of)


def _add_port(view: CanvasView, kind: str, origin: SocketAt | None, instead_of: Edge | None) -> None:
    port = new_port(view.session.graph, kind, origin, instead_of)
    view.session.select({port})
    view.setFocus(Qt.FocusReason.OtherFocusReason)
    view.reveal(port)
    if origin is None:
        view.rename(port)


def add_point(view: CanvasView, wire: Key, place: QPointF) -> None:
    """Leads a wire through a new reroute point there (canvas units), which is then selected."""
    session = view.session
    if wire not in session.document.edges:  # it went while a menu was open
        return

    def add() -> None:
        corner = place.x() - POINT / 2, place.y() - POINT / 2
        session.select({lead_through(session.graph, wire, corner, session.inference)})

    session.attempt(add)


def add_points(view: CanvasView) -> None:
    """One in the middle of each selected wire."""
    for wire in sorted(view.selected_wires):
        if wire in view.scene.wire_index:
            add_point(view, wire, view.scene.middle(view.scene.wire_index[wire]))
