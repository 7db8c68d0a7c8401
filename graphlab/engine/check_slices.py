"""A gradient check that the engine's process does between looks at its inbox, with word of how far it is."""

from __future__ import annotations

import time

from . import messages as m
from .gradient_check import Checking
from .run import Run

SECONDS = 4.0  # that a check may take, about; what does not fit is sampled more thinly
REPORT = 0.1  # seconds between two words of progress


class CheckInSlices:
    """Begins with the run as it stands. ProblemsError, FeedError, MemoryBudgetError when there is nothing to check."""

    def __init__(self, run: Run, wish: m.GradientCheck) -> None:
        keys = frozenset(wish.nodes) if wish.nodes else None
        self._check = Checking(run, keys, wish.inputs, seconds=SECONDS)
        self._work = self._check.work()
        self._told = 0.0  # when
        self.is_done = False

    def go_on(self, run: int, seconds: float) -> m.Checking | m.Checked | None:
        """Works for so long; what is to be told then. `run` numbers the document for the window."""
        end = time.perf_counter() + seconds
        for _ in self._work:
            now = time.perf_counter()
            if now >= end:
                if now < self._told + REPORT:
                    return None
                self._told = now
                return m.Checking(run, self._check.done, self._check.total)
        self.is_done = True
        return self.found(run)

    def found(self, run: int, stopped: bool = False) -> m.Checked:
        """All that has been found until now."""
        report = self._check.report()
        errors = {f"{c.key}.{c.socket}": c.error for c in report.checks if c.kind != "wire"}
        culprits = tuple(dict.fromkeys(c.key for c in report.checks if c.kind == "wire" and not c.passed))
        return m.Checked(
            run, errors, report.passed, report.checks, culprits, self._check.step, stopped, report.left_out
        )
