"""The timeline: where entries lie, and what clicks do."""

import time
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap

from graphlab.engine.messages import Loaded, ScheduleEntry, Status
from graphlab.graph import Graph
from graphlab.ui.panels.timeline import TimelinePanel
from graphlab.ui.panels.timeline_cells import CellPainter
from graphlab.ui.panels.timeline_columns import Columns
from graphlab.ui.session import Session


class Panel:
    """The panel over a made-up schedule, and what it asked of the session."""

    def __init__(self, qtbot: Any, monkeypatch: pytest.MonkeyPatch, nodes: int) -> None:
        graph = Graph("chain")
        ids = [graph.add("Tanh", name=f"node{k}").id for k in range(nodes)]
        self.session = Session(graph, engine=False)
        self.asked: list[int] = []
        monkeypatch.setattr(self.session, "go_to", self.asked.append)
        forward = [ScheduleEntry("forward", id) for id in ids]
        backward = [ScheduleEntry("backward", id) for id in reversed(ids)]
        self.schedule = (*forward, *backward, ScheduleEntry("update", ""))
        self.widget = TimelinePanel(self.session)
        qtbot.addWidget(self.widget)
        self.widget.resize(1200, 62)
        self.widget.show()
        self.session.engine.loaded = Loaded(0, self.schedule, 0, True, 1)
        self.session.compiled.emit(self.session.loaded)

    def at(self, index: int) -> QPoint:
        return self.widget.cell(index).center().toPoint()

    def status(self, cursor: int) -> None:
        entry = self.schedule[cursor - 1] if cursor else None
        self.session.engine.status = Status(0, "idle", 0, 0, cursor, entry)
        self.session.status_changed.emit(self.session.status)


@pytest.fixture
def five(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Panel:
    return Panel(qtbot, monkeypatch, 5)


@pytest.mark.parametrize("index", [0, 4, 5, 9, 10])
def test_a_click_runs_to_just_after_that_entry(five: Panel, qtbot: Any, index: int) -> None:
    qtbot.mouseClick(five.widget.viewport(), Qt.MouseButton.LeftButton, pos=five.at(index))
    assert five.asked == [index + 1]


def test_forward_and_backward_of_a_node_share_a_column(five: Panel) -> None:
    assert five.widget.cell(1).left() == five.widget.cell(8).left()
    assert five.widget.cell(1).bottom() < five.widget.cell(8).top()


def test_a_right_click_toggles_a_breakpoint(five: Panel, qtbot: Any) -> None:
    node = five.schedule[5].node
    for expected in ({(node, "backward")}, set()):
        qtbot.mouseClick(five.widget.viewport(), Qt.MouseButton.RightButton, pos=five.at(5))
        assert five.session.breakpoints == expected


def test_pointing_at_an_entry_lights_its_node(five: Panel, qtbot: Any) -> None:
    with qtbot.waitSignal(five.session.hovered) as heard:
        qtbot.mouseMove(five.widget.viewport(), five.at(3))
    assert heard.args == [five.schedule[3].node]


def test_a_long_schedule_scrolls_along_with_the_cursor(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = Panel(qtbot, monkeypatch, 1000)
    assert panel.widget.horizontalScrollBar().maximum() > 0
    panel.status(700)
    qtbot.waitUntil(lambda: 699 in panel.widget.in_view())


def test_two_thousand_entries_are_painted_in_ten_milliseconds(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = Panel(qtbot, monkeypatch, 1000)
    picture = QPixmap(panel.widget.size())
    best = 1.0
    for _ in range(5):
        begin = time.perf_counter()
        panel.widget.render(picture)
        best = min(best, time.perf_counter() - begin)
    assert len(panel.widget.in_view()) < 80
    assert best < 0.010


def grouped(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Panel, str, str]:
    """node0, and node1 in a group; the panel, the group's id and the engine's key of node1."""
    panel = Panel(qtbot, monkeypatch, 2)
    inner = panel.session.document.node("node1").id
    cell = panel.session.graph.group("node1", name="cell").id
    key = f"{cell}/{inner}"
    keys = [panel.session.document.node("node0").id, f"g1:{inner}:weight", key]
    panel.schedule = tuple(ScheduleEntry("forward", k) for k in keys)
    panel.session.engine.loaded = Loaded(0, panel.schedule, 0, True, 1)
    panel.session.compiled.emit(panel.session.loaded)
    return panel, cell, inner


def test_a_click_on_a_node_in_a_group_goes_there_and_back(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, cell, inner = grouped(qtbot, monkeypatch)
    qtbot.mouseClick(panel.widget.viewport(), Qt.MouseButton.LeftButton, pos=panel.at(2))
    assert panel.session.inside == (cell,)
    assert panel.session.selection == {inner}
    qtbot.mouseClick(panel.widget.viewport(), Qt.MouseButton.LeftButton, pos=panel.at(0))
    assert panel.session.inside == ()
    assert panel.session.selected_node == panel.session.document.node("node0").id
    assert panel.asked == [3, 1]


def test_a_click_on_what_stands_on_no_sheet_stays_where_one_is(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parameter that all uses of a group share."""
    panel, cell, inner = grouped(qtbot, monkeypatch)
    panel.session.enter(cell)
    panel.session.select({inner})
    qtbot.mouseClick(panel.widget.viewport(), Qt.MouseButton.LeftButton, pos=panel.at(1))
    assert panel.session.inside == (cell,)
    assert panel.session.selection == {inner}
    assert panel.asked == [2]


def test_a_node_of_a_repeated_cell_is_told_by_its_name_and_its_step(quiet_session: Session) -> None:
    rnn = quiet_session.graph.unroll("elman-cell", "x", steps=3, name="rnn")
    quiet_session.root.set("x", shape=("N", 3, 3))
    schedule = tuple(ScheduleEntry("forward", key) for key in quiet_session.seen.whole.order)
    quiet_session.engine.loaded = Loaded(0, schedule, 0, True, 1)
    painter = CellPainter(quiet_session)
    painter.columns = Columns(schedule)
    texts = [
        painter.text(k, [k]) for k in range(len(schedule)) if schedule[k].node.startswith(f"{rnn.id}/t=")
    ]
    assert "ih₀" in texts
    assert "ih₂" in texts
