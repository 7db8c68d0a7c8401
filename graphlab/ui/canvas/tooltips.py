"""What a tooltip says of the node, socket or wire under the pointer."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ...engine.messages import Tensor
from ...graph import Document
from .. import frame_edits, numbers, searching
from .draw_order import PARTS
from .live import Live
from .looks import LookBook
from .plates import title_of
from .scene import Key, Scene, SocketAt

if TYPE_CHECKING:
    from ...graph import Node
    from ..session import Session


def of_node(scene: Scene, looks: LookBook, live: Live, node_id: str) -> str:
    """Name, op, shape, statistics of the value and gradient, faults, and what is not well."""
    node, look = scene.document.nodes[node_id], looks.of(node_id)
    lines = [f"<b>{escape(node.name)}</b> · {escape(node.op)}"]
    if node.is_known:
        lines.append(escape(node.make().formula))
    facts = [look.result] if look.result else []
    count = looks.parameters(node_id)
    if count:
        facts.append(numbers.count(count, "parameter"))
    if facts:
        lines.append(escape(" · ".join(facts)))
    for title, tensor in (("value", live.value(scene, node_id)), ("gradient", live.grad(scene, node_id))):
        if tensor is not None:
            lines.append(f"{title}: {_statistics(tensor)}")
    if look.part:
        lines.append(escape(PARTS[look.part]))
    lines += [escape(line) for line in live.order_lines(node_id, look.order)]
    lines += [f"⚠ {escape(problem.message)} {escape(problem.hint)}" for problem in looks.problems(node_id)]
    for complaint in live.ailing.get(node_id, ()):
        lines.append(f"⚠ {escape(complaint.text)} {escape(complaint.hint)}")
        lines += [f"&nbsp;&nbsp;&nbsp;&nbsp;Right-click: {escape(str(fix))}" for fix in complaint.fixes]
    return "<br>".join(lines)


def of_searches(session: Session, node: str) -> str:
    """What is searched of it, a line each; "" for nothing."""
    return "".join(f"<br>searched: {escape(line)}" for line in searching.lines(session, node))


def _statistics(tensor: Tensor) -> str:
    stats = tensor.stats
    if stats.count == 1:
        return numbers.number(stats.mean)
    text = f"min {numbers.number(stats.low)}, mean {numbers.number(stats.mean)}, max {numbers.number(stats.high)}"
    return text + (f", {numbers.count(stats.bad, 'bad number')}" if stats.bad else "")


def of_link(address: str) -> str:
    """Where a link in a note leads, and how one gets there."""
    return f"{escape(address)}<br>Ctrl+click opens it."


def of_frame(session: Session, frame: str) -> str:
    """Title of a frame, and what lies in it."""
    found = session.document.frames[frame]
    return f"<b>{escape(title_of(found.title))}</b><br>{escape(frame_edits.summary(session, frame))}"


def of_socket(document: Document, looks: LookBook, socket: SocketAt) -> str:
    """Name, what is plugged in or owned, and the shape."""
    node = document.nodes[socket.node]
    lines = [f"<b>{escape(node.name)}.{escape(socket.name)}</b>"]
    if not socket.is_input:
        lines.append(escape(looks.shape_text(socket.node, socket.name)))
        return "<br>".join(line for line in lines if line)
    edge = document.edges.get((socket.node, socket.name))
    if edge is not None:
        lines.append(f"from {escape(document.nodes[edge.source].name)}.{escape(edge.output)}")
        lines.append(escape(looks.shape_text(edge.source, edge.output)))
    else:
        lines.append(escape(_unplugged(node, looks, socket)))
    return "<br>".join(line for line in lines if line)


def _unplugged(node: Node, looks: LookBook, socket: SocketAt) -> str:
    shape = looks.inference.learnables.get((socket.node, socket.name))
    if shape is not None:
        return f"its own parameter, {numbers.shape(shape)}"
    found = next((s for s in node.make().sockets() if s.name == socket.name), None) if node.is_known else None
    if found is not None and found.literal is not None:
        return f"holds {numbers.number(node.make().params[socket.name])} while nothing is plugged in"
    return "learnable" if found is not None and found.learnable else "not connected"


def of_wire(document: Document, looks: LookBook, key: Key) -> str:
    """Both ends, the shape, and why it does not fit if it does not."""
    edge = document.edges[key]
    source, target = document.nodes[edge.source], document.nodes[edge.target]
    lines = [f"{escape(source.name)}.{escape(edge.output)} → {escape(target.name)}.{escape(edge.input)}"]
    lines.append(escape(looks.shape_text(edge.source, edge.output)))
    problem = looks.misfit(*key)
    if problem is not None:
        lines.append(f"⚠ {escape(problem.message)} {escape(problem.hint)}")
    return "<br>".join(line for line in lines if line)
