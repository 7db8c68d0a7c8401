"""Run: remembering a moment, and comparing two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import action
from .run import can_reset

if TYPE_CHECKING:
    from ..window import MainWindow


@action("run.remember", "Remember this moment", "Ctrl+M", when=can_reset, icon="moment", section="moments")
def remember(window: MainWindow) -> None:
    """Keep what the run holds now, so that it can be compared later"""
    window.session.moments.remember()


@action("run.moments", "Compare moments", when=can_reset, icon="moments", section="moments")
def compare(window: MainWindow) -> None:
    """Show what changed between two remembered moments, or since one of them"""
    window.show_moments()
