"""Unroll nodes by hand: the switch, the slider of T, the line of time, copies under the pointer, and the way inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.engine.messages import Frame, ScheduleEntry, Status, Tensor, TensorKey
from graphlab.graph import Graph
from graphlab.graph.drawn import unrolled as places
from graphlab.graph.drawn.shapes import Form
from graphlab.graph.folding import is_unrolled
from graphlab.ui.canvas import export
from graphlab.ui.canvas.folding import OPENING
from graphlab.ui.canvas.rects import slider_rect, switch_rect
from graphlab.ui.canvas.scene import SocketAt
from graphlab.ui.copies_pointed import copies_pointed_of
from graphlab.ui.inspector.cell_weights import CellWeights
from graphlab.ui.inspector.parts import Terms
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of
from tests.engine.cells import lstm

from .conftest import Hand, show


def _graph(steps: int = 5) -> Graph:
    graph = Graph("in time")
    x = graph.add("Input", name="x", shape=("N", steps, 3), position=(0, 60))
    rnn = graph.unroll(lstm(), x, name="rnn", steps=steps, position=(260, 40))
    out = graph.add("Linear", rnn["h_last"], name="out", units=2, position=(560, 40))
    graph.add("Mean", out, name="loss", position=(800, 40))
    return graph


@pytest.fixture
def hand(qtbot: Any) -> Iterator[Hand]:
    session = Session(_graph(), engine=False)
    view = show(qtbot, session)
    view.resize(1600, 600)
    yield Hand(view)
    session.close()


@pytest.fixture
def open_hand(hand: Hand) -> Hand:
    hand.view.folding.toggle([hand.id("rnn")])
    return hand


def _pixel(hand: Hand, place: QPointF) -> QPoint:
    """The pixel of a place seen from the corner of the Unroll node."""
    corner = hand.view.scene.rect(hand.id("rnn")).topLeft()
    return hand.view.camera.screen(corner + place).toPoint()


def _switch(hand: Hand) -> QPoint:
    width = hand.view.scene.shape(hand.id("rnn")).width
    return _pixel(hand, switch_rect(width).center())


def _copy(hand: Hand, t: int) -> QRectF:
    unrolls, node = hand.view.live.unrolls, hand.id("rnn")
    rolled = unrolls.rolled(node)
    copies, _ = places.lie(rolled.steps, unrolls.at(node))
    return QRectF(*places.levels(rolled).copy_box(next(copy for copy in copies if copy.t == t)))


def test_the_switch_unrolls_and_folds_in_one_edit_each_and_makes_room(hand: Hand) -> None:
    view, node = hand.view, hand.id("rnn")
    before = hand.graph.document
    hand.click(_switch(hand))
    assert is_unrolled(hand.graph.document.nodes[node])
    assert view.scene.shape(node).form is Form.UNROLLED
    assert view.scene.rect(hand.id("out")).left() > view.scene.rect(node).right()
    assert view.looks.of(node).shape == view.scene.shape(node)
    hand.click(_switch(hand))
    assert hand.graph.document.nodes[node].position == before.nodes[node].position
    assert view.scene.shape(node).form is Form.UNROLL
    assert view.scene.rect(hand.id("out")).left() == before.node("out").position[0]
    hand.graph.undo()
    hand.graph.undo()
    assert hand.graph.document == before
    assert view.scene.shape(node).form is Form.UNROLL


def test_how_it_is_drawn_changes_nothing_that_is_computed(hand: Hand) -> None:
    asked: list[object] = []
    hand.view.session.inference_changed.connect(asked.append)
    before = hand.view.session.seen.whole
    hand.view.folding.toggle([hand.id("rnn")])
    assert hand.view.session.seen.whole is before
    assert asked == []


def test_the_way_is_shown_where_things_may_move(hand: Hand, qtbot: Any) -> None:
    view, node = hand.view, hand.id("rnn")
    view.motion.enabled = True
    folded = view.scene.rect(node).width()
    view.folding.toggle([node])
    assert view.folding.is_moving
    assert view.scene.rect(node).width() < folded * 1.5  # it begins as it was
    qtbot.waitUntil(lambda: not view.folding.is_moving, timeout=OPENING * 20)
    assert view.scene.rect(node).width() == view.looks.of(node).shape.width
    assert view.live.unrolls.openness == {}
    assert view.scene.place(hand.id("out")) == hand.graph.document.node("out").position
    view.folding.toggle([node])
    hand.graph.undo()  # in the midst of it
    assert not view.folding.is_moving
    assert view.scene.rect(node).width() == view.looks.of(node).shape.width > folded


def test_wires_end_at_the_sockets_of_either_drawing(open_hand: Hand) -> None:
    view, node = open_hand.view, open_hand.id("rnn")
    for target, socket, end in ((node, "x", True), (open_hand.id("out"), "x", False)):
        k = view.scene.wire_index[target, socket]
        place = view.scene.socket_place(SocketAt(node, "x" if end else "h_last", end))
        x, y = view.scene.wires.ends[k].reshape(2, 2)[int(end)].tolist()
        assert QPointF(x, y) == place


def test_the_slider_sets_the_steps_once_and_esc_takes_it_back(open_hand: Hand) -> None:
    hand, node = open_hand, open_hand.id("rnn")
    width = hand.view.scene.shape(node).width
    knob = QPointF(places.knob(width, 5), slider_rect(width).center().y())
    goal = QPointF(places.knob(width, 7), knob.y())
    entries = len(hand.graph.history)
    hand.drag(_pixel(hand, knob), _pixel(hand, QPointF(knob.x() + 40, knob.y())), release=False)
    assert hand.view.live.unrolls.setting[1] > 20
    assert hand.graph.document.nodes[node].make().steps == 5
    hand.key(Qt.Key.Key_Escape)
    hand.release(_pixel(hand, knob))
    assert len(hand.graph.history) == entries
    hand.drag(_pixel(hand, knob), _pixel(hand, goal))
    assert hand.graph.document.nodes[node].make().steps in (6, 7, 8)  # to the pixel
    assert len(hand.graph.history) == entries + 1
    assert hand.view.scene.rect(hand.id("out")).left() > hand.view.scene.rect(node).right()


def test_many_steps_are_looked_at_along_the_line_of_time(open_hand: Hand) -> None:
    hand, node = open_hand, open_hand.id("rnn")
    hand.view.folding.set_steps(node, 900)
    document = hand.graph.document
    hand.view.frame_all()
    rolled = hand.view.live.unrolls.rolled(node)
    y = places.levels(rolled).rail
    hand.view.camera.set((0.0, 0.0, 0.8))
    start, end = (_pixel(hand, QPointF(places.along(rolled, t), y)) for t in (0, 450))
    hand.drag(start, end)
    assert abs(hand.view.live.unrolls.at(node) - 450) < 4
    assert hand.graph.document is document


def test_a_node_of_the_cell_pointed_at_lights_up_in_all_copies(open_hand: Hand) -> None:
    hand, node = open_hand, open_hand.id("rnn")
    cell = hand.view.live.unrolls.cell(node)
    x, y, width, height = cell.rects[0].tolist()
    corner = _copy(hand, 3).topLeft()
    at = _pixel(hand, corner + QPointF(x + width / 2, y + height / 2))
    before = hand.view.grab().toImage()
    QTest.mouseMove(hand.view, at)
    hand.move(at, Qt.MouseButton.NoButton)
    assert hand.view.live.unrolls.pointed == (node, frozenset({cell.nodes[0]}))
    assert hand.view.live.unrolls.hovered == (node, 3)
    after = hand.view.grab().toImage()
    for t in range(5):  # every copy looks different, not only the one under the pointer
        area = hand.view.camera.screen_rect(
            _copy(hand, t).translated(hand.view.scene.rect(node).topLeft())
        ).toAlignedRect()
        assert before.copy(area) != after.copy(area)
    assert "same in every copy" in hand.view.tip_at(QPointF(at))


def test_a_double_click_on_a_copy_shows_its_inside_and_the_slider_leads_to_others(open_hand: Hand) -> None:
    hand, node = open_hand, open_hand.id("rnn")
    session = hand.view.session
    hand.double_click(_pixel(hand, _copy(hand, 3).topLeft() + QPointF(20, 8)))
    assert session.inside == (f"{node}/t=3",)
    chip = hand.view.time_chip
    assert (chip.isVisible(), chip.words.text(), chip.steps) == (True, "t = 3 of 5", 5)
    inner = hand.id("cell")
    session.select({inner})
    assert session.seen.end(inner, "y")[0] == f"{node}/t=3/{inner}"
    chip.slider.setValue(1)
    assert session.inside == (f"{node}/t=1",)
    assert session.selection == {inner}
    assert session.seen.end(inner, "y")[0] == f"{node}/t=1/{inner}"
    QTest.mouseClick(chip.after, Qt.MouseButton.LeftButton)
    assert chip.time == 2
    session.graph.rename(inner, "kept")  # an edit inside is one of the cell, for all copies
    assert session.inside == (f"{node}/t=2",)
    session.root.set("rnn", steps=2)  # the copy is gone
    assert session.inside == (f"{node}/t=1",)
    session.leave()
    assert session.selection == {node}
    assert not chip.isVisible()


def _send(session: Session, kind: str, key: str, socket: str, fresh: bool = True) -> None:
    values = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)
    tensor = Tensor(TensorKey(kind, key, socket), values.shape, "float32", fresh, stats_of(values), values)
    session.engine.frame.emit(session.engine.tensors.take(Frame(0, 1, (tensor,))))


def test_copies_watch_and_show_the_values_of_their_states(open_hand: Hand) -> None:
    session, node = open_hand.view.session, open_hand.id("rnn")
    open_hand.view._watch()
    end, socket = session.seen.end(f"{node}/t=2", "h")
    watched = {(w.key.kind, w.key.node) for w in session.watching}
    assert {("value", end), ("grad", end)} <= watched
    told = open_hand.view.live.unrolls.told(node)
    assert told.value(2, 0) is None
    _send(session, "value", end, socket)
    assert told.value(2, 0) is not None
    assert told.value(3, 0) is None


@pytest.mark.parametrize("how", ["folded", "unrolled"])
def test_the_copy_that_is_computed_is_lit(
    hand: Hand, how: str, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    view, node = hand.view, hand.id("rnn")
    if how == "unrolled":
        view.folding.toggle([node])
    before = view.grab().toImage()
    key = view.session.seen.end(f"{node}/t=3", "h")[0]
    entry = ScheduleEntry("backward", key)
    monkeypatch.setattr(view.session.engine, "status", Status(1, "paused", 0, 0, 9, entry))
    lit = view.live.unrolls.lit(node)
    assert (lit.t, lit.phase, f"{node}/t=3/{lit.inner}") == (3, "backward", key)
    assert view.live.unrolls.at(node) == 3
    view.update()
    assert view.grab().toImage() != before


def test_a_weight_in_the_inspectors_list_lights_up_in_all_copies(open_hand: Hand, qtbot: Any) -> None:
    session, node = open_hand.view.session, open_hand.id("rnn")
    part = CellWeights(session)
    qtbot.addWidget(part)
    part.show_node(node)
    assert [row.text() for row in part.rows] == [
        "ih.weight · 16×3",
        "ih.bias · 16",
        "hh.weight · 16×4",
        "hh.bias · 16",
    ]
    owner = part.rows[2].property("weight")
    QApplication.sendEvent(part.rows[2], QEvent(QEvent.Type.Enter))
    assert open_hand.view.live.unrolls.pointed == (node, frozenset({owner}))
    QApplication.sendEvent(part.rows[2], QEvent(QEvent.Type.Leave))
    assert open_hand.view.live.unrolls.pointed == ("", frozenset())
    part.rows[2].click()
    assert session.inside == (f"{node}/t=0",)
    assert session.selection == {owner}
    part.show_node(owner)
    assert part.isHidden()


def test_the_terms_of_a_weight_lead_to_their_copies(open_hand: Hand, qtbot: Any) -> None:
    session, node = open_hand.view.session, open_hand.id("rnn")
    session.enter(f"{node}/t=1")
    inner = open_hand.id("hh")
    terms = session.ledger.keys(inner, "weight")
    assert sorted(key.taker[0] for key in terms) == [f"{node}/t={t}/{inner}" for t in range(5)]
    for key in terms:
        _send(session, "term", key.node, key.socket)
    account = session.ledger.account(inner, "weight")
    assert account is not None
    listed = Terms()
    qtbot.addWidget(listed)
    listed.followed.connect(session.select_key)
    listed.set_account(account)
    listed.followed.emit(account.takers[0])
    assert (session.inside, session.selection) == ((account.takers[0].rpartition("/")[0],), {inner})
    session.go_inside(())
    copies_pointed_of(session).at_term(f"{node}/t=3/{inner}")
    assert open_hand.view.live.unrolls.hovered == (node, 3)
    copies_pointed_of(session).at_term("n1")
    assert open_hand.view.live.unrolls.hovered == ("", -1)


def test_keys_lead_along_time_outside_and_inside(open_hand: Hand) -> None:
    hand, node = open_hand, open_hand.id("rnn")
    session, alt = hand.view.session, Qt.KeyboardModifier.AltModifier
    session.select({node})
    hand.view.setFocus()
    for _ in range(2):
        hand.key(Qt.Key.Key_Right, alt)
    hand.key(Qt.Key.Key_Left, alt)
    assert hand.view.live.unrolls.at(node) == 1
    hand.key(Qt.Key.Key_Return)
    assert session.inside == (f"{node}/t=1",)
    hand.key(Qt.Key.Key_Right, alt)
    assert session.inside == (f"{node}/t=2",)
    hand.key(Qt.Key.Key_Up, alt)
    assert session.inside == ()


def test_tidying_leaves_room_for_loops(hand: Hand) -> None:
    graph, view = hand.graph, hand.view
    second = graph.unroll(lstm(), "x", name="rnn2", steps=5, position=(260, 300))
    graph.add("Mean", second, name="other", position=(600, 300))
    view.tidy()
    rects = [view.scene.rect(hand.id(name)) for name in ("rnn", "rnn2")]
    upper, lower = sorted(rects, key=lambda rect: rect.top())
    assert view.scene.shape(hand.id("rnn")).above >= 2 * places.LOOP
    assert lower.top() - view.scene.shape(hand.id("rnn")).above >= upper.bottom()
    before = graph.document
    view.tidy()
    assert graph.document == before  # what is tidy stays


def test_far_out_and_in_print_copies_are_drawn_too(open_hand: Hand) -> None:
    hand, view = open_hand, open_hand.view
    rect = _copy(hand, 1).translated(view.scene.rect(hand.id("rnn")).topLeft())
    for zoom in (0.2, 0.5):
        view.camera.set((50.0, 50.0, zoom))
        image = view.grab().toImage()
        inside = view.camera.screen(rect.center()).toPoint()
        beside = view.camera.screen(QPointF(rect.right() + places.BETWEEN / 2, rect.top() + 20)).toPoint()
        assert image.pixelColor(inside) != image.pixelColor(beside)
    drawn = export.svg(view).decode()
    assert all(f"t = {t}" in drawn for t in range(5))


def test_what_the_engine_puts_between_copies_is_seen_at_the_port_it_serves(open_hand: Hand) -> None:
    session, node = open_hand.view.session, open_hand.id("rnn")
    session.enter(f"{node}/t=1")
    assert session.seen.here(f"{node}/t=1/keep h") == open_hand.id("h")
    assert session.seen.here(f"{node}/t=1/cut h_prev") == open_hand.id("h_prev")
    assert session.seen.here(f"{node}/t=2/keep h") == ""
