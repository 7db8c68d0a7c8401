"""Nodes as SVG: cards with a header in the colour of their family, groups as stacks, ports, points, cells in time."""

from __future__ import annotations

import re
from enum import IntEnum

from ...graph.drawn.shapes import DOT, FOOTER, HEADER, PAD, RADIUS, Form
from ..icons import drawing
from ..markup import Markup, joined, tag
from .lettering import top_path, words
from .sheet import family_class
from .told import Told, count
from .unrolled import loops, unrolled
from .words import cut, width

_BAR, _ICON = 4.0, 16.0
_STEP, _INSET = 4.0, 6.0  # of the cards under a group
_RAIL, _OVER = 2.5, 6.0  # the two lines at the outer side of a port
_LINE = 14.0  # of settings in the body
_INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class Detail(IntEnum):
    """FAR: a rectangle, its name where there is room. MID: the name alone, large. NEAR: everything."""

    FAR = 0
    MID = 1
    NEAR = 2


def node(told: Told, detail: Detail, zoom: float) -> Markup:
    """A node at its place. zoom: pixels of a canvas unit, by which names keep their size."""
    x, y = told.node.position
    found = {Form.POINT: _point, Form.PORT_IN: _port, Form.PORT_OUT: _port}.get(told.shape.form, _card)
    return tag(
        "g", tag("title", _title(told)), found(told, detail, zoom), transform=f"translate({x:g} {y:g})"
    )


def _title(told: Told) -> str:
    """What a pointer or a screen reader is told."""
    parts = [f"{told.node.name}, {told.kind}"]
    parts += [f"{name} {value}" for name, value in told.settings]
    parts += [f"gives {told.result}"] if told.result else []
    parts += [count(told.parameters, "parameter")] if told.parameters else []
    parts += ["muted"] if told.node.muted else []
    parts += ["frozen"] if told.node.frozen else []
    return ", ".join(parts) + (f": {told.fault}" if told.fault else "")


def _card(told: Told, detail: Detail, zoom: float) -> Markup:
    shape, bad = told.shape, " bad" if told.fault else ""
    near = detail == Detail.NEAR
    head = HEADER if near else min(20 / zoom, shape.height * 0.55)
    parts = [
        _rect(0.5, 2.5, shape.width, shape.height, RADIUS, "shade") if near else "",
        _stack(told) if shape.form is Form.GROUP else "",
        _rect(0, 0, shape.width, shape.height, RADIUS, "body"),
        _head(told, head),
        loops(shape, told.node, near) if shape.form is Form.UNROLL else "",
        unrolled(told.node, told.inner, shape, near) if shape.form is Form.UNROLLED else "",
        _rect(0, 0, shape.width, shape.height, RADIUS, f"edge{bad}"),
    ]
    if near:
        parts += [_name(told), _body(told), _footer(told)]
    else:
        parts.append(_far_name(told, head, zoom, detail))
    if told.node.muted:
        parts.append(_muted(told))
    if near:
        parts += [_sockets(told), _chip(told)]
    if told.fault:
        parts.append(_mark(shape.height))
    return joined(parts)


def _head(told: Told, height: float) -> Markup:
    shape, r = told.shape, RADIUS
    family = family_class(told.category)
    top = top_path(0, 0, shape.width, height, r)
    side = f"M0 {height:g}V{r:g}A{r:g} {r:g} 0 0 1 {_BAR:g} {r - (r * r - (r - _BAR) ** 2) ** 0.5:.2f}V{height:g}Z"
    return joined(tag("path", d=top, class_=f"head {family}"), tag("path", d=side, class_=f"side {family}"))


def _stack(told: Told) -> Markup:
    """The cards below the front one of a group, the lowest first."""
    shape, family = told.shape, family_class(told.category)
    return joined(
        _rect(
            _INSET * layer,
            shape.height / 2,
            shape.width - 2 * _INSET * layer,
            shape.height / 2 + _STEP * layer,
            RADIUS - 2,
            f"card{layer} {family}",
        )
        for layer in (2, 1)
    )


def _name(told: Told) -> Markup:
    shape = told.shape
    frozen = 19.0 if told.node.frozen else 0.0
    room = shape.width - 41 - frozen
    same = told.node.name.rstrip("0123456789").lower() == told.kind.lower()
    left = room - width(told.node.name, 12, bold=True) - 8  # the name says what the icon cannot
    kind = "" if same or left < 24 else cut(told.kind, min(84.0, left), 11)
    beside = width(kind, 11) + 8 if kind else 0.0
    parts = [
        icon(told, 10, 6, _ICON),
        words(cut(told.node.name, room - beside, 12, bold=True), 31, HEADER / 2, 12, "b"),
        words(kind, shape.width - 10 - frozen, HEADER / 2, 11, "s", "end") if kind else "",
    ]
    if frozen:
        parts.append(_drawing("freeze", shape.width - 23, 6.5, 15, "icon cold"))
    return joined(parts)


def _body(told: Told) -> Markup:
    """What was set, where the canvas shows values."""
    shape = told.shape
    if shape.form is Form.UNROLLED or not told.settings:
        return Markup("")
    named = shape.names_sockets(len(shape.inputs))
    left = shape.left if named else 14.0
    right = shape.right if shape.names_sockets(len(shape.outputs)) else shape.width - 12
    most = int((shape.height - HEADER - FOOTER - PAD) // _LINE)
    shown = told.settings[: most if len(told.settings) <= most else most - 1]
    rows = [_setting(name, value, right - left) for name, value in shown]
    if len(shown) < len(told.settings):
        rows.append("…")
    top = HEADER + (shape.height - HEADER - FOOTER - _LINE * len(rows)) / 2 + _LINE / 2
    middle = (left + right) / 2
    return joined(words(row, middle, top + k * _LINE, 10.5, "s", "middle") for k, row in enumerate(rows))


def _setting(name: str, value: str, room: float) -> str:
    """ "units 32": where there is no room the name is cut, as the value is what one looks for."""
    short = cut(name, room - width(f" {value}", 10.5), 10.5)
    return f"{short} {value}" if short else cut(value, room, 10.5)


def _footer(told: Told) -> Markup:
    shape = told.shape
    y = shape.height - FOOTER / 2 - 1
    parameters = f"{told.parameters:,} par." if told.parameters else ""
    room = shape.width - 28 - (width(parameters, 10) + 8 if parameters else 0)
    result = cut(told.result, room, 10, mono=True)
    return joined(
        words(result, 14 if parameters else shape.width - 12, y, 10, "m s", "start" if parameters else "end")
        if result
        else "",
        words(parameters, shape.width - 12, y, 10, "s", "end") if parameters else "",
    )


def _far_name(told: Told, head: float, zoom: float, detail: Detail) -> Markup:
    """The name at a steady size on the page, below it the operation and the shape where there is room for them."""
    shape = told.shape
    px = min(max(11 / zoom, 12.0), shape.height * (0.45 if detail == Detail.MID else 0.6))
    room = shape.width - _BAR - 10
    fitting = px * room / max(width(told.node.name, px, bold=True), 1e-9)
    px = min(px, max(fitting, 0.6 * px))  # rather a little smaller than cut
    name = cut(told.node.name, room, px, bold=True)
    if len(name) < min(3, len(told.node.name)):
        return Markup("")
    parts = [words(name, _BAR + 5, head / 2, px, "b")]
    if detail == Detail.MID and shape.form is not Form.UNROLLED:
        small = max(9.5 / zoom, 11.0)
        below = (shape.height - head) / 2
        parts += [
            words(cut(told.kind, room, small), _BAR + 5, head + below * 0.6, small, "s"),
            words(
                cut(told.result, room, small * 0.9, mono=True),
                _BAR + 5,
                head + below * 1.4,
                small * 0.9,
                "m s",
            ),
        ]
    return joined(parts)


def _muted(told: Told) -> Markup:
    """Dims and hatches a node, and draws what passes straight through it."""
    shape = told.shape
    parts = [
        _rect(0, 0, shape.width, shape.height, RADIUS, "veil"),
        tag("rect", width=shape.width, height=shape.height, rx=RADIUS, fill="url(#gl-hatch)"),
    ]
    if told.passes:
        y = shape.input_at(told.passes)[1]
        parts += [
            tag("path", d=f"M0 {y:g}L{shape.width:g} {row:g}", class_="wire") for row in shape.output_rows
        ]
    return joined(parts)


def _chip(told: Told) -> Markup:
    """The part that a node has in the whole, on a small plate above its header."""
    if not told.part or told.shape.form is not Form.CARD:
        return Markup("")
    wide = width(told.part, 9, bold=True) + 12
    plate = _rect(8, -15, wide, 13, 4, f"chip {told.part}")
    return joined(plate, words(told.part, 8 + wide / 2, -8.5, 9, f"b chip {told.part}", "middle"))


def _sockets(told: Told) -> Markup:
    shape, parts = told.shape, []
    for name, y, owned in zip(shape.inputs, shape.input_rows, shape.owned, strict=True):
        on = " on" if name in told.wired else ""
        named = shape.names_sockets(len(shape.inputs))
        parts.append(_socket(0.0, y, owned, on))
        if named:
            parts.append(words(cut(name, max(shape.left - 12, 24.0), 10), 9, y, 10, "s"))
    for name, y in zip(shape.outputs, shape.output_rows, strict=True):
        parts.append(_socket(shape.width, y, False, " on" if name in told.used else ""))
        if shape.names_sockets(len(shape.outputs)):
            shown = cut(name, max(shape.width - shape.right - 12, 24.0), 10)
            parts.append(words(shown, shape.width - 9, y, 10, "s", "end"))
    return joined(parts)


def _socket(x: float, y: float, owned: bool, on: str) -> Markup:
    """A disc; a diamond where it owns a parameter while nothing is plugged in."""
    if not owned:
        return tag("circle", cx=x, cy=y, r=DOT - 0.8, class_=f"dot{on}")
    side = DOT - 0.5
    return tag(
        "path",
        d=f"M{x - side:g} {y:g}l{side:g} {-side:g} {side:g} {side:g} {-side:g} {side:g}z",
        class_=f"dot own{on}",
    )


def _port(told: Told, detail: Detail, zoom: float) -> Markup:
    """Round on the inner side, two lines at the outer."""
    shape, r = told.shape, RADIUS
    w, h = shape.width, shape.height
    is_in = shape.form is Form.PORT_IN
    body = (
        f"M0 0H{w - r:g}A{r:g} {r:g} 0 0 1 {w:g} {r:g}V{h - r:g}A{r:g} {r:g} 0 0 1 {w - r:g} {h:g}H0Z"
        if is_in
        else f"M{w:g} 0H{r:g}A{r:g} {r:g} 0 0 0 0 {r:g}V{h - r:g}A{r:g} {r:g} 0 0 0 {r:g} {h:g}H{w:g}Z"
    )
    x = 0.0 if is_in else w - _RAIL
    rails = [x, x + (2 if is_in else -2) * _RAIL]
    family = family_class(told.category)
    near = detail == Detail.NEAR
    px = 12.0 if near else min(max(10 / zoom, 12.0), h * 0.5)
    return joined(
        tag("path", d=body, class_="body" + (" bad" if told.fault else "")),
        (
            tag("rect", x=each, y=-_OVER, width=_RAIL, height=h + 2 * _OVER, class_=f"side {family}")
            for each in rails
        ),
        words(cut(told.node.name, w - 24, px, bold=True), 12, 18 if told.result and near else h / 2, px, "b"),
        words(cut(told.result, w - 24, 10, mono=True), 12, h - 16, 10, "m s") if told.result and near else "",
        _sockets(told) if near else "",
    )


def _point(told: Told, detail: Detail, zoom: float) -> Markup:
    """A disc in the colour of the wires."""
    x, y = told.shape.width / 2, told.shape.height / 2
    return joined(
        tag("circle", cx=x, cy=y, r=7, class_="joint"), tag("circle", cx=x, cy=y, r=2.2, class_="core")
    )


def _mark(height: float) -> Markup:
    """The sign of a fault."""
    return joined(
        tag("circle", cx=2, cy=height - 1, r=7.5, fill="#c9302c"),
        tag(
            "path",
            d=f"M2 {height - 5:g}v4.5M2 {height + 2.5:g}v.1",
            stroke="#fff",
            stroke_width=2,
            stroke_linecap="round",
        ),
    )


def icon(told: Told, x: float, y: float, side: float) -> Markup:
    """The drawing of a node's operation in the colour of its family."""
    return _drawing(told.drawing, x, y, side, f"icon {family_class(told.category)}")


def _drawing(name: str, x: float, y: float, side: float, classes: str) -> Markup:
    found = _INNER.search(drawing(name))
    inner = Markup(" ".join(found[1].split())) if found else Markup("")
    return tag("g", inner, class_=classes, transform=f"translate({x:g} {y:g}) scale({side / 20:g})")


def _rect(x: float, y: float, w: float, h: float, r: float, classes: str) -> Markup:
    return tag("rect", x=x, y=y, width=w, height=h, rx=r, class_=classes)
