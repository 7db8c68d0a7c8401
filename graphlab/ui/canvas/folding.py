"""Unroll nodes by hand: the switch between the drawing with the loop and the one in time, and what lies on them.

The switch is an edit like any other, with its undo; the way from one drawing to the other is shown, where things may
move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import (
    QAbstractAnimation,
    QEasingCurve,
    QObject,
    QPointF,
    Qt,
    QVariantAnimation,
    Signal,
)

from ...graph import Document, Point, touched
from ...graph.copies import time_of
from ...graph.drawn import unrolled as places
from ...graph.drawn.shapes import Form, NodeShape, between, folded_shape, unrolled_shape
from ...graph.folding import FOLDED, UNROLLED, drawn, is_unrolled
from ...graph.groups import role
from ..copies_pointed import copies_pointed_of
from .detail import Detail
from .rects import rail_rect, slider_rect, switch_rect

if TYPE_CHECKING:
    from .surface import Surface

OPENING = 250  # milliseconds
MOST_MOVING = 1500  # more things than that jump


class Part(NamedTuple):
    """What of an Unroll node lies under the pointer: "switch", "slider", "rail" or "copy", that of step `t`.

    inner: the node of the cell that is pictured there, "" for none.
    """

    node: str
    kind: str
    t: int = -1
    inner: str = ""


class Way(NamedTuple):
    """From one drawing to another: the shapes of nodes that change, and where all that moves is before and after."""

    shapes: Mapping[str, tuple[NodeShape, NodeShape]]
    starts: Mapping[str, Point]
    ends: Mapping[str, Point]


class Folding(QObject):
    """The Unroll nodes of one canvas."""

    time_wanted = Signal(int)  # somebody inside of a copy wants that one so many steps later

    def __init__(self, view: Surface) -> None:
        super().__init__(view)
        self._view, self._unrolls = view, view.live.unrolls
        self._way: Way | None = None
        self._move = QVariantAnimation(self)
        self._move.setDuration(OPENING)
        self._move.setStartValue(0.0)
        self._move.setEndValue(1.0)
        self._move.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._move.valueChanged.connect(lambda share: self._show(float(share)))
        self._move.finished.connect(self.arrive)
        view.session.document_changed.connect(self._follow)
        self._listed = copies_pointed_of(view.session)
        self._listed.changed.connect(self._point)
        self._looked: tuple[int, ...] = ()
        view.session.status_changed.connect(self._follow_run)

    def _follow(self, old: Document, new: Document) -> None:
        """Another document is shown. What is drawn otherwise in it computes the same, so nothing was inferred."""
        self.arrive()
        both = (i for i in touched(old.nodes, new.nodes) if i in old.nodes)
        if any(is_unrolled(old.nodes[i]) != is_unrolled(new.nodes[i]) for i in both):
            session = self._view.session
            self._view.looks.show(session.document, session.inference, session.seen.parameters_of)

    def _follow_run(self, status: object) -> None:
        """Where the run came to a copy that was not drawn, that is watched from now on."""
        scene = self._view.scene
        drawn = np.flatnonzero(scene.forms == Form.UNROLLED)
        looked = tuple(self._unrolls.at(scene.ids[k]) for k in drawn.tolist())
        if looked != self._looked:
            self._looked = looked
            self._view.look_again.start()

    # The switch

    def chosen(self) -> list[str]:
        """The selected Unroll nodes."""
        nodes = self._view.session.document.nodes
        return [i for i in nodes if i in self._view.session.selection and role(nodes[i]) == "unroll"]

    def are_unrolled(self, nodes: Iterable[str]) -> bool:
        document = self._view.session.document
        found = [is_unrolled(document.nodes[i]) for i in nodes]
        return bool(found) and all(found)

    def toggle(self, nodes: Iterable[str] = ()) -> None:
        """Draws these Unroll nodes, by default the selected ones, the other way; the first says which. One edit."""
        nodes = list(nodes) or self.chosen()
        if not nodes:
            return
        session = self._view.session
        how = FOLDED if is_unrolled(session.document.nodes[nodes[0]]) else UNROLLED
        session.attempt(self._draw, nodes, how)

    def _draw(self, nodes: list[str], how: str) -> None:
        view, graph = self._view, self._view.session.graph
        self.arrive()
        before, places_before = {i: view.scene.shape(i) for i in nodes}, _places(graph.document)
        with graph.edit("Draw unrolled" if how == UNROLLED else "Draw folded"):
            for node in nodes:
                now = _shape(graph.document, node, how)
                sizes = (before[node].width, before[node].height), (now.width, now.height)
                graph.replace(drawn(graph.document, node, how, *sizes), "Draw")
        shapes = {i: (before[i], view.scene.shape(i)) for i in nodes if before[i] != view.scene.shape(i)}
        after = _places(graph.document)
        ends = {i: place for i, place in after.items() if place != places_before.get(i, place)}
        self._start(Way(shapes, {i: places_before[i] for i in ends}, ends))
        view.look_again.start()

    def _start(self, way: Way) -> None:
        motion = self._view.motion
        if motion.enabled and self._view.isVisible() and len(way.ends) <= MOST_MOVING:
            self._way = way
            self._show(0.0)
            self._move.start()

    @property
    def is_moving(self) -> bool:
        return self._move.state() == QAbstractAnimation.State.Running

    def _show(self, share: float) -> None:
        if self._way is None:
            return
        view, way = self._view, self._way
        for node, (start, end) in way.shapes.items():
            opens = end.form is Form.UNROLLED
            self._unrolls.openness[node] = share if opens else 1.0 - share
            view.scene.reshape(node, between(start, end, share))
        now = {
            i: (x + (way.ends[i][0] - x) * share, y + (way.ends[i][1] - y) * share)
            for i, (x, y) in way.starts.items()
        }
        view.show_places(now)

    def arrive(self) -> None:
        """What is under way is there."""
        if self._way is not None:
            self._way = None
            self._move.stop()
            self._unrolls.openness.clear()
            self._view.settle()

    # What lies under the pointer

    def part_at(self, place: QPointF) -> Part | None:
        """What of an Unroll node there can be used by hand."""
        view = self._view
        node = view.node_under(place) if view.detail == Detail.NEAR else ""
        shape = view.scene.shape(node) if node else None
        if shape is None or not shape.is_unroll or self._way is not None:
            return None
        at = place - view.scene.rect(node).topLeft()
        if switch_rect(shape.width).contains(at):
            return Part(node, "switch")
        return self._unrolled_part(node, shape, at) if shape.form is Form.UNROLLED else None

    def _unrolled_part(self, node: str, shape: NodeShape, at: QPointF) -> Part | None:
        rolled, looked_at = self._unrolls.rolled(node), self._unrolls.at(node)
        levels = places.levels(rolled)
        if slider_rect(shape.width).adjusted(-8, -9, 4, 9).contains(at):
            return Part(node, "slider")
        if levels.rail and rail_rect(levels).adjusted(-8, -7, 8, 7).contains(at):
            return Part(node, "rail", places.step_at(rolled, at.x()))
        t = places.copy_at(rolled, looked_at, at.toTuple())
        if t is None:
            return None
        left = next(copy.left for copy in places.lie(rolled.steps, looked_at)[0] if copy.t == t)
        inner = self._unrolls.cell(node).node_at((at.x() - left, at.y() - levels.copies))
        return Part(node, "copy", t, inner)

    def hover(self, place: QPointF | None) -> None:
        """The pointer is there: the copy under it stands out, and a node of the cell lights up in all copies."""
        part = self.part_at(place) if place is not None else None
        unrolls = self._unrolls
        before = unrolls.hovered, unrolls.pointed, unrolls.at_switch
        is_copy = part is not None and part.kind == "copy"
        unrolls.hovered = (part.node, part.t) if part is not None and is_copy else ("", -1)
        inner = {part.inner} if part is not None and part.inner else ()
        unrolls.pointed = (part.node, frozenset(inner)) if part is not None and inner else ("", frozenset())
        unrolls.at_switch = part.node if part is not None and part.kind == "switch" else ""
        if before != (unrolls.hovered, unrolls.pointed, unrolls.at_switch):
            self._view.update()

    def _point(self) -> None:
        """Somebody points at a weight, or at the term of one copy, in a list."""
        listed, prefix = self._listed, self._view.session.seen.prefix
        node = listed.key[len(prefix) :] if listed.key.startswith(prefix) else ""
        node = node if node in self._view.scene.index else ""
        self._unrolls.pointed = (node, listed.nodes) if node else ("", frozenset())
        self._unrolls.hovered = (node, listed.time) if node else ("", -1)
        if node and listed.time >= 0:
            self.look_at(node, listed.time)
        self._view.update()

    def cursor_at(self, place: QPointF) -> Qt.CursorShape | None:
        """The pointer's shape there; None where it is nothing of an Unroll node."""
        part = self.part_at(place)
        if part is None or part.kind == "copy":
            return None
        return Qt.CursorShape.PointingHandCursor if part.kind == "switch" else Qt.CursorShape.SizeHorCursor

    def tip_at(self, place: QPointF) -> str:
        """What a press there does; "" where it is nothing of an Unroll node."""
        part = self.part_at(place)
        if part is None:
            return ""
        session = self._view.session
        if part.kind == "switch":
            is_open = is_unrolled(session.document.nodes[part.node])
            return "Fold it into one cell with a loop (U)" if is_open else "Unroll it along time (U)"
        steps = self._unrolls.rolled(part.node).steps
        if part.kind == "slider":
            return f"T = {steps:,}: drag to change how many steps there are"
        if part.kind == "rail":
            return f"t = {part.t:,}: drag to look at other steps"
        words = f"<b>t = {part.t}</b> of {steps:,}<br>Double-click to see its inside"
        name = _name_inside(session.whole, session.document, part)
        return f"{words}<br>{name}: the same in every copy" if name else words

    # The number of steps, and the time one looks at

    def set_steps(self, node: str, steps: int) -> None:
        """One edit. ParamError; GraphError when it would come to too many nodes."""
        view, graph = self._view, self._view.session.graph
        before = view.scene.shape(node)
        with graph.edit("Set steps"):
            graph.set(node, steps=steps)
            now = _shape(graph.document, node, UNROLLED)
            sizes = (before.width, before.height), (now.width, now.height)
            if is_unrolled(graph.document.nodes[node]) and sizes[0] != sizes[1]:
                graph.replace(drawn(graph.document, node, UNROLLED, *sizes), "Set steps")

    def go_on(self, steps: int) -> bool:
        """Looks so many steps later, in the cell that is shown or at the selected nodes; False where there is none."""
        session, chosen = self._view.session, self.chosen()
        times = [time_of(step) for step in session.inside]
        if max(times, default=-1) >= 0:
            self.time_wanted.emit(steps)
            return True
        for node in chosen:
            last = self._unrolls.rolled(node).steps - 1
            self.look_at(node, min(max(self._unrolls.at(node) + steps, 0), last))
        return bool(chosen)

    def look_at(self, node: str, t: int) -> None:
        """Shows the copies around a step."""
        self._unrolls.look_at(node, t)
        self._view.look_again.start()
        self._view.update()


def _shape(document: Document, node: str, how: str) -> NodeShape:
    op = document.nodes[node].make()
    return unrolled_shape(op) if how == UNROLLED else folded_shape(op)


def _places(document: Document) -> dict[str, Point]:
    found = {i: node.position for i, node in document.nodes.items()}
    found |= {i: note.position for i, note in document.notes.items()}
    return found | {i: frame.position for i, frame in document.frames.items()}


def _name_inside(whole: Document, sheet: Document, part: Part) -> str:
    """The name of the node of the cell that is pictured there."""
    cell = whole.definitions.get(str(sheet.nodes[part.node].params.get("definition", "")))
    return cell.nodes[part.inner].name if cell is not None and part.inner in cell.nodes else ""
