"""Why a node is computed when it is: said in a bubble beside it; what it waits for is lit, done or not yet.

Forward it waits for what feeds it, backward for the terms of all that it feeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from ...engine.inference import Inference
from ...engine.ordering import place_of
from ..theme import theme
from .camera import Camera
from .draw_frame import ring
from .ink import take_pen
from .scene import Scene

if TYPE_CHECKING:
    from ..progress import Progress
    from .commands import Commands

MOST = 4  # names that are spelt out
_SIDE = 8.0  # half of a sign, in pixels


class Awaited(NamedTuple):
    """What a node of the sheet waits for in a phase: nodes of the sheet, and whether each is done."""

    phase: str
    nodes: dict[str, bool]


def explain_order(view: Commands, node: str) -> None:
    """Says why a node of the sheet stands where it stands in the order of computing."""
    session = view.session
    key, whole, progress = session.seen.key(node), session.seen.whole, session.progress
    if key not in whole.nodes:
        return
    view.reveal(node)
    back = progress.phase in ("backward", "update") and progress.place(key, "backward") >= 0
    document = session.document
    edges = document.consumers(node) if back else document.inputs_of(node).values()
    view.select_wires((edge.target, edge.input) for edge in edges)
    why, where = told(whole, key)
    if behind := told_backward(whole, progress, key):
        why = f"{why} {behind}"
    keys = terms_of(whole, progress, key) if back else feeds_of(whole, key)
    phase = "backward" if back else "forward"
    done = {k: progress.is_done(k, phase) for k in keys}
    if progress.is_under_way and done:
        where = "\n".join([*_states(whole, done), where])
    awaited = Awaited(phase, {})
    for k, is_done in done.items():
        if here := session.seen.here(k):  # of a group, all that is waited for in it
            awaited.nodes[here] = awaited.nodes.get(here, True) and is_done
    corner = view.camera.screen_rect(view.scene.rect(node)).bottomLeft()
    view.bubble.say(corner.toPoint(), why, where, about=awaited, calm=True)
    view.update()


def told(whole: Inference, key: str) -> tuple[str, str]:
    """The same in words: why there, and where else it could stand."""
    order = whole.order
    place = place_of(whole.nodes, order, key)
    number = {k: at for at, k in enumerate(order, 1)}
    name = whole.nodes[key].path
    named = _named([f"{whole.nodes[k].path} ({number[k]})" for k in place.waits_for])
    why = f"it waits for {named}." if named else "nothing feeds it, so it waits for nothing."
    if place.earliest == place.latest:
        where = "It can stand nowhere else."
    else:
        where = f"Any place from {place.earliest} to {place.latest} would do, with the same numbers."
    return f"{name} is number {place.number} of {len(order)}: {why}", where


def told_backward(whole: Inference, progress: Progress, key: str) -> str:
    """Why its turn backward is when it is; "" where it has none, or where nothing is compiled yet."""
    at = progress.place(key, "backward")
    if at < 0:
        return ""
    if key == whole.goal:
        return f"Backward it is number {at + 1}: the goal comes first, its gradient is 1."
    waits = [
        f"{whole.nodes[k].path} ({progress.place(k, 'backward') + 1})" for k in terms_of(whole, progress, key)
    ]
    return f"Backward it is number {at + 1}: it waits for the gradient from {_named(waits)}."


def feeds_of(whole: Inference, key: str) -> list[str]:
    """The nodes whose values it reads, each once."""
    return list(dict.fromkeys(k for k, _ in whole.nodes[key].inputs.values() if k in whole.nodes))


def terms_of(whole: Inference, progress: Progress, key: str) -> list[str]:
    """The nodes that send it a term of its gradient, in the order in which they do."""
    found = [k for k in whole.basis.flat.consumers(key) if progress.place(k, "backward") >= 0]
    return sorted(found, key=lambda k: progress.place(k, "backward"))


def _named(waits: list[str]) -> str:
    more = len(waits) - MOST
    return ", ".join(waits[-MOST:]) + (f" and {more} more" if more > 0 else "")


def _states(whole: Inference, done: dict[str, bool]) -> list[str]:
    """A line for each node it waits for; of many, first those that are missing."""
    lines = [
        (is_done, f"{'✓' if is_done else '○'} {whole.nodes[k].path}: {'done' if is_done else 'not yet'}")
        for k, is_done in done.items()
    ]
    lines.sort(key=lambda line: line[0])
    more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [line for _, line in lines[:MOST]] + more


def draw_awaited(painter: QPainter, camera: Camera, scene: Scene, awaited: Awaited) -> None:
    """Around what is waited for: a ring with a tick where it is done, a dotted one with a hollow dot where it is not.

    `painter` is in screen units.
    """
    colour = theme().phase(awaited.phase)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for node, is_done in awaited.nodes.items():
        if node not in scene.index:
            continue
        rect = camera.screen_rect(scene.rect(node)).adjusted(-5, -5, 5, 5)
        ring(painter, rect, colour, 2.0, 1.0, not is_done)
        _sign(painter, rect.bottomRight(), is_done)


def _sign(painter: QPainter, at: QPointF, is_done: bool) -> None:
    now = theme()
    colour = now.good if is_done else now.warning
    take_pen(painter, colour, 1.6)
    painter.setBrush(now.panel)
    painter.drawEllipse(at, _SIDE, _SIDE)
    if is_done:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline([at + QPointF(-3.5, 0.5), at + QPointF(-1, 3), at + QPointF(3.8, -3)])
    else:
        painter.drawEllipse(QRectF(at.x() - 2, at.y() - 2, 4, 4))
