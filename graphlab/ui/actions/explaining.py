"""Tools: how a number of the selected node came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def can_explain(window: MainWindow) -> bool:
    return window.session.explainer.can_ask_about(window.session.selected_node)


@action("tools.explain", "Explain a number", "Ctrl+E", when=can_explain, icon="explain", section="explain")
def explain(window: MainWindow) -> None:
    """Tell how the largest number of the selected node came about; from there to any other"""
    window.session.explainer.ask_about(window.session.selected_node)


@action("tools.what_if", "What if …", "Ctrl+Alt+D", when=can_explain, icon="what-if", section="explain")
def what_if(window: MainWindow) -> None:
    """Show what the goal would be if a number of the selected node were another, beside what its gradient says"""
    window.session.supposing.ask_about(window.session.selected_node)


def can_explain_update(window: MainWindow) -> bool:
    return window.session.explainer.can_ask_about_update(window.session.selected_node)


@action(
    "tools.explain_gradient",
    "Explain a gradient",
    "Ctrl+Alt+E",
    when=can_explain,
    icon="explain",
    section="explain",
)
def explain_gradient(window: MainWindow) -> None:
    """Tell how the largest gradient of the selected node came about"""
    window.session.explainer.ask_about(window.session.selected_node, "grad")


@action(
    "tools.explain_update",
    "Explain an update",
    "Ctrl+Alt+U",
    when=can_explain_update,
    icon="update",
    section="explain",
)
def explain_update(window: MainWindow) -> None:
    """Tell by the optimizer's rule how the update changes a parameter of the selected node"""
    window.session.explainer.ask_about_update(window.session.selected_node)
