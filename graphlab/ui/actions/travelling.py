"""Going to other steps of the training, and the branches that are left by that."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..panels.loss import LossPanel
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


travel_action = partial(action, section="travel", submenu="Time travel")


def can_travel(window: MainWindow) -> bool:
    return window.session.travel.can_travel


def can_go_earlier(window: MainWindow) -> bool:
    travel = window.session.travel
    return travel.can_travel and travel.step > travel.first


def has_best(window: MainWindow) -> bool:
    travel, best = window.session.travel, window.session.endings.best_step()
    return travel.can_travel and travel.first <= best <= travel.end and 0 < best != travel.step


def is_past(window: MainWindow) -> bool:
    return window.session.travel.is_past


@travel_action(
    "run.earlier",
    "One training step back",
    "Ctrl+Alt+Left",
    when=can_go_earlier,
    icon="step-back",
)
def earlier(window: MainWindow) -> None:
    """Go to the training step before; it was kept, or is made again to the bit"""
    window.session.travel.by(-1)


@travel_action(
    "run.later",
    "One training step forward",
    "Ctrl+Alt+Right",
    when=is_past,
    icon="step",
)
def later(window: MainWindow) -> None:
    """Go to the training step that came next"""
    window.session.travel.by(1)


@travel_action(
    "run.to_first_step",
    "To the first training step",
    "Ctrl+Alt+Home",
    when=can_go_earlier,
    icon="run-to-start",
)
def to_first_step(window: MainWindow) -> None:
    """Go to where the training began; all that came after it is kept"""
    window.session.travel.go(window.session.travel.first)


@travel_action(
    "run.to_newest_step",
    "To the newest training step",
    "Ctrl+Alt+End",
    when=is_past,
    icon="run-to-end",
)
def to_newest_step(window: MainWindow) -> None:
    """Go to the end of what was trained until now"""
    window.session.travel.go(window.session.travel.end)


@travel_action(
    "run.to_best",
    "To the best epoch",
    "Ctrl+Alt+Up",
    when=has_best,
    icon="star",
)
def to_best(window: MainWindow) -> None:
    """Go to the step after which the loss on held-out rows was least, or what the settings watch was best"""
    window.session.travel.go(window.session.endings.best_step())


@travel_action(
    "run.to_training_step",
    "Go to training step …",
    "Ctrl+Alt+J",
    when=can_travel,
    icon="search",
)
def to_training_step(window: MainWindow) -> None:
    """Type the number of a training step to go to"""
    panel = window.docks.show("loss").build()
    assert isinstance(panel, LossPanel)
    panel.ask_step()


@travel_action(
    "run.branch",
    "Branch a new run from here",
    "Ctrl+Alt+B",
    when=is_past,
    icon="comparison",
)
def branch(window: MainWindow) -> None:
    """Keep what came after this step as a branch, and train on from here with other settings"""
    window.session.travel.part()
