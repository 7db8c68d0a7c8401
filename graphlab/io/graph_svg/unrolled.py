"""A cell that is repeated, as SVG: with its loops above the card, or its copies side by side in time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from ...graph import Document, Node, Point
from ...graph.drawn import unrolled as places
from ...graph.drawn.cell_picture import CellPicture, picture_of
from ...graph.drawn.shapes import NodeShape
from ..markup import Markup, joined, tag
from .lettering import words
from .sheet import family_class
from .words import cut, width

_ROUND = 7.0  # of the corners of a loop


def loops(shape: NodeShape, node: Node, near: bool) -> Markup:
    """The loops of a folded cell: out of an output, over the card, into the input that it is at the next step."""
    rolled = places.rolled(node.make())
    parts = []
    for place, pair in reversed(list(enumerate((*rolled.states, *rolled.backs)))):
        ends = shape.output_at(pair.output)[1], shape.input_at(pair.input)[1]
        corners = places.loop(shape.width, *ends, place)
        parts.append(tag("path", d=_rounded(corners), class_="wire"))
        x, y = corners[-1]
        parts.append(_head(x - 4.5, y, 1))
        if near:
            text = pair.output if pair in rolled.states else f"{pair.output} → {pair.input}"
            top = corners[2][1]
            parts.append(_plate(f"{text}  t−1", shape.width / 2, top))
    return joined(parts)


def _rounded(corners: Sequence[Point]) -> str:
    """A way along corners that are rounded off, as the data of a path."""
    parts = [f"M{corners[0][0]:g} {corners[0][1]:g}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        start, end = _toward(corner, before), _toward(corner, after)
        parts.append(f"L{start[0]:.1f} {start[1]:.1f}Q{corner[0]:g} {corner[1]:g} {end[0]:.1f} {end[1]:.1f}")
    return "".join(parts) + f"L{corners[-1][0]:g} {corners[-1][1]:g}"


def _toward(corner: Point, other: Point) -> Point:
    """A place near a corner on the way to another."""
    far = math.dist(corner, other)
    share = min(_ROUND, far / 2) / far if far else 0.0
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def unrolled(node: Node, inner: Document | None, shape: NodeShape, near: bool) -> Markup:
    """The copies with what goes from one to the next."""
    rolled = places.rolled(node.make())
    levels = places.levels(rolled)
    copies, gaps = places.lie(rolled.steps)
    parts = [_buses(rolled, levels, copies), _states(rolled, levels, copies)]
    cell = picture_of(inner, places.PICTURE_ROOM) if inner is not None and near else None
    for copy in copies:
        box = levels.copy_box(copy)
        small = _small(cell) if cell is not None else ""
        label = words(f"t = {copy.t}", 8, 10, 11, "m b") if near else ""
        states = [
            joined(
                tag(
                    "rect",
                    x=26,
                    y=levels.states[k] - levels.copies - 6,
                    width=places.COPY - 38,
                    height=12,
                    rx=3,
                    class_="edge",
                ),
                words(cut(pair.output, 16, 10), 6, levels.states[k] - levels.copies, 10, "s"),
            )
            for k, pair in enumerate(rolled.states)
            if near
        ]
        frame = tag("rect", width=box.width, height=box.height, rx=7, class_="well")
        parts.append(tag("g", frame, label, small, states, transform=f"translate({box.x:g} {box.y:g})"))
    for gap in gaps if near else ():
        x, y = gap.left + gap.width / 2, levels.copies + places.TITLE + places.PICTURE / 2
        parts.append(words("⋯", x, y - 9, 18, "s b", "middle"))
        parts.append(words(f"{gap.last - gap.first + 1:,} more", x, y + 9, 10, "s", "middle"))
    if near:
        parts.append(_socket_names(shape))
    return joined(parts)


def _buses(rolled: places.Rolled, levels: places.Levels, copies: tuple[places.Copy, ...]) -> Markup:
    """Sequences: one line each, and from it one to each copy."""
    parts, bottom = [], levels.copies + levels.copy
    for place, y in enumerate(levels.feeds):
        ends = [places.stub(copy, place, len(levels.feeds)) for copy in copies]
        parts.append(_line(0, y, ends[-1], y))
        for x in ends:
            parts += [_line(x, y, x, bottom), _dot(x, y), _arrow_up(x, bottom + 3.5)]
    for place, y in enumerate(levels.gives):
        giving = copies[-1:] if rolled.gives[place][1] == "last" else copies
        ends = [places.stub(copy, place, len(levels.gives)) for copy in giving]
        parts.append(_line(ends[0], y, levels.width, y))
        for x in ends:
            parts += [_line(x, y, x, levels.copies), _dot(x, y)]
    return joined(parts)


def _states(rolled: places.Rolled, levels: places.Levels, copies: tuple[places.Copy, ...]) -> Markup:
    """What is carried from copy to copy, from the edge into the first, and out of the last."""
    parts = []
    rights = [0.0, *(copy.left + places.COPY for copy in copies)]
    lefts = [*(copy.left for copy in copies), levels.width]
    for y in levels.states:
        for place, (start, end) in enumerate(zip(rights, lefts, strict=True)):
            parts.append(_line(start, y, end, y, place == len(copies)))
            if place < len(copies):
                parts.append(_head(end - 4, y, 1))
    for place in range(len(rolled.backs)):
        y = levels.back(place)
        for before, after in itertools.pairwise(copies):
            parts += [_line(before.left + places.COPY, y, after.left, y, True), _head(after.left - 4, y, 1)]
    return joined(parts)


def _socket_names(shape: NodeShape) -> Markup:
    room = places.SIDE - 14.0
    ins = zip(shape.inputs, shape.input_rows, strict=True)
    outs = zip(shape.outputs, shape.output_rows, strict=True)
    return joined(
        (words(cut(name, room, 10), 9, y - 7.5, 10, "s") for name, y in ins),
        (words(cut(name, room, 10), shape.width - 9, y - 7.5, 10, "s", "end") for name, y in outs),
    )


def _small(cell: CellPicture) -> Markup:
    """The nodes of the cell as blocks in the colours of their families, and its wires."""
    return joined(
        (_line(x0, y0, x1, y1, classes="thin") for x0, y0, x1, y1 in cell.wires.tolist()),
        (
            tag("rect", x=x, y=y, width=w, height=h, rx=1, class_=f"far {family_class(family)}")
            for (x, y, w, h), family in zip(cell.rects.tolist(), cell.families, strict=True)
        ),
    )


def _line(x0: float, y0: float, x1: float, y1: float, dashed: bool = False, classes: str = "wire") -> Markup:
    dashes = "4 4" if dashed else None
    return tag("path", d=f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}", class_=classes, stroke_dasharray=dashes)


def _dot(x: float, y: float) -> Markup:
    return tag("circle", cx=x, cy=y, r=2.4, class_="joint")


def _head(x: float, y: float, way: int) -> Markup:
    """An arrowhead to the right (1) or left (−1)."""
    return tag("path", d=f"M{x + 4.5 * way:g} {y:g}l{-7.2 * way:g} -3.6v7.2z", class_="joint")


def _arrow_up(x: float, y: float) -> Markup:
    return tag("path", d=f"M{x:g} {y - 3.6:g}l-2.9 5.8h5.8z", class_="joint")


def _plate(text: str, x: float, y: float) -> Markup:
    """Words on a ground that hides the line behind them."""
    wide = width(text, 10) + 10
    ground = tag("rect", x=x - wide / 2, y=y - 7, width=wide, height=14, rx=5, class_="pill")
    return joined(ground, words(text, x, y, 10, "s", "middle"))
