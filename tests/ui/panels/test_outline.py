"""The outline by hand: rows and canvas select each other, keys and menus act on rows, screen readers read them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from graphlab.graph import Document, Edge, Graph, Node, edits
from graphlab.ui.canvas.inline import NoteEditor
from graphlab.ui.panels.outline import OutlinePanel
from graphlab.ui.session import Session
from tests.ui.canvas.conftest import CTRL, LEFT, NONE, Desk
from tests.ui.window_trial import Make

SHIFT = Qt.KeyboardModifier.ShiftModifier


class Reader:
    """Works the outline of a window."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.session = desk, desk.session
        self.panel: OutlinePanel = desk.window.docks.show("outline").build()
        QApplication.processEvents()
        self.tree = self.panel.tree

    def row(self, *names: str) -> QModelIndex:
        """The row of that name, with what it stands below opened."""
        QApplication.processEvents()
        index = QModelIndex()
        for name in names:
            if index.isValid():
                self.tree.expand(index)
            rows = [self.panel.model.index(k, 0, index) for k in range(self.panel.model.rowCount(index))]
            index = next(i for i in rows if i.data() == name)
        return index

    def click(self, *names: str, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.tree.viewport(), LEFT, modifiers, self.spot(*names))

    def double_click(self, *names: str) -> None:
        self.click(*names)
        QTest.mouseDClick(self.tree.viewport(), LEFT, NONE, self.spot(*names))

    def spot(self, *names: str) -> QPoint:
        index = self.row(*names)
        self.tree.scrollTo(index)
        QApplication.processEvents()
        return self.tree.visualRect(index).center()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        self.tree.setFocus()
        QTest.keyClick(self.tree, key, modifiers)
        QApplication.processEvents()

    def selected(self) -> set[str]:
        QApplication.processEvents()
        return {i.data() for i in self.tree.selectionModel().selectedIndexes()}


@pytest.fixture
def reader(make: Make) -> Reader:
    """x → [cell: hidden → act] → out; a frame, a note and a bookmark."""
    graph = Graph("rows")
    node = graph.add("Input", name="x", shape=("N", 2), position=(0, 100))
    for k, (op, name) in enumerate((("Linear", "hidden"), ("Tanh", "act"), ("Linear", "out")), 1):
        node = graph.add(op, node, name=name, position=(240 * k, 100))
    graph.group("hidden", "act", name="cell")
    graph.add_note("Remember", (0, 400))
    graph.replace(edits.add_frame(graph.document, "Head", (0, 0), (300, 200))[0], "Frame")
    graph.set_bookmark("start", (5000, 5000), 0.5)
    window = make(Graph(graph.document))
    window.canvas.motion.enabled = False
    window.activateWindow()
    return Reader(Desk(window))


def test_it_stands_beside_the_library_which_is_in_front(make: Make) -> None:
    window = make(Graph(Document("d", {"n1": Node("n1", "Tanh", "a")}, next_id=2)))
    library, outline = window.docks["library"], window.docks["outline"]
    QApplication.processEvents()
    assert outline in window.tabifiedDockWidgets(library)
    assert library.content is not None
    assert outline.content is None  # built when it comes to the front


def test_rows_and_canvas_select_each_other(reader: Reader) -> None:
    reader.click("x")
    assert reader.desk.selected() == {"x"}
    reader.click("out", modifiers=CTRL)
    assert reader.desk.selected() == {"x", "out"}
    reader.desk.select("cell")
    assert reader.selected() == {"cell"}
    reader.desk.view.select_all()
    assert reader.selected() == {"x", "cell", "out", "Remember", "Head"}
    reader.session.select(())
    assert reader.selected() == set()


def test_behind_another_tab_it_follows_nothing_and_catches_up_in_front(reader: Reader) -> None:
    docks, model = reader.desk.window.docks, reader.panel.model
    docks.show("library")
    QTest.qWait(50)
    touched: list[object] = []
    model.rowsInserted.connect(lambda *_: touched.append("row"))
    reader.session.graph.add("Tanh", "out", name="more")
    reader.desk.select("more")
    QTest.qWait(50)
    assert touched == []
    docks.show("outline")
    QTest.qWait(50)
    assert touched == ["row"]
    assert reader.selected() == {"more"}


def test_what_is_deleted_takes_no_other_selection_along(reader: Reader) -> None:
    reader.click("x")
    reader.click("out", modifiers=CTRL)
    reader.session.graph.remove("out")
    reader.desk.select("cell")
    assert reader.selected() == {"cell"}
    assert reader.desk.selected() == {"cell"}


def test_another_document_is_another_tree(reader: Reader) -> None:
    other = Graph("other")
    other.add("Input", name="alone")
    reader.session.open(Graph(other.document))
    assert reader.row("alone").isValid()
    assert reader.panel.model.rowCount() == 1


def test_shift_selects_from_row_to_row(reader: Reader) -> None:
    reader.click("x")
    reader.click("out", modifiers=SHIFT)
    assert reader.desk.selected() == {"x", "cell", "out"}


def test_a_row_on_another_sheet_moves_nobody_until_it_is_entered(reader: Reader) -> None:
    reader.click("cell", "act")
    assert reader.session.inside == ()
    assert reader.desk.selected() == set()
    reader.key(Qt.Key.Key_Return)
    assert reader.session.inside == (reader.session.whole.node("cell").id,)
    assert reader.desk.selected() == {"act"}


def test_a_double_click_brings_a_node_into_view(reader: Reader) -> None:
    view = reader.desk.view
    view.camera.set((-9000.0, 0.0, 1.0))
    view.camera_changed()
    reader.double_click("out")
    place = view.camera.screen_rect(view.scene.rect(reader.desk.id("out")))
    assert view.rect().contains(place.toAlignedRect())


def test_a_group_is_entered_and_what_is_selected_inside_is_opened(reader: Reader) -> None:
    reader.double_click("cell")
    assert reader.session.inside
    reader.tree.collapseAll()
    reader.desk.select("hidden")
    assert reader.selected() == {"hidden"}
    assert reader.tree.isExpanded(reader.row("cell"))


def test_f2_renames_in_place(reader: Reader) -> None:
    reader.click("out")
    reader.key(Qt.Key.Key_F2)
    editor = next(e for e in reader.tree.findChildren(QLineEdit) if e.isVisible())
    editor.setText("result")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert "result" in reader.session.graph
    assert reader.session.graph.undo_label == "Rename"


def test_a_name_that_is_taken_is_refused_and_told(reader: Reader) -> None:
    index = reader.row("out")
    assert not reader.panel.model.setData(index, "x")
    assert "There is a node 'x' already" in reader.desk.window.stage.strip.text
    assert index.data() == "out"


def test_f2_on_a_note_opens_it_on_the_canvas(reader: Reader) -> None:
    reader.click("Notes", "Remember")
    reader.key(Qt.Key.Key_F2)
    assert [e for e in reader.desk.view.findChildren(NoteEditor) if e.isVisible()]


def test_delete_deletes_rows_of_several_sheets_at_once(reader: Reader) -> None:
    reader.click("cell", "act")
    reader.click("out", modifiers=CTRL)
    reader.click("Bookmarks", "start", modifiers=CTRL)
    reader.key(Qt.Key.Key_Delete)
    whole = reader.session.whole
    assert "out" not in whole.ids_by_name
    assert "act" not in whole.definitions["g1"].ids_by_name
    assert whole.bookmarks == ()
    reader.session.graph.undo()
    assert "out" in reader.session.whole.ids_by_name
    assert "act" in reader.session.whole.definitions["g1"].ids_by_name


def test_letters_go_to_a_name_though_they_are_commands_elsewhere(reader: Reader) -> None:
    before = reader.session.whole
    reader.click("x")
    reader.tree.setFocus()
    reader.key(Qt.Key.Key_O)
    assert reader.desk.selected() == {"out"}
    QTest.qWait(QApplication.keyboardInputInterval() + 50)
    reader.key(Qt.Key.Key_M)
    assert reader.session.whole is before


def test_arrows_walk_the_rows_and_open_groups(reader: Reader) -> None:
    reader.click("x")
    reader.key(Qt.Key.Key_Down)
    assert reader.desk.selected() == {"cell"}
    reader.key(Qt.Key.Key_Right)
    assert reader.tree.isExpanded(reader.row("cell"))


def test_a_bookmark_is_gone_to(reader: Reader) -> None:
    reader.double_click("Bookmarks", "start")
    view = reader.desk.view
    assert view.camera.world(view.middle).x() == pytest.approx(5000, abs=0.1)


def test_the_menu_of_a_row_is_that_of_the_canvas(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: shown.append(menu))
    at = reader.spot("out")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, reader.tree.viewport().mapToGlobal(at))
    QApplication.sendEvent(reader.tree.viewport(), event)
    (menu,) = shown
    titles = {action.text().partition("\t")[0] for action in menu.actions()}
    assert {"Rename", "Pause here", "Replace by …", "Delete"} <= titles
    assert reader.desk.selected() == {"out"}


def test_elsewhere_and_of_bookmarks_the_menu_is_short(reader: Reader) -> None:
    titles = [a.text() for a in reader.panel.menu(reader.row("cell", "act")).actions() if a.text()]
    assert titles == ["Go there", "Rename", "Delete"]
    titles = [a.text() for a in reader.panel.menu(reader.row("Bookmarks", "start")).actions() if a.text()]
    assert titles == ["Go there", "Rename", "Remove"]


def test_screen_readers_hear_a_sentence_for_every_row(reader: Reader) -> None:
    tree = QAccessible.queryAccessibleInterface(reader.tree)
    assert tree.role() == QAccessible.Role.Tree
    assert tree.text(QAccessible.Text.Name) == "Outline of the graph"
    said = [tree.child(k).text(QAccessible.Text.Name) for k in range(tree.childCount())]
    assert any(line.startswith("out, Linear, output N by ") and line.endswith("from cell") for line in said)
    assert any(line.startswith("x, Input, output N by 2, feeds cell") for line in said)
    assert "Frames, 1" in said


def test_screen_readers_hear_what_is_selected_on_the_canvas(reader: Reader) -> None:
    view = reader.desk.view
    reader.desk.select("x")
    QApplication.processEvents()
    assert view.accessibleDescription().startswith("Selected: x, Input, output N by 2, feeds cell.")
    reader.desk.select("x", "out")
    QApplication.processEvents()
    assert view.accessibleDescription().startswith("2 selected: ")
    reader.session.select(())
    QApplication.processEvents()
    assert view.accessibleDescription().startswith("Nothing selected. 3 nodes")


def test_walking_the_canvas_by_keys_is_said_aloud(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    reader.desk.select("x")
    reader.desk.view.setFocus()
    reader.desk.key(Qt.Key.Key_Right, CTRL)
    assert said[-1].startswith("Selected: cell, group of 2 nodes, ")


def test_an_empty_graph_says_what_would_fill_it(qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    panel = OutlinePanel(session)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.nothing.isVisible()
    session.graph.add("Tanh")
    QApplication.processEvents()
    assert panel.tree.isVisible()
    assert panel.nothing.isHidden()
    session.close()


def test_ten_thousand_nodes_open_and_are_selected_quickly(qtbot: Any) -> None:
    nodes = {f"n{k}": Node(f"n{k}", "Tanh", f"t{k}", {}, (k, 0)) for k in range(1, 10_000)}
    edges = {(f"n{k}", "x"): Edge(f"n{k - 1}", "y", f"n{k}", "x") for k in range(2, 10_000) if k % 100}
    session = Session(Graph(Document("large", nodes, edges, next_id=10_000)), engine=False)
    start = time.process_time()
    panel = OutlinePanel(session)
    qtbot.addWidget(panel)
    panel.resize(210, 500)
    panel.show()
    QApplication.processEvents()
    panel.grab()
    assert time.process_time() - start < 0.4
    start = time.process_time()
    session.select(nodes)
    QApplication.processEvents()
    assert len(panel.tree.selectionModel().selectedIndexes()) == 9_999
    assert time.process_time() - start < 0.8
    session.close()
