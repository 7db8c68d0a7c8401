"""File: begin with pre-trained parameters. An action for each example that has some, so that the palette finds them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ...errors import GraphlabError
from ...io.trained import Trained, trained, trained_example
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow

log = logging.getLogger("graphlab.ui")
READER = "lenet-mnist"
MENU = "New with pre-trained parameters"


def offered() -> tuple[Trained, ...]:
    """Those that this installation has."""
    try:
        return trained()
    except GraphlabError as error:
        log.error("%s", error)
        return ()


def _declare(each: Trained) -> None:
    def begin(window: MainWindow) -> None:
        graph, weights = each.read()
        if window.files.open_new(graph, dict(weights)):
            window.session.notify("info", f"{each.title}, trained already: {each.description}")

    begin.__doc__ = each.description
    title = f"New, pre-trained: {each.title}"
    action(f"file.trained.{each.name}", title, icon="weights", section="open", submenu=MENU)(begin)


@action("file.draw_digit", "Draw a digit", icon="brush", section="open", when=lambda _: bool(offered()))
def draw_a_digit(window: MainWindow) -> None:
    """Draw one, and watch it go through LeNet, which has learnt MNIST already"""
    from ..panels.draw import DrawPanel

    graph, weights = trained_example(READER).read()
    if not window.files.open_new(graph, dict(weights)):
        return
    window.docks.show_wide("draw")
    panel = window.docks["draw"].build()
    assert isinstance(panel, DrawPanel)
    panel.on_canvas = True
    panel.pad.setFocus()


def declare_trained() -> None:
    """Makes the actions, where they stand in the menu."""
    for each in offered():
        _declare(each)
