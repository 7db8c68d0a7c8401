"""Keys that the canvas takes by itself, when it has the focus. All others belong to the window's actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from . import grouping, menus

if TYPE_CHECKING:
    from .view import CanvasView

_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_NONE = Qt.KeyboardModifier.NoModifier


def press(view: CanvasView, event: QKeyEvent) -> bool:
    """Whether the key meant something here."""
    key, modifiers = Qt.Key(event.key()), event.modifiers() & ~_KEYPAD
    if key == Qt.Key.Key_Escape:
        return _escape(view)
    if key == Qt.Key.Key_Space and modifiers == _NONE:
        view.hold_space(True)
        return True
    if key in _WAYS and modifiers in (_NONE, _CONTROL):
        view.walk(_WAYS[key], wires=modifiers == _CONTROL)
        return True
    if modifiers == _NONE and key == Qt.Key.Key_Tab:
        view.add_at_pointer()
        return True
    if modifiers == _NONE and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        view.delete_selection()
        return True
    if modifiers == _NONE and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return grouping.enter(view)
    if modifiers == _NONE and key == Qt.Key.Key_Menu:
        view.open_menu(_menu_place(view))
        return True
    return False


def _menu_place(view: CanvasView) -> QPointF:
    """At the one thing that is selected, if it can be seen and touched there; else at the pointer."""
    (item,) = view.session.selection if len(view.session.selection) == 1 else ("",)
    rect = view.scene.bounds([item])
    plate = view.picture.frames.plates.at(view.camera.zoom).get(item)
    handle = rect.topLeft() + QPointF(20, 14) if plate is None else plate.rect.center()
    place = view.camera.screen(handle)
    is_there = item and view.rect().contains(place.toPoint()) and menus.item_under(view, handle) == item
    return place if is_there else view.pointer_or_middle()


def _escape(view: CanvasView) -> bool:
    """Takes back what is being dragged; else ends a layout under way; else ends the search; else lets go of the
    selection; else goes up to what the group stands in.
    """
    if view.gesture is not None:
        view.cancel_gesture()
    elif view.tidying.is_running:
        view.tidying.cancel()
    elif view.find_bar.isVisible():
        view.find_bar.close_up()
    elif view.session.selection or view.selected_wires:
        view.select_wires(())
        view.session.select(())
    else:
        return grouping.leave(view)
    return True
