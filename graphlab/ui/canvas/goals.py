"""What a node's menu offers about gradients: of it, of one of its elements, of the sum of all, and back to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from .entries import add_entry as _add

if TYPE_CHECKING:
    from .view import CanvasView


def fill(view: CanvasView, menu: QMenu, node: str) -> None:
    """The entries for a node on the sheet that has a gradient."""
    session = view.session
    asking = session.asking
    if not asking.axes(node):
        _add(
            menu,
            "Gradients of this",
            "differentiate",
            lambda: session.attempt(asking.ask, node),
            "Ctrl+Alt+D",
        )
    else:
        _add(menu, "Gradients of an element …", "differentiate", asking.wanted.emit, "Ctrl+Alt+D")
        _add(
            menu,
            "Gradients of the sum of all",
            "differentiate",
            lambda: session.attempt(asking.ask, node, "", None),
        )
    if asking.asked is not None:
        _add(menu, asking.way_back, "loss", asking.leave, "Esc")
