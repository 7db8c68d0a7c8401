"""The equations: there at once, lit as one steps, in step with the canvas, and taken along as LaTeX."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.ui.panels.equations import EquationsPanel
from graphlab.ui.panels.equations_model import Row
from graphlab.ui.session import Session

PATIENCE = 20_000


def two_paths() -> Graph:
    """e = (a + b)(b + 1), b used twice."""
    g = Graph("two paths")
    a, b = g.add("Input", name="a", value=2.0), g.add("Input", name="b", value=1.0)
    g.add("Mul", g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d"), name="e")
    return Graph(g.document)


def grouped() -> Graph:
    g = Graph("grouped")
    x = g.add("Input", name="x", value=(0.5, -1.0))
    g.add("Sum", g.add("Tanh", g.add("Neg", x, name="neg"), name="act"), name="loss")
    g.group("neg", "act", name="cell")
    return Graph(g.document)


def shown(qtbot: Any, session: Session) -> EquationsPanel:
    panel = EquationsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.model.lines) or not session.whole.nodes, timeout=PATIENCE)
    return panel


@pytest.fixture
def equations(qtbot: Any) -> Any:
    session = Session(two_paths())
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: len(session.schedule) == 10, timeout=PATIENCE)
    qtbot.waitUntil(
        lambda: panel.model.place(row(panel, "e")) >= 0, timeout=PATIENCE
    )  # it has read that, too
    yield panel
    session.close()


def row(panel: EquationsPanel, name: str, phase: str = "forward") -> Row:
    found = panel.model.row_of(panel.session.root.document.node(name).id, phase)
    assert found is not None
    return found


def click(panel: EquationsPanel, wanted: Row) -> None:
    index = panel.model.index_of(wanted)
    panel.tree.scrollTo(index)
    QTest.mouseClick(
        panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=panel.tree.visualRect(index).center()
    )


def current(panel: EquationsPanel) -> str:
    index = panel.tree.currentIndex()
    return panel.session.name_of(index.internalPointer().node) if index.isValid() else ""


def test_they_are_there_before_anything_ran(qtbot: Any) -> None:
    session = Session(two_paths(), engine=False)
    panel = shown(qtbot, session)
    assert [heading.title for heading in panel.model.headings] == ["Forward", "Backward"]
    assert [panel.model.text(line) for line in panel.model.lines[:5]] == [
        r"a \in \mathbb{R}", r"b \in \mathbb{R}", "c = a + b", "d = b + 1", r"e = c \cdot d",
    ]  # fmt: skip
    assert {panel.tree.rows.state(line) for line in panel.model.lines} == {"ahead"}
    session.close()


def test_what_was_just_computed_is_lit_what_is_to_come_is_not(equations: EquationsPanel, qtbot: Any) -> None:
    session, states = equations.session, equations.tree.rows.state
    session.step(3)
    qtbot.waitUntil(lambda: states(row(equations, "c")) == "now", timeout=PATIENCE)
    assert states(row(equations, "b")) == "done"
    assert states(row(equations, "d")) == "ahead"
    session.go_to(9)
    qtbot.waitUntil(lambda: states(row(equations, "b", "backward")) == "now", timeout=PATIENCE)
    lit = [line.line.kind for line in equations.model.lines if line.line and states(line) == "now"]
    assert lit == ["gradient", "term", "term"]  # the sum, and what each way brings
    assert states(row(equations, "a", "backward")) == "ahead"
    assert equations.tree.visualRect(equations.model.index_of(row(equations, "b", "backward"))).top() >= 0


def test_marks_tell_the_three_states_apart_without_colour(equations: EquationsPanel, qtbot: Any) -> None:
    equations.session.step(2)
    qtbot.waitUntil(lambda: equations.tree.rows.state(row(equations, "b")) == "now", timeout=PATIENCE)
    qtbot.waitUntil(lambda: equations.tree.rows.typesetter.is_idle, timeout=PATIENCE)

    def mark(name: str) -> list[bool]:
        rect = equations.tree.visualRect(equations.model.index_of(row(equations, name)))
        picture = equations.tree.viewport().grab(rect).toImage()
        ratio = picture.width() / rect.width()
        ground = picture.pixelColor(int(1 * ratio), int(1 * ratio)).lightness()
        return [
            abs(
                picture.pixelColor(int((11 + x) * ratio), int((rect.height() / 2 + y) * ratio)).lightness()
                - ground
            )
            > 40
            for x in range(-6, 7)
            for y in range(-6, 7)
        ]

    done, now, ahead = (mark(name) for name in ("a", "b", "c"))
    assert done != now != ahead != done
    assert sum(ahead) < sum(now)


def test_selecting_goes_both_ways_and_the_keys_walk(equations: EquationsPanel, qtbot: Any) -> None:
    session, node = equations.session, equations.session.document.node
    click(equations, row(equations, "c"))
    assert session.selection == {node("c").id}
    QTest.keyClick(equations.tree, Qt.Key.Key_Down)
    assert session.selection == {node("d").id}
    session.select({node("b").id})
    assert current(equations) == "b"
    assert equations.tree.rows.selected == {node("b").id}
    click(equations, row(equations, "e", "backward"))
    session.select({node("c").id})
    assert (
        equations.tree.currentIndex().internalPointer().phase == "backward"
    )  # one stays in the phase one is in
    QTest.keyClick(equations.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: session.status.entry is not None and session.status.entry.node == node("c").id,
        timeout=PATIENCE,
    )
    assert session.status.entry.phase == "backward"


def test_pointing_at_an_equation_lights_its_node(equations: EquationsPanel, qtbot: Any) -> None:
    told: list[str] = []
    equations.session.hovered.connect(told.append)
    index = equations.model.index_of(row(equations, "d"))
    QTest.mouseMove(equations.tree.viewport(), equations.tree.visualRect(index).center())
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert told[-1] == equations.session.document.node("d").id


def test_one_equation_and_all_can_be_copied(equations: EquationsPanel) -> None:
    click(equations, row(equations, "c"))
    QTest.keyClick(equations.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "c = a + b"
    equations.tree.setCurrentIndex(equations.model.index_of(equations.model.headings[0]))
    equations.copy()
    assert QApplication.clipboard().text().count("\n") == 4
    equations.header_tools()[0].click()
    assert QApplication.clipboard().text().startswith("% forward\n\\begin{align*}")


def test_groups_fold_and_stay_folded_when_the_graph_is_edited(qtbot: Any) -> None:
    session = Session(grouped(), engine=False)
    panel = shown(qtbot, session)
    group = next(child for child in panel.model.headings[0].children if child.kind == "group")
    assert group.title == "cell"
    assert len(group.children) == 2
    index = panel.model.index_of(group)
    panel.tree.setCurrentIndex(index)
    QTest.keyClick(panel.tree, Qt.Key.Key_Left)
    assert not panel.tree.isExpanded(index)
    session.root.add("Constant", name="more")
    qtbot.waitUntil(lambda: panel.model.row_of(session.root.document.node("more").id, "forward") is not None)
    again = next(child for child in panel.model.headings[0].children if child.kind == "group")
    assert not panel.tree.isExpanded(panel.model.index_of(again))
    click(panel, row(panel, "loss"))
    session.select({session.document.node("cell").id})
    assert panel.tree.rows.selected == {line.node for line in again.children}
    session.close()


def test_a_large_graph_opens_at_once_and_typesets_what_is_seen(qtbot: Any) -> None:
    g = Graph("long")
    node = g.add("Input", name="x", value=0.5)
    for k in range(600):
        node = g.add("Tanh", node, name=f"step {k}")
    session = Session(Graph(g.document), engine=False)
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: panel.tree.rows.typesetter.is_idle, timeout=PATIENCE)
    assert len(panel.model.lines) == 1202
    assert 3 < panel.tree.rows.typesetter.count < 40
    session.close()


def test_nothing_to_show_says_what_would_be_there(qtbot: Any) -> None:
    session = Session(Graph("empty"), engine=False)
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: "equation" in panel.empty.label.text(), timeout=PATIENCE)
    session.close()


def test_rows_fit_without_a_bar_below_them_where_there_is_room(equations: EquationsPanel, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: equations.tree.rows.typesetter.is_idle, timeout=PATIENCE)
    assert equations.tree.horizontalScrollBar().maximum() == 0
    equations.resize(120, 500)
    qtbot.waitUntil(lambda: equations.tree.horizontalScrollBar().maximum() > 0, timeout=PATIENCE)


def test_one_that_is_opened_in_the_middle_of_a_step_shows_where_it_is(qtbot: Any) -> None:
    session = Session(two_paths())
    qtbot.waitUntil(lambda: len(session.schedule) == 10, timeout=PATIENCE)
    session.go_to(9)
    qtbot.waitUntil(lambda: session.status.cursor == 9, timeout=PATIENCE)
    panel = EquationsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(500, 200)
    panel.show()
    qtbot.waitUntil(
        lambda: bool(panel.model.lines) and panel.tree.verticalScrollBar().value() > 0, timeout=PATIENCE
    )
    place = panel.tree.visualRect(panel.model.index_of(row(panel, "b", "backward")))
    assert 0 <= place.top() < panel.tree.viewport().height()
    session.close()
