"""What a right click offers on a node, a wire, a note, a frame and the empty canvas."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtWidgets import QMenu

from .. import frame_edits, group_edits, marks, repeating, searching, watch_menu
from ..wanting import wanting_of
from ..widgets.search_mark import DRAWING
from ..windowed import can_play
from . import arranging, frame_menu, framing, goals, grouping, values_menu, wiring
from .entries import add_entry as _add
from .order_told import explain_order
from .plates import title_of
from .scene import Key

if TYPE_CHECKING:
    from .view import CanvasView


_MOST_LINKS, _LONGEST_LINK = 6, 60


def menu_at(view: CanvasView, screen: QPointF) -> QMenu:
    """The menu for what lies under a pixel; what is not selected is selected first."""
    world = view.camera.world(screen)
    menu = QMenu(view)
    item = view.item_under(world)
    if item and item not in view.session.selection:
        view.session.select({item})
    if item:
        _item(view, menu, item, screen)
    elif (wire := view.wire_under(world)) is not None:
        view.select_wire(wire)
        _wire(view, menu, wire, screen)
    else:
        _ground(view, menu, screen)
    return menu


def menu_of_selection(view: CanvasView) -> QMenu:
    """The menu for what is selected, wherever it lies."""
    menu = QMenu(view)
    chosen = view.session.selection
    item = next((i for i in chosen if i in view.scene.index), next(iter(chosen), ""))
    if item:
        _item(view, menu, item, view.camera.screen(view.scene.bounds([item]).center()))
    return menu


def _item(view: CanvasView, menu: QMenu, item: str, screen: QPointF) -> None:
    """What is offered for a node, note or frame."""
    if item in view.scene.index:
        _node(view, menu, item, screen)
    elif item in view.scene.boards.frames:
        _frames(view, menu, frame_edits.selected(view.session), screen)
    else:
        _note(view, menu, item, screen)


def _node(view: CanvasView, menu: QMenu, node: str, screen: QPointF) -> None:
    session = view.session
    if len(session.selection) == 1:
        view.mender.fill(menu, node)
        _add(menu, "Rename", "rename", view.rename_selected, "F2")
        _add(menu, "Wire from here …", "connect", lambda: wiring.start(view), "W")
        _add(menu, "Wire into here …", "", lambda: wiring.start(view, into=True), "Shift+W")
        _add(menu, "Run forward to here", "run-to-node", lambda: session.run_to(node, "forward"), "Ctrl+F10")
        _add(menu, "Run backward to here", "backward", lambda: session.run_to(node, "backward"))
        if session.explainer.can_ask_about(node):
            _add(menu, "Explain a number", "explain", lambda: session.explainer.ask_about(node), "Ctrl+E")
            _add(menu, "What if …", "what-if", lambda: session.supposing.ask_about(node), "Ctrl+Alt+D")
        if can_play(session, node):
            play = partial(session.command_wanted.emit, "tools.windows")
            _add(menu, "Play its windows", "windows", play, "Ctrl+Alt+P")
        if wanting_of(session).is_possible:
            _add(menu, "What does it want?", "wants", partial(session.command_wanted.emit, "tools.wants"))
        watch_menu.fill(menu, watch_menu.of_node(session, node))
        values_menu.fill(view, menu, node)
        can_be = (
            session.inference.goal != node and not session.inside
        )  # what is in a group may stand for several
        if not session.asking.obstacle(node):
            goals.fill(view, menu, node)
        _add(menu, "Train towards this", "train", lambda: view.make_goal(node), enabled=can_be)
        _add(menu, "Why this order?", "help", lambda: explain_order(view, node), "Ctrl+Shift+O")
        stops = (node, "forward") in session.breakpoints
        title = "Remove breakpoint" if stops else "Pause here"
        _add(menu, title, "breakpoint", lambda: session.toggle_breakpoint(node, "forward"))
        op = session.document.nodes[node].op
        _add(menu, f"What is {op}?", "help", lambda: session.help_requested.emit(op), "F1")
        menu.addSeparator()
    if len(session.selection) == 1 and searching.can_choose(session, node):
        spot = QRect(screen.toPoint(), QSize(1, 1))
        choose = partial(searching.ask, session, view, [searching.choice(session, node)], spot)
        _add(menu, "Search what stands here …", DRAWING, choose)
    _add(menu, "Replace by …", "replace", lambda: view.replace_selected(screen), "Ctrl+H")
    _grouping(view, menu)
    _around(view, menu, screen)
    arranging.fill(view, menu)
    menu.addSeparator()
    if session.seen.whole.goal:
        chosen = session.selection & session.document.nodes.keys()
        _add(menu, "Check gradients here", "gradient-check", lambda: session.checks.ask(chosen), "Ctrl+Alt+K")
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
    if grouping.can_group(view):
        _add(menu, "Group", "group", lambda: grouping.group(view), "Ctrl+G")
    if groups:
        _add(menu, "Ungroup", "ungroup", lambda: grouping.ungroup(view), "Ctrl+Shift+G")
        title = repeating.OFF if repeating.is_repeated(session) else repeating.ON
        _add(menu, title, "op-Unroll", lambda: session.attempt(repeating.toggle, session), "Shift+U")
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
    owned = session.new_weights.of_nodes(session.selection)
    if owned:
        new = session.new_weights
        _add(
            menu,
            "Re-initialise weights",
            "reset",
            lambda: session.attempt(new.draw_anew, owned, new.next_seed()),
        )


def _edit(view: CanvasView, menu: QMenu) -> None:
    _add(menu, "Cut", "cut", view.cut, "Ctrl+X")
    _add(menu, "Copy", "copy", view.copy, "Ctrl+C")
    _add(menu, "Duplicate", "duplicate", view.duplicate, "Ctrl+D")


def _around(view: CanvasView, menu: QMenu, screen: QPointF) -> None:
    _add(menu, "Put a frame around", "frame-around", lambda: framing.put_around(view, screen), "Ctrl+J")


def _frames(view: CanvasView, menu: QMenu, frames: list[str], screen: QPointF) -> None:
    """What is offered for the selected frames, and what may be selected with them."""
    frame_menu.fill(view, menu, frames)
    if grouping.can_group(view):
        _add(menu, "Group", "group", lambda: grouping.group(view), "Ctrl+G")
    _around(view, menu, screen)
    arranging.fill(view, menu)
    menu.addSeparator()
    _edit(view, menu)
    menu.addSeparator()
    if len(view.session.selection) > len(frames):
        _add(menu, "Delete", "delete", view.delete_selection, "Delete")
    frame_menu.fill_removal(view, menu, frames)


def _note(view: CanvasView, menu: QMenu, note: str, screen: QPointF) -> None:
    _add(menu, "Edit text", "edit", lambda: view.edit_note(note), "F2")
    _add(menu, "Fit to text", "fit", lambda: framing.fit_note(view, note))
    for link in view.picture.notes.leaf(note).links()[:_MOST_LINKS]:
        short = link if len(link) <= _LONGEST_LINK else f"{link[: _LONGEST_LINK - 1]}…"
        _add(menu, f"Open {short}".replace("&", "&&"), "connect", partial(view.open_link, link))
    _around(view, menu, screen)
    arranging.fill(view, menu)
    menu.addSeparator()
    _edit(view, menu)
    menu.addSeparator()
    _add(menu, "Delete", "delete", view.delete_selection, "Delete")


def _wire(view: CanvasView, menu: QMenu, wire: Key, screen: QPointF) -> None:
    view.mender.fill(menu, *wire)
    _add(menu, "Insert node …", "add", lambda: view.search_to_insert(wire, screen))
    world = view.camera.world(screen)
    _add(
        menu, "Add reroute point", "op-Reroute", lambda: grouping.add_point(view, wire, world), "double-click"
    )
    _add(menu, "Delete wire", "disconnect", view.delete_selection, "Delete")
    menu.addSeparator()
    explainer = view.session.explainer
    if explainer.can_ask_about_wire(*wire):
        _add(menu, "Explain what comes back", "explain", lambda: explainer.ask_about_wire(*wire))
    for title, run in watch_menu.of_wire(view.session, *wire):
        _add(menu, title, "watch", run)
    values_menu.fill_wire(view, menu, wire)


def _ground(view: CanvasView, menu: QMenu, screen: QPointF) -> None:
    document = view.session.document
    some = not document.is_empty
    _add(menu, "Add node …", "add", lambda: view.add_at(screen), "Shift+A")
    _add(menu, "Add note", "note", lambda: view.add_note(screen), "Ctrl+Shift+N")
    title = "Put a frame around the selection" if view.session.selection else "Add frame"
    _add(menu, title, "frame-around", lambda: framing.put_around(view, screen), "Ctrl+J")
    _add(menu, "Paste", "paste", lambda: view.paste(screen), "Ctrl+V", view.can_paste)
    if view.session.inside:
        menu.addSeparator()
        _add(menu, "Go up", "leave", lambda: grouping.leave(view), "Esc")
        _add(menu, "Add group input", "op-GroupInput", lambda: grouping.add_port(view, "port in"))
        _add(menu, "Add group output", "op-GroupOutput", lambda: grouping.add_port(view, "port out"))
    frame = view.scene.boards.frame_around(view.camera.world(screen))
    if frame:
        menu.addSeparator()
        within = menu.addMenu(marks.icon(document.frames[frame].colour), _named(document.frames[frame].title))
        frame_menu.fill(view, within, [frame])
        within.addSeparator()
        frame_menu.fill_removal(view, within, [frame])
    menu.addSeparator()
    _add(menu, "Select all", "select-all", view.select_all, "Ctrl+A", some)
    _add(menu, "Frame all", "frame", view.frame_all, "Home", some)
    _add(menu, "Tidy up", "tidy", view.tidy, "L", some)


def _named(title: str) -> str:
    """How a menu calls a frame."""
    return f"Frame “{title_of(title)}”".replace("&", "&&")
