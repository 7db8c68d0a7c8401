"""A whole sheet as one SVG: frames and notes below, then wires, then nodes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ...engine import infer
from ...engine.seen import Seen
from ...errors import SaveError
from ...graph import Document, Frame, Note, framing
from ...graph.drawn.curves import Floats
from ...graph.drawn.geometry import Geometry
from ...graph.drawn.shapes import Form
from ...graph.rect import Rect
from ..colours import palette
from ..markup import Markup, joined, tag
from .lettering import top_path, words
from .nodes import Detail, node
from .sheet import colours, forms, frame_class
from .told import count, faults_of, tell
from .words import cut, lines, width

MARGIN = 28.0
PAGE = 1000.0  # pixels of a page's width that a picture is made for
_MID, _NEAR = 0.34, 0.6  # pixels of a canvas unit from which on names, and everything, can be read
_WISH = 0.42  # which a long picture is cut into pieces for
_LONG = 4.0  # times its height that it is wide then
_MOST_AREA = 8_000_000.0  # square pixels of all pieces together
_ROOM = 26.0  # a shape is left out where its wire shows less than this beside it
_NOTE_PAD, _NOTE_LINE, _NOTE_PX = 12.0, 16.0, 12.0


class View(NamedTuple):
    """x, y, width, height of what is drawn, in canvas units; zoom: pixels of such a unit on a page."""

    x: float
    y: float
    width: float
    height: float
    zoom: float

    def shows(self, left: float, right: float) -> bool:
        """Whether what reaches from there to there is in it, in part at least."""
        return left < self.x + self.width and right > self.x

    @property
    def detail(self) -> Detail:
        if self.zoom >= _NEAR:
            return Detail.NEAR
        return Detail.MID if self.zoom >= _MID else Detail.FAR


def graph_svg(document: Document, theme: str = "light") -> str:
    """The document as an SVG file of its own, "light" or "dark". SaveError for an empty one."""
    style = forms() + colours(palette(theme), document)
    picture = drawn(document, Seen(infer(document), document), style=style, page=1e9, ground=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{picture}'


def drawn(
    sheet: Document, seen: Seen, *, style: str = "", page: float = PAGE, ground: bool = False, label: str = ""
) -> Markup:
    """A sheet, the document or the inside of a group, as an <svg> element.

    page: pixels that it may be wide; a larger graph is drawn with less detail. It scales to the width that it is given,
    and is never drawn larger than on the canvas. style: a style sheet for within. SaveError: nothing is on the sheet.
    """
    geometry, (x, y, width, height) = _laid(sheet)
    view = View(x, y, width, height, min(page / width, 1.0))
    return _picture(sheet, seen, geometry, view, label, style, ground)


def strips(sheet: Document, seen: Seen, *, page: float = PAGE, label: str = "") -> list[Markup]:
    """A sheet that is long and low, such as a chain of layers, in pieces one below another, as large as can be read;
    any other in one. As `drawn`.
    """
    geometry, (x, y, width, height) = _laid(sheet)
    zoom = page / width
    if zoom < _WISH and width > _LONG * height:
        zoom = min(_WISH, math.sqrt(_MOST_AREA / (width * height)))
    count = math.ceil(width * zoom / page - 1e-9)
    if count < 2:
        return [drawn(sheet, seen, page=page, label=label)]
    each = width / count
    views = [
        _cropped(geometry, sheet, View(x + k * each, y, each, height, page / each)) for k in range(count)
    ]
    title = label or f"The graph {sheet.name}"
    return [
        _picture(sheet, seen, geometry, view, f"{title}, part {k} of {count}")
        for k, view in enumerate(views, 1)
    ]


def _cropped(geometry: Geometry, sheet: Document, view: View) -> View:
    """No higher than what is in it."""
    right = view.x + view.width
    boards = [framing.box_of(each) for each in sheet.notes.values()]
    boards += [framing.box_of(each) for each in sheet.frames.values()]
    boxes = np.concatenate([geometry.rects, np.array(boards, dtype=np.float64).reshape(-1, 4)])
    boxes = boxes[(boxes[:, 0] < right) & (boxes[:, 0] + boxes[:, 2] > view.x)]
    wires = geometry.wires.points.reshape(-1, 2)
    wires = wires[(wires[:, 0] > view.x) & (wires[:, 0] < right)]
    heights = np.concatenate([boxes[:, 1], boxes[:, 1] + boxes[:, 3], wires[:, 1]])
    if not len(heights):
        return view
    top, bottom = float(heights.min()) - MARGIN, float(heights.max()) + MARGIN
    return view._replace(y=math.floor(top), height=math.ceil(bottom - top))


def extent(sheet: Document) -> tuple[float, float]:
    """Width and height of all that is on the sheet, in canvas units. SaveError for an empty one."""
    width, height = _laid(sheet)[1][2:]
    return width, height


def _picture(
    sheet: Document,
    seen: Seen,
    geometry: Geometry,
    view: View,
    label: str,
    style: str = "",
    ground: bool = False,
) -> Markup:
    title = label or f"The graph {sheet.name}"
    told = f"{count(len(sheet.nodes), 'node')} and {count(len(sheet.edges), 'wire')}."
    return tag(
        "svg",
        tag("title", title),
        tag("desc", told),
        tag("style", Markup(style)) if style else "",
        _hatch() if any(node.muted for node in sheet.nodes.values()) else "",
        tag("rect", x=view.x, y=view.y, width=view.width, height=view.height, class_="ground")
        if ground
        else "",
        _boards(sheet, view),
        tag("g", _wires(geometry, seen, view)),
        tag("g", _nodes(sheet, seen, view)),
        xmlns="http://www.w3.org/2000/svg",
        class_="gl",
        role="img",
        viewBox=f"{view.x:g} {view.y:g} {view.width:g} {view.height:g}",
        width=view.width,
        height=view.height,
    )


def _laid(sheet: Document) -> tuple[Geometry, Rect]:
    """Where everything lies, and the rectangle around it with air. SaveError when there is nothing."""
    if sheet.is_empty:
        raise SaveError("There is nothing to draw.", hint="Add a node first.")
    geometry = Geometry()
    geometry.follow(sheet)
    boxes = [*geometry.rects.tolist()]
    above = [shape.above for shape in geometry.shapes]
    boxes = [(x, y - up, w, h + up + 8) for (x, y, w, h), up in zip(boxes, above, strict=True)]
    boxes += [framing.box_of(note) for note in sheet.notes.values()]
    boxes += [framing.box_of(frame) for frame in sheet.frames.values()]
    rects = np.array(boxes, dtype=np.float64)
    low, high = rects[:, :2].min(axis=0), (rects[:, :2] + rects[:, 2:]).max(axis=0)
    if len(geometry.wires.boxes):
        low = np.minimum(low, geometry.wires.boxes[:, :2].min(axis=0))
        high = np.maximum(high, geometry.wires.boxes[:, 2:].max(axis=0))
    x, y = np.floor(low - MARGIN).tolist()
    width, height = np.ceil(high - low + 2 * MARGIN).tolist()
    return geometry, Rect(x, y, width, height)


def _hatch() -> Markup:
    line = tag("path", d="M0 6L6 0", class_="hatch")
    return tag("defs", tag("pattern", line, id="gl-hatch", width=6, height=6, patternUnits="userSpaceOnUse"))


# Frames and notes


def _boards(sheet: Document, view: View) -> Markup:
    frames = (sheet.frames[i] for i in framing.by_size(sheet))
    return joined(
        (_frame(each, view) for each in frames if _is_seen(each, view)),
        (_note(each, view) for each in sheet.notes.values() if _is_seen(each, view)),
    )


def _is_seen(board: Frame | Note, view: View) -> bool:
    return view.shows(board.position[0], board.position[0] + board.size[0])


def _frame(frame: Frame, view: View) -> Markup:
    (x, y), (w, h) = frame.position, frame.size
    hue, bar = frame_class(frame.colour), min(framing.TITLE, h)
    px = min(max(13.0, 12 / view.zoom), h * 0.3)
    title = cut(" ".join(frame.title.split()), w - 24, px, bold=True)
    r = min(10.0, w / 4, h / 4)
    top = top_path(x, y, w, bar, r)
    return tag(
        "g",
        tag("title", frame.title or "Frame"),
        tag("rect", x=x, y=y, width=w, height=h, rx=r, class_=hue),
        tag("path", d=top, class_=f"bar {hue}"),
        words(title, x + 12, y + max(bar / 2, px * 0.65), px, "b"),
    )


def _note(note: Note, view: View) -> Markup:
    (x, y), (w, h) = note.position, note.size
    card = tag("rect", x=x, y=y, width=w, height=h, rx=8, class_="note")
    if view.detail == Detail.FAR:
        return tag("g", tag("title", note.text), card)
    wish = _NOTE_PX if view.detail == Detail.NEAR else min(10 / view.zoom, 22.0)
    for px in dict.fromkeys((wish, (wish + _NOTE_PX) / 2, _NOTE_PX)):  # smaller where there is no room
        step = px * _NOTE_LINE / _NOTE_PX
        most = max(int((h - 12) // step), 1)
        rows = lines(_plain(note.text), w - 2 * _NOTE_PAD, px)
        if len(rows) <= most:
            break
    shown = (
        rows if len(rows) <= most else [*rows[: most - 1], cut(rows[most - 1] + " …", w - 2 * _NOTE_PAD, px)]
    )
    written = (words(row, x + _NOTE_PAD, y + 8 + step * (k + 0.5), px) for k, row in enumerate(shown))
    return tag("g", tag("title", note.text), card, written)


def _plain(text: str) -> str:
    """Markdown without its marks."""
    rows = (
        re.sub(r"\*{1,3}([^*\s][^*]*)\*{1,3}|`([^`]*)`", r"\1\2", row.lstrip("#> "))
        for row in text.splitlines()
    )
    return "\n".join(rows)


# Wires


def _wires(geometry: Geometry, seen: Seen, view: View) -> Iterator[Markup]:
    bad = {(problem.node_id, problem.socket) for problem in seen.inference.problems if problem.socket}
    labels: list[Markup] = []
    for k, edge in enumerate(geometry.edges):
        if not view.shows(geometry.wires.boxes[k, 0] - 4, geometry.wires.boxes[k, 2] + 4):
            continue
        is_bad = (edge.target, edge.input) in bad
        yield tag("path", d=_way(geometry, k), class_="wire off" if is_bad else "wire")
        spec = seen.inference.specs.get((edge.source, edge.output))
        if (
            view.detail == Detail.NEAR
            and spec is not None
            and geometry.forms[geometry.sources[k]] != Form.POINT
        ):
            labels.append(_label(str(spec), geometry.wires.boxes[k], geometry.wires.points[k]))
    yield from labels


def _way(geometry: Geometry, k: int) -> str:
    x, y = geometry.wires.ends[k, :2].tolist()
    ways = (
        ("L" if len(part) == 2 else "C") + " ".join(f"{value:.1f}" for value in part)
        for part in geometry.wires.parts(k)
    )
    return f"M{x:.1f} {y:.1f}" + "".join(ways)


def _label(text: str, box: Floats, points: Floats) -> Markup:
    """The shape in the middle of a wire that has room for it."""
    wide = width(text, 10, mono=True) + 10
    left, top, right, bottom = box.tolist()
    if max(right - left, bottom - top) < wide + _ROOM:
        return Markup("")
    x, y = points[len(points) // 2].tolist()
    ground = tag("rect", x=x - wide / 2, y=y - 8, width=wide, height=16, rx=6, class_="pill")
    return joined(ground, words(text, x, y, 10, "m s", "middle"))


def _nodes(sheet: Document, seen: Seen, view: View) -> Iterator[Markup]:
    faults = faults_of(seen)
    for each in sheet.nodes.values():
        told = tell(sheet, each, seen, faults)
        if view.shows(each.position[0] - MARGIN, each.position[0] + told.shape.width + MARGIN):
            yield node(told, view.detail, view.zoom)
