"""Wires are drawn, refused with a reason, re-plugged, cut and deleted."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from graphlab.ui.canvas.fitting import Fit, Fitting
from graphlab.ui.canvas.ink import inks
from graphlab.ui.canvas.scene import SocketAt
from graphlab.ui.theme import theme

from .conftest import Hand

RIGHT, CONTROL = Qt.MouseButton.RightButton, Qt.KeyboardModifier.ControlModifier


def test_cycle_is_refused_in_place_and_the_document_unchanged(chain: Hand) -> None:
    before = chain.view.session.document
    chain.drag(chain.output("out"), chain.input("hidden"))
    assert chain.view.session.document is before
    bubble = chain.view.bubble
    assert bubble.isVisible()
    assert "cycle" in bubble.text
    assert "hidden → act → out → hidden" in bubble.text
    assert bubble.hint


def test_bubble_goes_by_itself(chain: Hand, qtbot: object) -> None:
    chain.drag(chain.output("out"), chain.input("hidden"))
    chain.view.bubble._fading.setCurrentTime(chain.view.bubble._fading.duration())
    assert not chain.view.bubble.isVisible()


def test_wire_snaps_to_a_socket_nearby(chain: Hand) -> None:
    chain.graph.add("ReLU", name="far", position=(480, 400))
    chain.drag(chain.output("act"), chain.input("far") + QPoint(-14, 9))
    assert chain.view.session.document.edges[chain.id("far"), "x"].source == chain.id("act")


def test_wire_dropped_on_a_node_takes_its_best_socket(chain: Hand) -> None:
    chain.graph.add("MatMul", name="product", position=(480, 400))
    for source in ("x", "act"):
        chain.drag(chain.output(source), chain.header("product"))
    inputs = chain.view.session.document.inputs_of(chain.id("product"))
    assert {socket: edge.source for socket, edge in inputs.items()} == {
        "a": chain.id("x"),
        "b": chain.id("act"),
    }


def test_wire_can_be_drawn_from_an_input_backwards(chain: Hand) -> None:
    chain.graph.add("ReLU", name="free", position=(480, 400))
    chain.drag(chain.input("free"), chain.output("hidden"))
    assert chain.view.session.document.edges[chain.id("free"), "x"].source == chain.id("hidden")


def test_wire_to_a_node_without_inputs_says_so(chain: Hand) -> None:
    chain.graph.add("Dataset", name="data", position=(480, 400))
    before = chain.view.session.document
    chain.drag(chain.output("out"), chain.header("data"))
    assert chain.view.session.document is before
    assert "data (Dataset) has no inputs." in chain.view.bubble.text


def test_misfit_is_drawn_and_shown_with_its_reason(chain: Hand) -> None:
    chain.graph.add("Conv2d", name="conv", position=(480, 400))
    chain.drag(chain.output("act"), chain.input("conv"))
    assert (chain.id("conv"), "x") in chain.view.session.document.edges
    assert chain.view.looks.misfit(chain.id("conv"), "x") is not None
    assert chain.view.looks.of(chain.id("conv")).fault
    assert "⚠" in chain.view.tip_at(chain.wire("conv", "x").toPointF())


def test_dragging_an_end_away_unplugs_it_in_one_step(chain: Hand) -> None:
    before = len(chain.graph.history)
    chain.drag(chain.input("out"), chain.pixel(650, 400))
    assert not chain.view.session.document.inputs_of(chain.id("out"))
    assert len(chain.graph.history) == before + 1


def test_dragging_an_end_to_another_socket_replugs_it(chain: Hand) -> None:
    chain.graph.add("ReLU", name="other", position=(720, 400))
    before = len(chain.graph.history)
    chain.drag(chain.input("out"), chain.input("other"))
    document = chain.view.session.document
    assert not document.inputs_of(chain.id("out"))
    assert document.edges[chain.id("other"), "x"].source == chain.id("act")
    assert len(chain.graph.history) == before + 1


def test_end_put_back_changes_nothing(chain: Hand) -> None:
    before = chain.view.session.document
    chain.press(chain.input("out"))
    chain.move(chain.pixel(650, 400))
    chain.move(chain.input("out"))
    chain.release(chain.input("out"))
    assert chain.view.session.document is before


def test_wire_dropped_on_nothing_offers_only_what_fits_and_wires_it(chain: Hand) -> None:
    chain.drag(chain.output("out"), chain.pixel(860, 420))
    offered = [chain.view.search.list.item(k).text() for k in range(chain.view.search.list.count())]
    assert "ReLU" in offered
    assert "Conv2d" not in offered
    assert "Input" not in offered
    before = len(chain.graph.history)
    chain.search("relu")
    assert chain.view.session.document.edges[chain.id("relu"), "x"].source == chain.id("out")
    assert len(chain.graph.history) == before + 1


def test_wire_from_an_input_dropped_on_nothing_adds_a_source(chain: Hand) -> None:
    chain.graph.add("MatMul", name="product", position=(480, 400))
    chain.drag(chain.input("product", "b"), chain.pixel(330, 500))
    chain.search("parameter")
    assert chain.view.session.document.edges[chain.id("product"), "b"].source == chain.id("parameter")


def test_escape_drops_the_wire(chain: Hand) -> None:
    before = chain.view.session.document
    chain.drag(chain.input("out"), chain.pixel(650, 400), release=False)
    chain.key(Qt.Key.Key_Escape)
    chain.release(chain.pixel(650, 400))
    assert chain.view.session.document is before
    assert chain.view.gesture is None


def test_node_deleted_while_its_wire_is_dragged(chain: Hand) -> None:
    chain.drag(chain.output("act"), chain.pixel(650, 400), release=False)
    chain.graph.remove("act")
    assert chain.view.gesture is None
    chain.move(chain.pixel(700, 420))
    chain.release(chain.pixel(700, 420))
    chain.view.repaint()
    assert "act" not in chain.graph


def test_target_deleted_while_a_wire_hovers_over_it(chain: Hand) -> None:
    chain.graph.add("ReLU", name="other", position=(720, 400))
    chain.drag(chain.output("act"), chain.input("other"), release=False)
    where = chain.input("other")
    chain.graph.remove("other")
    chain.release(where)
    chain.view.search.dismiss()
    assert "other" not in chain.graph
    assert len(chain.view.session.document.edges) == 3


def test_undo_while_a_lifted_wire_is_in_the_hand(chain: Hand) -> None:
    chain.drag(chain.input("out"), chain.pixel(650, 400), release=False)
    while chain.graph.undo():
        chain.view.repaint()
    chain.release(chain.pixel(650, 400))
    assert chain.view.gesture is None


# Several at once


def fan(chain: Hand) -> None:
    """hidden feeds act, twin and sum.b besides."""
    chain.graph.add("ReLU", "hidden", name="twin", position=(480, 260))
    chain.graph.add("Add", "act", "hidden", name="sum", position=(480, 420))
    chain.graph.add("Linear", "x", name="other", units=16, position=(240, 420))


def test_ctrl_drag_from_an_output_moves_all_its_wires_in_one_step(chain: Hand) -> None:
    fan(chain)
    before = len(chain.graph.history)
    chain.drag(chain.output("hidden"), chain.output("other"), modifiers=CONTROL)
    edges = chain.view.session.document.edges
    for name, socket in (("act", "x"), ("twin", "x"), ("sum", "b")):
        assert edges[chain.id(name), socket].source == chain.id("other")
    assert edges[chain.id("sum"), "a"].source == chain.id("act")
    assert len(chain.graph.history) == before + 1
    assert chain.graph.history[-1] == "Move wires"
    chain.graph.undo()
    assert len(chain.view.session.document.consumers(chain.id("hidden"))) == 3


def test_wires_that_move_together_are_judged_together(chain: Hand) -> None:
    fan(chain)
    chain.graph.set("other", units=4)
    chain.drag(chain.output("hidden"), chain.output("other"), modifiers=CONTROL, release=False)
    assert chain.view.gesture.reason().startswith("1 of 3 wires do not fit: a (N×16) and b (N×4)")
    chain.move(chain.output("sum"), modifiers=CONTROL)
    assert "2 of 3 wires do not fit: Connecting sum to act would close a cycle" in chain.view.gesture.reason()
    chain.view.repaint()
    chain.release(chain.output("sum"), modifiers=CONTROL)
    assert len(chain.view.session.document.consumers(chain.id("hidden"))) == 3
    assert "Connecting sum to act would close a cycle" in chain.view.bubble.text


def test_moving_wires_dropped_on_nothing_are_unplugged_and_escape_leaves_them(chain: Hand) -> None:
    fan(chain)
    before = chain.view.session.document
    chain.drag(chain.output("hidden"), chain.pixel(700, 560), modifiers=CONTROL, release=False)
    chain.key(Qt.Key.Key_Escape)
    chain.release(chain.pixel(700, 560), modifiers=CONTROL)
    assert chain.view.session.document is before
    chain.drag(chain.output("hidden"), chain.pixel(700, 560), modifiers=CONTROL)
    assert not chain.view.session.document.consumers(chain.id("hidden"))
    assert chain.view.session.document.inputs_of(chain.id("hidden"))
    assert not chain.view.search.isVisible()


def test_ctrl_drag_from_an_input_takes_its_one_wire(chain: Hand) -> None:
    chain.graph.add("ReLU", name="other", position=(720, 400))
    chain.drag(chain.input("out"), chain.input("other"), modifiers=CONTROL)
    edges = chain.view.session.document.edges
    assert edges[chain.id("other"), "x"].source == chain.id("act")
    assert (chain.id("out"), "x") not in edges


def test_ctrl_drag_from_an_output_without_wires_draws_a_new_one(chain: Hand) -> None:
    chain.graph.add("ReLU", name="other", position=(720, 400))
    chain.drag(chain.output("out"), chain.input("other"), modifiers=CONTROL)
    assert chain.view.session.document.edges[chain.id("other"), "x"].source == chain.id("out")


def test_one_of_the_moving_wires_going_away_ends_the_drag(chain: Hand) -> None:
    fan(chain)
    chain.drag(chain.output("hidden"), chain.pixel(700, 560), modifiers=CONTROL, release=False)
    chain.graph.remove("twin")
    assert chain.view.gesture is None
    chain.release(chain.pixel(700, 560), modifiers=CONTROL)
    assert len(chain.view.session.document.consumers(chain.id("hidden"))) == 2


# What a wire in the hand tells


def test_the_hand_says_what_the_target_would_give(chain: Hand) -> None:
    chain.graph.add("Linear", name="wide", units=7, position=(720, 400))
    chain.drag(chain.output("act"), chain.input("wide"), release=False)
    gesture = chain.view.gesture
    assert gesture.target is not None
    (verdict,) = gesture.fitting.verdicts(gesture.target)
    assert (verdict.node, verdict.result, verdict.reason) == (chain.id("wide"), "N×7", "")
    chain.view.repaint()


def test_the_hand_says_why_the_target_does_not_fit(chain: Hand) -> None:
    chain.graph.add("Conv2d", name="conv", position=(720, 400))
    chain.drag(chain.output("act"), chain.input("conv"), release=False)
    assert "x (N×16) is not a batch of images" in chain.view.gesture.reason()
    chain.move(chain.header("x"))
    assert chain.view.gesture.reason() == ""
    chain.view.repaint()


def test_a_socket_of_the_same_kind_says_why_it_takes_no_wire(chain: Hand) -> None:
    chain.graph.add("Sigmoid", name="other", position=(720, 400))
    before = chain.view.session.document
    chain.drag(chain.output("act"), chain.output("other"), release=False)
    assert chain.view.gesture.target is None
    assert chain.view.gesture.reason() == "A wire joins an output to an input, not two outputs."
    chain.move(chain.output("act") + QPoint(3, 3))
    assert chain.view.gesture.reason() == ""
    chain.release(chain.output("other"))
    assert chain.view.bubble.text == "A wire joins an output to an input, not two outputs."
    assert not chain.view.search.isVisible()
    assert chain.view.session.document is before


def test_the_target_and_the_sockets_that_fit_are_lit(chain: Hand) -> None:
    chain.graph.add("Conv2d", name="conv", position=(720, 400))
    chain.graph.add("ReLU", name="free", position=(720, 540))
    good, bad = chain.input("free"), chain.input("conv")
    chain.drag(chain.output("act"), chain.pixel(500, 300), release=False)
    picture = chain.view.grab().toImage()
    assert picture.pixelColor(good) == theme().good
    assert picture.pixelColor(bad + QPoint(0, 4)) == inks().body
    chain.move(good + QPoint(-18, 0))
    assert chain.view.gesture.target.node == chain.id("free")
    ring = chain.view.grab().toImage().pixelColor(good + QPoint(0, 9))
    assert ring.green() > ring.red()


def test_a_group_is_asked_by_inferring_what_is_inside(chain: Hand) -> None:
    chain.graph.add("Conv2d", name="conv", position=(720, 400))
    chain.graph.add("ReLU", "conv", name="after", position=(720, 400))
    chain.graph.add("Input", name="images", shape=("N", 1, 8, 8), position=(480, 400))
    chain.graph.connect("images", "conv")
    chain.graph.group("conv", "after", name="cell")
    socket = chain.graph["cell"].node.params["takes"][0]
    chain.graph.disconnect("cell", socket)
    chain.drag(chain.output("act"), chain.input("cell"), release=False)
    assert "is not a batch of images" in chain.view.gesture.reason()
    chain.key(Qt.Key.Key_Escape)
    chain.release(chain.input("cell"))
    chain.drag(chain.output("images"), chain.input("cell"), release=False)
    gesture = chain.view.gesture
    (verdict,) = gesture.fitting.verdicts(gesture.target)
    assert verdict.result == "N×8×6×6"


def test_the_ports_of_a_group_take_every_wire(chain: Hand) -> None:
    chain.graph.group("hidden", "act", name="cell")
    session = chain.view.session
    session.enter(chain.id("cell"))
    port = next(n for n in session.document.nodes.values() if n.op == "GroupOutput")
    hidden = next(n for n in session.document.nodes.values() if n.name == "hidden")
    fitting = Fitting(session.document, session.inference, SocketAt(hidden.id, "y", False))
    assert fitting.of(SocketAt(port.id, "x", True)) is Fit.GOOD


def test_stroke_cuts_the_wires_it_crosses(chain: Hand) -> None:
    at = chain.wire("act", "x")
    chain.drag(at + QPoint(0, -120), at + QPoint(2, 120), RIGHT, CONTROL)
    edges = chain.view.session.document.edges
    assert (chain.id("act"), "x") not in edges
    assert len(edges) == 2


def test_clicked_wire_is_deleted_by_key(chain: Hand) -> None:
    chain.click(chain.wire("act", "x"))
    assert chain.view.selected_wires == {(chain.id("act"), "x")}
    chain.key(Qt.Key.Key_Delete)
    assert (chain.id("act"), "x") not in chain.view.session.document.edges
    assert len(chain.graph) == 4


def test_escape_takes_a_stroke_back_and_no_menu_opens(chain: Hand) -> None:
    at, before = chain.wire("act", "x"), chain.view.session.document
    chain.drag(at + QPoint(0, -120), at + QPoint(2, 120), RIGHT, CONTROL, release=False)
    chain.key(Qt.Key.Key_Escape)
    chain.release(at + QPoint(2, 120), RIGHT, CONTROL)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, chain.view.mapToGlobal(at))
    QApplication.sendEvent(chain.view, event)
    assert QApplication.activePopupWidget() is None
    assert chain.view.session.document is before


def test_sockets_that_would_close_a_cycle_are_judged_so(chain: Hand) -> None:
    session = chain.view.session
    fitting = Fitting(session.document, session.inference, SocketAt(chain.id("act"), "y", False))
    assert fitting.of(SocketAt(chain.id("hidden"), "x", True)) is Fit.REFUSED
    assert fitting.of(SocketAt(chain.id("out"), "x", True)) is Fit.GOOD
    assert fitting.of(SocketAt(chain.id("out"), "weight", True)) is Fit.MISFIT
    assert "cycle" in fitting.reason(SocketAt(chain.id("hidden"), "x", True))
