"""A term of an explanation that is pointed at lights up its elements on their nodes and wires; a click goes there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest

from graphlab.engine.messages import Tensor, TensorKey
from graphlab.graph import Graph
from graphlab.ops.explanation import Origin
from graphlab.ui.canvas.asking import element_under, in_filters, in_value
from graphlab.ui.canvas.pointing import place_in_filters, place_in_strip, place_in_value
from graphlab.ui.widgets.stats_line import stats_of
from graphlab.ui.widgets.term_tree import PLACE, TERM
from tests.cases.walking import Walk
from tests.ui.window_trial import Make

from .conftest import CTRL, LEFT, NONE

ROOM = QRectF(0, 0, 120, 44)


def tensor(*shape: int) -> Tensor:
    values = np.arange(1, 1 + np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    return Tensor(TensorKey("value", "n", "y"), values.shape, "float32", True, stats_of(values), values)


@pytest.mark.parametrize(("shape", "picture"), [((3, 4), False), ((2, 3, 4), False), ((5,), False)])
def test_an_element_lies_where_it_is_found(shape: tuple[int, ...], picture: bool) -> None:
    drawn = tensor(*shape)
    for index in np.ndindex(*shape):
        place = place_in_value(ROOM, drawn, picture, index)
        assert place is not None
        assert in_value(ROOM, drawn, picture, place.center()) == index


@pytest.mark.parametrize("picture", [False, True])
def test_pixels_of_images_and_filters_lie_where_they_are_found(picture: bool) -> None:
    drawn = tensor(2, 3, 4, 4)
    for at in ((0, 0, 1, 2), (0, 2, 3, 3)):
        place = place_in_value(ROOM, drawn, picture, at)
        assert place is not None
        found = in_value(ROOM, drawn, picture, place.center())
        assert found == ((0, 0, *at[2:]) if picture else at)
    assert place_in_value(ROOM, drawn, picture, (1, 0, 1, 2)) is None  # only the first image is drawn
    place = place_in_filters(ROOM, drawn, (1, 0, 2, 3))
    assert place is not None
    assert in_filters(ROOM, drawn, place.center()) == (1, 0, 2, 3)
    assert place_in_filters(ROOM, drawn, (1, 1, 2, 3)) is None


def test_what_is_not_drawn_has_no_place() -> None:
    assert place_in_value(ROOM, tensor(3, 4), False, (3, 0)) is None
    assert place_in_value(ROOM, tensor(3, 4), False, (0,)) is None
    assert place_in_value(ROOM, tensor(200, 4), False, (150, 0)) is None  # there is no room for so many rows
    assert place_in_strip(ROOM, tensor(2, 500), (1, 499)) is None
    assert place_in_strip(ROOM, tensor(), ()) == ROOM


def product() -> Graph:
    """y = W·x, beside twice x, so that x has two wires."""
    g = Graph("product")
    w = g.add("Parameter", name="W", value=((1.0, -2.0), (0.5, 3.0)), position=(0, 0))
    x = g.add("Input", name="x", value=(4.0, -1.0), position=(0, 240))
    y = g.add("MatMul", w, x, name="y", position=(300, 0))
    twice = g.add("Mul", x, b=2.0, name="twice", position=(300, 240))
    g.add("Sum", g.add("Add", y, twice, name="both", position=(600, 100)), name="loss", position=(860, 100))
    return Graph(g.document)


@pytest.fixture
def walk(make: Make, qtbot: Any) -> Walk:
    walk = Walk(make, qtbot, product())
    walk.go("forward")
    walk.go("backward")
    walk.window.docks["explain"].raise_()
    walk.canvas.camera.set((60.0, 40.0, 0.8))
    walk.canvas.camera_changed()
    walk.settle()
    return walk


def point(walk: Walk, row: int, column: int = TERM, link: int = 0) -> Any:
    """Hovers over a row; returns the middle of a link in it."""
    tree = walk.explain.terms
    item = tree.topLevelItem(row)
    cell = tree.visualRect(tree.indexFromItem(item, column))
    links = [frame for _, origin, frame in tree.pieces(item, column, cell) if origin is not None]
    QTest.mouseMove(tree.viewport(), links[link].center() + QPoint(3, 0))  # it may rest there from before
    QTest.mouseMove(tree.viewport(), links[link].center())
    walk.wait(lambda: bool(walk.canvas.pointing.marked))
    return links[link].center()


def test_both_factors_light_up_on_their_nodes(walk: Walk) -> None:
    assert walk.explained("y", "value", (0,)) == "6"
    point(walk, 0)
    names = {walk.session.document.nodes[node].name for node in walk.canvas.pointing.marked}
    assert names == {"W", "x"}
    places = walk.canvas.pointing.elements()
    assert len(places) == 2
    asked = [element_under(walk.canvas, walk.canvas.camera.world(place.center())) for place in places]
    assert [(a.kind, walk.session.document.nodes[a.node].name, a.place) for a in asked if a] == [
        ("value", "W", (0, 0)),
        ("value", "x", (0,)),
    ]


def framed(walk: Walk, place: QRectF) -> int:
    """How many pixels around a place differ from what they are while nothing is pointed at."""
    area = place.toAlignedRect().adjusted(-4, -4, 4, 4)
    shown = walk.canvas.grab(area).toImage()
    walk.session.explainer.pointed.emit(())
    plain = walk.canvas.grab(area).toImage()
    size = shown.size()
    return sum(
        shown.pixel(x, y) != plain.pixel(x, y) for x in range(size.width()) for y in range(size.height())
    )


def test_the_frame_is_painted_and_goes_with_the_pointer(walk: Walk, each_theme: Any) -> None:
    walk.explained("y", "value", (0,))
    point(walk, 0)
    place = walk.canvas.pointing.elements()[0]
    assert framed(walk, place) > place.width() + place.height()
    assert walk.canvas.pointing.elements() == []
    assert framed(walk, place) == 0


def test_a_click_goes_to_the_element_and_shows_its_node(walk: Walk) -> None:
    walk.explained("y", "value", (0,))
    at = point(walk, 0, TERM, 1)
    QTest.mouseClick(walk.explain.terms.viewport(), LEFT, NONE, at)
    assert walk.session.selected_node == walk.id("x")
    assert walk.session.explainer.title(walk.session.explainer.question) == "x[0]"


def test_a_term_of_a_fan_out_lights_up_on_its_wire(walk: Walk) -> None:
    walk.explained("x", "grad", (0,))
    tree = walk.explain.terms
    origins = [tree.links(tree.topLevelItem(k))[0] for k in range(2)]
    assert {origin.kind for origin in origins} == {"term"}
    walk.session.explainer.pointed.emit(origins[:1])
    (place,) = walk.canvas.pointing.elements()
    names = {walk.session.document.nodes[origins[0].node].name}
    assert names <= {"y", "twice"}
    k = walk.canvas.scene.wire_index[origins[0].node, origins[0].name]
    assert place.contains(walk.canvas.camera.screen(walk.canvas.scene.middle(k)))


def test_ctrl_click_on_a_wire_explains_what_comes_back(walk: Walk) -> None:
    k = walk.canvas.scene.wire_index[walk.id("y"), "b"]
    at = walk.canvas.camera.screen(walk.canvas.scene.middle(k)).toPoint()
    QTest.mouseClick(walk.canvas, Qt.MouseButton.LeftButton, CTRL, at)
    walk.wait(lambda: walk.session.explainer.found is not None)
    assert "through this wire" in walk.explain.title.text()
    assert sorted(walk.terms()) in ([-2.0, 3.0], [0.5, 1.0])


def test_what_is_inside_a_group_lights_up_the_group(walk: Walk) -> None:
    key = walk.id("W")
    walk.session.graph.group("W", "y", name="cell")
    walk.session.explainer.pointed.emit((Origin("y", (0, 0), "value", f"{walk.id('cell')}/{key}"),))
    marked = {walk.session.document.nodes[node].name for node in walk.canvas.pointing.marked}
    assert marked <= {"cell"}
    assert walk.canvas.pointing.elements() == []


def test_each_row_names_its_places(walk: Walk) -> None:
    walk.explained("y", "value", (1,))
    tree = walk.explain.terms
    assert tree.topLevelItem(0).text(PLACE) == "W.y[1, 1]   x.y[1]"
