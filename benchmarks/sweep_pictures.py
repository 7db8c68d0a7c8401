"""Pictures of a sweep with 10,000 trials: what the window's thread takes to make one, to point into it, to sift it."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import readme
from benchmarks.report import Report, Row, timed

if TYPE_CHECKING:
    from graphlab.ui.sweep_charts import Subject

TRIALS, EPOCHS, ROUNDS = 10_000, 10, 5
SIZE = (1200, 360)
KINDS = ("Scatter", "Contour", "Best so far", "Curves", "Score against cost")


def main() -> int:
    if readme.asked(__doc__):
        return readme.write("sweep_pictures")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from graphlab.ui.app import application

    application()
    report = Report("sweep_pictures", f"Pictures of a sweep with {TRIALS:,} trials")
    with tempfile.TemporaryDirectory() as folder:
        subject = made(Path(folder))
    parallel(report, subject)
    for kind in KINDS:
        chart(report, subject, kind)
    return report.finish()


def made(folder: Path) -> Subject:
    from graphlab.lab.sweeps.curves import Curves
    from graphlab.lab.sweeps.kept import KeptSweep
    from graphlab.ui.sweep_charts import Subject

    made_up = importlib.import_module("tests.lab.sweeps.made")  # a sweep as files, without training
    sweep = KeptSweep(made_up.made_sweep(folder, trials=TRIALS, seeds=1, epochs=EPOCHS))
    return Subject(sweep, Curves(sweep.metric))


def parallel(report: Report, subject: Subject) -> None:
    from PySide6.QtCore import QPointF

    from graphlab.ui import sweep_charts
    from graphlab.ui.widgets.parallel_plot import ParallelPlot

    plot = ParallelPlot()
    plot.resize(*SIZE)
    plot.show()

    def draw() -> None:
        plot.show_lines(*sweep_charts.parallel(subject), subject.scale)
        plot.grab()

    def sift() -> None:
        plot.brush("lr", (0.2, 0.7))
        plot.grab()

    row = "parallel coordinates"
    report.add(Row.figure(f"{row}: made and painted", measured(draw), "ms", target=250))
    report.add(Row.figure(f"{row}: a range moved", measured(sift), "ms", target=150))
    report.add(
        Row.figure(f"{row}: pointed at", measured(lambda: plot.nearest(QPointF(400, 150))), "ms", target=5)
    )


def chart(report: Report, subject: Subject, kind: str) -> None:
    from PySide6.QtCore import QPointF

    from graphlab.ui import sweep_charts, sweep_words
    from graphlab.ui.widgets.trial_plot import TrialPlot

    plot = TrialPlot()
    plot.resize(*SIZE)
    plot.show()
    (_, across), (_, up) = sweep_words.choices(kind, subject)

    def draw() -> None:
        plot.show_chart(sweep_charts.chart_of(kind, subject, across, up))
        plot.grab()

    report.add(Row.figure(f"{kind.lower()}: made and painted", measured(draw), "ms", target=250))
    report.add(
        Row.figure(
            f"{kind.lower()}: pointed at", measured(lambda: plot.nearest(QPointF(400, 150))), "ms", target=5
        )
    )


def measured(work: Callable[[], object]) -> list[float]:
    """Milliseconds; the first time, which loads what is needed, is left out."""
    work()
    return [1000 * timed(work) for _ in range(ROUNDS)]


if __name__ == "__main__":
    raise SystemExit(main())
