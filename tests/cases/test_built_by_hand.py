"""One example of each topic is built in an empty window by mouse and keyboard, stepped, and read off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from graphlab.graph import Graph
from graphlab.ui.start_page import StartPage
from graphlab.ui.widgets.fields import StepBox
from tests.cases.drawn import figures
from tests.cases.walking import Walk, says
from tests.ui.canvas.conftest import CTRL, NONE, Desk
from tests.ui.window_trial import Make

LEFT = Qt.MouseButton.LeftButton
REST = 8  # looks, some 10 ms apart, in which a place is the same: then the layout rests


class Builder(Walk):
    """A walk that begins with an empty sheet, and a hand that draws on it."""

    def __init__(self, make: Make, qtbot: Any) -> None:
        super().__init__(make, qtbot, Graph("by hand"))
        start = self.window.findChild(StartPage)
        button = next(b for b in start.findChildren(QPushButton) if b.text() == "Start empty")
        QTest.mouseClick(button, LEFT)
        assert not start.isVisible()
        self.canvas.camera.set((30.0, 30.0, 0.8))
        self.canvas.camera_changed()
        self.desk = Desk(self.window)

    def add(self, op: str, name: str, x: float, y: float, **params: str) -> None:
        """Double-click, the name of the operation, F2 and its own name, and its params in the inspector."""
        made = self.desk.add(op, x, y)
        if made != name:
            self.desk.key(Qt.Key.Key_F2)
            QTest.keyClick(self.editing(), Qt.Key.Key_A, CTRL)
            self.desk.type(name)
        for param, text in params.items():
            self.fill(name, param, text)

    def editing(self) -> QWidget:
        from tests.ui.canvas.conftest import editor

        return editor(self.desk)

    def fill(self, name: str, param: str, text: str) -> None:
        """Types a param, after a click on the node."""
        self.desk.click(self.desk.header(name))
        field = self.inspector.node_page.form.field(param).editor
        if isinstance(field, QCheckBox):
            field.click()
            return
        line = field.text_field() if isinstance(field, StepBox) else field
        line.setFocus()
        QTest.keyClick(line, Qt.Key.Key_A, CTRL)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        self.canvas.setFocus()

    def wire(self, source: str, target: str, socket: str) -> None:
        self.desk.drag(self.desk.output(source), self.desk.input(target, socket))
        assert (self.id(target), socket) in self.session.document.edges, f"{source} to {target}.{socket}"

    def double_click_cell(self, name: str, row: int, column: int) -> str:
        """A double-click on a number in the inspector; what the explanation then says it is."""
        self.select(name)
        tensors = self.inspector.node_page.tensors
        tensors.show_tab("value")
        view = tensors.value.view
        self.wait(lambda: bool(view.mode))
        heat = view.heat_map()
        QTest.mouseDClick(
            heat, LEFT, NONE, self.resting(lambda: heat.cell_rect(row, column).center().toPoint())
        )
        self.wait(lambda: self.session.explainer.found is not None)
        return self.explain.title.text()

    def resting(self, place: Callable[[], QPoint]) -> QPoint:
        """Where something is once the layout around it rests: what a hand would aim at."""
        seen: list[QPoint] = []

        def rests() -> bool:
            seen.append(place())
            return len(seen) > REST and seen[-REST:] == [seen[-1]] * REST

        self.wait(rests)
        return seen[-1]


@pytest.fixture
def hand(make: Make, qtbot: Any) -> Builder:
    return Builder(make, qtbot)


def test_a_graph_of_numbers(hand: Builder) -> None:
    case = figures("cs231n_add_mul")
    for k, name in enumerate("xyz"):
        hand.add("Input", name, 60, 40 + 170 * k, value=str(case["given"][name]))
    hand.add("Add", "q", 330, 100)
    hand.add("Mul", "f", 600, 220)
    for source, target, socket in (("x", "q", "a"), ("y", "q", "b"), ("q", "f", "a"), ("z", "f", "b")):
        hand.wire(source, target, socket)
    hand.ready()
    assert hand.go("forward")[-1] == "f"
    assert says(hand.on_canvas("f", "value"), case["expected"]["f"])
    assert hand.go("backward")[0] == "f"
    for name in "xyzq":
        assert says(hand.on_canvas(name, "grad"), case["expected"][f"df/d{name}"])
    QTest.keyClick(hand.canvas, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    total = len(hand.session.schedule)
    hand.wait(lambda: hand.session.status.cursor == total - 1)


def test_a_softmax_that_does_not_overflow(hand: Builder) -> None:
    case = figures("cs231n_stable_softmax")
    hand.add("Input", "f", 60, 60, value=", ".join(map(str, case["given"]["f"])))
    hand.add("Softmax", "p", 360, 60)
    hand.wire("f", "p", "x")
    hand.ready()
    hand.go("forward")
    shown = [hand.on_canvas("p", "value", (k,)) for k in range(3)]
    assert shown == ["0.00", "0.00", "1.00"]  # in float32 the first two are 0
    assert [hand.explained("p", "value", (k,)) for k in range(3)] == ["0", "0", "1"]
    hand.session.explain("value", hand.id("p"), "y", (0,))
    hand.wait(lambda: "p.y[0]" in hand.explain.title.text())
    published = case["expected"]["p"][0]  # the terms are told in float64
    assert hand.session.explainer.found.term.value == pytest.approx(published, rel=1e-8)
    assert "max" in hand.explain.symbols.text()


def test_a_convolution(hand: Builder) -> None:
    case = figures("d2l_corr2d")
    hand.add("Input", "X", 60, 60, value=f"[[{case['given']['X']}]]")
    hand.add("Parameter", "K", 60, 260, value=f"[[{case['given']['K']}]]")
    hand.add("Conv2d", "Y", 360, 120, out_channels="1", kernel_size="2", bias="off")
    hand.wire("X", "Y", "x")
    hand.wire("K", "Y", "weight")
    hand.ready()
    hand.go("forward")
    for row, numbers in enumerate(case["expected"]["Y"]):
        for column, number in enumerate(numbers):
            assert says(hand.matrix("Y", (0, 0))[row][column], number)
            title = hand.double_click_cell("Y", row, column)
            assert f"Y.y[0, 0, {row}, {column}] =" in title
            assert f">{number}<" in title
            window = [v for line in case["given"]["X"][row : row + 2] for v in line[column : column + 2]]
            kernel = [v for line in case["given"]["K"] for v in line]
            products = [x * k for x, k in zip(window, kernel, strict=True)]
            assert sorted(hand.terms()) == sorted(products)  # the window times the filter


def test_a_pooling_names_its_winner(hand: Builder) -> None:
    case = figures("d2l_pool")
    hand.add("Input", "X", 60, 60, value=f"[[{case['given']['X']}]]")
    hand.add("MaxPool2d", "Y", 360, 60, kernel_size="2", stride="1")
    hand.wire("X", "Y", "x")
    hand.ready()
    hand.go("forward")
    for row, numbers in enumerate(case["expected"]["max"]):
        for column, number in enumerate(numbers):
            title = hand.double_click_cell("Y", row, column)
            assert f">{number}<" in title
            assert f"x[0, 0, {row + 1}, {column + 1}] wins" in hand.explain.note.text()


def test_a_shape_stands_on_the_wire(hand: Builder) -> None:
    case = figures("cs231n_alexnet_conv1")
    height, width, channels = case["given"]["in"]
    hand.add("Input", "x", 60, 60, shape=f"1, {channels}, {height}, {width}")
    hand.add("Conv2d", "conv1", 360, 60, out_channels=str(case["given"]["K"]), kernel_size="11", stride="4")
    hand.add("ReLU", "relu", 700, 60)
    hand.wire("x", "conv1", "x")
    hand.wire("conv1", "relu", "x")
    rows, columns, filters = case["expected"]["out"]
    assert hand.on_wire("relu", "x") == f"1×{filters}×{rows}×{columns}"
    assert hand.on_wire("conv1", "x") == f"1×{channels}×{height}×{width}"
