"""Wires are drawn, refused with a reason, re-plugged, cut and deleted."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

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


def test_sockets_that_would_close_a_cycle_are_judged_so(chain: Hand) -> None:
    from graphlab.ui.canvas.fitting import Fit, Fitting
    from graphlab.ui.canvas.scene import SocketAt

    session = chain.view.session
    fitting = Fitting(session.document, session.inference, SocketAt(chain.id("act"), "y", False))
    assert fitting.of(SocketAt(chain.id("hidden"), "x", True)) is Fit.REFUSED
    assert fitting.of(SocketAt(chain.id("out"), "x", True)) is Fit.GOOD
    assert fitting.of(SocketAt(chain.id("out"), "weight", True)) is Fit.MISFIT
    assert "cycle" in fitting.reason(SocketAt(chain.id("hidden"), "x", True))
