"""Ctrl+C in a panel that has something of its own to copy: it goes before the window's, which copies nodes."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence


def claims_copy(event: QEvent) -> bool:
    """For `event()` of the panel: whether this asks who wants Ctrl+C. It is accepted, and comes as a key press."""
    if event.type() != QEvent.Type.ShortcutOverride or not is_copy(event):
        return False
    event.accept()
    return True


def is_copy(event: QEvent) -> bool:
    """Whether a key event is Ctrl+C, or what the system has for it."""
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)
