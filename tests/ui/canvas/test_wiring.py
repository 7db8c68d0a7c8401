"""Wires by keyboard: W and Shift+W, the keys while a wire is in the hand, and walking onto wires."""

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtWidgets import QApplication, QMenu

from graphlab.ui.canvas.fitting import Fit
from graphlab.ui.canvas.gestures.hand import box_beside
from graphlab.ui.canvas.gestures.reach import Reach
from graphlab.ui.canvas.scene import SocketAt

from .conftest import CTRL, LEFT, NONE, Desk

SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def begin(desk: Desk, name: str, modifiers: Qt.KeyboardModifier = NONE) -> Reach:
    desk.select(name)
    desk.key(Key.Key_W, modifiers)
    assert isinstance(desk.view.gesture, Reach)
    return desk.view.gesture


def at(desk: Desk) -> str:
    """Where the loose end is: "name.socket"."""
    target = desk.view.gesture.target
    return f"{desk.session.document.nodes[target.node].name}.{target.name}" if target else ""


def letters(desk: Desk, text: str) -> None:
    for letter in text:
        desk.key(Key(ord(letter.upper())) if letter != "_" else Key.Key_Underscore)


def wire_into(desk: Desk, name: str, socket: str) -> str:
    """The name of what feeds a socket."""
    edge = desk.session.document.edges.get((desk.id(name), socket))
    return desk.session.document.nodes[edge.source].name if edge else ""


@pytest.fixture
def loose(desk: Desk) -> Desk:
    """The chain, and below it an Add and an MSELoss without wires."""
    desk.graph.add("Add", name="sum", position=(480, 300))
    desk.graph.add("MSELoss", name="loss", position=(760, 300))
    desk.view.frame_all()
    return desk


def test_w_and_enter_plug_a_wire_into_the_likeliest_socket_as_one_undo_entry(loose: Desk) -> None:
    begin(loose, "out")
    assert at(loose) == "loss.input"
    before = loose.graph.document
    loose.key(Key.Key_Return)
    assert wire_into(loose, "loss", "input") == "out"
    assert loose.view.gesture is None
    assert loose.graph.undo_label == "Connect"
    loose.graph.undo()
    assert loose.graph.document == before


def test_arrows_walk_from_socket_to_socket_past_those_that_would_close_a_cycle(loose: Desk) -> None:
    begin(loose, "act")
    loose.key(Key.Key_Right)
    seen = {at(loose)}
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Left, Key.Key_Left, Key.Key_Up, Key.Key_Left):
        loose.key(key)
        seen.add(at(loose))
        assert loose.view.gesture.fitting.of(loose.view.gesture.target) is not Fit.REFUSED
    assert len(seen) > 3
    assert not {"hidden.x", "act.x"} & seen


def test_letters_go_to_the_node_of_that_name_and_do_nothing_else(loose: Desk) -> None:
    begin(loose, "x")
    before = loose.graph.document
    letters(loose, "lo")  # L alone would tidy up
    assert at(loose) == "loss.input"
    loose.key(Key.Key_Backspace)
    loose.key(Key.Key_Backspace)
    letters(loose, "sum")
    assert at(loose) == "sum.a"
    assert loose.graph.document is before
    loose.key(Key.Key_Return)
    assert wire_into(loose, "sum", "a") == "x"


def test_a_wire_that_would_close_a_cycle_is_explained_and_stays_in_the_hand(loose: Desk) -> None:
    begin(loose, "out")
    letters(loose, "hidden")
    assert "cycle" in loose.view.gesture.reason().lower()
    loose.key(Key.Key_Return)
    assert "cycle" in loose.view.bubble.text.lower()
    assert isinstance(loose.view.gesture, Reach)
    loose.key(Key.Key_Escape)
    assert loose.view.gesture is None


def test_tab_puts_a_new_node_at_the_end_of_the_wire_beside_the_old_one(desk: Desk) -> None:
    begin(desk, "out")
    desk.key(Key.Key_Tab)
    desk.search("relu")
    (added,) = desk.selected()
    assert wire_into(desk, added, "x") == "out"
    rect, old = desk.view.scene.rect(desk.id(added)), desk.view.scene.rect(desk.id("out"))
    assert rect.left() > old.right()
    assert rect.top() == pytest.approx(old.top(), abs=2)
    assert desk.view.hasFocus()


def test_nodes_added_by_keyboard_do_not_lie_on_one_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(desk.view), "pointer_is_elsewhere", True)
    for _ in range(4):
        begin(desk, "act")
        desk.key(Key.Key_Tab)
        desk.search("relu")
    desk.session.select([])
    for _ in range(3):
        desk.key(Key.Key_A, SHIFT)
        desk.search("input")
        desk.session.select([])
    rects = [desk.view.scene.rect(i) for i in desk.view.scene.ids]
    assert not any(a.intersects(b) for k, a in enumerate(rects) for b in rects[:k])


def test_shift_w_begins_at_the_input_that_needs_a_wire(loose: Desk) -> None:
    loose.graph.connect("out", "loss", "input")
    reach = begin(loose, "loss", SHIFT)
    assert reach.pressed == SocketAt(loose.id("loss"), "target", True)
    letters(loose, "act")
    loose.key(Key.Key_Return)
    assert wire_into(loose, "loss", "target") == "act"


def test_an_input_gets_another_source_and_only_then_loses_the_old_one(desk: Desk) -> None:
    begin(desk, "out", SHIFT)
    assert at(desk) == "act.y"  # where its wire comes from
    letters(desk, "x")
    assert wire_into(desk, "out", "x") == "act"
    desk.key(Key.Key_Return)
    assert wire_into(desk, "out", "x") == "x"


def test_delete_unplugs(desk: Desk) -> None:
    begin(desk, "out", SHIFT)
    desk.key(Key.Key_Delete)
    assert wire_into(desk, "out", "x") == ""
    assert "out" in desk.names()
    begin(desk, "x")
    letters(desk, "hidden")
    desk.key(Key.Key_Delete)
    assert wire_into(desk, "hidden", "x") == ""


def test_enter_on_a_wire_that_is_there_changes_nothing(desk: Desk) -> None:
    before = desk.graph.document
    begin(desk, "out", SHIFT)
    desk.key(Key.Key_Return)
    assert desk.graph.document is before


def test_ctrl_arrows_take_another_socket_of_the_same_node(loose: Desk) -> None:
    begin(loose, "loss", SHIFT)
    loose.key(Key.Key_Down, CTRL)
    assert loose.view.gesture.pressed.name == "target"
    loose.key(Key.Key_Down, CTRL)
    assert loose.view.gesture.pressed == SocketAt(loose.id("loss"), "loss", False)


def test_the_mouse_and_another_focus_put_the_wire_down(loose: Desk) -> None:
    begin(loose, "out")
    loose.move(loose.pixel(100, 400), Qt.MouseButton.NoButton)
    assert isinstance(loose.view.gesture, Reach)
    loose.press(loose.pixel(100, 400))
    assert not isinstance(loose.view.gesture, Reach)
    loose.release(loose.pixel(100, 400))
    begin(loose, "out")
    loose.key(Key.Key_I, CTRL)
    assert loose.view.gesture is None


def test_undo_meanwhile_ends_it_only_when_its_node_goes(loose: Desk) -> None:
    loose.graph.add("Input", name="late", position=(0, 500))
    begin(loose, "out")
    loose.key(Key.Key_Z, CTRL)
    assert isinstance(loose.view.gesture, Reach)
    loose.view.cancel_gesture()
    loose.graph.redo()
    begin(loose, "late")
    loose.key(Key.Key_Z, CTRL)
    assert loose.view.gesture is None


def test_a_node_without_inputs_says_so(desk: Desk) -> None:
    desk.select("x")
    desk.key(Key.Key_W, SHIFT)
    assert desk.view.gesture is None
    assert desk.view.bubble.text == "x (Input) has no inputs."


# Walking onto wires


def test_shift_arrows_walk_onto_a_wire_and_off_at_its_other_end(desk: Desk) -> None:
    desk.select("hidden")
    desk.key(Key.Key_Right, SHIFT)
    assert desk.view.selected_wires == {(desk.id("act"), "x")}
    desk.key(Key.Key_Right)
    assert desk.selected() == {"act"}
    desk.key(Key.Key_Left, SHIFT)
    desk.key(Key.Key_Delete)
    assert wire_into(desk, "act", "x") == ""
    assert desk.names() == {"x", "hidden", "act", "out"}


def test_up_and_down_go_among_the_wires_of_a_fan_out(loose: Desk) -> None:
    for target, socket in (("sum", "a"), ("sum", "b"), ("loss", "input")):
        loose.graph.connect("act", target, socket)
    loose.select("act")
    loose.key(Key.Key_Right, SHIFT)
    seen = [loose.view.selected_wires]
    for _ in range(5):
        loose.key(Key.Key_Down)
        seen.append(loose.view.selected_wires)
    assert len(set(seen)) >= 4


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen: a menu that is open
def test_the_menu_key_opens_the_menu_of_what_is_selected(desk: Desk) -> None:
    desk.select("act")
    for expect in ("Rename", "Insert node …"):
        desk.key(Key.Key_Menu)
        (menu,) = [m for m in desk.view.findChildren(QMenu) if m.isVisible()]
        assert expect in {a.text().partition("\t")[0] for a in menu.actions()}
        menu.close()
        QApplication.processEvents()
        desk.key(Key.Key_Left, SHIFT)


# The box that says why not


@pytest.mark.parametrize("pixel", [(400, 300), (990, 300), (400, 690), (990, 690), (4, 4)])
def test_the_reason_covers_neither_the_pointer_nor_the_sockets(pixel: tuple[int, int]) -> None:
    at_pixel, view = QPointF(*pixel), QRectF(0, 0, 1000, 700)
    target = at_pixel + QPointF(9, 3)
    origin = at_pixel + QPointF(60, 40)
    box = box_beside(at_pixel, QSizeF(300, 50), view, [origin, target])
    assert view.contains(box)
    assert not any(box.contains(point) for point in (at_pixel, target, origin))


def test_the_gesture_is_seen(desk: Desk) -> None:
    before = desk.view.grab().toImage()
    begin(desk, "out")
    assert desk.view.grab().toImage() != before
    desk.press(desk.pixel(10, 400), LEFT)
    desk.release(desk.pixel(10, 400), LEFT)
