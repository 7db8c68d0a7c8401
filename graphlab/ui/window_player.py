"""Plays windows one after another at a speed that a person can follow, or as fast as they can be painted."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SPEEDS = (0.5, 1, 2, 4, 8, 15, 30, 60, 250, 1000)  # windows a second
USUAL = 3
FRAME = 16  # milliseconds between two pictures


class WindowPlayer(QObject):
    """`moved` brings how many windows have been played; `changed` says that it began or stopped."""

    moved = Signal(int)
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.count = 0
        self.level = USUAL
        self._played = 0.0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._tick)

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    @property
    def text(self) -> str:
        """How fast it plays."""
        return f"{SPEEDS[self.level]:g}/s"

    def play(self, played: int, count: int) -> None:
        """Goes on after so many of `count` windows; from the first when all have been played."""
        self.count = count
        self._played = float(played if played < count else 0)
        self._last = time.monotonic()
        self._timer.start()
        self._show(int(self._played) + 1)
        self.changed.emit()

    def stop(self) -> None:
        if self.is_playing:
            self._timer.stop()
            self.changed.emit()

    def set_level(self, level: int) -> None:
        self.level = min(max(level, 0), len(SPEEDS) - 1)
        self.changed.emit()

    def _tick(self) -> None:
        now = time.monotonic()
        before = int(self._played)
        self._played += (now - self._last) * SPEEDS[self.level]
        self._last = now
        if int(self._played) != before:
            self._show(int(self._played) + 1)

    def _show(self, landed: int) -> None:
        self.moved.emit(min(landed, self.count))
        if landed >= self.count:
            self.stop()
