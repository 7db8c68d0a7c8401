"""The inspector of a cell that is repeated: which one it is, and another in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.inspector.cell_part import CellPart
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    """x → LSTM (repeats an LSTM cell) → out, and a group that is no cell."""
    g = Graph("cells")
    x = g.add("Input", name="x", shape=("N", 5, 3))
    layer = g.add_layer("lstm-cell", x, hidden=7, steps=5)
    g.add("Linear", g.add("Tanh", layer, name="bent"), name="out", units=1)
    g.group("bent", "out", name="head")
    found = Session(Graph(g.document), engine=False)
    yield found
    found.close()


@pytest.fixture
def part(qtbot: Any, session: Session) -> Iterator[CellPart]:
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    panel.show()
    session.select([session.document.node("LSTM").id])
    yield panel.node_page.cell
    panel.close()


def test_it_says_which_cell_and_offers_the_others(part: CellPart) -> None:
    assert part.isVisible()
    listed = [part.cell.itemText(k) for k in range(part.cell.count())]
    assert listed[0] == "LSTM cell"
    assert {"Elman cell", "GRU cell", "Peephole LSTM cell"} <= set(listed[1:])
    assert "head" not in listed
    assert part.cell.accessibleName() == "Cell"


def test_another_is_chosen_by_keyboard_in_one_undo_entry(part: CellPart, session: Session) -> None:
    before = len(session.graph.history)
    part.cell.setFocus()
    QTest.keyClicks(part.cell, "GRU")
    QTest.keyClick(part.cell, Qt.Key.Key_Return)
    assert session.graph.history[before:] == ["Replace by GRU cell"]
    assert session.document.node("GRU").params["steps"] == 5
    assert part.cell.currentText() == "GRU cell"
    session.graph.undo()
    assert part.cell.currentText() == "LSTM cell"


def test_a_group_without_a_state_has_no_such_choice(part: CellPart, session: Session) -> None:
    session.select([session.document.node("head").id])
    assert not part.isVisible()
