"""The canvas offscreen at 1600×1000: opening, redrawing, dragging, editing 100, 1,000 and 10,000 nodes; and its peers.

An edit is one that a person makes: the undo entry, the difference, all shapes, and everything that looks at the
document and follows; once with the panels that are always there, and once in a whole window with its engine, which is
told. The frame after it has a row of its own. Peers take turns with graphlab at 100 and 1,000 nodes; at 10,000 they
take minutes.

All this is the work of one thread, so its processor time is measured: it is what passes when nothing else runs. Only
how often live pictures are renewed is told by the clock on the wall.
"""

from __future__ import annotations

import argparse
import gc
import io
import itertools
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import readme
from benchmarks.report import Report, Row, cpu_time
from graphlab.engine import messages as m
from graphlab.engine.preview import preview
from graphlab.graph import Document, Edge, Graph, Node

if TYPE_CHECKING:
    from graphlab.ui.canvas import CanvasView
    from graphlab.ui.session import Session

SIZE = 1600, 1000
SIZES = (100, 1000, 10_000)
BESIDE_PEERS = (100, 1000)
REPEAT = 15
RATE = 30.0  # Hz: how often the engine sends what is watched
SECONDS = 3.0  # for which it does
TARGETS = {  # milliseconds, by gesture, for each of SIZES
    "open, first frame included": (50.0, 150.0, 1500.0),
    "full redraw, all in view": (8.0, 10.0, 16.0),
    "full redraw, zoomed in": (16.0, 16.0, 16.0),
    "pan and redraw, zoomed in": (16.0, 16.0, 16.0),
    "drag one node, per move, all in view": (4.0, 4.0, 8.0),
    "drag one node, per move, zoomed in": (4.0, 4.0, 8.0),
    "one edit": (5.0, 10.0, 50.0),
    "one edit in a whole window": (5.0, 10.0, 50.0),
    "frame of live pictures, zoomed in": (16.0, 16.0, 16.0),
    "tidy layout": (50.0, 500.0, 8000.0),
}


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
    return [1e3 * cpu_time(work) for _ in range(repeat)]


class Bench:
    """The rows of one number of nodes."""

    def __init__(self, report: Report, count: int) -> None:
        self._report, self.count = report, count
        self.document = document(count)

    def add(self, what: str, times: list[float], unit: str = "ms") -> None:
        targets = TARGETS.get(what)
        target = targets[SIZES.index(self.count)] if targets and self.count in SIZES else None
        self._row(Row.figure(f"{self.count:,} nodes: {what}", times, unit, target=target))

    def add_rate(self, what: str, rates: list[float]) -> None:
        row = Row.figure(f"{self.count:,} nodes: {what}", rates, "Hz", target=RATE - 1, direction="at least")
        self._row(row)

    def _row(self, row: Row) -> None:
        print(row, flush=True)  # while the rest is measured
        self._report.add(row)


# Looking and moving


def measure_canvas(bench: Bench) -> None:
    """The canvas by itself, with the shapes of everything but without panels."""
    from benchmarks.peers.canvas_graphlab import Contender

    canvas = Contender(bench.document)
    view = canvas.view
    opening = []
    for _ in range(5):
        canvas.clear()
        opening += milliseconds(canvas.open, 1)
    bench.add("open, first frame included", opening)
    bench.add("full redraw, all in view", milliseconds(partial(redraw, canvas)))
    bench.add("the same frame once more, all in view", milliseconds(canvas.redraw))
    bench.add("drag one node, per move, all in view", drag(canvas))
    look_at(view, canvas.drawing.middle)
    bench.add("full redraw, zoomed in", milliseconds(partial(redraw, canvas)))
    bench.add("pan and redraw, zoomed in", milliseconds(partial(pan, view)))
    look_at(view, canvas.drawing.middle)
    bench.add("drag one node, per move, zoomed in", drag(canvas))
    measure_live(bench, canvas.session, view)
    bench.add("tidy layout", milliseconds(lambda: Graph(bench.document).tidy(), 3))
    canvas.close()


def redraw(canvas: Any) -> None:
    """From the ground up; pictures of single nodes are kept."""
    canvas.view.picture.forget_beneath()
    canvas.redraw()


def pan(view: CanvasView) -> None:
    view.pan_by(-37, -11)
    view.repaint()


def drag(canvas: Any) -> list[float]:
    """Each a move of the mouse with the node in hand, and the frame that follows; taken back in the end."""
    canvas.press()
    canvas.drag()  # the first takes the node up
    times = milliseconds(canvas.drag)
    canvas.view.cancel_gesture()
    return times


def look_at(view: CanvasView, node: str, zoom: float = 1.0) -> None:
    """Brings a node into the middle, and has painted everything there."""
    middle = view.scene.rect(node).center()
    view.camera.set((view.width() / 2 - middle.x() * zoom, view.height() / 2 - middle.y() * zoom, zoom))
    view.camera_changed()
    view.repaint()
    while view.picture.nodes.behind:
        view.repaint()


def measure_live(bench: Bench, session: Session, view: CanvasView) -> None:
    """Every 1/30 s new values of all nodes in view come as the engine's bytes: how long a frame takes, and how many of
    them were seen whole before the next came.
    """
    frames = itertools.cycle(live_frames(session, view.visible_nodes()))
    painted, seen = _watch(view)
    steps = []
    began = time.perf_counter()
    for k in range(round(RATE * SECONDS)):
        payload = m.read_payload(io.BytesIO(next(frames)))
        assert payload is not None
        session.engine.link.received.emit([m.decode_event(payload)])
        steps.append(False)
        while (now := time.perf_counter()) < began + (k + 1) / RATE:
            _handle_events(min(0.002, began + (k + 1) / RATE - now))
            steps[-1] |= seen()
    took = time.perf_counter() - began
    del view.paintEvent
    bench.add("frame of live pictures, zoomed in", painted)
    bench.add_rate("live pictures renewed, zoomed in", [sum(steps) / took])


def live_frames(session: Session, nodes: Sequence[str]) -> list[bytes]:
    """Messages that bring other values of these nodes, (16, 16) each."""
    chance, found = np.random.default_rng(0), []
    for step in range(4):
        tensors = []
        for node in nodes:
            key = m.TensorKey("value", node, session.document.nodes[node].make().results()[0])
            tensors.append(preview(key, chance.normal(size=(16, 16)).astype(np.float32), True, 256))
        found.append(m.encode(m.Frame(0, step, tuple(tensors))))
    return found


def _watch(view: CanvasView) -> tuple[list[float], Callable[[], bool]]:
    """The milliseconds of each frame painted from now on; and whether one since the last question left nothing old."""
    paint, painted, whole = view.paintEvent, [], [False]

    def timed_paint(event: Any) -> None:
        painted.append(1e3 * cpu_time(partial(paint, event)))
        whole[0] |= not view.picture.nodes.behind

    def seen() -> bool:
        was, whole[0] = whole[0], False
        return was

    view.paintEvent = timed_paint  # type: ignore[method-assign]
    return painted, seen


def _handle_events(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    time.sleep(min(seconds, 0.001))


# Editing


def measure_edits(bench: Bench) -> None:
    """With the inspector, the history, the library and the status line beside the canvas; no engine."""
    from PySide6.QtWidgets import QSplitter

    from graphlab.ui.canvas import CanvasView
    from graphlab.ui.panels.history import HistoryPanel
    from graphlab.ui.panels.inspector import InspectorPanel
    from graphlab.ui.panels.library import LibraryPanel
    from graphlab.ui.session import Session
    from graphlab.ui.status_line import StatusLine

    session, desk = Session(engine=False), QSplitter()
    view = CanvasView(session)
    view.motion.enabled = False
    for widget in (view, *(kind(session) for kind in (InspectorPanel, HistoryPanel, LibraryPanel))):
        desk.addWidget(widget)
    desk.addWidget(StatusLine(session, desk))
    desk.resize(*SIZE)
    desk.show()
    session.open(Graph(bench.document))
    view.frame_all()
    _measure_edits(bench, session, "one edit", 0.05)
    desk.close()
    session.close()


def measure_window(bench: Bench) -> None:
    """A whole window in its first layout, its engine at work; and how long it stalls after an edit, at the longest."""
    from graphlab.ui import app

    window = app.make_window(Graph(bench.document))
    window.canvas.motion.enabled = False
    window.resize(*SIZE)
    window.docks.reset()
    window.leave_start_page()
    window.show()
    session, until = window.session, time.perf_counter() + 60
    while session.loaded is None and time.perf_counter() < until:
        _handle_events(0.01)
    _measure_edits(bench, session, "one edit in a whole window", 0.8)
    session.graph.mark_saved()
    window.close()
    window.deleteLater()


def _measure_edits(bench: Bench, session: Session, what: str, rest: float) -> None:
    """Edits of three kinds in turn, each by itself: `rest` seconds later everything that follows from it is done."""
    from PySide6.QtWidgets import QApplication

    edits, frames, stalls = [], [], []
    kinds = edits_of(session)
    _handle_all(rest)
    for edit in itertools.islice(kinds, 2 * REPEAT):
        edits.append(1e3 * cpu_time(edit))
        frames.append(1e3 * cpu_time(QApplication.processEvents))
        stalls.append(_handle_all(rest))
    bench.add(what, edits[3:])
    bench.add(f"{what}, the frame after it", frames[3:])
    bench.add(f"{what}, longest stall in what follows", stalls[3:])


def edits_of(session: Session) -> Iterator[Callable[[], object]]:
    """Add a node, set a param, and plug a wire elsewhere, at places all over the graph; without end."""
    chance = random.Random(1)
    graph = session.graph
    while True:
        nodes = graph.document.nodes
        linear = chance.choice([i for i in nodes if nodes[i].op == "Linear"])
        edge = chance.choice(list(graph.document.edges.values()))
        yield partial(graph.add, "Tanh", chance.choice(list(nodes)))
        yield partial(graph.set, linear, units=chance.randrange(2, 999))
        yield partial(graph.connect, f"n{int(edge.source[1:]) % 3 + 1}", edge.target, edge.input)


def _handle_all(seconds: float) -> float:
    """Handles events for so long; the longest that the event loop was away, in milliseconds."""
    until, longest = time.perf_counter() + seconds, 0.0
    while time.perf_counter() < until:
        longest = max(longest, cpu_time(partial(_handle_events, 0.001)))
    return 1e3 * longest


# All together


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if options.readme:
        return readme.write("canvas")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from graphlab.ui import theme

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    report = Report("canvas", "Canvas, offscreen, 1600×1000")
    for count in options.sizes:
        bench = Bench(report, count)
        for measure in (measure_canvas, measure_edits, measure_window):
            measure(bench)
            gc.collect()
    measure_peers(report, [count for count in options.sizes if count in BESIDE_PEERS], options.peers)
    whole = list(options.sizes) == list(SIZES) and options.peers == list(peers())
    return report.finish(["--check"] if options.check else [], keep=whole)


def measure_peers(report: Report, sizes: Sequence[int], names: Sequence[str]) -> None:
    from benchmarks.peers.canvas_race import race

    for count in sizes:
        for row in race(document(count), names):
            print(row, flush=True)
            report.add(row)


def peers() -> tuple[str, ...]:
    from benchmarks.peers.canvas_race import PEERS

    return tuple(PEERS)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="canvas", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, choices=SIZES, default=list(SIZES))
    parser.add_argument("--peers", nargs="*", choices=peers(), default=list(peers()))
    parser.add_argument("--check", action="store_true", help="exit 1, naming each target that is missed")
    parser.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
