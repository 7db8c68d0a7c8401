"""Groups as nodes: what they look like, their ports and names, one more use, menus, stepping through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.engine.messages import ScheduleEntry, Status
from graphlab.graph import Graph
from graphlab.graph.drawn.shapes import Form
from graphlab.ui.canvas.scene import Scene, SocketAt
from tests.ui.window_trial import PATIENCE, Make

from .conftest import Desk, grouped

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


# What it looks like


def shot(desk: Desk) -> QImage:
    return desk.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_a_group_says_how_much_is_inside_and_names_its_sockets(desk: Desk) -> None:
    look = desk.view.looks.of(grouped(desk, "hidden", "act"))
    assert look.shape.form is Form.GROUP
    assert look.shape.names_sockets(1)
    assert look.op == "2 nodes"
    assert (look.result, look.parameters) == ("N×16", "48 par.")
    desk.graph.set("cell", weights="shared")
    assert desk.view.looks.of(desk.id("cell")).parameters == "shared 48 par."


def test_a_group_tells_of_a_fault_inside(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    inside = desk.graph.inside("cell")
    inside.add("MatMul", "act", "act", name="product")  # N×16 by N×16
    assert "Inside, cell/product" in desk.view.looks.of(cell).fault
    desk.graph.undo()
    assert desk.view.looks.of(cell).fault == ""


def test_a_group_that_is_not_wired_needs_it_like_any_node(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.graph.disconnect("cell", "x")
    look = desk.view.looks.of(cell)
    assert (look.fault, look.needs) == ("", "needs x")
    desk.session.enter(cell)
    port = desk.view.looks.of(desk.id("x"))
    assert (port.fault, port.needs) == ("", "open outside")
    assert desk.view.looks.of(desk.id("hidden")).fault == ""


@pytest.mark.parametrize("zoom", [1.0, 0.5, 0.25])
def test_a_group_is_told_apart_without_colour_at_every_zoom(
    desk: Desk, zoom: float, each_theme: object
) -> None:
    """Below its card others stick out, which no plain node has."""
    cell = grouped(desk, "hidden", "act")
    desk.session.select(())
    desk.view.camera.set((40.0, 40.0, zoom))
    desk.view.camera_changed()
    QApplication.processEvents()
    picture = shot(desk)
    ground = picture.pixel(5, desk.view.height() // 2 + 3)

    def below(node: str) -> int:
        """How many pixels under the middle of a node's lower edge are not ground."""
        rect = desk.view.camera.screen_rect(desk.view.scene.rect(node))
        x, y = round(rect.center().x()), round(rect.bottom())
        return sum(picture.pixel(x, y + k) != ground for k in range(1, max(round(9 * zoom), 4)))

    assert below(cell) > below(desk.id("x"))


def test_the_value_in_a_group_is_that_of_its_first_output(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    act = f"{cell}/{desk.graph.inside('cell')['act'].id}"
    desk.view.look_again.start(0)
    QApplication.processEvents()
    QTest.qWait(20)
    assert (act, "y") in {(w.key.node, w.key.socket) for w in desk.session.watching if w.key.kind == "value"}


# Ports


def wire_from(desk: Desk, start: QPoint, end: QPoint, release: bool = True) -> None:
    desk.drag(start, end, release=release)


def inside_cell(desk: Desk) -> str:
    cell = grouped(desk, "hidden", "act")
    desk.session.enter(cell)
    desk.view.camera.set((120.0, 60.0, 0.7))
    desk.view.camera_changed()
    return cell


def test_ports_stand_level_with_what_they_serve(desk: Desk) -> None:
    inside_cell(desk)
    scene = desk.view.scene
    for port, node in (("x", "hidden"), ("y", "act")):
        assert scene.shape(desk.id(port)).is_port
        ends = [
            scene.socket_place(SocketAt(desk.id(n), s, is_input))
            for n, s, is_input in (
                (port, "y" if port == "x" else "x", port == "y"),
                (node, "y" if port == "y" else "x", port == "x"),
            )
        ]
        assert ends[0].y() == ends[1].y()


def test_f2_renames_a_port_and_the_socket_outside_with_its_wire(desk: Desk) -> None:
    cell = inside_cell(desk)
    desk.select("x")
    desk.key(Qt.Key.Key_F2)
    desk.type("features")
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Escape)
    assert desk.view.scene.shape(cell).inputs == ("features",)
    assert desk.session.document.inputs_of(cell)["features"].source == desk.id("x")
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.view.scene.shape(cell).inputs == ("x",)


def test_tabs_at_the_edges_show_inside_only(desk: Desk) -> None:
    left, right = desk.view.port_tabs.tabs
    assert left.isHidden()
    inside_cell(desk)
    assert left.isVisible()
    assert right.isVisible()
    assert left.x() == 0
    assert right.geometry().right() == desk.view.width() - 1
    desk.session.leave()
    assert left.isHidden()


def test_a_click_on_a_tab_adds_a_port_and_opens_its_name(desk: Desk) -> None:
    cell = inside_cell(desk)
    QTest.mouseClick(desk.view.port_tabs.tabs[0], Qt.MouseButton.LeftButton)
    assert desk.selected() == {"input"}
    desk.type("state")
    assert desk.session.whole.nodes[cell].params["takes"] == ("x", "state")
    rects = [desk.view.scene.rect(desk.id(name)) for name in ("x", "state")]
    assert rects[0].left() == rects[1].left()
    assert not rects[0].intersects(rects[1])


def test_a_wire_dropped_on_the_right_tab_becomes_an_output_of_the_group(desk: Desk) -> None:
    cell = inside_cell(desk)
    left, right = desk.view.port_tabs.tabs
    before = len(desk.graph.history)
    wire_from(desk, desk.output("hidden"), right.geometry().center(), release=False)
    assert right.width() > 24  # it opens towards the wire
    looked = desk.view.camera.state()
    QTest.qWait(60)
    assert desk.view.camera.state() == looked  # though at the edge, where a drag scrolls
    assert left.width() == 24
    desk.release(right.geometry().center())
    assert right.width() == 24
    assert desk.session.whole.nodes[cell].params["gives"] == ("y", "hidden y")
    assert desk.session.document.inputs_of(desk.id("hidden y"))["x"].source == desk.id("hidden")
    assert len(desk.graph.history) == before + 1
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.session.whole.nodes[cell].params["gives"] == ("y",)


def test_a_wire_dropped_on_the_left_tab_becomes_an_input_of_the_group(desk: Desk) -> None:
    cell = inside_cell(desk)
    left = desk.view.port_tabs.tabs[0]
    wire_from(desk, desk.input("hidden", "weight"), left.geometry().center())
    assert desk.session.whole.nodes[cell].params["takes"] == ("x", "weight")
    assert desk.session.document.inputs_of(desk.id("hidden"))["weight"].source == desk.id("weight")


def test_the_end_of_a_wire_that_is_moved_to_a_tab_leaves_where_it_was(desk: Desk) -> None:
    inside_cell(desk)
    right = desk.view.port_tabs.tabs[1]
    wire_from(desk, desk.input("act"), right.geometry().center())
    assert "x" not in desk.session.document.inputs_of(desk.id("act"))
    assert desk.session.document.inputs_of(desk.id("hidden y"))["x"].source == desk.id("hidden")


def test_a_tab_does_not_take_a_wire_of_the_other_kind(desk: Desk) -> None:
    inside_cell(desk)
    left = desk.view.port_tabs.tabs[0]
    wire_from(desk, desk.output("hidden"), left.geometry().center(), release=False)
    assert left.width() == 24
    desk.key(Qt.Key.Key_Escape)
    assert "hidden y" not in desk.graph


def test_a_wire_dropped_on_nothing_offers_a_port(desk: Desk) -> None:
    cell = inside_cell(desk)
    wire_from(desk, desk.output("hidden"), desk.pixel(300, 420))
    rows = desk.view.search.list
    assert "GroupOutput" in [rows.item(k).text() for k in range(9)]  # without typing or scrolling
    desk.search("group output")
    assert desk.session.whole.nodes[cell].params["gives"] == ("y", "hidden y")


def test_ports_are_offered_inside_a_group_only(desk: Desk) -> None:
    def found(text: str) -> list[str]:
        desk.view.add_at(QPointF(300, 300))
        QTest.keyClicks(desk.view.search.line, text)
        rows = desk.view.search.list
        listed = [rows.item(k).text() for k in range(rows.count())]
        desk.view.search.dismiss()
        return listed

    assert "GroupInput" not in found("group")
    assert "Group" not in found("group")
    inside_cell(desk)
    assert {"GroupInput", "GroupOutput"} <= set(found("group"))
    assert "Group" not in found("group")
    assert "cell" not in found("cell")  # it cannot contain itself


# One more use


def test_the_search_offers_the_groups_of_the_graph(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    desk.double_click(desk.pixel(300, 420))
    desk.search("cell")
    assert desk.selected() == {"cell2"}
    assert desk.session.document.node("cell2").params["definition"] == "g1"
    desk.key(Qt.Key.Key_Z, CTRL)
    assert "cell2" not in desk.graph


def test_a_wire_dropped_on_nothing_offers_a_group_where_it_fits(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    wire_from(desk, desk.output("x"), desk.pixel(300, 420))
    desk.search("cell")
    assert desk.session.document.inputs_of(desk.id("cell2"))["x"].source == desk.id("x")


def test_a_wire_that_the_group_cannot_take_is_no_good_at_its_socket(desk: Desk) -> None:
    """Inside stands a convolution, which wants images."""
    images = desk.graph.add("Input", name="images", shape=("N", 3, 8, 8), position=(0, 400))
    desk.graph.add("Conv2d", images, name="conv", position=(240, 400))
    grouped(desk, "conv", name="eye")
    desk.graph.disconnect("eye", "x")
    wire_from(desk, desk.output("x"), desk.input("eye"), release=False)
    gesture = desk.view.gesture
    assert "conv" in gesture.fitting.reason(gesture.target)
    desk.key(Qt.Key.Key_Escape)


def test_a_group_dragged_from_the_library_is_one_more_use(desk: Desk) -> None:
    from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

    grouped(desk, "hidden", "act")
    library = desk.window.docks.by_id["library"].content
    assert library.tree.op_names()[0] == "group:g1"
    assert library.tree.topLevelItem(0).text(0) == "Groups in this graph"
    data = library.tree.mime("group:g1")
    at, copy = desk.pixel(300, 420), Qt.DropAction.CopyAction
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, buttons, none)
    QApplication.sendEvent(desk.view, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(desk.view, QDragMoveEvent(at, copy, data, buttons, none))
    assert desk.view.ghost.rect.width() == desk.view.scene.rect(desk.id("cell")).width()
    QApplication.sendEvent(desk.view, QDropEvent(QPointF(at), copy, data, buttons, none))
    assert desk.session.document.node("cell2").params["definition"] == "g1"


def test_a_group_can_be_led_into_a_wire(desk: Desk) -> None:
    grouped(desk, "act", name="cell")
    desk.view.add_op("group:g1", (480.0, 400.0))
    start = desk.header("cell2")
    target = desk.wire("out", "x")
    off = desk.view.camera.screen_rect(desk.view.scene.rect(desk.id("cell2"))).center().toPoint() - start
    desk.drag(start, target - off)
    assert desk.session.document.inputs_of(desk.id("cell2"))["x"].source == desk.id("cell")
    assert desk.session.document.inputs_of(desk.id("out"))["x"].source == desk.id("cell2")


def test_an_unknown_group_is_not_dropped(desk: Desk) -> None:
    from PySide6.QtGui import QDragEnterEvent

    data = desk.window.docks.by_id["library"].content.tree.mime("group:g7")
    enter = QDragEnterEvent(
        desk.pixel(0, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(desk.view, enter)
    assert not enter.isAccepted()


# Menus


def test_the_context_menu_offers_what_makes_sense_for_a_group(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    titles = set(desk.menu(desk.header("cell")))
    assert {"Enter group", "Group", "Ungroup", "Mute", "Freeze"} <= titles
    assert "Make unique" not in titles
    desk.graph.add_use("g1", (0.0, 400.0))
    entries = desk.menu(desk.header("cell2"))
    entries["Make unique"].trigger()
    assert desk.session.document.node("cell2").params["definition"] == "g2"
    assert desk.session.whole.definitions["g2"].name == "cell2"
    desk.menu(desk.header("cell"))["Enter group"].trigger()
    assert desk.session.inside
    assert {"Go up", "Add group input", "Add group output"} <= set(
        desk.menu(QPoint(300, desk.view.height() - 30))
    )


def test_the_menu_of_the_window_has_groups_and_knows_when(desk: Desk) -> None:
    made = desk.window.actions_
    made.refresh()
    assert not made["graph.ungroup"].isEnabled()
    assert not made["graph.leave"].isEnabled()
    cell = grouped(desk, "hidden", "act")
    made.refresh()
    assert made["graph.ungroup"].isEnabled()
    assert not made["graph.make_unique"].isEnabled()
    made["graph.enter"].trigger()
    made.refresh()
    assert desk.session.inside == (cell,)
    assert made["graph.leave"].isEnabled()
    made["graph.add_output"].trigger()
    assert desk.selected() == {"output"}


# A group's own name


def test_a_group_that_is_used_once_is_renamed_with_its_node(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    desk.key(Qt.Key.Key_F2)
    desk.type("tower")
    assert desk.session.whole.definitions["g1"].name == "tower"
    desk.graph.add_use("g1", (0.0, 400.0))
    desk.select("tower")
    desk.key(Qt.Key.Key_F2)
    desk.type("left")
    assert desk.session.whole.definitions["g1"].name == "tower"


def test_stepping_lights_the_group_outside_and_the_node_inside(desk: Desk) -> None:
    def status(node: str) -> Status:
        return Status(1, "paused", 0, 0, 1, ScheduleEntry("forward", node))

    cell = grouped(desk, "hidden", "act")
    act = desk.graph.inside("cell")["act"].id
    desk.session.engine.status = status(f"{cell}/{act}")
    assert desk.view.live.lit == (cell, "forward")
    desk.session.enter(cell)
    assert desk.view.live.lit == (act, "forward")
    desk.session.leave()
    desk.session.engine.status = status(desk.id("out"))
    desk.session.enter(cell)
    assert desk.view.live.lit == ("", "forward")


def test_f10_steps_through_the_inside_of_a_group(make: Make, qtbot: Any) -> None:
    """With the engine at work: each press lights the next node; the sheet is left with the run, not before it came."""
    graph = Graph("real")
    x = graph.add("Input", name="x", shape=("N", 2), value=((1.0, 2.0), (3.0, 4.0)))
    act = graph.add("Tanh", graph.add("Linear", x, name="hidden", units=3), name="act")
    graph.add("Mean", act, name="goal")
    graph.group("hidden", "act", name="cell")
    desk = Desk(make(graph, engine=True))
    qtbot.waitUntil(lambda: bool(desk.session.schedule), timeout=PATIENCE)
    cell = desk.id("cell")
    desk.session.enter(cell)
    desk.window.activateWindow()
    desk.view.setFocus()
    lit, inside = [], desk.session.document
    for k in range(1, 5):
        desk.key(Qt.Key.Key_F10)
        qtbot.waitUntil(lambda k=k: desk.session.status.cursor == k, timeout=PATIENCE)
        lit.append(desk.view.live.lit[0])
    assert lit == ["", inside.node("hidden").id, inside.node("act").id, desk.id("goal")]
    assert desk.session.inside == ()
    desk.key(Qt.Key.Key_F10, SHIFT)
    qtbot.waitUntil(lambda: desk.session.status.cursor == 3, timeout=PATIENCE)
    assert desk.view.live.lit[0] == cell
    qtbot.waitUntil(lambda: desk.view.live.value(desk.view.scene, cell) is not None, timeout=PATIENCE)


def test_scenes_of_two_sheets_never_mix(desk: Desk) -> None:
    """Ids of a sheet's nodes are its own: the same id may name another node on another sheet."""
    cell = grouped(desk, "hidden", "act")
    for k in range(6):
        desk.session.leave() if k % 2 else desk.session.enter(cell)
        fresh = Scene()
        fresh.show(desk.session.document)
        assert desk.view.scene.ids == fresh.ids
        assert np.array_equal(desk.view.scene.rects, fresh.rects)
        assert np.array_equal(desk.view.scene.forms, fresh.forms)
        assert desk.view.scene.wires.ends == pytest.approx(fresh.wires.ends)


def test_a_message_does_not_cover_the_breadcrumb(desk: Desk) -> None:
    desk.session.enter(grouped(desk, "hidden", "act"))
    desk.session.notify("info", "Something to say.")
    QApplication.processEvents()
    strip = desk.window.stage.strip
    assert strip.isVisible()
    assert not strip.geometry().intersects(desk.view.crumb.geometry())


def test_a_node_in_a_group_cannot_be_what_training_makes_small(desk: Desk) -> None:
    assert desk.menu(desk.header("out"))["Train towards this"].isEnabled()
    desk.session.enter(grouped(desk, "hidden", "act"))
    assert not desk.menu(desk.header("act"))["Train towards this"].isEnabled()
