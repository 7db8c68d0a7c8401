"""Watched numbers: written in the panel, followed over the steps, taken back with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.errors import ConditionError
from graphlab.graph import Graph
from graphlab.ui.panels.watches import WatchesPanel
from graphlab.ui.session import Session
from graphlab.ui.watches import KEPT, Watch
from tests.ui.window_trial import Make

PATIENCE = 20_000


def xor() -> Graph:
    graph = Graph("xor")
    data = graph.add("Dataset", name="data", dataset="xor")
    hidden = graph.add("Tanh", graph.add("Linear", data["x"], name="hidden", units=8), name="act")
    graph.add(
        "BCEWithLogitsLoss", graph.add("Linear", hidden, name="out", units=1), data["target"], name="loss"
    )
    graph.configure(epochs=10_000_000, lr=0.05)
    return Graph(graph.document)


@pytest.fixture
def panel(qtbot: Any) -> Any:
    session = Session(xor())
    made = WatchesPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 240)
    made.show()
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    yield made
    session.close()


def write(panel: WatchesPanel, node: str, text: str) -> None:
    panel.session.select({panel.session.document.node(node).id})
    panel.field.setFocus()
    panel.field.clear()
    QTest.keyClicks(panel.field, text)
    QTest.keyClick(panel.field, Qt.Key.Key_Return)


def rows(panel: WatchesPanel) -> list[tuple[str, str]]:
    items = [panel.list.topLevelItem(at) for at in range(panel.list.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def test_numbers_are_followed_over_the_steps_and_back(panel: WatchesPanel, qtbot: Any) -> None:
    session = panel.session
    write(panel, "hidden", "weight.grad.norm")
    write(panel, "out", "weight[0, 2]")
    assert [title for title, _ in rows(panel)] == ["hidden: weight.grad.norm", "out: weight[0, 2]"]
    qtbot.waitUntil(lambda: rows(panel)[1][1] not in ("", "not yet"), timeout=PATIENCE)
    assert rows(panel)[0][1] == "not yet"
    for step in range(1, 4):
        session.train_step()
        qtbot.waitUntil(lambda step=step: session.status.step == step, timeout=PATIENCE)
    gradient, weight = session.watches.all
    qtbot.waitUntil(lambda: weight.steps[-1:] == [3], timeout=PATIENCE)
    assert weight.steps == [0, 1, 2, 3]
    assert len(set(weight.values)) == 4
    assert gradient.steps == [1, 2, 3]
    before = list(weight.values)
    session.back()
    qtbot.waitUntil(lambda: session.status.step == 2, timeout=PATIENCE)
    qtbot.waitUntil(lambda: weight.now == before[2], timeout=PATIENCE)
    session.reset()
    qtbot.waitUntil(lambda: weight.now == before[0], timeout=PATIENCE)


def test_what_makes_no_sense_at_the_node_is_said_below_the_field(panel: WatchesPanel) -> None:
    write(panel, "act", "weight.norm")
    assert "There is no weight here." in panel.error.text()
    assert rows(panel) == []
    assert panel.field.text() == "weight.norm"
    write(panel, "act", "value.norm")
    assert panel.error.isHidden()
    write(panel, "act", "value.norm")
    assert len(rows(panel)) == 1


def test_delete_removes_and_a_node_that_goes_takes_its_watches_along(panel: WatchesPanel) -> None:
    write(panel, "act", "value.norm")
    write(panel, "out", "grad.norm")
    panel.list.setFocus()
    panel.list.topLevelItem(0).setSelected(True)
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [title for title, _ in rows(panel)] == ["out: grad.norm"]
    panel.session.graph.remove("out")
    assert rows(panel) == []


def test_no_more_than_can_be_told_apart(panel: WatchesPanel) -> None:
    for k in range(24):
        panel.session.watches.add(panel.session.document.node("act").id, f"value.norm * {k}")
    with pytest.raises(ConditionError, match="24 numbers"):
        panel.session.watches.add(panel.session.document.node("act").id, "value.max")


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    watch = Watch("n1", "loss")
    for step in range(3 * KEPT):
        watch.note(step, float(step))
    steps, values = watch.curve()
    assert KEPT / 2 <= len(steps) <= KEPT
    assert steps[-1] >= 3 * KEPT - 2
    assert np.array_equal(steps, values)


def test_a_node_is_plotted_by_a_click_on_the_canvas(make: Make, qtbot: Any) -> None:
    window = make(xor())
    session, canvas = window.session, window.canvas
    for name, expression in (("act", "value.mean"), ("loss", "value")):
        node = session.document.node(name).id
        spot = canvas.camera.screen(canvas.scene.rect(node).center()).toPoint()
        QTest.mouseClick(
            canvas,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
            spot,
        )
        assert session.watches.all[-1].expression == expression
    assert window.docks["watches"].isVisible()
    session.select({session.document.node("out").id})
    window.actions_.run("run.watch")
    assert window.docks["watches"].content.field.isEnabled()


def test_delete_in_the_list_leaves_the_selected_node_alone(make: Make, qtbot: Any) -> None:
    window = make(xor())
    session, act = window.session, window.session.document.node("act").id
    session.select({act})
    session.watches.plot(act)
    panel = window.docks["watches"].build()
    assert isinstance(panel, WatchesPanel)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        session.watches.add(act, "value.max")
        panel.list.setFocus()
        panel.list.setCurrentItem(panel.list.topLevelItem(panel.list.topLevelItemCount() - 1))
        QTest.keyClick(panel.list, key)
        assert rows(panel) == [("act: value.mean", "not yet")]
        assert act in session.document.nodes
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Delete)
    assert act not in session.document.nodes


def test_a_renamed_node_is_renamed_in_the_list(panel: WatchesPanel) -> None:
    write(panel, "act", "value.norm")
    panel.session.graph.rename("act", "bend")
    assert rows(panel)[0][0] == "bend: value.norm"
    panel.session.graph.undo()
    assert rows(panel)[0][0] == "act: value.norm"
