"""The training lab: what panels cost training and the window's event loop, and whether memory stays flat.

Training is told from the engine's own count of steps. The panels are all that the registry has, side by side, so that
none hides behind another. Contenders take turns: the engine alone, the window without panels, the window with all.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import readme
from benchmarks.report import Report, Row
from benchmarks.window import SETTLE, alone, example, show_every_panel, slope, work
from graphlab.graph import Graph

if TYPE_CHECKING:
    from graphlab.ui.window import MainWindow

ROUNDS = 5
SECONDS = 4.0
SETTLED = 2 * SETTLE  # seconds after its first step, when a window has made all its pictures once
TICK = 2  # milliseconds between two ticks of the event loop's watch
NETWORKS = {"XOR-size network": ("xor", 88.0), "CNN on MNIST-5k": ("lenet-mnist", 92.0)}
STEPS, WARM_UP = 100_000, 20_000
RUNS, FIRST_RUNS, STEPS_OF_A_RUN = 200, 30, 200
POINTS = 1_000_000
MEGABYTE = 1 << 20
GROWTH = 20.0  # megabytes


@dataclass
class Watch:
    """What was seen of a training in the window: steps per second, and the gaps between ticks in milliseconds."""

    speed: float
    gaps: list[float] = field(default_factory=list)


class Trial:
    """A window that trains a graph for as long as somebody looks; `panels` says whether all of them are shown."""

    def __init__(self, graph: Graph, panels: bool) -> None:
        from graphlab.ui import app

        self.window: MainWindow = app.make_window(Graph(graph.document))
        self.session = self.window.session
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.docks.reset()
        for dock in self.window.docks.by_id.values():
            dock.hide()
        work(lambda: self.session.loaded is not None, 20)
        if panels:
            show_every_panel(self.window)
            self._fill_panels()

    def _fill_panels(self) -> None:
        """A node is selected, and numbers of it are watched, so that those panels have something to draw."""
        document = self.session.document
        node = next(n for n in document.nodes.values() if self.session.inference.parameter_count(n.id))
        self.session.select({node.id})
        for what in ("weight.grad.norm", "value.mean"):
            self.session.watches.add(node.id, what)

    def train(self) -> None:
        self.session.train()
        work(lambda: self.session.status.state == "training", 10)

    def watch(self, seconds: float) -> Watch:
        """Trains, and watches when it is up to speed."""
        from PySide6.QtCore import Qt, QTimer

        self.train()
        work(lambda: False, SETTLED)
        ticks: list[float] = []
        marks: list[tuple[float, int]] = []
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
        hear = self.session.status_changed.connect(lambda s: marks.append((time.perf_counter(), s.step)))
        timer.start(TICK)
        work(lambda: False, seconds)
        timer.stop()
        self.session.status_changed.disconnect(hear)
        return Watch(slope(marks), [1e3 * (b - a) - TICK for a, b in itertools.pairwise(ticks)])

    def resident(self) -> float:
        """Megabytes that the window's process and the engine's have in memory now."""
        import gc

        gc.collect()
        return sum(map(resident, (os.getpid(), self.session.engine.link.pid))) / MEGABYTE

    def close(self) -> None:
        self.session.pause()
        self.window.files.ask = lambda name: "discard"
        self.window.close()
        self.window.deleteLater()
        work(lambda: False, 0.2)


def resident(process: int) -> int:
    """Bytes of a process in memory. Only Linux tells; 0 elsewhere, and without a process."""
    status = Path(f"/proc/{process}/status")
    if not process or not status.exists():
        return 0
    (size,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
    return 1024 * int(size)


def all_speeds(report: Report, rounds: int, seconds: float) -> None:
    for title, (name, target) in NETWORKS.items():
        speeds(report, title, name, target, rounds, seconds)


def speeds(report: Report, title: str, name: str, target: float, rounds: int, seconds: float) -> None:
    """What of the engine's own speed is left in a window without panels, and in one with all; and its stalls."""
    graph = example(name)
    bare: list[float] = []
    full: list[float] = []
    gaps: list[list[float]] = []
    before = alone(graph, SETTLED, seconds)
    for panels, shares in ((False, bare), (True, full)) * rounds:
        trial = Trial(graph, panels)
        seen = trial.watch(seconds)
        trial.close()
        after = alone(graph, SETTLED, seconds)  # the machine's speed drifts: a window stands between two
        shares.append(200 * seen.speed / (before + after))
        before = after
        if panels:
            gaps.append(seen.gaps)
    report.add(Row.figure(f"{title}: speed kept, no panels", bare, "%", direction="at least"))
    report.add(Row.figure(f"{title}: speed kept, all panels", full, "%", target=target, direction="at least"))
    for what, q, most in (("99th percentile of stalls", 99, 20), ("longest stall", 100, 50)):
        found = [float(np.percentile(each, q)) for each in gaps]
        report.add(Row.figure(f"{title}: {what} of the event loop", found, "ms", target=most))


def long_training(report: Report, steps: int, warm_up: int) -> None:
    """How much both processes grow over so many steps with all panels open."""
    trial = Trial(example("xor"), panels=True)
    trial.train()
    session = trial.session
    work(lambda: session.status.step >= warm_up, 600)
    before, began = trial.resident(), session.status.step
    work(lambda: session.status.step >= began + steps, 1800)
    done, after = session.status.step - began, trial.resident()
    trial.close()
    title = f"growth over {done:,} steps with all panels, after {began:,}"
    report.add(Row.figure(title, [after - before], "MB", target=GROWTH))


def many_runs(report: Report, runs: int, first: int) -> None:
    """How much both processes grow over so many runs that are started and discarded."""
    trial = Trial(example("xor"), panels=True)
    session = trial.session
    before = 0.0
    for k in range(first + runs):
        if k == first:
            before = trial.resident()
        trial.train()
        work(lambda: session.status.step >= STEPS_OF_A_RUN, 20)
        session.reset()
        work(lambda: session.status.step == 0, 20)
    after = trial.resident()
    trial.close()
    title = f"growth over {runs} runs started and discarded, after {first}"
    report.add(Row.figure(title, [after - before], "MB", target=GROWTH))


def long_history(report: Report, points: int) -> None:
    """How long the loss panel takes to draw a history of so many points, and to zoom in it."""
    from graphlab.engine.messages import Scalars
    from graphlab.ui import app
    from graphlab.ui.panels.loss import LossPanel
    from graphlab.ui.session import Session

    app.application()
    session = Session(example("xor"), engine=False)
    losses = np.exp(-np.arange(points) / points * 3) * np.random.default_rng(0).lognormal(0, 0.3, points)
    session.engine.scalars.emit(Scalars(0, 0, losses, ()))
    panel = LossPanel(session)
    panel.resize(900, 300)
    panel.show()
    work(lambda: False, 0.5)
    frames = []
    for k in range(60):
        session.engine.scalars.emit(Scalars(0, points + 100 * k, losses[:100], ()))
        began = time.perf_counter()
        panel.redraw()
        panel.grab()
        frames.append(1e3 * (time.perf_counter() - began))
    panel.close()
    session.close()
    title = f"a history of {points:,} points, redrawn with 100 more"
    report.add(Row.figure(f"{title}: median", frames, "ms", target=33))
    report.add(Row.figure(f"{title}: longest", [max(frames)], "ms", target=50))


def main() -> int:
    options, rest = _options()
    if options.readme:
        return readme.write("lab")
    if {"-h", "--help"} & set(rest):
        sys.stdout.write(
            f"{__doc__}\n--parts {' '.join(PARTS)}   --rounds N   --seconds S   --check   --readme\n"
        )
        return 0
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    report = Report(
        "lab", "The training lab, offscreen: every panel of the registry in sight at once, on 3840×2160"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRAPHLAB_SETTINGS"] = folder
        for part in options.parts:
            PARTS[part](report, options)
    return report.finish(rest, keep=set(options.parts) == set(PARTS))


PARTS: dict[str, Callable[[Report, argparse.Namespace], None]] = {
    "speed": lambda report, options: all_speeds(report, options.rounds, options.seconds),
    "steps": lambda report, options: long_training(report, options.steps, WARM_UP),
    "runs": lambda report, options: many_runs(report, options.runs, FIRST_RUNS),
    "history": lambda report, options: long_history(report, POINTS),
}


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="only these")
    parser.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of watching in each round")
    parser.add_argument("--steps", type=int, default=STEPS, help="of the long training")
    parser.add_argument("--runs", type=int, default=RUNS, help="started and discarded")
    return parser.parse_known_args()


if __name__ == "__main__":
    sys.exit(main())
