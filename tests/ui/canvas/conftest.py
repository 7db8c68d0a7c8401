"""What the tests of the canvas share: a canvas on a session without an engine, and a hand that works it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.ui.canvas import CanvasView, draw_nodes
from graphlab.ui.canvas.inline import NameEditor
from graphlab.ui.canvas.menus import menu_at
from graphlab.ui.canvas.scene import SocketAt
from graphlab.ui.session import Session
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every frame is painted to its end, however busy the machine is, so that pictures can be compared."""
    monkeypatch.setattr(draw_nodes, "BUDGET", 60.0)


class Hand:
    """Presses, drags and types on a canvas, by real events, aiming at things by their names."""

    def __init__(self, view: CanvasView) -> None:
        self.view = view

    @property
    def graph(self) -> Graph:
        return self.view.session.graph

    def id(self, name: str) -> str:
        return self.view.session.document.node(name).id

    def pixel(self, x: float, y: float) -> QPoint:
        """The pixel over a place of the canvas."""
        return self.view.camera.screen(QPointF(x, y)).toPoint()

    def header(self, name: str) -> QPoint:
        rect = self.view.scene.rect(self.id(name))
        return self.pixel(rect.left() + 60, rect.top() + 12)

    def corner(self, name: str) -> QPointF:
        return self.view.scene.rect(self.id(name)).topLeft()

    def output(self, name: str, socket: str = "") -> QPoint:
        node = self.id(name)
        socket = socket or self.view.scene.shape(node).outputs[0]
        return self.view.camera.screen(self.view.scene.socket_place(SocketAt(node, socket, False))).toPoint()

    def input(self, name: str, socket: str = "") -> QPoint:
        node = self.id(name)
        socket = socket or self.view.scene.shape(node).inputs[0]
        return self.view.camera.screen(self.view.scene.socket_place(SocketAt(node, socket, True))).toPoint()

    def wire(self, target: str, socket: str) -> QPoint:
        """The middle of a wire."""
        k = self.view.scene.wire_index[self.id(target), socket]
        return self.view.camera.screen(self.view.scene.middle(k)).toPoint()

    def move(self, at: QPoint, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """A move with the button down, which QTest cannot do."""
        place = QPointF(at)
        globally = QPointF(self.view.mapToGlobal(at))
        event = QMouseEvent(
            QEvent.Type.MouseMove, place, globally, Qt.MouseButton.NoButton, button, modifiers
        )
        QApplication.sendEvent(self.view, event)

    def press(self, at: QPoint, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.view, button, modifiers, at)

    def release(
        self, at: QPoint, button: Qt.MouseButton = LEFT, modifiers: Qt.KeyboardModifier = NONE
    ) -> None:
        QTest.mouseRelease(self.view, button, modifiers, at)

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        button: Qt.MouseButton = LEFT,
        modifiers: Qt.KeyboardModifier = NONE,
        steps: int = 6,
        release: bool = True,
    ) -> None:
        self.press(start, button, modifiers)
        for k in range(1, steps + 1):
            self.move(start + (end - start) * (k / steps), button, modifiers)
        if release:
            self.release(end, button, modifiers)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.view, LEFT, modifiers, at)

    def double_click(self, at: QPoint) -> None:
        QTest.mouseDClick(self.view, LEFT, NONE, at)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, modifiers)

    def search(self, text: str) -> None:
        """Types into the open search and takes the first row."""
        line = self.view.search.line
        assert self.view.search.isVisible()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def add(self, op: str, x: float, y: float) -> str:
        """Adds a node by double-click and search; the name it got."""
        self.double_click(self.pixel(x, y))
        self.search(op)
        (added,) = self.view.session.selection
        return self.view.session.document.nodes[added].name

    def selected(self) -> set[str]:
        """Names of the selected nodes."""
        nodes = self.view.session.document.nodes
        return {nodes[i].name for i in self.view.session.selection if i in nodes}


def show(qtbot: Any, session: Session) -> CanvasView:
    view = CanvasView(session)
    qtbot.addWidget(view)
    view.motion.enabled = False
    view.resize(1000, 700)
    with qtbot.waitExposed(view):
        view.show()
    view.camera.set((40.0, 40.0, 1.0))
    view.camera_changed()
    view.activateWindow()
    view.setFocus()
    return view


@pytest.fixture
def empty(qtbot: Any) -> Iterator[Hand]:
    """A hand over an empty canvas; the place (0, 0) is near the top left, zoom 1."""
    session = Session(Graph("by hand"), engine=False)
    yield Hand(show(qtbot, session))
    session.close()


@pytest.fixture
def chain(qtbot: Any) -> Iterator[Hand]:
    """x (Input) → hidden (Linear) → act (Tanh) → out (Linear), in one row, zoom 1."""
    graph = Graph("chain")
    node = graph.add("Input", name="x", shape=("N", 2), position=(0, 100))
    for k, (op, name) in enumerate((("Linear", "hidden"), ("Tanh", "act"), ("Linear", "out")), 1):
        node = graph.add(op, node, name=name, position=(240 * k, 100))
    session = Session(graph, engine=False)
    yield Hand(show(qtbot, session))
    session.close()


class Desk(Hand):
    """A hand over the canvas of a whole window, where shortcuts, menus and panels are at work."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.canvas)
        self.window = window

    @property
    def session(self) -> Session:
        return self.window.session

    def select(self, *names: str) -> None:
        self.session.select([self.id(name) for name in names])

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """A key once the window knows which of its actions make sense, as it does by the time a person presses one."""
        QApplication.processEvents()
        super().key(key, modifiers)
        QApplication.processEvents()

    def names(self) -> set[str]:
        """Of the nodes on the sheet."""
        return set(self.session.document.ids_by_name)

    def type(self, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
        """Types where the focus is, and ends with a key."""
        target = QApplication.focusWidget()
        QTest.keyClicks(target, text)
        QTest.keyClick(target, key)

    def menu(self, at: QPoint) -> dict[str, QAction]:
        """The entries of the context menu at a pixel, by title."""
        menu = menu_at(self.view, QPointF(at))
        return {action.text().partition("\t")[0]: action for action in menu.actions() if action.text()}


def chain_in_a_window(make: Make) -> Desk:
    """The chain in a window, nothing moving by itself."""
    graph = Graph("chain")
    node = graph.add("Input", name="x", shape=("N", 2), position=(0, 100))
    for k, (op, name) in enumerate((("Linear", "hidden"), ("Tanh", "act"), ("Linear", "out")), 1):
        node = graph.add(op, node, name=name, position=(240 * k, 100))
    window = make(Graph(graph.document))
    view = window.canvas
    view.motion.enabled = False
    view.camera.set((40.0, 40.0, 0.8))
    view.camera_changed()
    window.activateWindow()
    view.setFocus()
    return Desk(window)


@pytest.fixture
def desk(make: Make) -> Desk:
    return chain_in_a_window(make)


def editor(desk: Desk) -> NameEditor:
    (found,) = [e for e in desk.view.findChildren(NameEditor) if e.isVisible()]
    return found


def grouped(desk: Desk, *names: str, name: str = "cell") -> str:
    """Groups these nodes by keyboard and names the group; its id."""
    desk.select(*names)
    desk.key(Qt.Key.Key_G, CTRL)
    desk.type(name)
    return desk.id(name)


def nested(desk: Desk) -> tuple[str, str]:
    """chain with [outer: [inner: hidden] → act], inside inner."""
    inner = grouped(desk, "hidden", name="inner")
    outer = grouped(desk, "inner", "act", name="outer")
    desk.session.go_inside((outer, inner))
    return outer, inner
