"""A graph is built with the mouse and a little typing."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.ui.canvas.drops import MIME

from .conftest import NONE, Hand

COPY = Qt.DropAction.CopyAction


def drop(hand: Hand, op: str, at: Any, modifiers: Qt.KeyboardModifier = NONE, release: bool = True) -> None:
    data = QMimeData()
    data.setData(MIME, QByteArray(op.encode()))
    button = Qt.MouseButton.LeftButton
    QApplication.sendEvent(hand.view, QDragEnterEvent(at, COPY, data, button, modifiers))
    QApplication.sendEvent(hand.view, QDragMoveEvent(at, COPY, data, button, modifiers))
    if release:
        QApplication.sendEvent(hand.view, QDropEvent(QPointF(at), COPY, data, button, modifiers))


def test_xor_graph_is_built_by_mouse_alone(empty: Hand) -> None:
    for op, x, y in (
        ("Input", 30, 60),
        ("Linear", 230, 60),
        ("Tanh", 430, 60),
        ("Linear", 630, 60),
        ("Input", 430, 260),
        ("MSELoss", 750, 300),
    ):
        empty.add(op, x, y)
    names = [node.name for node in empty.view.session.document.nodes.values()]
    assert names == ["input", "linear", "tanh", "linear2", "input2", "loss"]
    for source, target, socket in (
        ("input", "linear", "x"),
        ("linear", "tanh", "x"),
        ("tanh", "linear2", "x"),
        ("linear2", "loss", "input"),
        ("input2", "loss", "target"),
    ):
        empty.drag(empty.output(source), empty.input(target, socket))
    document = empty.view.session.document
    wires = [
        (document.nodes[e.source].name, document.nodes[e.target].name, e.input)
        for e in document.edges.values()
    ]
    assert wires == [
        ("input", "linear", "x"),
        ("linear", "tanh", "x"),
        ("tanh", "linear2", "x"),
        ("linear2", "loss", "input"),
        ("input2", "loss", "target"),
    ]
    empty.graph.set("linear2", units=2)  # as wide as the target
    assert empty.view.session.inference.goal == empty.id("loss")
    assert not empty.view.session.inference.problems


def test_search_opens_by_tab_and_closes_by_escape(empty: Hand) -> None:
    empty.key(Qt.Key.Key_Tab)
    assert empty.view.search.isVisible()
    QTest.keyClick(empty.view.search.line, Qt.Key.Key_Escape)
    assert not empty.view.search.isVisible()
    assert not empty.view.session.document.nodes


def test_search_finds_by_letters_in_order(empty: Hand) -> None:
    assert empty.add("bcewl", 100, 100) == "loss"
    assert empty.graph["loss"].node.op == "BCEWithLogitsLoss"


def test_search_says_when_nothing_matches(empty: Hand) -> None:
    empty.view.add_at_pointer()
    QTest.keyClicks(empty.view.search.line, "qqqq")
    assert empty.view.search.nothing.isVisible()
    QTest.keyClick(empty.view.search.line, Qt.Key.Key_Return)
    assert not empty.view.session.document.nodes


def test_op_dropped_from_the_library_stands_under_the_pointer(empty: Hand) -> None:
    drop(empty, "Tanh", empty.pixel(200, 150))
    rect = empty.view.scene.rect(empty.id("tanh"))
    assert rect.contains(QPointF(200, 150))
    assert empty.selected() == {"tanh"}


def test_something_else_dropped_is_left_alone(empty: Hand) -> None:
    drop(empty, "NoSuchOp", empty.pixel(200, 150))
    assert not empty.view.session.document.nodes


def test_op_dropped_on_a_wire_is_inserted_and_the_wire_lit_before(chain: Hand) -> None:
    at = chain.wire("act", "x")
    drop(chain, "ReLU", at, release=False)
    # the hand holds the ghost by its header: bring its middle over the wire
    at = at - (chain.view.camera.screen(chain.view.ghost.rect.center()).toPoint() - at)
    drop(chain, "ReLU", at, release=False)
    assert chain.view.ghost.receiver == (chain.id("act"), "x")
    drop(chain, "ReLU", at)
    document = chain.view.session.document
    assert document.edges[chain.id("relu"), "x"].source == chain.id("hidden")
    assert document.edges[chain.id("act"), "x"].source == chain.id("relu")
    chain.graph.undo()
    assert "relu" not in chain.graph
    assert chain.view.session.document.edges[chain.id("act"), "x"].source == chain.id("hidden")


def test_alt_keeps_a_dropped_op_off_the_wire(chain: Hand) -> None:
    at = chain.wire("act", "x")
    drop(chain, "ReLU", at, release=False)
    at = at - (chain.view.camera.screen(chain.view.ghost.rect.center()).toPoint() - at)
    drop(chain, "ReLU", at, Qt.KeyboardModifier.AltModifier)
    assert not chain.view.session.document.inputs_of(chain.id("relu"))


def test_what_does_not_fit_into_a_wire_is_not_inserted(chain: Hand) -> None:
    at = chain.wire("act", "x")
    drop(chain, "Conv2d", at, release=False)
    at = at - (chain.view.camera.screen(chain.view.ghost.rect.center()).toPoint() - at)
    drop(chain, "Conv2d", at)
    assert not chain.view.session.document.inputs_of(chain.id("conv2d"))


def test_free_node_dragged_onto_a_wire_is_inserted(chain: Hand) -> None:
    chain.graph.add("ReLU", name="free", position=(300, 400))
    start = chain.header("free")
    middle = chain.view.camera.screen(chain.view.scene.rect(chain.id("free")).center()).toPoint()
    before = len(chain.graph.history)
    chain.drag(start, start + chain.wire("act", "x") - middle)
    assert chain.view.session.document.edges[chain.id("act"), "x"].source == chain.id("free")
    assert len(chain.graph.history) == before + 1


def test_new_node_is_selected_and_seen(empty: Hand) -> None:
    name = empty.add("Linear", 200, 200)
    assert empty.selected() == {name}
    assert empty.id(name) in empty.view.visible_nodes()
