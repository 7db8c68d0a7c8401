"""Groups by hand: made, entered, left, taken apart, used again; what the canvas shows on the way; undo of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.io import load
from graphlab.ui.canvas.inline import NameEditor
from graphlab.ui.inspector.parts import Elided

from .conftest import Desk, editor, grouped, nested

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


# Making one and taking it apart


def test_ctrl_g_makes_a_group_with_its_name_open_and_chosen(desk: Desk) -> None:
    desk.select("hidden", "act")
    desk.key(Qt.Key.Key_G, CTRL)
    assert desk.names() == {"x", "group", "out"}
    assert desk.selected() == {"group"}
    assert editor(desk).selectedText() == "group"
    desk.type("cell")
    assert desk.names() == {"x", "cell", "out"}
    assert desk.session.whole.definitions["g1"].name == "cell"
    node = desk.session.document.node("cell")
    assert (node.params["takes"], node.params["gives"]) == (("x",), ("y",))


def test_a_second_group_has_another_name_to_begin_with(desk: Desk) -> None:
    desk.select("act")
    desk.key(Qt.Key.Key_G, CTRL)
    desk.type("", Qt.Key.Key_Escape)
    desk.select("hidden")
    desk.key(Qt.Key.Key_G, CTRL)
    assert editor(desk).text() == "group2"


def test_undo_takes_back_the_name_and_then_the_group(desk: Desk) -> None:
    before = desk.session.document
    grouped(desk, "hidden", "act")
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.names() == {"x", "group", "out"}
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.session.document == before


def test_ctrl_shift_g_puts_the_content_back_and_selects_it(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    desk.key(Qt.Key.Key_G, CTRL | SHIFT)
    assert desk.names() == {"x", "hidden", "act", "out"}
    assert desk.selected() == {"hidden", "act"}
    assert not desk.session.whole.definitions
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.names() == {"x", "cell", "out"}


def test_what_cannot_be_a_group_is_told_at_the_node_that_is_in_the_way(desk: Desk) -> None:
    before = desk.session.document
    desk.select("hidden", "out")
    desk.key(Qt.Key.Key_G, CTRL)
    assert desk.session.document is before
    bubble = desk.view.bubble
    assert bubble.isVisible()
    assert "act" in bubble.text + bubble.hint
    node = desk.view.camera.screen_rect(desk.view.scene.rect(desk.id("act")))
    assert abs(bubble.x() - node.left()) < 60
    assert abs(bubble.y() - node.bottom()) < 60
    assert not [e for e in desk.view.findChildren(NameEditor) if e.isVisible()]


def test_the_ports_of_the_group_that_one_is_in_are_left_out_of_a_group(desk: Desk) -> None:
    desk.session.enter(grouped(desk, "hidden", "act"))
    desk.key(Qt.Key.Key_A, CTRL)
    desk.key(Qt.Key.Key_G, CTRL)
    desk.type("inner")
    assert desk.names() == {"x", "y", "inner"}
    assert desk.session.document.inputs_of(desk.id("inner"))["x"].source == desk.id("x")


# Going in and out


def test_return_enters_and_escape_goes_up_again(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.key(Qt.Key.Key_Return)
    assert desk.session.inside == (cell,)
    assert desk.names() == {"x", "hidden", "act", "y"}
    desk.key(Qt.Key.Key_Escape)
    assert desk.session.inside == ()
    assert desk.selected() == {"cell"}


def test_a_double_click_enters(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.double_click(desk.header("cell"))
    assert desk.session.inside == (cell,)
    desk.double_click(desk.header("hidden"))
    assert editor(desk).text() == "hidden"


def test_escape_first_ends_the_gesture_then_the_selection_then_goes_up(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.session.enter(cell)
    before = desk.session.document
    start = desk.header("hidden")
    desk.drag(start, start + QPoint(60, 40), release=False)
    desk.key(Qt.Key.Key_Escape)
    assert desk.view.gesture is None
    assert desk.session.document is before
    desk.release(start)
    assert desk.session.inside == (cell,)
    desk.select("hidden")
    desk.key(Qt.Key.Key_Escape)
    assert desk.session.inside == (cell,)
    assert not desk.session.selection
    desk.key(Qt.Key.Key_Escape)
    assert desk.session.inside == ()


def test_a_drag_that_is_under_way_has_done_nothing_when_another_sheet_comes(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    start = desk.header("out")
    desk.drag(start, start + QPoint(50, 30), release=False)
    whole = desk.session.whole
    desk.session.enter(cell)
    assert desk.view.gesture is None
    desk.move(start + QPoint(70, 50))
    desk.release(start + QPoint(70, 50))
    assert desk.session.whole is whole
    assert not desk.session.selection


def test_a_name_that_is_being_typed_is_kept_on_the_sheet_it_belongs_to(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.select("out")
    desk.key(Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "last")
    desk.session.enter(cell)
    QApplication.processEvents()
    assert "last" in desk.session.whole.ids_by_name
    assert desk.names() == {"x", "hidden", "act", "y"}


def test_each_sheet_is_framed_at_first_and_remembered_after(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    view = desk.view
    view.camera.set((-100.0, 30.0, 1.3))
    view.pan_by(0, 0)  # a hand looked there: all need not be shown any more
    desk.session.enter(cell)
    assert view.rect().contains(view.camera.screen_rect(view.scene.bounds()).toRect())
    view.camera.set((5.0, -20.0, 0.5))
    view.pan_by(0, 0)
    desk.session.leave()
    assert view.camera.state() == pytest.approx((-100.0, 30.0, 1.3))
    desk.session.enter(cell)
    assert view.camera.state() == pytest.approx((5.0, -20.0, 0.5))


def test_the_flight_into_a_group_begins_where_the_group_stood(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    view = desk.view
    stood = view.camera.screen_rect(view.scene.rect(cell))
    view.motion.enabled = True
    desk.session.enter(cell)
    assert view.motion.is_flying
    assert stood.adjusted(-2, -2, 2, 2).contains(view.camera.screen_rect(view.scene.bounds()))
    goal = view.motion.destination
    desk.session.leave()  # before it has arrived
    assert view.scene.rect(cell).width() * view.camera.zoom > 300  # close before the group
    desk.session.enter(cell)
    assert view.motion.destination == pytest.approx(goal)


def test_opening_another_document_forgets_where_one_looked(desk: Desk) -> None:
    desk.session.enter(grouped(desk, "hidden", "act"))
    other = Graph("other")
    other.add("Tanh", other.add("Input", name="x"), name="t")
    desk.session.open(other)
    QApplication.processEvents()
    view = desk.view
    assert desk.session.inside == ()
    assert view.crumb.isHidden()
    assert view.rect().contains(view.camera.screen_rect(view.scene.bounds()).toRect())


# Where one is


def test_the_breadcrumb_says_where_one_is_and_each_part_leads_there(desk: Desk) -> None:
    crumb = desk.view.crumb
    assert crumb.isHidden()
    outer, _ = nested(desk)
    assert crumb.isVisible()
    assert [part.text() for part in crumb.parts] == ["chain", "outer", "inner"]
    QTest.mouseClick(crumb.parts[1], Qt.MouseButton.LeftButton)
    assert desk.session.inside == (outer,)
    assert desk.selected() == {"inner"}
    QTest.mouseClick(crumb.parts[0], Qt.MouseButton.LeftButton)
    assert desk.session.inside == ()
    assert desk.selected() == {"outer"}
    assert crumb.isHidden()


def test_the_breadcrumb_follows_a_new_name(desk: Desk) -> None:
    nested(desk)
    desk.session.root.rename("outer", "tower")
    assert [part.text() for part in desk.view.crumb.parts] == ["chain", "tower", "inner"]


def test_the_breadcrumb_of_many_groups_leaves_out_those_in_the_middle(desk: Desk) -> None:
    names = ["hidden"]
    for k in range(6):
        grouped(desk, names[-1], name=f"g-{k}")
        names.append(f"g-{k}")
    path: tuple[str, ...] = ()
    for name in reversed(names[1:]):
        desk.session.enter(desk.id(name))
        path = desk.session.inside
    assert len(path) == 6
    assert [part.text() for part in desk.view.crumb.parts] == ["chain", "g-2", "g-1", "g-0"]
    QTest.mouseClick(desk.view.crumb.parts[1], Qt.MouseButton.LeftButton)
    assert desk.session.inside == path[:4]


def test_it_tells_how_many_uses_an_edit_changes_and_makes_this_one_unique(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.session.enter(cell)
    crumb = desk.view.crumb
    assert "used" not in " ".join(label.text() for label in crumb.findChildren(Elided) if label.isVisible())
    desk.session.root.add_use("g1", (300.0, 400.0))
    assert crumb.uses.isVisible()
    assert crumb.uses.text() == "used twice: edits change all"
    QTest.mouseClick(crumb.unique, Qt.MouseButton.LeftButton)
    assert desk.session.inside == (cell,)
    assert not crumb.uses.isVisible()
    desk.graph.set("hidden", units=9)
    units = [d.node("hidden").make().params["units"] for d in desk.session.whole.definitions.values()]
    assert sorted(units) == [9, 16]
    desk.graph.undo()
    desk.graph.undo()
    assert crumb.uses.text() == "used twice: edits change all"


def test_an_undo_that_takes_the_group_away_leads_out_of_it(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.session.enter(cell)
    desk.key(Qt.Key.Key_Z, CTRL)
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.session.inside == ()
    assert desk.names() == {"x", "hidden", "act", "out"}
    assert desk.view.crumb.isHidden()
    assert set(desk.view.scene.ids) == set(desk.session.document.nodes)


def test_saving_from_inside_saves_the_whole(desk: Desk, tmp_path: Path) -> None:
    desk.session.enter(grouped(desk, "hidden", "act"))
    path = tmp_path / "chain.graphlab"
    desk.window.files.choose_save = lambda start, kinds: str(path)
    desk.key(Qt.Key.Key_S, CTRL)
    graph, _ = load(path)
    assert set(graph.document.ids_by_name) == {"x", "cell", "out"}
    assert desk.session.inside
    assert not desk.session.is_modified


def test_a_window_closes_while_one_is_inside(desk: Desk) -> None:
    desk.session.enter(grouped(desk, "hidden", "act"))
    desk.window.files.ask = lambda name: "discard"
    desk.window.close()
    assert not desk.window.isVisible()


def test_esc_lets_go_before_it_goes_up_and_alt_up_goes_up_at_once(desk: Desk) -> None:
    group = grouped(desk, "hidden")
    for key, modifiers, ways in (
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, 2),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier, 1),
    ):
        desk.session.go_inside((group,))
        desk.select("hidden")
        for pressed in range(ways):
            assert desk.session.inside, pressed
            desk.key(key, modifiers)
        assert not desk.session.inside
