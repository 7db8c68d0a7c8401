"""Plays the schedule at a speed a person can follow, from two entries a second up to as fast as the engine can."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session

SPEEDS: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 100, 300, 1000, 0)  # entries a second; 0: full speed
FULL = len(SPEEDS) - 1
TICK = 33  # milliseconds between two commands, at least


class Player(QObject):
    """Slow motion steps through the same schedule as everything else; at full speed the engine trains by itself."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._level = FULL
        self._wanted = self._last = 0.0
        self._begun_at = (0, 0)  # step, and place in it
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        session.engine.status_changed.connect(self._watch)

    @property
    def level(self) -> int:
        """Index into `SPEEDS`."""
        return self._level

    @property
    def is_playing(self) -> bool:
        """Whether slow motion goes on. (At full speed the status says "training".)"""
        return self._timer.isActive()

    @property
    def text(self) -> str:
        speed = SPEEDS[self._level]
        return f"{speed:g} node{'' if speed == 1 else 's'}/s" if speed else "full speed"

    def set_level(self, level: int) -> None:
        """Changes the speed, of what is running too."""
        self._level = min(max(level, 0), FULL)
        if self.is_playing or self._session.status.state == "training":
            self.play()
        self.changed.emit()

    def play(self) -> None:
        speed = SPEEDS[self._level]
        self._session.asking.leave(quietly=False)  # it is the loss that is trained
        if not speed:
            self._timer.stop()
            self._session.engine.send(m.Train())
        else:
            self._session.engine.pause()
            self._wanted, self._last = 1.0, time.monotonic()
            self._begun_at = self._session.status.step, self._session.status.cursor
            self._timer.start(max(TICK, round(1000 / speed)))
            self._tick()
        self.changed.emit()

    def stop(self) -> None:
        if self.is_playing:
            self._timer.stop()
            self.changed.emit()

    def _tick(self) -> None:
        now = time.monotonic()
        # an engine that cannot keep up is not buried in commands
        self._wanted = min(
            self._wanted + (now - self._last) * SPEEDS[self._level], max(SPEEDS[self._level] / 10, 1.0)
        )
        self._last = now
        count = int(self._wanted)
        if count:
            self._wanted -= count
            self._session.engine.send(m.Step(count, since=self._begun_at))

    def _watch(self, status: m.Status) -> None:
        """A breakpoint, or the end, ends slow motion too; not the breakpoint that one goes on from."""
        if not self.is_playing:
            return
        is_hit = bool(status.hit) and (status.step, status.cursor) != self._begun_at
        if is_hit or status.state == "finished":
            self.stop()
