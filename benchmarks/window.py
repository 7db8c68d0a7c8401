"""The window: training with every panel open against the engine alone, stalls of the event loop, and start-up."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.report import Report, Row
from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.graph.codec import to_bytes

if TYPE_CHECKING:
    from graphlab.ui.window import MainWindow

ROUNDS = 5
SECONDS = 2.5
SETTLE = 0.7  # both sides get up to speed before they are timed
EXAMPLES = {"XOR-size network": "xor", "digits CNN": "digits-cnn"}
ENDLESS = 10_000_000
LARGE, IN_A_ROW = (
    (3840, 2160),
    9,
)  # pixels of the screen that shows every panel, and how many stand side by side


def example(name: str) -> Graph:
    """An example that trains for as long as anybody looks."""
    from graphlab.io import load
    from graphlab.resources import resource

    graph, _ = load(resource("examples", f"{name}.graphlab"))
    graph.configure(epochs=ENDLESS)
    return graph


def alone(graph: Graph, settle: float = SETTLE, seconds: float = SECONDS) -> float:
    """Steps per second of the engine process with nobody watching, that long after its first step.

    A training gets slower as it goes on: whatever is set against it should be timed at the same age.
    """
    code = "from graphlab.engine.host import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert isinstance(process.stdin, io.BufferedWriter)
    assert isinstance(process.stdout, io.BufferedReader)
    for command in (m.Load(1, to_bytes(graph.document)), m.Train()):
        process.stdin.write(m.encode(command))
    process.stdin.flush()
    marks: list[tuple[float, int]] = []
    began = time.perf_counter()
    while (payload := m.read_payload(process.stdout)) is not None:
        event, now = m.decode_event(payload), time.perf_counter()
        if isinstance(event, m.Status) and event.step == 0:
            began = now  # it is still made ready
        elif isinstance(event, m.Status) and now - began > settle:
            marks.append((now, event.step))
        if now - began > settle + seconds:
            break
    process.kill()
    process.communicate()
    return slope(marks)


def in_window(graph: Graph) -> tuple[float, float]:
    """Steps per second with every panel open, and the longest stall of the event loop in milliseconds."""
    from PySide6.QtCore import QTimer

    from graphlab.ui import app

    window = app.make_window(graph)
    window.resize(1600, 1000)
    window.show()
    window.docks.reset()
    show_every_panel(window)
    session = window.session
    work(lambda: session.loaded is not None, 20)
    session.train()
    work(lambda: session.status.state == "training", 10)
    work(lambda: False, SETTLE)
    ticks: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(2)
    marks: list[tuple[float, int]] = []
    session.status_changed.connect(lambda status: marks.append((time.perf_counter(), status.step)))
    work(lambda: False, SECONDS)
    timer.stop()
    session.pause()
    session.graph.mark_saved()
    window.close()
    window.deleteLater()
    stall = max(b - a for a, b in itertools.pairwise(ticks))
    return slope(marks), stall * 1e3


def show_every_panel(window: MainWindow) -> None:
    """Side by side in rows, on a screen as large as that takes, so that none hides behind another as a tab."""
    from PySide6.QtCore import Qt

    everything = list(window.docks.by_id.values())
    docks = [dock for dock in everything if dock.panel.area != "timeline"]  # which has a row of its own
    window.setDockNestingEnabled(True)
    window.resize(*LARGE)
    for dock in docks:
        dock.setFloating(False)
        window.removeDockWidget(dock)
    first = row = docks[0]
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, first)
    for k, dock in enumerate(docks[1:], 1):
        if k % IN_A_ROW == 0:
            window.splitDockWidget(row, dock, Qt.Orientation.Vertical)
            row = dock
    row = first
    for k, dock in enumerate(docks[1:], 1):
        if k % IN_A_ROW == 0:
            row = dock
        else:
            window.splitDockWidget(row, dock, Qt.Orientation.Horizontal)
    for dock in everything:
        dock.show()
    rows = [docks[k : k + IN_A_ROW] for k in range(0, len(docks), IN_A_ROW)]
    for each in rows:
        window.resizeDocks(each, [LARGE[0] // IN_A_ROW] * len(each), Qt.Orientation.Horizontal)
    tall = [LARGE[1] * 2 // 3 // len(rows)] * len(rows)
    window.resizeDocks([each[0] for each in rows], tall, Qt.Orientation.Vertical)
    work(lambda: all(map(_is_seen, everything)), 10)
    hidden = [dock.panel.id for dock in everything if not _is_seen(dock)]
    if hidden:
        raise RuntimeError(f"These panels are not seen: {', '.join(hidden)}")


def _is_seen(dock: Any) -> bool:
    content = dock.content
    return content is not None and content.isVisible() and not content.visibleRegion().isEmpty()


def start_up() -> float:
    """Seconds from starting the interpreter to a painted window."""
    code = (
        "import sys; from graphlab.ui import app; from PySide6.QtCore import QTimer; w = app.make_window(sys.argv[1]);"
        "w.show(); a = app.application(); a.processEvents(); w.repaint(); print('ready', flush=True); w.close()"
    )
    from graphlab.resources import resource

    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(resource("examples", "digits-mlp.graphlab"))],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    seconds = time.perf_counter() - began
    process.communicate()
    return seconds


def work(done: Callable[[], bool], seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop, end = QEventLoop(), time.perf_counter() + seconds
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if done() or time.perf_counter() > end else None)
    timer.start(10)
    loop.exec()
    timer.stop()


def slope(marks: list[tuple[float, int]]) -> float:
    (first, before), (last, after) = marks[0], marks[-1]
    return (after - before) / (last - first)


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    report = Report(
        "window", "The window, offscreen, 3840×2160, every panel in sight; the engine in its own process"
    )
    for title, name in EXAMPLES.items():
        graph = example(name)
        shares, stalls = [], []
        for _ in range(ROUNDS):
            lonely = alone(graph)
            watched, stall = in_window(Graph(graph.document))
            shares.append(100 * watched / lonely)
            stalls.append(stall)
        report.add(Row.figure(f"{title}: training speed kept", shares, "%", target=85, direction="at least"))
        report.add(Row.figure(f"{title}: longest stall of the event loop", stalls, "ms", target=100))
    report.add(
        Row.figure("start-up, warm, to the first picture", [start_up() for _ in range(5)], "s", target=2)
    )
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
