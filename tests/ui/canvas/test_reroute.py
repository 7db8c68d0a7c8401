"""Reroute points: put into a wire, moved, wired from and to, deleted; small discs that wires are led through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.graph.drawn.shapes import POINT, Form
from graphlab.ui.canvas.scene import SocketAt
from graphlab.ui.theme import theme

from .conftest import Desk

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def middle(desk: Desk, name: str = "reroute") -> QPoint:
    return desk.view.camera.screen_rect(desk.view.scene.rect(desk.id(name))).center().toPoint()


def rim(desk: Desk, way: int, name: str = "reroute") -> QPoint:
    """Beside a point, where a wire is pulled from: to the right, or with −1 to the left."""
    return middle(desk, name) + QPoint(way * 11, 0)


@pytest.fixture
def point(desk: Desk) -> Desk:
    """With a point in the wire from act to out."""
    desk.double_click(desk.wire("out", "x"))
    return desk


def test_a_double_click_on_a_wire_leads_it_through_a_point_there(desk: Desk) -> None:
    before, place = desk.session.document, desk.wire("out", "x")
    desk.double_click(place)
    assert desk.selected() == {"reroute"}
    document = desk.session.document
    assert document.inputs_of(desk.id("reroute"))["x"].source == desk.id("act")
    assert document.inputs_of(desk.id("out"))["x"].source == desk.id("reroute")
    assert (middle(desk) - place).manhattanLength() <= 2
    assert not desk.view.search.isVisible()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.session.document == before


def test_the_menu_of_a_wire_and_of_the_window_add_one(desk: Desk) -> None:
    desk.menu(desk.wire("act", "x"))["Add reroute point"].trigger()
    assert "reroute" in desk.graph
    desk.click(desk.wire("out", "x"))
    desk.window.actions_.refresh()
    desk.window.actions_["graph.add_point"].trigger()
    assert desk.session.document.inputs_of(desk.id("out"))["x"].source == desk.id("reroute2")


def test_it_is_small_and_both_its_wires_end_in_its_middle(point: Desk) -> None:
    scene, node = point.view.scene, point.id("reroute")
    shape, rect = scene.shape(node), scene.rect(node)
    assert shape.form is Form.POINT
    assert (rect.width(), rect.height()) == (POINT, POINT)
    assert 16 <= POINT <= 20
    for name, is_input in (("x", True), ("y", False)):
        assert scene.socket_place(SocketAt(node, name, is_input)) == rect.center()
    into, out = scene.wire_index[node, "x"], scene.wire_index[point.id("out"), "x"]
    assert scene.wires.ends[into, 2:].tolist() == scene.wires.ends[out, :2].tolist()


def test_the_shape_behind_it_is_that_before_it(point: Desk) -> None:
    looks = point.view.looks
    assert looks.shape_text(point.id("reroute"), "y") == looks.shape_text(point.id("act"), "y") == "N×16"
    look = looks.of(point.id("reroute"))
    assert (look.order, look.fault, look.needs) == (0, "", "")


def test_it_moves_by_its_middle_and_its_wires_along(point: Desk) -> None:
    start = middle(point)
    point.drag(start, start + QPoint(40, 160))
    assert (middle(point) - start - QPoint(40, 160)).manhattanLength() <= 2
    scene = point.view.scene
    k = scene.wire_index[point.id("out"), "x"]
    assert scene.wires.ends[k, :2].tolist() == list(scene.rect(point.id("reroute")).center().toTuple())
    point.key(Qt.Key.Key_Z, CTRL)
    assert (middle(point) - start).manhattanLength() <= 2


def test_wires_do_not_go_round_it(point: Desk) -> None:
    """A point that lies in the way leaves a wire straight; another node there does not."""
    graph, scene = point.graph, point.view.scene
    far = graph.add("Tanh", "x", name="far", position=(1200.0, 100.0))
    graph.move({n: (240.0 * k, 900.0) for k, n in enumerate(("hidden", "act", "out", "reroute"))})
    free = graph.add("Reroute", name="free", position=(670.0, 148.0))
    k = scene.wire_index[far.id, "x"]
    assert scene.rect(free.id).contains(scene.middle(k))
    assert np.isnan(scene.wires.lane[k])
    graph.add("Tanh", name="wall", position=(620.0, 100.0))
    assert not np.isnan(scene.wires.lane[scene.wire_index[far.id, "x"]])


def test_a_wire_is_pulled_from_its_right_rim(point: Desk) -> None:
    point.graph.add("Sigmoid", name="other", position=(720.0, 400.0))
    point.drag(rim(point, 1), point.input("other"))
    assert point.session.document.inputs_of(point.id("other"))["x"].source == point.id("reroute")
    assert len(point.session.document.consumers(point.id("reroute"))) == 2


def test_its_left_rim_takes_the_end_of_the_wire_that_enters(point: Desk) -> None:
    point.drag(rim(point, -1), point.pixel(500, 420))
    assert not point.session.document.inputs_of(point.id("reroute"))
    assert point.view.looks.of(point.id("reroute")).needs == "needs x"


def test_a_wire_can_be_dropped_on_it(point: Desk) -> None:
    point.drag(point.output("hidden"), middle(point))
    assert point.session.document.inputs_of(point.id("reroute"))["x"].source == point.id("hidden")


def test_delete_and_rejoin_closes_the_gap(point: Desk) -> None:
    point.key(Qt.Key.Key_Delete, CTRL | SHIFT)
    assert "reroute" not in point.graph
    assert point.session.document.inputs_of(point.id("out"))["x"].source == point.id("act")


def test_a_double_click_on_it_opens_its_name(point: Desk) -> None:
    point.double_click(middle(point))
    point.type("corner")
    assert "corner" in point.graph


def test_pointing_at_it_says_its_name_and_what_it_carries(point: Desk) -> None:
    point.session.select(())
    view = point.view
    area = view.camera.screen_rect(view.scene.rect(point.id("reroute"))).toRect().adjusted(-60, -40, 60, 10)
    before = view.grab(area).toImage()
    QTest.mouseMove(view, middle(point))
    view._hover(view._pointer(QPointF(middle(point)), Qt.KeyboardModifier.NoModifier))
    assert view.pointed_node == point.id("reroute")
    assert view.grab(area).toImage() != before
    assert "N×16" in view.tip_at(QPointF(middle(point)))


@pytest.mark.parametrize("zoom", [2.0, 1.0, 0.5, 0.25])
def test_it_is_seen_at_every_zoom(point: Desk, zoom: float, each_theme: object) -> None:
    view = point.view
    point.session.select(())
    rect = view.scene.rect(point.id("reroute"))
    centre = rect.center()
    view.camera.set((view.width() / 2 - centre.x() * zoom, view.height() / 2 - centre.y() * zoom, zoom))
    view.camera_changed()
    QApplication.processEvents()
    picture = view.grab(view.camera.screen_rect(rect).toRect().adjusted(-2, -2, 2, 2)).toImage()
    ground = theme().canvas.rgb()
    inked = [
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixel(x, y) != ground
    ]
    assert max(y for _, y in inked) - min(y for _, y in inked) >= max(POINT * zoom * 0.5, 4)


def test_the_sum_at_a_fan_out_goes_through_points(qtbot: Any) -> None:
    """A path that leads through a point tells its term like any other."""
    from graphlab.engine import infer
    from graphlab.engine.seen import Seen

    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    p = g.add("Reroute", x, name="p")
    a, b = g.add("Tanh", p, name="a"), g.add("Sigmoid", x, name="b")
    g.add("Add", a, b, name="sum")
    seen = Seen(infer(g), g.document)
    assert seen.consumers(p.id, "x") == [(a.id, "x")]


def test_a_point_is_walked_to_and_deleted_by_keyboard(point: Desk) -> None:
    point.select("act")
    point.key(Qt.Key.Key_Right, CTRL)
    assert point.selected() == {"reroute"}
    point.key(Qt.Key.Key_Delete)
    assert "reroute" not in point.graph
    assert not point.session.document.inputs_of(point.id("out"))
