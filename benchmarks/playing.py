"""Playing windows, offscreen: from one window to the next, with everything that is painted and told of it.

The work of one thread, so its processor time is measured. At 60 frames a second a frame has 16.7 ms.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import Any

import numpy as np

from benchmarks.report import Report, Row, cpu_time
from graphlab.engine import messages as m
from graphlab.graph import Graph

SIZE = 1100, 380
FRAMES = 240
TARGET, USABLE = 1000 / 60, 100.0  # milliseconds of a frame
CASES: tuple[tuple[str, str, dict[str, Any], tuple[int, ...]], ...] = (
    ("28×28, 5×5 filter", "Conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}, (1, 28, 28)),
    ("28×28, maximum of 2×2", "MaxPool2d", {"kernel_size": 2}, (6, 28, 28)),
    ("224×224 RGB, 7×7 filter", "Conv2d", {"out_channels": 8, "kernel_size": 7, "stride": 2}, (3, 224, 224)),
    ("224×224, 64 channels, 3×3", "Conv2d", {"out_channels": 8, "padding": 1}, (64, 224, 224)),
    ("224×224, maximum of 3×3", "MaxPool2d", {"kernel_size": 3, "stride": 2}, (4, 224, 224)),
)


def panel_of(op: str, params: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """A panel that has been sent the numbers of one node, as an engine sends them."""
    from PySide6.QtWidgets import QApplication

    from graphlab.ui.panels.windows import WindowsPanel
    from graphlab.ui.session import Session
    from graphlab.ui.widgets.stats_line import stats_of

    graph, rng = Graph("playing"), np.random.default_rng(0)
    graph.add(op, graph.add("Input", name="x", shape=(1, *shape)), name="y", **params)
    session = Session(graph, engine=False)
    whole = session.seen.whole
    key = graph.document.node("y").id
    sizes = {("value", graph.document.node("x").id, "y"): (1, *shape)}
    sizes |= {("value", *end): sizes_ for end, sizes_ in whole.learnables.items()}
    sizes["grad", key, "y"] = tuple(int(str(s)) for s in whole.specs[key, "y"].shape)
    tensors = []
    for (kind, name, socket), size in sizes.items():
        array = rng.normal(size=size).astype(np.float32)
        tensors.append(
            m.Tensor(m.TensorKey(kind, name, socket), size, "float32", True, stats_of(array), array)
        )
    session.engine.tensors.take(m.Frame(0, 1, tuple(tensors)))
    panel = WindowsPanel(session)
    panel.resize(*SIZE)
    panel.show()
    while panel.stage.boards is None:
        QApplication.processEvents()
    return panel


def frames(panel: Any) -> list[float]:
    """Milliseconds of each of so many frames, spread over all windows."""
    from PySide6.QtWidgets import QApplication

    def frame(landed: int) -> None:
        panel.show_played(landed)
        panel.stage.repaint()
        QApplication.processEvents()

    landed = np.linspace(1, panel.count, FRAMES).astype(int).tolist()
    return [1e3 * cpu_time(partial(frame, each)) for each in landed]


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from graphlab.ui import app, theme
    from graphlab.ui.windowed import BACK

    theme.apply(app.application(), "dark")
    report = Report("playing", "Playing windows of a convolution or a pooling, a frame")
    for words, op, params, shape in CASES:
        panel = panel_of(op, params, shape)
        target = TARGET if "28×28" in words else USABLE
        for way in ("forward", BACK):
            panel.mode.setCurrentText(way)
            panel.mode.textActivated.emit(way)
            while panel.stage.act is None or panel.stage.act.is_back != (way == BACK):
                app.application().processEvents()
            row = Row.figure(f"{words}: {way}", frames(panel), "ms", target=target)
            print(row, flush=True)
            report.add(row)
        panel.hide()
        panel.session.close()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
