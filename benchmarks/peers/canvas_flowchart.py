"""pyqtgraph.flowchart, the node editor that comes with the plots. https://pyqtgraph.readthedocs.io"""

from __future__ import annotations

from typing import Any

from pyqtgraph.flowchart import Flowchart, Node
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication

from graphlab.graph import Document

from .canvas_contender import SIZE, Box, CanvasContender


class Plain(Node):  # type: ignore[misc]
    """A node that computes nothing."""

    nodeName = "Plain"

    def process(self, **inputs: Any) -> dict[str, Any]:
        return dict.fromkeys(self.outputs())


class Contender(CanvasContender):
    """The view of a `Flowchart`, without what else its window shows."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._nodes: dict[str, Node] = {}
        self.clear()

    def clear(self) -> None:
        self.close()
        self.chart = Flowchart()
        panel = self.chart.widget()
        panel.chartWidget.hoverDock.hide()
        panel.chartWidget.selDock.hide()
        self.window, self.view = panel.cwWin, panel.chartWidget.view
        self.window.resize(*SIZE)
        self.window.show()
        QApplication.processEvents()
        self.surface = self.view.viewport()

    def open(self) -> None:
        for key, box in self.drawing.boxes.items():
            self._nodes[key] = self._add(box)
        for edge in self.drawing.wires:
            ends = self._nodes[edge.source][edge.output], self._nodes[edge.target][edge.input]
            self.chart.connectTerminals(*ends)
        self.view.viewBox().autoRange()
        QApplication.processEvents()  # its view box takes another range when events are handled
        self.surface.repaint()

    def _add(self, box: Box) -> Node:
        sockets = {name: {"io": "in"} for name in box.inputs} | {name: {"io": "out"} for name in box.outputs}
        node = Plain(box.name, sockets)
        self.chart.addNode(node, box.name, list(box.place))
        return node

    def grow(self) -> None:
        middle = self.drawing.boxes[self.drawing.middle]
        place = middle.place[0] + 240, middle.place[1]
        node = self._add(Box(f"new{len(self._nodes)}", place, ("x",), ("y",)))
        self._nodes[node.name()] = node
        source = self._nodes[self.drawing.middle][middle.outputs[0]]
        self.chart.connectTerminals(source, node["x"])
        QApplication.processEvents()

    def grip(self) -> QPoint:
        item = self._nodes[self.drawing.middle].graphicsItem()
        area = item.boundingRect()
        below_its_name = QPointF(area.center().x(), area.top() + 0.8 * area.height())
        place: QPoint = self.view.mapFromScene(item.mapToScene(below_its_name))
        return place

    def counts(self) -> tuple[int, int]:
        taken = [len(t.connections()) for node in self._nodes.values() for t in node.inputs().values()]
        return len(self._nodes), sum(taken)

    def place(self) -> tuple[float, float]:
        at = self._nodes[self.drawing.middle].graphicsItem().pos()
        return at.x(), at.y()

    def close(self) -> None:
        if self.__dict__.get("chart") is not None:
            self.window.close()
            self.chart.widget().close()
        self._nodes.clear()
