"""The importance of hyperparameters, worked out in a thread: a forest takes a second or two."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ..errors import SettingsError
from ..lab.sweeps.importance import Importance, importance
from .clerk import Clerk
from .sweep_charts import Subject


class Counting(QObject):
    """`found` is that of the trials that were done when it was last asked for; `fault` says why there is none."""

    ready = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: Importance | None = None
        self.fault: SettingsError | None = None
        self.is_busy = False
        self._of: tuple[object, int] = (None, -1)  # the sweep, and how many trials were done
        self._clerk = Clerk(self)

    def want(self, subject: Subject) -> None:
        """Begins, unless it is known or under way."""
        done = int(subject.states("done").sum())
        if self.is_busy or self._of == (subject.sweep.path, done):
            return
        self.is_busy, self._of = True, (subject.sweep.path, done)
        trials, metric, axes = list(subject.trials), subject.metric, list(subject.axes)

        def job() -> Importance | SettingsError:
            try:
                return importance(trials, metric, axes)
            except SettingsError as error:  # said in the panel, not in the log
                return error

        self._clerk.do(job, self._take)

    def forget(self) -> None:
        """Another sweep is looked at."""
        self.found, self.fault, self._of = None, None, (None, -1)

    def _take(self, found: Importance | SettingsError) -> None:
        self.is_busy = False
        self.found = found if isinstance(found, Importance) else None
        self.fault = found if isinstance(found, SettingsError) else None
        self.ready.emit()

    def close(self) -> None:
        self._clerk.close()
