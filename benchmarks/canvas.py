"""The canvas: opening, redrawing, dragging and editing 100, 1,000 and 10,000 nodes, offscreen at 1600×1000."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from functools import partial

from benchmarks.report import Report, Row, timed
from graphlab.graph import Document, Edge, Graph, Node

SIZE = 1600, 1000
SIZES = (100, 1000, 10_000)
REPEAT = 9
OPEN = {1000: 300.0}  # milliseconds; other rows are told without a target
REDRAW = {1000: 16.0}


def document(count: int) -> Document:
    """Columns of Linear, Tanh, Add and Mul, each wired to the column before and sometimes further back."""
    chance = random.Random(0)
    rows = max(round((count / 1.6) ** 0.5), 2)
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], Edge] = {}
    for k in range(count):
        column, row = divmod(k, rows)
        op = "Input" if column == 0 else chance.choice(("Linear", "Tanh", "Add", "Mul", "ReLU"))
        params = {"shape": ("N", 16)} if op == "Input" else {}
        place = (column * 250.0, row * 140.0 + chance.uniform(-8, 8))
        node = Node(f"n{k + 1}", op, f"{op.lower()}{k + 1}", params, place)
        nodes[node.id] = node
        for socket in {"Add": ("a", "b"), "Mul": ("a", "b"), "Input": ()}.get(op, ("x",)):
            back = 2 if column > 1 and chance.random() < 0.1 else 1
            near = min(max(row + chance.choice((-1, 0, 0, 1)), 0), rows - 1)
            source = (column - back) * rows + near
            edges[node.id, socket] = Edge(f"n{source + 1}", "y", node.id, socket)
    return _with_outputs(Document(f"{count} nodes", nodes, edges, next_id=count + 1))


def _with_outputs(made: Document) -> Document:
    """The edges name the first output of their source, whatever the op calls it."""
    first = {i: node.make().results()[0] for i, node in made.nodes.items()}
    return made.with_(edges={k: e._replace(output=first[e.source]) for k, e in made.edges.items()})


def milliseconds(work: Callable[[], object], repeat: int = REPEAT) -> list[float]:
    return [1e3 * timed(work) for _ in range(repeat)]


def measure(report: Report, count: int) -> None:
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from graphlab.ui.canvas import CanvasView
    from graphlab.ui.session import Session

    made = document(count)
    session = Session(engine=False)
    view = CanvasView(session)
    view.motion.enabled = False
    view.resize(*SIZE)
    view.show()
    QApplication.processEvents()

    def add(what: str, times: list[float], targets: dict[int, float] | None = None) -> None:
        report.add(Row.figure(f"{count:,} nodes: {what}", times, "ms", target=(targets or {}).get(count)))

    def open_document() -> None:
        session.open(Graph(made))
        view.frame_all()
        view.repaint()

    opening = []
    for _ in range(5):
        session.open(Graph("empty"))
        opening += milliseconds(open_document, 1)
    add("open, first frame included", opening, OPEN)
    add("full redraw, all in view", milliseconds(view.repaint), REDRAW)
    node = view.scene.ids[count // 2]
    grip = view.camera.screen(view.scene.rect(node).center()).toPoint()
    far_drag: list[float] = []
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=grip)
    for k in range(1, 13):
        far_drag += milliseconds(partial(_drag, view, grip + QPoint(3 * k, 2 * k)), 1)
    add("drag one node, per move, all in view", far_drag[2:])
    view.cancel_gesture()
    view.camera.set((0.0, 0.0, 1.0))
    middle = view.scene.rect(node).center()
    view.camera.pan(SIZE[0] / 2 - middle.x(), SIZE[1] / 2 - middle.y())
    view.camera_changed()
    view.repaint()
    add("full redraw, zoomed in", milliseconds(view.repaint))

    def pan_and_redraw() -> None:
        view.pan_by(-37, -11)
        view.repaint()

    add("pan and redraw, zoomed in", milliseconds(pan_and_redraw))

    def edit() -> None:
        place = session.document.nodes[node].position
        session.graph.connect(session.document.nodes[view.scene.ids[0]].name, session.graph.add("Tanh").name)
        session.graph.move({node: (place[0] + 1, place[1])})

    add("one edit with diff, shapes and wires", [t / 3 for t in milliseconds(edit)])
    view.close()
    session.close()


def _drag(view: object, at: object) -> None:
    """One move of the mouse with the button down, and the frame that follows."""
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    place = QPointF(at)  # type: ignore[call-overload]
    button = Qt.MouseButton.LeftButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton, button, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(view, move)  # type: ignore[arg-type]
    QApplication.processEvents()


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from graphlab.ui import theme

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    report = Report("canvas", "Canvas, offscreen, 1600×1000")
    for count in SIZES:
        measure(report, count)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
