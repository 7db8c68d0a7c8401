"""What lies under a press decides what the hand is about to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ..asking import element_under
from ..detail import Detail
from ..frame_parts import Part, note_side
from .ask import Ask, AskWire
from .band import Band
from .click_fix import ClickFix
from .connect import Connect
from .cut import Cut
from .follow_link import FollowLink
from .gesture import Gesture, Pointer
from .move import Move
from .pan import Pan
from .plot import Plot
from .resize import Resize
from .scrub import Scrub, grip_under
from .unroll import on_unroll

if TYPE_CHECKING:
    from ..view import CanvasView

_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier


def begin(view: CanvasView, button: Qt.MouseButton, at: Pointer) -> Gesture | None:
    """The gesture that a press starts; None when it starts none."""
    if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and view.space_is_down):
        return Pan(view, at)
    if button == Qt.MouseButton.RightButton:
        return Cut(view, at) if at.has(_CONTROL) else None
    if button != Qt.MouseButton.LeftButton:
        return None
    chip = view.mender.chip_at(at.screen)
    if chip is not None:
        return ClickFix(view, at, chip)
    socket = view.socket_under(at.world) if view.detail > Detail.FAR else None
    if socket is not None:
        return Connect(view, at, socket)
    part = view.frame_under(at.world)
    if part is not None and part.over:
        return _on_frame(view, at, part)
    found = _on_item(view, at) or _on_wire(view, at) or _on_note(view, at)
    return found or (Band(view, at) if part is None else _on_frame(view, at, part))


def _on_item(view: CanvasView, at: Pointer) -> Gesture | None:
    node = view.node_under(at.world)
    if not node:
        return None
    if at.has(_CONTROL) and at.has(_SHIFT):
        return Plot(view, at, node)
    used = on_unroll(view, at)
    if used is not None:
        return used
    grip = grip_under(view, at) if at.has(_ALT) else None
    if grip is not None:
        return Scrub(view, at, *grip)
    asked = element_under(view, at.world) if at.has(_CONTROL) else None
    return Ask(view, at, asked) if asked is not None else Move(view, at, node)


def _on_wire(view: CanvasView, at: Pointer) -> Gesture | None:
    wire = view.wire_under(at.world)
    if wire is None:
        return None
    view.select_wire(wire, at.has(_SHIFT))
    is_asked = at.has(_CONTROL) and view.session.explainer.can_ask_about_wire(*wire)
    return AskWire(view, at, wire) if is_asked else Gesture(view, at)


def _on_note(view: CanvasView, at: Pointer) -> Gesture | None:
    note = view.scene.note_at(at.world)
    if not note:
        return None
    side = note_side(view, note, at.world)
    if side != (0, 0):
        return Resize(view, at, note, side)
    if at.has(_CONTROL) and (address := view.link_under(at.world)):
        return FollowLink(view, at, address)
    return Move(view, at, note)


def _on_frame(view: CanvasView, at: Pointer, part: Part) -> Gesture:
    return Move(view, at, part.frame) if part.side == (0, 0) else Resize(view, at, part.frame, part.side)
