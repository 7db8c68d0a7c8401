"""How large a node is and where its sockets sit, in canvas units. Depends on the op alone, so that nothing jumps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from ...ops import Op, Socket
from ..document import Document, Node
from ..rect import Rect
from . import unrolled

WIDTH = 160.0
HEADER = 28.0
PAD = 8.0
ROW = 18.0
VALUE = 44.0  # height of the live picture
GRAD = 12.0  # height of the gradient strip below it
FOOTER = 18.0
RADIUS = 9.0
DOT = 5.0  # radius of a socket
MIDDLE = HEADER + PAD + VALUE / 2  # where a single socket sits: a chain of nodes is a straight line
MARGIN = 14.0  # what sticks out of a node: badge, sockets, shadow
GROUP_WIDTH = 180.0  # all sockets of a group are named
UNROLL_WIDTH = 236.0
PORT_WIDTH, PORT_HEIGHT = 116.0, 56.0
_PORT_NAME, _PORT_VALUE = 24.0, 24.0  # heights within a port
POINT = 20.0  # a reroute point is a disc in a square of this side
CORE = 7.5  # within this of a point's middle one moves it; further out one draws a wire


class Form(IntEnum):
    """What a node looks like: a card, a stack of them, either port of a group, a point that a wire is led through;
    a cell with its loop, and its copies side by side.
    """

    CARD = 0
    GROUP = 1
    PORT_IN = 2
    PORT_OUT = 3
    POINT = 4
    UNROLL = 5
    UNROLLED = 6


_FORMS = {
    "group": Form.GROUP,
    "port in": Form.PORT_IN,
    "port out": Form.PORT_OUT,
    "wire": Form.POINT,
    "unroll": Form.UNROLL,
}


@dataclass(frozen=True)
class NodeShape:
    """Size, socket names and places relative to the node's top left corner."""

    width: float
    height: float
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_rows: tuple[float, ...]
    output_rows: tuple[float, ...]
    owned: tuple[bool, ...]  # per input: it owns a parameter while unplugged
    left: float  # where the value begins, right of the names of the inputs
    right: float  # where it ends
    form: Form = Form.CARD
    above: float = 0.0  # height of what is drawn over it: the loops of a cell

    @property
    def is_port(self) -> bool:
        return self.form in (Form.PORT_IN, Form.PORT_OUT)

    def names_sockets(self, count: int) -> bool:
        """Whether sockets, so many on a side, say their names beside them; unrolled, these stand on the lines."""
        return self.form in (Form.GROUP, Form.UNROLL) or (count > 1 and self.form is not Form.UNROLLED)

    @property
    def is_unroll(self) -> bool:
        return self.form in (Form.UNROLL, Form.UNROLLED)

    @property
    def value_box(self) -> Rect:
        """Where its value is pictured."""
        if self.is_port:
            return Rect(self.left, _PORT_NAME, self.right - self.left, _PORT_VALUE)
        return Rect(self.left, HEADER + PAD, self.right - self.left, VALUE)

    @property
    def grad_box(self) -> Rect:
        """The strip of its gradient, below the value."""
        if self.is_port:
            return Rect(self.left, _PORT_NAME + _PORT_VALUE, self.right - self.left, 0.0)
        return Rect(self.left, HEADER + PAD + VALUE + 4, self.right - self.left, GRAD)

    def input_at(self, socket: str) -> tuple[float, float]:
        x = self.width / 2 if self.form is Form.POINT else 0.0
        return x, self.input_rows[self.inputs.index(socket)]

    def output_at(self, output: str) -> tuple[float, float]:
        x = self.width / 2 if self.form is Form.POINT else self.width
        return x, self.output_rows[self.outputs.index(output)]


def shape_of(node: Node, document: Document) -> NodeShape:
    """The shape of a node. A node of an unknown op has the sockets that are wired."""
    if not node.is_known:
        ins = tuple(Socket(name) for name in document.inputs_of(node.id))
        outs = tuple(dict.fromkeys(edge.output for edge in document.consumers(node.id))) or ("y",)
        return _shape(ins, outs)
    return _shape_of_op(node.make())


@lru_cache(maxsize=4096)  # equal ops are one object
def _shape_of_op(op: Op) -> NodeShape:
    form = _FORMS.get(op.role, Form.CARD)
    if form is Form.POINT:
        return _small(op, form, POINT, POINT, 0.0)
    if form in (Form.PORT_IN, Form.PORT_OUT):
        return _small(op, form, PORT_WIDTH, PORT_HEIGHT, 14.0)
    if form is Form.UNROLL:
        return unrolled_shape(op) if op.params.get("drawn") == "unrolled" else folded_shape(op)
    return _shape(op.sockets(), op.results(), form)


def folded_shape(op: Op) -> NodeShape:
    """An Unroll node as a cell with its loop, whatever it says of itself."""
    found = unrolled.rolled(op)
    loops = len(found.states) + len(found.backs)
    return replace(_shape(op.sockets(), op.results(), Form.UNROLL), above=unrolled.LOOP * loops + 8.0)


def unrolled_shape(op: Op) -> NodeShape:
    """The same as copies side by side."""
    ins, outs = tuple(s.name for s in op.sockets()), op.results()
    rolled = unrolled.rolled(op)
    found, (left, right) = unrolled.levels(rolled), unrolled.rows(rolled, ins, outs)
    room = unrolled.SIDE - 4
    return NodeShape(
        found.width,
        found.height,
        ins,
        outs,
        left,
        right,
        (False,) * len(ins),
        room,
        found.width - room,
        Form.UNROLLED,
    )


def between(start: NodeShape, end: NodeShape, share: float) -> NodeShape:
    """The shape on the way from one drawing of a node to another of the same sockets; its copies come out, or go in."""

    def mix(a: float, b: float) -> float:
        return a + (b - a) * share

    return replace(
        end,
        form=Form.UNROLLED,
        width=mix(start.width, end.width),
        height=mix(start.height, end.height),
        input_rows=tuple(map(mix, start.input_rows, end.input_rows)),
        output_rows=tuple(map(mix, start.output_rows, end.output_rows)),
        above=0.0,
        left=mix(start.left, end.left),
        right=mix(start.right, end.right),
    )


def _small(op: Op, form: Form, width: float, height: float, margin: float) -> NodeShape:
    """What has at most one socket at either side, half way up."""
    ins, outs = tuple(s.name for s in op.sockets()), op.results()
    rows = (height / 2,)
    return NodeShape(
        width,
        height,
        ins,
        outs,
        rows * len(ins),
        rows * len(outs),
        (False,) * len(ins),
        margin,
        width - margin,
        form,
    )


def _shape(inputs: tuple[Socket, ...], outputs: tuple[str, ...], form: Form = Form.CARD) -> NodeShape:
    ins, outs = _input_rows(inputs), _spread(len(outputs))
    lowest = max((*ins, *outs, 0.0))
    height = max(HEADER + PAD + VALUE + 4 + GRAD + 2 + FOOTER, lowest + ROW / 2 + FOOTER - 2)
    wide = {Form.GROUP: GROUP_WIDTH, Form.UNROLL: UNROLL_WIDTH}
    width, least = (wide[form], 1) if form in wide else (WIDTH, 2)
    literal = 24.0 * any(s.literal is not None for s in inputs)
    left = _names_width([s.name for s in inputs], literal, least)
    right = width - _names_width(list(outputs), 0.0, least)
    return NodeShape(
        width,
        height,
        tuple(s.name for s in inputs),
        outputs,
        ins,
        outs,
        tuple(s.learnable for s in inputs),
        left,
        right,
        form,
    )


def _input_rows(sockets: tuple[Socket, ...]) -> tuple[float, ...]:
    """One data socket stands level with the output, its parameters below it; several are spread about that level."""
    if sockets and sockets[0].must_be_wired and not any(s.must_be_wired for s in sockets[1:]):
        return tuple(MIDDLE + k * ROW for k in range(len(sockets)))
    return _spread(len(sockets))


def _spread(count: int) -> tuple[float, ...]:
    top = max(MIDDLE - (count - 1) / 2 * ROW, HEADER + PAD + ROW / 2)
    return tuple(top + k * ROW for k in range(count))


def _names_width(names: list[str], more: float, least: int) -> float:
    """The room that the names of the sockets take; fewer than `least` are not named."""
    if len(names) < least:
        return 14.0
    return min(16.0 + 5.6 * max(len(n) for n in names) + more, 62.0)
