"""The gradient check in the window: asked for, under way, on the nodes, in the list, taken away by an edit."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.check_slices import CheckInSlices
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from graphlab.ops import registry
from graphlab.ui.panels.gradient_check import GradientCheckPanel
from graphlab.ui.session import Session
from tests.engine.test_gradient_check import WrongCube
from tests.ui.canvas.conftest import Desk
from tests.ui.panels.test_watches import PATIENCE, xor
from tests.ui.window_trial import Make

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def checked(session: Session, **wish: Any) -> m.Checked:
    """What the engine would find, found in this process."""
    check = CheckInSlices(Workspace(session.whole).run, m.GradientCheck(**wish))
    found = check.go_on(session.engine._run, 60.0)
    assert isinstance(found, m.Checked)
    session.engine.checked.emit(found)
    return found


@pytest.fixture
def wrong(make: Make, monkeypatch: pytest.MonkeyPatch) -> Any:
    """data → hidden → cube (whose backward is wrong) → out → loss, in a window, checked."""
    registry.names()
    monkeypatch.setitem(registry._ops, "WrongCube", WrongCube)
    graph = Graph("wrong")
    data = graph.add("Dataset", name="data", dataset="xor")
    cube = graph.add("WrongCube", graph.add("Linear", data["x"], name="hidden", units=3), name="cube")
    graph.add(
        "BCEWithLogitsLoss", graph.add("Linear", cube, name="out", units=1), data["target"], name="loss"
    )
    graph.tidy()
    window = make(Graph(graph.document))
    checked(window.session)
    return window


def id_of(window: Any, name: str) -> str:
    return window.session.document.node(name).id


def test_a_wrong_operation_and_those_it_leads_astray_look_different(wrong: Any) -> None:
    verdicts = {wrong.session.document.nodes[i].name: v for i, v in wrong.session.checks.verdicts.items()}
    assert {name: v.state for name, v in verdicts.items()} == {
        "hidden": "astray",
        "cube": "wrong",
        "out": "right",
        "loss": "right",
    }
    assert verdicts["cube"].text.startswith("✗ 0.6")
    assert verdicts["hidden"].text.startswith("! 0.6")
    assert verdicts["out"].text.startswith("✓ ")
    assert "e−" in verdicts["out"].text
    assert "that cube hands back is wrong" in wrong.session.notices[-1].text
    assert wrong.session.notices[-1].level == "error"


def test_the_tooltip_tells_both_numbers_and_whose_fault_it_is(wrong: Any) -> None:
    canvas = wrong.canvas
    canvas.frame_all()
    canvas.motion.land()
    tip = canvas.tip_at(canvas.camera.screen(canvas.scene.rect(id_of(wrong, "hidden")).center()))
    assert "Gradient check ! 0.6" in tip
    assert "✗ hidden.weight: error" in tip
    assert "against" in tip
    assert "The fault is at cube." in tip
    assert "cube, back to x" in wrong.session.checks.tip(id_of(wrong, "cube"))
    assert wrong.session.checks.tip(id_of(wrong, "data")) == ""


def test_the_badges_are_painted_on_the_nodes_near_and_far(wrong: Any, qtbot: Any) -> None:
    canvas, checks = wrong.canvas, wrong.session.checks
    canvas.motion.enabled = False
    for zoom in (1.0, 0.2):
        canvas.camera.set((40.0, 60.0, zoom))
        canvas.camera_changed()
        with_badges = canvas.grab().toImage()
        found, checks.result = checks.result, None
        without = canvas.grab().toImage()
        checks.result = found
        assert with_badges != without
    canvas.camera.set((40.0, 60.0, 1.0))
    node = id_of(wrong, "cube")
    place = canvas.check_badges.place(node, checks.verdicts[node])
    shown = canvas.camera.screen_rect(canvas.scene.rect(node))
    assert shown.left() <= place.left() < shown.right()
    assert place.top() < shown.bottom() < place.bottom() + 6


def test_the_list_has_the_wrong_ones_first_and_leads_to_the_node(wrong: Any, qtbot: Any) -> None:
    panel = wrong.docks.show("gradient-check").build()
    assert isinstance(panel, GradientCheckPanel)
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() > 0)
    names = [panel.list.topLevelItem(k).text(1) for k in range(panel.list.topLevelItemCount())]
    assert names[0] == "cube, back to x"
    assert set(names[1:3]) == {"hidden.weight", "hidden.bias"}
    panel.list.setFocus()
    panel.list.setCurrentItem(panel.list.topLevelItem(0))
    assert wrong.session.selection == {id_of(wrong, "cube")}
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    question = wrong.session.explainer.question
    assert (question.kind, question.socket) == ("term", "x")


def test_an_edit_takes_the_badges_away(wrong: Any) -> None:
    session = wrong.session
    session.compiled.emit(m.Loaded(0, (), 1, True, 1))
    assert session.checks.result is None
    assert session.checks.verdicts == {}
    checked(session)
    assert session.checks.verdicts
    wrong.actions_.run("tools.clear_check")
    assert session.checks.result is None


def test_a_group_shows_the_worst_of_what_is_inside(wrong: Any) -> None:
    session = wrong.session
    session.graph.group("hidden", "cube", name="cell")
    checked(session)
    cell = id_of(wrong, "cell")
    assert session.checks.verdicts[cell].state == "wrong"
    session.enter(cell)
    states = {session.document.nodes[i].name: v.state for i, v in session.checks.verdicts.items()}
    assert states == {"hidden": "astray", "cube": "wrong"}
    session.leave()
    keys = session.checks._keys([cell])
    assert len(keys) == 2
    assert all(key.startswith(f"{cell}/") for key in keys)


def test_kinks_are_told_and_called_right(make: Make) -> None:
    graph = Graph("kinked")
    w = graph.add("Parameter", name="w", value=(0.0, 1.0))
    graph.add("Sum", graph.add("ReLU", w, name="bend"), name="total")
    window = make(Graph(graph.document))
    checked(window.session)
    verdict = window.session.checks.verdicts[id_of(window, "w")]
    assert verdict.state == "kink"
    assert "stands at a kink" in window.session.checks.tip(id_of(window, "w"))
    assert window.session.notices[-1].level == "info"


def test_the_engine_checks_with_one_key_and_says_how_far_it_is(make: Make, qtbot: Any) -> None:
    window = make(xor(), engine=True)
    desk, session = Desk(window), window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    desk.select("hidden", "act")
    desk.key(Qt.Key.Key_K, CTRL_ALT)
    assert session.checks.is_running
    assert window.docks["gradient-check"].isVisible()
    qtbot.waitUntil(lambda: session.checks.result is not None, timeout=PATIENCE)
    found = session.checks.result
    assert found.passed
    names = {session.document.nodes[i].name for i in session.checks.verdicts}
    assert names == {"hidden", "act"}
    panel = window.docks["gradient-check"].build()
    panel._take_inputs(True)
    session.check_gradients()
    qtbot.waitUntil(lambda: session.checks.result not in (None, found), timeout=PATIENCE)
    kinds = {check.kind for check in session.checks.result.checks}
    assert kinds == {"parameter", "input", "wire"}


def test_progress_can_be_stopped(quiet_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    checks, sent = quiet_session.checks, []
    monkeypatch.setattr(quiet_session.engine, "send", sent.append)
    checks.ask()
    checks._take_progress(m.Checking(0, 3, 10))
    assert (checks.done, checks.total) == (3, 10)
    checks.stop()
    assert sent == [m.GradientCheck(), m.StopCheck()]
    quiet_session.engine.checked.emit(m.Checked(0, {}, True, stopped=True))
    assert not checks.is_running
    checks.stop()
    assert len(sent) == 2


def test_what_cannot_be_checked_ends_at_once_and_is_said(make: Make, qtbot: Any) -> None:
    graph = Graph("no goal")
    x = graph.add("Input", name="x", shape=("N", 2))
    graph.add("Linear", x, name="hidden", units=3)
    window = make(Graph(graph.document), engine=True)
    session = window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.check_gradients()
    qtbot.waitUntil(lambda: not session.checks.is_running, timeout=PATIENCE)
    assert "no goal" in session.notices[-1].text
