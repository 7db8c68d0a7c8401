"""graphlab's own canvas, with everything that an edit brings: undo entry, shapes, looks."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from graphlab.graph import Document, Graph
from graphlab.ui.canvas import CanvasView
from graphlab.ui.session import Session

from .canvas_contender import SIZE, CanvasContender


class Contender(CanvasContender):
    """A `CanvasView` on a session without an engine, since no peer computes."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.session = Session(engine=False)
        self.surface = self.view = CanvasView(self.session)
        self.view.motion.enabled = False
        self.view.resize(*SIZE)
        self.view.show()
        QApplication.processEvents()

    def clear(self) -> None:
        self.session.open(Graph("empty"))
        QApplication.processEvents()

    def open(self) -> None:
        self.session.open(Graph(self.document))
        self.view.frame_all()
        self.view.repaint()

    def forget(self) -> None:
        super().forget()
        self.view.picture.forget_beneath()

    def grow(self) -> None:
        self.session.graph.add("Tanh", self.drawing.middle)
        QApplication.processEvents()

    def grip(self) -> QPoint:
        return self.view.camera.screen(self.view.scene.rect(self.drawing.middle).center()).toPoint()

    def counts(self) -> tuple[int, int]:
        return len(self.view.scene.ids), len(self.view.scene.edges)

    def place(self) -> tuple[float, float]:
        return self.view.scene.place(self.drawing.middle)

    def close(self) -> None:
        self.view.close()
        self.session.close()
