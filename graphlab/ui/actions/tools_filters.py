"""Tools, continued: what filters do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


SHARE, TALL = 0.62, 320  # of the width of the bottom row; pixels: four answers stand beside a picture


@action("tools.filter_bench", "What would this filter do?", icon="filter-bench", section="filters")
def filter_bench(window: MainWindow) -> None:
    """Try filters on a picture, or guess what they make of it"""
    window.leave_start_page()
    window.docks.show_wide("filter-bench", SHARE, TALL)
