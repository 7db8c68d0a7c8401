"""How far a sweep is, in one line with a bar: trials done, the best, time, and Stop or Resume."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from ...lab.sweeps.columns import is_share
from ...lab.sweeps.forecast import seconds_per_epoch
from ...lab.sweeps.kept import KeptSweep
from ...lab.sweeps.trials import Trial
from .. import numbers
from ..icons import icon
from ..inspector.parts import Elided
from ..sweeping import Sweeping

OVER = ("done", "pruned", "failed")
WORDS = {
    "finished": "finished",
    "stopped": "stopped",
    "out of time": "the time is up",
    "interrupted": "broken off",
}
FINE = 1000  # steps of the bar


class SweepProgress(QWidget):
    """Reads `sweeping`; `show_sweep(best)` when something of it is new."""

    def __init__(self, sweeping: Sweeping) -> None:
        super().__init__()
        self._sweeping = sweeping
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
        self._best: Trial | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.tell)
        sweeping.sittings.changed.connect(self.tell)

    def show_sweep(self, best: Trial | None) -> None:
        """Trials are others; `best` is the best of them."""
        self._best = best
        self.tell()

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
        over = sum(trial.state in OVER for trial in kept.trials.values())
        failed = sum(trial.state == "failed" for trial in kept.trials.values())
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
        if running and not self._sweeping.trials:
            return "the workers are starting"
        if running:
            return "" if sittings.is_on else "another program goes on with it"
        return WORDS.get(self._sweeping.state, self._sweeping.state)

    def _told_best(self, kept: KeptSweep) -> str:
        best = self._best
        if best is None:
            return ""
        write = numbers.percent if is_share(kept.metric) else numbers.number
        spread = f" ± {write(best.spread).removesuffix(' %')}" if best.spread == best.spread else ""
        return f"best #{best.number}: {kept.metric} {write(best.score)}{spread}"

    def _time(self, kept: KeptSweep, running: bool) -> str:
        sittings = self._sweeping.sittings
        before = kept.end.seconds if kept.end is not None else 0.0
        if not running or sittings.path != kept.path:
            return numbers.duration(before) if before else ""
        took = before + time.monotonic() - sittings.since
        left = self._left(kept)
        told = f"about {numbers.duration(round(left))} left" if left >= 1 else "almost done"
        return numbers.duration(round(took)) + (f", {told}" if left == left else "")

    def _left(self, kept: KeptSweep) -> float:
        """Seconds; NaN where nobody knows."""
        workers = max(len(self._sweeping.sittings.under_way), 1)
        done = sum(len(trial.fits) for trial in kept.trials.values())
        fits = kept.head.expected * kept.fits_each - done
        per_fit = seconds_per_epoch(kept.trials.values()) * kept.head.epochs
        left = fits * per_fit / workers
        return left if kept.head.expected and left > 0 else math.nan

    def _show_bar(self, kept: KeptSweep, running: bool) -> None:
        self.bar.setVisible(running)
        expected = kept.head.expected * kept.fits_each
        self.bar.setRange(0, FINE if expected else 0)
        if expected:
            done = sum(kept.fits_each if t.state in OVER else len(t.fits) for t in kept.trials.values())
            self.bar.setValue(round(FINE * min(done / expected, 1.0)))

    def _show_button(self, running: bool) -> None:
        sittings, state = self._sweeping.sittings, self._sweeping.state
        can_resume = not running and state in ("stopped", "interrupted", "out of time")
        self.button.setVisible(running or can_resume)
        self.button.setEnabled(not sittings.is_stopping and (running or not sittings.is_on))
        self.button.setText("Stop" if running else "Resume")
        self.button.setIcon(icon("stop" if running else "train"))
        tip = "What is done stays, and it can go on later" if running else "Go on where it was left"
        self.button.setToolTip(tip)

    def _press(self) -> None:
        sittings = self._sweeping.sittings
        (sittings.stop if self._sweeping.is_running else sittings.resume)()
