"""Notes: cards of text that are written, moved and resized."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.graph import Note
from graphlab.ui.canvas.inline import NoteEditor

from .conftest import Hand


def only(hand: Hand) -> Note:
    (note,) = hand.view.session.document.notes.values()
    return note


def field(hand: Hand) -> NoteEditor:
    (found,) = [e for e in hand.view.findChildren(NoteEditor) if e.isVisible()]
    return found


def test_note_is_added_and_written_at_once(empty: Hand) -> None:
    empty.view.add_note(empty.pixel(100, 100).toPointF())
    QTest.keyClicks(field(empty), "try this")
    QTest.keyClick(field(empty), Qt.Key.Key_Escape)
    assert only(empty).text == "try this"
    assert only(empty).position == (100, 100)


def test_double_click_edits_a_note(chain: Hand) -> None:
    chain.graph.add_note("old", (100, 350), (200, 90))
    chain.double_click(chain.pixel(180, 400))
    editing = field(chain)
    editing.selectAll()
    QTest.keyClicks(editing, "new")
    chain.click(chain.pixel(700, 500))
    assert only(chain).text == "new"


def test_note_is_moved_by_dragging_in_one_step(chain: Hand) -> None:
    chain.graph.add_note("text", (100, 350), (200, 90))
    before = len(chain.graph.history)
    chain.drag(chain.pixel(150, 390), chain.pixel(210, 420))
    assert only(chain).position == (160, 380)
    assert len(chain.graph.history) == before + 1


def test_note_is_resized_by_its_corner_and_escape_keeps_the_size(chain: Hand) -> None:
    chain.graph.add_note("text", (100, 350), (200, 90))
    chain.click(chain.pixel(150, 390))
    corner = chain.pixel(296, 436)
    chain.drag(corner, corner + QPoint(50, 30))
    assert only(chain).size == (250, 120)
    corner = corner + QPoint(50, 30)
    chain.drag(corner, corner + QPoint(50, 30), release=False)
    chain.key(Qt.Key.Key_Escape)
    assert only(chain).size == (250, 120)
    assert chain.view.scene.note_rect(only(chain).id).width() == 250


def test_selected_note_is_deleted(chain: Hand) -> None:
    chain.graph.add_note("text", (100, 350), (200, 90))
    chain.click(chain.pixel(150, 390))
    chain.key(Qt.Key.Key_Delete)
    assert not chain.view.session.document.notes
    assert len(chain.graph) == 4


def test_every_edge_of_a_selected_note_resizes_it(chain: Hand) -> None:
    chain.graph.add_note("text", (100, 350), (200, 90))
    chain.drag(chain.pixel(100, 400), chain.pixel(60, 400))
    assert (only(chain).position, only(chain).size) == ((60, 350), (200, 90)), (
        "the first drag selects and moves"
    )
    chain.drag(chain.pixel(60, 400), chain.pixel(20, 400))
    assert (only(chain).position, only(chain).size) == ((20, 350), (240, 90))
    chain.drag(chain.pixel(120, 350), chain.pixel(120, 600))
    assert only(chain).size == (240, 36), "no smaller than it can be used"
    assert only(chain).position == (20, 404)
