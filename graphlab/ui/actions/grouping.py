"""Graph, continued: groups, and what is muted or frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import group_edits
from ..canvas import grouping
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def can_group(window: MainWindow) -> bool:
    return grouping.can_group(window.canvas)


def has_group(window: MainWindow) -> bool:
    return group_edits.has_group(window.session)


def one_group(window: MainWindow) -> bool:
    return group_edits.is_group(window.session, window.session.selected_node)


def is_inside(window: MainWindow) -> bool:
    return bool(window.session.inside)


def can_be_unique(window: MainWindow) -> bool:
    return group_edits.has_shared_group(window.session)


def has_wire(window: MainWindow) -> bool:
    return bool(window.canvas.selected_wires)


def can_mute(window: MainWindow) -> bool:
    return group_edits.can_have(window.session, "muted")


def is_muted(window: MainWindow) -> bool:
    return group_edits.is_flagged(window.session, "muted")


def can_freeze(window: MainWindow) -> bool:
    return group_edits.can_have(window.session, "frozen")


def is_frozen(window: MainWindow) -> bool:
    return group_edits.is_flagged(window.session, "frozen")


@action("graph.group", "Group", "Ctrl+G", when=can_group, icon="group", section="group")
def group(window: MainWindow) -> None:
    """Make the selected nodes one node, whose sockets are the wires that were cut"""
    grouping.group(window.canvas)


@action("graph.ungroup", "Ungroup", "Ctrl+Shift+G", when=has_group, icon="ungroup", section="group")
def ungroup(window: MainWindow) -> None:
    """Put the content of the selected groups in their place"""
    grouping.ungroup(window.canvas)


@action("graph.enter", "Enter group", "Return", when=one_group, icon="enter", section="group", here=False)
def enter(window: MainWindow) -> None:
    """See and edit what is inside the selected group"""
    grouping.enter(window.canvas)


@action("graph.leave", "Go up", "Esc", "Alt+Up", when=is_inside, icon="leave", section="group", here=False)
def leave(window: MainWindow) -> None:
    """Go back to what the group stands in"""
    grouping.leave(window.canvas)


@action("graph.make_unique", "Make unique", when=can_be_unique, icon="unique", section="group")
def make_unique(window: MainWindow) -> None:
    """Give the selected uses of a group one of their own, so that the others stay as they are"""
    group_edits.unique(window.session, group_edits.selected_groups(window.session))


@action("graph.add_input", "Add group input", when=is_inside, icon="op-GroupInput", section="group")
def add_input(window: MainWindow) -> None:
    """Give the group that you are in one more input"""
    grouping.add_port(window.canvas, "port in")


@action("graph.add_output", "Add group output", when=is_inside, icon="op-GroupOutput", section="group")
def add_output(window: MainWindow) -> None:
    """Give the group that you are in one more output"""
    grouping.add_port(window.canvas, "port out")


@action("graph.add_point", "Add reroute point", when=has_wire, icon="op-Reroute", section="flags")
def add_point(window: MainWindow) -> None:
    """Lead the selected wires through a point that you can move"""
    grouping.add_points(window.canvas)


@action("graph.mute", "Mute", "M", when=can_mute, icon="mute", section="flags", checked=is_muted)
def mute(window: MainWindow) -> None:
    """Leave the selected nodes out: what feeds their first input passes through"""
    group_edits.toggle(window.session, "muted")


@action(
    "graph.freeze", "Freeze", "Shift+F", when=can_freeze, icon="freeze", section="flags", checked=is_frozen
)
def freeze(window: MainWindow) -> None:
    """Keep the parameters of the selected nodes as they are while training"""
    group_edits.toggle(window.session, "frozen")
