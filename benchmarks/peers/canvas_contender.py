"""What a canvas has to do to be raced: draw the same graph and answer the same gestures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPixmapCache, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from graphlab.graph import Document, Edge

SIZE = 1600, 1000
LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class Box(NamedTuple):
    """A node as everybody draws it: a name, a place, and sockets with names at either side."""

    name: str
    place: tuple[float, float]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Drawing(NamedTuple):
    """A graph to draw: boxes by id, and wires between their sockets."""

    boxes: dict[str, Box]
    wires: list[Edge]

    @classmethod
    def of(cls, document: Document) -> Drawing:
        boxes = {
            node.id: Box(
                node.name,
                node.position,
                tuple(socket.name for socket in node.make().sockets()),
                node.make().results(),
            )
            for node in document.nodes.values()
        }
        return cls(boxes, list(document.edges.values()))

    @property
    def middle(self) -> str:
        """The node that is dragged."""
        return list(self.boxes)[len(self.boxes) // 2]


class CanvasContender(ABC):
    """A canvas of SIZE pixels that shows `drawing`, all in view."""

    surface: QWidget  # takes the mouse
    _moves = _notches = 0

    def __init__(self, document: Document) -> None:
        self.document, self.drawing = document, Drawing.of(document)

    @abstractmethod
    def clear(self) -> None:
        """Shows nothing, as before a document is opened."""

    @abstractmethod
    def open(self) -> None:
        """Builds the graph, brings all of it into view, and paints the first frame."""

    @abstractmethod
    def grow(self) -> None:
        """Adds a node and a wire to it, which can be undone where the canvas has undo, and paints what changed."""

    @abstractmethod
    def grip(self) -> QPoint:
        """A pixel on the node that is dragged, by which one takes it."""

    @abstractmethod
    def counts(self) -> tuple[int, int]:
        """How many nodes and wires there are, to prove that all draw the same."""

    @abstractmethod
    def place(self) -> tuple[float, float]:
        """Where the node is that is dragged, to prove that it follows the mouse."""

    @abstractmethod
    def close(self) -> None:
        """Takes the window away."""

    def forget(self) -> None:
        """Throws away what was kept of the frame before; Qt's scenes keep pictures of nodes in this cache."""
        QPixmapCache.clear()

    def redraw(self) -> None:
        """One whole frame, of what is kept as far as something is."""
        self.surface.repaint()

    def zoom(self) -> None:
        """One notch of the wheel in the middle, in and out in turn, and the frame that follows."""
        self._notches += 1
        at = QPointF(self.surface.rect().center())
        turn = QPoint(0, 120 if self._notches % 2 else -120)
        event = QWheelEvent(
            at,
            QPointF(self.surface.mapToGlobal(at.toPoint())),
            QPoint(),
            turn,
            NO_BUTTON,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.surface, event)
        self.surface.repaint()  # pyqtgraph would paint some time later

    def press(self) -> None:
        """Takes the node in the middle."""
        self._start, self._moves = self.grip(), 0
        self._mouse(QEvent.Type.MouseButtonPress, self._start, LEFT, LEFT)
        QApplication.processEvents()

    def drag(self) -> None:
        """One move of the mouse with the button down, and the frame that follows."""
        self._moves += 1
        at = self._start + QPoint(5 * self._moves, 3 * self._moves)
        self._mouse(QEvent.Type.MouseMove, at, NO_BUTTON, LEFT)
        QApplication.processEvents()

    def release(self) -> None:
        at = self._start + QPoint(5 * self._moves, 3 * self._moves)
        self._mouse(QEvent.Type.MouseButtonRelease, at, LEFT, NO_BUTTON)
        QApplication.processEvents()

    def _mouse(self, kind: QEvent.Type, at: QPoint, button: Any, held: Any) -> None:
        globally = QPointF(self.surface.mapToGlobal(at))
        event = QMouseEvent(kind, QPointF(at), globally, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.surface, event)
