"""Aligning, spreading and straightening what is selected: what there is, and how it is done to the canvas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QMenu

from ...graph import Document, Edge, Point
from ...graph.arrange import Level, aligned, distributed, straightened
from ...graph.framing import box_of, content
from ...graph.rect import Rect
from .. import frame_edits, icons

if TYPE_CHECKING:
    from .commands import Commands

Rects = Mapping[str, Rect]


class Arrangement(NamedTuple):
    """One way to arrange things; `least` is how many of them it takes."""

    id: str
    title: str
    tip: str
    keys: str
    least: int
    places: Callable[[Rects, list[Level]], dict[str, Point]]

    @property
    def icon(self) -> str:
        return self.id.replace("_", "-")


def _align(side: str, title: str, tip: str, keys: str) -> Arrangement:
    return Arrangement(f"align_{side}", title, tip, keys, 2, lambda rects, _: aligned(rects, side))  # type: ignore[arg-type]


def _distribute(way: str, title: str, tip: str, keys: str) -> Arrangement:
    return Arrangement(f"distribute_{way}", title, tip, keys, 3, lambda rects, _: distributed(rects, way))  # type: ignore[arg-type]


ARRANGEMENTS = (
    _align("left", "Align left edges", "Line the selection up by its left edges", "Ctrl+Shift+Left"),
    _align("right", "Align right edges", "Line the selection up by its right edges", "Ctrl+Shift+Right"),
    _align("top", "Align top edges", "Line the selection up by its top edges", "Ctrl+Shift+Up"),
    _align("bottom", "Align bottom edges", "Line the selection up by its bottom edges", "Ctrl+Shift+Down"),
    _align("column", "Centre in a column", "Put the middles of the selection one above another", "Ctrl+Shift+C"),
    _align("row", "Centre in a row", "Put the middles of the selection side by side", "Ctrl+Shift+R"),
    _distribute("row", "Spread in a row", "Make the gaps from left to right equal", "Ctrl+Shift+H"),
    _distribute("column", "Spread in a column", "Make the gaps from top to bottom equal", "Ctrl+Shift+I"),
    Arrangement(
        "straighten",
        "Straighten wires",
        "Move the selected nodes up or down until the wires between them are level",
        "Shift+L",
        2,
        straightened,
    ),
)  # fmt: skip


def possible(view: Commands, arrangement: Arrangement) -> bool:
    """Whether enough is selected: of nodes that have a wire between them, to straighten it."""
    chosen = view.session.selection
    if arrangement.id == "straighten":
        return next(_between(view.session.document, chosen), None) is not None
    return len(chosen) >= arrangement.least


def arrange(view: Commands, arrangement: Arrangement) -> None:
    """Arranges what is selected; one undo entry, and things glide to their places."""
    rects = _rects(view, view.in_order())
    places = arrangement.places(rects, _levels(view, rects))
    moved = {i: place for i, place in places.items() if place != (rects[i].x, rects[i].y)}
    if not moved:
        view.session.notify("info", "Everything is lined up already.")
        return
    view.arrive({**_carried(view, rects, moved), **moved}, arrangement.title)


def fill(view: Commands, menu: QMenu) -> None:
    """Adds the submenu of what can be done to the selection, when there is something."""
    able = [a for a in ARRANGEMENTS if possible(view, a)]
    if not able:
        return
    inner = menu.addMenu(icons.icon("arrange"), "Arrange")
    for arrangement in able:
        if arrangement.id in ("distribute_row", "straighten"):
            inner.addSeparator()
        action = inner.addAction(icons.icon(arrangement.icon), f"{arrangement.title}\t{arrangement.keys}")
        action.triggered.connect(partial(_run, view, arrangement))


def _run(view: Commands, arrangement: Arrangement, *_: object) -> None:
    arrange(view, arrangement)


def _rects(view: Commands, items: list[str]) -> dict[str, Rect]:
    document, scene = view.session.document, view.scene
    rects: dict[str, Rect] = {}
    for i in items:
        node = document.nodes.get(i)
        if node is not None:
            shape = scene.shape(i)
            rects[i] = Rect(*node.position, shape.width, shape.height)
        else:
            rects[i] = Rect(*box_of(document.notes.get(i) or document.frames[i]))
    return rects


def _between(document: Document, items: Collection[str]) -> Iterator[Edge]:
    """The wires whose ends are both among these."""
    for i in items:
        if i in document.nodes:
            yield from (edge for edge in document.inputs_of(i).values() if edge.source in items)


def _levels(view: Commands, items: Rects) -> list[Level]:
    """The wires between these, in order."""
    levels = view.scene.levels()
    edges = _between(view.session.document, items)
    return [Level(e.source, e.target, *levels[e.target, e.input]) for e in edges]


def _carried(view: Commands, rects: Rects, moved: Mapping[str, Point]) -> dict[str, Point]:
    """What goes with a frame that moves: everything in it that has no place of its own."""
    document = view.session.document
    places: dict[str, Point] = {}
    for frame in (i for i in moved if i in document.frames):
        dx, dy = moved[frame][0] - rects[frame].x, moved[frame][1] - rects[frame].y
        for i in content(document, [frame], frame_edits.size_in(document)):
            if i not in rects:
                x, y = view.scene.place(i)
                places[i] = x + dx, y + dy
    return places
