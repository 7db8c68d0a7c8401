"""Search this: marks in the inspector, the editor beside them, and one undo entry for each edit."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from graphlab.graph import Graph
from graphlab.graph.searching import target_text
from graphlab.graph.spaces import space_text
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.ui import searching
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.search_mark import SearchRow
from graphlab.ui.widgets.space_popup import SpacePopup


@pytest.fixture
def inspector(qtbot: Any, quiet_session: Session) -> InspectorPanel:
    panel = InspectorPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    panel.show()
    return panel


def pick(session: Session, *names: str) -> None:
    session.select([session.document.node(name).id for name in names])


def searched(session: Session) -> dict[str, str]:
    whole = session.whole
    return {target_text(whole, each): space_text(each.space) for each in whole.sweep.searches}


def popup(row: SearchRow) -> SpacePopup:
    """The editor, opened by a click on the mark of a row."""
    QTest.mouseClick(row.mark, Qt.MouseButton.LeftButton)
    found = SpacePopup.of(row)
    assert not found.isHidden()
    return found


def type_over(line: QLineEdit, text: str) -> None:
    line.selectAll()
    QTest.keyClicks(line, text)


def test_a_param_is_searched_with_what_is_offered_first(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    pick(quiet_session, "z")
    row = inspector.node_page.form.search_row("units")
    before = len(quiet_session.root.history)
    editor = popup(row).editor
    assert (editor.title.text(), editor.now.text()) == ("z.units", "now 4")
    assert editor.values.line.text() == "1, 2, 4, 8, 16"
    QTest.keyClick(editor.values.line, Qt.Key.Key_Return)
    assert SpacePopup.of(row).isHidden()
    assert searched(quiet_session) == {"z.units": "1,2,4,8,16"}
    assert quiet_session.root.history[before:] == ["Search z.units"]
    row = inspector.node_page.form.search_row("units")
    assert (row.mark.is_lit, row.line.text(), row.line.isHidden()) == (True, "1,2,4,8,16", False)
    quiet_session.root.undo()
    assert not row.mark.is_lit
    assert row.line.isHidden()


def test_another_space_and_none(inspector: InspectorPanel, quiet_session: Session) -> None:
    quiet_session.root.search("z.units", "8,16")
    pick(quiet_session, "z")
    row = inspector.node_page.form.search_row("units")
    editor = popup(row).editor
    type_over(editor.values.line, "0, 8")
    assert "z.units cannot be 0" in editor.says.text()
    QTest.keyClick(editor.values.line, Qt.Key.Key_Return)
    assert searched(quiet_session) == {"z.units": "8,16"}
    type_over(editor.values.line, "8, 32")
    QTest.mouseClick(editor.enter, Qt.MouseButton.LeftButton)
    assert searched(quiet_session) == {"z.units": "8,32"}
    QTest.mouseClick(popup(row).editor.clear, Qt.MouseButton.LeftButton)
    assert searched(quiet_session) == {}
    assert not row.mark.is_lit


def test_words_that_wrap_have_their_room(inspector: InspectorPanel, quiet_session: Session) -> None:
    quiet_session.root.search("z.bias", "true,false")
    quiet_session.root.search("z.units", "int:1:4")
    pick(quiet_session, "z")
    found = popup(inspector.node_page.form.search_row("units"))
    assert "a grid of all that is searched has 8 points" in found.editor.says.text()
    assert found.height() >= found.column.totalHeightForWidth(found.width())
    assert found.editor.says.height() >= found.editor.says.heightForWidth(found.editor.says.width())
    assert not found.editor.ends.geometry().intersects(found.editor.says.geometry())
    assert found.editor.ends.height() >= found.editor.ends.minimumSizeHint().height()


def test_escape_and_a_click_elsewhere_leave_it_as_it_was(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    pick(quiet_session, "z")
    row = inspector.node_page.form.search_row("units")
    inspector.node_page.form.field("units").editor.setFocus()
    editor = popup(row).editor
    QTest.keyClick(editor.values.line, Qt.Key.Key_Escape)
    assert SpacePopup.of(row).isHidden()
    assert inspector.isAncestorOf(QApplication.focusWidget())
    opened = popup(row)
    QTest.mouseClick(inspector.node_page.help, Qt.MouseButton.LeftButton)
    assert opened.isHidden()
    assert searched(quiet_session) == {}


def test_marks_are_quiet_until_the_row_is_looked_at(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    pick(quiet_session, "z")
    inspector.activateWindow()
    row = inspector.node_page.form.search_row("units")
    assert not row.mark.is_seen
    inspector.node_page.form.field("units").editor.setFocus()
    assert row.mark.is_seen
    inspector.node_page.form.field("bias").editor.setFocus()
    assert not row.mark.is_seen
    row.mark.setFocus(Qt.FocusReason.TabFocusReason)
    assert row.mark.is_seen
    QTest.keyClick(row.mark, Qt.Key.Key_Space)
    assert not SpacePopup.of(row).isHidden()


def test_the_menu_of_a_row_says_it_too(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "z")
    row = inspector.node_page.form.search_row("units")
    assert [action.text() for action in row.menu(row).actions()] == ["Search this…"]
    quiet_session.root.search("z.units", "8,16")
    field: QWidget = inspector.node_page.form.field("units").editor
    entries = {action.text(): action for action in row.menu(field).actions()}
    assert {"Change what is searched…", "Do not search"} <= set(entries)
    assert len(entries) > 4  # those of the line that is typed into
    entries["Do not search"].trigger()
    assert searched(quiet_session) == {}


def test_what_stands_there_and_how_often(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "h")
    structure = inspector.node_page.structure
    assert structure.op.value.text() == "Tanh"
    editor = popup(structure.op).editor
    ticked = [
        editor.choices.list.item(k).text()
        for k in range(editor.choices.list.count())
        if editor.choices.list.item(k).checkState() == Qt.CheckState.Checked
    ]
    assert ticked == ["Tanh", "ReLU", "GELU", "LeakyReLU"]
    QTest.keyClicks(editor.choices.more, "Mishh")
    QTest.keyClick(editor.choices.more, Qt.Key.Key_Return)
    assert "Did you mean Mish?" in editor.says.text()
    editor.choices.list.item(editor.choices.list.count() - 1).setCheckState(Qt.CheckState.Unchecked)
    QTest.keyClick(editor.choices.list, Qt.Key.Key_Return)
    assert searched(quiet_session) == {"h.op": "Tanh,ReLU,GELU,LeakyReLU"}
    editor = popup(structure.copies).editor
    assert editor.says.text() == "4 values · a grid of all that is searched has 16 points"
    QTest.keyClick(editor.ends.low, Qt.Key.Key_Return)
    assert searched(quiet_session)["h.copies"] == "int:0:3"
    pick(quiet_session, "x")
    assert structure.isHidden()  # an input is what it is


def test_training_settings_are_searched_on_the_page_of_the_document(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    form = inspector.document_page.form
    editor = popup(form.search_row("lr")).editor
    QTest.keyClick(editor.ends.low, Qt.Key.Key_Return)
    assert searched(quiet_session) == {"lr": "log:0.001:0.1"}
    assert form.search_row("lr").line.text() == "log:0.001:0.1"
    editor = popup(form.search_row("optimizer")).editor
    assert editor.choices.list.count() == 8
    editor.left.emit()
    with pytest.raises(KeyError):
        form.search_row("validation")  # all trials are compared on the same rows
    assert inspector.document_page.rows.isHidden()  # there is no data


def test_several_nodes_are_searched_alike_as_one_edit(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    pick(quiet_session, "y", "gate")
    row = inspector.several_page.form.search_row("units")
    before = len(quiet_session.root.history)
    editor = popup(row).editor
    assert editor.title.text() == "units of 2 nodes"
    QTest.keyClick(editor.ends.high, Qt.Key.Key_Return)
    assert list(searched(quiet_session)) == ["y.units", "gate.units"]
    assert len(quiet_session.root.history) == before + 1
    quiet_session.root.search("y.units", "3,4")
    assert row.line.text() == "different"
    QTest.mouseClick(popup(row).editor.clear, Qt.MouseButton.LeftButton)
    assert searched(quiet_session) == {}


def test_inside_a_group_and_its_settings(inspector: InspectorPanel, quiet_session: Session) -> None:
    quiet_session.root.group("z", "h", name="body")
    use = quiet_session.document.node("body").id
    quiet_session.enter(use)
    pick(quiet_session, "z")
    editor = popup(inspector.node_page.form.search_row("units")).editor
    assert editor.title.text() == "body/z.units"
    QTest.keyClick(editor.values.line, Qt.Key.Key_Return)
    assert list(searched(quiet_session)) == ["body/z.units"]
    assert inspector.node_page.form.search_row("units").mark.is_lit
    assert searching.lines(quiet_session, quiet_session.document.node("z").id) == ["units 1,2,4,8,16"]
    quiet_session.leave()
    assert searching.nodes(quiet_session) == {use}
    assert searching.lines(quiet_session, use) == ["z.units 1,2,4,8,16"]


def test_the_editor_stays_inside_the_window(inspector: InspectorPanel, quiet_session: Session) -> None:
    inspector.resize(330, 420)
    pick(quiet_session, "h")
    opened = popup(inspector.node_page.structure.op)
    area = inspector.rect()
    assert area.contains(opened.geometry().topLeft())
    assert area.contains(opened.geometry().bottomRight() - QPoint(0, 0)) or opened.height() > area.height()


def test_data_may_be_learnt_from_in_parts(qtbot: Any) -> None:
    graph = Graph("data")
    graph.add("Dataset", dataset="xor", name="data")
    session = Session(graph, engine=False)
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    row = panel.document_page.rows.row
    assert not row.isHidden()
    QTest.keyClick(popup(row).editor.values.line, Qt.Key.Key_Return)
    assert searched(session) == {"rows": "0.1,0.2,0.5,1.0"}
    session.close()


def test_tab_stays_in_the_editor_and_goes_round(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "z")
    inspector.activateWindow()
    opened = popup(inspector.node_page.form.search_row("units"))
    editor = opened.editor
    seen = []
    for _ in range(3):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen == [editor.enter, editor.kinds, editor.values.line]
    QTest.keyClick(editor.values.line, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is editor.kinds
    assert not opened.isHidden()


def test_what_would_not_fit_is_not_offered(qtbot: Any) -> None:
    session = Session(Graph(load(example("digits-cnn").path)[0].document), engine=False)
    conv = searching.question(session, [searching.choice(session, session.document.node("conv1").id)])
    assert "Conv2d" in conv.choices
    assert "Conv1d" not in conv.choices
    assert conv.space.values == ("Conv2d",)
    pool = searching.question(session, [searching.choice(session, session.document.node("pool1").id)])
    assert pool.space.values == ("MaxPool2d", "AvgPool2d")
    assert "conv-block" in pool.more
    session.close()
