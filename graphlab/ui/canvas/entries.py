"""An entry of a context menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from .. import icons


def add_entry(
    menu: QMenu, title: str, icon: str, run: Callable[[], object], keys: str = "", enabled: bool = True
) -> None:
    """`keys` is only told: the shortcut itself belongs to the window's action."""
    action = menu.addAction(f"{title}\t{keys}" if keys else title)
    if icon:
        action.setIcon(icons.icon(icon))
    action.setEnabled(enabled)
    action.triggered.connect(lambda *_: run())
