"""Python's collector of garbage, kept to the window's thread.

Left to itself it runs in whichever thread has made enough objects. A widget or timer that it finds in another thread is
destroyed there, where its timers cannot be stopped: the next that fires brings the program down.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

OFTEN = 200  # milliseconds between two looks
SELDOM = 30.0  # seconds between two collections of all there is
_last = time.monotonic()


def tidy() -> None:
    """Collects what Python would collect by itself by now: of the generations that are due, the oldest."""
    global _last
    counts, most = gc.get_count(), gc.get_threshold()
    due = [k for k in range(3) if counts[k] > most[k]]
    oldest = max(due, default=-1)
    if oldest == 2 and time.monotonic() - _last < SELDOM:
        oldest = 1
    if oldest >= 0:
        gc.collect(oldest)
    if oldest == 2:
        _last = time.monotonic()


class Tidying(QObject):
    """While it lives, garbage is collected by a timer of its thread and nowhere else."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self.destroyed.connect(gc.enable)
        timer = QTimer(self)
        timer.timeout.connect(tidy)
        timer.start(OFTEN)
