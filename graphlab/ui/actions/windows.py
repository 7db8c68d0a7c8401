"""Tools: a convolution or a pooling, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..windowed import can_play
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow

SHARE, HEIGHT = 0.72, 360  # of the bottom row, and pixels: boards need room for their numbers


def has_windows(window: MainWindow) -> bool:
    return can_play(window.session, window.session.selected_node)


@action(
    "tools.windows", "Play its windows", "Ctrl+Alt+P", when=has_windows, icon="windows", section="explain"
)
def windows(window: MainWindow) -> None:
    """Watch the selected convolution or pooling window by window, forward and back, and try other sizes"""
    from ..panels.windows import WindowsPanel

    window.docks.show_wide("windows", share=SHARE, height=HEIGHT)
    panel = window.docks["windows"].build()
    assert isinstance(panel, WindowsPanel)
    panel.take_keys()
