"""Run, continued: the trainings that were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import recording
from ..panels.runs import RunsPanel
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def are_kept(window: MainWindow) -> bool:
    return recording.keeps()


def lie_beside(window: MainWindow) -> bool:
    return recording.lie_beside()


def has_deed(window: MainWindow) -> bool:
    return bool(window.session.runs.undo_title)


@action("run.runs", "Compare runs", "Ctrl+Alt+R", icon="runs", section="runs")
def show_runs(window: MainWindow) -> None:
    """Bring up the table of all trainings that were kept of this document"""
    panel = window.docks.show_wide("runs", 0.6).build()
    assert isinstance(panel, RunsPanel)
    window.session.in_a_moment(panel.take_keyboard)


@action("run.undo_runs", "Take back what was done to a run", when=has_deed, section="runs")
def take_back(window: MainWindow) -> None:
    """Bring back deleted runs, or a run's former name, tags or note"""
    window.session.runs.undo()


@action("run.keep", "Keep trainings as runs", checked=are_kept, section="runs")
def keep(window: MainWindow) -> None:
    """Whether each training is kept with its settings, curves, weights and graph"""
    window.session.runs.set_keep(not recording.keeps())


@action("run.beside", "Keep runs beside the document", checked=lie_beside, section="runs")
def beside(window: MainWindow) -> None:
    """Whether runs of a saved document lie in a folder beside it, or with your settings"""
    window.session.runs.set_beside(not recording.lie_beside())
