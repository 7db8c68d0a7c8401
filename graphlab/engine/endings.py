"""How a training ends by itself, as the engine process does it: measured after each epoch where that is asked for."""

from __future__ import annotations

from . import messages as m
from .journeys import Journeys
from .pacing import Pace, Stopwatch
from .stopping import Improvement, Stopping, asks_each_epoch

SAVE = 0.5  # seconds between two best weights that are sent to be saved
SAVE_SHARE = 0.02


class Endings(Journeys):
    """The part of a `Host` that says when it is enough, and goes back to the best epoch if that is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._stopping = Stopping()
        self._verdict = ""
        self._to_save: m.Improved | None = None  # the best weights that were not sent yet
        self._saves = Pace(SAVE, SAVE_SHARE)

    def _begin_watching(self) -> None:
        """Training begins, or goes on."""
        trainer = self.space.trainer
        if trainer is not None:
            if not trainer.steps_done:
                self._stopping.forget()
            self._stopping.begin(trainer.epoch, trainer.seconds)

    @property
    def _is_measured(self) -> bool:
        """Whether this step ends an epoch that has to be measured, whatever it costs."""
        trainer = self.space.trainer
        asked = asks_each_epoch(self.space.document.training)
        return asked and trainer is not None and trainer.at_epoch_end

    def _report(self) -> None:
        super()._report()
        report, self._reported = self._reported, None
        if report is not None:
            space = self.space
            is_best = self._stopping.note(report, space.document.training, space.run.state)
            if is_best and space.document.training.save_best and self._stopping.best is not None:
                self._to_save = m.Improved(self.run_id, _told(self._stopping.best), space.weights())
            self._verdict = self._stopping.verdict(report, space.document.training)

    def _enough(self) -> str:
        """Why training is to end here; "" while it is to go on."""
        trainer = self.space.trainer
        assert trainer is not None
        verdict, self._verdict = self._verdict, ""
        return verdict or self._stopping.overtime(trainer.seconds, self.space.document.training)

    def _end_for(self, reason: str) -> None:
        """Training has ended for that reason, or because all was done (""): says so, and goes back to the best."""
        space, best = self.space, self._stopping.best
        step = space.run.steps_done
        wanted = space.document.training.keep_best and best is not None
        returns = wanted and best is not None and best.step < step and not space.travel.is_past
        if reason or returns:
            record = None if best is None else _told(best)
            self._send(m.Stopped(self.run_id, step, space.epoch, reason, record, returns))
        if returns and best is not None:
            self._return_to(best)

    def _return_to(self, best: Improvement) -> None:
        trail, space = self.space.travel.trail, self.space
        if trail is not None and trail.first <= best.step <= trail.end:
            self._set_out(best.step)
        elif best.state is not None and len(best.state["parameters"]) == len(space.run.store.flat):
            space.run.load_state(best.state)
            space.travel.note_change()
            space.travel.show_pass()
            self._show()

    def _show(self) -> None:
        super()._show()
        if self._to_save is not None and (self.state != "training" or self._saves.is_due()):
            watch = Stopwatch()
            self._send(self._to_save)
            self._to_save = None
            self._saves.done(watch)

    def _tell_parted(self) -> None:
        for branch in self.space.travel.left:
            self._stopping.rewind(branch.at)
        super()._tell_parted()


def _told(best: Improvement) -> m.BestRecord:
    return m.BestRecord(best.name, best.epoch, best.step, best.value)
