"""The log: copied by lines, and a way to the node that a line is about, wherever that stands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.ui.panels.log import LogPanel
from tests.ui.window_trial import Make, small


def test_ctrl_c_copies_all_selected_lines_though_a_node_is_selected(make: Make) -> None:
    window = make(small())
    panel = window.docks.show("log").build()
    assert isinstance(panel, LogPanel)
    window.session.notify("info", "One.")
    window.session.notify("warning", "Two.")
    window.session.select({window.session.document.node("act").id})
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert [line.partition("  ")[2] for line in lines] == ["One.", "Two."]
    assert len(window.session.selection) == 1


def test_a_line_about_a_node_in_a_group_goes_into_it(make: Make) -> None:
    window = make(small())
    session = window.session
    group = session.root.insert(small(), "twin").id
    inner = next(key for key, node in session.seen.whole.nodes.items() if node.path == "twin/hidden")
    panel = window.docks.show("log").build()
    assert isinstance(panel, LogPanel)
    session.notify("warning", "Look here.", node_id=inner)
    panel.list.itemActivated.emit(panel.list.item(panel.list.count() - 1))
    assert session.inside == (group,)
    assert session.selected_node == session.document.node("hidden").id
