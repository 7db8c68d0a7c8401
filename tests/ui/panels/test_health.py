"""The health panel: complaints as cards, mended by a click, quiet when all is well."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.panels.health import HealthPanel
from graphlab.ui.session import Session

PATIENCE = 20_000


def deep() -> Graph:
    g = Graph("deep")
    data = g.add("Dataset", dataset="digits", name="data")
    h = data["x"]
    for k in range(8):
        h = g.add("Sigmoid", g.add("Linear", h, units=16, name=f"hidden {k}"), name=f"act {k}")
    y = g.add("Softmax", g.add("Linear", h, units=10, name="out"), name="last")
    g.add("CrossEntropyLoss", y, data["target"], name="loss")
    return Graph(g.document)


@pytest.fixture
def health(qtbot: Any) -> Any:
    session = Session(deep())
    panel = HealthPanel(session)
    qtbot.addWidget(panel)
    panel.resize(500, 400)
    panel.show()
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    yield panel
    session.close()


def kinds(panel: HealthPanel) -> list[str]:
    return [card.complaint.kind for card in panel.cards]


def test_what_the_graph_shows_stands_there_before_anything_ran(health: HealthPanel, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: kinds(health) == ["wrong loss"], timeout=PATIENCE)
    (card,) = health.cards
    assert "loss takes scores, but last gives probabilities" in card.message.text()
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert health.session.selection == {health.session.document.node("loss").id}
    QTest.mouseClick(card.buttons[0], Qt.MouseButton.LeftButton)
    assert health.session.document.node("last").muted
    qtbot.waitUntil(lambda: kinds(health) == [], timeout=PATIENCE)
    health.session.graph.undo()
    qtbot.waitUntil(lambda: kinds(health) == ["wrong loss"], timeout=PATIENCE)


def test_a_pass_that_is_done_is_looked_at_by_itself(health: HealthPanel, qtbot: Any) -> None:
    session = health.session
    session.phase("backward")
    qtbot.waitUntil(lambda: "vanishing" in kinds(health), timeout=PATIENCE)
    card = next(card for card in health.cards if card.complaint.kind == "vanishing")
    assert card.buttons[0].text() == "Replace 8 activations by ReLU"
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert session.selection == {session.document.node("hidden 0").id}
    card.buttons[0].click()
    assert {n.op for n in session.document.nodes.values() if n.name.startswith("act")} == {"ReLU"}
    session.graph.undo()
    assert session.document.node("act 3").op == "Sigmoid"


def test_all_well_is_said(qtbot: Any) -> None:
    g = Graph("well")
    x = g.add("Input", value=((1.0, 2.0), (0.5, -1.0)), name="x")
    g.add("MSELoss", g.add("Linear", x, units=1), g.add("Constant", value=((0.5,), (0.1,))), name="loss")
    session = Session(Graph(g.document))
    panel = HealthPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.examine()
    qtbot.waitUntil(lambda: "Everything looks well" in panel.empty.label.text(), timeout=PATIENCE)
    assert session.status.cursor == len(session.schedule) - 1
    session.close()


def test_an_edited_graph_is_looked_at_again_at_the_same_place(health: HealthPanel, qtbot: Any) -> None:
    session = health.session
    session.phase("backward")
    qtbot.waitUntil(lambda: len(session.vitals) > 0, timeout=PATIENCE)
    seen, place = session.vitals, (session.status.step, session.status.cursor)
    session.graph.set("hidden 0", units=12)
    session.phase("backward")
    qtbot.waitUntil(lambda: session.vitals not in ((), seen), timeout=PATIENCE)
    assert (session.status.step, session.status.cursor) == place
    session.open(deep())
    assert session.vitals == ()
