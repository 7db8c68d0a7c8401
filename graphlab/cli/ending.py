"""How a training in the terminal ends by itself, and with which weights."""

from __future__ import annotations

from collections.abc import Callable

from ..engine import Report, Trainer
from ..engine.stopping import Improvement, Stopping


class Ending:
    """Watches the epochs of a trainer by its document's settings.

    save: is called whenever an epoch is better than all before it. reason: why training has ended; "" if all was done.
    """

    def __init__(self, trainer: Trainer, save: Callable[[], object] | None = None) -> None:
        self._trainer, self._save = trainer, save
        self._training = trainer.run.document.training
        self._stopping = Stopping()
        self._stopping.begin(trainer.epoch, trainer.seconds)
        self.reason = ""

    @property
    def best(self) -> Improvement | None:
        return self._stopping.best

    def epoch(self, report: Report) -> None:
        """An epoch is done."""
        if self._stopping.note(report, self._training, self._trainer.run.state) and self._save is not None:
            self._save()
        self.reason = self._stopping.verdict(report, self._training)

    @property
    def is_reached(self) -> bool:
        """Whether it is enough."""
        self.reason = self.reason or self._stopping.overtime(self._trainer.seconds, self._training)
        return bool(self.reason)

    def go_back(self) -> bool:
        """Takes the weights of the best epoch again, if the settings say so; whether they are others."""
        best, run = self.best, self._trainer.run
        if best is None or best.state is None or best.step == run.steps_done:
            return False
        run.load_state(best.state)
        return True
