"""The table of a sweep of 10,000 trials: what the window's thread takes to sort, filter, take in and paint it.

The sweep is made up, as files, of 3 trainings a trial; it is read as the window reads it, in a thread of its own.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import readme
from benchmarks.report import Report, Row, timed
from benchmarks.window import work

if TYPE_CHECKING:
    from graphlab.ui.panels.sweep import SweepPanel

TRIALS, SEEDS, EPOCHS = 10_000, 3, 10
ROUNDS = 7
FRAME = 1000 / 60  # milliseconds
MOST = 50.0  # milliseconds for what a hand asks for


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="few trials, for a look whether it works")
    asked.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    options, _ = asked.parse_known_args()
    if options.readme:
        return readme.write("sweep_table")
    trials = 200 if options.quick else TRIALS
    report = Report("sweep_table", f"A table of {trials:,} trials")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ["GRAPHLAB_SETTINGS"] = folder
        panel, gaps = shown(Path(folder), trials)
        report.add(Row.figure("longest stall while it is read", [max(gaps)], "ms", target=MOST))
        for name, run in hands(panel).items():
            report.add(Row.figure(name, milliseconds(run), "ms", target=MOST))
        report.add(
            Row.figure(
                "scrolled by two rows and painted", milliseconds(scroll(panel), 40), "ms", target=FRAME
            )
        )
        panel.session.close()
    return report.finish()


def shown(folder: Path, trials: int) -> tuple[SweepPanel, list[float]]:
    """The panel, and the gaps between ticks of the event loop while the sweep was read, in milliseconds."""
    import shutil

    from PySide6.QtCore import QTimer

    from graphlab.graph import Graph
    from graphlab.io import load
    from graphlab.io.examples import example
    from graphlab.ui.app import application
    from graphlab.ui.panels.sweep import SweepPanel
    from graphlab.ui.session import Session
    from tests.lab.sweeps.made import made_sweep

    application()
    session = Session(Graph(load(example("digits-mlp").path)[0].document), engine=False)
    path = made_sweep(folder / "made", trials, SEEDS, EPOCHS)
    panel = SweepPanel(session)
    panel.tools = panel.header_tools()  # type: ignore[attr-defined]  # nobody else keeps them
    panel.resize(1100, 420)
    panel.show()
    work(lambda: session.sweeping.is_known, 5)
    shutil.move(path, session.sweeping.folder / path.name)
    ticks: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(1)
    session.sweeping.look_again()
    work(lambda: len(panel.model.trials) == trials, 60)
    timer.stop()
    return panel, [1000 * (later - sooner) for sooner, later in itertools.pairwise(ticks)]


def hands(panel: SweepPanel) -> dict[str, Callable[[], object]]:
    """What is asked of the table, by name."""
    from PySide6.QtCore import Qt

    turns = iter(range(10_000))
    orders = (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder)
    score, optimizer = panel.model.column_of("score"), panel.model.column_of("optimizer")
    newest = set(sorted(panel.sweeping.kept.trials)[-10:]) if panel.sweeping.kept is not None else set()

    def refresh() -> None:
        panel.sweeping.changed.emit(newest)
        panel.redraw()

    def clear() -> None:
        panel.filter.setText("-failed")
        panel.filter.clear()

    return {
        "sorted by the score": lambda: panel.grid.sortByColumn(score, orders[next(turns) % 2]),
        "sorted by a choice": lambda: panel.grid.sortByColumn(optimizer, orders[next(turns) % 2]),
        "filtered": lambda: panel.filter.setText(f"lr<0.0{next(turns) % 90 + 10} optimizer=Adam"),
        "the filter cleared": clear,
        "ten trials that changed taken in": refresh,
        "all chosen": panel.grid.selectAll,
        "none chosen": panel.grid.clearSelection,
    }


def scroll(panel: SweepPanel) -> Callable[[], object]:
    bar = panel.grid.verticalScrollBar()

    def move() -> None:
        bar.setValue((bar.value() + 48) % max(bar.maximum(), 1))
        panel.grid.viewport().repaint()

    return move


def milliseconds(run: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """With the events that come of it."""
    from graphlab.ui.app import application

    app = application()

    def once() -> None:
        run()
        app.processEvents()

    once()
    return [1000 * timed(once) for _ in range(rounds)]


if __name__ == "__main__":
    raise SystemExit(main())
