"""Moments: remembered by key and button, compared over an update and an edit, read side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.ui.moments import RememberedMoments
from graphlab.ui.numbers import number
from graphlab.ui.panels.moments import MomentsPanel
from graphlab.ui.panels.moments_model import share, text
from graphlab.ui.panels.timeline import TimelinePanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.triptych import Triptych
from tests.ui.panels.test_watches import PATIENCE, xor
from tests.ui.window_trial import Make

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(make: Make, qtbot: Any) -> Any:
    graph = xor()
    graph.configure(optimizer="SGD", lr=0.5)
    made = make(graph, engine=True)
    qtbot.waitUntil(lambda: made.session.loaded is not None, timeout=PATIENCE)
    made.session.phase("backward")
    qtbot.waitUntil(lambda: made.session.status.cursor >= 10, timeout=PATIENCE)
    return made


def remembered(window: Any, qtbot: Any) -> RememberedMoments:
    moments = window.session.moments
    count = len(moments.all)
    QTest.keyClick(window.canvas, Qt.Key.Key_M, CTRL)
    qtbot.waitUntil(lambda: len(moments.all) == count + 1, timeout=PATIENCE)
    return moments


def panel_of(window: Any) -> MomentsPanel:
    panel = window.docks["moments"].build()
    assert isinstance(panel, MomentsPanel)
    return panel


def row(panel: MomentsPanel, name: str, kind: str = "value") -> m.Apart:
    return next(r for r in panel.model.rows if (r.name, r.key.kind) == (name, kind))


def test_an_update_is_seen_side_by_side(window: Any, qtbot: Any) -> None:
    moments, session = remembered(window, qtbot), window.session
    panel = panel_of(window)
    assert window.docks["moments"].isVisible()
    assert (moments.a, moments.b) == (1, m.NOW)
    assert moments.all[0].told.startswith("step 1 · after backward data · loss 0.")
    session.phase("update")
    qtbot.waitUntil(lambda: any(r.difference > 0 for r in panel.model.rows), timeout=PATIENCE)
    changed = [r for r in panel.model.rows if r.difference > 0]
    assert {r.name for r in changed} == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}
    assert panel.model.rows[: len(changed)] == changed
    panel.grid.setFocus()
    at = panel.model.row_of(row(panel, "hidden.weight").key)
    panel.grid.setCurrentIndex(panel.model.index(at, 0))
    hidden = session.document.node("hidden").id
    assert session.selection == {hidden}
    qtbot.waitUntil(
        lambda: moments.pair is not None and moments.pair.key == m.TensorKey("value", hidden, "weight"),
        timeout=PATIENCE,
    )
    assert panel.three.note.text() == "B − A = −0.5000 · gradient"
    pair = moments.pair
    assert np.array_equal(pair.difference.array, pair.b.array.astype(float) - pair.a.array)
    shown = [panel.three.maps[part].array() for part in ("a", "b", "difference")]
    assert np.array_equal(shown[2], pair.difference.array)
    assert shown[0].shape == shown[1].shape == (8, 2)


def test_a_selected_node_is_shown_and_kinds_can_be_chosen(window: Any, qtbot: Any) -> None:
    moments, session = remembered(window, qtbot), window.session
    panel = panel_of(window)
    session.train_step()
    qtbot.waitUntil(lambda: any(r.difference > 0 for r in panel.model.rows), timeout=PATIENCE)
    out = session.document.node("out").id
    session.select({out})
    qtbot.waitUntil(lambda: moments.key is not None and moments.key.node == out, timeout=PATIENCE)
    panel.kinds.setCurrentText("gradients")
    assert {r.key.kind for r in panel.model.rows} == {"grad"}
    panel.kinds.setCurrentText("parameters")
    assert len(panel.model.rows) == 4
    panel.kinds.setCurrentText("values")
    assert all(r.key.kind == "value" and not r.learnt for r in panel.model.rows)


def test_two_moments_are_chosen_exchanged_renamed_and_deleted(window: Any, qtbot: Any) -> None:
    moments, session = remembered(window, qtbot), window.session
    panel = panel_of(window)
    session.train_step()
    qtbot.waitUntil(lambda: session.status.cursor == len(session.schedule), timeout=PATIENCE)
    remembered(window, qtbot)
    panel.b.setCurrentIndex(panel.b.findData(2))
    panel.b.activated.emit(panel.b.currentIndex())
    assert (moments.a, moments.b) == (1, 2)
    qtbot.waitUntil(lambda: bool(moments.rows), timeout=PATIENCE)
    forth = row(panel, "out.weight")
    panel.swap.click()
    assert (moments.a, moments.b) == (2, 1)
    qtbot.waitUntil(lambda: bool(moments.rows), timeout=PATIENCE)
    back = row(panel, "out.weight")
    assert (back.a, back.b, back.difference) == (forth.b, forth.a, forth.difference)
    item = panel.list.item(0)
    panel.list.setCurrentItem(item)
    item.setText("fresh")
    assert moments.title(1) == "fresh"
    assert panel.b.currentText() == "fresh"
    panel.list.setFocus()
    panel.list.item(0).setSelected(True)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [moment.number for moment in moments.all] == [2]
    assert (moments.a, moments.b) == (2, m.NOW)
    moments.delete([2])
    assert not moments.is_comparing
    assert panel.missing()


def test_an_edit_of_a_number_is_told_from_the_moment_before(window: Any, qtbot: Any) -> None:
    remembered(window, qtbot)
    session, panel = window.session, panel_of(window)
    session.set_element(session.document.node("out").id, "bias", (0,), 4.0)
    qtbot.waitUntil(
        lambda: any(r.name == "out.bias" and r.b == 4.0 for r in panel.model.rows), timeout=PATIENCE
    )
    assert row(panel, "hidden.weight").difference == 0
    assert row(panel, "loss.loss").difference > 0


def test_a_moment_outlives_an_edit_of_the_graph(window: Any, qtbot: Any) -> None:
    moments, session = remembered(window, qtbot), window.session
    panel = panel_of(window)
    assert not moments.is_of_another_graph(moments.all[0])
    session.graph.set("hidden", units=5)
    qtbot.waitUntil(
        lambda: any(r.name == "hidden.weight" and r.state == "other shape" for r in panel.model.rows),
        timeout=PATIENCE,
    )
    assert moments.is_of_another_graph(moments.all[0])
    assert "edited since" in panel._facts(moments.all[0])


def test_an_element_seen_there_is_explained_and_watched_by_key(window: Any, qtbot: Any) -> None:
    moments, session = remembered(window, qtbot), window.session
    panel = panel_of(window)
    qtbot.waitUntil(lambda: bool(panel.model.rows), timeout=PATIENCE)
    hidden = session.document.node("hidden").id
    moments.look_at(m.TensorKey("grad", hidden, "weight"))
    qtbot.waitUntil(lambda: moments.pair is not None, timeout=PATIENCE)
    shown = panel.three.maps["b"]
    shown.select((5, 1))
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_P)
    assert session.watches.title(session.watches.all[-1]) == "hidden: weight.grad[5, 1]"
    QTest.keyClick(shown, Qt.Key.Key_E)
    question = session.explainer.question
    assert (question.kind, question.node, question.socket, question.index) == (
        "grad",
        hidden,
        "weight",
        (5, 1),
    )
    entries = {action.text(): action for action in panel.table_menu().actions()}
    entries["Watch it"].trigger()
    assert session.watches.title(session.watches.all[-1]) == "hidden: weight.grad"


def test_the_pin_of_the_timeline_remembers_too(window: Any, qtbot: Any) -> None:
    timeline = window.docks["timeline"].build()
    assert isinstance(timeline, TimelinePanel)
    assert timeline.rect().contains(timeline.pin.geometry())
    QTest.mouseClick(timeline.pin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.session.moments.all) == 1, timeout=PATIENCE)


def test_moments_go_with_the_engine_and_it_is_said(window: Any, qtbot: Any) -> None:
    moments, session = remembered(window, qtbot), window.session
    session.engine.link.lost.emit("it was killed")
    assert not moments.all
    assert any("1 remembered moment went with the engine" in n.text for n in session.notices)


def test_an_answer_to_another_question_changes_nothing(quiet_session: Session) -> None:
    moments = quiet_session.moments
    moments._add(m.Remembered(0, 1, 0, 0, 0, None, float("nan"), 3, 100, 900))
    assert moments.room == 900
    assert moments.all[0].told == "step 0 · before the step"
    moments._take(m.Compared(0, 99, (), "no"))
    assert moments.problem == ""
    (request,) = moments._asked
    moments._take(m.Compared(0, request, (), "That moment is not remembered any more."))
    assert "not remembered" in moments.problem


def apart(relative: float, state: str = "", difference: float = 1.0) -> m.Apart:
    return m.Apart(m.TensorKey("grad", "n", "y"), "n.y", (2,), 1.0, 2.0, difference, relative, 0.5, state)


def test_a_change_is_told_in_words_that_can_be_compared() -> None:
    assert text(apart(0.0123), 1) == "1.23 %"
    assert text(apart(3e-7), 1) == "3.0e−7"
    assert text(apart(25.0), 1) == "×25.0"
    assert text(apart(float("inf")), 1) == "from 0"
    assert text(apart(0.0, difference=0.0), 1) == "same"
    assert text(apart(float("nan"), "only B"), 1) == "only B"
    assert text(apart(0.1), 0) == "∂n.y"
    assert share(apart(1.0)) == share(apart(float("inf"))) == 1.0
    assert share(apart(1e-3)) == pytest.approx(0.5)
    assert share(apart(0.0, difference=0.0)) == 0.0


def pair(shape: tuple[int, ...]) -> m.Pair:
    from graphlab.ui.widgets.stats_line import stats_of

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=shape), rng.normal(size=shape)
    key = m.TensorKey("value", "n", "weight")
    parts = [m.Tensor(key, shape, "float32", True, stats_of(x), x) for x in (a, b, b - a)]
    return m.Pair(0, 1, key, *parts)


def test_what_is_pointed_at_in_one_picture_is_so_in_all(qtbot: Any) -> None:
    three = Triptych()
    qtbot.addWidget(three)
    three.resize(600, 240)
    three.show()
    found = pair((2, 3, 4))
    three.show_pair(found)
    three.sliders[0].set_value(1)
    told: list[object] = []
    three.indexed.connect(told.append)
    shown = three.maps["a"]
    cell = shown.cell_rect(2, 3).center().toPoint()
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=cell)
    assert told == [(1, 2, 3)]
    assert [three.maps[part].selected() for part in three.maps] == [(2, 3)] * 3
    a, b = (getattr(found, part).array[1, 2, 3] for part in ("a", "b"))
    assert three.reading.text().startswith("[1, 2, 3]   A ")
    assert f"B − A {number(b - a, 6, sign=True)}" in three.reading.text()
    shown.elementHovered.emit((0, 0))
    assert three.reading.text().startswith("[1, 0, 0]")


def test_all_three_have_one_colour_scale_unless_the_difference_gets_its_own(qtbot: Any) -> None:
    three = Triptych()
    qtbot.addWidget(three)
    found = pair((4, 3))
    three.show_pair(found)
    largest = max(float(np.abs(getattr(found, part).array).max()) for part in ("a", "b", "difference"))
    assert {three.scale(part) for part in three.maps} == {largest}
    three.own_scale.setChecked(True)
    assert three.scale("difference") == float(np.abs(found.difference.array).max())
    three.show_pair(m.Pair(0, 1, found.key, None, found.b, None))
    assert three.read(None)
    assert three._missing["difference"].text() == "Only one of them has it."
