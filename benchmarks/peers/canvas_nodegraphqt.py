"""NodeGraphQt, the node editor that most Python programs embed. https://github.com/jchanvfx/NodeGraphQt"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from graphlab.graph import Document

from .canvas_contender import SIZE, CanvasContender

if sys.version_info >= (3, 12):
    import setuptools  # noqa: F401  NodeGraphQt imports distutils, which setuptools has since Python has not
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of distutils' LooseVersion
    from NodeGraphQt import BaseNode, NodeGraph


class Plain(BaseNode):  # type: ignore[misc, unused-ignore]
    """A node without sockets; those of its box are added."""

    __identifier__ = "bench"
    NODE_NAME = "Plain"


class Contender(CanvasContender):
    """A `NodeGraph` in its own widget."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.graph = NodeGraph()
        self.graph.register_node(Plain)
        self.graph.widget.resize(*SIZE)
        self.graph.widget.show()
        QApplication.processEvents()
        self.surface = self.graph.viewer().viewport()
        self._nodes: dict[str, Any] = {}

    def clear(self) -> None:
        self.graph.clear_session()
        self._nodes.clear()
        QApplication.processEvents()

    def open(self) -> None:
        for key, box in self.drawing.boxes.items():
            node = self.graph.create_node(
                "bench.Plain", box.name, pos=list(box.place), selected=False, push_undo=False
            )
            for name in box.inputs:
                node.add_input(name)
            for name in box.outputs:
                node.add_output(name)
            self._nodes[key] = node
        for edge in self.drawing.wires:
            source = self._nodes[edge.source].get_output(edge.output)
            source.connect_to(self._nodes[edge.target].get_input(edge.input), push_undo=False)
        self.graph.fit_to_selection()
        self.surface.repaint()

    def grow(self) -> None:
        middle = self._nodes[self.drawing.middle]
        node = self.graph.create_node("bench.Plain", pos=[middle.x_pos() + 240, middle.y_pos()])
        node.add_input("x")
        node.add_output("y")
        middle.output(0).connect_to(node.input(0))
        QApplication.processEvents()

    def grip(self) -> QPoint:
        item = self._nodes[self.drawing.middle].view
        place: QPoint = self.graph.viewer().mapFromScene(item.mapToScene(item.boundingRect().center()))
        return place

    def counts(self) -> tuple[int, int]:
        nodes = self.graph.all_nodes()
        wires = [len(port.connected_ports()) for node in nodes for port in node.input_ports()]
        return len(nodes), sum(wires)

    def place(self) -> tuple[float, float]:
        x, y = self._nodes[self.drawing.middle].view.xy_pos
        return float(x), float(y)

    def close(self) -> None:
        self.graph.widget.close()
