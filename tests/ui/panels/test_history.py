"""The history panel: what was done, where one is, and the way to any of it."""

from __future__ import annotations

from typing import Any

from graphlab.ui.panels.history import HistoryPanel
from graphlab.ui.session import Session


def texts(panel: HistoryPanel) -> list[str]:
    return [panel.list.item(at).text() for at in range(panel.list.count())]


def click(panel: HistoryPanel, row: int) -> None:
    panel.list.itemClicked.emit(panel.list.item(row))


def test_every_edit_is_a_line_and_a_click_goes_there(quiet_session: Session, qtbot: Any) -> None:
    panel = HistoryPanel(quiet_session)
    qtbot.addWidget(panel)
    graph = quiet_session.graph
    before = panel.list.count()
    graph.rename("h", "state")
    graph.add("Sigmoid", "state", name="gate2")
    assert texts(panel)[before:] == ["Rename", "Add Sigmoid"]
    assert panel.list.currentRow() == before + 1
    click(panel, before)
    assert "gate2" not in graph
    assert "state" in graph
    click(panel, before + 1)
    assert "gate2" in graph
    click(panel, 0)
    assert len(graph.document.nodes) == 0
    assert panel.list.currentRow() == 0


def test_a_new_edit_takes_the_place_of_what_was_taken_back(quiet_session: Session, qtbot: Any) -> None:
    panel = HistoryPanel(quiet_session)
    qtbot.addWidget(panel)
    graph = quiet_session.graph
    graph.rename("h", "one")
    graph.undo()
    graph.rename("h", "two")
    graph.set("z", units=7)
    graph.undo()
    assert texts(panel)[-2:] == ["Rename", "Change z"]
    graph.set("z", units=8)
    assert texts(panel)[-2:] == ["Rename", "Change z"]
    assert graph.document.node("z").params["units"] == 8


def test_saving_keeps_the_history_and_marks_the_entry(quiet_session: Session, qtbot: Any) -> None:
    panel = HistoryPanel(quiet_session)
    qtbot.addWidget(panel)
    quiet_session.graph.rename("h", "state")
    quiet_session.mark_saved(None)
    last = panel.list.count() - 1
    quiet_session.graph.rename("state", "again")
    assert "as it was saved" in panel.list.item(last).toolTip()
    click(panel, last)
    assert not quiet_session.is_modified
    click(panel, 0)
    assert quiet_session.is_modified


def test_edits_inside_a_group_are_lines_too(quiet_session: Session, qtbot: Any) -> None:
    panel = HistoryPanel(quiet_session)
    qtbot.addWidget(panel)
    group = quiet_session.graph.group("z", "h", name="cell")
    quiet_session.enter(group.id)
    quiet_session.graph.set("z", units=9)
    assert texts(panel)[-2:] == ["Group", "Change z"]
    click(panel, panel.list.count() - 2)
    assert quiet_session.document.node("z").params["units"] == 4
