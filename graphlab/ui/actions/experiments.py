"""Tools: experiments on a copy of the network: its loss surface, a learning rate for it, a race of optimizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def has_goal(window: MainWindow) -> bool:
    return bool(window.session.seen.whole.goal)


@action("tools.loss_surface", "Loss surface", when=has_goal, icon="surface", section="experiments")
def loss_surface(window: MainWindow) -> None:
    """Show the loss around the present weights as a landscape, with the way that training has come"""
    window.docks.show("surface")


@action("tools.find_rate", "Find a learning rate", when=has_goal, icon="rates", section="experiments")
def find_rate(window: MainWindow) -> None:
    """Try learning rates on a copy of the network, and suggest one"""
    from ..panels.rates import RatesPanel

    window.docks.show_wide("rates")
    panel = window.docks["rates"].build()
    assert isinstance(panel, RatesPanel)
    if not panel.is_running:
        panel.find()


@action("tools.race", "Race optimizers", when=has_goal, icon="race", section="experiments")
def race(window: MainWindow) -> None:
    """Choose optimizers that train copies of the network side by side"""
    window.docks.show_wide("race")
