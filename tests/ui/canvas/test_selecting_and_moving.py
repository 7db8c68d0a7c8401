"""Selecting, moving, walking, deleting and naming."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.ui.canvas.inline import NameEditor

from .conftest import Hand

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def test_click_selects_and_shift_click_toggles(chain: Hand) -> None:
    chain.click(chain.header("x"))
    assert chain.selected() == {"x"}
    chain.click(chain.header("act"), SHIFT)
    assert chain.selected() == {"x", "act"}
    chain.click(chain.header("x"), SHIFT)
    assert chain.selected() == {"act"}
    chain.click(chain.pixel(300, 500))
    assert chain.selected() == set()


def test_rubber_band_selects_what_it_touches(chain: Hand) -> None:
    chain.drag(chain.pixel(-20, 60), chain.pixel(300, 300))
    assert chain.selected() == {"x", "hidden"}
    chain.drag(chain.pixel(460, 60), chain.pixel(500, 120), modifiers=SHIFT)
    assert chain.selected() == {"x", "hidden", "act"}
    chain.drag(chain.pixel(-20, 60), chain.pixel(100, 300), modifiers=CONTROL)
    assert chain.selected() == {"hidden", "act"}


def test_escape_during_a_rubber_band_restores_the_selection(chain: Hand) -> None:
    chain.click(chain.header("act"))
    chain.drag(chain.pixel(-20, 60), chain.pixel(300, 300), release=False)
    chain.key(Qt.Key.Key_Escape)
    assert chain.selected() == {"act"}


def test_drag_of_many_moves_is_one_undo_entry(chain: Hand) -> None:
    before = len(chain.graph.history)
    place = chain.view.session.document.node("act").position
    start = chain.header("act")
    chain.drag(start, start + QPoint(35, 120), steps=20)
    assert chain.view.session.document.node("act").position == (place[0] + 35, place[1] + 120)
    assert len(chain.graph.history) == before + 1
    chain.graph.undo()
    assert chain.view.session.document.node("act").position == place
    assert chain.corner("act").toTuple() == place


def test_node_and_its_wires_follow_the_hand_before_the_release(chain: Hand) -> None:
    start = chain.header("act")
    before = chain.input("act")
    chain.drag(start, start + QPoint(20, 150), release=False)
    assert chain.input("act") - before == QPoint(20, 150)
    wire = chain.view.scene.wires.ends[chain.view.scene.wire_index[chain.id("act"), "x"]]
    assert chain.pixel(*wire[2:]) == chain.input("act")
    assert chain.view.session.document.node("act").position == (480, 100)


def test_escape_puts_a_dragged_node_back_and_leaves_no_entry(chain: Hand) -> None:
    before = chain.view.session.document
    start = chain.header("act")
    chain.drag(start, start + QPoint(20, 150), release=False)
    chain.key(Qt.Key.Key_Escape)
    chain.release(start + QPoint(20, 150))
    assert chain.view.session.document is before
    assert chain.corner("act").toTuple() == (480, 100)
    assert not chain.graph.can_undo or chain.graph.undo_label != "Move"


def test_selection_moves_together(chain: Hand) -> None:
    chain.drag(chain.pixel(-20, 60), chain.pixel(300, 300))
    start = chain.header("hidden")
    chain.drag(start, start + QPoint(0, 150))
    places = {n.name: n.position for n in chain.view.session.document.nodes.values()}
    assert places["x"] == (0, 250)
    assert places["hidden"] == (240, 250)
    assert places["act"] == (480, 100)


def test_shift_while_dragging_keeps_to_the_grid(chain: Hand) -> None:
    start = chain.header("act")
    chain.press(start)
    chain.move(start + QPoint(33, 147), modifiers=SHIFT)
    chain.release(start + QPoint(33, 147), modifiers=SHIFT)
    x, y = chain.view.session.document.node("act").position
    assert (x % 10, y % 10) == (0, 0)
    assert (x, y) != (480, 100)


def test_node_deleted_while_it_is_dragged(chain: Hand) -> None:
    start = chain.header("act")
    chain.drag(start, start + QPoint(20, 150), release=False)
    chain.graph.remove("act")
    chain.move(start + QPoint(40, 150))
    chain.release(start + QPoint(40, 150))
    assert chain.view.gesture is None
    assert len(chain.graph) == 3


def test_node_deleted_between_the_press_and_the_drag(chain: Hand) -> None:
    start = chain.header("act")
    chain.press(start)
    chain.key(Qt.Key.Key_Delete)
    chain.move(start + QPoint(40, 150))
    chain.release(start + QPoint(40, 150))
    assert len(chain.graph) == 3
    assert chain.view.gesture is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_key_removes_the_selection_with_its_wires(chain: Hand, key: Qt.Key) -> None:
    chain.click(chain.header("act"))
    chain.key(key)
    assert "act" not in chain.graph
    assert len(chain.view.session.document.edges) == 1
    assert chain.selected() == set()


def test_delete_and_rejoin_closes_the_gap_where_shapes_fit(chain: Hand) -> None:
    chain.click(chain.header("act"))
    chain.view.delete_and_rejoin()
    assert chain.view.session.document.edges[chain.id("out"), "x"].source == chain.id("hidden")
    chain.graph.undo()
    assert "act" in chain.graph


def test_delete_and_rejoin_leaves_a_gap_where_they_do_not(chain: Hand) -> None:
    chain.graph.add("Parameter", name="w", shape=(1, 16), position=(480, 300))
    chain.graph.connect("w", "out", "weight")
    chain.view.session.select([chain.id("hidden"), chain.id("act")])
    chain.view.delete_and_rejoin()
    assert "x" not in chain.view.session.document.inputs_of(chain.id("out"))


def test_arrows_walk_the_graph(chain: Hand) -> None:
    chain.key(Qt.Key.Key_Right)
    assert chain.selected() == {"x"}
    chain.key(Qt.Key.Key_Right)
    assert chain.selected() == {"hidden"}
    chain.key(Qt.Key.Key_Right, CONTROL)
    assert chain.selected() == {"act"}
    chain.key(Qt.Key.Key_Left, CONTROL)
    assert chain.selected() == {"hidden"}
    chain.key(Qt.Key.Key_Up)
    assert chain.selected() == {"hidden"}


def editor(hand: Hand) -> NameEditor:
    (found,) = [e for e in hand.view.findChildren(NameEditor) if e.isVisible()]
    return found


def test_double_click_renames_in_place(chain: Hand) -> None:
    chain.double_click(chain.header("act"))
    line = editor(chain)
    assert line.text() == "act"
    line.selectAll()
    QTest.keyClicks(line, "squash")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "squash" in chain.graph
    assert not line.isVisible()


def test_taken_name_is_told_in_place_and_can_be_mended(chain: Hand) -> None:
    chain.click(chain.header("act"))
    chain.view.rename_selected()
    line = editor(chain)
    line.setText("hidden")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.isVisible()
    assert line.property("invalid")
    assert "hidden" in chain.view.bubble.text
    assert "act" in chain.graph
    line.setText("hidden2")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "hidden2" in chain.graph


def test_escape_drops_a_name(chain: Hand) -> None:
    chain.click(chain.header("act"))
    chain.view.rename_selected()
    line = editor(chain)
    line.setText("other")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert "act" in chain.graph
    assert "other" not in chain.graph


def test_tidy_is_one_undo_entry_and_arrives_where_the_document_says(chain: Hand) -> None:
    chain.view.session.select([chain.id("act")])
    start = chain.header("act")
    chain.drag(start, start + QPoint(-300, 250))
    before = len(chain.graph.history)
    chain.view.tidy()
    assert len(chain.graph.history) == before + 1
    xs = [chain.view.session.document.node(n).position[0] for n in ("x", "hidden", "act", "out")]
    assert xs == sorted(xs)
    for name in ("x", "hidden", "act", "out"):
        assert chain.corner(name).toTuple() == chain.view.session.document.node(name).position


def test_tidy_glides_and_an_edit_meanwhile_ends_the_glide(chain: Hand, qtbot: object) -> None:
    start = chain.header("act")
    chain.drag(start, start + QPoint(-300, 250))
    away = chain.corner("act")
    chain.view.motion.enabled = True
    chain.view.tidy()
    assert chain.view.motion.is_gliding
    assert (chain.corner("act") - away).manhattanLength() < 60
    chain.graph.rename("x", "input")
    assert not chain.view.motion.is_gliding
    assert chain.corner("act").toTuple() == chain.view.session.document.node("act").position


def test_select_all_takes_nodes_and_notes(chain: Hand) -> None:
    note = chain.graph.add_note("a note", (0, 300))
    chain.view.select_all()
    assert chain.view.session.selection == {*chain.view.session.document.nodes, note.id}
