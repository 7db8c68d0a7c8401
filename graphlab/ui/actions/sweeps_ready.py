"""Run, continued: sweeps that are ready made, begun with one click; the document stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...graph import Document
from ...graph.inside import Inside
from ...lab.sweeps.ready import CAPACITY, LEARNING_CURVE, capacity, capacity_target, learning_curve
from .experiments import find_rate as try_rates
from .experiments import has_goal
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def can_begin(window: MainWindow) -> bool:
    sittings = window.session.sweeping.sittings
    return has_goal(window) and not sittings.is_on and not sittings.is_beginning


def begin(window: MainWindow, make: Callable[[Document], Document], kind: str) -> None:
    """Begins a sweep of what is made of the document, and shows its picture."""
    session, made = window.session, list[Document]()
    if session.attempt(lambda: made.append(make(session.whole))):
        window.docks.show_wide("sweep_views", 0.76, 380)
        session.sweeping.sittings.start(made[0], kind)


def chosen_nodes(window: MainWindow) -> tuple[str, ...]:
    """The selected nodes, by what searches call them."""
    session, graph = window.session, window.session.graph
    inside = graph.definition if isinstance(graph, Inside) else ""
    return tuple(f"{inside}/{id}" if inside else id for id in session.selection)


@action("run.learning_curve", "Learning curve", when=can_begin, icon="loss", section="ready", submenu="Sweep")
def rows(window: MainWindow) -> None:
    """Train on growing shares of the rows, three times each, and see whether more rows would help"""
    begin(window, learning_curve, LEARNING_CURVE)


@action(
    "run.capacity",
    "Capacity (bias and variance)",
    when=can_begin,
    icon="sweep-pictures",
    section="ready",
    submenu="Sweep",
)
def sizes(window: MainWindow) -> None:
    """Train with growing size of the selected layer, or the first, and see where it learns by heart"""
    nodes = chosen_nodes(window)
    begin(window, lambda document: capacity(document, capacity_target(document, nodes)), CAPACITY)


@action(
    "run.rate_range", "Learning-rate range", when=has_goal, icon="rates", section="ready", submenu="Sweep"
)
def rates(window: MainWindow) -> None:
    """Raise the learning rate step by step on a copy of the network, and see where the loss falls fastest"""
    try_rates(window)
