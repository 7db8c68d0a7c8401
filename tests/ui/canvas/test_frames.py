"""Frames by hand: drawn around things, named, moved with what lies in them, resized, coloured, deleted, copied."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from graphlab.graph import Frame, Graph
from graphlab.graph.document import FRAME_COLOURS
from graphlab.ui import frame_edits
from graphlab.ui.canvas import framing
from graphlab.ui.canvas.inline import NameEditor
from graphlab.ui.canvas.menus import menu_at

from .conftest import CTRL, NONE, Desk, Hand

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def add(hand: Hand, title: str, *names: str, **more: Any) -> Frame:
    """A frame, as a notebook would add it."""
    return hand.graph.add_frame(title, *names, **more)


def now(hand: Hand, frame: Frame) -> Frame:
    return hand.view.session.document.frames[frame.id]


def rect(hand: Hand, frame: Frame) -> QRectF:
    return hand.view.scene.boards.rect(frame.id)


def title(hand: Hand, frame: Frame) -> QPoint:
    """A pixel of a frame's title bar."""
    plate = hand.view.picture.frames.plates.at(hand.view.camera.zoom)[frame.id]
    return hand.view.camera.screen(plate.rect.center()).toPoint()


def position(hand: Hand, name: str) -> tuple[float, float]:
    return hand.view.session.document.node(name).position


def field(hand: Hand) -> NameEditor:
    (found,) = [e for e in hand.view.findChildren(NameEditor) if e.isVisible()]
    return found


# Making and naming


def test_a_frame_is_put_around_the_selection_and_named_at_once(desk: Desk) -> None:
    desk.select("hidden", "act")
    before = len(desk.graph.history)
    desk.key(Qt.Key.Key_J, CTRL)
    desk.type("encoder")
    (made,) = desk.session.document.frames.values()
    assert made.title == "encoder"
    assert desk.session.selection == {made.id}
    assert frame_edits.content_of(desk.session, [made.id]) == {desk.id("hidden"), desk.id("act")}
    assert desk.graph.history[before:] == ["Add frame", "Rename frame"]


def test_with_nothing_selected_an_empty_frame_appears_at_the_pointer(empty: Hand) -> None:
    framing.put_around(empty.view, QPointF(empty.pixel(300, 200)))
    field(empty).finish()
    (made,) = empty.view.session.document.frames.values()
    assert empty.view.scene.boards.rect(made.id).center() == QPointF(300, 200)
    assert made.title == frame_edits.NEW


def test_f2_and_double_click_on_the_title_edit_it_in_place(desk: Desk) -> None:
    frame = add(desk, "old", "hidden", "act")
    desk.click(title(desk, frame))
    desk.key(Qt.Key.Key_F2)
    assert field(desk).accessibleName() == "Title of the frame"
    desk.type("by key")
    assert now(desk, frame).title == "by key"
    desk.double_click(title(desk, frame))
    desk.type("by hand")
    assert now(desk, frame).title == "by hand"
    desk.double_click(title(desk, frame))
    desk.type("never", Qt.Key.Key_Escape)
    assert now(desk, frame).title == "by hand"


def test_neighbouring_frames_get_different_colours(desk: Desk) -> None:
    for name in ("x", "hidden", "act"):
        desk.select(name)
        framing.put_around(desk.view)
        field(desk).finish()
    assert len({frame.colour for frame in desk.session.document.frames.values()}) == 3


# Within a frame is empty canvas


def test_the_inside_of_a_frame_behaves_as_empty_canvas(chain: Hand) -> None:
    add(chain, "all", position=(-60, 0), size=(1000, 500))
    chain.drag(chain.pixel(200, 60), chain.pixel(500, 300))
    assert chain.selected() == {"hidden", "act"}
    chain.click(chain.pixel(300, 400))
    assert not chain.view.session.selection
    chain.double_click(chain.pixel(300, 400))
    assert chain.view.search.isVisible()


def test_a_band_around_a_frame_selects_it(chain: Hand) -> None:
    frame = add(chain, "f", "hidden", "act")
    chain.drag(chain.pixel(200, 20), chain.pixel(700, 300))
    assert chain.view.session.selection == {frame.id, chain.id("hidden"), chain.id("act")}


# Moving


def test_a_frame_is_moved_by_its_title_with_all_that_lies_in_it_as_one_step(chain: Hand) -> None:
    inner = add(chain, "inner", "hidden")
    outer = add(chain, "outer", inner.id, "act")
    note = chain.graph.add_note("by act", (500.0, 220.0), (60.0, 20.0))
    entries = len(chain.graph.history)
    chain.drag(title(chain, outer), title(chain, outer) + QPoint(30, 60))
    assert position(chain, "hidden") == (270, 160)
    assert position(chain, "act") == (510, 160)
    assert position(chain, "x") == (0, 100)
    assert chain.view.session.document.notes[note.id].position == (530, 280)
    assert now(chain, inner).position == (inner.position[0] + 30, inner.position[1] + 60)
    assert now(chain, outer).position == (outer.position[0] + 30, outer.position[1] + 60)
    assert len(chain.graph.history) == entries + 1
    assert chain.view.session.selection == {outer.id}
    chain.graph.undo()
    assert position(chain, "hidden") == (240, 100)
    assert rect(chain, inner).topLeft() == QPointF(*inner.position)


def test_while_it_is_dragged_everything_follows_and_escape_puts_it_back(chain: Hand) -> None:
    frame = add(chain, "f", "hidden", "act")
    start = title(chain, frame)
    chain.drag(start, start + QPoint(50, 40), release=False)
    assert rect(chain, frame).topLeft() == QPointF(frame.position[0] + 50, frame.position[1] + 40)
    assert chain.corner("hidden") == QPointF(290, 140)
    chain.key(Qt.Key.Key_Escape)
    assert rect(chain, frame).topLeft() == QPointF(*frame.position)
    assert chain.corner("hidden") == QPointF(240, 100)
    assert now(chain, frame) == frame


def test_alt_moves_the_frame_alone_also_when_it_is_pressed_on_the_way(chain: Hand) -> None:
    frame = add(chain, "f", "hidden", "act")
    start = title(chain, frame)
    chain.drag(start, start + QPoint(20, 30), modifiers=ALT)
    assert now(chain, frame).position == (frame.position[0] + 20, frame.position[1] + 30)
    assert position(chain, "hidden") == (240, 100)
    start += QPoint(20, 30)
    chain.drag(start, start + QPoint(10, 10), release=False)
    assert chain.corner("hidden") == QPointF(250, 110)
    chain.move(start + QPoint(10, 10), modifiers=ALT)
    assert chain.corner("hidden") == QPointF(240, 100)
    chain.release(start + QPoint(10, 10))
    assert position(chain, "hidden") == (250, 110), "what is held at the release counts"


def test_an_edge_of_an_unselected_frame_moves_it(chain: Hand) -> None:
    frame = add(chain, "f", "hidden")
    edge = chain.pixel(rect(chain, frame).left(), rect(chain, frame).center().y() + 40)
    chain.drag(edge, edge + QPoint(-20, 40))
    assert now(chain, frame).position == (frame.position[0] - 20, frame.position[1] + 40)
    assert now(chain, frame).size == frame.size
    assert position(chain, "hidden") == (220, 140)


def test_a_frame_snaps_to_the_grid_and_keeps_what_is_in_it_where_it_was_in_it(chain: Hand) -> None:
    frame = add(chain, "f", "hidden")
    chain.view.snap_to_grid = True
    chain.drag(title(chain, frame), title(chain, frame) + QPoint(33, 41))
    x, y = now(chain, frame).position
    assert (x % 10, y % 10) == (0, 0)
    assert position(chain, "hidden") == (240 + x - frame.position[0], 100 + y - frame.position[1])


def test_a_node_dragged_out_no_longer_moves_along(chain: Hand) -> None:
    frame = add(chain, "f", "hidden", "act")
    chain.drag(chain.header("act"), chain.header("act") + QPoint(0, 300))
    chain.drag(title(chain, frame), title(chain, frame) + QPoint(0, 40))
    assert position(chain, "hidden") == (240, 140)
    assert position(chain, "act") == (480, 400)


# Resizing


@pytest.mark.parametrize(
    ("side", "cursor"),
    [
        ((1, 0), Qt.CursorShape.SizeHorCursor),
        ((-1, 0), Qt.CursorShape.SizeHorCursor),
        ((0, 1), Qt.CursorShape.SizeVerCursor),
        ((0, -1), Qt.CursorShape.SizeVerCursor),
        ((1, 1), Qt.CursorShape.SizeFDiagCursor),
        ((-1, -1), Qt.CursorShape.SizeFDiagCursor),
        ((1, -1), Qt.CursorShape.SizeBDiagCursor),
        ((-1, 1), Qt.CursorShape.SizeBDiagCursor),
    ],
)
def test_every_edge_and_corner_of_a_selected_frame_resizes_it(
    empty: Hand, side: tuple[int, int], cursor: Qt.CursorShape
) -> None:
    frame = add(empty, "f", position=(100, 100), size=(300, 200))
    empty.view.session.select({frame.id})
    (x, y), before = side, rect(empty, frame)
    middle = before.center()
    place = empty.pixel(middle.x() + x * before.width() / 2, middle.y() + y * before.height() / 2)
    empty.move(place, Qt.MouseButton.NoButton)
    assert empty.view.cursor().shape() == cursor
    entries = len(empty.graph.history)
    empty.drag(place, place + QPoint(40 * x, 30 * y))
    grown = before.adjusted(40 * min(x, 0), 30 * min(y, 0), 40 * max(x, 0), 30 * max(y, 0))
    assert QRectF(*now(empty, frame).position, *now(empty, frame).size) == grown
    assert empty.graph.history[entries:] == ["Resize frame"]


def test_a_frame_cannot_be_turned_inside_out_and_escape_keeps_its_size(empty: Hand) -> None:
    frame = add(empty, "f", position=(100, 100), size=(300, 200))
    empty.view.session.select({frame.id})
    left = empty.pixel(100, 220)
    empty.drag(left, left + QPoint(900, 0), release=False)
    assert rect(empty, frame).right() == 400
    assert rect(empty, frame).width() > 0
    empty.key(Qt.Key.Key_Escape)
    assert rect(empty, frame) == QRectF(100, 100, 300, 200)
    assert now(empty, frame) == frame


def test_a_frame_that_goes_while_it_is_resized_or_moved_ends_the_gesture(empty: Hand) -> None:
    for place, drag in ((QPoint(400, 220), "edge"), (None, "title")):
        frame = add(empty, "f", position=(100, 100), size=(300, 200))
        empty.view.session.select({frame.id})
        start = title(empty, frame) if place is None else empty.pixel(place.x(), place.y())
        empty.drag(start, start + QPoint(30, 30), release=False)
        empty.graph.remove(frame.id)
        assert empty.view.gesture is None, drag
        empty.release(start)


# Deleting, colour, content


def test_delete_takes_the_frame_and_leaves_what_is_in_it(desk: Desk) -> None:
    frame = add(desk, "f", "hidden", "act")
    desk.click(title(desk, frame))
    desk.key(Qt.Key.Key_Delete)
    assert not desk.session.document.frames
    assert len(desk.graph) == 4


def test_a_frame_is_deleted_with_its_content_in_one_step(desk: Desk) -> None:
    frame = add(desk, "f", "hidden", "act")
    before = desk.session.document
    desk.session.select({frame.id})
    assert desk.window.actions_.run("graph.delete_frame_content")
    assert desk.names() == {"x", "out"}
    desk.graph.undo()
    assert desk.session.document == before


def test_the_keyboard_reaches_frames_and_their_content(desk: Desk) -> None:
    inner = add(desk, "inner", "hidden")
    outer = add(desk, "outer", inner.id, "act")
    desk.select("hidden")
    desk.key(Qt.Key.Key_J, SHIFT)
    assert desk.session.selection == {inner.id}
    desk.key(Qt.Key.Key_J, SHIFT)
    assert desk.session.selection == {outer.id}
    desk.key(Qt.Key.Key_J, SHIFT)
    assert desk.session.selection == {outer.id}, "there is none around it, which is said"
    assert "no frame around" in desk.session.notices[-1].text
    desk.key(Qt.Key.Key_J, CTRL | SHIFT)
    assert desk.session.selection == {desk.id("hidden"), desk.id("act"), inner.id}
    desk.session.select({inner.id})
    desk.key(Qt.Key.Key_Right)
    assert desk.selected() == {"act"}


def test_the_menu_of_a_frame_colours_fits_and_selects(desk: Desk) -> None:
    frame = add(desk, "f", "hidden", "act", colour="red")
    desk.graph.edit_frame(frame.id, position=(100, 0), size=(700, 400))
    shown = menu_at(desk.view, QPointF(title(desk, frame)))
    (colours,) = [a.menu() for a in shown.actions() if a.text() == "Colour"]
    assert [a.text() for a in colours.actions() if a.isChecked()] == ["Red"]
    next(a for a in colours.actions() if a.text() == "Violet").trigger()
    assert now(desk, frame).colour == "violet"
    desk.menu(title(desk, frame))["Fit frame to content"].trigger()
    assert now(desk, frame).position == frame.position
    desk.menu(title(desk, frame))["Select content"].trigger()
    assert desk.selected() == {"hidden", "act"}


def test_the_menu_of_several_frames_lines_them_up(desk: Desk) -> None:
    frames = [add(desk, name, position=(x, 300), size=(120, 100 + x)) for name, x in (("a", 0), ("b", 200))]
    desk.session.select(f.id for f in frames)
    (arrange,) = [
        a.menu()
        for a in menu_at(desk.view, QPointF(title(desk, frames[0]))).actions()
        if a.text() == "Arrange"
    ]
    next(a for a in arrange.actions() if a.text().startswith("Align bottom")).trigger()
    assert len({now(desk, f).position[1] + now(desk, f).size[1] for f in frames}) == 1


def test_the_menu_of_a_frame_tells_keys_only_where_they_do_the_same(desk: Desk) -> None:
    frame = add(desk, "f", "hidden")
    assert "Delete frame\tDelete" in _texts(desk, frame)
    desk.session.select({frame.id, desk.id("out")})
    texts = _texts(desk, frame)
    assert "Delete frame" in texts  # and nothing else of what is selected
    desk.menu(title(desk, frame))["Delete"].trigger()
    assert not desk.session.document.frames
    assert desk.names() == {"x", "hidden", "act"}


def _texts(desk: Desk, frame: Frame) -> list[str]:
    return [a.text() for a in menu_at(desk.view, QPointF(title(desk, frame))).actions()]


def test_a_right_click_within_a_frame_offers_what_the_canvas_does_and_the_frame(desk: Desk) -> None:
    frame = add(desk, "a & b", position=(-100, 300), size=(400, 200))
    shown = menu_at(desk.view, QPointF(desk.pixel(0, 450)))
    titles = {a.text().partition("\t")[0]: a for a in shown.actions()}
    assert "Add node …" in titles
    within = titles["Frame “a && b”"].menu()
    next(a for a in within.actions() if a.text() == "Delete frame").trigger()  # no key does that
    assert frame.id not in desk.session.document.frames


def test_the_colour_can_be_changed_by_a_command(desk: Desk) -> None:
    frame = add(desk, "f", "hidden", colour=FRAME_COLOURS[-1])
    desk.session.select({frame.id})
    assert desk.window.actions_.run("graph.frame_colour")
    assert now(desk, frame).colour == FRAME_COLOURS[0]
    assert desk.graph.history[-1] == "Colour frame"


def test_a_frame_is_grouped_with_what_lies_in_it(desk: Desk) -> None:
    frame = add(desk, "encoder", "hidden", "act")
    empty = add(desk, "empty", position=(0, 600))
    group = desk.window.actions_["graph.group"]
    desk.session.select({empty.id})
    desk.window.actions_.refresh()
    assert not group.isEnabled()
    desk.session.select({frame.id})
    before = len(desk.graph.history)
    desk.key(Qt.Key.Key_G, CTRL)
    field(desk).finish()
    assert len(desk.graph.history) == before + 1
    assert desk.names() == {"x", "group", "out"}
    (inner,) = desk.session.document.definitions.values()
    assert {"hidden", "act"} < inner.ids_by_name.keys()
    assert [f.title for f in inner.frames.values()] == ["encoder"]


# Copying


def test_a_frame_is_copied_with_its_content_and_the_wires_in_it(chain: Hand) -> None:
    frame = add(chain, "f", "hidden", "act", colour="green")
    chain.view.session.select({frame.id})
    chain.view.copy()
    chain.view.paste(QPointF(400, 600))
    document = chain.view.session.document
    assert [f.title for f in document.frames.values()] == ["f", "f"]
    (new,) = [i for i in document.frames if i != frame.id]
    assert document.frames[new].colour == "green"
    inside = frame_edits.content_of(chain.view.session, [new])
    assert chain.view.session.selection == {new, *inside}
    assert len(inside) == 2
    assert sum(e.source in inside and e.target in inside for e in document.edges.values()) == 1


def test_duplicate_and_cut_take_the_content_along(chain: Hand) -> None:
    frame = add(chain, "f", "hidden", "act")
    chain.view.session.select({frame.id})
    chain.view.duplicate()
    assert len(chain.graph) == 6
    assert len(chain.view.session.document.frames) == 2
    chain.graph.undo()
    chain.view.session.select({frame.id})
    chain.view.cut()
    assert len(chain.graph) == 2
    chain.view.paste()
    assert len(chain.graph) == 4


# Together with the rest


def test_grouping_takes_a_selected_frame_into_the_group(desk: Desk) -> None:
    frame = add(desk, "core", "hidden", "act")
    desk.session.select({frame.id, desk.id("hidden"), desk.id("act")})
    desk.key(Qt.Key.Key_G, CTRL)
    desk.type("cell")
    assert not desk.session.document.frames
    (inside,) = desk.session.whole.definitions.values()
    assert [f.title for f in inside.frames.values()] == ["core"]


def test_keys_of_a_text_field_are_not_taken_for_commands(desk: Desk) -> None:
    frame = add(desk, "f", "hidden")
    desk.session.select({frame.id})
    desk.key(Qt.Key.Key_F2)
    QTest.keyClick(field(desk), Qt.Key.Key_Delete, NONE)
    QTest.keyClick(field(desk), Qt.Key.Key_Return)
    assert frame.id in desk.session.document.frames


def test_a_notebook_and_the_canvas_share_frames(empty: Hand) -> None:
    graph: Graph = empty.graph
    node = graph.add("Input", name="x", position=(50.0, 50.0))
    frame = graph.add_frame("inputs", node)
    assert rect(empty, frame).contains(empty.view.scene.rect(node.id))
    graph.undo()
    assert frame.id not in empty.view.scene.boards


def test_the_menu_key_opens_the_menu_of_what_is_selected(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QPointF] = []
    monkeypatch.setattr(desk.view, "open_menu", opened.append)
    frame = add(desk, "f", "hidden", "act")
    for item in (frame.id, desk.id("x")):
        desk.session.select({item})
        desk.key(Qt.Key.Key_Menu)
        assert desk.view.item_under(desk.view.camera.world(opened[-1])) == item


def test_a_frame_is_found_by_its_title(desk: Desk) -> None:
    frame = add(desk, "the encoder", "hidden", position=(4000.0, 4000.0))
    desk.window.finder.open("go to enc")
    assert desk.window.finder.titles()[0] == "Go to the encoder"
    QTest.keyClick(desk.window.finder.field, Qt.Key.Key_Return)
    assert desk.session.selection == {frame.id}
    assert desk.view.camera.world_rect(QRectF(desk.view.rect())).contains(rect(desk, frame))


def test_moving_nodes_leaves_frames_and_notes_the_same_objects(chain: Hand) -> None:
    add(chain, "f", "hidden")
    before = chain.view.session.document
    chain.graph.move({"x": (5.0, 5.0)})
    after = chain.view.session.document
    assert after.frames is before.frames
    assert after.notes is before.notes
