"""The trace: the schedule as a table, row by row what was read and what came out."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.panels.trace import TracePanel
from graphlab.ui.panels.trace_model import COLUMNS, NODE, NOT_YET, READS, RESULT, SHAPE, TIME
from graphlab.ui.session import Session

PATIENCE = 20_000


def by_hand() -> Graph:
    """f = (x + y)·y, with y used twice."""
    g = Graph("by hand")
    x, y = g.add("Constant", value=3.0, name="x"), g.add("Parameter", value=-1.0, name="y")
    q = g.add("Add", x, y, name="q")
    g.add("Mul", q, y, name="f")
    return Graph(g.document)


@pytest.fixture
def trace(qtbot: Any) -> Any:
    session = Session(by_hand())
    panel = TracePanel(session)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    yield panel
    session.close()


def column(panel: TracePanel, at: int) -> list[str]:
    return [panel.model.text(row, at) for row in range(panel.model.rowCount())]


def test_rows_tell_what_is_read_and_what_came_out_as_one_steps(trace: TracePanel, qtbot: Any) -> None:
    session = trace.session
    qtbot.waitUntil(lambda: trace.model.rowCount() == len(session.schedule) > 0, timeout=PATIENCE)
    assert column(trace, NODE)[:4] == ["x", "y", "q", "f"]
    assert set(column(trace, RESULT)[:-1]) == {NOT_YET}
    session.step(4)
    qtbot.waitUntil(lambda: column(trace, RESULT)[3] == "−2.00", timeout=PATIENCE)
    assert column(trace, RESULT)[:4] == ["3.00", "−1.00", "2.00", "−2.00"]
    assert column(trace, SHAPE)[2] == "scalar"
    assert column(trace, READS)[2] == "a ← x, b ← y"
    assert set(column(trace, RESULT)[4:-1]) == {NOT_YET}
    session.phase("backward")
    qtbot.waitUntil(lambda: NOT_YET not in column(trace, RESULT), timeout=PATIENCE)
    back = dict(list(zip(column(trace, NODE), column(trace, RESULT), strict=True))[4:])
    assert back["f"] == "1.00"
    assert back["q"] == "−1.00"
    assert back["y"] == "1.00"  # q + y's own path: 2 + (−1)
    reads = dict(list(zip(column(trace, NODE), column(trace, READS), strict=True))[4:])
    assert reads["f"] == "1, as the goal"
    assert sorted(reads["y"].split(" + ")) == ["f", "q"]


def test_selection_goes_both_ways_and_enter_goes_to_the_entry(trace: TracePanel, qtbot: Any) -> None:
    session = trace.session
    qtbot.waitUntil(lambda: trace.model.rowCount() > 4, timeout=PATIENCE)
    session.select({session.document.node("q").id})
    assert trace.grid.currentIndex().row() == 2
    QTest.keyClick(trace.grid, Qt.Key.Key_Down)
    assert session.selection == {session.document.node("f").id}
    QTest.keyClick(trace.grid, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.status.cursor == 4, timeout=PATIENCE)


def test_times_stand_there_once_they_were_measured(trace: TracePanel, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: trace.model.rowCount() > 4, timeout=PATIENCE)
    assert set(column(trace, TIME)) == {""}
    trace.session.measure()
    qtbot.waitUntil(lambda: column(trace, TIME)[2] != "", timeout=PATIENCE)
    assert all(text.endswith(("s", "")) for text in column(trace, TIME))
    assert "µs" in column(trace, TIME)[2] or "ms" in column(trace, TIME)[2]


def test_only_rows_in_view_are_watched(qtbot: Any) -> None:
    g = Graph("long")
    h = g.add("Constant", value=1.0, name="x")
    for k in range(400):
        h = g.add("Tanh", h, name=f"tanh{k}", position=(0.0, 10.0 * k))
    session = Session(Graph(g.document))
    panel = TracePanel(session)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    qtbot.waitUntil(lambda: panel.model.rowCount() > 400, timeout=PATIENCE)
    panel.graph_changed()
    qtbot.waitUntil(lambda: 0 < len(list(panel.keys())) < 40, timeout=PATIENCE)
    assert panel.grid.columnWidth(0) == COLUMNS[0].width
    session.close()


def test_the_focus_alone_selects_nothing(trace: TracePanel, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: trace.model.rowCount() > 4, timeout=PATIENCE)
    trace.grid.setFocus()
    trace.grid.setCurrentIndex(trace.model.index(0, 0))
    assert not trace.session.selection
    row = trace.grid.visualRect(trace.model.index(2, 2)).center()
    QTest.mouseClick(trace.grid.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert trace.session.selection == {trace.session.document.node("q").id}
