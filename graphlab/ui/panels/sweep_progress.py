"""How far a sweep is, in one line with a bar: trials done, the best, time, and Stop or Resume."""

from __future__ import annotations

import math
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from ...lab.sweeps.columns import is_share
from ...lab.sweeps.kept import KeptSweep
from .. import numbers
from ..icons import icon
from ..inspector.parts import Elided
from ..sweeping import Sweeping
from .sweep_setup import enable

WORDS = {
    "finished": "finished",
    "stopped": "stopped",
    "out of time": "the time is up",
    "interrupted": "broken off",
}
FINE = 1000  # steps of the bar


class SweepProgress(QWidget):
    """Reads `sweeping` when it is told to `tell`. refuge: where the keyboard goes from its button when that goes."""

    def __init__(self, sweeping: Sweeping, refuge: QWidget) -> None:
        super().__init__()
        self._sweeping, self._refuge = sweeping, refuge
        self.bar, self.said, self.button = QProgressBar(), Elided(), QPushButton()
        self.bar.setRange(0, FINE)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(96)
        self.bar.setAccessibleName("How far the sweep is")
        self.said.setProperty("role", "secondary")
        self.button.setProperty("role", "small")
        self.button.clicked.connect(self._press)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.bar)
        row.addWidget(self.said, 1)
        row.addWidget(self.button)
        self._pace: tuple[Path | None, float, int] = (
            None,
            0.0,
            0,
        )  # the sweep, since when, trainings until then
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.tell)
        sweeping.sittings.changed.connect(self.tell)

    def tell(self) -> None:
        """Writes the line anew; once a second while it goes on."""
        sweeping, kept = self._sweeping, self._sweeping.kept
        running = sweeping.is_running
        (self._timer.start if running and self.isVisible() else self._timer.stop)()
        self.setVisible(kept is not None)
        if kept is None:
            return
        text = " · ".join(part for part in self._parts(kept, running) if part)
        self.said.setText(text)
        self.said.more = str(kept.path)
        self._show_bar(kept, running)
        self._show_button(running)

    def _parts(self, kept: KeptSweep, running: bool) -> list[str]:
        over, failed = self._sweeping.tally.over, self._sweeping.tally.failed
        of = f" of {kept.head.expected:,}" if kept.head.expected else ""
        count = f"{over:,}{of} trial{'' if over == 1 and not of else 's'}"
        return [
            self._state(running),
            count + (f", {failed:,} failed" if failed else ""),
            self._told_best(kept),
            self._time(kept, running),
        ]

    def _state(self, running: bool) -> str:
        sittings = self._sweeping.sittings
        if sittings.is_on and sittings.is_stopping:
            return "stopping …"
        if running and (sittings.is_starting or not self._sweeping.trials):
            return "the workers are starting"
        if running:
            return "" if sittings.is_on else "another program goes on with it"
        return WORDS.get(self._sweeping.state, self._sweeping.state)

    def _told_best(self, kept: KeptSweep) -> str:
        best = self._sweeping.tally.best
        if best is None:
            return ""
        write = numbers.percent if is_share(kept.metric) else numbers.number
        spread = f" ± {write(best.spread).removesuffix(' %')}" if best.spread == best.spread else ""
        return f"best #{best.number}: {kept.metric} {write(best.score)}{spread}"

    def _time(self, kept: KeptSweep, running: bool) -> str:
        sittings = self._sweeping.sittings
        before = kept.end.seconds if kept.end is not None else 0.0
        if not running:
            self._pace = (None, 0.0, 0)
        if not running or sittings.path != kept.path or sittings.is_starting:
            return numbers.duration(before) if before else ""
        took = before + time.monotonic() - sittings.since
        left = self._left(kept)
        told = f"about {_whole(left)} left" if left >= 1 else "almost done"
        return _whole(took) + (f", {told}" if left == left else "")

    def _left(self, kept: KeptSweep) -> float:
        """Seconds, at the pace since the first training of this sitting was done; NaN where nobody knows."""
        fits, now = self._sweeping.tally.fits, time.monotonic()
        path, since, before = self._pace
        if path != kept.path or fits < before:
            self._pace = kept.path, 0.0, fits
        elif not since and fits > before:  # the workers have started
            self._pace = kept.path, now, fits
        elif since and fits > before and kept.head.expected:
            return (kept.head.expected * kept.fits_each - fits) * (now - since) / (fits - before)
        return math.nan

    def _show_bar(self, kept: KeptSweep, running: bool) -> None:
        self.bar.setVisible(running)
        expected = kept.head.expected * kept.fits_each
        self.bar.setRange(0, FINE if expected else 0)
        if expected:
            self.bar.setValue(round(FINE * min(self._sweeping.tally.fits / expected, 1.0)))

    def _show_button(self, running: bool) -> None:
        sittings, state = self._sweeping.sittings, self._sweeping.state
        can_resume = not running and state in ("stopped", "interrupted", "out of time")
        can_press = not sittings.is_stopping and (running or not sittings.is_on)
        enable(self.button, can_press and (running or can_resume), self._refuge)
        self.button.setVisible(running or can_resume)
        self.button.setText("Stop" if running else "Resume")
        self.button.setIcon(icon("stop" if running else "train"))
        tip = "What is done stays, and it can go on later" if running else "Go on where it was left"
        self.button.setToolTip(tip)

    def _press(self) -> None:
        sittings = self._sweeping.sittings
        (sittings.stop if self._sweeping.is_running else sittings.resume)()


def _whole(seconds: float) -> str:
    """A time that goes on, without tenths."""
    return f"{seconds:.0f} s" if seconds < 59.5 else numbers.duration(round(seconds))
