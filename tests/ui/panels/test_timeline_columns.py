"""How a schedule is laid out in columns, with groups spread out and folded; and what a hand does with them."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.engine.messages import Loaded, ScheduleEntry, Status
from graphlab.graph import Graph
from graphlab.ui.panels.timeline import TimelinePanel
from graphlab.ui.panels.timeline_cells import fitting
from graphlab.ui.panels.timeline_columns import Columns, Header
from graphlab.ui.session import Session


def schedule(forward: str, backward: str = "") -> tuple[ScheduleEntry, ...]:
    lines = [ScheduleEntry("forward", k) for k in forward.split()]
    lines += [ScheduleEntry("backward", k) for k in backward.split()]
    return (*lines, ScheduleEntry("update", ""))


LINES = schedule("x g/a g/in/b g/c y", "y g/c g/in/b g/a")


def test_each_node_has_a_column_and_a_group_a_header() -> None:
    found = Columns(LINES)
    assert found.count == 5
    assert found.headers == [Header("g/", 1, 3, False)]
    assert [found.column(e) for e in LINES] == [0, 1, 2, 3, 4, 4, 3, 2, 1, 5]
    assert found.header_at(0) is None
    assert found.header_at(3) == found.headers[0]
    assert found.last(0, "backward") == -1  # x has no entry there
    assert found.last(5, "backward") == 9  # the update takes both rows


def test_a_folded_group_is_one_column_with_all_its_entries() -> None:
    found = Columns(LINES, {"g/"})
    assert found.count == 3
    assert found.headers == [Header("g/", 1, 1, True)]
    assert found.cells[1, "forward"] == [1, 2, 3]
    assert found.cells[1, "backward"] == [6, 7, 8]
    assert found.last(1, "forward") == 3


def test_a_group_computed_by_turns_has_a_header_for_each_turn() -> None:
    lines = schedule("g/a h/a g/b h/b")
    assert [h.group for h in Columns(lines).headers] == ["g/", "h/", "g/", "h/"]
    assert Columns(lines, {"g/", "h/"}).count == 4


def test_what_uses_share_lies_under_the_header_of_the_use_it_is_read_by() -> None:
    found = Columns(schedule("x g1:a:w n9/a n9/b"))
    assert found.headers == [Header("n9/", 1, 3, False)]


def test_an_empty_schedule_has_no_columns() -> None:
    assert Columns().count == 0
    assert Columns().headers == []


class Panel:
    """A timeline over x → [hidden → act] → goal, with what it asked of the session."""

    def __init__(self, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        graph = Graph("grouped")
        node = graph.add("Input", name="x", shape=("N", 2))
        for op, name in (("Sin", "hidden"), ("Tanh", "act"), ("Mean", "goal")):
            node = graph.add(op, node, name=name)
        cell = graph.group("hidden", "act", name="cell").id
        self.session = Session(graph, engine=False)
        self.asked: list[int] = []
        monkeypatch.setattr(self.session, "go_to", self.asked.append)
        whole = list(self.session.seen.whole.nodes)
        self.cell = cell
        self.schedule = schedule(" ".join(whole), " ".join(reversed(whole)))
        self.session.engine.loaded = Loaded(0, self.schedule, 0, True, 1)
        self.widget = TimelinePanel(self.session)
        qtbot.addWidget(self.widget)
        self.widget.resize(1000, 80)
        self.widget.show()

    def at(self, index: int) -> QPoint:
        return self.widget.cell(index).center().toPoint()

    def header(self) -> QPoint:
        (header,) = self.widget._columns.headers
        return self.widget.header_rect(header).center().toPoint()

    def status(self, cursor: int) -> None:
        entry = self.schedule[cursor - 1] if cursor else None
        self.session.engine.status = Status(0, "paused", 0, 0, cursor, entry)
        self.session.status_changed.emit(self.session.status)

    def drag(self, index: int) -> None:
        at = QPointF(self.at(index))
        left, port = Qt.MouseButton.LeftButton, self.widget.viewport()
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            QPointF(port.mapToGlobal(at.toPoint())),
            left,
            left,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(port, event)


@pytest.fixture
def panel(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Panel:
    return Panel(qtbot, monkeypatch)


def test_a_click_on_a_header_folds_the_group_and_another_spreads_it_out(panel: Panel, qtbot: Any) -> None:
    port = panel.widget.viewport()
    assert len(panel.widget.in_view()) == 9
    assert panel.widget.cells.text(1, [1]) == "hidden"  # the header says the rest
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=panel.header())
    assert len(panel.widget.in_view()) == 7
    assert panel.widget.cells.text(2, [1, 2]) == "2 nodes"
    panel.status(2)
    assert panel.widget.cells.text(2, [1, 2]) == "1 of 2"
    assert panel.asked == []
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=panel.at(2))
    assert panel.asked == [3]
    assert panel.session.inside == ()  # a folded group is taken as a whole
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=panel.header())
    assert len(panel.widget.in_view()) == 9


def test_space_folds_the_group_that_the_run_is_in(panel: Panel) -> None:
    panel.status(2)
    QTest.keyClick(panel.widget, Qt.Key.Key_Space)
    assert len(panel.widget.in_view()) == 7
    panel.status(1)
    QTest.keyClick(panel.widget, Qt.Key.Key_Space)  # not in a group: nothing
    assert len(panel.widget.in_view()) == 7


def test_dragging_scrubs_and_asks_for_one_place_after_the_other(panel: Panel, qtbot: Any) -> None:
    qtbot.mousePress(panel.widget.viewport(), Qt.MouseButton.LeftButton, pos=panel.at(0))
    for index in (1, 2, 3):
        panel.drag(index)
    assert panel.asked == [1]  # the first is not answered yet
    panel.status(1)
    assert panel.asked == [1, 4]  # what lay between is passed over
    panel.status(4)
    panel.drag(5)
    assert panel.asked == [1, 4, 6]
    panel.status(6)
    qtbot.mouseRelease(panel.widget.viewport(), Qt.MouseButton.LeftButton, pos=panel.at(5))
    panel.drag(0)
    panel.status(6)
    assert panel.asked == [1, 4, 6]


def test_keys_go_to_the_ends_and_over_groups(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    for name in ("over", "back"):
        monkeypatch.setattr(panel.session.strides, name, lambda name=name: told.append(name))
    QTest.keyClick(panel.widget, Qt.Key.Key_End)
    QTest.keyClick(panel.widget, Qt.Key.Key_Home)
    assert panel.asked == [len(panel.schedule), 0]
    QTest.keyClick(panel.widget, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(panel.widget, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert told == ["over", "back"]


def test_the_tip_of_a_folded_group_says_what_is_in_it(panel: Panel) -> None:
    panel.widget.fold(f"{panel.cell}/")
    assert panel.widget.tip(2).startswith("forward cell: 2 nodes")


def test_a_cell_without_room_for_a_path_shows_the_end_of_it():
    def width(text: str) -> float:
        return len(text)

    assert fitting("layer1/0/conv1", width, 20) == "layer1/0/conv1"
    assert fitting("layer1/0/conv1", width, 8) == "0/conv1"
    assert fitting("layer1/0/conv1", width, 3) == "conv1"
