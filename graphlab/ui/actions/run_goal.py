"""Run: whose gradients are shown. The loss's, or those of any number that somebody asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shown_sample import shown_sample_of
from .edit import one_selected
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def is_asking(window: MainWindow) -> bool:
    return window.session.asking.asked is not None


@action(
    "run.differentiate",
    "Gradients of this …",
    "Ctrl+Alt+G",
    when=one_selected,
    icon="differentiate",
    section="goal",
)
def differentiate(window: MainWindow) -> None:
    """Take gradients of the selected node instead of the loss; of an array, say of which element"""
    session = window.session
    node = session.selected_node
    if session.asking.obstacle(node) or not session.asking.axes(node):
        session.attempt(session.asking.ask, node)
    else:
        session.asking.wanted.emit()


@action(
    "run.differentiate_sum", "Gradients of its sum", when=one_selected, icon="differentiate", section="goal"
)
def differentiate_sum(window: MainWindow) -> None:
    """Take gradients of the sum of all elements of the selected node, as y.sum().backward() does"""
    window.session.attempt(window.session.asking.ask, window.session.selected_node, "", None)


@action("run.back_to_loss", "Back to the loss", "Ctrl+Alt+L", when=is_asking, icon="loss", section="goal")
def back_to_loss(window: MainWindow) -> None:
    """End the question: gradients are those of the loss again, and all is where it was"""
    window.session.asking.leave()


def is_looking(window: MainWindow) -> bool:
    return bool(shown_sample_of(window.session).title)


@action("run.back_to_batch", "Back to the batch", when=is_looking, icon="locate", section="goal")
def back_to_batch(window: MainWindow) -> None:
    """Show what the batch becomes again, instead of the one sample that is looked at"""
    shown_sample_of(window.session).leave()
