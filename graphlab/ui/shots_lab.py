"""Pictures of the training lab; the documentation shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.examples import example

if TYPE_CHECKING:
    from .window import MainWindow

Prepare = Callable[["MainWindow"], object]
MORE = 400  # steps that are trained while a panel looks


def scenes() -> Iterator[tuple[str, Path, int, Prepare]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    mlp, cnn, spirals = (example(name).path for name in ("digits-mlp", "digits-cnn", "spirals"))
    yield "lab-loop", mlp, 200, partial(_beside, ids=("tuning", "loop"))
    yield "lab-travel", mlp, 400, _in_the_past
    yield "lab-histograms", cnn, 20, partial(watched, id="histograms")
    yield "lab-norms", cnn, 20, partial(watched, id="norms")
    yield "lab-confusion", cnn, 100, partial(watched, id="confusion")
    yield "lab-calibration", cnn, 60, partial(watched, id="calibration")
    yield "lab-surface", spirals, 200, partial(_beside, ids=("surface",))
    yield "lab-rates", mlp, 0, _rates_tried
    yield "lab-race", spirals, 0, _raced


def wait(window: MainWindow, done: Callable[[], object], seconds: float = 10.0) -> None:
    from .app import _settle

    _settle(lambda: bool(done()), seconds)


def only(window: MainWindow, *ids: str) -> None:
    for other in window.docks.by_id.values():
        other.setVisible(other.panel.id in ids)


def _beside(window: MainWindow, ids: tuple[str, ...]) -> None:
    """These panels and the loss."""
    only(window, *ids, "loss")
    for id in ids:
        window.docks.show(id)
    wait(window, lambda: False, 3.0)


def _in_the_past(window: MainWindow) -> None:
    """Back at a step on the way."""
    only(window, "loss", "inspector")
    window.docks.show_wide("loss")
    session = window.session
    session.select({session.document.node("hidden").id})
    wait(window, lambda: session.travel.end >= 400)
    session.travel.go(150)
    wait(window, lambda: session.status.step == 150 and session.travel.is_past)
    wait(window, lambda: False, 0.5)


def watched(window: MainWindow, id: str) -> None:
    """A panel that has looked on for a while."""
    only(window, id)
    window.docks.show_wide(id)
    session = window.session
    until = session.status.step + MORE
    session.train()
    wait(window, lambda: session.status.step >= until or session.status.state == "finished", 30.0)
    session.pause()
    wait(window, lambda: session.status.state != "training")
    wait(window, lambda: False, 1.5)


def _rates_tried(window: MainWindow) -> None:
    from .panels.rates import RatesPanel

    only(window, "rates")
    window.docks.show_wide("rates")
    panel = window.docks["rates"].build()
    assert isinstance(panel, RatesPanel)
    panel.find()
    wait(window, lambda: panel.is_running)
    wait(window, lambda: not panel.is_running, 30.0)
    wait(window, lambda: False, 0.5)


def _raced(window: MainWindow) -> None:
    from .panels.race import RacePanel

    only(window, "race", "surface")
    window.docks.show_wide("race")
    panel = window.docks["race"].build()
    assert isinstance(panel, RacePanel)
    panel.race()
    wait(window, lambda: panel.is_running)
    wait(window, lambda: not panel.is_running, 60.0)
    wait(window, lambda: False, 2.0)
