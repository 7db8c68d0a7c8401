"""Four views of one graph: canvas, equations, code and trace. What is selected in one by hand is selected in all."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.actions.registry import actions
from graphlab.ui.panels.trace_model import COLUMNS
from graphlab.ui.window import MainWindow
from tests.ui.canvas.conftest import Hand
from tests.ui.window_trial import PATIENCE, Make

VIEWS = ("equations", "code", "trace")


def graph() -> Graph:
    g = Graph("four")
    x = g.add("Input", name="x", value=(0.5, -1.0), position=(0, 0))
    hidden = g.add("Linear", x, name="hidden", units=3, position=(220, 0))
    act = g.add("Tanh", hidden, name="act", position=(440, 0))
    g.add("Mean", g.add("Square", act, name="squared", position=(660, 0)), name="loss", position=(880, 0))
    return Graph(g.document)


@pytest.fixture
def window(make: Make, qtbot: Any) -> MainWindow:
    made = make(graph(), engine=True)
    made.resize(1600, 1000)
    next(each for each in actions() if each.id == "view.four_views").run(made)
    qtbot.waitUntil(
        lambda: all(made.docks.by_id[view].content is not None for view in VIEWS), timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: len(made.session.schedule) > 5, timeout=PATIENCE)
    code, equations = panel(made, "code"), panel(made, "equations")
    qtbot.waitUntil(
        lambda: code.scripting.script is not None and bool(equations.model.lines), timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: panel(made, "trace").model.rowCount() > 5, timeout=PATIENCE)
    return made


def panel(window: MainWindow, view: str) -> Any:
    return window.docks.by_id[view].content


def chosen(window: MainWindow) -> dict[str, set[str]]:
    """Which nodes each of the four shows as selected, by name."""
    session = window.session
    equations, code, trace = (panel(window, view) for view in VIEWS)
    row = trace.grid.currentIndex().row()
    at = code.view.textCursor().blockNumber()
    return {
        "canvas": {session.document.nodes[node].name for node in session.selection},
        "equations": {session.name_of(key) for key in equations.tree.rows.selected},
        "current equation": {session.name_of(equations.tree.currentIndex().internalPointer().node)},
        "code": {session.name_of(code.scripting.script.lines[at].node) for at in code.view.light.chosen},
        "caret": {session.name_of(code.scripting.script.lines[at].node)},
        "trace": {session.name_of(session.schedule[row].node)},
    }


def assert_all_show(window: MainWindow, name: str, qtbot: Any) -> None:
    qtbot.waitUntil(
        lambda: set(map(frozenset, chosen(window).values())) == {frozenset({name})}, timeout=PATIENCE
    )


def test_a_click_in_any_view_selects_in_all_four(window: MainWindow, qtbot: Any) -> None:
    equations, code, trace = (panel(window, view) for view in VIEWS)
    node = window.session.document.node

    # the canvas
    hand = Hand(window.canvas)
    qtbot.waitUntil(lambda: window.canvas.rect().contains(hand.header("hidden")), timeout=PATIENCE)
    hand.click(hand.header("hidden"))
    assert_all_show(window, "hidden", qtbot)

    # the equations
    row = equations.model.index_of(equations.model.row_of(node("act").id, "forward"))
    equations.tree.scrollTo(row)
    QTest.mouseClick(
        equations.tree.viewport(), Qt.MouseButton.LeftButton, pos=equations.tree.visualRect(row).center()
    )
    assert_all_show(window, "act", qtbot)

    # the code
    at = next(k for k, line in enumerate(code.scripting.script.lines) if line.text.startswith("squared ="))
    code.view.bring([at])
    rect = code.view.cursorRect(QTextCursor(code.view.document().findBlockByNumber(at)))
    QTest.mouseClick(code.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() + QPoint(8, 0))
    assert_all_show(window, "squared", qtbot)

    # the trace
    index = trace.model.index(0, 0)
    QTest.mouseClick(
        trace.grid.viewport(), Qt.MouseButton.LeftButton, pos=trace.grid.visualRect(index).center()
    )
    assert_all_show(window, "x", qtbot)


def test_one_step_lights_the_same_node_in_all(window: MainWindow, qtbot: Any) -> None:
    equations, code, trace = (panel(window, view) for view in VIEWS)
    session = window.session
    for cursor in (2, len(session.schedule) - 2):
        session.go_to(cursor)
        qtbot.waitUntil(lambda wanted=cursor: session.status.cursor == wanted, timeout=PATIENCE)
        entry = session.schedule[cursor - 1]

        def lit() -> tuple[set[str], set[str], set[str]]:
            script = code.scripting.script
            return (
                {row.node for row in equations.model.lines if equations.tree.rows.state(row) == "now"},
                {script.lines[at].node for at in code.view.light.lines},
                {session.schedule[row].node for row in range(trace.model.rowCount())
                 if trace.model.data(trace.model.index(row, 0), Qt.ItemDataRole.BackgroundRole) is not None},
            )  # fmt: skip

        qtbot.waitUntil(lambda wanted=entry.node: lit() == ({wanted}, {wanted}, {wanted}), timeout=PATIENCE)


def test_the_trace_tells_order_node_operation_inputs_output_shape_and_time() -> None:
    assert {column.title for column in COLUMNS} >= {
        "#",
        "node",
        "operation",
        "reads",
        "result",
        "shape",
        "time",
    }
