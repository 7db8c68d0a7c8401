"""Keys that the canvas takes by itself, when it has the focus. All others belong to the window's actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ..shown_sample import shown_sample_of
from . import grouping, wiring

if TYPE_CHECKING:
    from .view import CanvasView

WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier
_NONE = Qt.KeyboardModifier.NoModifier


def press(view: CanvasView, event: QKeyEvent) -> bool:
    """Whether the key meant something here."""
    key, modifiers = Qt.Key(event.key()), event.modifiers() & ~_KEYPAD
    if view.gesture is not None and view.gesture.key(event):
        return True
    if key == Qt.Key.Key_Escape:
        return _escape(view)
    if key == Qt.Key.Key_Space and modifiers == _NONE:
        view.hold_space(True)
        return True
    if key in WAYS and (modifiers == _SHIFT or (modifiers == _NONE and view.selected_wires)):
        wiring.walk(view, WAYS[key])
        return True
    if key in WAYS and modifiers in (_NONE, _CONTROL):
        view.walk(WAYS[key], wires=modifiers == _CONTROL)
        return True
    if key == Qt.Key.Key_Up and modifiers == _ALT:
        return grouping.leave(view)
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and modifiers == _ALT:
        return view.folding.go_on(1 if key == Qt.Key.Key_Right else -1)
    if modifiers == _NONE and key == Qt.Key.Key_Tab:
        view.add_at_pointer()
        return True
    if modifiers == _NONE and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        view.delete_selection()
        return True
    if modifiers == _NONE and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return grouping.enter(view)
    if modifiers == _NONE and key == Qt.Key.Key_Menu:
        view.open_menu(wiring.place_of_selection(view))
        return True
    return False


def _escape(view: CanvasView) -> bool:
    """Takes back what is being dragged; else ends a layout under way; else ends the search; else goes back
    to the gradients of the loss, or to the batch; else lets go of the selection; else goes up to what the group
    stands in.

    One step at a time, so that nobody leaves a group who only wants to let go; Alt+Up goes up at once.
    """
    if view.gesture is not None:
        view.cancel_gesture()
    elif view.tidying.is_running:
        view.tidying.cancel()
    elif view.find_bar.isVisible():
        view.find_bar.close_up()
    elif view.session.asking.asked is not None:
        view.session.asking.leave()
    elif shown_sample_of(view.session).title:
        shown_sample_of(view.session).leave()
    elif view.session.selection or view.selected_wires:
        view.select_wires(())
        view.session.select(())
    else:
        return grouping.leave(view)
    return True
