"""A step of the debugger, offscreen at 1440×900: from the key to the canvas that shows it, without the operation.

F10 and Shift+F10 are pressed in a whole window with its engine, on the digits CNN and on 2,000 nodes, once in the first
layout and once with the trace beside it. The engine computes in a process of its own; what an operation takes is
measured in this process beforehand and subtracted. The second row of each kind is the processor time that the window
spends in all, until every panel has followed: that is what keeps it from answering a hand.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchmarks.report import Report, Row
from benchmarks.window import example
from graphlab.engine.workspace import Workspace
from graphlab.graph import Document, Graph

if TYPE_CHECKING:
    from graphlab.ui.window import MainWindow

SIZE = 1440, 900
STEPS = 24  # of each kind
QUIET = 0.15  # seconds without anything to do after which every panel has followed
PATIENCE = 20.0
TARGET = 30.0  # milliseconds
NODES = 2000


def large(count: int = NODES) -> Document:
    """Columns of small operations that all lead to one number: what a person would not draw, but a program might."""
    chance = random.Random(0)
    rows = min(max(round((count / 1.6) ** 0.5), 2), 30)
    g = Graph(f"{count} nodes")
    columns: list[list[Any]] = [
        [g.add("Parameter", name=f"p{k}", shape=(8, 8), position=(0, 140 * k)) for k in range(rows)]
    ]
    made = rows
    while made < count - 2:
        before = columns[-1]
        here = []
        for k in range(min(rows, count - 2 - made)):
            op = chance.choice(("Tanh", "Add", "Sigmoid", "Mul", "Neg"))
            feeds = [before[k], before[(k + 1) % len(before)]][: 2 if op in ("Add", "Mul") else 1]
            here.append(
                g.add(op, *feeds, name=f"{op.lower()}{made + k}", position=(250 * len(columns), 140 * k))
            )
        made += len(here)
        columns.append(here)
    last = [node for column in columns for node in column][-rows:]
    total = g.add("AddN", *last, name="total", position=(250 * len(columns), 0))
    g.add("Mean", total, name="goal", position=(250 * (len(columns) + 1), 0))
    return g.document


def seconds_of(document: Document) -> list[float]:
    """What each entry of the schedule takes by itself, at the best of three."""
    space = Workspace(document)
    passes = []
    for _ in range(3):
        times = []
        for _ in space.run.schedule:
            began = time.perf_counter()
            space.step(1)
            times.append(time.perf_counter() - began)
        passes.append(times)
    return [min(times) for times in zip(*passes, strict=True)]


class Desk:
    """A window on a document whose engine is up, in which keys are pressed and the clock is read."""

    def __init__(self, graph: Graph, panels: tuple[str, ...]) -> None:
        from graphlab.ui import app

        self.window: MainWindow = app.make_window(graph)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.docks.reset()
        for panel in panels:
            self.window.docks.show(panel)
        self.session, self.view = self.window.session, self.window.canvas
        self._frames, self._painted = 0, 0
        self._paint = self.view.paintEvent
        self.view.paintEvent = self._timed_paint  # type: ignore[method-assign]
        self.session.engine.frame.connect(self._count)
        self.until(lambda: bool(self.session.schedule))
        self.settle()

    def _timed_paint(self, event: Any) -> None:
        self._paint(event)
        self._painted = self._frames

    def _count(self, nodes: object) -> None:
        self._frames += 1

    def until(self, done: Callable[[], bool], seconds: float = PATIENCE) -> None:
        from PySide6.QtCore import QEventLoop
        from PySide6.QtWidgets import QApplication

        end = time.perf_counter() + seconds
        while not done() and time.perf_counter() < end:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
            time.sleep(0.0002)

    @cached_property
    def _idle(self) -> float:
        """The processor seconds that waiting for quiet takes by itself."""
        self.settle()
        used = time.thread_time()
        self.settle()
        return time.thread_time() - used

    def settle(self) -> None:
        end = time.perf_counter() + QUIET
        self.until(lambda: time.perf_counter() > end)

    def look(self, node: str) -> None:
        """Selects a node and looks at it at a zoom at which numbers can be read."""
        self.session.select({node})
        middle = self.view.scene.rect(node).center()
        width, height = self.view.width(), self.view.height()
        self.view.camera.set((width / 2 - middle.x(), height / 2 - middle.y(), 1.0))
        self.view.camera_changed()
        self.settle()

    def go(self, cursor: int) -> None:
        self.session.go_to(cursor)
        self.until(lambda: self.session.status.cursor == cursor)
        self.settle()

    def press(self, back: bool) -> tuple[float, float]:
        """Presses F10 or Shift+F10: seconds until the canvas shows it, and processor seconds until all is quiet."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        none, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
        before = self.session.status.cursor
        frames = self._frames
        self.view.setFocus()
        used, began = time.thread_time(), time.perf_counter()
        QTest.keyClick(self.view, Qt.Key.Key_F10, shift if back else none)
        self.until(lambda: self.session.status.cursor != before and self._painted > frames, 5)
        seen = time.perf_counter() - began
        busy = time.thread_time() - used
        self.until(lambda: time.perf_counter() > began + seen + QUIET)
        idle = self._idle
        return seen, busy + max(time.thread_time() - used - busy - idle, 0.0)

    def close(self) -> None:
        self.session.root.mark_saved()
        self.window.close()
        self.window.deleteLater()


def steps(desk: Desk, own: list[float], start: int) -> Iterator[tuple[str, float, float]]:
    """(way, milliseconds until seen beyond the operation, processor milliseconds in all), forth and back again."""
    desk.go(start)
    for _ in range(STEPS):
        at = desk.session.status.cursor % len(own)
        seen, busy = desk.press(back=False)
        yield "F10", max(seen - own[at], 0.0) * 1e3, busy * 1e3
    for _ in range(STEPS):
        seen, busy = desk.press(back=True)
        yield "Shift+F10", seen * 1e3, busy * 1e3


def measure(report: Report, title: str, graph: Graph, panels: tuple[str, ...]) -> None:
    own = seconds_of(graph.document)
    desk = Desk(Graph(graph.document), panels)
    ends = len([e for e in desk.session.schedule if e.phase == "forward"])
    middle = max(0, ends // 2 - STEPS // 2)
    for phase, start in (("forward", middle), ("backward", ends + middle)):
        start = (
            min(start, len(own) - STEPS - 1) if len(own) > 2 * STEPS else 0 if phase == "forward" else ends
        )
        desk.go(max(start - 1, 0))
        node = desk.session.schedule[max(start, 0)].node
        desk.look(node)
        found = list(steps(desk, own, start))
        for way in ("F10", "Shift+F10"):
            seen = [ms for w, ms, _ in found if w == way]
            busy = [ms for w, _, ms in found if w == way]
            words = f"{title}, {phase}, {way}"
            report.add(Row.figure(f"{words}: key to canvas", seen, "ms", target=TARGET))
            report.add(Row.figure(f"{words}: the window's work in all", busy, "ms", target=TARGET))
            print(
                f"{words}: {statistics.median(seen):.1f} ms to canvas, {max(seen):.1f} at most; "
                f"{statistics.median(busy):.1f} ms of work, {max(busy):.1f} at most",
                flush=True,
            )
    desk.close()


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    report = Report("stepping", "A step in the window, offscreen, 1440×900, beyond the operation itself")
    cnn, many = example("digits-cnn"), Graph(large())
    for title, graph in (("digits CNN", cnn), (f"{NODES:,} nodes", many)):
        measure(report, title, graph, ())
        measure(report, f"{title}, trace and timeline", graph, ("trace", "timeline"))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
