"""Geometry: what lies where, in small and in large documents, and wires that keep clear of nodes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from graphlab.graph import Document, Edge, Graph, Node
from graphlab.graph.drawn.curves import Obstacles, curves, route
from graphlab.ui.canvas.camera import Camera
from graphlab.ui.canvas.rects import wire_path
from graphlab.ui.canvas.scene import Scene, SocketAt


def large(count: int) -> Document:
    nodes = {
        f"n{k}": Node(f"n{k}", "Tanh", f"t{k}", {}, (k % 100 * 250.0, k // 100 * 140.0)) for k in range(count)
    }
    edges = {(f"n{k}", "x"): Edge(f"n{k - 1}", "y", f"n{k}", "x") for k in range(1, count) if k % 100}
    return Document("large", nodes, edges, next_id=count)


@pytest.fixture(scope="module")
def scene() -> Scene:
    made = Scene()
    made.show(large(3000))
    return made


def test_every_node_and_socket_of_a_large_document_is_found(scene: Scene) -> None:
    for k in range(0, 3000, 97):
        middle = scene.rect(f"n{k}").center()
        assert scene.node_at(middle) == f"n{k}"
        socket = SocketAt(f"n{k}", "y", False)
        assert scene.socket_at(scene.socket_place(socket) + QPointF(3, -3), 9) == socket
    assert scene.node_at(QPointF(-50, -50)) == ""
    assert scene.socket_at(QPointF(-50, -50), 9) is None


def test_wires_are_found_along_their_whole_length(scene: Scene) -> None:
    for k in range(1, 100, 13):
        wire = scene.wire_index[f"n{k}", "x"]
        for x, y in scene.wires.points[wire][[3, 12, 20]].tolist():
            assert scene.wire_at(QPointF(x, y), 3) == (f"n{k}", "x")
    assert scene.wire_at(QPointF(-50, -50), 5) is None


def test_what_is_in_view_is_what_touches_the_view(scene: Scene) -> None:
    area = QRectF(300, 100, 700, 300)
    expected = [k for k, i in enumerate(scene.ids) if scene.rect(i).intersects(area)]
    assert scene.nodes_in(area).tolist() == expected
    assert expected


def test_upper_node_is_found_first_and_the_selected_above_all() -> None:
    graph = Graph()
    below = graph.add("Tanh", position=(0, 0)).id
    above = graph.add("Tanh", position=(40, 20)).id
    scene = Scene()
    scene.show(graph.document)
    both = QPointF(80, 60)
    assert scene.node_at(both) == above
    assert scene.node_at(both, [below]) == below


def test_scene_follows_every_edit_like_a_scene_made_anew() -> None:
    graph, scene = Graph(), Scene()
    graph.changed.connect(lambda old, new: scene.show(new))
    x = graph.add("Input", name="x", position=(0, 0))
    h = graph.add("Linear", x, name="h", position=(300, 40))
    graph.add("Concat", h, x, name="c", position=(700, 0))
    graph.move({h.id: (280, 90)})
    graph.disconnect("c", graph.document.inputs_of(graph["c"].id).__iter__().__next__())
    graph.rename("h", "hidden")
    graph.remove("x")
    graph.undo()
    graph.undo()
    fresh = Scene()
    fresh.show(graph.document)
    assert scene.ids == fresh.ids
    assert np.array_equal(scene.rects, fresh.rects)
    assert np.array_equal(scene.wires.points, fresh.wires.points)
    assert scene.sockets()[0] == fresh.sockets()[0]


def test_wire_leads_around_a_node_in_its_way() -> None:
    ends = np.array([[0.0, 50.0, 900.0, 50.0]])
    obstacles = Obstacles(np.array([[400.0, 0.0, 160.0, 116.0]]))
    lane = route(ends, obstacles, np.array([200.0]))
    assert not np.isnan(lane[0])
    points = curves(ends, lane).points
    assert obstacles.count(points)[0] == 0
    assert points[0, 0].tolist() == [0.0, 50.0]
    assert points[0, -1].tolist() == [900.0, 50.0]


def test_detour_takes_its_better_side_and_a_long_one_passes_further_out() -> None:
    rects = np.array([[400.0, 0.0, 160.0, 116.0], [1500.0, 0.0, 160.0, 116.0]])
    ends = np.array([[0.0, 58.0, 900.0, 58.0], [0.0, 58.0, 900.0, 58.0], [0.0, 58.0, 2100.0, 58.0]])
    above, below, long = route(ends, Obstacles(rects), ends[:, 1], None, np.array([-1.0, 1.0, 1.0])).tolist()
    assert above < -10
    assert 120 < below < long
    wall = Obstacles(
        np.array([[400.0, 0.0, 160.0, 500.0]])
    )  # the better side is much further: it takes the other
    assert route(ends[1:2], wall, ends[1:2, 1], None, np.array([1.0]))[0] < 0


def test_wire_changes_sides_when_another_is_plugged_in_above_it() -> None:
    graph, scene = Graph(), Scene()
    graph.changed.connect(lambda old, new: scene.show(new))
    x = graph.add("Input", name="x", position=(0, 0))
    graph.add("Tanh", name="between", position=(400, 0))
    h = graph.add("Input", name="h", position=(600, 300))
    graph.add("MatMul", name="product", position=(900, 0))
    graph.connect(x, "product.b")
    alone = scene.wires.lane[0]
    graph.connect(h, "product.a")
    fresh = Scene()
    fresh.show(graph.document)
    assert alone < 0 < scene.wires.lane[0]
    assert np.array_equal(scene.wires.lane, fresh.wires.lane, equal_nan=True)


def test_free_wire_takes_no_detour() -> None:
    ends = np.array([[0.0, 50.0, 900.0, 250.0]])
    assert np.isnan(route(ends, Obstacles(np.empty((0, 4))), np.array([500.0])))[0]


def test_wire_that_runs_backwards_passes_below_both_nodes() -> None:
    ends = np.array([[900.0, 50.0, 0.0, 50.0]])
    lane = route(ends, Obstacles(np.empty((0, 4))), np.array([200.0]))
    assert curves(ends, lane).boxes[0, 3] == pytest.approx(200.0)


def test_path_and_samples_of_a_wire_agree() -> None:
    for ends, lane in (
        ([0.0, 0.0, 300.0, 80.0], np.nan),
        ([0.0, 0.0, 800.0, 80.0], 240.0),
        ([500.0, 0.0, 0.0, 80.0], 240.0),
    ):
        made = curves(np.array([ends]), np.array([lane]))
        path = wire_path(made, 0)
        for x, y in made.points[0].tolist():
            nearest = min(
                (path.pointAtPercent(t / 400) - QPointF(x, y)).manhattanLength() for t in range(401)
            )
            assert nearest < 6


def test_stroke_crosses_only_what_it_crosses(scene: Scene) -> None:
    assert scene.wires_cut_by(QPointF(205, 0), QPointF(205, 116)) == [("n1", "x")]
    assert scene.wires_cut_by(QPointF(205, 70), QPointF(205, 116)) == []


def test_camera_keeps_the_place_under_the_pointer() -> None:
    camera = Camera(13, 17, 0.8)
    at = QPointF(333, 222)
    before = camera.world(at)
    camera.zoom_at(at, 1.7)
    assert (camera.world(at) - before).manhattanLength() < 1e-9
    assert (camera.screen(camera.world(at)) - at).manhattanLength() < 1e-9


def test_flight_begins_and_ends_where_it_should() -> None:
    camera, middle = Camera(), QPointF(400, 300)
    start, end = (10.0, 20.0, 0.3), (-200.0, 50.0, 1.2)
    assert camera.between(start, end, 0.0, middle) == pytest.approx(start)
    assert camera.between(start, end, 1.0, middle) == pytest.approx(end)


def test_after_an_edit_wires_lie_as_if_the_document_had_just_been_opened() -> None:
    """An edit routes only the wires near by; they and all others must come out as in a scene made from nothing."""
    rng = np.random.default_rng(3)
    graph = Graph()
    ids = [graph.add("Constant", position=(k % 12 * 230, k // 12 * 150)).id for k in range(120)]
    with graph.edit("wires"):
        for k, id in enumerate(ids):
            after = graph.add("Tanh", id, position=((k % 12 + rng.integers(1, 5)) * 230, k // 12 * 150 + 20))
            ids[k] = after.id
    scene = Scene()
    scene.show(graph.document)
    for k in range(16):
        if k % 4 == 3:
            graph.add("ReLU", ids[k], position=(500 + k * 90, 400))
        graph.move({ids[k * 7]: tuple((rng.random(2) * (2000, 1000)).tolist())})
        scene.show(graph.document)
        fresh = Scene()
        fresh.show(graph.document)
        assert np.array_equal(scene.wires.lane, fresh.wires.lane, equal_nan=True)
        assert np.array_equal(scene.wires.points, fresh.wires.points)
        assert np.array_equal(scene.rects, fresh.rects)


def test_an_edit_that_changes_no_shape_routes_no_wire() -> None:
    graph = Graph()
    x = graph.add("Input", shape=("N", 2))
    linear = graph.add("Linear", x)
    scene = Scene()
    scene.show(graph.document)
    wires = scene.wires
    graph.set(linear, units=3)
    scene.show(graph.document)
    assert scene.wires is wires
