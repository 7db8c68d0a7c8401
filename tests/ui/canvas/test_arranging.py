"""Aligning, spreading and straightening from menus and keys; lines that a drag sticks to; the grid."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from graphlab.graph import edits
from graphlab.ui.canvas.arranging import ARRANGEMENTS, possible
from graphlab.ui.canvas.draw_ground import GRID
from graphlab.ui.canvas.menus import menu_at
from graphlab.ui.theme import theme
from tests.ui.canvas.conftest import CTRL, LEFT, NONE, Desk, Hand

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


def place(hand: Hand, name: str) -> tuple[float, float]:
    return hand.graph.document.node(name).position


# Arranging


@pytest.mark.parametrize(
    ("key", "axis"),
    [(Qt.Key.Key_Left, 0), (Qt.Key.Key_Right, 0), (Qt.Key.Key_Up, 1), (Qt.Key.Key_Down, 1)],
)
def test_keys_align_the_selection_as_one_undo_entry(desk: Desk, key: Qt.Key, axis: int) -> None:
    desk.graph.move({"hidden": (240, 140), "act": (500, 60)})
    desk.select("hidden", "act")
    steps, before = len(desk.graph.history), desk.graph.document
    desk.key(key, CTRL | SHIFT)
    rects = [desk.view.scene.rect(desk.id(name)) for name in ("hidden", "act")]
    edges = {
        Qt.Key.Key_Left: "left",
        Qt.Key.Key_Right: "right",
        Qt.Key.Key_Up: "top",
        Qt.Key.Key_Down: "bottom",
    }
    assert len({getattr(rect, edges[key])() for rect in rects}) == 1
    assert len(desk.graph.history) == steps + 1
    assert place(desk, "x") == (0, 100)
    other = 1 - axis
    assert {name: place(desk, name)[other] for name in ("hidden", "act")} == {
        name: before.node(name).position[other] for name in ("hidden", "act")
    }
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.graph.document is before


def test_gaps_are_made_equal_from_the_menu_of_the_canvas(desk: Desk) -> None:
    desk.graph.move({"hidden": (190, 100), "act": (600, 100), "out": (900, 100)})
    desk.select("x", "hidden", "act", "out")
    menu = desk.menu(desk.header("hidden"))["Arrange"].menu()
    entry = next(a for a in menu.actions() if a.text().startswith("Spread in a row\t"))
    entry.trigger()
    assert [place(desk, name)[0] for name in ("x", "hidden", "act", "out")] == [0, 300, 600, 900]
    assert desk.graph.undo_label == "Spread in a row"


def test_the_menu_offers_what_the_selection_allows(chain: Hand) -> None:
    def titles() -> list[str]:
        menu = menu_at(chain.view, QPointF(chain.header("act")))
        arrange = [a.menu() for a in menu.actions() if a.text() == "Arrange"]
        return [a.text().partition("\t")[0] for a in arrange[0].actions() if a.text()] if arrange else []

    chain.view.session.select([chain.id("act")])
    assert titles() == []
    chain.view.session.select([chain.id("act"), chain.id("x")])
    assert "Align left edges" in titles()
    assert "Spread in a row" not in titles()
    assert "Straighten wires" not in titles()  # no wire between these two
    chain.view.session.select([chain.id("act"), chain.id("x"), chain.id("hidden")])
    assert titles() == [a.title for a in ARRANGEMENTS]


def test_notes_line_up_with_nodes(desk: Desk) -> None:
    note = desk.graph.add_note("read me", (37, 400))
    desk.session.select([note.id, desk.id("x")])
    desk.key(Qt.Key.Key_Left, CTRL | SHIFT)
    assert desk.graph.document.notes[note.id].position == (0, 400)
    menu = menu_at(desk.view, QPointF(desk.pixel(60, 430)))
    assert "Arrange" in [a.text() for a in menu.actions()]


def test_a_frame_takes_along_what_lies_in_it(desk: Desk) -> None:
    document, frame = edits.add_frame(desk.graph.document, "part", (200, 60), (500, 200))
    desk.graph.replace(document, "Add frame")
    desk.session.select([frame.id, desk.id("x")])
    desk.key(Qt.Key.Key_Up, CTRL | SHIFT)
    assert place(desk, "x") == (0, 60)
    assert place(desk, "hidden") == (240, 100)
    desk.session.select([frame.id, desk.id("x")])
    desk.key(Qt.Key.Key_Left, CTRL | SHIFT)
    assert desk.graph.document.frames[frame.id].position == (0, 60)
    assert place(desk, "hidden") == (40, 100)
    assert place(desk, "out") == (720, 100)


def test_wires_are_straightened_by_key(desk: Desk) -> None:
    desk.graph.move({"hidden": (240, 133), "act": (480, 60)})
    desk.select("x", "hidden", "act")
    desk.key(Qt.Key.Key_L, SHIFT)
    ends = desk.view.scene.wires.ends
    assert (ends[:2, 1] == ends[:2, 3]).all()
    assert place(desk, "x") == (0, 100)


def test_what_is_lined_up_is_told_so(desk: Desk) -> None:
    desk.select("x", "act")
    steps = len(desk.graph.history)
    desk.key(Qt.Key.Key_Up, CTRL | SHIFT)
    assert len(desk.graph.history) == steps
    assert "lined up already" in desk.session.notices[-1].text


def test_nothing_can_be_arranged_with_one_node(chain: Hand) -> None:
    chain.view.session.select([chain.id("x")])
    assert not any(possible(chain.view, a) for a in ARRANGEMENTS)


# Guides


def drag(hand: Hand, start: QPoint, by: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Drags and does not let go."""
    hand.drag(start, start + by, modifiers=modifiers, release=False)


def lines(hand: Hand) -> list:
    return hand.view.gesture._guides.lines


def test_a_node_sticks_to_a_row_and_a_line_shows(chain: Hand) -> None:
    chain.graph.add("Tanh", "x", name="free", position=(300, 400))
    start = chain.header("free")
    drag(chain, start, QPoint(37, -296))
    assert chain.corner("free").toTuple() == (337, 100)
    top = lines(chain)[0]
    assert top.start.y() == top.end.y() == 100
    assert top.start.x() == 0  # it reaches all that it lines up with
    assert top.end.x() == 720 + 160
    at = chain.view.camera.screen(QPointF(600 + 80, 100)).toPoint()
    assert chain.view.grab().toImage().pixelColor(at) == theme().accent
    chain.release(start + QPoint(37, -296))
    assert place(chain, "free") == (337, 100)
    assert chain.graph.undo_label == "Move"


def test_a_few_pixels_further_it_lets_go(chain: Hand) -> None:
    chain.graph.add("Tanh", name="free", position=(300, 400))
    drag(chain, chain.header("free"), QPoint(37, -280))
    assert chain.corner("free").toTuple() == (337, 120)
    assert lines(chain) == []


def test_alt_suspends_the_guides(chain: Hand) -> None:
    chain.graph.add("Tanh", name="free", position=(300, 400))
    drag(chain, chain.header("free"), QPoint(37, -296), ALT)
    assert chain.corner("free").toTuple() == (337, 104)
    assert lines(chain) == []


def test_guides_can_be_switched_off_and_that_is_remembered(desk: Desk, make) -> None:
    desk.window.actions_.run("view.guides")
    assert not desk.view.shows_guides
    desk.graph.add("Tanh", name="free", position=(300, 400))
    start = desk.header("free")
    desk.drag(start, start + QPoint(0, -236))  # 295 units at zoom 0.8
    assert place(desk, "free") == (300, 105)
    assert not make().canvas.shows_guides


def test_a_node_sticks_where_its_wire_runs_level(chain: Hand) -> None:
    chain.graph.add("MatMul", "x", "x", name="sum", position=(240, 400))
    for name in ("hidden", "act", "out"):
        chain.graph.remove(name)
    start = chain.header("sum")
    drag(chain, start, QPoint(7, -289))
    assert chain.corner("sum").toTuple() == (247, 109)  # input a sits 9 higher than the output of x
    (level,) = [line for line in lines(chain) if line.level]
    assert level.start.y() == level.end.y() == 158
    chain.release(start + QPoint(7, -289))
    ends = chain.view.scene.wires.ends[0]
    assert ends[1] == ends[3]


def test_several_nodes_stick_as_one(chain: Hand) -> None:
    chain.graph.move({"act": (480, 400), "out": (720, 460)})
    chain.view.session.select([chain.id("act"), chain.id("out")])
    drag(chain, chain.header("act"), QPoint(-243, 33))
    assert chain.corner("act").toTuple() == (240, 433)  # the left edges of the two come to that of hidden
    assert chain.corner("out").toTuple() == (480, 493)


def test_notes_stick_and_are_stuck_to(chain: Hand) -> None:
    note = chain.graph.add_note("text", (300, 500), (200, 100))
    at = chain.pixel(400, 550)
    chain.drag(at, at + QPoint(-57, 0))
    assert chain.graph.document.notes[note.id].position == (240, 500)


def test_what_is_out_of_view_is_not_stuck_to(chain: Hand) -> None:
    chain.graph.add("Tanh", name="free", position=(300, 800))
    chain.view.camera.set((40.0, -300.0, 1.0))
    chain.view.camera_changed()
    drag(chain, chain.header("free"), QPoint(-57, 30))  # hidden, above the view, has its left edge at 240
    assert chain.corner("free").toTuple() == (243, 830)


def test_escape_takes_a_drag_with_guides_back(chain: Hand) -> None:
    chain.graph.add("Tanh", name="free", position=(300, 400))
    before = chain.graph.document
    drag(chain, chain.header("free"), QPoint(0, -296))
    chain.key(Qt.Key.Key_Escape)
    assert chain.graph.document is before
    assert chain.corner("free").toTuple() == (300, 400)


# The grid


@pytest.mark.parametrize("zoom", [0.5, 0.8, 1.0, 1.7, 3.0])
def test_nodes_and_notes_snap_to_the_grid_at_every_zoom(chain: Hand, zoom: float) -> None:
    view = chain.view
    view.snap_to_grid = True
    note = chain.graph.add_note("text", (13, 3), (200, 80))
    view.camera.set((40.0, 40.0, zoom))
    view.camera_changed()
    for start, by in ((chain.pixel(60, 112), QPoint(47, 33)), (chain.pixel(100, 40), QPoint(31, 72))):
        chain.drag(start, start + by)
    places = [*place(chain, "x"), *chain.graph.document.notes[note.id].position]
    assert place(chain, "x") != (0, 100)
    assert all(value % (GRID / 2) == 0 for value in places)


def test_several_keep_their_places_to_each_other_on_the_grid(chain: Hand) -> None:
    chain.view.snap_to_grid = True
    chain.graph.move({"act": (483, 107)})
    chain.view.session.select([chain.id("x"), chain.id("act")])
    start = chain.header("x")
    chain.drag(start, start + QPoint(44, 63))
    assert place(chain, "x") == (40, 160)
    assert place(chain, "act") == (523, 167)


def test_shift_leaves_the_grid_while_held(chain: Hand) -> None:
    chain.view.snap_to_grid = True
    start = chain.header("x")
    chain.press(start, LEFT)
    chain.move(start + QPoint(44, 263), LEFT, SHIFT | ALT)
    chain.release(start + QPoint(44, 263), LEFT, SHIFT | ALT)
    assert place(chain, "x") == (44, 363)
