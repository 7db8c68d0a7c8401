"""Run, continued: hyperparameters searched on held-out rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..panels.sweep import SweepPanel
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def panel_of(window: MainWindow) -> SweepPanel:
    """Brings up the panel."""
    panel = window.docks.show_wide("sweep", 0.76, 380).build()
    assert isinstance(panel, SweepPanel)
    return panel


def is_searched(window: MainWindow) -> bool:
    sittings = window.session.sweeping.sittings
    return bool(window.session.whole.sweep.searches) and not sittings.is_on and not sittings.is_beginning


def is_under_way(window: MainWindow) -> bool:
    return window.session.sweeping.sittings.is_on


def can_go_on(window: MainWindow) -> bool:
    sweeping = window.session.sweeping
    return sweeping.state in ("stopped", "interrupted", "out of time") and not sweeping.sittings.is_on


def is_one_chosen(window: MainWindow) -> bool:
    return len(window.session.sweeping.selection) == 1


@action("run.sweep", "Search hyperparameters", "Ctrl+Alt+H", icon="sweep", section="sweeps", submenu="Sweep")
def show(window: MainWindow) -> None:
    """Bring up the panel in which many settings are tried, and compared on held-out rows"""
    panel = panel_of(window)
    window.session.in_a_moment(panel.take_keyboard)


@action(
    "run.sweep_start", "Begin the search", when=is_searched, icon="train", section="sweeps", submenu="Sweep"
)
def start(window: MainWindow) -> None:
    """Try what the document searches, by processes beside the window"""
    panel_of(window)
    window.session.sweeping.sittings.start()


@action(
    "run.sweep_stop", "Stop the search", when=is_under_way, icon="stop", section="sweeps", submenu="Sweep"
)
def stop(window: MainWindow) -> None:
    """End the search under way; what is done stays, and it can go on later"""
    window.session.sweeping.sittings.stop()


@action(
    "run.sweep_resume",
    "Go on with the search",
    when=can_go_on,
    icon="train",
    section="sweeps",
    submenu="Sweep",
)
def resume(window: MainWindow) -> None:
    """Go on with the search that is shown, where it was left"""
    panel_of(window)
    window.session.sweeping.sittings.resume()


@action(
    "run.sweep_use",
    "Use the settings of the chosen trial",
    when=is_one_chosen,
    icon="check",
    section="trial",
    submenu="Sweep",
)
def use(window: MainWindow) -> None:
    """Make the values of the chosen trial those of the document"""
    sweeping = window.session.sweeping
    sweeping.use.apply(sweeping.selection[0])


@action(
    "run.sweep_open",
    "Open the chosen trial",
    when=is_one_chosen,
    icon="open",
    section="trial",
    submenu="Sweep",
)
def open_trial(window: MainWindow) -> None:
    """Open the chosen trial with its weights in a tab of its own"""
    sweeping = window.session.sweeping
    sweeping.use.open(sweeping.selection[0])
