"""File: begin with pre-trained parameters. An action for each example that has some, so that the palette finds them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ...errors import GraphlabError
from ...io.trained import Trained, trained
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow

log = logging.getLogger("graphlab.ui")
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


def declare_trained() -> None:
    """Makes the actions, where they stand in the menu."""
    for each in offered():
        _declare(each)
