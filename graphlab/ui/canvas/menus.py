"""What a right click offers on a node, a wire, a note and the empty canvas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from .. import group_edits, icons
from . import grouping
from .scene import Key

if TYPE_CHECKING:
    from .view import CanvasView


def menu_at(view: CanvasView, screen: QPointF) -> QMenu:
    """The menu for what lies under a pixel; what is not selected is selected first."""
    world = view.camera.world(screen)
    menu = QMenu(view)
    item = view.node_under(world) or ("" if view.wire_under(world) else view.scene.note_at(world))
    if item and item not in view.session.selection:
        view.session.select({item})
    if item in view.scene.index:
        _node(view, menu, item, screen)
    elif item:
        _note(view, menu, item)
    elif (wire := view.wire_under(world)) is not None:
        view.select_wire(wire)
        _wire(view, menu, wire, screen)
    else:
        _ground(view, menu, screen)
    return menu


def _add(
    menu: QMenu, title: str, icon: str, run: Callable[[], object], keys: str = "", enabled: bool = True
) -> None:
    """`keys` is only told: the shortcut itself belongs to the window's action."""
    action = menu.addAction(f"{title}\t{keys}" if keys else title)
    if icon:
        action.setIcon(icons.icon(icon))
    action.setEnabled(enabled)
    action.triggered.connect(lambda *_: run())


def _node(view: CanvasView, menu: QMenu, node: str, screen: QPointF) -> None:
    session = view.session
    if len(session.selection) == 1:
        view.mender.fill(menu, node)
        _add(menu, "Rename", "rename", view.rename_selected, "F2")
        _add(menu, "Run forward to here", "run-to-node", lambda: session.run_to(node, "forward"), "Ctrl+F10")
        _add(menu, "Run backward to here", "backward", lambda: session.run_to(node, "backward"))
        if session.explainer.can_ask_about(node):
            _add(menu, "Explain a number", "explain", lambda: session.explainer.ask_about(node), "Ctrl+E")
        can_be = (
            session.inference.goal != node and not session.inside
        )  # what is in a group may stand for several
        _add(menu, "Train towards this", "train", lambda: view.make_goal(node), enabled=can_be)
        stops = (node, "forward") in session.breakpoints
        title = "Remove breakpoint" if stops else "Pause here"
        _add(menu, title, "breakpoint", lambda: session.toggle_breakpoint(node, "forward"))
        menu.addSeparator()
    _add(menu, "Replace by …", "replace", lambda: view.replace_selected(screen), "Ctrl+H")
    _grouping(view, menu)
    menu.addSeparator()
    _edit(view, menu)
    menu.addSeparator()
    _add(menu, "Delete and rejoin", "", view.delete_and_rejoin, "Ctrl+Shift+Delete")
    _add(menu, "Delete", "delete", view.delete_selection, "Delete")


def _grouping(view: CanvasView, menu: QMenu) -> None:
    """Groups, muted, frozen: what of it makes sense for the selection."""
    session = view.session
    groups = group_edits.selected_groups(session)
    if len(groups) == 1:
        _add(menu, "Enter group", "enter", lambda: grouping.enter(view, groups[0]), "Return")
    if group_edits.can_group(session):
        _add(menu, "Group", "group", lambda: grouping.group(view), "Ctrl+G")
    if groups:
        _add(menu, "Ungroup", "ungroup", lambda: grouping.ungroup(view), "Ctrl+Shift+G")
    shared = [i for i in groups if group_edits.times_used_by(session, i) > 1]
    if shared:
        _add(menu, "Make unique", "unique", lambda: session.attempt(group_edits.unique, session, shared))
    for flag, do, undo, icon, keys in (
        ("muted", "Mute", "Unmute", "mute", "M"),
        ("frozen", "Freeze", "Thaw", "freeze", "Shift+F"),
    ):
        if group_edits.can_have(session, flag):
            title = undo if group_edits.is_flagged(session, flag) else do
            _add(menu, title, icon, partial(session.attempt, group_edits.toggle, session, flag), keys)


def _edit(view: CanvasView, menu: QMenu) -> None:
    _add(menu, "Cut", "cut", view.cut, "Ctrl+X")
    _add(menu, "Copy", "copy", view.copy, "Ctrl+C")
    _add(menu, "Duplicate", "duplicate", view.duplicate, "Ctrl+D")


def _note(view: CanvasView, menu: QMenu, note: str) -> None:
    _add(menu, "Edit text", "edit", lambda: view.edit_note(note))
    _edit(view, menu)
    menu.addSeparator()
    _add(menu, "Delete", "delete", view.delete_selection, "Delete")


def _wire(view: CanvasView, menu: QMenu, wire: Key, screen: QPointF) -> None:
    view.mender.fill(menu, *wire)
    explainer = view.session.explainer
    if explainer.can_ask_about_wire(*wire):
        _add(menu, "Explain what comes back", "explain", lambda: explainer.ask_about_wire(*wire))
    _add(menu, "Insert node …", "add", lambda: view.search_to_insert(wire, screen))
    world = view.camera.world(screen)
    _add(
        menu, "Add reroute point", "op-Reroute", lambda: grouping.add_point(view, wire, world), "double-click"
    )
    _add(menu, "Delete wire", "disconnect", view.delete_selection, "Delete")


def _ground(view: CanvasView, menu: QMenu, screen: QPointF) -> None:
    some = bool(view.session.document.nodes or view.session.document.notes)
    _add(menu, "Add node …", "add", lambda: view.add_at(screen), "Shift+A")
    _add(menu, "Add note", "note", lambda: view.add_note(screen))
    _add(menu, "Paste", "paste", lambda: view.paste(screen), "Ctrl+V", view.can_paste)
    if view.session.inside:
        menu.addSeparator()
        _add(menu, "Go up", "leave", lambda: grouping.leave(view), "Esc")
        _add(menu, "Add group input", "op-GroupInput", lambda: grouping.add_port(view, "port in"))
        _add(menu, "Add group output", "op-GroupOutput", lambda: grouping.add_port(view, "port out"))
    menu.addSeparator()
    _add(menu, "Select all", "select-all", view.select_all, "Ctrl+A", some)
    _add(menu, "Frame all", "frame", view.frame_all, "Home", some)
    _add(menu, "Tidy up", "tidy", view.tidy, "L", some)
