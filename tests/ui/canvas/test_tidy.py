"""Tidying up by hand: what the layout makes of real sizes and sockets, selections, groups, and large graphs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Document, Graph, edits, layered
from graphlab.graph.codec import from_bytes
from graphlab.graph.framing import content
from graphlab.io.examples import examples
from graphlab.ui.canvas import tidying
from graphlab.ui.canvas.scene import Scene
from graphlab.ui.frame_edits import size_in
from tests.graph.architectures import ARCHITECTURES
from tests.ui.canvas.conftest import CTRL, Desk, Hand, grouped
from tests.ui.window_trial import Make

DRAWN: dict[str, Callable[[], Document]] = {
    **{name: (lambda made=made: made().document) for name, made in ARCHITECTURES.items()},
    **{e.name: (lambda path=e.path: from_bytes(path.read_bytes())) for e in examples()},
}


def tidied(document: Document) -> Scene:
    """The scene of a document that was laid out as the canvas does it."""
    scene = Scene()
    scene.show(document)
    places = layered(document, sizes=scene.sizes(), levels=scene.levels())
    scene.show(edits.move(document, places))
    return scene


@pytest.mark.parametrize("name", DRAWN)
def test_no_wire_runs_through_a_node_and_none_overlap(name: str) -> None:
    scene = tidied(DRAWN[name]())
    rects = [scene.rect(i) for i in scene.ids]
    assert not any(a.adjusted(-16, -16, 16, 16).intersects(b) for k, a in enumerate(rects) for b in rects[:k])
    for k, edge in enumerate(scene.edges):
        others = [scene.rect(i) for i in scene.ids if i not in (edge.source, edge.target)]
        assert not any(rect.contains(*p) for p in scene.wires.points[k].tolist() for rect in others)
        assert scene.rect(edge.source).right() < scene.rect(edge.target).left()


FEWEST = {
    "lenet": 0, "resnet18": 0, "googlenet": 0, "unet": 0, "lstm_cell": 0, "by_hand": 0, "attention": 2, "siamese": 2,
    "autoencoder": 5, "densenet": 14, "unrolled_rnn": 24,
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_few_wires_cross_as_they_are_drawn(name: str) -> None:
    """Those from one socket apart; every step of the unrolled network takes the same three parameters."""
    scene = tidied(ARCHITECTURES[name]().document)
    points = scene.wires.points
    sources = [(edge.source, edge.output) for edge in scene.edges]
    pairs = [(j, k) for j in range(len(points)) for k in range(j) if sources[j] != sources[k]]
    assert sum(cross(points[j], points[k]) for j, k in pairs) <= FEWEST[name]


def cross(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two polylines cross."""
    if (a.min(axis=0) > b.max(axis=0)).any() or (b.min(axis=0) > a.max(axis=0)).any():
        return False
    one, two, three, four = a[:-1, None], a[1:, None], b[None, :-1], b[None, 1:]
    apart = side(one, two, three) * side(one, two, four) < 0
    return bool((apart & (side(three, four, one) * side(three, four, two) < 0)).any())


def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    along, off = b - a, c - a
    return along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0]


def test_arcs_of_nested_skips_lie_in_one_another() -> None:
    wires = tidied(ARCHITECTURES["unet"]().document).wires
    long = np.flatnonzero(~np.isnan(wires.lane))
    inner_first = long[np.argsort(wires.ends[long, 2] - wires.ends[long, 0])]
    assert len(long) == 3
    assert min(np.diff(wires.lane[inner_first])) > 8


def test_wires_around_a_tall_group_keep_clear_of_it() -> None:
    g = Graph()
    x = g.add("Input", name="x")
    many = g.add("AddN", *[x] * 14, name="many")
    g.add("Add", g.add("Tanh", many), x, name="skip")
    scene = tidied(g.document)
    tall = scene.rect(g["many"].id)
    assert tall.height() > 250
    wire = scene.wires.points[scene.wire_index[g["skip"].id, "b"]]
    assert not any(tall.contains(*p) for p in wire.tolist())


def test_points_stand_on_the_lane_of_their_wire(chain: Hand) -> None:
    chain.graph.replace(edits.add_node(chain.graph.document, "Reroute", {}, "way", (400, 400))[0], "point")
    chain.graph.add("Add", "out", name="sum")
    chain.graph.connect("x", "way")
    chain.graph.connect("way", "sum.b")
    chain.view.tidy()
    rects = {
        name: chain.view.scene.rect(chain.id(name)) for name in ("x", "hidden", "act", "out", "sum", "way")
    }
    assert rects["way"].width() == 20
    assert not any(rects["way"].intersects(r) for name, r in rects.items() if name != "way")
    assert rects["x"].right() < rects["way"].left() < rects["sum"].left()
    scene = chain.view.scene
    for k, edge in enumerate(scene.edges):
        others = [scene.rect(i) for i in scene.ids if i not in (edge.source, edge.target, chain.id("way"))]
        assert not any(r.contains(*p) for p in scene.wires.points[k].tolist() for r in others)


# The selection


def test_the_selection_is_tidied_alone_and_the_camera_stays(chain: Hand) -> None:
    graph, view = chain.graph, chain.view
    graph.move({"hidden": (300, 500), "act": (150, 420)})
    before = {i: node.position for i, node in graph.document.nodes.items()}
    camera = view.camera.state()
    view.session.select([chain.id("hidden"), chain.id("act")])
    view.tidy()
    after = {i: node.position for i, node in graph.document.nodes.items()}
    assert after[chain.id("hidden")] == (150, 420)
    assert after[chain.id("act")] == (400, 420)
    assert {i for i in after if after[i] != before[i]} == {chain.id("hidden"), chain.id("act")}
    assert view.camera.state() == camera
    assert graph.undo_label == "Tidy up"


def test_one_selected_node_stands_for_all(chain: Hand) -> None:
    chain.graph.move({"act": (0, 600)})
    chain.view.session.select([chain.id("act")])
    chain.view.tidy()
    assert len({node.position[1] for node in chain.graph.document.nodes.values()}) == 1


def test_what_is_tidy_is_told_so(chain: Hand) -> None:
    chain.view.tidy()
    steps = len(chain.graph.history)
    chain.view.tidy()
    assert len(chain.graph.history) == steps
    assert "tidy already" in chain.view.session.notices[-1].text


def test_the_inside_of_a_group_is_tidied_by_its_key(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act")
    desk.session.enter(cell)
    desk.graph.move({"hidden": (900, 900)})
    whole = desk.session.whole.nodes[cell].position
    desk.session.select(())
    desk.view.setFocus()
    desk.key(Qt.Key.Key_L)
    places = {node.op: node.position for node in desk.session.document.nodes.values()}
    row = [places[op] for op in ("GroupInput", "Linear", "Tanh", "GroupOutput")]
    assert [x for x, _ in row] == sorted(x for x, _ in row)
    assert desk.session.whole.nodes[cell].position == whole
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.session.document.node("hidden").position == (900, 900)


# Large graphs


@pytest.fixture
def slow(chain: Hand, monkeypatch: pytest.MonkeyPatch) -> Hand:
    """As if the chain were large: every step of its layout is a slice of its own."""
    monkeypatch.setattr(tidying, "AT_ONCE", 0)
    monkeypatch.setattr(tidying, "SLICE", 0.0)
    chain.graph.move({"act": (0, 600)})
    return chain


def test_a_large_graph_is_tidied_in_slices(slow: Hand, qtbot) -> None:
    view, steps = slow.view, len(slow.graph.history)
    view.tidy()
    assert view.tidying.is_running
    assert len(slow.graph.history) == steps
    view.tidy()  # pressed again: it goes on
    qtbot.waitUntil(lambda: not view.tidying.is_running)
    assert len(slow.graph.history) == steps + 1
    assert len({node.position[1] for node in slow.graph.document.nodes.values()}) == 1
    assert not view.tidying.strip.isVisible()


def test_escape_cancels_a_layout_and_keeps_the_selection(slow: Hand) -> None:
    view, before = slow.view, slow.graph.document
    view.session.select([slow.id("x"), slow.id("act")])
    view.tidy()
    slow.key(Qt.Key.Key_Escape)
    assert not view.tidying.is_running
    assert slow.graph.document is before
    assert len(view.session.selection) == 2
    assert "cancelled" in view.session.notices[-1].text


def test_the_strip_tells_how_far_it_is_and_its_button_cancels(slow: Hand, qtbot, monkeypatch) -> None:
    view = slow.view
    monkeypatch.setattr(tidying.Tidying, "_slice", lambda self: None)  # it takes for ever
    view.tidy()
    strip = view.tidying.strip
    qtbot.waitUntil(strip.isVisible)
    assert strip.text == "Tidying up 4 nodes …"
    assert view.rect().contains(strip.geometry())
    strip.cancel.setFocus()
    QTest.keyClick(strip.cancel, Qt.Key.Key_Space)
    assert not view.tidying.is_running
    assert not strip.isVisible()
    assert view.hasFocus()


def test_an_edit_meanwhile_makes_the_result_void(slow: Hand, qtbot) -> None:
    view = slow.view
    view.tidy()
    slow.graph.rename("x", "input")
    assert not view.tidying.is_running
    assert slow.graph.undo_label == "Rename"
    assert "edited meanwhile" in view.session.notices[-1].text
    qtbot.wait(20)
    assert slow.graph.document.node("act").position == (0, 600)


def test_a_canvas_may_close_in_the_middle_of_it(slow: Hand, qtbot) -> None:
    slow.view.tidy()
    slow.view.close()
    qtbot.wait(20)


def test_frames_go_on_around_what_they_were_around(make: Make) -> None:
    window = make()
    session, canvas = window.session, window.canvas
    graph = session.root
    x = graph.add("Constant", value=(1.0, 2.0), name="x", position=(0.0, 0.0))
    a = graph.add("Tanh", x, name="first", position=(900.0, 700.0))
    graph.add(
        "Sum",
        graph.add("Sin", a, name="second", position=(1200.0, 650.0)),
        name="goal",
        position=(300.0, 90.0),
    )
    frame = graph.add_frame("middle", "first", "second")
    before = content(session.document, [frame.id], size_in(session.document))
    assert {session.document.nodes[i].name for i in before} == {"first", "second"}
    canvas.tidy()
    after = content(session.document, [frame.id], size_in(session.document))
    assert after == before
    assert graph.undo()
    assert session.document.frames[frame.id] == frame
