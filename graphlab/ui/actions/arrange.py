"""Graph, continued: lining up what is selected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..canvas.arranging import ARRANGEMENTS, Arrangement, arrange, possible
from .graph import LAYOUT
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow

SUBMENU = "Arrange"


def _can(arrangement: Arrangement, window: MainWindow) -> bool:
    return possible(window.canvas, arrangement)


def _declare(arrangement: Arrangement) -> None:
    def run(window: MainWindow) -> None:
        arrange(window.canvas, arrangement)

    run.__doc__ = arrangement.tip
    able = partial(_can, arrangement)
    id, keys, icon = f"graph.{arrangement.id}", arrangement.keys, arrangement.icon
    action(id, arrangement.title, keys, when=able, icon=icon, section=LAYOUT, submenu=SUBMENU)(run)


for _each in ARRANGEMENTS:
    _declare(_each)
