"""A published graph walked through the window as a person would, and what the window then says of its numbers.

Each way of showing is a function of its own, so that a table can say which of them holds which number.
"""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.ui import numbers
from graphlab.ui.canvas import export
from graphlab.ui.canvas.draw_sum import told
from graphlab.ui.canvas.rects import grad_rect, value_rect
from graphlab.ui.panels.trace_model import NODE, NOT_YET, PHASE, RESULT
from graphlab.ui.values.tensor_view import TensorView
from graphlab.ui.widgets.term_tree import NUMBER
from tests.ui import painted
from tests.ui.window_trial import PATIENCE, Make

_NUMBER = r"[+−]?(?:\d[\d.]*(?:e[−+]?\d+)?|∞)|NaN"


def spread(text: str) -> float:
    """Half a unit of the last figure that a number is written with: so much it may be off."""
    mantissa, _, power = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(power.replace("−", "-") or 0) - decimals)


def says(text: str, number: float, tolerance: float = 0.0) -> bool:
    """Whether a written number is the published one, as far as it is written out."""
    room = tolerance + spread(text) * (1 + 1e-9)
    return abs(numbers.parse(text) - number) <= room + 1e-6 * abs(number)  # the window counts in float32


def listed(text: str) -> list[str]:
    """The numbers in a text, in their order."""
    return re.findall(_NUMBER, text)


class Read:
    """What stands on the canvas of a window, or of whatever else has a session and a canvas."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.session, self.canvas = window.session, window.canvas
        self.canvas.motion.enabled = False

    def id(self, name: str) -> str:
        return self.session.document.node(name).id

    def painted(self) -> list[painted.Text]:
        """All texts of the canvas, by their places on it."""
        corner = self.canvas.scene.bounds().topLeft() - QPointF(export.MARGIN, export.MARGIN)
        return [text._replace(at=text.at + corner) for text in painted.read(export.svg(self.canvas))]

    def on_wire(self, target: str, socket: str, texts: list[painted.Text] | None = None) -> str:
        """The label of a wire: its shape, or what flows back along it."""
        texts = self.painted() if texts is None else texts
        k = self.canvas.scene.wire_index[self.id(target), socket]
        middle = self.canvas.scene.middle(k)
        around = QRectF(middle - QPointF(60, 12), middle + QPointF(60, 12))
        rects = [self.canvas.scene.rect(node) for node in self.session.document.nodes]
        near = [t for t in texts if around.contains(t.at) and not any(r.contains(t.at) for r in rects)]
        near.sort(key=lambda text: abs(text.at.y() - middle.y() - 4) + abs(text.at.x() - middle.x()) / 10)
        assert near, f"nothing is written on {target}.{socket}"
        return near[0].words


class Walk(Read):
    """A window with an engine on a graph, the trace and the explanations open."""

    def __init__(self, make: Make, qtbot: Any, graph: Graph) -> None:
        super().__init__(make(graph, engine=True))
        self.qtbot = qtbot
        self.window.resize(1440, 900)
        self.wait(lambda: self.session.loaded is not None)
        for panel in ("trace", "explain"):
            self.window.docks[panel].show()
            self.window.docks[panel].raise_()
        self.trace = self.window.docks["trace"].build()
        self.explain = self.window.docks["explain"].build()
        self.inspector = self.window.docks["inspector"].build()
        self.window.docks["trace"].raise_()
        self.canvas.frame_all()
        self.window.activateWindow()
        self.canvas.setFocus()
        if graph.document.nodes:
            self.ready()

    def ready(self) -> None:
        """Until the engine has the graph that is on the canvas."""
        assert not self.session.inference.problems
        nodes = set(self.session.document.nodes)
        self.wait(lambda: {entry.node for entry in self.session.schedule if entry.node} == nodes)
        self.wait(lambda: self.trace.model.rowCount() == len(self.session.schedule))
        self.canvas.setFocus()

    def wait(self, what: Any) -> None:
        self.qtbot.waitUntil(what, timeout=PATIENCE)

    # Hands

    def step(self) -> tuple[str, str]:
        """F10: the next entry. Returns its phase and node; before, every view says that it is not computed yet."""
        row = self.session.status.cursor
        phase, node = self.trace.model.text(row, PHASE), self.trace.model.text(row, NODE)
        assert not node or self.trace.model.text(row, RESULT) == NOT_YET, (phase, node)
        QTest.keyClick(self.canvas, Qt.Key.Key_F10)
        self.wait(lambda: self.session.status.cursor == row + 1)
        self.wait(lambda: not node or self.trace.model.text(row, RESULT) != NOT_YET)
        return phase, node

    def go(self, phase: str) -> list[str]:
        """F10 through a whole phase; the nodes in the order in which they were computed."""
        found: list[str] = []
        schedule = self.session.schedule
        while (at := self.session.status.cursor) < len(schedule) and schedule[at].phase == phase:
            found.append(self.step()[1])
        self.settle()
        return found

    def on_timeline(self) -> list[str]:
        """What the timeline says: the names in its cells, and where in the step one is."""
        return [text.words for text in painted.of_widget(self.window.docks["timeline"].build().viewport())]

    def settle(self) -> None:
        """Until what the canvas shows is here."""
        for _ in range(3):
            self.qtbot.wait(20)

    def select(self, name: str) -> None:
        """A click on the header of a node."""
        rect = self.canvas.scene.rect(self.id(name))
        at = self.canvas.camera.screen(QPointF(rect.center().x(), rect.top() + 12)).toPoint()
        QTest.mouseClick(self.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        assert self.session.selected_node == self.id(name), name

    # What is shown of a node: its number, or its gradient's

    def on_canvas(self, name: str, kind: str, at: tuple[int, ...] = ()) -> str:
        """On the node itself, below its header: the value, and the gradient under it."""
        shape, rect = self.canvas.scene.shape(self.id(name)), self.canvas.scene.rect(self.id(name))
        area = (value_rect(shape) if kind == "value" else grad_rect(shape)).translated(rect.topLeft())
        words = painted.within(self.painted(), area.adjusted(0, 0, 0, 2))
        found = [word for word in words if word != "∂"]
        return found[at[-1] if at else 0]

    def in_trace(self, name: str, kind: str, at: tuple[int, ...] = ()) -> str:
        """In the row of the trace."""
        model, phase = self.trace.model, "forward" if kind == "value" else "backward"
        row = next(
            r for r in range(model.rowCount()) if (model.text(r, NODE), model.text(r, PHASE)) == (name, phase)
        )
        return listed(model.text(row, RESULT))[at[-1] if at else 0]

    def in_inspector(self, name: str, kind: str, at: tuple[int, ...] = ()) -> str:
        """In the inspector, once the node has been clicked: as large as it gets."""
        self.select(name)
        tensors = self.inspector.node_page.tensors
        tensors.show_tab(kind)
        pane = tensors.value if kind == "value" else tensors.gradient
        self.wait(lambda: bool(pane.view.mode) and not pane.is_stale())
        shown = pane.view.shown()
        if not at:
            return shown.accessibleName()

        def written() -> list[str]:
            return [words for text in painted.of_widget(shown) for words in listed(text.words)]

        self.wait(lambda: len(written()) > at[-1])  # laid out with room for its numbers
        return written()[at[-1]]

    def explained(self, name: str, kind: str, at: tuple[int, ...] = (), socket: str = "") -> str:
        """In the title of its explanation; its terms come to it."""
        flat = self.session.inference.nodes[self.id(name)]
        self.session.explain(kind, self.id(name), socket or flat.op.results()[0], at)
        self.wait(lambda: self.session.explainer.found is not None)
        QApplication.processEvents()
        title = re.sub(r"<[^>]*>", "", self.explain.title.text())
        found = self.session.explainer.found
        assert abs(found.term.value - found.shown) <= 1e-5 * max(1.0, abs(found.shown))
        return title.rpartition(" = ")[2]

    def terms(self) -> list[float]:
        """The numbers of the top rows of the explanation that is open."""
        tree = self.explain.terms
        rows = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
        return [numbers.parse(row.text(NUMBER)) for row in rows if row and row.text(NUMBER)]

    def sum_at(self, name: str) -> tuple[list[str], str]:
        """The bubble at a fan-out: its terms and what they come to."""
        (account,) = self.canvas.live.accounts(self.canvas.scene, self.id(name))
        said = told(account, self.canvas.live.used_for(self.id(name)))
        return [row.figure for row in said.rows], said.sum.removeprefix("= ")

    def matrix(self, name: str, lead: tuple[int, ...] = ()) -> list[list[str]]:
        """The numbers that the inspector writes into the cells of a matrix, or of the slice at `lead`."""
        self.select(name)
        view = self.inspector.node_page.tensors.value.view
        self.inspector.node_page.tensors.show_tab("value")
        self.wait(lambda: bool(view.mode))
        if view.mode != "cells":  # it is a picture, as what is never negative may be
            view.choose("cells")
        view.select_index((*lead, 0, 0))
        dock = self.window.docks["inspector"]
        self.window.resizeDocks([dock], [520], Qt.Orientation.Horizontal)
        self.wait(lambda: all(map(all, self.cells(view))))
        return self.cells(view)

    def cells(self, view: TensorView) -> list[list[str]]:
        """What stands in the cells of the heat map."""
        heat = view.heat_map()
        texts, (rows, columns) = painted.of_widget(heat), view.arrangement.size
        places = [[heat.cell_rect(r, c) for c in range(columns)] for r in range(rows)]
        texts = [
            text for text in texts if re.fullmatch(_NUMBER, text.words)
        ]  # not what tells of the one pointed at
        return [["".join(painted.within(texts, place)) for place in row] for row in places]
