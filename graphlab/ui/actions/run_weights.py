"""Run: weights drawn anew, and former ones brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def owns_weights(window: MainWindow) -> bool:
    """Whether the selected nodes have parameters of their own."""
    return window.session.new_weights.may_own(window.session.selection)


def has_former(window: MainWindow) -> bool:
    return window.session.new_weights.can_restore


@action(
    "run.reinitialise", "Re-initialise selected layers", when=owns_weights, icon="reset", section="weights"
)
def reinitialise(window: MainWindow) -> None:
    """Let the weights of the selected nodes begin again by their initialisers, from the next seed"""
    new = window.session.new_weights
    new.draw_anew(new.of_nodes(window.session.selection), new.next_seed())


@action("run.restore_weights", "Restore former weights", when=has_former, icon="recent", section="weights")
def restore(window: MainWindow) -> None:
    """Bring back the weights, the step and the optimizer from before they were last replaced or reset"""
    window.session.new_weights.restore()
