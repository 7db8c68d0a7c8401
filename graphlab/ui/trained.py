"""The examples that come with pre-trained parameters, opened in a window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import GraphlabError
from ..io.trained import Trained, trained

if TYPE_CHECKING:
    from .window import MainWindow

log = logging.getLogger("graphlab.ui")


def offered() -> tuple[Trained, ...]:
    """Those that this installation has."""
    try:
        return trained()
    except GraphlabError as error:
        log.error("%s", error)
        return ()


def beginning(each: Trained) -> Callable[[MainWindow], None]:
    """What opens it; its docstring says how good it is."""

    def begin(window: MainWindow) -> None:
        graph, weights = each.read()
        if window.files.open_new(graph, dict(weights)):
            window.session.notify("info", f"{each.title}, trained already: {each.description}")

    begin.__doc__ = each.description
    return begin
