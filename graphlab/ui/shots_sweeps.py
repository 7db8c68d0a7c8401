"""Pictures of sweeps that were really made; the documentation shows them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ..io.examples import example
from ..lab.sweeps.ready import CAPACITY, LEARNING_CURVE, capacity, learning_curve
from . import sweep_words
from .panels.sweep_views import SweepViewsPanel
from .shots_lab import Prepare, only, wait

if TYPE_CHECKING:
    from ..graph import Document
    from .window import MainWindow

SEARCHES = {"hidden.units": "intlog:4:128", "lr": "log:1e-4:1e-1", "optimizer": "SGD,Adam,RMSprop"}
TRIALS = 40
LONGEST = 240.0  # seconds of a sweep


def scenes() -> Iterator[tuple[str, Path, int, Prepare]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    mlp = example("digits-mlp").path
    yield "exp-search", mlp, 0, _marked
    yield "exp-sweep", mlp, 0, partial(_shown, id="sweep")
    for name, kind in (
        ("parallel", sweep_words.PARALLEL),
        ("contour", sweep_words.CONTOUR),
        ("importance", sweep_words.IMPORTANCE),
        ("curves", sweep_words.CURVES),
        ("cost", sweep_words.COST),
    ):
        yield f"exp-{name}", mlp, 0, partial(_shown, id="sweep_views", kind=kind)
    yield "exp-learning", mlp, 0, partial(_ready, kind=LEARNING_CURVE)
    yield "exp-capacity", mlp, 0, partial(_ready, kind=CAPACITY)


def _marked(window: MainWindow) -> None:
    """What is searched, in the inspector."""
    _search(window)
    only(window, "inspector")
    session = window.session
    session.select({session.document.node("hidden").id})
    wait(window, lambda: False, 1.0)


def _search(window: MainWindow) -> None:
    graph = window.session.root
    graph.configure_sweep(method="random", trials=TRIALS, seeds=2)
    for target, space in SEARCHES.items():
        graph.search(target, space)


def _shown(window: MainWindow, id: str, kind: str = "") -> None:
    """A sweep that is over, with its best trial chosen."""
    sweeping = window.session.sweeping
    only(window, id)
    window.docks.show_wide(id)
    panel = window.docks[id].build()
    if isinstance(panel, SweepViewsPanel):
        panel.kind.setCurrentText(kind)
        panel.set_kind(kind)
    _heighten(window, id)
    _search(window)
    _look(window, "sweep")
    sweeping.choose([_best(window)])
    wait(window, lambda: False, 2.0)
    if isinstance(panel, SweepViewsPanel):
        wait(window, lambda: not panel.counting.is_busy, 30.0)


def _ready(window: MainWindow, kind: str) -> None:
    """One of the experiments that are ready made."""
    document = window.session.whole
    only(window, "sweep_views")
    window.docks.show_wide("sweep_views")
    _heighten(window, "sweep_views")
    _look(
        window,
        kind,
        learning_curve(document) if kind == LEARNING_CURVE else capacity(document, "hidden.units"),
    )
    wait(window, lambda: False, 2.0)


def _heighten(window: MainWindow, id: str) -> None:
    """Half of the window for the panel."""
    window.resizeDocks([window.docks[id]], [window.height() // 2], Qt.Orientation.Vertical)


def _look(window: MainWindow, kind: str, document: Document | None = None) -> None:
    """At the sweep of that kind; where there is none yet, it is made."""
    sweeping = window.session.sweeping
    wait(window, lambda: sweeping.all, 3.0)
    there = [listed for listed in sweeping.all if listed.head.kind == kind]
    if there:
        sweeping.look_at(there[0].path)
        wait(window, lambda: sweeping.kept is not None and sweeping.kept.path == there[0].path)
        return
    count = len(sweeping.all)
    sweeping.sittings.start(document, kind)
    wait(window, lambda: len(sweeping.all) > count and not sweeping.sittings.is_on, LONGEST)
    wait(window, lambda: sweeping.kept is not None and sweeping.kept.head.kind == kind)


def _best(window: MainWindow) -> int:
    from ..lab.sweeps.trials import ranked

    kept = window.session.sweeping.kept
    assert kept is not None
    return ranked(kept.trials.values(), kept.metric)[0].number
